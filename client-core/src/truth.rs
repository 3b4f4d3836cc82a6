//! How far the work on a dossier has come, in the words that every screen uses. It is judged here, once; shells show it.
//!
//! ```text
//! draft ──▶ kept ──▶ sending 4/5 ──▶ received ──▶ accepted ──▶ … the national states
//! (typed)  (submitted, (papers still   (the Centre
//!           kept here)  on their way)   signed for all)
//! ```
//!
//! A stage never says more than a receipt proves: what was handed to the network is still only kept.

use std::collections::BTreeSet;

use dossier::{
    content::Content,
    fault::Code,
    id::{ActorId, DossierId, EventId},
    state::{Ineffective, Recorded, State, Status},
};
use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::{
    device::Device,
    ledger::{Read, part},
    record::{NoticeRecord, WriterRecord},
    store::StoreFault,
};

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum TruthStage {
    /// Being written: nobody submitted it, whatever of it travelled.
    #[n(0)]
    Draft,
    /// Submitted and durable on this device, and something of it not yet at the Centre.
    #[n(1)]
    Kept,
    /// Everything written has a receipt; papers are still on their way.
    #[n(2)]
    Sending,
    /// Submitted, and the Centre signed for everything.
    #[n(3)]
    Received,
    /// Accepted: it has a code and a due date.
    #[n(4)]
    Accepted,
    /// Not accepted.
    #[n(5)]
    Refused,
    /// With the specialists.
    #[n(6)]
    Processing,
    /// Papers or answers are asked for.
    #[n(7)]
    Supplement,
    /// A payment is owed.
    #[n(8)]
    Payment,
    /// The applicant wants to withdraw.
    #[n(9)]
    Withdrawing,
    /// Stopped.
    #[n(10)]
    Stopped,
    /// The result is there.
    #[n(11)]
    Decided,
    /// The result was handed over.
    #[n(12)]
    Returned,
}

/// What else is to be said beside the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum TruthFlag {
    /// Papers or answers are asked for.
    #[n(0)]
    NeedsSupplement,
    /// People disagree about a field.
    #[n(1)]
    Conflict,
    /// Content moved on from the version that counts.
    #[n(2)]
    Amended,
    /// The Centre refused or held back an item; somebody must look.
    #[n(3)]
    Held,
    /// Official acts contradict each other.
    #[n(4)]
    Disputed,
    /// Something written or done here is not yet at the Centre.
    #[n(5)]
    Unsent,
    /// What this device said or did gave way to somebody else's.
    #[n(6)]
    LostValue,
}

/// Papers at the Centre, of all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct PagesSent {
    /// How many arrived.
    #[n(0)]
    pub arrived: u32,
    /// How many there are.
    #[n(1)]
    pub total: u32,
}

/// How far the work on a dossier has come.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Truth {
    /// The stage.
    #[n(0)]
    pub stage: TruthStage,
    /// Papers still on their way, with stage `sending` and later ones.
    #[n(1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<PagesSent>,
    /// What else is to be said, in the order of [`TruthFlag`].
    #[n(2)]
    pub flags: Vec<TruthFlag>,
}

/// What the truth is judged from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// The business status.
    pub status: Option<Status>,
    /// Sealed items without a receipt.
    pub unsent: u32,
    /// Of these, how many were refused.
    pub refused: u32,
    /// Cells typed and not sealed.
    pub unsealed: u32,
    /// Fields in conflict.
    pub conflicts: u32,
    /// Whether official acts contradict each other.
    pub is_disputed: bool,
    /// Whether content moved on from the version that counts.
    pub is_amended: bool,
    /// Attachments.
    pub files: u32,
    /// Of these, how many the Centre holds.
    pub files_arrived: u32,
    /// Whether a value or act of this device gave way.
    pub has_lost: bool,
    /// Whether the Centre holds an item of this device back.
    pub is_quarantined: bool,
}

