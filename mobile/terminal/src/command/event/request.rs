//! From what was typed to what is asked of the device.

use client_core::{ActRequest, Device};
use dossier::{
    fault::{Code, Fault},
    id::{DossierId, EventId},
};

use super::{Act, Reason};
use crate::failure::Failure;

/// The request of an act. An absent reason is an empty one: whether one is needed, the rules say.
pub fn of(device: &mut Device, dossier: &DossierId, act: Act) -> Result<ActRequest, Failure> {
    Ok(match act {
        Act::Accept { case } => ActRequest::Accept { case },
        Act::Refuse(reason) => ActRequest::Refuse { reason: reason.text() },
        Act::Ask { reason, items } => ActRequest::Ask { reason: reason.text(), items },
        Act::Supplement => ActRequest::Supplement,
        Act::Route { unit } => ActRequest::Route { unit },
        Act::Payment { reason, amount } => ActRequest::RequestPayment { amount_dong: amount, reason: reason.text() },
        Act::Paid { amount, reference } => ActRequest::Paid { amount_dong: amount, reference },
        Act::Decide { words, result } => ActRequest::Decide { result: either(words, result) },
        Act::Return { words, to } => ActRequest::Return { to: either(words, to) },
        Act::Withdraw(reason) => ActRequest::Withdraw { reason: reason.text() },
        // The command line asks for exactly one of the two answers.
        Act::AnswerWithdrawal { reason, granted, not_granted: _ } => {
            ActRequest::AnswerWithdrawal { granted, reason: reason.text() }
        }
        Act::Stop(reason) => ActRequest::Stop { reason: reason.text() },
        Act::Correct(reason) => ActRequest::Correct { reason: reason.text() },
        Act::Adopt => ActRequest::Adopt,
        Act::Settle { reason, stands } => {
            ActRequest::Settle { stands: event_of(device, dossier, &stands)?, reason: reason.text() }
        }
        Act::Comment { words, text, internal } => {
            ActRequest::Comment { text: either(words, text), staff_only: internal }
        }
        Act::Vouch { paper } => ActRequest::Vouch { paper },
        // The device takes what was counted with `tram count`.
        Act::Collect => ActRequest::Collected { papers: Vec::new() },
    })
}

impl Reason {
    fn text(self) -> String {
        either(self.words, self.reason)
    }
}

fn either(words: Option<String>, option: Option<String>) -> String {
    words.or(option).unwrap_or_default()
}

/// The event that a person means: its id, or the beginning of it as pages show it.
fn event_of(device: &mut Device, dossier: &DossierId, text: &str) -> Result<EventId, Failure> {
    if let Ok(event) = text.parse() {
        return Ok(event);
    }
    let typed = text.trim().to_ascii_lowercase();
    let shown = device.show(dossier)?;
    let mut fitting = shown
        .view
        .events
        .iter()
        .map(|view| view.deed.event)
        .filter(|event| typed.len() >= SHORTEST && event.to_string().starts_with(&typed));
    match (fitting.next(), fitting.next()) {
        (Some(event), None) => Ok(event),
        _ => Err(Fault::new(Code::NotFound).with("argument", "--stands").into()),
    }
}

/// The fewest characters that name an event: with four, mistyping hits another one once in thousands of times.
const SHORTEST: usize = 4;
