//! Vietnamese telephone numbers (domain §7.1).

use super::{MAX_NUMBER_BYTES, mask};
use serde::{Deserialize, Serialize};

/// Old mobile prefixes of 01x numbers with eleven digits, and what replaced them in 2018.
const REPLACED: [(&str, &str); 21] = [
    ("0120", "070"),
    ("0121", "079"),
    ("0122", "077"),
    ("0126", "076"),
    ("0128", "078"),
    ("0123", "083"),
    ("0124", "084"),
    ("0125", "085"),
    ("0127", "081"),
    ("0129", "082"),
    ("0162", "032"),
    ("0163", "033"),
    ("0164", "034"),
    ("0165", "035"),
    ("0166", "036"),
    ("0167", "037"),
    ("0168", "038"),
    ("0169", "039"),
    ("0186", "056"),
    ("0188", "058"),
    ("0199", "059"),
];

/// A telephone number: what was typed, and what it means. JSON is the text as typed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone {
    raw: String,
    /// With the leading 0, or the four digits of the hotline.
    national: String,
    kind: PhoneKind,
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// Ten digits that begin with 03, 05, 07, 08 or 09.
    Mobile,
    /// Eleven digits that begin with 02: area code and subscriber, 0274 in Bình Dương.
    Landline,
    /// 1022, the public hotline.
    Hotline,
    /// Eleven digits that begin with 01x, in old data: no longer reachable as written since 2018.
    OldMobile,
}

/// Why a text is not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// It holds letters or other signs.
    #[error("a telephone number has digits only")]
    NotDigits,
    /// The digits are of no known Vietnamese number.
    #[error("this is no Vietnamese telephone number")]
    Unknown,
}

impl Phone {
    /// Reads a number as people write it: spaces, dots, dashes and brackets do not count, and it may begin with 0, 84,
    /// +84 or 0084.
    ///
    /// # Errors
    /// [`PhoneError`]; the message does not hold the number.
    pub fn parse(text: &str) -> Result<Phone, PhoneError> {
        if text.len() > MAX_NUMBER_BYTES {
            return Err(PhoneError::NotDigits);
        }
        let mut digits = String::with_capacity(text.len());
        for c in text.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() => digits.push_str("00"),
                '.' | '-' | '\u{2013}' | '(' | ')' | '/' => {}
                c if c.is_whitespace() => {}
                _ => return Err(PhoneError::NotDigits),
            }
        }
        let abroad = digits.strip_prefix("0084").or_else(|| digits.strip_prefix("84").filter(|_| digits.len() >= 11));
        // Some write the trunk 0 after the country code too: +84 (0)274 …
        let national = match abroad {
            Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
            None => digits,
        };
        let kind = kind_of(&national).ok_or(PhoneError::Unknown)?;
        Ok(Phone { raw: text.to_owned(), national, kind })
    }

    /// What kind of number it is.
    #[must_use]
    pub fn kind(&self) -> PhoneKind {
        self.kind
    }

    /// What was typed.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The digits as dialled inside the country.
    #[must_use]
    pub fn national(&self) -> &str {
        &self.national
    }

    /// The number in E.164 form, `+84…`. The hotline has none.
    #[must_use]
    pub fn e164(&self) -> Option<String> {
        self.national.strip_prefix('0').map(|rest| format!("+84{rest}"))
    }

    /// The number as it is read aloud and printed: `0912 345 678`, `0274 3822 222`, `028 3822 2222`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let number = self.national.as_str();
        let (first, second) = match self.kind {
            PhoneKind::Mobile | PhoneKind::OldMobile => (4, 7),
            // Hà Nội and TP.HCM have an area code of three digits.
            PhoneKind::Landline if number.starts_with("024") || number.starts_with("028") => (3, 7),
            PhoneKind::Landline => (4, 8),
            PhoneKind::Hotline => return number.to_owned(),
        };
        match (number.get(..first), number.get(first..second), number.get(second..)) {
            (Some(head), Some(middle), Some(tail)) => format!("{head} {middle} {tail}"),
            _ => number.to_owned(),
        }
    }

    /// For an old number of eleven digits, the number that replaced it in 2018, to be proposed.
    #[must_use]
    pub fn replacement(&self) -> Option<Phone> {
        let replaced = REPLACED
            .iter()
            .find_map(|(old, new)| self.national.strip_prefix(old).map(|rest| format!("{new}{rest}")))?;
        Phone::parse(&replaced).ok().filter(|_| self.kind == PhoneKind::OldMobile)
    }

    /// The number with all but the last three digits hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        match self.kind {
            PhoneKind::Hotline => self.national.clone(),
            PhoneKind::Mobile | PhoneKind::Landline | PhoneKind::OldMobile => mask(&self.national, 0, 3),
        }
    }
}

