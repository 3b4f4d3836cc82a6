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
    text::{fold, lower, tone_fold},
};

use crate::card::Card;

/// Most cards one search answers: more than a person scrolls through.
pub const HITS_MAX: usize = 200;
/// Longest query that is looked at, in characters.
const QUERY_MAX_CHARS: usize = 200;

/// Words by closeness of diacritics: none, tone placement made one, as written.
type Keys = [Vec<String>; 3];

/// All cards with their keys.
#[derive(Debug, Default)]
pub struct Index {
    entries: BTreeMap<DossierId, Entry>,
    /// Keys of procedures' names, made once for all dossiers of a procedure.
    procedures: BTreeMap<String, Arc<Keys>>,
}

#[derive(Debug)]
struct Entry {
    card: Card,
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

impl Entry {
    fn new(card: Card, procedure: Arc<Keys>) -> Self {
        let folded = words(&fold(&text_of(&card)));
        Self { card, folded, closer: OnceLock::new(), procedure }
    }

    /// How well the card answers: closeness of diacritics, then whole words.
    fn rank(&self, asked: &Keys) -> Option<(usize, bool)> {
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

    /// Cards that answer, best first; the latest touched first among equals.
    pub fn search(&self, query: &str) -> Vec<Card> {
        let query: String = query.chars().take(QUERY_MAX_CHARS).collect();
        let asked = keys(&query);
        if asked[0].is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<_> =
            self.entries.values().filter_map(|entry| Some((entry.rank(&asked)?, &entry.card))).collect();
        hits.sort_by(|(a, one), (b, other)| {
            (b, other.touched_ms, other.dossier).cmp(&(a, one.touched_ms, one.dossier))
        });
        hits.into_iter().take(HITS_MAX).map(|(_, card)| card.clone()).collect()
    }
}
