//! Vietnamese text: cleaned at the border, folded for search, keyed for sorting, checked for old encodings.
//!
//! What a person typed is stored as NFC and otherwise as typed: nothing here "corrects" a name. Search and sort
//! work on keys made from the text, so the text itself never has to change. Source of the rules: domain §7.3, §7.4.
//!
//! ```
//! use dossier::text::{fold, rank, sort_key, Rank};
//! assert_eq!(fold("Thủ Dầu Một"), "thu dau mot");
//! assert_eq!(rank("thu dau", "Phường Thủ Dầu Một"), Some(Rank::Folded));
//! assert!(sort_key("Ánh") < sort_key("Dũng"));
//! ```

mod canonical;
mod clean;
mod collation;
mod folding;
mod legacy;
mod letters;
mod ranking;
mod syllable;

pub use clean::{Change, Cleaned, Note, TextTooLong, clean, nfc};
pub use collation::{name_sort_key, sort_key};
pub use folding::{fold, lower, tone_fold};
pub use legacy::{Legacy, ReadAs, detect_legacy};
pub use ranking::{Match, Needle, Rank, rank};

/// The longest text any function of this module looks at, in bytes of UTF-8: 64 KiB.
///
/// The longest field of any form is a free explanation of about two pages, some 8 kB; eight times that leaves room
/// for pasted letters while a hostile field stays a few milliseconds of work. [`clean`] refuses more; the key
/// functions, whose result is only a key, use the part before the bound.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// The part of `text` within [`MAX_TEXT_BYTES`], cut at a character.
fn bounded(text: &str) -> &str {
    match text.char_indices().map(|(at, c)| at + c.len_utf8()).find(|end| *end > MAX_TEXT_BYTES) {
        None => text,
        Some(_) => {
            let mut end = MAX_TEXT_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            &text[..end]
        }
    }
}
