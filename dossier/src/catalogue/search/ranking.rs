//! How well the texts of one procedure answer a query.

use super::MatchedIn;
use crate::text;

/// A text of the index, its words in three writings of the same length.
#[derive(Debug)]
pub struct Phrase {
    words: Vec<Word>,
}

/// A word as typed (lower case), with its tone mark in one place, and without diacritics.
#[derive(Debug)]
struct Word {
    exact: String,
    tone_folded: String,
    folded: String,
}

impl Phrase {
    pub fn new(text: &str) -> Self {
        let exact = text::lower(text);
        let words = exact.split(' ').filter(|word| !word.is_empty()).map(Word::new).collect();
        Self { words }
    }

    pub fn folded_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.folded.as_str())
    }
}

impl Word {
    fn new(exact: &str) -> Self {
        Self { tone_folded: text::tone_fold(exact), folded: text::fold(exact), exact: exact.to_owned() }
    }

    /// 0 as typed, 1 tone-folded, 2 folded; a whole word only unless `prefix`.
    fn tier(&self, asked: &Self, prefix: bool) -> Option<u32> {
        let agrees = |known: &str, asked: &str| if prefix { known.starts_with(asked) } else { known == asked };
        // Most words disagree already without diacritics, so that is asked first.
        if !agrees(&self.folded, &asked.folded) {
            None
        } else if agrees(&self.exact, &asked.exact) {
            Some(0)
        } else if agrees(&self.tone_folded, &asked.tone_folded) {
            Some(1)
        } else {
            Some(2)
        }
    }
}

/// How the words of a query stand in a text.
struct Stand {
    /// One after another in the same order.
    together: bool,
    /// At the beginning of the text.
    at_start: bool,
    /// The last word is a whole word of the text.
    last_is_whole: bool,
    /// Words of the text beyond those asked for.
    left_over: u32,
}

/// A query made ready.
pub struct Query {
    words: Vec<Word>,
}

impl Query {
    pub fn new(query: &str) -> Self {
        Self { words: Phrase::new(query).words }
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    pub fn folded_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.folded.as_str())
    }

    /// The best answer among the texts: one text with all words, or all texts together.
    pub fn judge(&self, phrases: &[(MatchedIn, Phrase)]) -> Option<(MatchedIn, u32)> {
        let in_one = phrases.iter().filter_map(|(place, phrase)| {
            let (tier, stand) = self.within(phrase)?;
            Some((*place, rank(tier, *place, stand)))
        });
        in_one.min_by_key(|(_, rank)| *rank).or_else(|| {
            let tiers: Option<Vec<u32>> = (self.words.iter().enumerate())
                .map(|(at, asked)| {
                    let all = phrases.iter().flat_map(|(_, phrase)| &phrase.words);
                    all.filter_map(|known| known.tier(asked, at + 1 == self.words.len())).min()
                })
                .collect();
            let worst = tiers?.into_iter().max()?;
            let stand = Stand { together: false, at_start: false, last_is_whole: true, left_over: 0 };
            Some((MatchedIn::Several, rank(worst, MatchedIn::Several, stand)))
        })
    }

    /// Whether one text holds all words: the worst tier, and how the words stand in it.
    fn within(&self, phrase: &Phrase) -> Option<(u32, Stand)> {
        let mut worst = 0;
        for (at, asked) in self.words.iter().enumerate() {
            let prefix = at + 1 == self.words.len();
            worst = worst.max(phrase.words.iter().filter_map(|known| known.tier(asked, prefix)).min()?);
        }
        let together = (0..phrase.words.len()).find(|start| {
            self.words.iter().enumerate().all(|(at, asked)| {
                let prefix = at + 1 == self.words.len();
                phrase.words.get(start + at).is_some_and(|known| known.tier(asked, prefix).is_some())
            })
        });
        let last_is_whole =
            self.words.last().is_some_and(|asked| phrase.words.iter().any(|known| known.tier(asked, false).is_some()));
        let left_over = phrase.words.len().saturating_sub(self.words.len());
        let stand = Stand {
            together: together.is_some(),
            at_start: together == Some(0),
            last_is_whole,
            left_over: u32::try_from(left_over).unwrap_or(u32::MAX),
        };
        Some((worst, stand))
    }
}

/// Smaller is better: tier, then together before scattered, then place, then the finer points. The digits stay apart:
/// place takes up to 5 × 500, the beginning 100, an unfinished last word 50, words left over up to 49.
fn rank(tier: u32, place: MatchedIn, stand: Stand) -> u32 {
    let place = match place {
        MatchedIn::Code => 0,
        MatchedIn::Name => 1,
        MatchedIn::Synonym => 2,
        MatchedIn::LifeEvent => 3,
        MatchedIn::Sector => 4,
        MatchedIn::Several => 5,
    };
    let scattered = if stand.together { 0 } else { 5_000 };
    let finer = u32::from(!stand.at_start) * 100 + u32::from(!stand.last_is_whole) * 50 + stand.left_over.min(49);
    (tier + 1) * 10_000 + scattered + place * 500 + finer
}
