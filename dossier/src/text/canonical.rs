//! The composed and the decomposed form of text (NFC, NFD), without the tables of the compatibility forms, which nothing
//! here needs: they would be a twenty-fifth of what a phone fetches.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};

pub(super) trait Canonical: Iterator<Item = char> + Sized {
    /// Letters and marks apart, the marks of a letter in their order.
    fn nfd(self) -> std::vec::IntoIter<char> {
        let mut parts = Vec::with_capacity(self.size_hint().0);
        self.for_each(|c| decompose_canonical(c, |part| parts.push(part)));
        for letter in parts.chunk_by_mut(|_, next| canonical_combining_class(*next) != 0) {
            letter.sort_by_key(|part| canonical_combining_class(*part));
        }
        parts.into_iter()
    }

    /// Marks put onto their letters where one character is both.
    fn nfc(self) -> std::vec::IntoIter<char> {
        let mut composed: Vec<char> = Vec::with_capacity(self.size_hint().0);
        let (mut letter, mut last) = (None, 0);
        for c in self.nfd() {
            let class = canonical_combining_class(c);
            // A mark that stays between them, of the same class or a higher one, keeps this one from the letter.
            let one = letter
                .filter(|at| at + 1 == composed.len() || last < class)
                .and_then(|at| Some((at, compose(composed[at], c)?)));
            if let Some((at, one)) = one {
                composed[at] = one;
                continue;
            }
            if class == 0 {
                letter = Some(composed.len());
            }
            last = class;
            composed.push(c);
        }
        composed.into_iter()
    }
}

impl<I: Iterator<Item = char>> Canonical for I {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    fn agrees(text: &str) {
        let (nfd, nfc): (String, String) =
            (UnicodeNormalization::nfd(text).collect(), UnicodeNormalization::nfc(text).collect());
        assert_eq!(Canonical::nfd(text.chars()).collect::<String>(), nfd, "{text:?}");
        assert_eq!(Canonical::nfc(text.chars()).collect::<String>(), nfc, "{text:?}");
    }

    #[test]
    fn every_character_has_the_forms_that_unicode_gives_it() {
        for c in '\0'..=char::MAX {
            agrees(c.encode_utf8(&mut [0; 4]));
        }
    }

    proptest! {
        #[test]
        fn marks_in_any_order_have_the_forms_that_unicode_gives_them(
            text in "([a-zA-ZăâđêôơưĂƯ가각각̛̣̂́̀̉̃\u{0300}-\u{036f}\u{0591}-\u{05bd}\u{0f71}-\u{0f84}\u{3099}]){0,24}",
        ) {
            agrees(&text);
        }

        #[test]
        fn any_text_has_the_forms_that_unicode_gives_it(text in any::<String>()) {
            agrees(&text);
        }
    }
}
