//! Taking in an answer, frame by frame.

use std::{collections::BTreeSet, io::Read as _};

use dossier::{
    certificate::Certificate,
    envelope::{self, EnvelopeFault},
    fault::Fault,
    id::{DossierId, PublicKey},
    wire::{
        DeviceEntry, Directory, Frame, FrameFault, ParcelName, Receipt, SignedReceipt, Welcome, limits, read_frames,
    },
};

use super::{CentreFault, Exchange, Outcome, Refusal, SyncFault};
use crate::{
    card::Card,
    device::Device,
    ledger::{Put, Read, key},
    outbox::ItemKey,
    record::{
        CentreRecord, CertificateRecord, DeviceRecord, DossierRecord, InvitationRecord, OutboxRecord, ProofRecord,
        ReceiptRecord, RefusedRecord,
    },
    store::{StoreFault, WriteBatch},
};

/// An answer smaller than this is read whatever its ratio: a hundred bytes of zeros are no bomb.
const RATIO_FLOOR_BYTES: usize = 1 << 20;
/// How often a dossier goes again as a whole before a missing dependency is shown as a refusal.
const RESENDS_MAX: u32 = 2;

impl From<FrameFault> for SyncFault {
    fn from(fault: FrameFault) -> Self {
        Self::Centre(match fault {
            FrameFault::CutOff => CentreFault::CutOff,
            FrameFault::OverLimit => CentreFault::Damaged("frame length"),
            FrameFault::Envelope(EnvelopeFault::BadSignature) => CentreFault::BadSignature("frame"),
            FrameFault::Envelope(_) => CentreFault::Damaged("frame"),
        })
    }
}

/// What is known while one answer is read.
pub(super) struct Reading<'a> {
    pub exchange: &'a Exchange,
    pub outcome: Outcome,
    pub directory: Vec<DeviceEntry>,
    /// Dossiers whose cards may change once the Centre's own certificate is known.
    pub touched: BTreeSet<DossierId>,
    /// Items that receipts named as not taken.
    pub refused: Vec<(ItemKey, RefusedRecord)>,
    /// Scopes of which it was told where they differ.
    pub compared: BTreeSet<String>,
}

/// Decompresses within bounds. An answer that broke off gives what came; one whose checksum does not fit gives nothing,
/// because an altered cursor would pass for a real one.
fn decompress(bytes: &[u8]) -> Result<Vec<u8>, CentreFault> {
    let most = bytes.len().saturating_mul(limits::MAX_RATIO).clamp(RATIO_FLOOR_BYTES, limits::MAX_BODY_BYTES);
    let mut decoder =
        zstd::stream::read::Decoder::with_buffer(bytes).map_err(|_| CentreFault::Damaged("compression"))?;
    decoder.window_log_max(limits::MAX_WINDOW_LOG).map_err(|_| CentreFault::Damaged("compression"))?;
    let mut out = Vec::new();
    let mut decoder = decoder.single_frame();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return Ok(out),
            Ok(read) if out.len() + read > most => return Err(CentreFault::Damaged("size")),
            Ok(read) => out.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(out),
            Err(_) => return Err(CentreFault::Damaged("compression")),
        }
    }
}

impl Device {
    pub(crate) fn receive_answer(&mut self, exchange: &Exchange, response: &[u8]) -> Result<Outcome, SyncFault> {
        let mut reading = Reading {
            exchange,
            outcome: Outcome::default(),
            directory: Vec::new(),
            touched: BTreeSet::new(),
            refused: Vec::new(),
            compared: BTreeSet::new(),
        };
        let read = decompress(response)
            .map_err(SyncFault::from)
            .and_then(|bytes| read_frames(&bytes, |frame| self.take_frame(&mut reading, frame)));
        match read {
            Ok(()) => {}
            Err(SyncFault::Centre(fault)) => reading.outcome.fault = Some(Fault::from(fault)),
            Err(fault) => return Err(fault),
        }
        self.mend(&mut reading)?;
        Ok(reading.outcome)
    }