fn kind_of(national: &str) -> Option<PhoneKind> {
    if national == "1022" {
        return Some(PhoneKind::Hotline);
    }
    match (national.as_bytes(), national.len()) {
        ([b'0', b'3' | b'5' | b'7' | b'8' | b'9', ..], 10) => Some(PhoneKind::Mobile),
        ([b'0', b'2', b'0'..=b'9', ..], 11) => Some(PhoneKind::Landline),
        ([b'0', b'1', b'2' | b'6' | b'8' | b'9', ..], 11) => Some(PhoneKind::OldMobile),
        _ => None,
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;
    fn try_from(text: String) -> Result<Phone, PhoneError> {
        Phone::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> String {
        phone.raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ways_of_writing_one_number() {
        for text in ["0912345678", "0912 345 678", "0912.345.678", "+84 912-345-678", "84912345678", "0084912345678"] {
            let phone = Phone::parse(text).unwrap();
            assert_eq!(phone.kind(), PhoneKind::Mobile, "{text}");
            assert_eq!(phone.e164().as_deref(), Some("+84912345678"), "{text}");
            assert_eq!(phone.raw(), text);
        }
    }

    #[test]
    fn every_kind_is_known() {
        for text in ["0274 3822 825", "(0274) 3822825", "+84 (0)274 3822 825"] {
            let phone = Phone::parse(text).unwrap();
            assert_eq!((phone.kind(), phone.national()), (PhoneKind::Landline, "02743822825"), "{text}");
        }
        let hotline = Phone::parse("1022").unwrap();
        assert_eq!((hotline.kind(), hotline.e164()), (PhoneKind::Hotline, None));
        for mobile in ["0312345678", "0512345678", "0712345678", "0812345678", "0912345678"] {
            assert_eq!(Phone::parse(mobile).unwrap().kind(), PhoneKind::Mobile);
        }
    }

    #[test]
    fn an_old_number_is_recognised_and_its_replacement_proposed() {
        let old = Phone::parse("0168 123 4567").unwrap();
        assert_eq!(old.kind(), PhoneKind::OldMobile);
        assert_eq!(old.replacement().unwrap().national(), "0381234567");
        assert_eq!(Phone::parse("0912345678").unwrap().replacement(), None);
        assert_eq!(Phone::parse("0187 123 4567").unwrap().replacement(), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "091234567", "09123456789", "0612345678", "+1 202 555 0100", "0112345678", "113", "84912345"] {
            assert_eq!(Phone::parse(text), Err(PhoneError::Unknown), "{text}");
        }
        assert_eq!(Phone::parse("ĐT 0912345678"), Err(PhoneError::NotDigits));
        assert_eq!(Phone::parse("09+12345678"), Err(PhoneError::NotDigits));
    }

    #[test]
    fn debug_is_masked() {
        assert_eq!(format!("{:?}", Phone::parse("+84 912 345 678").unwrap()), "Phone(*******678)");
    }

    proptest! {
        #[test]
        fn e164_reads_back_as_the_same_number(national in "0[35789][0-9]{8}|02[0-9]{9}|01[2689][0-9]{8}") {
            let phone = Phone::parse(&national).unwrap();
            let back = Phone::parse(&phone.e164().unwrap()).unwrap();
            prop_assert_eq!((back.national(), back.kind()), (phone.national(), phone.kind()));
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}|[+0-9 .()-]{0,16}") {
            let _ = Phone::parse(&text);
        }
    }
}
