//! Where the Centre keeps things: one seam, two databases.
//!
//! The server keeps bytes and projected rows, never live documents. Every method that writes is one transaction: it is
//! wholly durable when it returns, or did nothing. What every implementation must do is written down as the suite in
//! [`conformance`], which both pass.
//!
//! ```text
//! commit ──▶ items (received) ──admit──▶ items (admitted | quarantined) + projection + feed rows per scope
//! ```

mod arrival;
mod columns;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod digest;
mod implement;
#[cfg(any(test, feature = "simulation"))]
pub mod memory;
mod news;
mod page;
mod plain;
mod plan;
pub mod postgres;
pub mod sqlite;
#[cfg(any(test, feature = "conformance"))]
pub mod throwaway_postgres;
mod types;

use async_trait::async_trait;
use dossier::{
    envelope::Signed,
    id::{BatchId, BlobId, DeviceId, Digest, DossierId, PublicKey},
    wire::{SignedReceipt, Waiting, repair::Sum},
};
use tokio::sync::broadcast;

pub use news::News;
pub use postgres::PostgresStorage;
pub use sqlite::SqliteStorage;
pub use types::*;

use digest::Held;

/// Why the database did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageFault {
    /// The disk is full, the connection is gone, the database refused: nothing was changed.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row does not read back as what was written.
    #[error("a stored {0} is damaged")]
    Damaged(&'static str),
}

/// How old the time of a device's last contact may be while nothing else about it is new: writing each time would cost a
/// flush to disk for every sync that brings nothing.
const CONTACT_GRAIN_MS: i64 = 60_000;

/// SQLite's primary result code for a full disk (`SQLITE_FULL`).
const SQLITE_FULL: i64 = 13;
/// PostgreSQL's `disk_full`.
const POSTGRES_DISK_FULL: &str = "53100";

impl StorageFault {
    /// Whether the disk is full: nothing was written, and writing anew is of no use until somebody makes room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let Some(code) = self.database_code() else { return false };
        // SQLite reports extended codes, whose lowest byte is the primary one; PostgreSQL's codes have five places.
        code == POSTGRES_DISK_FULL
            || code.len() < POSTGRES_DISK_FULL.len() && code.parse::<i64>().is_ok_and(|code| code & 0xff == SQLITE_FULL)
    }

    /// For [`Storage::commit`]: the device's next receipt number was given meanwhile.
    pub(crate) fn taken() -> Self {
        Self::Database(Box::new(Taken))
    }

    /// Whether something that may be there once was there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        let Self::Database(source) = self else { return false };
        let refused = source.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        source.is::<Taken>() || refused.is_some_and(|error| error.is_unique_violation())
    }

    /// Whether the database gave way to another writer (`serialization_failure`, `deadlock_detected`): the same work
    /// done again may pass.
    pub(crate) fn was_broken_off(&self) -> bool {
        self.database_code().is_some_and(|code| code == "40001" || code == "40P01")
    }

    /// The database's own code for what went wrong: an SQLSTATE, or SQLite's extended result code in decimal.
    pub(crate) fn database_code(&self) -> Option<String> {
        let Self::Database(source) = self else { return None };
        let error = source.downcast_ref::<sqlx::Error>()?.as_database_error()?;
        error.code().map(std::borrow::Cow::into_owned)
    }
}

/// A receipt number that somebody else has.
#[derive(Debug, thiserror::Error)]
#[error("the number was given meanwhile")]
struct Taken;

impl From<sqlx::Error> for StorageFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

