//! Normalisation at the border: every text that comes in passes here once, before it is stored.

use super::{MAX_TEXT_BYTES, canonical::Canonical};
use unicode_normalization::{IsNormalized, is_nfc_quick};

/// A kind of change that [`clean`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Letters and marks were put into composed form (NFC), as for file names from macOS or text in Windows-1258 style.
    Composed,
    /// Characters that nobody can see (zero width, text direction, control) were dropped.
    InvisibleDropped,
    /// A no-break or typographic space became a plain space.
    SpaceReplaced,
    /// A look-alike (`ð`, `Ð`, `Ɖ`, `ɖ`) became the Vietnamese `đ` or `Đ`.
    StrokeReplaced,
}

/// One kind of change and how many characters it touched; 1 for [`Change::Composed`], which concerns the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// What was changed.
    pub change: Change,
    /// How many characters.
    pub count: usize,
}

/// A text fit to be stored, with what had to be changed to make it so.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The text in NFC.
    pub text: String,
    /// What was changed, at most one note of each kind, in the order of [`Change`]. Empty when nothing was.
    pub notes: Vec<Note>,
}

impl std::fmt::Debug for Cleaned {
    /// Shows the notes but not the text, which may be a person's name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cleaned").field("bytes", &self.text.len()).field("notes", &self.notes).finish()
    }
}

/// The text is longer than [`MAX_TEXT_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text has {size_bytes} bytes, more than {MAX_TEXT_BYTES}")]
pub struct TextTooLong {
    /// The length that was refused.
    pub size_bytes: usize,
}

/// Makes `text` fit to be stored and says what was changed (domain §7.4).
///
/// Line feeds and tabs stay; a carriage return before a line feed is dropped. Case, tone placement and curly quotes
/// stay as typed. Run [`super::detect_legacy`] before this on imported text: the soft hyphen and the C1 controls that
/// old encodings use survive cleaning, but a no-break space that was part of a broken letter does not.
///
/// # Errors
/// [`TextTooLong`] when the text has more than [`MAX_TEXT_BYTES`] bytes.
pub fn clean(text: &str) -> Result<Cleaned, TextTooLong> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(TextTooLong { size_bytes: text.len() });
    }
    let mut invisible = 0;
    let mut spaces = 0;
    let mut strokes = 0;
    let kept: String = text
        .chars()
        .filter_map(|c| match border(c) {
            Border::Keep => Some(c),
            Border::Drop => {
                invisible += 1;
                None
            }
            Border::Space => {
                spaces += 1;
                Some(' ')
            }
            Border::Stroke(stroke) => {
                strokes += 1;
                Some(stroke)
            }
        })
        .collect();
    let (text, composed) = match is_nfc_quick(kept.chars()) {
        IsNormalized::Yes => (kept, false),
        _ => {
            let text: String = kept.chars().nfc().collect();
            let composed = text != kept;
            (text, composed)
        }
    };
    let counts = [
        (Change::Composed, usize::from(composed)),
        (Change::InvisibleDropped, invisible),
        (Change::SpaceReplaced, spaces),
        (Change::StrokeReplaced, strokes),
    ];
    let notes =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(change, count)| Note { change, count }).collect();
    Ok(Cleaned { text, notes })
}

/// The same normalisation as [`clean`] without notes and without a bound, for text whose length is already bounded.
#[must_use]
pub fn nfc(text: &str) -> String {
    text.chars()
        .filter_map(|c| match border(c) {
            Border::Keep => Some(c),
            Border::Drop => None,
            Border::Space => Some(' '),
            Border::Stroke(stroke) => Some(stroke),
        })
        .nfc()
        .collect()
}

/// What happens to one character at the border.
enum Border {
    Keep,
    Drop,
    Space,
    Stroke(char),
}

fn border(c: char) -> Border {
    match c {
        '\t' | '\n' => Border::Keep,
        // Controls: no keyboard types them, PostgreSQL refuses NUL, and a carriage return only doubles a line end.
        '\0'..='\u{1f}' | '\u{7f}' => Border::Drop,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Border::Space,
        // Zero width, text direction (which can make a name look like another one), and the byte order mark.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => Border::Drop,
        'ð' | 'ɖ' => Border::Stroke('đ'),
        'Ð' | 'Ɖ' => Border::Stroke('Đ'),
        _ => Border::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn note(change: Change, count: usize) -> Note {
        Note { change, count }
    }

    #[test]
    fn what_is_already_clean_stays_without_notes() {
        let cleaned = clean("Nguyễn Thị Hòa\n12/3, KP 4\tđường ĐX 043 “nhà”").unwrap();
        assert_eq!(cleaned.text, "Nguyễn Thị Hòa\n12/3, KP 4\tđường ĐX 043 “nhà”");
        assert!(cleaned.notes.is_empty());
    }

    #[test]
    fn decomposed_and_windows_1258_forms_become_one() {
        let nfd = "Nguye\u{302}\u{303}n Thi\u{323} Ho\u{300}a";
        assert_eq!(nfd.chars().count(), 18);
        let cleaned = clean(nfd).unwrap();
        assert_eq!(cleaned.text.chars().count(), 14);
        assert_eq!(cleaned.notes, [note(Change::Composed, 1)]);
        assert_eq!(nfc("Vi\u{ea}\u{323}t"), "Việt");
        assert_eq!(nfc("Vie\u{323}\u{302}t"), "Việt");
    }

    #[test]
    fn look_alikes_spaces_and_invisible_are_noted() {
        let cleaned = clean("\u{feff}Ðường\u{a0}ðất\u{200b}\u{202f}Ɖức").unwrap();
        assert_eq!(cleaned.text, "Đường đất Đức");
        assert_eq!(
            cleaned.notes,
            [note(Change::InvisibleDropped, 2), note(Change::SpaceReplaced, 2), note(Change::StrokeReplaced, 3)]
        );
    }

    #[test]
    fn url_with_a_no_break_space_keeps_its_letters() {
        assert_eq!(nfc("https://dichvucong.\u{a0}binhduong.gov.vn\0"), "https://dichvucong. binhduong.gov.vn");
    }

    #[test]
    fn too_long_is_refused_and_the_bound_itself_is_not() {
        assert!(clean(&"a".repeat(MAX_TEXT_BYTES)).is_ok());
        assert_eq!(clean(&"a".repeat(MAX_TEXT_BYTES + 1)).unwrap_err(), TextTooLong { size_bytes: MAX_TEXT_BYTES + 1 });
    }

    #[test]
    fn debug_shows_no_name() {
        assert!(!format!("{:?}", clean("Nguyễn Thị Hòa").unwrap()).contains("Hòa"));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(text in "\\PC{0,40}|[aeoâêđðÐ\u{300}-\u{323}\u{200b}\u{a0} ]{0,40}") {
            let once = clean(&text).unwrap();
            let twice = clean(&once.text).unwrap();
            prop_assert_eq!(&twice.text, &once.text);
            prop_assert!(twice.notes.is_empty());
            prop_assert_eq!(nfc(&text), once.text);
        }
    }
}
