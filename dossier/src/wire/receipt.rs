use minicbor::{Decode, Encode};

use crate::{
    envelope::{EnvelopeFault, Namespace, Signed, SigningKey},
    id::{BatchId, DeviceId, Digest, PublicKey},
    state::Received,
};

/// An item that was not simply taken.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Exception {
    /// The item's number in the batch.
    #[n(0)]
    pub item: u32,
    /// A stable code of [`crate::fault::Code`], such as `ACTOR_FORK`.
    #[n(1)]
    pub code: String,
    /// What the code is about, such as hashes that are missing. No personal data.
    #[n(2)]
    pub detail: String,
}

/// The Centre's word that it holds these items durably.
///
/// It covers the items `first..first + count` of the batch, except those named in `exceptions`. Items that the Centre
/// already held count as held.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// The Centre that speaks.
    #[n(0)]
    pub centre: PublicKey,
    /// The device that it speaks to.
    #[n(1)]
    pub device: DeviceId,
    /// The device's batch.
    #[n(2)]
    pub batch: BatchId,
    /// The name of the parcel: the hash of what is signed of it.
    #[n(3)]
    pub parcel_hash: Digest,
    /// The number of the first item covered.
    #[n(4)]
    pub first: u32,
    /// How many items are covered.
    #[n(5)]
    pub count: u32,
    /// Of these, how many the Centre held before.
    #[n(6)]
    pub known: u32,
    /// What was not taken, by ascending number.
    #[n(7)]
    pub exceptions: Vec<Exception>,
    /// When they were received, and how the clocks compared.
    #[n(8)]
    pub received: Received,
    /// How many receipts this device has been given, this one included.
    #[n(9)]
    pub number: u64,
    /// The hash of the device's previous receipt.
    #[n(10)]
    pub previous: Option<Digest>,
}

impl Receipt {
    /// Whether this receipt says that the Centre holds item `number` of its batch.
    #[must_use]
    pub fn holds(&self, number: u32) -> bool {
        let covered = number.checked_sub(self.first).is_some_and(|offset| offset < self.count);
        covered && self.exceptions.binary_search_by_key(&number, |exception| exception.item).is_err()
    }
}

/// A receipt as it travels and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SignedReceipt(#[n(0)] pub Signed);

impl SignedReceipt {
    /// Signs as the Centre.
    #[must_use]
    pub fn seal(key: &SigningKey, receipt: &Receipt) -> Self {
        Self(Signed::seal(key, Namespace::Receipt, receipt))
    }

    /// The name of the receipt, as the next one cites it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest(Namespace::Receipt.digest(&self.0.body))
    }

    /// Checks that this Centre signed it, and that its exceptions are in order.
    pub fn verify(&self, centre: &PublicKey) -> Result<Receipt, EnvelopeFault> {
        let receipt: Receipt = self.0.open(centre, Namespace::Receipt)?;
        let sound = receipt.centre == *centre && receipt.exceptions.is_sorted_by(|a, b| a.item < b.item);
        if sound { Ok(receipt) } else { Err(EnvelopeFault::Malformed) }
    }
}
