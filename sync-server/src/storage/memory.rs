//! A database in memory that does what it is told: for tests and the simulator, never part of a server.
//!
//! It passes the same suite as the real ones. What a simulator adds goes through a [`Gate`]: before and after every
//! operation the gate says whether it goes on, waits (so that another request comes in between, or the process dies
//! there), or finds the disk full. A [`MemoryDisk`] is what outlives the process. It can be made to lie as a bad disk
//! does: what was written since the last flush is then gone after a crash.
//!
//! A [`Quirk`] is a mistake that a database layer could have. A simulator that does not find each of them is no good.

mod admission;
mod intake;
mod reading;
mod tables;

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use dossier::{
    id::{BatchId, BlobId, DeviceId, Digest, DossierId, PublicKey},
    wire::{SignedReceipt, Waiting, repair::Sum},
};

use super::{news::Told, *};
use tables::Tables;

/// Whether an operation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// It does.
    Go,
    /// Not yet: it is asked again when somebody looks again.
    Wait,
    /// The disk is full, or the database is gone. Asked after an operation, this is as good as `Go`.
    Fail,
}

/// On which side of an operation the gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nothing of it happened.
    Before,
    /// It is done; whoever asked for it does not know yet.
    After,
}

/// A mistake to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// What is there already is taken for new.
    TakesTwice,
    /// Feed rows stand in the order of the devices' clocks instead of that of their admission.
    FeedByDeviceClock,
    /// Everybody is shown what is for staff.
    ShowsStaffNotes,
    /// Nobody is out of use.
    ForgetsRevocations,
    /// Nothing that was left behind is found again.
    ForgetsWaiting,
    /// What authors should be told is not kept.
    ForgetsNotices,
    /// The last receipt of a device is not remembered.
    ForgetsReceiptChain,
    /// The last change of each actor is not remembered.
    ForgetsActors,
}

/// Who decides what happens to operations.
pub trait Gate: Send + Sync + 'static {
    /// Whether the operation of this name goes on.
    fn pass(&self, operation: &'static str, side: Side) -> Pass;

    /// Whether the database has this mistake.
    fn has(&self, _quirk: Quirk) -> bool {
        false
    }
}

/// A gate that is always open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Open;

impl Gate for Open {
    fn pass(&self, _operation: &'static str, _side: Side) -> Pass {
        Pass::Go
    }
}

/// No room was left, or the database was gone.
#[derive(Debug, thiserror::Error)]
#[error("a fault asked for by a test")]
struct AskedFor;

#[derive(Debug, Default)]
struct Medium {
    now: Arc<Tables>,
    /// What a crash leaves, if the medium lies about flushing.
    flushed: Option<Arc<Tables>>,
}

/// What outlives a crash: the medium of a [`MemoryStorage`]. Clones are the same medium.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Medium>>);

impl MemoryDisk {
    /// An empty medium.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Medium> {
        // Whoever panics while holding it has changed nothing yet: operations check before they write.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of what is on it now: a backup.
    #[must_use]
    pub fn copy(&self) -> Self {
        let now = Arc::clone(&self.lock().now);
        Self(Arc::new(Mutex::new(Medium { now, flushed: None })))
    }

    /// Puts a backup back: what was written since is gone.
    pub fn restore(&self, backup: &Self) {
        let now = Arc::clone(&backup.lock().now);
        let mut medium = self.lock();
        medium.flushed = medium.flushed.is_some().then(|| Arc::clone(&now));
        medium.now = now;
    }

    /// From now on writes are answered before they are safe, until [`MemoryDisk::flush`].
    pub fn hold_back(&self) {
        let mut medium = self.lock();
        medium.flushed = Some(Arc::clone(&medium.now));
    }

    /// Makes safe what was held back.
    pub fn flush(&self) {
        let mut medium = self.lock();
        if medium.flushed.is_some() {
            medium.flushed = Some(Arc::clone(&medium.now));
        }
    }

    /// The process and the machine go down: what was held back is gone.
    pub fn crash(&self) {
        let mut medium = self.lock();
        if let Some(flushed) = medium.flushed.clone() {
            medium.now = flushed;
        }
    }
}

/// A database in memory.
#[derive(Clone)]
pub struct MemoryStorage {
    disk: MemoryDisk,
    gate: Arc<dyn Gate>,
    told: Told,
}

impl std::fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryStorage")
    }
}

