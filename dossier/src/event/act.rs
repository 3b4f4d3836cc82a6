use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{id::EventId, procedure::Channel};

/// Papers counted at the door against the published list, originals and copies told apart.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Counted {
    /// The component's id.
    #[n(0)]
    pub component: String,
    /// Originals handed over.
    #[n(1)]
    pub originals: u32,
    /// Copies handed over.
    #[n(2)]
    pub copies: u32,
}

/// Everything that can be done to a dossier. Numbers are part of the signed bytes and are never used again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// The applicant, or a postal worker for them, submits it.
    #[n(0)]
    Submitted {
        /// By which way.
        #[n(0)]
        channel: Channel,
        /// The unit that is to receive it; `None` leaves the routing to the Centre.
        #[n(1)]
        unit: Option<String>,
        /// The code printed before any official one; stays a valid alias for ever.
        #[n(2)]
        provisional_code: String,
        /// The procedure's code.
        #[n(3)]
        procedure: String,
        /// The catalogue under which it was filled in.
        #[n(4)]
        catalogue: String,
    },
    /// A postal worker took papers over at the door.
    #[n(1)]
    Collected {
        /// What was counted.
        #[n(0)]
        papers: Vec<Counted>,
        /// The worker's provisional code.
        #[n(1)]
        provisional_code: String,
    },
    /// The desk accepts this version; the clock starts.
    #[n(2)]
    Accepted {
        /// The official code, from a lease the device holds; `None` leaves it to the Centre.
        #[n(0)]
        code: Option<String>,
        /// The procedure's version that governs from now on.
        #[n(1)]
        procedure_version: String,
        /// The catalogue (with its calendar) on the officer's device.
        #[n(2)]
        catalogue: String,
        /// The case (trường hợp) that applies.
        #[n(3)]
        case: String,
    },
    /// The desk does not accept it (form 03).
    #[n(3)]
    Refused {
        /// Why, in words for the applicant.
        #[n(0)]
        reason: String,
    },
    /// Papers or answers are asked for (form 02); the clock pauses.
    #[n(4)]
    Asked {
        /// Why.
        #[n(0)]
        reason: String,
        /// What is missing: field paths or component ids.
        #[n(1)]
        items: Vec<String>,
    },
    /// The applicant gave what was asked for; the clock runs again.
    #[n(5)]
    Supplemented,
    /// Passed to the specialists, perhaps of another unit.
    #[n(6)]
    Routed {
        /// The unit that handles it from now on; `None` keeps it.
        #[n(0)]
        unit: Option<String>,
    },
    /// A payment is owed before work goes on; the clock pauses.
    #[n(7)]
    PaymentAsked {
        /// In đồng.
        #[n(0)]
        amount_dong: u64,
        /// For what.
        #[n(1)]
        reason: String,
    },
    /// A payment was made.
    #[n(8)]
    Paid {
        /// In đồng.
        #[n(0)]
        amount_dong: u64,
        /// The number of the slip or transfer.
        #[n(1)]
        reference: String,
    },
    /// The result is there.
    #[n(9)]
    Decided {
        /// The result in words, with its number.
        #[n(0)]
        result: String,
    },
    /// The result was handed to the applicant.
    #[n(10)]
    Returned {
        /// Who took it, or how it was delivered.
        #[n(0)]
        to: String,
    },
    /// The applicant asks to withdraw.
    #[n(11)]
    WithdrawalAsked {
        /// Why.
        #[n(0)]
        reason: String,
    },
    /// The desk answers a wish to withdraw.
    #[n(12)]
    WithdrawalAnswered {
        /// Granted: the dossier stops. Not granted: it goes on where it was.
        #[n(0)]
        granted: bool,
        /// Why.
        #[n(1)]
        reason: String,
    },
    /// Work stops (form 05).
    #[n(13)]
    Stopped {
        /// Why.
        #[n(0)]
        reason: String,
    },
    /// A result is taken back to be corrected.
    #[n(14)]
    Corrected {
        /// The correcting decision.
        #[n(0)]
        reason: String,
    },
    /// Later edits become part of the accepted version: the event's heads are what counts now.
    #[n(15)]
    Adopted,
    /// One of several contradictory acts stands.
    #[n(16)]
    Settled {
        /// The act that stands.
        #[n(0)]
        stands: EventId,
        /// Why.
        #[n(1)]
        reason: String,
    },
    /// A remark.
    #[n(17)]
    Commented {
        /// The words.
        #[n(0)]
        text: String,
    },
    /// The Centre gives the official code.
    #[n(18)]
    CodeIssued {
        /// The code.
        #[n(0)]
        code: String,
        /// For which acceptance.
        #[n(1)]
        acceptance: EventId,
    },
    /// A postal worker or officer saw the applicant's identity card.
    #[n(19)]
    IdentityVouched {
        /// Kind of paper seen, without its number.
        #[n(0)]
        paper: String,
    },
}