impl Truth {
    /// The truth of the facts.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let stage = facts.stage();
        let on_their_way = facts.files_arrived < facts.files && !matches!(stage, TruthStage::Draft | TruthStage::Kept);
        let flags = [
            (facts.status == Some(Status::SupplementAsked), TruthFlag::NeedsSupplement),
            (facts.conflicts > 0, TruthFlag::Conflict),
            (facts.is_amended, TruthFlag::Amended),
            (facts.refused > 0 || facts.is_quarantined, TruthFlag::Held),
            (facts.is_disputed, TruthFlag::Disputed),
            (facts.unsent > 0 || facts.unsealed > 0, TruthFlag::Unsent),
            (facts.has_lost, TruthFlag::LostValue),
        ];
        Self {
            stage,
            pages: on_their_way.then_some(PagesSent { arrived: facts.files_arrived, total: facts.files }),
            flags: flags.into_iter().filter(|(applies, _)| *applies).map(|(_, flag)| flag).collect(),
        }
    }

    /// Says that the Centre holds an item back.
    pub(crate) fn hold(&mut self) {
        if !self.flags.contains(&TruthFlag::Held) {
            self.flags.push(TruthFlag::Held);
            self.flags.sort_by_key(|flag| *flag as u8);
        }
    }
}

impl Facts {
    fn stage(&self) -> TruthStage {
        match self.status {
            // Parts of a draft travel before anybody hands it in; it stays a draft.
            None => TruthStage::Draft,
            Some(Status::Registered) if self.unsent > 0 || self.unsealed > 0 => TruthStage::Kept,
            Some(Status::Registered) if self.files_arrived < self.files => TruthStage::Sending,
            Some(Status::Registered) => TruthStage::Received,
            Some(Status::Accepted) => TruthStage::Accepted,
            Some(Status::Refused) => TruthStage::Refused,
            Some(Status::Processing) => TruthStage::Processing,
            Some(Status::SupplementAsked) => TruthStage::Supplement,
            Some(Status::PaymentAsked) => TruthStage::Payment,
            Some(Status::WithdrawalAsked) => TruthStage::Withdrawing,
            Some(Status::Stopped) => TruthStage::Stopped,
            Some(Status::Decided) => TruthStage::Decided,
            Some(Status::Returned) => TruthStage::Returned,
        }
    }
}

impl Device {
    /// Whether a value that this device wrote, or an act that it did, gave way to another in a conflict or dispute that
    /// somebody settled.
    pub(crate) fn has_lost(
        &self,
        dossier: &DossierId,
        content: &Content,
        records: &[Recorded],
        state: &State,
    ) -> Result<bool, StoreFault> {
        let own: BTreeSet<EventId> = records
            .iter()
            .filter(|record| record.event.device() == self.id())
            .map(|record| record.event.id())
            .collect();
        let gave_way =
            |why: Option<Ineffective>| matches!(why, Some(Ineffective::DidNotStand | Ineffective::Overtaken));
        if state.entries.iter().any(|entry| own.contains(&entry.event) && gave_way(entry.ineffective)) {
            return Ok(true);
        }
        let mut actors: BTreeSet<ActorId> = BTreeSet::new();
        for (key, writer) in self.store.records::<WriterRecord>(dossier.as_bytes())? {
            if writer.device == self.id() {
                actors.insert(ActorId(part(&key, 16)?));
            }
        }
        Ok(!actors.is_empty() && !content.overruled(&actors).is_empty())
    }

    /// Dossiers of which the Centre holds an item of this device back.
    pub(crate) fn quarantined(&self, prefix: &[u8]) -> Result<BTreeSet<DossierId>, StoreFault> {
        let notices = self.store.records::<NoticeRecord>(prefix)?;
        let held = notices.iter().filter(|(_, notice)| notice.code == Code::Quarantined.as_str());
        held.map(|(key, _)| Ok(DossierId(part(key, 0)?))).collect()
    }
}

#[cfg(test)]
mod tests;