/// The database.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// A named value of the installation, such as the Centre's key seed or the epoch.
    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StorageFault>;

    /// Sets a value unless there is one; answers the value that stands. Two processes starting at once agree.
    async fn settle_setting(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StorageFault>;

    /// Sets a value whatever stands there.
    async fn replace_setting(&self, name: &str, value: &[u8]) -> Result<(), StorageFault>;

    // Devices.

    /// Keeps an invitation (only the hash of its token).
    async fn invite(&self, invitation: &InvitationRow) -> Result<(), StorageFault>;

    /// The invitation with this token hash, used or not.
    async fn invitation(&self, token_hash: &Digest) -> Result<Option<InvitationRow>, StorageFault>;

    /// Gives a device its certificate and uses the invitation up, together. Taking the same invitation up again with
    /// the same device answers [`Enrolment::Enrolled`] with the certificate that was stored first; with another
    /// device, [`Enrolment::AlreadyUsed`].
    async fn enrol(
        &self,
        token_hash: &Digest,
        device: &PublicKey,
        certificate: &CertificateRow,
        now_ms: i64,
    ) -> Result<Enrolment, StorageFault>;

    /// A device with its certificates and the head of its receipt chain; `None` if it was never seen.
    async fn device(&self, device: &DeviceId) -> Result<Option<DeviceRow>, StorageFault>;

    /// Several devices at once, for the directory of a feed. Unknown ones are left out.
    async fn devices(&self, devices: &[DeviceId]) -> Result<Vec<DeviceRow>, StorageFault>;

    /// All devices that hold a certificate, for the operator.
    async fn enrolled_devices(&self) -> Result<Vec<DeviceRow>, StorageFault>;

    /// Invitations whose time is not over, taken up or not, by the end of their time.
    async fn open_invitations(&self, now_ms: i64) -> Result<Vec<InvitationRow>, StorageFault>;

    /// Notes that a device spoke, and what it says it still holds. The time is true to a minute. A device that was never
    /// seen is not made by this.
    async fn heard_from(&self, device: &DeviceId, waiting: Waiting, now_ms: i64) -> Result<(), StorageFault>;

    /// Takes a device out of use; answers the revocation that stands, which is the first. `None` if the device was never
    /// seen.
    async fn revoke(&self, device: &DeviceId, reason: &str, now_ms: i64) -> Result<Option<Revocation>, StorageFault>;

    // Intake.

    /// What is known about the dossiers, actors and items that a group of a batch speaks of.
    async fn facts(&self, needs: &Needs) -> Result<Facts, StorageFault>;

    /// Makes a group of items durable, with its receipt. Nothing of it may be acknowledged without the witness.
    ///
    /// If an item, an actor's sequence number or the device's receipt number was taken since the facts were read, the
    /// answer is [`CommitFault::Raced`], nothing was written, and the caller reads the facts anew.
    async fn commit(&self, group: &Group) -> Result<Committed, CommitFault>;

    /// The receipts given for a batch, in order; empty if it is new.
    async fn receipts(&self, device: &DeviceId, batch: &BatchId) -> Result<Vec<SignedReceipt>, StorageFault>;

    // Admission.

    /// Dossiers with items that were received and not yet admitted, oldest first.
    async fn awaiting_admission(&self, limit: u32) -> Result<Vec<DossierId>, StorageFault>;

    /// Everything about one dossier, items by position; `None` if unknown.
    async fn record(&self, dossier: &DossierId) -> Result<Option<DossierRecord>, StorageFault>;

    /// Writes the outcome of admission: item states, projection, and feed rows in every scope.
    ///
    /// In one transaction: marks items; replaces the projection; for scopes that the dossier newly belongs to, appends
    /// an `enter` row and all admitted items (and arrived blobs); for scopes it leaves, a `leave` row; for scopes in
    /// which it stays, the newly admitted items. Rows whose audience excludes a scope are not appended there (see
    /// [`ScopeRow::staff`]). Sequence numbers of a scope are given under a lock on the scope's row, so that they become
    /// visible in their order. Answers `false`, writing nothing, if items arrived since `upto`.
    ///
    /// An item that was admitted stays so; one that was quarantined may be admitted later. A scope whose
    /// [`ScopeRow::staff`] changes is left and entered anew, so that what is no longer to be seen there goes.
    async fn admit(&self, admission: &Admission) -> Result<bool, StorageFault> {
        let answers = self.admit_all(std::slice::from_ref(admission)).await?;
        Ok(answers.first().copied().unwrap_or(false))
    }

    /// [`Storage::admit`] for many dossiers (each once) in one transaction, which spares one flush to disk per dossier.
    /// Answers for each, in their order, what `admit` answers; a dossier that is answered `false` hinders no other.
    async fn admit_all(&self, admissions: &[Admission]) -> Result<Vec<bool>, StorageFault>;

    // Feed.

    /// Feed rows of a scope after `after`, oldest first, up to about `max_bytes` of items. Rows whose item the reader just
    /// brought itself are skipped but counted as read.
    async fn feed(
        &self,
        scope: &str,
        after: u64,
        max_bytes: usize,
        own: Option<&Own>,
    ) -> Result<FeedPage, StorageFault>;

    /// The dossiers that are in a scope, in any order, each with the sum of those of its admitted items that count there:
    /// in a device's own scope what is for the parties, in any other scope everything. The sum of their elements is the
    /// scope's digest in [`FeedPage`].
    async fn held(&self, scope: &str) -> Result<Vec<(DossierId, Sum)>, StorageFault>;

    /// Tells from now on which feeds got rows, after the transaction that appended them is durable: those appended through
    /// this value, and with a database that several processes share, those of the others.
    async fn news(&self) -> Result<broadcast::Receiver<News>, StorageFault>;

    // Reading.

    /// Projected rows within scopes, newest first.
    async fn projections(&self, query: &ProjectionQuery) -> Result<Vec<Projection>, StorageFault>;

    /// The dossier of an official or provisional code.
    async fn dossier_by_code(&self, code: &str) -> Result<Option<DossierId>, StorageFault>;

    /// Which scopes a dossier is in now.
    async fn scopes_of(&self, dossier: &DossierId) -> Result<Vec<String>, StorageFault>;

    /// Counts for the operator and for tests.
    async fn counts(&self) -> Result<Counts, StorageFault>;

    // Codes.

    /// Takes `count` serials of a unit for a local date (`yyyy-mm-dd`): the first of them. Never the same twice.
    async fn take_serials(&self, org_unit: &str, date: &str, count: u32) -> Result<u32, StorageFault>;

    // Attachments.

    /// An attachment as this dossier names it. An attachment belongs to one dossier: whoever names the hash of another
    /// dossier's paper gains nothing by it, not even whether it exists.
    async fn blob(&self, dossier: &DossierId, blob: &BlobId) -> Result<Option<BlobRow>, StorageFault>;

    /// Attachments that dossiers in this scope name and that have not arrived, up to a limit.
    async fn wanted_blobs(&self, scope: &str, limit: u32) -> Result<Vec<(DossierId, BlobId)>, StorageFault>;

    /// Notes that an attachment is here, and appends a blob row to every scope of its dossier. Once is enough.
    async fn blob_arrived(
        &self,
        dossier: &DossierId,
        blob: &BlobId,
        size_bytes: u64,
        now_ms: i64,
    ) -> Result<(), StorageFault>;

    /// Opens, reads, moves or closes an upload.
    async fn create_upload(&self, upload: &UploadRow) -> Result<(), StorageFault>;
    /// The upload of that id.
    async fn upload(&self, id: &str) -> Result<Option<UploadRow>, StorageFault>;
    /// Moves an upload from one offset to the next and notes the time; `false` if it is no longer at `from`.
    async fn advance_upload(&self, id: &str, from: u64, to: u64, now_ms: i64) -> Result<bool, StorageFault>;
    /// Forgets an upload.
    async fn delete_upload(&self, id: &str) -> Result<(), StorageFault>;
    /// Uploads not touched since, to be cleaned up.
    async fn stale_uploads(&self, before_ms: i64) -> Result<Vec<UploadRow>, StorageFault>;

    /// Access log: staff read a dossier.
    async fn log_read(&self, dossier: &DossierId, device: &DeviceId, now_ms: i64) -> Result<(), StorageFault>;

    /// Who read a dossier, oldest first.
    async fn reads_of(&self, dossier: &DossierId) -> Result<Vec<ReadRow>, StorageFault>;

    /// Which database this is, for logs and tests: `sqlite` or `postgres`.
    fn name(&self) -> &'static str;
}

/// The witness that a group is durable: only [`Storage::commit`] makes one, and only it releases a receipt.
#[derive(Debug)]
#[must_use = "what is durable is to be acknowledged"]
pub struct Committed(SignedReceipt);

impl Committed {
    /// For implementations of [`Storage::commit`], after the transaction committed.
    pub(crate) fn after_commit(group: &Group) -> Self {
        Self(group.receipt.clone())
    }

    /// The receipt that may now be sent.
    #[must_use]
    pub fn release(self) -> SignedReceipt {
        self.0
    }
}

/// Why a group was not made durable.
#[derive(Debug, thiserror::Error)]
pub enum CommitFault {
    /// Somebody else wrote in between; read the facts anew.
    #[error("the facts changed in between")]
    Raced,
    /// The database failed; nothing was written.
    #[error(transparent)]
    Storage(#[from] StorageFault),
}

/// A signed certificate as kept.
pub type CertificateRow = Signed;
