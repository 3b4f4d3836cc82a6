//! What is kept, and devices.

use std::collections::BTreeMap;

use dossier::{
    id::{BatchId, BlobId, DeviceId, Digest, DossierId, PublicKey},
    wire::{SignedReceipt, Waiting, repair::Sum},
};

use crate::storage::{
    BlobRow, CONTACT_GRAIN_MS, CertificateRow, Counts, DeviceRow, Enrolment, InvitationRow, ItemKind, ItemRow,
    ItemState, Participant, Projection, ReadRow, StorageFault, UploadRow, digest::Held, plan::Entry,
};

/// One dossier.
#[derive(Debug, Clone, Default)]
pub struct DossierTable {
    /// Items; the place of each is its position less one.
    pub items: Vec<ItemRow>,
    pub by_hash: BTreeMap<Digest, usize>,
    pub participants: Vec<Participant>,
    /// With whether staff-only events go there.
    pub scopes: BTreeMap<String, bool>,
    pub awaiting_since_ms: Option<i64>,
    pub projection: Option<Projection>,
    pub blobs: BTreeMap<BlobId, BlobRow>,
    /// Sums of its admitted items.
    pub held: Held,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub settings: BTreeMap<String, Vec<u8>>,
    /// With the certificate that was given for it.
    pub invitations: BTreeMap<Digest, (InvitationRow, Option<CertificateRow>)>,
    pub devices: BTreeMap<DeviceId, DeviceRow>,
    pub receipts: BTreeMap<DeviceId, Vec<(BatchId, SignedReceipt)>>,
    pub dossiers: BTreeMap<DossierId, DossierTable>,
    pub codes: BTreeMap<String, DossierId>,
    /// Rows of each scope; the number of each is its place plus one.
    pub feeds: BTreeMap<String, Vec<Entry>>,
    /// The sum of each scope's elements.
    pub digests: BTreeMap<String, Sum>,
    pub serials: BTreeMap<(String, String), u32>,
    pub uploads: BTreeMap<String, UploadRow>,
    pub reads: BTreeMap<DossierId, Vec<ReadRow>>,
}

impl Tables {
    pub fn invite(&mut self, invitation: &InvitationRow) -> Result<(), StorageFault> {
        let mut row = invitation.clone();
        row.used_by = None;
        row.unit = crate::storage::columns::plain(&row.unit).into_owned();
        row.name = crate::storage::columns::plain(&row.name).into_owned();
        if self.invitations.contains_key(&row.token_hash) {
            return Err(StorageFault::taken());
        }
        self.invitations.insert(row.token_hash, (row, None));
        Ok(())
    }

    pub fn open_invitations(&self, now_ms: i64) -> Vec<InvitationRow> {
        let open = self.invitations.values().filter(|(row, _)| row.expires_ms >= now_ms);
        let mut rows: Vec<InvitationRow> = open.map(|(row, _)| row.clone()).collect();
        rows.sort_by_key(|row| (row.expires_ms, row.token_hash));
        rows
    }

    /// The device's row, made now if it was never seen.
    pub fn seen(&mut self, key: &PublicKey, now_ms: i64) -> &mut DeviceRow {
        self.devices.entry(DeviceId::of(key)).or_insert_with(|| DeviceRow {
            key: *key,
            certificates: Vec::new(),
            receipts: 0,
            last_receipt: None,
            last_contact_ms: now_ms,
            waiting: Waiting::default(),
            waiting_since_ms: None,
            revocation: None,
        })
    }

    pub fn enrol(
        &mut self,
        token_hash: &Digest,
        key: &PublicKey,
        certificate: &CertificateRow,
        now_ms: i64,
    ) -> Result<Enrolment, StorageFault> {
        let Some((invitation, given)) = self.invitations.get_mut(token_hash) else { return Ok(Enrolment::Unknown) };
        if let Some(used_by) = invitation.used_by {
            if used_by != DeviceId::of(key) {
                return Ok(Enrolment::AlreadyUsed);
            }
            let first = given.clone().ok_or(StorageFault::Damaged("invitation"))?;
            return Ok(Enrolment::Enrolled(first));
        }
        if now_ms > invitation.expires_ms {
            return Ok(Enrolment::Unknown);
        }
        invitation.used_by = Some(DeviceId::of(key));
        *given = Some(certificate.clone());
        let device = self.seen(key, now_ms);
        device.last_contact_ms = now_ms;
        device.certificates.push(certificate.clone());
        Ok(Enrolment::Enrolled(certificate.clone()))
    }

    pub fn heard_from(&mut self, device: &DeviceId, waiting: Waiting, now_ms: i64) {
        let Some(row) = self.devices.get_mut(device) else { return };
        if row.waiting == waiting && row.last_contact_ms > now_ms.saturating_sub(CONTACT_GRAIN_MS) {
            return;
        }
        row.waiting_since_ms = match waiting {
            Waiting { items: 0, files: 0 } => None,
            Waiting { .. } => Some(row.waiting_since_ms.unwrap_or(now_ms)),
        };
        (row.waiting, row.last_contact_ms) = (waiting, now_ms);
    }

    pub fn counts(&self) -> Counts {
        let items = || self.dossiers.values().flat_map(|row| &row.items);
        let many = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let in_state = |state| many(items().filter(|item| item.state == state).count());
        let blobs = self.dossiers.values().flat_map(|row| row.blobs.values());
        Counts {
            dossiers: many(self.dossiers.len()),
            changes: many(items().filter(|item| matches!(item.kind, ItemKind::Change { .. })).count()),
            events: many(items().filter(|item| matches!(item.kind, ItemKind::Event { .. })).count()),
            blobs: many(blobs.filter(|blob| blob.arrived_ms.is_some()).count()),
            devices: many(self.devices.len()),
            receipts: many(self.receipts.values().map(Vec::len).sum()),
            awaiting: in_state(ItemState::Received),
            quarantined: in_state(ItemState::Quarantined),
            revoked: in_state(ItemState::Revoked),
        }
    }
}