    fn take_frame(&mut self, reading: &mut Reading<'_>, frame: Frame) -> Result<(), SyncFault> {
        match frame {
            Frame::Receipt(receipt) => self.take_receipt(reading, &receipt),
            Frame::Welcome(welcome) => self.take_welcome(reading, welcome),
            Frame::Directory(directory) => self.take_directory(reading, directory),
            Frame::Feed(feed) => self.take_feed(reading, feed),
            Frame::Differences(differences) => self.take_differences(reading, differences),
            Frame::Whole(whole) => self.take_whole(reading, whole),
            Frame::End(end) => self.take_end(reading, end),
        }
    }

    /// Holds the device to one Centre: the first one met is the one, unless an invitation named it before.
    pub(super) fn pin(&self, centre: &PublicKey, batch: &mut WriteBatch) -> Result<(), CentreFault> {
        match self.centre {
            Some(known) if known == *centre => Ok(()),
            Some(_) => Err(CentreFault::WrongCentre),
            None => {
                batch.record(CentreRecord::KEY, &CentreRecord::met(*centre));
                Ok(())
            }
        }
    }

    fn verified(&self, reading: &Reading<'_>, signed: &SignedReceipt) -> Result<Receipt, CentreFault> {
        let claimed: Receipt = envelope::decode(&signed.0.body).map_err(|_| CentreFault::Damaged("receipt"))?;
        if self.centre.is_some_and(|centre| centre != claimed.centre) {
            return Err(CentreFault::WrongCentre);
        }
        let receipt = signed.verify(&claimed.centre).map_err(|_| CentreFault::BadSignature("receipt"))?;
        let exchange = reading.exchange;
        let holds =
            |parcel: &ParcelName| parcel.hash == receipt.parcel_hash && parcel.holds(receipt.first, receipt.count);
        let fits = receipt.device == self.id() && receipt.batch == exchange.batch && exchange.parcels.iter().any(holds);
        if fits { Ok(receipt) } else { Err(CentreFault::BadSignature("receipt for something else")) }
    }

    fn take_receipt(&mut self, reading: &mut Reading<'_>, signed: &SignedReceipt) -> Result<(), SyncFault> {
        let receipt = self.verified(reading, signed)?;
        let mut batch = WriteBatch::new();
        self.pin(&receipt.centre, &mut batch)?;
        let hash = signed.hash();
        let record = ReceiptRecord { signed: signed.clone() };
        batch.record(&key(&[&receipt.number.to_be_bytes(), hash.as_bytes()]), &record);
        let mut dossiers = BTreeSet::new();
        let mut refused: Vec<(ItemKey, RefusedRecord)> = Vec::new();
        for number in receipt.first..receipt.first + receipt.count {
            let item = reading.exchange.items[number as usize];
            dossiers.insert(item.dossier);
            if receipt.holds(number) {
                batch.remove::<OutboxRecord>(&item.bytes());
                let proof = ProofRecord { receipt: hash, item: number, received: receipt.received };
                batch.record(&item.bytes(), &proof);
                reading.outcome.accepted += 1;
                continue;
            }
            let exception = receipt.exceptions.iter().find(|exception| exception.item == number);
            let Some(exception) = exception else { continue };
            refused.push((item, RefusedRecord { code: exception.code.clone(), detail: exception.detail.clone() }));
        }
        // What left the outbox while the answer was under way, held by another receipt or written again under another
        // name, is refused no more.
        let mut stay = Vec::new();
        for (item, why) in refused {
            if let Some(before) = self.store.record::<OutboxRecord>(&item.bytes())? {
                batch.record(&item.bytes(), &OutboxRecord { refused: Some(why.clone()), ..before });
                stay.push((item, why));
            }
        }
        let cards = self.recounted(&dossiers, &mut batch)?;
        self.commit(batch, cards)?;
        self.centre = Some(receipt.centre);
        reading.refused.extend(stay);
        Ok(())
    }

