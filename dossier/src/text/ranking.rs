//! How well a text answers a search.

use super::{fold, lower, tone_fold};

/// How close the diacritics are; greater is closer (domain §7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Only the letters without diacritics agree: `dau` for `Dầu`.
    Folded,
    /// The diacritics agree up to where the tone mark is written: `hoà` for `Hòa`.
    ToneFolded,
    /// Every diacritic agrees as typed; case does not count.
    Exact,
}

/// A hit; greater is better. Closeness of diacritics counts before wholeness of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Match {
    /// How close the diacritics are.
    pub rank: Rank,
    /// Every word of the query is a whole word of the text, not only the beginning of one.
    pub whole_words: bool,
}

/// A query made ready to be held against many texts.
///
/// Every word of the query must be a word of the text or the beginning of one, in any order. Words of one and two
/// letters count like any other: "An", "Y", "Lê" are names.
#[derive(Clone)]
pub struct Needle {
    exact: Vec<String>,
    tone_folded: Vec<String>,
    folded: Vec<String>,
}

impl Needle {
    /// Prepares a query. A query without a letter or digit matches nothing.
    #[must_use]
    pub fn new(query: &str) -> Needle {
        Needle { exact: split(&lower(query)), tone_folded: split(&tone_fold(query)), folded: split(&fold(query)) }
    }

    /// How well `text` answers, or `None` when some word of the query is missing.
    #[must_use]
    pub fn matches(&self, text: &str) -> Option<Match> {
        let whole_folded = hit(&self.folded, &fold(text))?;
        let closer = |rank, words: &[String], key: &str| hit(words, key).map(|whole_words| Match { rank, whole_words });
        closer(Rank::Exact, &self.exact, &lower(text))
            .or_else(|| closer(Rank::ToneFolded, &self.tone_folded, &tone_fold(text)))
            .or(Some(Match { rank: Rank::Folded, whole_words: whole_folded }))
    }
}

/// The rank of one text for one query; use a [`Needle`] for many.
#[must_use]
pub fn rank(query: &str, text: &str) -> Option<Rank> {
    Needle::new(query).matches(text).map(|found| found.rank)
}

fn split(key: &str) -> Vec<String> {
    key.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether all words are found, and if so whether all as whole words.
fn hit(words: &[String], key: &str) -> Option<bool> {
    if words.is_empty() {
        return None;
    }
    let text: Vec<&str> = key.split(' ').collect();
    let mut whole = true;
    for word in words {
        if text.contains(&word.as_str()) {
            continue;
        }
        whole = false;
        if !text.iter().any(|candidate| candidate.starts_with(word.as_str())) {
            return None;
        }
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closer_diacritics_rank_higher() {
        assert_eq!(rank("Thủ Dầu", "Phường Thủ Dầu Một"), Some(Rank::Exact));
        assert_eq!(rank("hoà lợi", "Phường Hòa Lợi"), Some(Rank::ToneFolded));
        assert_eq!(rank("hoa loi", "Phường Hòa Lợi"), Some(Rank::Folded));
        assert_eq!(rank("hoá lợi", "Phường Hòa Lợi"), Some(Rank::Folded));
        assert_eq!(rank("hoa loi x", "Phường Hòa Lợi"), None);
        assert!(Rank::Exact > Rank::ToneFolded && Rank::ToneFolded > Rank::Folded);
    }

    #[test]
    fn short_words_match() {
        assert_eq!(rank("di an", "Phường Dĩ An"), Some(Rank::Folded));
        assert_eq!(rank("y", "Y Blơ Êban"), Some(Rank::Exact));
        assert_eq!(rank("", "Phường Dĩ An"), None);
        assert_eq!(rank("...", "Phường Dĩ An"), None);
    }

    #[test]
    fn whole_words_come_before_beginnings_of_the_same_rank() {
        let needle = Needle::new("an");
        let whole = needle.matches("Dĩ An").unwrap();
        let beginning = needle.matches("Anh Hà").unwrap();
        assert!(whole > beginning);
        assert!(needle.matches("Án Mạng").unwrap() < beginning);
    }
}
