//! VIQR (RFC 1456): Vietnamese typed with ASCII punctuation as marks.

use super::{JUDGED_WORDS, all_syllables};
use crate::text::canonical::Canonical;
use crate::text::syllable::is_syllable;

/// The text read as VIQR, if it is convincing: some word carries a mark that no plain writing has (`^`, `(`, `+`, `~`,
/// a back-quote), and three quarters of the words with marks become Vietnamese syllables.
pub(super) fn read(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut changed, mut plausible, mut strong) = (0_usize, 0_usize, 0_usize);
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let decoded = decode(word);
        if decoded.text != word && changed < JUDGED_WORDS {
            changed += 1;
            let sensible = all_syllables(&decoded.text);
            plausible += usize::from(sensible);
            strong += usize::from(sensible && decoded.strong);
        }
        out.push_str(&decoded.text);
        out.push_str(&piece[word.len()..]);
    }
    (strong > 0 && plausible * 4 >= changed * 3).then_some(out)
}

struct Decoded {
    text: String,
    strong: bool,
}

fn decode(word: &str) -> Decoded {
    let chars: Vec<char> = word.chars().collect();
    let mut text = String::with_capacity(word.len());
    let mut strong = false;
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        if c == '\\' && chars.get(at).is_some_and(|next| "^(+'`?~.\\".contains(*next)) {
            text.push(chars[at]);
            at += 1;
            continue;
        }
        if matches!(c, 'd' | 'D') && chars.get(at).is_some_and(|next| matches!(next, 'd' | 'D')) {
            text.push(if c == 'd' { 'đ' } else { 'Đ' });
            at += 1;
            continue;
        }
        text.push(c);
        if !"aeiouyAEIOUY".contains(c) {
            continue;
        }
        if let Some(shape) = chars.get(at).and_then(|mark| shape(c, *mark)) {
            text.push(shape);
            strong = true;
            at += 1;
        }
        if let Some((&mark, tone)) = chars.get(at).and_then(|mark| Some((mark, tone(mark)?))) {
            // At the end of a word a full stop or question mark is more likely punctuation, unless the word needs a
            // tone: "ho.c" without its mark could not end in c.
            let ends = chars[at + 1..].iter().all(char::is_ascii_punctuation);
            let ambiguous = matches!(mark, '.' | '?') && ends;
            if !ambiguous || !syllable_so_far(&text) || strong_context(mark, &text) {
                text.push(tone);
                strong |= matches!(mark, '`' | '~');
                at += 1;
            }
        }
    }
    Decoded { text: text.chars().nfc().collect(), strong }
}

/// Whether what was read so far can stand as a word without a further tone.
fn syllable_so_far(text: &str) -> bool {
    is_syllable(&text.chars().nfc().collect::<String>())
}

/// A question mark right after a letter closes a sentence seldom in records, and often is the hỏi tone: "chu?".
fn strong_context(mark: char, text: &str) -> bool {
    mark == '?' && text.chars().count() > 1
}

fn shape(vowel: char, mark: char) -> Option<char> {
    match (vowel.to_ascii_lowercase(), mark) {
        ('a' | 'e' | 'o', '^') => Some('\u{302}'),
        ('a', '(') => Some('\u{306}'),
        ('o' | 'u', '+') => Some('\u{31b}'),
        _ => None,
    }
}

fn tone(mark: &char) -> Option<char> {
    match mark {
        '`' => Some('\u{300}'),
        '?' => Some('\u{309}'),
        '~' => Some('\u{303}'),
        '\'' => Some('\u{301}'),
        '.' => Some('\u{323}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_escapes_are_read() {
        assert_eq!(read("Vie^.t Nam\\.").as_deref(), Some("Việt Nam."));
        assert_eq!(read("DDa(.ng Va(n DDu+'c").as_deref(), Some("Đặng Văn Đức"));
        assert_eq!(read("qua^.n Bi`nh Tha.nh").as_deref(), Some("quận Bình Thạnh"));
    }

    #[test]
    fn punctuation_is_not_a_tone() {
        for plain in ["Ai do? Khong ai.", "it's a dog", "o.k.", "a+b", "m^2", "(a) (b)", "add"] {
            assert_eq!(read(plain), None, "{plain}");
        }
    }
}
