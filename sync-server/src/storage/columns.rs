//! Rows as both databases hold them, and what they mean.
//!
//! A row is read into plain columns and parsed from there: what does not parse is [`StorageFault::Damaged`]. Unsigned
//! numbers from outside are kept by their bits, since the databases know only signed ones.

use std::{borrow::Cow, collections::BTreeMap};

use dossier::{
    certificate::Role,
    envelope::{self, Signed},
    id::{ActorId, BlobId, ChangeHash, DeviceId, Digest, DossierId, PublicKey},
    state::Received,
    wire::{SignedReceipt, Waiting, repair::Sum},
};

use super::types::{
    ActorFacts, BlobRow, DossierFacts, InvitationRow, ItemKind, ItemRow, ItemState, Projection, ReadRow, Revocation,
    UploadRow,
};
use super::{DeviceRow, StorageFault};

/// The numbers under which the schema keeps kinds of items.
pub const TEXT: i16 = 1;
pub const CHANGE: i16 = 2;
pub const EVENT: i16 = 3;

/// The number under which the schema keeps a state.
pub fn state_number(state: ItemState) -> i16 {
    match state {
        ItemState::Received => 1,
        ItemState::Admitted => 2,
        ItemState::Quarantined => 3,
        ItemState::Revoked => 4,
    }
}

/// Bytes of an id, as long as the id is.
pub fn id<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], StorageFault> {
    bytes.try_into().map_err(|_| StorageFault::Damaged(what))
}

/// A count or position, which is never below zero.
pub fn count(value: i64, what: &'static str) -> Result<u64, StorageFault> {
    u64::try_from(value).map_err(|_| StorageFault::Damaged(what))
}

/// A sum of hashes.
pub fn sum(bytes: &[u8]) -> Result<Sum, StorageFault> {
    Ok(Sum::from_bytes(id(bytes, "sum")?))
}