    /// Mends what can be mended of what was refused. This waits until the whole answer is read: a later receipt of the
    /// same answer may hold what an earlier one lacked the ground for.
    fn mend(&mut self, reading: &mut Reading<'_>) -> Result<(), SyncFault> {
        let with = |codes: &[&str]| -> BTreeSet<DossierId> {
            let named = reading.refused.iter().filter(|(_, why)| codes.contains(&why.code.as_str()));
            named.map(|(item, _)| item.dossier).collect()
        };
        let (forked, lacking) = (with(&["ACTOR_FORK", "ACTOR_TAKEN"]), with(&["DEPENDENCY_MISSING"]));
        for dossier in forked.union(&lacking) {
            if self.write_refused_again(dossier)? {
                reading.outcome.rewritten.push(*dossier);
            } else if lacking.contains(dossier) && self.send_again(dossier)? {
                reading.outcome.resent.push(*dossier);
            }
        }
        let again: BTreeSet<DossierId> =
            reading.outcome.rewritten.iter().chain(&reading.outcome.resent).copied().collect();
        let mended = ["ACTOR_FORK", "ACTOR_TAKEN", "DEPENDENCY_MISSING"];
        let stay = std::mem::take(&mut reading.refused)
            .into_iter()
            .filter(|(item, why)| !(again.contains(&item.dossier) && mended.contains(&why.code.as_str())));
        reading.outcome.refused.extend(stay.map(|(item, why)| Refusal {
            dossier: item.dossier,
            item: data_encoding::HEXLOWER.encode(&item.hash),
            code: why.code,
            detail: why.detail,
        }));
        Ok(())
    }

    /// Cards with their outbox counted anew.
    pub(super) fn recounted(
        &self,
        dossiers: &BTreeSet<DossierId>,
        batch: &mut WriteBatch,
    ) -> Result<Vec<Card>, StoreFault> {
        let mut changes: std::collections::BTreeMap<DossierId, WriteBatch> = std::collections::BTreeMap::new();
        for write in batch.writes() {
            if let crate::store::Write::Put(crate::store::Space::Outbox, key, value) = write {
                let own = changes.entry(ItemKey::read(key)?.dossier).or_default();
                own.put(crate::store::Space::Outbox, key.clone(), value.clone());
            } else if let crate::store::Write::Delete(crate::store::Space::Outbox, key) = write {
                let own = changes.entry(ItemKey::read(key)?.dossier).or_default();
                own.delete(crate::store::Space::Outbox, key.clone());
            }
        }
        let mut cards = Vec::new();
        for dossier in dossiers {
            let Some(mut card) = self.store.record::<Card>(dossier.as_bytes())? else { continue };
            let none = WriteBatch::new();
            (card.unsent, card.refused) = self.outbox_counts(dossier, changes.get(dossier).unwrap_or(&none))?;
            batch.record(dossier.as_bytes(), &card);
            cards.push(card);
        }
        Ok(cards)
    }

    /// Lets everything this device ever sent of a dossier go again: the Centre misses something of it. Bounded.
    fn send_again(&mut self, dossier: &DossierId) -> Result<bool, SyncFault> {
        if self.store.record::<DossierRecord>(dossier.as_bytes())?.is_none() {
            // Proofs outlive a dossier's copy; what they are of cannot be sent without it.
            return Ok(false);
        }
        let entries = self.store.records::<OutboxRecord>(dossier.as_bytes())?;
        let resends = entries.iter().map(|(_, entry)| entry.resends).max().unwrap_or(0);
        if resends >= RESENDS_MAX {
            return Ok(false);
        }
        let mut batch = WriteBatch::new();
        let again = OutboxRecord { refused: None, resends: resends + 1 };
        for item in self.store.keys::<ProofRecord>(dossier.as_bytes())? {
            batch.record(&item, &again);
        }
        for (item, entry) in entries {
            let lacking = entry.refused.as_ref().is_none_or(|why| why.code == "DEPENDENCY_MISSING");
            let refused = if lacking { None } else { entry.refused };
            batch.record(&item, &OutboxRecord { refused, resends: resends + 1 });
        }
        let cards = self.recounted(&BTreeSet::from([*dossier]), &mut batch)?;
        self.commit(batch, cards)?;
        Ok(true)
    }

