//! What each face's list is made of: boards, and the views on them.
//!
//! | board | for | views |
//! |---|---|---|
//! | `mine` | a citizen | what waits for them, what waits for others, what is over |
//! | `today` | a postal worker | stops with something to do, those on their way to the Centre, those of today that are done |
//! | `queue` | a desk | new, asked for a supplement, in work, late, in conflict, amended, done |

use dossier::{deadline::local, event::Channel, state::Status};
use jiff::civil::DateTime;
use serde::Deserialize;

use crate::{
    card::Card,
    due::{Due, DueState, has_ended},
    truth::{TruthFlag, TruthStage},
};

/// A face's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Board {
    /// A citizen's dossiers.
    Mine,
    /// A postal worker's day.
    Today,
    /// A desk's queue: a draft that nobody submitted is not its business yet.
    Queue,
}

/// A card with what is true of it now.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The card.
    pub card: &'a Card,
    /// Whether the Centre holds an item of it back.
    pub is_held: bool,
    /// How it stands to its due date.
    pub due: Due,
    /// Now, in local time.
    pub now: DateTime,
}

/// A view: its name and what belongs to it.
pub type View = (&'static str, fn(&Sight<'_>) -> bool);

const MINE: [View; 4] = [
    ("all", |_| true),
    ("yours", is_yours),
    ("theirs", |sight| !is_yours(sight) && !is_over(sight)),
    ("done", |sight| !is_yours(sight) && is_over(sight)),
];

const TODAY: [View; 5] = [
    ("all", |_| true),
    ("stops", is_of_today),
    ("todo", is_to_do),
    ("unsent", |sight| !is_to_do(sight) && is_on_its_way(sight)),
    ("done", |sight| !is_to_do(sight) && !is_on_its_way(sight) && is_of_today(sight)),
];

const QUEUE: [View; 8] = [
    ("all", |_| true),
    ("new", |sight| sight.status() == Some(Status::Registered)),
    ("supplement", |sight| sight.status() == Some(Status::SupplementAsked)),
    ("working", |sight| {
        let in_work = |status| {
            matches!(status, Status::Accepted | Status::Processing | Status::PaymentAsked | Status::WithdrawalAsked)
        };
        sight.status().is_some_and(in_work)
    }),
    ("late", |sight| sight.due.state == DueState::Late),
    ("conflict", |sight| sight.card.conflicts > 0 || sight.card.disputed),
    ("amended", |sight| sight.card.pending_amendment),
    ("done", |sight| sight.status().is_some_and(has_ended)),
];

impl Board {
    /// The views on it, by name.
    pub fn views(self) -> &'static [View] {
        match self {
            Self::Mine => &MINE,
            Self::Today => &TODAY,
            Self::Queue => &QUEUE,
        }
    }

    /// Whether a dossier is on it at all.
    pub fn has(self, card: &Card) -> bool {
        self != Self::Queue || card.status.is_some()
    }
}

impl Sight<'_> {
    fn status(&self) -> Option<Status> {
        self.card.status.and_then(Status::from_code)
    }

    fn flag(&self, flag: TruthFlag) -> bool {
        self.card.truth.flags.contains(&flag)
    }

    fn is_today(&self, at_ms: Option<i64>) -> bool {
        at_ms.is_some_and(|ms| local(ms).date() == self.now.date())
    }
}

/// The applicant has to do something.
fn is_yours(sight: &Sight<'_>) -> bool {
    matches!(sight.card.truth.stage, TruthStage::Draft | TruthStage::Supplement | TruthStage::Payment)
        || sight.flag(TruthFlag::Conflict)
}

fn is_over(sight: &Sight<'_>) -> bool {
    matches!(sight.card.truth.stage, TruthStage::Returned | TruthStage::Refused | TruthStage::Stopped)
}

/// The battery may die between the submission and the taking over of papers; then there is still something to do.
fn is_hand_in_open(sight: &Sight<'_>) -> bool {
    let card = sight.card;
    card.channel == Some(Channel::Postal.code()) && !card.collected && sight.is_today(card.submitted_ms)
}

fn is_to_do(sight: &Sight<'_>) -> bool {
    matches!(sight.card.truth.stage, TruthStage::Draft | TruthStage::Supplement)
        || sight.flag(TruthFlag::Conflict)
        || sight.flag(TruthFlag::Held)
        || sight.is_held
        || is_hand_in_open(sight)
}

fn is_on_its_way(sight: &Sight<'_>) -> bool {
    matches!(sight.card.truth.stage, TruthStage::Kept | TruthStage::Sending) || sight.flag(TruthFlag::Unsent)
}

fn is_of_today(sight: &Sight<'_>) -> bool {
    sight.is_today(sight.card.submitted_ms) || sight.is_today(Some(sight.card.touched_ms))
}