/// A position to look for; beyond the largest there is nothing.
pub fn bound(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Text that both databases take: PostgreSQL knows no NUL character in text.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// A signed thing as kept.
pub fn signed(bytes: &[u8], what: &'static str) -> Result<Signed, StorageFault> {
    envelope::decode(bytes).map_err(|_| StorageFault::Damaged(what))
}

/// A receipt as kept.
pub fn receipt(bytes: &[u8]) -> Result<SignedReceipt, StorageFault> {
    envelope::decode(bytes).map_err(|_| StorageFault::Damaged("receipt"))
}

/// Columns of `items`.
#[derive(Debug, sqlx::FromRow)]
pub struct ItemColumns {
    pub dossier: Vec<u8>,
    pub position: i64,
    pub hash: Vec<u8>,
    pub kind: i16,
    pub field: Option<Vec<u8>>,
    pub actor: Option<Vec<u8>>,
    pub seq: Option<i64>,
    pub last_op: Option<i64>,
    pub counter: Option<i64>,
    pub staff_only: bool,
    pub bytes: Vec<u8>,
    pub author: Vec<u8>,
    pub received_ms: i64,
    pub clock_offset_ms: i64,
    pub state: i16,
}

impl ItemColumns {
    /// The columns of an item about to be written at a position.
    pub fn of(item: &ItemRow, position: i64) -> Self {
        let mut columns = Self {
            dossier: item.dossier.0.to_vec(),
            position,
            hash: item.hash.0.to_vec(),
            kind: TEXT,
            field: None,
            actor: None,
            seq: None,
            last_op: None,
            counter: None,
            staff_only: false,
            bytes: item.bytes.clone(),
            author: item.author.0.to_vec(),
            received_ms: item.received.at_ms,
            clock_offset_ms: item.received.clock_offset_ms,
            state: state_number(item.state),
        };
        match &item.kind {
            ItemKind::Text { field } => columns.field = Some(field.clone().into_bytes()),
            ItemKind::Change { actor, seq, last_op } => {
                columns.kind = CHANGE;
                columns.actor = Some(actor.0.to_vec());
                columns.seq = Some(seq.cast_signed());
                columns.last_op = Some(last_op.cast_signed());
            }
            ItemKind::Event { counter, staff_only } => {
                columns.kind = EVENT;
                columns.counter = Some(counter.cast_signed());
                columns.staff_only = *staff_only;
            }
        }
        columns
    }
}

impl TryFrom<ItemColumns> for ItemRow {
    type Error = StorageFault;

    fn try_from(row: ItemColumns) -> Result<Self, StorageFault> {
        const DAMAGED: StorageFault = StorageFault::Damaged("item");
        let kind = match (row.kind, row.field, row.actor, row.seq, row.last_op, row.counter) {
            (TEXT, Some(field), None, None, None, None) => {
                ItemKind::Text { field: String::from_utf8(field).map_err(|_| DAMAGED)? }
            }
            (CHANGE, None, Some(actor), Some(seq), Some(last_op), None) => ItemKind::Change {
                actor: ActorId(id(&actor, "item")?),
                seq: seq.cast_unsigned(),
                last_op: last_op.cast_unsigned(),
            },
            (EVENT, None, None, None, None, Some(counter)) => {
                ItemKind::Event { counter: counter.cast_unsigned(), staff_only: row.staff_only }
            }
            _ => return Err(DAMAGED),
        };
        let state = [ItemState::Received, ItemState::Admitted, ItemState::Quarantined, ItemState::Revoked]
            .into_iter()
            .find(|state| state_number(*state) == row.state)
            .ok_or(DAMAGED)?;
        Ok(Self {
            dossier: DossierId(id(&row.dossier, "item")?),
            position: count(row.position, "item")?,
            hash: Digest(id(&row.hash, "item")?),
            kind,
            bytes: row.bytes,
            author: DeviceId(id(&row.author, "item")?),
            received: Received { at_ms: row.received_ms, clock_offset_ms: row.clock_offset_ms },
            state,
        })
    }
}

/// What is known of an actor: whose it is, and its latest change.
#[derive(Debug, sqlx::FromRow)]
pub struct ActorColumns {
    pub dossier: Vec<u8>,
    pub actor: Vec<u8>,
    pub author: Vec<u8>,
    pub seq: i64,
    pub hash: Vec<u8>,
}

impl ActorColumns {
    /// Puts it where it belongs.
    pub fn note(self, dossiers: &mut BTreeMap<DossierId, DossierFacts>) -> Result<(), StorageFault> {
        if let Some(known) = dossiers.get_mut(&DossierId(id(&self.dossier, "item")?)) {
            let facts = ActorFacts {
                device: DeviceId(id(&self.author, "item")?),
                seq: self.seq.cast_unsigned(),
                hash: ChangeHash(id(&self.hash, "item")?),
            };
            known.actors.insert(ActorId(id(&self.actor, "item")?), facts);
        }
        Ok(())
    }
}

/// Columns of `invitations`.
#[derive(Debug, sqlx::FromRow)]
pub struct InvitationColumns {
    pub token_hash: Vec<u8>,
    pub role: String,
    pub unit: String,
    pub name: String,
    pub expires_ms: i64,
    pub used_by: Option<Vec<u8>>,
}

impl TryFrom<InvitationColumns> for InvitationRow {
    type Error = StorageFault;

    fn try_from(row: InvitationColumns) -> Result<Self, StorageFault> {
        Ok(Self {
            token_hash: Digest(id(&row.token_hash, "invitation")?),
            role: Role::from_name(&row.role).ok_or(StorageFault::Damaged("invitation"))?,
            unit: row.unit,
            name: row.name,
            expires_ms: row.expires_ms,
            used_by: row.used_by.map(|device| id(&device, "invitation").map(DeviceId)).transpose()?,
        })
    }
}

/// Columns of `devices`, without the id, which follows from the key.
#[derive(Debug, sqlx::FromRow)]
pub struct DeviceColumns {
    pub id: Vec<u8>,
    pub key: Vec<u8>,
    pub receipts: i64,
    pub last_receipt: Option<Vec<u8>>,
    pub last_contact_ms: i64,
    pub waiting_items: i64,
    pub waiting_files: i64,
    pub waiting_since_ms: Option<i64>,
    pub revoked_ms: Option<i64>,
    pub revoked_reason: Option<String>,
}

/// Columns of `certificates`.
#[derive(Debug, sqlx::FromRow)]
pub struct CertificateColumns {
    pub device: Vec<u8>,
    pub signed: Vec<u8>,
}

/// Puts devices (in the order in which they come) and their certificates (each device's in its order) together.
pub fn device_rows(
    devices: Vec<DeviceColumns>,
    certificates: Vec<CertificateColumns>,
) -> Result<Vec<DeviceRow>, StorageFault> {
    let mut held = std::collections::HashMap::<Vec<u8>, Vec<Signed>>::new();
    for row in certificates {
        held.entry(row.device).or_default().push(signed(&row.signed, "certificate")?);
    }
    let small = |value: i64| u32::try_from(value).map_err(|_| StorageFault::Damaged("device"));
    let row = |row: DeviceColumns| {
        Ok(DeviceRow {
            key: PublicKey(id(&row.key, "device")?),
            certificates: held.remove(&row.id).unwrap_or_default(),
            receipts: count(row.receipts, "device")?,
            last_receipt: row.last_receipt.map(|hash| id(&hash, "device").map(Digest)).transpose()?,
            last_contact_ms: row.last_contact_ms,
            waiting: Waiting { items: small(row.waiting_items)?, files: small(row.waiting_files)? },
            waiting_since_ms: row.waiting_since_ms,
            revocation: row
                .revoked_ms
                .map(|at_ms| Revocation { at_ms, reason: row.revoked_reason.unwrap_or_default() }),
        })
    };
    devices.into_iter().map(row).collect()
}

/// The projected columns of `dossiers`.
#[derive(Debug, sqlx::FromRow)]
pub struct ProjectionColumns {
    pub id: Vec<u8>,
    pub code: Option<String>,
    pub provisional_code: Option<String>,
    pub procedure: Option<String>,
    pub status: Option<i16>,
    pub unit: Option<String>,
    pub channel: Option<i16>,
    pub submitted_ms: Option<i64>,
    pub accepted_ms: Option<i64>,
    pub due_at: Option<String>,
    pub conflicts: i64,
    pub disputed: bool,
    pub pending_amendment: bool,
    pub updated_ms: i64,
}

impl From<&Projection> for ProjectionColumns {
    fn from(row: &Projection) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(|text| plain(text).into_owned());
        Self {
            id: row.dossier.0.to_vec(),
            code: text(&row.code),
            provisional_code: text(&row.provisional_code),
            procedure: text(&row.procedure),
            status: row.status.map(i16::from),
            unit: text(&row.unit),
            channel: row.channel.map(i16::from),
            submitted_ms: row.submitted_ms,
            accepted_ms: row.accepted_ms,
            due_at: text(&row.due_at),
            conflicts: i64::from(row.conflicts),
            disputed: row.disputed,
            pending_amendment: row.pending_amendment,
            updated_ms: row.updated_ms,
        }
    }
}

