//! Search keys. Nothing here is stored in place of the text.

use super::canonical::Canonical;
use super::letters::{letters, place_tones, write};
use super::{bounded, nfc};
use unicode_normalization::char::is_combining_mark;

/// Lower case in NFC, with words parted by single spaces: the key for matches with every diacritic as typed.
#[must_use]
pub fn lower(text: &str) -> String {
    words(&nfc(bounded(text)).chars().flat_map(char::to_lowercase).nfc().collect::<String>())
}

/// Like [`lower`], with both lawful tone placements made one: `hoà` and `hòa`, `thuỷ` and `thủy`; `quý` stays.
#[must_use]
pub fn tone_fold(text: &str) -> String {
    let mut letters = letters(&lower(text));
    place_tones(&mut letters);
    write(&letters)
}

/// The key without diacritics: decomposed, marks dropped, `đ` to `d`, lower case, everything that is neither letter nor
/// digit a single space. "Thủ Dầu Một" gives `thu dau mot`.
#[must_use]
pub fn fold(text: &str) -> String {
    let bare: String = nfc(bounded(text))
        .chars()
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect();
    words(&bare)
}

/// Letters, digits and marks in words parted by single spaces.
fn words(text: &str) -> String {
    let parted = |c: char| !(c.is_alphanumeric() || is_combining_mark(c));
    text.split(parted).filter(|word| word.contains(char::is_alphanumeric)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding_drops_every_diacritic() {
        assert_eq!(fold("Thủ Dầu Một"), "thu dau mot");
        assert_eq!(fold("  ĐẶNG—Văn  Ðức, số 12/3 "), "dang van duc so 12 3");
        assert_eq!(fold("Y Blơ Êban"), "y blo eban");
        assert_eq!(fold("\u{200b}..."), "");
    }

    #[test]
    fn both_tone_placements_meet() {
        for (new, old) in [
            ("hoà", "hòa"),
            ("Hoá", "hóa"),
            ("khoẻ", "khỏe"),
            ("thuỷ", "thủy"),
            ("THUÝ", "thúy"),
            ("loè", "lòe"),
            ("uý", "úy"),
            ("xã Hoà Phú", "xã hòa phú"),
        ] {
            assert_eq!(tone_fold(new), old);
            assert_eq!(tone_fold(old), old);
        }
    }

    #[test]
    fn tones_that_are_not_variants_stay() {
        assert_eq!(tone_fold("quý"), "quý");
        assert_eq!(tone_fold("qúy"), "qúy");
        assert_eq!(tone_fold("Hoàn toàn ngoài Huế thuở"), "hoàn toàn ngoài huế thuở");
        assert_ne!(tone_fold("Lý"), tone_fold("Lí"));
        assert_ne!(tone_fold("hòa"), tone_fold("hóa"));
    }

    #[test]
    fn a_hostile_length_is_cut_at_a_character() {
        let long = "đ".repeat(super::super::MAX_TEXT_BYTES);
        assert_eq!(fold(&long).len(), super::super::MAX_TEXT_BYTES / 2);
    }

    proptest! {
        #[test]
        fn keys_of_keys_are_the_keys(text in "\\PC{0,40}|[aeoâêđðÐửýa\u{300}-\u{323} .,]{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
            prop_assert_eq!(tone_fold(&tone_fold(&text)), tone_fold(&text));
            prop_assert_eq!(lower(&lower(&text)), lower(&text));
        }

        #[test]
        fn folding_ignores_the_normal_form(text in "[A-Za-zđĐêệửờẵĂơ ]{0,30}") {
            let nfd: String = text.chars().nfd().collect();
            prop_assert_eq!(fold(&nfd), fold(&text));
            prop_assert_eq!(fold(&tone_fold(&text)), fold(&text));
        }
    }
}
