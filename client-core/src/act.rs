//! What people do to a dossier: submitting it and every later step, checked by the rules before it is signed for good.

mod may;
mod request;
mod submit;
mod undo;

pub use request::ActRequest;
pub use submit::{Doubts, Submission, Submitted};

use dossier::{
    catalogue::UnknownProcedure,
    code,
    deadline::local,
    event::{Act, ActingFor, Audience, Event, EventBody, MAX_EVENT_BYTES, MAX_TEXT_BYTES},
    fault::{Code, Fault},
    form::FormError,
    id::{ChangeHash, DossierId, EventId},
    procedure::CaseId,
    state::{self, Ineffective, Received, State},
};
use serde::Serialize;

use crate::{
    chain::Chain,
    device::Device,
    draft::unknown_procedure,
    ledger::{Put, Read, key},
    outbox::OutboxKind,
    record::{EventRecord, LeaseRecord, OutboxRecord, Standing},
    shelf::{Folder, ShelfFault},
    store::{StoreFault, WriteBatch},
};

/// An act that is done and durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The event.
    pub event: EventId,
    /// The version of the content it was done on.
    pub heads: Vec<ChangeHash>,
    /// The official code, if the act gave one.
    pub code: Option<String>,
}

/// Why an act is not done.
#[derive(Debug, thiserror::Error)]
pub enum ActFault {
    /// The dossier cannot be worked on.
    #[error(transparent)]
    Shelf(#[from] ShelfFault),
    /// The rules do not allow it.
    #[error("the rules do not allow it: {0:?}")]
    Unlawful(Ineffective),
    /// An internal note by somebody who is not staff of the unit.
    #[error("only officers write internal notes")]
    NotInternal,
    /// A text or the whole is too long.
    #[error("the act is over the limit of {0}")]
    OverLimit(&'static str),
    /// The case is not one of the procedure's.
    #[error("the procedure has no such case")]
    UnknownCase(String),
    /// The catalogue does not know the procedure.
    #[error(transparent)]
    Procedure(#[from] UnknownProcedure),
    /// The procedure has no usable form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The channel is closed.
    #[error("the channel is closed")]
    Channel {
        /// The channel, 1–3.
        channel: u8,
        /// Why.
        reason: String,
    },
}

impl From<StoreFault> for ActFault {
    fn from(fault: StoreFault) -> Self {
        Self::Shelf(fault.into())
    }
}

fn reason_of(why: Ineffective) -> &'static str {
    match why {
        Ineffective::NotInRole => "not_in_role",
        Ineffective::NotInUnit => "not_in_unit",
        Ineffective::OutdatedAuthority => "outdated_authority",
        Ineffective::IllegalStep => "illegal_step",
        Ineffective::ReasonMissing => "reason_missing",
        Ineffective::Disputed => "disputed",
        Ineffective::NothingToSettle => "nothing_to_settle",
        Ineffective::Overtaken => "overtaken",
        Ineffective::DidNotStand => "did_not_stand",
    }
}

impl From<ActFault> for Fault {
    fn from(fault: ActFault) -> Self {
        match fault {
            ActFault::Shelf(fault) => fault.into(),
            ActFault::Unlawful(why) => {
                let code = match why {
                    Ineffective::NotInRole | Ineffective::NotInUnit | Ineffective::OutdatedAuthority => {
                        Code::NotAllowed
                    }
                    Ineffective::ReasonMissing => Code::ReasonMissing,
                    Ineffective::IllegalStep
                    | Ineffective::Disputed
                    | Ineffective::NothingToSettle
                    | Ineffective::Overtaken
                    | Ineffective::DidNotStand => Code::StepRefused,
                };
                Self::new(code).with("reason", reason_of(why))
            }
            ActFault::NotInternal => Self::new(Code::NotAllowed).with("reason", "not_staff"),
            ActFault::OverLimit(what) => Self::new(Code::OverLimit).with("limit", what),
            ActFault::UnknownCase(case) => Self::new(Code::ValueRefused).with("case", case),
            ActFault::Procedure(unknown) => unknown_procedure(&unknown),
            ActFault::Form(_) => Self::new(Code::UnknownProcedure).with("reason", "form"),
            ActFault::Channel { channel, reason } => {
                Self::new(Code::ChannelRefused).with("channel", channel).with("reason", reason)
            }
        }
    }
}

impl Device {
    pub(crate) fn do_act(&mut self, dossier: &DossierId, request: ActRequest) -> Result<Done, ActFault> {
        let mut folder = self.folder(dossier)?;
        let mut batch = WriteBatch::new();
        self.seal(&mut folder, &mut batch)?;
        let audience = request.audience();
        if audience == Audience::Staff && !self.certificate.as_ref().is_some_and(|(_, own)| own.role.is_official()) {
            return Err(ActFault::NotInternal);
        }
        let act = self.act_of(&folder, request)?;
        self.perform(folder, act, audience, batch)
    }

    /// Signs an act on the folder as it stands, if the rules allow it, and makes everything durable together.
    pub(crate) fn perform(
        &mut self,
        mut folder: Folder,
        act: Act,
        audience: Audience,
        mut batch: WriteBatch,
    ) -> Result<Done, ActFault> {
        let mut records = self.recorded(&folder.dossier)?;
        let event = self.sign(&folder, act, audience, State::frontier(&records, audience))?;
        records.push(self.recorded_as(event.clone(), self.trial_time(&event))?);
        let state = state::fold(&records, self.catalogue);
        if let Some(why) = state.entry(&event.id()).and_then(|entry| entry.ineffective) {
            return Err(ActFault::Unlawful(why));
        }
        let code = match &event.body().act {
            Act::Accepted { code, .. } => code.clone(),
            _ => None,
        };
        self.write_event(&event, code.as_deref(), &mut batch);
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        self.chain.follow(event.body().counter, event.id(), code.clone());
        Ok(Done { event: event.id(), heads: event.body().heads.clone(), code })
    }

    /// Writes an own event: its record, its place in the chain and in the outbox.
    pub(crate) fn write_event(&self, event: &Event, code: Option<&str>, batch: &mut WriteBatch) {
        let dossier = event.body().dossier;
        let record = EventRecord { signed: event.signed().clone(), received: None, standing: Standing::Counts };
        batch.record(&key(&[dossier.as_bytes(), event.id().as_bytes()]), &record);
        batch.record(&OutboxKind::Event.key(&dossier, &event.id().0), &OutboxRecord::default());
        Chain::write(batch, event.body().counter, event.id(), dossier, code);
    }

    fn sign(&self, folder: &Folder, act: Act, audience: Audience, seen: Vec<EventId>) -> Result<Event, ActFault> {
        if act.longest_text() > MAX_TEXT_BYTES {
            return Err(ActFault::OverLimit("text"));
        }
        let heads = folder.content.heads();
        let most = dossier::event::MAX_REFERENCES;
        if heads.len() > most || seen.len() > most {
            return Err(ActFault::OverLimit("references"));
        }
        let acting = self.certificate.as_ref().map(|(_, own)| ActingFor { role: own.role, unit: own.unit.clone() });
        let body = EventBody {
            dossier: folder.dossier,
            act,
            audience,
            author: self.key.public(),
            acting,
            heads,
            seen,
            at_ms: self.now_ms(),
            counter: self.chain.next(),
            previous: self.chain.previous(),
        };
        let event = body.sign(&self.key);
        if event.signed().0.body.len() > MAX_EVENT_BYTES { Err(ActFault::OverLimit("bytes")) } else { Ok(event) }
    }

    /// The time by which a new event is tried: this device's clock, corrected as the Centre last found it to be. Facts
    /// taken at the door are tried inside the certificate's validity, because a flat battery may have set the clock back
    /// years since; the Centre corrects the time when the event arrives.
    fn trial_time(&self, event: &Event) -> Option<Received> {
        let now = event.body().at_ms;
        let guess = now.saturating_add(self.clock_offset_ms);
        let captures = matches!(
            event.body().act,
            Act::Submitted { .. } | Act::Supplemented | Act::Collected { .. } | Act::Commented { .. }
        );
        let at_ms = match &self.certificate {
            Some((_, own)) if captures && !own.is_valid_at(guess) => {
                guess.clamp(own.from_ms, own.until_ms.saturating_sub(1).max(own.from_ms))
            }
            _ => guess,
        };
        Some(Received { at_ms, clock_offset_ms: at_ms.saturating_sub(now) })
    }

    /// The next official code of a lease for today, if this device holds one with serials left.
    pub(crate) fn leased_code(&self) -> Result<Option<String>, StoreFault> {
        let today = local(self.now_ms().saturating_add(self.clock_offset_ms)).date();
        for (_, record) in self.store.records::<LeaseRecord>(&[])? {
            let Ok(lease) = code::Lease::from_cbor(&record.signed.body) else { continue };
            if lease.date() == today
                && let Some(free) = lease.codes().find(|code| !self.chain.has_used(code.as_str()))
            {
                return Ok(Some(free.to_string()));
            }
        }
        Ok(None)
    }

    fn case_of(&self, folder: &Folder, case: Option<String>) -> Result<(String, String), ActFault> {
        let procedure = match self.procedure_of(folder) {
            Ok(procedure) => procedure,
            // A newer catalogue's procedure may be accepted all the same; the Centre knows its cases.
            Err(_) => return Ok((String::new(), case.unwrap_or_else(|| CaseId::normal().to_string()))),
        };
        let Some(version) = self.version_of(procedure) else { return Ok((String::new(), String::new())) };
        let wanted = case.unwrap_or_else(|| CaseId::normal().to_string());
        let known = CaseId::parse(&wanted).ok().filter(|case| version.case(case).is_some());
        match known {
            Some(case) => Ok((version.version.to_string(), case.to_string())),
            None => Err(ActFault::UnknownCase(wanted.chars().take(64).collect())),
        }
    }
}

#[cfg(test)]
mod tests;
