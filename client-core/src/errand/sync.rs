//! The errand of a sync: exchanges, as many as are needed, usually one.

use dossier::{
    fault::{Code, Fault},
    state::TOLERANCE_MS,
    wire::MEDIA_TYPE,
};

use super::{
    Steps,
    told::{fault_of, fault_of_transport},
};
use crate::{
    device::Device,
    ledger::Put,
    ports::{Progress, Stage},
    record::InvitationRecord,
    store::{StoreFault, WriteBatch},
    sync::{Exchange, Outcome, SyncReport},
    transport::{Method, Request, Response, TransportFault},
};

/// Round trips of one sync at most. A cold start of a branch with 8,000 dossiers takes a handful; a Centre that always
/// has more to tell must not hold a phone for ever.
const ROUNDS_MAX: u32 = 200;
/// Round trips of one sync in which this device and the Centre compare what they hold. Two are enough if nothing moves.
const COMPARISONS_MAX: u32 = 12;
/// Round trips of one sync that were needed because something had to be written or sent again.
const REPAIRS_MAX: u32 = 3;

/// A sync on its way.
#[derive(Debug)]
pub struct SyncErrand {
    step: Step,
    rounds: u32,
    repairs: u32,
    stop: bool,
    progress: Progress,
    report: SyncReport,
}

#[derive(Debug)]
enum Step {
    /// The next exchange is to be packed.
    Pack,
    /// An exchange is under way.
    Asked(Exchange),
    /// Nothing more is to be asked; the report is to be closed.
    Ended,
    Over,
}

impl SyncErrand {
    pub(super) fn report(&self) -> &SyncReport {
        &self.report
    }

    pub(super) fn into_report(self) -> SyncReport {
        self.report
    }

    /// Adds what came of one answer, and decides whether there is a next exchange.
    fn count(&mut self, outcome: Outcome, has_more: bool) {
        self.progress.done = outcome.accepted as u64;
        let repaired = !outcome.rewritten.is_empty() || !outcome.resent.is_empty();
        self.repairs += u32::from(repaired);
        let comparing = outcome.repairing && self.report.repair.round_trips < COMPARISONS_MAX;
        let more = outcome.more || has_more || repaired || comparing;
        self.report.add(outcome);
        if self.report.fault.is_none() && more && self.repairs <= REPAIRS_MAX && self.rounds < ROUNDS_MAX {
            self.step = Step::Pack;
        }
    }
}

impl SyncReport {
    fn add(&mut self, outcome: Outcome) {
        self.accepted += outcome.accepted;
        self.refused.extend(outcome.refused);
        self.received += outcome.received;
        self.skipped += outcome.skipped;
        self.removed.extend(outcome.removed);
        self.kept.extend(outcome.kept);
        self.notices.extend(outcome.notices);
        self.repair.received_bytes += outcome.repair_bytes;
        self.repair.dossiers += outcome.repaired.len();
        self.enrolled |= outcome.enrolled;
        self.clock_off_ms =
            outcome.clock_offset_ms.filter(|offset| offset.unsigned_abs() > TOLERANCE_MS.unsigned_abs());
        self.warnings =
            self.clock_off_ms.map(|off| Fault::new(Code::ClockOff).with("off_ms", off)).into_iter().collect();
        self.fault = outcome.fault;
    }
}

fn request_of(exchange: &Exchange) -> Request {
    Request {
        method: Method::Post,
        path: "/v1/sync".to_owned(),
        headers: vec![("content-type".to_owned(), MEDIA_TYPE.to_owned())],
        body: exchange.body.clone(),
    }
}

impl Steps for SyncErrand {
    fn next(&mut self, device: &mut Device) -> Result<Option<Request>, Fault> {
        if matches!(self.step, Step::Pack) {
            if self.stop {
                self.report.stopped = true;
                self.step = Step::Ended;
            } else {
                let exchange = device.begin_exchange()?;
                self.report.sent_bytes += exchange.body.len() as u64;
                if let Some(repair) = &exchange.repair {
                    self.report.repair.round_trips += 1;
                    self.report.repair.sent_bytes += dossier::envelope::encode(repair).len() as u64;
                }
                self.progress = Progress { stage: Stage::Exchange, done: 0, total: exchange.items() as u64 };
                self.step = Step::Asked(exchange);
            }
        }
        match &self.step {
            Step::Asked(exchange) => Ok(Some(request_of(exchange))),
            Step::Ended => {
                self.report.pending = device.outbox_len()?;
                self.step = Step::Over;
                Ok(None)
            }
            Step::Pack | Step::Over => Ok(None),
        }
    }

    fn take(&mut self, device: &mut Device, answer: Result<Response, TransportFault>) -> Result<(), Fault> {
        let exchange = match std::mem::replace(&mut self.step, Step::Ended) {
            Step::Asked(exchange) => exchange,
            other => {
                self.step = other;
                return Ok(());
            }
        };
        self.rounds += 1;
        let (body, cut) = match answer {
            Ok(response) if response.status == 200 => (response.body, false),
            Ok(response) => {
                self.report.round_trips += 1;
                self.report.received_bytes += response.body.len() as u64;
                let fault = fault_of(&response);
                if let (Code::InvitationRefused, Some(token)) = (fault.code, &exchange.invitation) {
                    device.drop_invitation(token)?;
                }
                self.report.fault = Some(fault);
                return Ok(());
            }
            Err(TransportFault::CutOff { status: Some(200), received }) => (received, true),
            Err(fault) => {
                if matches!(fault, TransportFault::CutOff { status: None, .. }) {
                    device.ask_for_less(exchange.item_bytes);
                }
                self.report.fault = Some(fault_of_transport(&fault));
                return Ok(());
            }
        };
        let mut outcome = device.receive_answer(&exchange, &body)?;
        if cut {
            outcome.fault.get_or_insert(Code::CutOff.into());
        }
        self.report.round_trips += 1;
        self.report.received_bytes += body.len() as u64;
        if !exchange.has_more() {
            device.ask_for_all();
        }
        self.count(outcome, exchange.has_more());
        Ok(())
    }

    fn fail(&mut self, device: &Device, fault: Fault) {
        self.report.fault = Some(fault);
        // A store that failed may fail again; the fault that ended the errand is the one to tell.
        self.report.pending = device.outbox_len().unwrap_or(self.report.pending);
        self.step = Step::Over;
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn stop(&mut self) {
        self.stop = true;
    }
}

impl Device {
    pub(crate) fn begin_sync(&self) -> SyncErrand {
        // A store that cannot be read here fails at the first step, which tells it.
        let waiting = self.outbox_len().map_or(0, |entries| entries as u64);
        SyncErrand {
            step: Step::Pack,
            rounds: 0,
            repairs: 0,
            stop: false,
            progress: Progress { stage: Stage::Pack, done: 0, total: waiting },
            report: SyncReport::default(),
        }
    }

    /// An invitation that the Centre refused is refused for good; the next sync goes without it. One that was kept since
    /// is another.
    fn drop_invitation(&mut self, token: &[u8]) -> Result<(), StoreFault> {
        if self.invitation.as_ref().is_none_or(|kept| kept.token != token) {
            return Ok(());
        }
        let mut batch = WriteBatch::new();
        batch.remove::<InvitationRecord>(InvitationRecord::KEY);
        self.store.commit(batch)?;
        self.invitation = None;
        Ok(())
    }
}
