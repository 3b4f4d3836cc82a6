//! What may be asked to be done, and the act it becomes.

use dossier::{
    content::{ContentPath, Root, Scalar},
    event::{Act, Audience, Counted},
    id::EventId,
    text::nfc,
};

use serde::{Deserialize, Serialize};

use super::ActFault;
use crate::{card::effective, device::Device, shelf::Folder};

/// Something to be done to a dossier. Texts are for people and are stored in NFC.
///
/// As JSON its name stands in `do`: `{"do":"ask","reason":"…","items":["giay-chung-sinh"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActRequest {
    /// The desk accepts this version; the official code comes from a lease, if the device holds one.
    Accept {
        /// The case (trường hợp); the ordinary one if absent.
        #[serde(default)]
        case: Option<String>,
    },
    /// The desk does not accept it.
    Refuse {
        /// Why.
        reason: String,
    },
    /// Papers or answers are asked for.
    Ask {
        /// Why.
        reason: String,
        /// Field paths or component ids.
        #[serde(default)]
        items: Vec<String>,
    },
    /// What was asked for has been given.
    Supplement,
    /// Passed on.
    Route {
        /// The unit that handles it from now on; `None` keeps it.
        #[serde(default)]
        unit: Option<String>,
    },
    /// A payment is owed.
    RequestPayment {
        /// In đồng.
        amount_dong: u64,
        /// For what.
        reason: String,
    },
    /// A payment was made.
    Paid {
        /// In đồng.
        amount_dong: u64,
        /// The number of the slip or transfer.
        reference: String,
    },
    /// The result is there.
    Decide {
        /// In words, with its number.
        result: String,
    },
    /// The result was handed over.
    Return {
        /// Who took it, or how it was delivered.
        to: String,
    },
    /// The applicant asks to withdraw.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// The desk answers a wish to withdraw.
    AnswerWithdrawal {
        /// Whether the dossier stops.
        granted: bool,
        /// Why.
        reason: String,
    },
    /// Work stops.
    Stop {
        /// Why.
        reason: String,
    },
    /// A result is taken back to be corrected.
    Correct {
        /// The correcting decision.
        reason: String,
    },
    /// Later edits become part of the accepted version.
    Adopt,
    /// One of several contradictory acts stands.
    Settle {
        /// The act that stands.
        stands: EventId,
        /// Why.
        reason: String,
    },
    /// A remark.
    Comment {
        /// The words.
        text: String,
        /// Only for staff of the unit.
        #[serde(default)]
        staff_only: bool,
    },
    /// The applicant's identity card was seen.
    Vouch {
        /// The kind of paper, without its number.
        paper: String,
    },
    /// Papers were taken over at the door.
    Collected {
        /// What was counted; as counted with [`Device::count`] if empty.
        #[serde(default)]
        papers: Vec<Counted>,
    },
}

impl ActRequest {
    /// Its name, as in `do`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::Refuse { .. } => "refuse",
            Self::Ask { .. } => "ask",
            Self::Supplement => "supplement",
            Self::Route { .. } => "route",
            Self::RequestPayment { .. } => "request_payment",
            Self::Paid { .. } => "paid",
            Self::Decide { .. } => "decide",
            Self::Return { .. } => "return",
            Self::Withdraw { .. } => "withdraw",
            Self::AnswerWithdrawal { .. } => "answer_withdrawal",
            Self::Stop { .. } => "stop",
            Self::Correct { .. } => "correct",
            Self::Adopt => "adopt",
            Self::Settle { .. } => "settle",
            Self::Comment { .. } => "comment",
            Self::Vouch { .. } => "vouch",
            Self::Collected { .. } => "collected",
        }
    }

    /// One of each kind, with words where words are needed: to be tried, never to be done. `stands` is the act that a
    /// settlement would let stand.
    pub(crate) fn one_of_each(stands: Option<EventId>) -> Vec<Self> {
        let text = || "–".to_owned();
        let mut each = vec![
            Self::Accept { case: None },
            Self::Refuse { reason: text() },
            Self::Ask { reason: text(), items: Vec::new() },
            Self::Supplement,
            Self::Route { unit: None },
            Self::RequestPayment { amount_dong: 1, reason: text() },
            Self::Paid { amount_dong: 1, reference: text() },
            Self::Decide { result: text() },
            Self::Return { to: text() },
            Self::Withdraw { reason: text() },
            Self::AnswerWithdrawal { granted: true, reason: text() },
            Self::Stop { reason: text() },
            Self::Correct { reason: text() },
            Self::Adopt,
        ];
        each.extend(stands.map(|stands| Self::Settle { stands, reason: text() }));
        each.extend([
            Self::Comment { text: text(), staff_only: false },
            Self::Vouch { paper: text() },
            Self::Collected { papers: Vec::new() },
        ]);
        each
    }

    pub(super) fn audience(&self) -> Audience {
        match self {
            Self::Comment { staff_only: true, .. } => Audience::Staff,
            _ => Audience::Parties,
        }
    }
}

