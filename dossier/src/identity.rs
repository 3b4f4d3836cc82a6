//! Numbers by which persons, enterprises and telephones are known (domain §7.1).
//!
//! Parsing is tolerant of how people write and strict about what a number is. What a number *says* about a person
//! (sex, year of birth) can be wrong in the registers themselves, so a contradiction is a [`Warning`] for a human eye
//! and never a refusal. `Debug` of every type here is masked: no number reaches a log.

mod birth;
mod paper;
mod personal_id;
mod phone;
mod tax_code;

pub use birth::{Birth, BirthError};
pub use paper::{IdentityPaper, NoIdReason, OldCardNumber, PaperError, PassportNumber};
pub use personal_id::{PersonalId, PersonalIdError, Sex, Warning};
pub use phone::{Phone, PhoneError, PhoneKind};
pub use tax_code::{TaxCode, TaxCodeError, TaxCodeKind};

/// The longest number field that is looked at, in bytes: the longest number has 14 characters, and people put spaces,
/// dots and a word such as "ĐT:" around it.
pub const MAX_NUMBER_BYTES: usize = 64;

/// The ASCII digits of a number as people write it, without the spaces, dots and dashes between them. `None` when
/// something else is there or the field is too long.
fn digits(text: &str) -> Option<String> {
    if text.len() > MAX_NUMBER_BYTES {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => out.push(c),
            '.' | '-' | '\u{2013}' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    Some(out)
}

/// All but the first `head` and last `tail` characters of an ASCII number as `*`.
fn mask(number: &str, head: usize, tail: usize) -> String {
    let hidden = head..number.len().saturating_sub(tail);
    number.char_indices().map(|(at, c)| if hidden.contains(&at) { '*' } else { c }).collect()
}
