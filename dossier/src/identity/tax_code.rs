//! Tax codes (mã số thuế), which are also the codes of enterprises (mã số doanh nghiệp).

use super::{MAX_NUMBER_BYTES, PersonalId, mask};
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// Since this day individuals and household businesses use their personal identification number (domain §7.1).
const PERSONAL_ID_SINCE: Date = date(2025, 7, 1);

/// Weights of the first nine digits in the check digit.
const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

/// A tax code: `3700123456` shape, `3700123456-001` for a dependent unit, or a personal identification number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaxCode(String);

/// Whose tax code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaxCodeKind {
    /// Ten digits: an enterprise or organisation.
    Main,
    /// Ten digits and three: a branch or other dependent unit.
    Dependent,
    /// Twelve digits: an individual or household business since 2025-07-01.
    Personal,
}

/// Why a text is not a tax code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaxCodeError {
    /// Not ten digits, ten and three, or twelve.
    #[error("a tax code has 10 digits, 10 and 3, or 12")]
    Shape,
    /// The tenth digit does not fit the nine before it.
    #[error("the check digit of the tax code does not fit: one digit may be mistyped")]
    CheckDigit,
}

impl TaxCode {
    /// Reads a tax code. Spaces and dots do not count; the dash before the last three of thirteen digits may be missing.
    ///
    /// # Errors
    /// [`TaxCodeError`]; the message does not hold the code.
    pub fn parse(text: &str) -> Result<TaxCode, TaxCodeError> {
        if text.len() > MAX_NUMBER_BYTES {
            return Err(TaxCodeError::Shape);
        }
        let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        let (main, dependent) = match compact.split_once('-') {
            Some((main, dependent)) => (main, Some(dependent)),
            None if compact.len() == 13 && compact.is_ascii() => (&compact[..10], Some(&compact[10..])),
            None => (compact.as_str(), None),
        };
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        match dependent {
            None if digits(main, 12) => return Ok(TaxCode(main.to_owned())),
            None if digits(main, 10) => {}
            Some(dependent) if digits(main, 10) && digits(dependent, 3) => {}
            _ => return Err(TaxCodeError::Shape),
        }
        if !check_digit_fits(main) {
            return Err(TaxCodeError::CheckDigit);
        }
        Ok(TaxCode(dependent.map_or_else(|| main.to_owned(), |dependent| format!("{main}-{dependent}"))))
    }

    /// The code in its printed form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose code it is, by its shape.
    #[must_use]
    pub fn kind(&self) -> TaxCodeKind {
        match self.0.len() {
            12 => TaxCodeKind::Personal,
            10 => TaxCodeKind::Main,
            _ => TaxCodeKind::Dependent,
        }
    }

    /// Whether a code of this kind could be used on `day`.
    #[must_use]
    pub fn usable_on(&self, day: Date) -> bool {
        self.kind() != TaxCodeKind::Personal || day >= PERSONAL_ID_SINCE
    }

    /// The personal identification number that serves as the code of an individual.
    #[must_use]
    pub fn personal_id(&self) -> Option<PersonalId> {
        PersonalId::parse(&self.0).ok().filter(|_| self.kind() == TaxCodeKind::Personal)
    }

    /// The code for lists: that of an individual is a personal number and is masked, that of an enterprise is public.
    #[must_use]
    pub fn masked(&self) -> String {
        match self.kind() {
            TaxCodeKind::Personal => mask(&self.0, 3, 3),
            TaxCodeKind::Main | TaxCodeKind::Dependent => self.0.clone(),
        }
    }
}

/// d10 = 10 − (31·d1 + 29·d2 + … + 3·d9 mod 11); a remainder of 0 would need the digit 10, so such codes are not given.
fn check_digit_fits(main: &str) -> bool {
    let digits: Vec<u32> = main.bytes().map(|byte| u32::from(byte - b'0')).collect();
    let sum: u32 = WEIGHTS.iter().zip(&digits).map(|(weight, digit)| weight * digit).sum();
    digits.get(9).is_some_and(|check| *check == 10 - sum % 11)
}

impl std::fmt::Debug for TaxCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TaxCode({})", self.masked())
    }
}

impl TryFrom<String> for TaxCode {
    type Error = TaxCodeError;
    fn try_from(text: String) -> Result<TaxCode, TaxCodeError> {
        TaxCode::parse(&text)
    }
}

impl From<TaxCode> for String {
    fn from(code: TaxCode) -> String {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A lawful code made from nine digits, or `None` where the check digit would be 10.
    fn made(nine: &str) -> Option<String> {
        (0..10).map(|check| format!("{nine}{check}")).find(|code| check_digit_fits(code))
    }

    #[test]
    fn published_codes_of_two_state_companies_fit() {
        assert_eq!(TaxCode::parse("0100109106").unwrap().kind(), TaxCodeKind::Main);
        assert_eq!(TaxCode::parse("0300588569").unwrap().as_str(), "0300588569");
    }

    #[test]
    fn the_three_shapes() {
        assert_eq!(TaxCode::parse("0100109106-001").unwrap().kind(), TaxCodeKind::Dependent);
        assert_eq!(TaxCode::parse(" 0100 109 106 001 ").unwrap().as_str(), "0100109106-001");
        let personal = TaxCode::parse("074185000123").unwrap();
        assert_eq!(personal.kind(), TaxCodeKind::Personal);
        assert_eq!(personal.personal_id().unwrap().birth_year(), 1985);
        assert!(!personal.usable_on(date(2025, 6, 30)));
        assert!(personal.usable_on(date(2025, 7, 1)));
        assert!(TaxCode::parse("0100109106").unwrap().usable_on(date(2000, 1, 1)));
        assert_eq!(TaxCode::parse("0100109106").unwrap().personal_id(), None);
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "01001091", "0100109106-1", "010010910-6001", "01001091O6", "0100109106-001-2", "Ố00109106001"]
        {
            assert_eq!(TaxCode::parse(text), Err(TaxCodeError::Shape), "{text}");
        }
        assert_eq!(TaxCode::parse("0100109107"), Err(TaxCodeError::CheckDigit));
    }

    #[test]
    fn debug_masks_a_person_only() {
        assert_eq!(format!("{:?}", TaxCode::parse("074185000123").unwrap()), "TaxCode(074******123)");
        assert_eq!(format!("{:?}", TaxCode::parse("0100109106").unwrap()), "TaxCode(0100109106)");
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_found(nine in "[0-9]{9}", at in 0usize..9, shift in 1u8..10) {
            if let Some(code) = made(&nine) {
                let mut bytes = code.into_bytes();
                bytes[at] = b'0' + (bytes[at] - b'0' + shift) % 10;
                let wrong = String::from_utf8(bytes).unwrap();
                prop_assert_eq!(TaxCode::parse(&wrong), Err(TaxCodeError::CheckDigit));
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}|[0-9 .-]{0,16}") {
            let _ = TaxCode::parse(&text);
        }
    }
}