/// Text as stored: NFC, without blanks around it.
fn words(text: &str) -> String {
    nfc(text.trim())
}

impl Device {
    pub(super) fn act_of(&self, folder: &Folder, request: ActRequest) -> Result<Act, ActFault> {
        use ActRequest as R;
        Ok(match request {
            R::Accept { case } => {
                let (procedure_version, case) = self.case_of(folder, case)?;
                let catalogue = self.catalogue.version().to_owned();
                Act::Accepted { code: self.leased_code()?, procedure_version, catalogue, case }
            }
            R::Refuse { reason } => Act::Refused { reason: words(&reason) },
            R::Ask { reason, items } => {
                Act::Asked { reason: words(&reason), items: items.iter().map(|item| words(item)).collect() }
            }
            R::Supplement => Act::Supplemented,
            R::Route { unit } => Act::Routed { unit },
            R::RequestPayment { amount_dong, reason } => Act::PaymentAsked { amount_dong, reason: words(&reason) },
            R::Paid { amount_dong, reference } => Act::Paid { amount_dong, reference: words(&reference) },
            R::Decide { result } => Act::Decided { result: words(&result) },
            R::Return { to } => Act::Returned { to: words(&to) },
            R::Withdraw { reason } => Act::WithdrawalAsked { reason: words(&reason) },
            R::AnswerWithdrawal { granted, reason } => Act::WithdrawalAnswered { granted, reason: words(&reason) },
            R::Stop { reason } => Act::Stopped { reason: words(&reason) },
            R::Correct { reason } => Act::Corrected { reason: words(&reason) },
            R::Adopt => Act::Adopted,
            R::Settle { stands, reason } => Act::Settled { stands, reason: words(&reason) },
            R::Comment { text, staff_only: _ } => Act::Commented { text: words(&text) },
            R::Vouch { paper } => Act::IdentityVouched { paper: words(&paper) },
            R::Collected { papers } => Act::Collected {
                papers: if papers.is_empty() { counted(folder) } else { papers },
                provisional_code: folder.record.provisional_code.clone().unwrap_or_default(),
            },
        })
    }
}

/// The papers as counted into the document.
fn counted(folder: &Folder) -> Vec<Counted> {
    let cells = effective(&folder.content, &folder.journal);
    let number = |component: &str, what: &str| {
        let path = ContentPath::new(Root::Components, format!("{component}/{what}")).ok()?;
        match cells.get(&path) {
            Some(Scalar::Integer(number)) => u32::try_from(*number).ok(),
            _ => None,
        }
    };
    let mut papers: Vec<Counted> = Vec::new();
    for path in cells.keys().filter(|path| path.root() == Root::Components) {
        let Some((component, "originals" | "copies")) = path.key().rsplit_once('/') else { continue };
        if papers.iter().all(|known| known.component != component) {
            papers.push(Counted {
                component: component.to_owned(),
                originals: number(component, "originals").unwrap_or(0),
                copies: number(component, "copies").unwrap_or(0),
            });
        }
    }
    papers
}
