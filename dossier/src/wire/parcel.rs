//! Parcels: a batch in pieces that each hold alone.
//!
//! A phone's day goes up over a line that may break at any moment. So a batch is cut into parcels of up to
//! [`limits::PARCEL_DOSSIERS`] dossiers and [`limits::PARCEL_ITEMS`] items, each signed and each naming the one before. The Centre takes a parcel in, makes it
//! durable and signs for it while the next is still on its way: a line that breaks loses the parcel that was on it, and no
//! other.

use minicbor::{Decode, Encode};

use super::{
    columns::{self, Items, Most},
    limits,
    request::{Batch, BatchFault, DossierItems, Hello},
};
use crate::{
    envelope::{self, EnvelopeFault, Namespace, Signature, SigningKey},
    id::{Digest, PublicKey},
};

/// The first parcel as it travels, its items by columns.
#[derive(Encode, Decode)]
struct First {
    #[n(0)]
    hello: Hello,
    #[cbor(n(1), with = "minicbor::bytes")]
    items: Vec<u8>,
    #[n(2)]
    signature: Signature,
}

/// A further parcel as it travels.
#[derive(Encode, Decode)]
struct Further {
    #[cbor(n(0), with = "minicbor::bytes")]
    items: Vec<u8>,
    #[n(1)]
    signature: Signature,
}

/// What is signed of a parcel, whichever way it is spelled: what it follows, and its items.
#[derive(Encode)]
struct Body<'a, T> {
    /// The hello; in a further parcel the name of the one before.
    #[n(0)]
    follows: &'a T,
    #[n(1)]
    dossiers: &'a [DossierItems],
}

/// Which items of a batch a parcel holds, and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParcelName {
    /// The number of its first item in the batch.
    pub first: u32,
    /// How many items it has.
    pub count: u32,
    /// The hash of what is signed.
    pub hash: Digest,
}

impl ParcelName {
    /// Whether these items are all its own.
    #[must_use]
    pub fn holds(&self, first: u32, count: u32) -> bool {
        let (end, own_end) = (first.checked_add(count), self.first.checked_add(self.count));
        first >= self.first && end.zip(own_end).is_some_and(|(end, own_end)| end <= own_end)
    }
}

/// A batch cut into parcels, as it travels (before compression).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBatch {
    parcels: Vec<(ParcelName, Vec<u8>)>,
}

impl Batch {
    /// Cuts it into parcels and signs each with the device's key.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> SignedBatch {
        self.sign_in_parcels(key, limits::PARCEL_DOSSIERS)
    }

    /// The same with smaller parcels, of which a bad line loses less.
    #[must_use]
    pub fn sign_in_parcels(&self, key: &SigningKey, most_dossiers: usize) -> SignedBatch {
        let most = most_dossiers.clamp(1, limits::PARCEL_DOSSIERS);
        let mut parcels: Vec<(ParcelName, Vec<u8>)> = Vec::new();
        let mut first = 0;
        for dossiers in cut(&self.dossiers, most) {
            let items = columns::write(&dossiers.iter().map(DossierItems::items).collect::<Vec<_>>());
            let signed = |body: Vec<u8>| (key.sign(Namespace::Parcel, &body), Digest(Namespace::Parcel.digest(&body)));
            let (bytes, hash) = match parcels.last() {
                None => {
                    let (signature, hash) = signed(envelope::encode(&Body { follows: &self.hello, dossiers }));
                    (envelope::encode(&First { hello: self.hello.clone(), items, signature }), hash)
                }
                Some((previous, _)) => {
                    let (signature, hash) = signed(envelope::encode(&Body { follows: &previous.hash, dossiers }));
                    (envelope::encode(&Further { items, signature }), hash)
                }
            };
            let count = counted(dossiers);
            let length = u32::try_from(bytes.len()).expect("a parcel is bounded far below 4 GiB");
            parcels.push((ParcelName { first, count, hash }, [&length.to_be_bytes()[..], &bytes].concat()));
            first += count;
        }
        SignedBatch { parcels }
    }
}

/// Runs of dossiers that fit into a parcel each; one without any for none.
fn cut(mut dossiers: &[DossierItems], most_dossiers: usize) -> Vec<&[DossierItems]> {
    let mut runs = Vec::new();
    loop {
        let mut items = 0;
        let fits = dossiers.iter().take(most_dossiers).take_while(|dossier| {
            items += dossier.len();
            items <= limits::PARCEL_ITEMS
        });
        // What one dossier brings stays together, whatever it is.
        let (run, rest) = dossiers.split_at(fits.count().max(1).min(dossiers.len()));
        runs.push(run);
        if rest.is_empty() {
            return runs;
        }
        dossiers = rest;
    }
}

fn counted(dossiers: &[DossierItems]) -> u32 {
    u32::try_from(dossiers.iter().map(DossierItems::len).sum::<usize>()).unwrap_or(u32::MAX)
}