impl MemoryStorage {
    /// The database on this medium, behind a gate.
    #[must_use]
    pub fn open(disk: MemoryDisk, gate: Arc<dyn Gate>) -> Self {
        Self { disk, gate, told: Told::default() }
    }

    async fn gate(&self, operation: &'static str, side: Side) -> Result<(), StorageFault> {
        poll_fn(|context| match self.gate.pass(operation, side) {
            Pass::Go => Poll::Ready(Ok(())),
            Pass::Wait => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Pass::Fail if side == Side::Before => Poll::Ready(Err(StorageFault::Database(Box::new(AskedFor)))),
            Pass::Fail => Poll::Ready(Ok(())),
        })
        .await
    }

    async fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Tables) -> Result<T, StorageFault> + Send,
    ) -> Result<T, StorageFault> {
        self.gate(operation, Side::Before).await?;
        let tables = Arc::clone(&self.disk.lock().now);
        let answer = work(&tables);
        drop(tables);
        self.gate(operation, Side::After).await?;
        answer
    }

    /// One transaction. The work checks first and writes then, so that a fault leaves everything as it was.
    async fn write<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut Tables) -> Result<T, StorageFault> + Send,
    ) -> Result<T, StorageFault> {
        self.gate(operation, Side::Before).await?;
        let answer = work(Arc::make_mut(&mut self.disk.lock().now));
        self.gate(operation, Side::After).await?;
        answer
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.gate.has(quirk)
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault> {
        self.read("setting", |tables| Ok(tables.settings.get(name).cloned())).await
    }

    async fn settle_setting(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StorageFault> {
        if self.has(Quirk::ForgetsNotices) && name.starts_with("notice/") {
            return Ok(value.to_vec());
        }
        self.write("settle_setting", |tables| {
            Ok(tables.settings.entry(name.to_owned()).or_insert_with(|| value.to_vec()).clone())
        })
        .await
    }

    async fn replace_setting(&self, name: &str, value: &[u8]) -> Result<(), StorageFault> {
        self.write("replace_setting", |tables| {
            tables.settings.insert(name.to_owned(), value.to_vec());
            Ok(())
        })
        .await
    }

    async fn invite(&self, invitation: &InvitationRow) -> Result<(), StorageFault> {
        self.write("invite", |tables| tables.invite(invitation)).await
    }

    async fn invitation(&self, token_hash: &Digest) -> Result<Option<InvitationRow>, StorageFault> {
        self.read("invitation", |tables| Ok(tables.invitations.get(token_hash).map(|(row, _)| row.clone()))).await
    }

    async fn enrol(
        &self,
        token_hash: &Digest,
        device: &PublicKey,
        certificate: &CertificateRow,
        now_ms: i64,
    ) -> Result<Enrolment, StorageFault> {
        self.write("enrol", |tables| tables.enrol(token_hash, device, certificate, now_ms)).await
    }

    async fn device(&self, device: &DeviceId) -> Result<Option<DeviceRow>, StorageFault> {
        let mut row = self.read("device", |tables| Ok(tables.devices.get(device).cloned())).await?;
        if let Some(row) = row.as_mut().filter(|_| self.has(Quirk::ForgetsRevocations)) {
            row.revocation = None;
        }
        Ok(row)
    }

    async fn devices(&self, devices: &[DeviceId]) -> Result<Vec<DeviceRow>, StorageFault> {
        self.read("devices", |tables| {
            let asked: std::collections::BTreeSet<_> = devices.iter().collect();
            Ok(asked.into_iter().filter_map(|device| tables.devices.get(device).cloned()).collect())
        })
        .await
    }

    async fn enrolled_devices(&self) -> Result<Vec<DeviceRow>, StorageFault> {
        self.read("enrolled_devices", |tables| {
            Ok(tables.devices.values().filter(|row| !row.certificates.is_empty()).cloned().collect())
        })
        .await
    }

    async fn open_invitations(&self, now_ms: i64) -> Result<Vec<InvitationRow>, StorageFault> {
        self.read("open_invitations", |tables| Ok(tables.open_invitations(now_ms))).await
    }

    async fn heard_from(&self, device: &DeviceId, waiting: Waiting, now_ms: i64) -> Result<(), StorageFault> {
        self.write("heard_from", |tables| {
            tables.heard_from(device, waiting, now_ms);
            Ok(())
        })
        .await
    }

    async fn revoke(&self, device: &DeviceId, reason: &str, now_ms: i64) -> Result<Option<Revocation>, StorageFault> {
        self.write("revoke", |tables| {
            let first = || Revocation { at_ms: now_ms, reason: columns::plain(reason).into_owned() };
            Ok(tables.devices.get_mut(device).map(|row| row.revocation.get_or_insert_with(first).clone()))
        })
        .await
    }

    async fn facts(&self, needs: &Needs) -> Result<Facts, StorageFault> {
        let mut facts = self.read("facts", |tables| Ok(tables.facts(needs))).await?;
        if self.has(Quirk::ForgetsReceiptChain) {
            facts.last_receipt = None;
        }
        for known in facts.dossiers.values_mut() {
            if self.has(Quirk::TakesTwice) {
                let asked = |digest: &Digest, last: &mut Option<u64>| last.is_some() || digest.0[0] >= 128;
                known.known.retain(asked);
            }
            if self.has(Quirk::ForgetsActors) {
                known.actors.retain(|_, actor| actor.seq > 1);
                known.actors.values_mut().for_each(|actor| actor.seq -= 1);
            }
        }
        Ok(facts)
    }

    async fn commit(&self, group: &Group) -> Result<Committed, CommitFault> {
        let unique = intake::Unique { items: !self.has(Quirk::TakesTwice), actors: !self.has(Quirk::ForgetsActors) };
        let taken = self.write("commit", |tables| Ok(tables.commit(group, unique))).await?;
        if taken { Ok(Committed::after_commit(group)) } else { Err(CommitFault::Raced) }
    }

    async fn receipts(&self, device: &DeviceId, batch: &BatchId) -> Result<Vec<SignedReceipt>, StorageFault> {
        self.read("receipts", |tables| {
            let given = tables.receipts.get(device).into_iter().flatten();
            Ok(given.filter(|(of, _)| of == batch).map(|(_, receipt)| receipt.clone()).collect())
        })
        .await
    }

    async fn awaiting_admission(&self, limit: u32) -> Result<Vec<DossierId>, StorageFault> {
        if self.has(Quirk::ForgetsWaiting) {
            return Ok(Vec::new());
        }
        self.read("awaiting_admission", |tables| Ok(tables.awaiting(limit))).await
    }

    async fn record(&self, dossier: &DossierId) -> Result<Option<DossierRecord>, StorageFault> {
        self.read("record", |tables| Ok(tables.dossiers.get(dossier).map(reading::record))).await
    }

    async fn admit_all(&self, admissions: &[Admission]) -> Result<Vec<bool>, StorageFault> {
        let how = admission::How {
            by_device_clock: self.has(Quirk::FeedByDeviceClock),
            staff_everywhere: self.has(Quirk::ShowsStaffNotes),
        };
        let (answers, scopes) = self.write("admit_all", |tables| Ok(tables.admit_all(admissions, how))).await?;
        self.told.tell(scopes);
        Ok(answers)
    }

    async fn feed(
        &self,
        scope: &str,
        after: u64,
        max_bytes: usize,
        own: Option<&Own>,
    ) -> Result<FeedPage, StorageFault> {
        self.read("feed", |tables| tables.feed(scope, after, max_bytes, own)).await
    }

    async fn held(&self, scope: &str) -> Result<Vec<(DossierId, Sum)>, StorageFault> {
        self.read("held", |tables| Ok(tables.held(scope))).await
    }

    async fn news(&self) -> Result<broadcast::Receiver<News>, StorageFault> {
        Ok(self.told.subscribe())
    }

    async fn projections(&self, query: &ProjectionQuery) -> Result<Vec<Projection>, StorageFault> {
        self.read("projections", |tables| Ok(tables.projections(query))).await
    }

    async fn dossier_by_code(&self, code: &str) -> Result<Option<DossierId>, StorageFault> {
        self.read("dossier_by_code", |tables| Ok(tables.codes.get(&*columns::plain(code)).copied())).await
    }

    async fn scopes_of(&self, dossier: &DossierId) -> Result<Vec<String>, StorageFault> {
        self.read("scopes_of", |tables| {
            Ok(tables.dossiers.get(dossier).map(|row| row.scopes.keys().cloned().collect()).unwrap_or_default())
        })
        .await
    }

    async fn counts(&self) -> Result<Counts, StorageFault> {
        self.read("counts", |tables| Ok(tables.counts())).await
    }

    async fn take_serials(&self, org_unit: &str, date: &str, count: u32) -> Result<u32, StorageFault> {
        self.write("take_serials", |tables| {
            let next = tables.serials.entry((org_unit.to_owned(), date.to_owned())).or_insert(1);
            let first = *next;
            *next = next.checked_add(count).ok_or(StorageFault::Damaged("code counter"))?;
            Ok(first)
        })
        .await
    }

    async fn blob(&self, dossier: &DossierId, blob: &BlobId) -> Result<Option<BlobRow>, StorageFault> {
        self.read("blob", |tables| Ok(tables.dossiers.get(dossier).and_then(|row| row.blobs.get(blob)).cloned())).await
    }

    async fn wanted_blobs(&self, scope: &str, limit: u32) -> Result<Vec<(DossierId, BlobId)>, StorageFault> {
        self.read("wanted_blobs", |tables| Ok(tables.wanted_blobs(scope, limit))).await
    }

    async fn blob_arrived(
        &self,
        dossier: &DossierId,
        blob: &BlobId,
        size_bytes: u64,
        now_ms: i64,
    ) -> Result<(), StorageFault> {
        let scopes =
            self.write("blob_arrived", |tables| tables.blob_arrived(dossier, blob, size_bytes, now_ms)).await?;
        self.told.tell(scopes);
        Ok(())
    }

    async fn create_upload(&self, upload: &UploadRow) -> Result<(), StorageFault> {
        self.write("create_upload", |tables| {
            if tables.uploads.contains_key(&upload.id) {
                return Err(StorageFault::Database("an upload has this id".into()));
            }
            tables.uploads.insert(upload.id.clone(), upload.clone());
            Ok(())
        })
        .await
    }

    async fn upload(&self, id: &str) -> Result<Option<UploadRow>, StorageFault> {
        self.read("upload", |tables| Ok(tables.uploads.get(id).cloned())).await
    }

    async fn advance_upload(&self, id: &str, from: u64, to: u64, now_ms: i64) -> Result<bool, StorageFault> {
        self.write("advance_upload", |tables| {
            let Some(row) = tables.uploads.get_mut(id).filter(|row| row.offset_bytes == from) else { return Ok(false) };
            (row.offset_bytes, row.touched_ms) = (to, now_ms);
            Ok(true)
        })
        .await
    }

    async fn delete_upload(&self, id: &str) -> Result<(), StorageFault> {
        self.write("delete_upload", |tables| {
            tables.uploads.remove(id);
            Ok(())
        })
        .await
    }

    async fn stale_uploads(&self, before_ms: i64) -> Result<Vec<UploadRow>, StorageFault> {
        self.read("stale_uploads", |tables| {
            let mut rows: Vec<UploadRow> =
                tables.uploads.values().filter(|row| row.touched_ms < before_ms).cloned().collect();
            rows.sort_by(|one, other| (one.touched_ms, &one.id).cmp(&(other.touched_ms, &other.id)));
            Ok(rows)
        })
        .await
    }

    async fn log_read(&self, dossier: &DossierId, device: &DeviceId, now_ms: i64) -> Result<(), StorageFault> {
        self.write("log_read", |tables| {
            tables.reads.entry(*dossier).or_default().push(ReadRow { device: *device, at_ms: now_ms });
            Ok(())
        })
        .await
    }

    async fn reads_of(&self, dossier: &DossierId) -> Result<Vec<ReadRow>, StorageFault> {
        self.read("reads_of", |tables| Ok(tables.reads.get(dossier).cloned().unwrap_or_default())).await
    }

    fn name(&self) -> &'static str {
        "memory"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::conformance::fixtures::{Sender, change, dossier};

    async fn open() -> (Arc<dyn Storage>, ()) {
        (Arc::new(MemoryStorage::open(MemoryDisk::new(), Arc::new(Open))), ())
    }

    crate::storage_conformance!(open);

    #[tokio::test]
    async fn what_was_held_back_is_gone_after_a_crash_and_what_was_flushed_is_not() {
        let disk = MemoryDisk::new();
        let storage = MemoryStorage::open(disk.clone(), Arc::new(Open));
        disk.hold_back();
        let mut sender = Sender::new(1);
        sender.send(&storage, vec![change(dossier(1), 1, 1)]).await;
        disk.flush();
        sender.send(&storage, vec![change(dossier(1), 1, 2)]).await;
        disk.crash();
        assert_eq!(storage.counts().await.unwrap().changes, 1);
    }
}
