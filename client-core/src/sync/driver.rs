//! The loop over exchanges and a transport.

use dossier::{
    fault::{Code, Fault},
    state::TOLERANCE_MS,
    wire::MEDIA_TYPE,
};

use super::{Exchange, Outcome, SyncFault, SyncReport};
use crate::{
    device::Device,
    ledger::Put,
    ports::{Proceed, Progress, Stage},
    record::InvitationRecord,
    store::WriteBatch,
    transport::{Method, Request, Response, Transport, TransportFault},
};

/// Round trips of one sync at most. A cold start of a branch with 8,000 dossiers takes a handful; a Centre that always
/// has more to tell must not hold a phone for ever.
const ROUNDS_MAX: u32 = 200;
/// Round trips of one sync that were needed because something had to be written or sent again.
const REPAIRS_MAX: u32 = 3;

/// The fault that an answer other than 200 carries.
pub fn fault_of(response: &Response) -> Fault {
    let told: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
    let code = told
        .as_ref()
        .and_then(|told| told.get("code"))
        .and_then(serde_json::Value::as_str)
        .and_then(Code::from_text)
        .unwrap_or(match response.status {
            401 => Code::NotAuthenticated,
            403 => Code::NotAllowed,
            404 => Code::NotFound,
            413 => Code::OverLimit,
            429 | 502..=504 => Code::Busy,
            400..=499 => Code::BadRequest,
            _ => Code::Internal,
        });
    let mut fault = Fault::new(code).with("status", response.status);
    let details = told.as_ref().and_then(|told| told.get("details")).and_then(serde_json::Value::as_object);
    for (name, value) in details.into_iter().flatten().take(20) {
        if let Some(value) = value.as_str() {
            fault = fault.with(name, value.chars().take(200).collect::<String>());
        }
    }
    fault
}

pub fn fault_of_transport(fault: &TransportFault) -> Fault {
    match fault {
        TransportFault::Offline => Code::Offline.into(),
        TransportFault::CutOff { .. } => Code::CutOff.into(),
        TransportFault::TooLarge => Fault::new(Code::Damaged).with("what", "size"),
    }
}

/// One answer: the outcome of its body, or the fault it told.
enum Answer {
    Taken(Outcome, u64),
    Refused(Fault, u64),
    Nothing(Fault),
}

impl Device {
    pub(crate) fn drive_sync(
        &mut self,
        transport: &dyn Transport,
        progress: &mut dyn FnMut(Progress) -> Proceed,
    ) -> SyncReport {
        let mut report = SyncReport::default();
        if let Err(fault) = self.rounds(transport, progress, &mut report) {
            report.fault = Some(fault.into());
        }
        match self.outbox_entries() {
            Ok(entries) => report.pending = entries.len(),
            Err(fault) => {
                report.fault.get_or_insert(fault.into());
            }
        }
        report
    }

    fn rounds(
        &mut self,
        transport: &dyn Transport,
        progress: &mut dyn FnMut(Progress) -> Proceed,
        report: &mut SyncReport,
    ) -> Result<(), SyncFault> {
        let mut repairs = 0;
        for _ in 0..ROUNDS_MAX {
            let waiting = self.outbox_entries()?.len() as u64;
            let mut tell = |stage, done, total| progress(Progress { stage, done, total });
            if tell(Stage::Pack, 0, waiting) == Proceed::Stop {
                report.stopped = true;
                return Ok(());
            }
            let exchange = self.begin_exchange()?;
            report.sent_bytes += exchange.body.len() as u64;
            let total = exchange.items() as u64;
            tell(Stage::Exchange, 0, total);
            let outcome = match self.one_round(transport, &exchange)? {
                Answer::Taken(outcome, bytes) => {
                    report.round_trips += 1;
                    report.received_bytes += bytes;
                    outcome
                }
                Answer::Refused(fault, bytes) => {
                    report.round_trips += 1;
                    report.received_bytes += bytes;
                    report.fault = Some(fault);
                    return Ok(());
                }
                Answer::Nothing(fault) => {
                    report.fault = Some(fault);
                    return Ok(());
                }
            };
            let proceed = tell(Stage::Exchange, outcome.accepted as u64, total);
            let repaired = !outcome.rewritten.is_empty() || !outcome.resent.is_empty();
            let more = outcome.more || exchange.has_more() || repaired;
            repairs += u32::from(repaired);
            report.take(outcome);
            if report.fault.is_some() || !more || repairs > REPAIRS_MAX {
                return Ok(());
            }
            if proceed == Proceed::Stop {
                report.stopped = true;
                return Ok(());
            }
        }
        Ok(())
    }

    fn one_round(&mut self, transport: &dyn Transport, exchange: &Exchange) -> Result<Answer, SyncFault> {
        let request = Request {
            method: Method::Post,
            path: "/v1/sync".to_owned(),
            headers: vec![("content-type".to_owned(), MEDIA_TYPE.to_owned())],
            body: exchange.body.clone(),
        };
        match transport.send(request) {
            Ok(response) if response.status == 200 => {
                let outcome = self.receive_answer(exchange, &response.body)?;
                Ok(Answer::Taken(outcome, response.body.len() as u64))
            }
            Ok(response) => {
                let fault = fault_of(&response);
                if fault.code == Code::InvitationRefused && exchange.invited {
                    self.drop_invitation()?;
                }
                Ok(Answer::Refused(fault, response.body.len() as u64))
            }
            Err(TransportFault::CutOff { status: Some(200), received }) => {
                let mut outcome = self.receive_answer(exchange, &received)?;
                outcome.fault.get_or_insert(Code::CutOff.into());
                Ok(Answer::Taken(outcome, received.len() as u64))
            }
            Err(fault) => Ok(Answer::Nothing(fault_of_transport(&fault))),
        }
    }

    /// An invitation that the Centre refused is refused for good; the next sync goes without it.
    fn drop_invitation(&mut self) -> Result<(), SyncFault> {
        let mut batch = WriteBatch::new();
        batch.remove::<InvitationRecord>(InvitationRecord::KEY);
        self.store.commit(batch)?;
        self.invitation = None;
        Ok(())
    }
}

impl SyncReport {
    fn take(&mut self, outcome: Outcome) {
        self.accepted += outcome.accepted;
        self.refused.extend(outcome.refused);
        self.received += outcome.received;
        self.skipped += outcome.skipped;
        self.removed.extend(outcome.removed);
        self.kept.extend(outcome.kept);
        self.notices.extend(outcome.notices);
        self.enrolled |= outcome.enrolled;
        self.clock_off_ms =
            outcome.clock_offset_ms.filter(|offset| offset.unsigned_abs() > TOLERANCE_MS.unsigned_abs());
        self.warnings =
            self.clock_off_ms.map(|off| Fault::new(Code::ClockOff).with("off_ms", off)).into_iter().collect();
        self.fault = outcome.fault;
    }
}
