//! Codes: of authorities, procedures and dossiers, with what makes codes possible offline.
//!
//! The official dossier code is a central sequence (unit, day, serial). A branch device numbers offline from a signed
//! [`Lease`]; any other device prints a [`ProvisionalCode`], which stays a valid alias for ever. After issue a code is
//! opaque: nobody reads authority or time from it (domain §3.1–3.3; design §3, Codes).

mod dossier_code;
mod lease;
mod lookup;
mod org_unit_id;
mod procedure_code;
mod provisional;

pub use dossier_code::{DossierCode, DossierCodeError, MAX_SERIAL};
pub use lease::{Issued, Lease, LeaseError, MAX_LEASE_SERIALS, NextError, next};
pub use lookup::{LookupCode, LookupCodeError};
pub use org_unit_id::{OrgUnitId, OrgUnitIdError};
pub use procedure_code::{ProcedureCode, ProcedureCodeError};
pub use provisional::{DeviceTag, ProvisionalCode, ProvisionalCodeError};

/// The longest code field that is looked at, in bytes; the longest lawful code has 62.
pub const MAX_CODE_BYTES: usize = 96;

/// Crockford's base 32: no I, L, O or U, which are misread or spell words.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The value of a character as people write it: lower case and the look-alikes O, I and L are understood.
fn crockford_value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    CROCKFORD.iter().position(|known| char::from(*known) == c).and_then(|value| u8::try_from(value).ok())
}

/// The character of a value below 32; higher bits do not count.
fn crockford_char(value: u8) -> char {
    char::from(CROCKFORD[usize::from(value & 31)])
}

/// Whether a part of a code has so many characters, all ASCII digits.
fn is_digits(part: &str, counts: std::ops::RangeInclusive<usize>) -> bool {
    counts.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}
