//! Whether a word can be a Vietnamese syllable: the judge of whether a repaired text makes more sense than the raw one.

use std::{collections::HashSet, sync::LazyLock};

use super::letters::{Letter, Tone, letters};

/// Consonants that can begin a syllable; the empty one is tried last.
const ONSETS: [&str; 28] = [
    "ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

/// Every rhyme of the language without its tone, parted by spaces.
const RHYMES: &str = "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet oi om on ong ooc oong op ot \
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt \
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt uynh \
    uyp uyt uyu ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu";

/// The same to look up: a text of 64 kB has thirteen thousand words.
static KNOWN_RHYMES: LazyLock<HashSet<&str>> = LazyLock::new(|| RHYMES.split_ascii_whitespace().collect());

/// A word of more characters is no syllable.
const MAX_CHARACTERS: usize = 21;

/// Whether `word` (any case, NFC) can be one Vietnamese syllable: known consonants, a known rhyme, at most one tone, and
/// only sắc or nặng before a final c, ch, p or t.
pub(super) fn is_syllable(word: &str) -> bool {
    // The longest has seven letters; with marks that stand apart, three times as many characters.
    if word.chars().nth(MAX_CHARACTERS).is_some() {
        return false;
    }
    let lower: String = word.chars().flat_map(char::to_lowercase).collect();
    let letters = letters(&lower);
    let mut tones = letters.iter().map(|letter| letter.tone).filter(|tone| *tone != Tone::Ngang);
    let tone = tones.next().unwrap_or(Tone::Ngang);
    if tones.next().is_some() || letters.is_empty() {
        return false;
    }
    let toneless: String = letters.iter().map(|Letter { base, .. }| *base).collect();
    let stopped = ["c", "ch", "p", "t"].iter().any(|end| toneless.ends_with(end));
    if stopped && !matches!(tone, Tone::Sac | Tone::Nang) {
        return false;
    }
    ONSETS.iter().filter_map(|onset| toneless.strip_prefix(onset)).any(|rhyme| KNOWN_RHYMES.contains(rhyme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in
            "Thủ Dầu Một phường Nguyễn Hòa hoà quý Quốc gì giếng nghĩa khuỷu Thuỷ Đường xã ƯƠNG Yến khuya".split(' ')
        {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["Mỹller", "cafộ", "thß", "hßa", "bcd", "một2", "", "tốò", "các̀", "street", "hoc"] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
