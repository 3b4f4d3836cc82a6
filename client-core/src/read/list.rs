//! Lists: the part of a board that a screen shows, answered from the index in memory.
//!
//! A screen that shows ten of two thousand dossiers asks for a window on them and for what it needs of the whole: how
//! many there are, in this view and in the others, and where a dossier stands.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
};

use dossier::{deadline::local, id::DossierId, text::sort_key};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::{
    card::Card,
    device::Device,
    due::DueState,
    read::{
        ReadFault,
        board::{Board, Sight, View},
        search::{Asked, Entry, Rank},
    },
};

/// Most cards one search answers: more than a person scrolls through.
pub const HITS_MAX: usize = 200;

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The latest touched first.
    #[default]
    Touched,
    /// The first due first; of those the first submitted; those without a date last.
    Due,
    /// The latest submitted first.
    Submitted,
    /// By the person's name, as a Vietnamese register lists them; those without one last.
    Name,
}

/// Which dossiers to list, and which part of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Only what is on this board; everything if absent.
    pub board: Option<Board>,
    /// Only what is in this view of the board, by its name.
    pub view: Option<String>,
    /// Only this status, 1–10; 0 means drafts.
    pub status: Option<u8>,
    /// Only this procedure's code.
    pub procedure: Option<String>,
    /// Only this channel, 1–3.
    pub channel: Option<u8>,
    /// Only those that stand so to their due date.
    pub due: Option<DueState>,
    /// Only those with something the Centre has not signed for.
    pub only_unsent: bool,
    /// Only those whose codes, people or procedure hold every word, with or without diacritics, best first.
    pub text: Option<String>,
    /// In which order; what is searched for comes as well as it fits.
    pub order: Order,
    /// A dossier whose place in the list is wanted.
    pub near: Option<DossierId>,
    /// The place of the first card to answer.
    pub from: usize,
    /// At most so many cards; all if absent.
    pub count: Option<usize>,
}

/// A part of a list, and what is to be said of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// How many dossiers the whole list has.
    pub total: usize,
    /// The place of the first card.
    pub from: usize,
    /// The cards from there on.
    pub cards: Vec<Card>,
    /// How many dossiers each view of the board has, whatever else was asked.
    pub counts: BTreeMap<&'static str, usize>,
    /// The place of the dossier that was asked for, if it is in the list.
    pub at: Option<usize>,
}

/// A procedure of which there are dossiers here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcedureHere {
    /// Its code.
    pub code: String,
    /// Its Vietnamese name.
    pub name: String,
}

impl ListQuery {
    /// The view that is meant. Faults: a name that the board does not have.
    fn meant(&self) -> Result<Option<&'static View>, ReadFault> {
        let Some(name) = &self.view else { return Ok(None) };
        let known = self.board.and_then(|board| board.views().iter().find(|(known, _)| known == name));
        known.map(Some).ok_or(ReadFault::NoView)
    }

    fn fits(&self, sight: &Sight<'_>) -> bool {
        let card = sight.card;
        self.status.is_none_or(|status| card.status.unwrap_or(0) == status)
            && self.procedure.as_ref().is_none_or(|code| card.procedure.as_ref() == Some(code))
            && self.channel.is_none_or(|channel| card.channel == Some(channel))
            && self.due.is_none_or(|due| sight.due.state == due)
            && (!self.only_unsent || card.unsent + card.unsealed > 0)
    }
}

impl Order {
    fn compare(self, one: &Entry, other: &Entry) -> Ordering {
        match self {
            Self::Touched => Ordering::Equal,
            Self::Due => {
                let key = |entry: &Entry| (entry.due_at.is_none(), entry.due_at, entry.card.submitted_ms);
                key(one).cmp(&key(other))
            }
            Self::Submitted => other.card.submitted_ms.cmp(&one.card.submitted_ms),
            Self::Name => one.name_key().cmp(other.name_key()),
        }
    }
}

fn newest(card: &Card) -> Reverse<(i64, DossierId)> {
    Reverse((card.touched_ms, card.dossier))
}

/// The card as it is shown now.
fn laid_over(sight: &Sight<'_>) -> Card {
    let mut card = sight.card.clone();
    card.due = sight.due;
    if sight.is_held {
        card.truth.hold();
    }
    card
}

fn sight<'a>(entry: &'a Entry, held: &BTreeSet<DossierId>, now: DateTime) -> Sight<'a> {
    Sight { card: &entry.card, is_held: held.contains(&entry.card.dossier), due: entry.due(now), now }
}

impl Device {
    pub(crate) fn list_cards(&mut self, query: &ListQuery) -> Result<Listed, ReadFault> {
        let view = query.meant()?;
        let (held, now) = (self.quarantined(&[])?, local(self.now_ms()));
        let asked = query.text.as_deref().and_then(Asked::of);
        let views = query.board.map_or(&[][..], Board::views);
        let mut counts = vec![0; views.len()];
        let mut found: Vec<(Rank, &Entry, Sight<'_>)> = Vec::new();
        for entry in self.index()?.entries() {
            if query.board.is_some_and(|board| !board.has(&entry.card)) {
                continue;
            }
            let sight = sight(entry, &held, now);
            views.iter().zip(&mut counts).for_each(|((_, has), count)| *count += usize::from(has(&sight)));
            if !view.is_none_or(|(_, has)| has(&sight)) || !query.fits(&sight) {
                continue;
            }
            let rank = asked.as_ref().map_or(Some(Rank::default()), |asked| entry.rank(asked));
            found.extend(rank.map(|rank| (rank, entry, sight)));
        }
        found.sort_unstable_by(|(a, one, _), (b, other, _)| {
            let chosen = || if asked.is_some() { Ordering::Equal } else { query.order.compare(one, other) };
            b.cmp(a).then_with(chosen).then_with(|| newest(&one.card).cmp(&newest(&other.card)))
        });
        let from = query.from.min(found.len());
        let window = found[from..].iter().take(query.count.unwrap_or(usize::MAX));
        Ok(Listed {
            total: found.len(),
            from,
            cards: window.map(|(.., sight)| laid_over(sight)).collect(),
            counts: views.iter().map(|(name, _)| *name).zip(counts).collect(),
            at: query.near.and_then(|near| found.iter().position(|(_, entry, _)| entry.card.dossier == near)),
        })
    }

    pub(crate) fn search_cards(&mut self, text: &str) -> Result<Vec<Card>, ReadFault> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let text = Some(text.to_owned());
        Ok(self.list_cards(&ListQuery { text, count: Some(HITS_MAX), ..ListQuery::default() })?.cards)
    }

    pub(crate) fn card_here(&mut self, dossier: &DossierId) -> Result<Option<Card>, ReadFault> {
        let (held, now) = (self.quarantined(dossier.as_bytes())?, local(self.now_ms()));
        Ok(self.index()?.entry(dossier).map(|entry| laid_over(&sight(entry, &held, now))))
    }

    pub(crate) fn procedures_of(&mut self, board: Board) -> Result<Vec<ProcedureHere>, ReadFault> {
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for card in self.index()?.cards().filter(|card| board.has(card)) {
            names.extend(card.procedure.as_deref().map(|code| (code, card.procedure_name.as_str())));
        }
        let mut here: Vec<ProcedureHere> = names
            .into_iter()
            .map(|(code, name)| ProcedureHere { code: code.to_owned(), name: name.to_owned() })
            .collect();
        here.sort_by_cached_key(|procedure| sort_key(&procedure.name));
        Ok(here)
    }
}

#[cfg(test)]
mod tests;
