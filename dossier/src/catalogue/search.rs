//! Search over procedures, with or without diacritics, words of two letters included.
//!
//! The index maps each folded word of each procedure's texts to the procedures that hold it. Every word of a query must
//! be found; the last may be the beginning of a word, because the person is still typing. Only procedures that hold all
//! words are looked at closely.

mod ranking;

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{LifeEvent, Sector};
use crate::procedure::{Procedure, ProcedureCode};
use crate::text;
use ranking::{Phrase, Query};

/// Most hits one search gives: more than a person scrolls through.
pub const HITS_MAX: usize = 100;
/// Longest query that is looked at, in characters.
const QUERY_MAX_CHARS: usize = 200;

/// One procedure that answers a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Code of the procedure.
    pub code: ProcedureCode,
    /// How well it answers, smaller is better: first by how exactly the diacritics agree (as typed, tone mark placed
    /// otherwise, none), then by whether the words stand together, then by where (code, name, synonym, life event,
    /// sector, several), then by whether they stand at the beginning and how much else the text says.
    pub rank: u32,
    /// Name in Vietnamese.
    pub name: String,
    /// Where it was found.
    pub matched: MatchedIn,
}

/// Where the words of a query were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchedIn {
    /// The code.
    Code,
    /// The official name.
    Name,
    /// A word of everyday speech.
    Synonym,
    /// An event of life.
    LifeEvent,
    /// The sector or its synonyms.
    Sector,
    /// Some words here, some there.
    Several,
}

/// Made once for a catalogue.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    /// Folded word to the places of entries, ascending.
    words: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Entry {
    code: ProcedureCode,
    name: String,
    /// Digits of the code without its dot.
    digits: String,
    phrases: Vec<(MatchedIn, Phrase)>,
}

impl Index {
    /// The index of procedures.
    pub fn new<'a>(
        procedures: impl Iterator<Item = &'a Procedure>,
        sectors: &[Sector],
        life_events: &[LifeEvent],
    ) -> Self {
        let mut entries = Vec::new();
        let mut words: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, procedure) in procedures.enumerate() {
            let entry = Entry::new(procedure, sectors, life_events);
            let own: BTreeSet<&str> = entry.phrases.iter().flat_map(|(_, phrase)| phrase.folded_words()).collect();
            for word in own {
                match words.get_mut(word) {
                    Some(places) => places.push(place),
                    None => {
                        words.insert(word.to_owned(), vec![place]);
                    }
                }
            }
            entries.push(entry);
        }
        Self { entries, words }
    }

    /// Procedures that answer, best first.
    pub fn search(&self, query: &str) -> Vec<Hit> {
        let query: String = query.chars().take(QUERY_MAX_CHARS).collect();
        let mut hits = self.by_code(&query);
        if hits.is_empty() {
            let asked = Query::new(&query);
            for place in self.candidates(&asked) {
                if let Some(entry) = self.entries.get(place)
                    && let Some((matched, rank)) = asked.judge(&entry.phrases)
                {
                    hits.push(entry.hit(matched, rank));
                }
            }
        }
        hits.sort_by(|a, b| (a.rank, &a.name, &a.code).cmp(&(b.rank, &b.name, &b.code)));
        hits.truncate(HITS_MAX);
        hits
    }

    /// A query of digits and dots is a code or its beginning, with or without the first digit.
    fn by_code(&self, query: &str) -> Vec<Hit> {
        let digits: String = query.chars().filter(char::is_ascii_digit).collect();
        let only_code = query.trim().chars().all(|c| c.is_ascii_digit() || c == '.' || c == ' ');
        if digits.is_empty() || !only_code {
            return Vec::new();
        }
        let rank_of = |entry: &Entry| match &entry.digits {
            whole if *whole == digits => Some(0),
            whole if whole.starts_with(&digits) => Some(1),
            whole if whole.get(1..).is_some_and(|serial| serial.starts_with(&digits)) => Some(2),
            _ => None,
        };
        self.entries.iter().filter_map(|entry| rank_of(entry).map(|rank| entry.hit(MatchedIn::Code, rank))).collect()
    }

    /// Places of the entries that hold every word.
    fn candidates(&self, query: &Query) -> BTreeSet<usize> {
        let mut found: Option<BTreeSet<usize>> = None;
        for (at, word) in query.folded_words().enumerate() {
            let places: BTreeSet<usize> = if at + 1 == query.len() {
                let from_word = self.words.range(word.to_owned()..);
                from_word.take_while(|(known, _)| known.starts_with(word)).flat_map(|(_, p)| p).copied().collect()
            } else {
                self.words.get(word).into_iter().flatten().copied().collect()
            };
            found = Some(match found {
                None => places,
                Some(earlier) => earlier.intersection(&places).copied().collect(),
            });
        }
        found.unwrap_or_default()
    }
}

impl Entry {
    fn new(procedure: &Procedure, sectors: &[Sector], life_events: &[LifeEvent]) -> Self {
        let mut phrases = vec![(MatchedIn::Name, Phrase::new(&procedure.name.vi))];
        phrases.extend(procedure.synonyms.iter().map(|text| (MatchedIn::Synonym, Phrase::new(text))));
        phrases.push((MatchedIn::Synonym, Phrase::new(&procedure.name.en)));
        for event in life_events.iter().filter(|event| procedure.life_events.contains(&event.id)) {
            phrases.push((MatchedIn::LifeEvent, Phrase::new(&event.name.vi)));
            phrases.push((MatchedIn::LifeEvent, Phrase::new(&event.name.en)));
        }
        if let Some(sector) = sectors.iter().find(|sector| sector.id == procedure.sector) {
            phrases.push((MatchedIn::Sector, Phrase::new(&sector.name.vi)));
            phrases.extend(sector.synonyms.iter().map(|text| (MatchedIn::Sector, Phrase::new(text))));
        }
        let digits = procedure.code.base().chars().filter(char::is_ascii_digit).collect();
        Self { code: procedure.code.clone(), name: text::nfc(&procedure.name.vi), digits, phrases }
    }

    fn hit(&self, matched: MatchedIn, rank: u32) -> Hit {
        Hit { code: self.code.clone(), rank, name: self.name.clone(), matched }
    }
}
