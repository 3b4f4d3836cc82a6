//! Search over cards, with or without diacritics, words of one and two letters included.
//!
//! The keys of every card are made once, when the index is first used, and follow each commit. A query is then a few
//! comparisons per card; two thousand cards are a matter of milliseconds.

use std::collections::BTreeMap;

use dossier::{
    id::DossierId,
    text::{fold, lower, tone_fold},
};

use crate::card::Card;

/// Most cards one search answers: more than a person scrolls through.
pub const HITS_MAX: usize = 200;
/// Longest query that is looked at, in characters.
const QUERY_MAX_CHARS: usize = 200;

/// All cards with their keys.
#[derive(Debug)]
pub struct Index(BTreeMap<DossierId, Entry>);

#[derive(Debug)]
struct Entry {
    card: Card,
    /// What may be searched, by closeness of diacritics: none, tone placement made one, as written.
    words: [Vec<String>; 3],
}

fn words(key: &str) -> Vec<String> {
    key.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn keys(text: &str) -> [Vec<String>; 3] {
    [words(&fold(text)), words(&tone_fold(text)), words(&lower(text))]
}

/// Whether every asked word is a word of the text or the beginning of one; if so, whether all are whole words.
fn holds(asked: &[String], text: &[String]) -> Option<bool> {
    let mut whole = true;
    for word in asked {
        if text.contains(word) {
            continue;
        }
        whole = false;
        if !text.iter().any(|known| known.starts_with(word.as_str())) {
            return None;
        }
    }
    Some(whole)
}

impl Entry {
    fn new(card: Card) -> Self {
        let mut text = String::new();
        let codes = card.code.iter().chain(&card.provisional_code).chain(&card.aliases).chain(&card.procedure);
        for part in card.applicant.iter().chain(&card.subject).chain([&card.procedure_name]).chain(codes) {
            text.push_str(part);
            text.push(' ');
        }
        let words = keys(&text);
        Self { card, words }
    }

    /// How well the card answers: closeness of diacritics, then whole words, then the person before the procedure.
    fn rank(&self, asked: &[Vec<String>; 3]) -> Option<(usize, bool)> {
        let folded = holds(&asked[0], &self.words[0])?;
        let closer = (1..3).rev().find_map(|level| Some((level, holds(&asked[level], &self.words[level])?)));
        Some(closer.unwrap_or((0, folded)))
    }
}

impl Index {
    /// The index of these cards.
    pub fn new(cards: impl Iterator<Item = Card>) -> Self {
        Self(cards.map(|card| (card.dossier, Entry::new(card))).collect())
    }

    /// Takes the new state of a card.
    pub fn follow(&mut self, card: Card) {
        self.0.insert(card.dossier, Entry::new(card));
    }

    /// Lets go of a card.
    pub fn forget(&mut self, dossier: &DossierId) {
        self.0.remove(dossier);
    }

    /// All cards, by id.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.0.values().map(|entry| &entry.card)
    }

    /// Cards that answer, best first; the latest touched first among equals.
    pub fn search(&self, query: &str) -> Vec<Card> {
        let query: String = query.chars().take(QUERY_MAX_CHARS).collect();
        let asked = keys(&query);
        if asked[0].is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<_> = self.0.values().filter_map(|entry| Some((entry.rank(&asked)?, &entry.card))).collect();
        hits.sort_by(|(a, one), (b, other)| {
            (b, other.touched_ms, other.dossier).cmp(&(a, one.touched_ms, one.dossier))
        });
        hits.into_iter().take(HITS_MAX).map(|(_, card)| card.clone()).collect()
    }
}