    fn take_welcome(&mut self, reading: &mut Reading<'_>, welcome: Welcome) -> Result<(), SyncFault> {
        let signed = welcome.certificate;
        let claimed: Certificate = envelope::decode(&signed.body).map_err(|_| CentreFault::Certificate)?;
        let centre = self.centre.unwrap_or(claimed.centre);
        let certificate = Certificate::verify(&signed, &centre).map_err(|_| CentreFault::Certificate)?;
        if certificate.device_key != self.key.public() {
            return Err(CentreFault::Certificate.into());
        }
        let mut batch = WriteBatch::new();
        self.pin(&centre, &mut batch)?;
        batch.record(CertificateRecord::KEY, &CertificateRecord { signed: signed.clone() });
        // An invitation that was kept while the answer was under way waits for its own sync.
        let taken_up =
            self.invitation.as_ref().is_none_or(|kept| Some(&kept.token) == reading.exchange.invitation.as_ref());
        if taken_up {
            batch.remove::<InvitationRecord>(InvitationRecord::KEY);
        }
        let own = self.id();
        let mut known = self
            .store
            .record::<DeviceRecord>(own.as_bytes())?
            .unwrap_or(DeviceRecord { key: self.key.public(), certificates: Vec::new() });
        if !known.certificates.contains(&signed) {
            known.certificates.push(signed.clone());
        }
        batch.record(own.as_bytes(), &known);
        self.store.commit(batch)?;
        self.centre = Some(centre);
        self.certificate = Some((signed, certificate));
        if taken_up {
            self.invitation = None;
        }
        reading.outcome.enrolled = true;
        Ok(())
    }

    /// Keeps who the feed speaks of. A certificate that the Centre did not sign is left out, and the rest stands.
    fn take_directory(&mut self, reading: &mut Reading<'_>, directory: Directory) -> Result<(), SyncFault> {
        let Some(centre) = self.centre.or_else(|| centre_of(&directory)) else {
            reading.directory.extend(directory.devices);
            return Ok(());
        };
        let mut batch = WriteBatch::new();
        for entry in &directory.devices {
            let before = self.store.record::<DeviceRecord>(entry.device().as_bytes())?;
            let mut record = before.clone().unwrap_or(DeviceRecord { key: entry.key, certificates: Vec::new() });
            for signed in &entry.certificates {
                let sound = Certificate::verify(signed, &centre).is_ok_and(|known| known.device_key == entry.key);
                if !sound {
                    reading.outcome.skipped += 1;
                } else if !record.certificates.contains(signed) {
                    record.certificates.push(signed.clone());
                }
            }
            if before.as_ref() != Some(&record) {
                batch.record(entry.device().as_bytes(), &record);
            }
        }
        if self.centre.is_none() {
            self.pin(&centre, &mut batch)?;
        }
        if !batch.is_empty() {
            self.store.commit(batch)?;
        }
        self.centre = Some(centre);
        reading.directory.extend(directory.devices);
        Ok(())
    }
}

/// The Centre that the first certificate of a directory names; its signature is checked with the rest.
fn centre_of(directory: &Directory) -> Option<PublicKey> {
    let first = directory.devices.iter().flat_map(|entry| &entry.certificates).next()?;
    let claimed: Certificate = envelope::decode(&first.body).ok()?;
    Certificate::verify(first, &claimed.centre).ok().map(|known| known.centre)
}
