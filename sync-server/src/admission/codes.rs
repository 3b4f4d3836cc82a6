//! The official code of an accepted dossier, given by the Centre where the desk had none.
//!
//! The Centre is one more author of events, with its own chain. Each of its events is committed alone, as a batch whose
//! id follows from the event's number, with a receipt to itself that names the event as the batch's hash. So the chain's
//! head is read from the receipts, never kept beside them, and two processes that issue at once are told apart by the
//! database: one commits, the other is raced and looks again. A serial taken in vain leaves a gap, never a double.

use dossier::{
    catalogue::Catalogue,
    certificate::Role,
    code::{DossierCode, OrgUnitId},
    content::genesis,
    deadline::local,
    envelope,
    event::{Act, ActingFor, Audience, EventBody, MAX_REFERENCES},
    id::{BatchId, ChangeHash, Digest, DossierId, EventId, sha256},
    state::Received,
    wire::{Receipt, SignedReceipt},
};

use super::AdmissionFault;
use crate::{
    centre::{Centre, org_id_of},
    storage::{CommitFault, Group, ItemKind, ItemRow, ItemState, Needs, Storage, StorageFault},
};

const MAX_RACES: u32 = 64;

/// An acceptance that stands and has no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeWanted {
    /// The dossier.
    pub dossier: DossierId,
    /// The acceptance.
    pub acceptance: EventId,
    /// When it counts as made (Unix milliseconds): the code carries the local date.
    pub at_ms: i64,
    /// The unit that handles the dossier.
    pub unit: Option<String>,
    /// The version that was accepted.
    pub heads: Vec<ChangeHash>,
    /// The latest events of the dossier.
    pub seen: Vec<EventId>,
}

/// Issues the code: one event by the Centre, exactly once for this acceptance.
pub async fn issue(
    storage: &dyn Storage,
    centre: &Centre,
    catalogue: &Catalogue,
    wanted: &CodeWanted,
    now_ms: i64,
) -> Result<(), AdmissionFault> {
    let mut code = None;
    for _ in 0..MAX_RACES {
        // First the head of the chain, then the record: whoever issues in between takes the number, and we are raced.
        let needs = Needs { device: Some(centre.device()), ..Needs::default() };
        let facts = storage.facts(&needs).await?;
        if is_issued(storage, centre, wanted).await? {
            return Ok(());
        }
        let code = match &code {
            Some(code) => code,
            None => code.insert(next_code(storage, centre, catalogue, wanted).await?),
        };
        let counter = facts.receipts + 1;
        let previous = previous_event(storage, centre, facts.receipts).await?;
        let event = body(centre, wanted, code, counter, previous, now_ms).sign(centre.key());
        let received = Received { at_ms: now_ms, clock_offset_ms: 0 };
        let item = ItemRow {
            dossier: wanted.dossier,
            position: 0,
            hash: Digest(event.id().0),
            kind: ItemKind::Event { counter, staff_only: false },
            bytes: envelope::encode(event.signed()),
            author: centre.device(),
            received,
            state: ItemState::Received,
        };
        let receipt = Receipt {
            centre: centre.public(),
            device: centre.device(),
            batch: batch_of(counter),
            parcel_hash: Digest(event.id().0),
            first: 0,
            count: 1,
            known: 0,
            exceptions: Vec::new(),
            received,
            number: counter,
            previous: facts.last_receipt,
        };
        let group = Group {
            device: centre.public(),
            batch: batch_of(counter),
            parcel_hash: Digest(event.id().0),
            items: vec![item],
            receipt: SignedReceipt::seal(centre.key(), &receipt),
            receipt_number: counter,
            now_ms,
        };
        match storage.commit(&group).await {
            // The Centre needs no receipt from itself; that it is durable is enough.
            Ok(committed) => {
                drop(committed.release());
                return Ok(());
            }
            Err(CommitFault::Raced) => {}
            Err(CommitFault::Storage(fault)) => return Err(fault.into()),
        }
    }
    Err(AdmissionFault::Restless)
}

async fn is_issued(storage: &dyn Storage, centre: &Centre, wanted: &CodeWanted) -> Result<bool, StorageFault> {
    let Some(record) = storage.record(&wanted.dossier).await? else { return Ok(false) };
    let own = record.items.iter().filter(|item| item.author == centre.device());
    let events = own.filter_map(|item| envelope::decode::<dossier::event::SignedEvent>(&item.bytes).ok());
    let mut verified = events.filter_map(|signed| signed.verify(&wanted.dossier).ok());
    Ok(verified.any(
        |event| matches!(&event.body().act, Act::CodeIssued { acceptance, .. } if *acceptance == wanted.acceptance),
    ))
}

async fn next_code(
    storage: &dyn Storage,
    centre: &Centre,
    catalogue: &Catalogue,
    wanted: &CodeWanted,
) -> Result<String, AdmissionFault> {
    let named = wanted.unit.as_deref().and_then(|unit| org_id_of(catalogue.units(), unit));
    let org_id = named.unwrap_or_else(|| centre.certificate().unit.clone());
    let org_id = OrgUnitId::parse(&org_id).map_err(|_| AdmissionFault::Unreadable)?;
    let date = local(wanted.at_ms).date();
    let serial = storage.take_serials(org_id.as_str(), &date.to_string(), 1).await?;
    let code =
        DossierCode::format(&org_id, date, centre.serial(date, serial)).map_err(|_| AdmissionFault::Unreadable)?;
    Ok(code.to_string())
}

/// The Centre's previous event, from the receipt of its batch.
async fn previous_event(
    storage: &dyn Storage,
    centre: &Centre,
    number: u64,
) -> Result<Option<EventId>, AdmissionFault> {
    if number == 0 {
        return Ok(None);
    }
    let receipts = storage.receipts(&centre.device(), &batch_of(number)).await?;
    let damaged = || StorageFault::Damaged("receipt of the Centre");
    let last = receipts.last().ok_or_else(damaged)?;
    let receipt = last.verify(&centre.public()).map_err(|_| damaged())?;
    Ok(Some(EventId(receipt.parcel_hash.0)))
}

fn batch_of(number: u64) -> BatchId {
    let hash = sha256(&[b"tram/centre-event/v1\0", &number.to_be_bytes()]);
    let mut out = [0; 16];
    out.copy_from_slice(&hash[..16]);
    BatchId(out)
}

fn body(
    centre: &Centre,
    wanted: &CodeWanted,
    code: &str,
    counter: u64,
    previous: Option<EventId>,
    now_ms: i64,
) -> EventBody {
    let mut heads = wanted.heads.clone();
    if heads.is_empty() {
        heads.push(genesis::skeleton(&wanted.dossier).hash);
    }
    // Having seen the acceptance is what counts; a frontier wider than an event may name is shortened around it.
    let mut seen: Vec<EventId> =
        wanted.seen.iter().copied().filter(|id| *id != wanted.acceptance).take(MAX_REFERENCES - 1).collect();
    seen.push(wanted.acceptance);
    seen.sort_unstable();
    EventBody {
        dossier: wanted.dossier,
        act: Act::CodeIssued { code: code.to_owned(), acceptance: wanted.acceptance },
        audience: Audience::Parties,
        author: centre.public(),
        acting: Some(ActingFor { role: Role::Centre, unit: centre.certificate().unit.clone() }),
        heads,
        seen,
        at_ms: now_ms,
        counter,
        previous,
    }
}