impl Act {
    /// Its name in commands and JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::Collected { .. } => "collected",
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::Asked { .. } => "asked",
            Self::Supplemented => "supplemented",
            Self::Routed { .. } => "routed",
            Self::PaymentAsked { .. } => "payment_asked",
            Self::Paid { .. } => "paid",
            Self::Decided { .. } => "decided",
            Self::Returned { .. } => "returned",
            Self::WithdrawalAsked { .. } => "withdrawal_asked",
            Self::WithdrawalAnswered { .. } => "withdrawal_answered",
            Self::Stopped { .. } => "stopped",
            Self::Corrected { .. } => "corrected",
            Self::Adopted => "adopted",
            Self::Settled { .. } => "settled",
            Self::Commented { .. } => "commented",
            Self::CodeIssued { .. } => "code_issued",
            Self::IdentityVouched { .. } => "identity_vouched",
        }
    }

    /// Only remarks may be kept from the citizen.
    #[must_use]
    pub fn may_be_internal(&self) -> bool {
        matches!(self, Self::Commented { .. })
    }

    /// The reason given, where the law asks for one.
    #[must_use]
    pub fn required_reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason }
            | Self::Asked { reason, .. }
            | Self::PaymentAsked { reason, .. }
            | Self::WithdrawalAsked { reason }
            | Self::WithdrawalAnswered { reason, .. }
            | Self::Stopped { reason }
            | Self::Corrected { reason }
            | Self::Settled { reason, .. } => Some(reason),
            Self::Submitted { .. }
            | Self::Collected { .. }
            | Self::Accepted { .. }
            | Self::Supplemented
            | Self::Routed { .. }
            | Self::Paid { .. }
            | Self::Decided { .. }
            | Self::Returned { .. }
            | Self::Adopted
            | Self::Commented { .. }
            | Self::CodeIssued { .. }
            | Self::IdentityVouched { .. } => None,
        }
    }

    /// The length of the longest text, in bytes.
    #[must_use]
    pub fn longest_text(&self) -> usize {
        let texts: Vec<&str> = match self {
            Self::Submitted { unit, provisional_code, procedure, catalogue, channel: _ } => {
                vec![unit.as_deref().unwrap_or(""), provisional_code, procedure, catalogue]
            }
            Self::Collected { papers, provisional_code } => {
                papers.iter().map(|paper| paper.component.as_str()).chain([provisional_code.as_str()]).collect()
            }
            Self::Accepted { code, procedure_version, catalogue, case } => {
                vec![code.as_deref().unwrap_or(""), procedure_version, catalogue, case]
            }
            Self::Asked { reason, items } => items.iter().chain([reason]).map(String::as_str).collect(),
            Self::Routed { unit } => vec![unit.as_deref().unwrap_or("")],
            Self::Refused { reason }
            | Self::PaymentAsked { reason, .. }
            | Self::WithdrawalAsked { reason }
            | Self::WithdrawalAnswered { reason, .. }
            | Self::Stopped { reason }
            | Self::Corrected { reason }
            | Self::Settled { reason, .. } => vec![reason],
            Self::Paid { reference: text, .. }
            | Self::Decided { result: text }
            | Self::Returned { to: text }
            | Self::Commented { text }
            | Self::CodeIssued { code: text, .. }
            | Self::IdentityVouched { paper: text } => vec![text],
            Self::Supplemented | Self::Adopted => vec![],
        };
        texts.into_iter().map(str::len).max().unwrap_or(0)
    }
}