impl TryFrom<ProjectionColumns> for Projection {
    type Error = StorageFault;

    fn try_from(row: ProjectionColumns) -> Result<Self, StorageFault> {
        let small =
            |value: Option<i16>| value.map(u8::try_from).transpose().map_err(|_| StorageFault::Damaged("projection"));
        Ok(Self {
            dossier: DossierId(id(&row.id, "projection")?),
            code: row.code,
            provisional_code: row.provisional_code,
            procedure: row.procedure,
            status: small(row.status)?,
            unit: row.unit,
            channel: small(row.channel)?,
            submitted_ms: row.submitted_ms,
            accepted_ms: row.accepted_ms,
            due_at: row.due_at,
            conflicts: u32::try_from(row.conflicts).map_err(|_| StorageFault::Damaged("projection"))?,
            disputed: row.disputed,
            pending_amendment: row.pending_amendment,
            updated_ms: row.updated_ms,
        })
    }
}

/// Columns of `blobs`.
#[derive(Debug, sqlx::FromRow)]
pub struct BlobColumns {
    pub dossier: Vec<u8>,
    pub blob: Vec<u8>,
    pub size_bytes: i64,
    pub arrived_ms: Option<i64>,
}

impl TryFrom<BlobColumns> for BlobRow {
    type Error = StorageFault;

    fn try_from(row: BlobColumns) -> Result<Self, StorageFault> {
        Ok(Self {
            dossier: DossierId(id(&row.dossier, "attachment")?),
            blob: BlobId(id(&row.blob, "attachment")?),
            size_bytes: row.size_bytes.cast_unsigned(),
            arrived_ms: row.arrived_ms,
        })
    }
}

/// Columns of `uploads`.
#[derive(Debug, sqlx::FromRow)]
pub struct UploadColumns {
    pub id: String,
    pub dossier: Vec<u8>,
    pub blob: Vec<u8>,
    pub device: Vec<u8>,
    pub length_bytes: i64,
    pub offset_bytes: i64,
    pub touched_ms: i64,
}

impl TryFrom<UploadColumns> for UploadRow {
    type Error = StorageFault;

    fn try_from(row: UploadColumns) -> Result<Self, StorageFault> {
        Ok(Self {
            id: row.id,
            dossier: DossierId(id(&row.dossier, "upload")?),
            blob: BlobId(id(&row.blob, "upload")?),
            device: DeviceId(id(&row.device, "upload")?),
            length_bytes: row.length_bytes.cast_unsigned(),
            offset_bytes: row.offset_bytes.cast_unsigned(),
            touched_ms: row.touched_ms,
        })
    }
}

/// Columns of `read_log`.
#[derive(Debug, sqlx::FromRow)]
pub struct ReadColumns {
    pub device: Vec<u8>,
    pub at_ms: i64,
}

impl TryFrom<ReadColumns> for ReadRow {
    type Error = StorageFault;

    fn try_from(row: ReadColumns) -> Result<Self, StorageFault> {
        Ok(Self { device: DeviceId(id(&row.device, "reading")?), at_ms: row.at_ms })
    }
}
