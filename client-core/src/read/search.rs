//! Search over cards, with or without diacritics, words of one and two letters included.
//!
//! The keys of every card are made once, when the index is first used, and follow each commit. A query is then a few
//! comparisons per card; two thousand cards are a matter of milliseconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use dossier::{
    id::DossierId,
    state::Status,
    text::{fold, lower, name_sort_key, sort_key, tone_fold},
};
use jiff::civil::DateTime;

use crate::{card::Card, due::Due};

/// Longest query that is looked at, in characters.
const QUERY_MAX_CHARS: usize = 200;
/// `2026-11-27T17:00:00`.
const LOCAL_CHARS: usize = 19;

/// Words by closeness of diacritics: none, tone placement made one, as written.
type Keys = [Vec<String>; 3];

/// All cards with their keys.
#[derive(Debug, Default)]
pub struct Index {
    entries: BTreeMap<DossierId, Entry>,
    /// Keys of procedures' names, made once for all dossiers of a procedure.
    procedures: BTreeMap<String, Arc<Keys>>,
}

/// How well a card answers: closeness of diacritics, then whole words.
pub type Rank = (usize, bool);

/// What somebody searches for.
#[derive(Debug)]
pub struct Asked(Keys);

/// How the names of organisations begin; these are ordered as they are written.
const ORGANISATIONS: [&str; 9] = [
    "công ty ",
    "doanh nghiệp ",
    "hợp tác xã ",
    "hộ kinh doanh ",
    "chi nhánh ",
    "trường ",
    "ngân hàng ",
    "ủy ban ",
    "uỷ ban ",
];

/// A card with what lists need of it.
#[derive(Debug)]
pub struct Entry {
    /// The card as it is stored.
    pub card: Card,
    /// When the result is due, in local time.
    pub due_at: Option<DateTime>,
    /// What orders it by name. Made when it is first ordered so.
    name_key: OnceLock<(bool, Vec<u8>)>,
    /// Names and codes without diacritics: what decides whether the card answers.
    folded: Vec<String>,
    /// The same, closer to what was written: what decides how well. Made when the card first answers.
    closer: OnceLock<[Vec<String>; 2]>,
    procedure: Arc<Keys>,
}

fn words(key: &str) -> Vec<String> {
    key.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn keys(text: &str) -> Keys {
    [words(&fold(text)), words(&tone_fold(text)), words(&lower(text))]
}

/// Whether every asked word is a word of the texts or the beginning of one; if so, whether all are whole words.
fn holds(asked: &[String], texts: [&[String]; 2]) -> Option<bool> {
    let mut whole = true;
    for word in asked {
        if texts.iter().any(|text| text.contains(word)) {
            continue;
        }
        whole = false;
        if !texts.iter().any(|text| text.iter().any(|known| known.starts_with(word.as_str()))) {
            return None;
        }
    }
    Some(whole)
}

/// Names and codes of a card in one text.
fn text_of(card: &Card) -> String {
    let codes = card.code.iter().chain(&card.provisional_code).chain(&card.aliases).chain(&card.procedure);
    let parts: Vec<&str> = card.applicant.iter().chain(&card.subject).chain(codes).map(String::as_str).collect();
    parts.join(" ")
}

impl Asked {
    /// What a text asks for; nothing if it is blank.
    pub fn of(text: &str) -> Option<Self> {
        let text: String = text.chars().take(QUERY_MAX_CHARS).collect();
        (!text.trim().is_empty()).then(|| Self(keys(&text)))
    }
}

impl Entry {
    fn new(card: Card, procedure: Arc<Keys>) -> Self {
        let folded = words(&fold(&text_of(&card)));
        // What follows the seconds is the zone, which is always the office's.
        let due_at = card.due_at.as_deref().and_then(|at| at.get(..LOCAL_CHARS)?.parse().ok());
        Self { card, due_at, name_key: OnceLock::new(), folded, closer: OnceLock::new(), procedure }
    }

    /// How the dossier stands to its due date, now in local time.
    pub fn due(&self, now: DateTime) -> Due {
        let status = self.card.status.and_then(Status::from_code);
        Due::of(status, self.card.accepted_ms.is_some(), self.due_at, now)
    }

    /// Orders dossiers by the person they are about; those without a name last.
    pub fn name_key(&self) -> &(bool, Vec<u8>) {
        self.name_key.get_or_init(|| {
            let names = [&self.card.subject, &self.card.applicant];
            let name = names.into_iter().flatten().find(|name| !name.trim().is_empty());
            let lowered = name.map(|name| lower(name)).unwrap_or_default();
            let is_organisation = ORGANISATIONS.iter().any(|begin| lowered.starts_with(begin));
            let key = if is_organisation { sort_key } else { name_sort_key };
            (name.is_none(), name.map(|name| key(name)).unwrap_or_default())
        })
    }

    /// How well the card answers.
    pub fn rank(&self, Asked(asked): &Asked) -> Option<Rank> {
        if asked[0].is_empty() {
            return None;
        }
        let folded = holds(&asked[0], [&self.folded, &self.procedure[0]])?;
        let closer = self.closer.get_or_init(|| {
            let text = text_of(&self.card);
            [words(&tone_fold(&text)), words(&lower(&text))]
        });
        let level = |level: usize| holds(&asked[level], [&closer[level - 1], &self.procedure[level]]);
        Some((1..3).rev().find_map(|at| Some((at, level(at)?))).unwrap_or((0, folded)))
    }
}

impl Index {
    /// The index of these cards.
    pub fn new(cards: impl Iterator<Item = Card>) -> Self {
        let mut index = Self::default();
        cards.for_each(|card| index.follow(card));
        index
    }

    /// Takes the new state of a card.
    pub fn follow(&mut self, card: Card) {
        let procedure = match self.procedures.get(&card.procedure_name) {
            Some(known) => Arc::clone(known),
            None => {
                let made = Arc::new(keys(&card.procedure_name));
                self.procedures.insert(card.procedure_name.clone(), Arc::clone(&made));
                made
            }
        };
        self.entries.insert(card.dossier, Entry::new(card, procedure));
    }

    /// Lets go of a card.
    pub fn forget(&mut self, dossier: &DossierId) {
        self.entries.remove(dossier);
    }

    /// All cards, by id.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.entries.values().map(|entry| &entry.card)
    }

    /// All cards with what lists need of them, by id.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// One of them.
    pub fn entry(&self, dossier: &DossierId) -> Option<&Entry> {
        self.entries.get(dossier)
    }
}