impl SignedBatch {
    /// What travels, parcel by parcel.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.parcels.iter().map(|(_, bytes)| bytes.as_slice())
    }

    /// What travels.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.pieces().collect::<Vec<_>>().concat()
    }

    /// The parcels' names, as receipts cite them.
    #[must_use]
    pub fn names(&self) -> Vec<ParcelName> {
        self.parcels.iter().map(|(name, _)| *name).collect()
    }

    /// Reads a whole batch.
    pub fn read(bytes: &[u8]) -> Result<VerifiedBatch, BatchFault> {
        let mut intake = Intake::default();
        intake.push(bytes);
        let first = intake.take()?.ok_or(EnvelopeFault::Malformed)?;
        let mut batch = Batch { hello: first.hello.ok_or(EnvelopeFault::Malformed)?, dossiers: first.dossiers };
        let mut names = vec![first.name];
        while let Some(further) = intake.take()? {
            batch.dossiers.extend(further.dossiers);
            names.push(further.name);
        }
        if intake.is_between() { Ok(VerifiedBatch { batch, names }) } else { Err(EnvelopeFault::Malformed.into()) }
    }
}

/// A whole batch whose signatures fit the device it names: only [`SignedBatch::read`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedBatch {
    batch: Batch,
    names: Vec<ParcelName>,
}

impl VerifiedBatch {
    /// The content.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The names of its parcels.
    #[must_use]
    pub fn names(&self) -> &[ParcelName] {
        &self.names
    }
}

/// A parcel whose signature fits: only [`Intake::take`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedParcel {
    /// Who asks; only in the first.
    pub hello: Option<Hello>,
    /// Its name and its place in the batch.
    pub name: ParcelName,
    /// What it brings.
    pub dossiers: Vec<DossierItems>,
}

/// A batch as it comes in: opened bytes in, whole verified parcels out.
#[derive(Debug, Default)]
pub struct Intake {
    bytes: Vec<u8>,
    device: Option<PublicKey>,
    previous: Option<ParcelName>,
    dossiers: usize,
}

impl Intake {
    /// Takes bytes in.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether parcels came and none is half here.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.bytes.is_empty() && self.previous.is_some()
    }

    /// Whether the next parcel is here, or that it will be refused.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let length = self.bytes.split_first_chunk::<4>().map(|(length, _)| u32::from_be_bytes(*length) as usize);
        length.is_some_and(|length| length > limits::MAX_BODY_BYTES || self.bytes.len() >= 4 + length)
    }

    /// The next parcel, if all of it is here: bounds, verifies, checks. A fault ends the batch.
    pub fn take(&mut self) -> Result<Option<VerifiedParcel>, BatchFault> {
        let Some((length, rest)) = self.bytes.split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > limits::MAX_BODY_BYTES {
            return Err(BatchFault::OverLimit("bytes"));
        }
        let Some(bytes) = rest.get(..length) else { return Ok(None) };
        let parcel = self.read(bytes)?;
        self.bytes.drain(..4 + length);
        self.dossiers += parcel.dossiers.len();
        self.previous = Some(parcel.name);
        if let Some(hello) = &parcel.hello {
            self.device = Some(hello.device);
        }
        Ok(Some(parcel))
    }

    fn read(&self, bytes: &[u8]) -> Result<VerifiedParcel, BatchFault> {
        let first = self.previous.map_or(0, |previous| previous.first + previous.count);
        let items = limits::MAX_ITEMS.saturating_sub(first as usize).min(limits::PARCEL_ITEMS);
        let most = Most { dossiers: limits::PARCEL_DOSSIERS, items };
        let (hello, device, dossiers, signature, body) = match (self.previous, self.device) {
            (Some(previous), Some(device)) => {
                let Further { items, signature } = envelope::decode_unnamed(bytes)?;
                let dossiers = columns::read(&items, most)?;
                let body = envelope::encode(&Body { follows: &previous.hash, dossiers: &dossiers });
                (None, device, dossiers, signature, body)
            }
            _ => {
                let First { hello, items, signature } = envelope::decode_unnamed(bytes)?;
                let dossiers = columns::read(&items, most)?;
                let body = envelope::encode(&Body { follows: &hello, dossiers: &dossiers });
                let device = hello.device;
                (Some(hello), device, dossiers, signature, body)
            }
        };
        signature.verify(&device, Namespace::Parcel, &body)?;
        hello.as_ref().map_or(Ok(()), Hello::check)?;
        if self.dossiers + dossiers.len() > limits::MAX_DOSSIERS {
            return Err(BatchFault::OverLimit("dossiers"));
        }
        let name = ParcelName { first, count: counted(&dossiers), hash: Digest(Namespace::Parcel.digest(&body)) };
        Ok(VerifiedParcel { hello, name, dossiers })
    }
}

impl DossierItems {
    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len() + self.changes.len() + self.events.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn items(&self) -> Items<'_> {
        Items {
            dossier: self.dossier,
            texts: &self.texts,
            changes: self.changes.iter().map(|bytes| &bytes[..]).collect(),
            events: self.events.iter().collect(),
        }
    }
}
