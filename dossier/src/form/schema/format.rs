//! Formats of texts.

use jiff::civil::Date;

/// Longest local part of an address, in bytes (RFC 5321, 4.5.3.1.1).
const LOCAL_MAX_BYTES: usize = 64;
/// Longest domain, in bytes (RFC 1035), as far as host names go.
const DOMAIN_MAX_BYTES: usize = 253;
/// Longest label of a domain, in bytes (RFC 1035).
const LABEL_MAX_BYTES: usize = 63;

/// A `format` that forms use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `full-date` of RFC 3339: `2026-11-22`.
    Date,
    /// An address of mail (RFC 5321) without quoting and without addresses of machines, which no person has.
    Email,
}

impl Format {
    /// The format of this name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "date" => Some(Self::Date),
            "email" => Some(Self::Email),
            _ => None,
        }
    }

    /// Whether a text is written so.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Self::Date => is_date(text),
            Self::Email => is_email(text),
        }
    }
}

fn is_date(text: &str) -> bool {
    let [a, b, c, d, b'-', m, n, b'-', x, y] = text.as_bytes() else { return false };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0')))
    };
    let small = |digits: &[u8]| number(digits).and_then(|number| i8::try_from(number).ok());
    match (number(&[*a, *b, *c, *d]), small(&[*m, *n]), small(&[*x, *y])) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).is_ok(),
        _ => false,
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let is_label = |label: &str| {
        (1..=LABEL_MAX_BYTES).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            // Hyphens there are kept for names in other scripts (RFC 5891, 4.2.3.1).
            && (label.get(2..4) != Some("--") || label.starts_with("xn--"))
    };
    local.len() <= LOCAL_MAX_BYTES
        && local.split('.').all(is_atom)
        && domain.len() <= DOMAIN_MAX_BYTES
        && domain.split('.').all(is_label)
}
