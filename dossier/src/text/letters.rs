//! A text as letters with tones: what tone folding, sorting and the syllable check share.

use super::canonical::Canonical;

/// The six tones in dictionary order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    Ngang,
    Huyen,
    Hoi,
    Nga,
    Sac,
    Nang,
}

impl Tone {
    /// The tone that a combining mark stands for.
    pub(super) fn of_mark(mark: char) -> Option<Tone> {
        match mark {
            '\u{300}' => Some(Tone::Huyen),
            '\u{309}' => Some(Tone::Hoi),
            '\u{303}' => Some(Tone::Nga),
            '\u{301}' => Some(Tone::Sac),
            '\u{323}' => Some(Tone::Nang),
            _ => None,
        }
    }

    fn mark(self) -> Option<char> {
        match self {
            Tone::Ngang => None,
            Tone::Huyen => Some('\u{300}'),
            Tone::Hoi => Some('\u{309}'),
            Tone::Nga => Some('\u{303}'),
            Tone::Sac => Some('\u{301}'),
            Tone::Nang => Some('\u{323}'),
        }
    }
}

/// A letter without its tone (`â`, `ơ`, `đ` keep their shape), and the tone it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) base: char,
    pub(super) tone: Tone,
}

/// Splits a text in NFC into letters. A tone mark that stands alone goes to the letter before
/// it; without one it is dropped.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let mut out: Vec<Letter> = Vec::with_capacity(text.len());
    for c in text.chars() {
        if let Some(tone) = Tone::of_mark(c) {
            if let Some(last) = out.last_mut().filter(|last| last.base.is_alphabetic() && last.tone == Tone::Ngang) {
                last.tone = tone;
            }
            continue;
        }
        let mut tone = Tone::Ngang;
        let shape = std::iter::once(c).nfd().filter(|part| match Tone::of_mark(*part) {
            Some(mark) => {
                tone = mark;
                false
            }
            None => true,
        });
        let parts: Vec<char> = shape.collect();
        // What does not compose again to one character (a Hangul syllable does, a rare stack of marks does not) stays whole.
        let mut composed = parts.into_iter().nfc();
        match (composed.next(), composed.next()) {
            (Some(base), None) => out.push(Letter { base, tone }),
            _ => out.push(Letter { base: c, tone: Tone::Ngang }),
        }
    }
    out
}

/// Writes letters back as a text in NFC.
pub(super) fn write(letters: &[Letter]) -> String {
    letters.iter().flat_map(|letter| [Some(letter.base), letter.tone.mark()]).flatten().nfc().collect()
}

/// Moves the tone of every open `oa`, `oe`, `uy` to its first vowel, the older of the two lawful spellings: `hoà` and
/// `hòa` become the same. After `q` nothing moves: in `quý` the `u` belongs to the consonant, and `qúy` is a slip that
/// stays visible (domain §7.4). Letters must be lower case.
pub(super) fn place_tones(letters: &mut [Letter]) {
    let mut start = 0;
    while start < letters.len() {
        let end = start + letters[start..].iter().take_while(|letter| letter.base.is_alphabetic()).count();
        if end - start >= 2 {
            let (first, second) = (letters[end - 2], letters[end - 1]);
            let open = matches!((first.base, second.base), ('o', 'a') | ('o', 'e') | ('u', 'y'));
            let after_q = end - start >= 3 && letters[end - 3].base == 'q';
            if open && !after_q && first.tone == Tone::Ngang {
                letters[end - 2].tone = second.tone;
                letters[end - 1].tone = Tone::Ngang;
            }
        }
        start = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_part_shape_from_tone() {
        assert_eq!(letters("ệđ"), [Letter { base: 'ê', tone: Tone::Nang }, Letter { base: 'đ', tone: Tone::Ngang }]);
        assert_eq!(letters("x\u{301}"), [Letter { base: 'x', tone: Tone::Sac }]);
    }

    proptest! {
        #[test]
        fn vietnamese_words_survive_the_round_trip(word in "[aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậếềểễệýỳỷỹỵựữ ]{0,30}") {
            prop_assert_eq!(write(&letters(&word)), word);
        }
    }
}
