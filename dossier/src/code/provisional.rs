//! Codes printed before the official one exists.

use super::dossier_code::six_digits;
use super::{MAX_CODE_BYTES, crockford_char, crockford_value};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Six characters (30 bits) that tell devices apart, taken from the device's id.
///
/// Thirty bits are not unique by themselves: among 20,000 devices two are likely to share a tag somewhere. Whoever
/// resolves an alias must be ready for two dossiers and ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceTag(u32);

const TAG_CHARS: usize = 6;
const DATE_CHARS: usize = 6;
/// A device that makes a dossier every second of a day stays below.
const MAX_NUMBER: u32 = 999_999;

impl DeviceTag {
    /// The tag of a device id: the first 30 bits. `None` when the id has fewer than four bytes.
    #[must_use]
    pub fn from_id(id: &[u8]) -> Option<DeviceTag> {
        let first: [u8; 4] = id.get(..4)?.try_into().ok()?;
        Some(DeviceTag(u32::from_be_bytes(first) >> 2))
    }

    fn values(self) -> [u8; TAG_CHARS] {
        std::array::from_fn(|at| ((self.0 >> (5 * (TAG_CHARS - 1 - at))) & 31) as u8)
    }
}

impl std::fmt::Display for DeviceTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.values().into_iter().try_for_each(|value| write!(f, "{}", crockford_char(value)))
    }
}

/// A code such as `T-3K7QZ1-261121-12-V`: device, day, count of the day, check character. It is printed where no
/// official code can be had and stays an alias of the dossier for ever.
///
/// The check character finds every single wrong character and every swap of neighbours. It is a polynomial over the
/// field of 32 elements: each character is weighted by another power of a generator, so neither a change nor a swap can
/// leave the sum as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProvisionalCode {
    device: DeviceTag,
    day: Date,
    number: u32,
}

/// Why a text is not a provisional code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionalCodeError {
    /// Another shape.
    #[error("a provisional code is written T-3K7QZ1-261121-12-V")]
    Shape,
    /// No such day, or outside 2000–2099.
    #[error("a provisional code cannot carry this day")]
    Day,
    /// The count is zero or above 999,999.
    #[error("a provisional code counts from 1 to 999999")]
    Number,
    /// The check character does not fit.
    #[error("the provisional code is mistyped: its last character does not fit")]
    Check,
}

impl ProvisionalCode {
    /// Makes the code of the `number`-th dossier a device began on `day` (local date). The caller derives the number
    /// from its log, so that none is used twice.
    ///
    /// # Errors
    /// [`ProvisionalCodeError::Day`] and [`ProvisionalCodeError::Number`].
    pub fn new(device: DeviceTag, day: Date, number: u32) -> Result<ProvisionalCode, ProvisionalCodeError> {
        if !(2000..=2099).contains(&day.year()) {
            return Err(ProvisionalCodeError::Day);
        }
        if !(1..=MAX_NUMBER).contains(&number) {
            return Err(ProvisionalCodeError::Number);
        }
        Ok(ProvisionalCode { device, day, number })
    }

    /// Reads a code as people write it: lower case, with spaces, with or without dashes, with O for 0 and I or L for 1.
    ///
    /// # Errors
    /// [`ProvisionalCodeError`].
    pub fn parse(text: &str) -> Result<ProvisionalCode, ProvisionalCodeError> {
        if text.len() > MAX_CODE_BYTES {
            return Err(ProvisionalCodeError::Shape);
        }
        let mut chars = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2013}'));
        if !matches!(chars.next(), Some('T' | 't')) {
            return Err(ProvisionalCodeError::Shape);
        }
        let values: Vec<u8> = chars.map(crockford_value).collect::<Option<_>>().ok_or(ProvisionalCodeError::Shape)?;
        let (payload, check) = match values.split_last() {
            Some((check, payload)) if payload.len() > TAG_CHARS + DATE_CHARS => (payload, *check),
            _ => return Err(ProvisionalCodeError::Shape),
        };
        let (tag, rest) = payload.split_at(TAG_CHARS);
        let (day, number) = rest.split_at(DATE_CHARS);
        // A zero in front would give one number two codes.
        if rest.iter().any(|value| *value > 9) || number.len() > 6 || number.first() == Some(&0) {
            return Err(ProvisionalCodeError::Shape);
        }
        if check_value(payload) != check {
            return Err(ProvisionalCodeError::Check);
        }
        let decimal = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(*digit));
        let device = DeviceTag(tag.iter().fold(0, |sum, value| sum << 5 | u32::from(*value)));
        let part = |at: usize| i8::try_from(decimal(&day[at..at + 2])).map_err(|_| ProvisionalCodeError::Day);
        let day = Date::new(2000 + i16::from(part(0)?), part(2)?, part(4)?).map_err(|_| ProvisionalCodeError::Day)?;
        ProvisionalCode::new(device, day, decimal(number))
    }

    /// The tag of the device that printed it.
    #[must_use]
    pub fn device(self) -> DeviceTag {
        self.device
    }
}

/// α·v in GF(32) with the polynomial x⁵ + x² + 1, in which α = x generates all 31 elements but zero.
fn times_alpha(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 32 == 0 { doubled } else { (doubled ^ 0b10_0101) & 31 }
}

/// The value that makes the weighted sum of all characters zero, the check character having weight 1.
fn check_value(payload: &[u8]) -> u8 {
    payload.iter().fold(0, |sum, value| times_alpha(sum ^ value))
}

impl std::fmt::Display for ProvisionalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tail = format!("{}{}", six_digits(self.day), self.number);
        let payload: Vec<u8> = self.device.values().into_iter().chain(tail.bytes().map(|byte| byte - b'0')).collect();
        let check = crockford_char(check_value(&payload));
        write!(f, "T-{}-{}-{}-{check}", self.device, six_digits(self.day), self.number)
    }
}

impl TryFrom<String> for ProvisionalCode {
    type Error = ProvisionalCodeError;
    fn try_from(text: String) -> Result<ProvisionalCode, ProvisionalCodeError> {
        ProvisionalCode::parse(&text)
    }
}

impl From<ProvisionalCode> for String {
    fn from(code: ProvisionalCode) -> String {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn code(id: u32, days: i64, number: u32) -> ProvisionalCode {
        let day = date(2000, 1, 1).checked_add(jiff::ToSpan::days(days)).unwrap();
        ProvisionalCode::new(DeviceTag::from_id(&id.to_be_bytes()).unwrap(), day, number).unwrap()
    }

    fn any_code() -> impl Strategy<Value = ProvisionalCode> {
        (any::<u32>(), 0i64..36_525, prop_oneof![1u32..30, 1u32..=MAX_NUMBER])
            .prop_map(|(id, days, number)| code(id, days, number))
    }

    #[test]
    fn a_code_is_printed_and_frozen() {
        let code = ProvisionalCode::new(DeviceTag::from_id(&[0x1c, 0xcb, 0x7f, 0x86]).unwrap(), date(2026, 11, 21), 12);
        assert_eq!(code.unwrap().to_string(), FROZEN);
    }

    /// Printed codes are aliases for ever: this must never change.
    const FROZEN: &str = "T-3K5QZ1-261121-12-5";

    #[test]
    fn people_may_write_it_their_way() {
        let code = ProvisionalCode::parse(FROZEN).unwrap();
        for text in [
            FROZEN.to_lowercase(),
            FROZEN.replace('-', " "),
            FROZEN.replace('-', ""),
            FROZEN.replace('1', "I"),
            FROZEN.replace('1', "l"),
            format!("  {}\n", FROZEN.replace('-', " – ")),
        ] {
            assert_eq!(ProvisionalCode::parse(&text), Ok(code), "{text}");
        }
    }

    #[test]
    fn the_generator_has_full_order() {
        let mut value = 1;
        let mut seen = std::collections::BTreeSet::new();
        while seen.insert(value) {
            value = times_alpha(value);
        }
        assert_eq!(seen.len(), 31);
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let tag = DeviceTag::from_id(&[1, 2, 3, 4]).unwrap();
        assert_eq!(DeviceTag::from_id(&[1, 2, 3]), None);
        assert_eq!(ProvisionalCode::new(tag, date(2026, 1, 1), 0), Err(ProvisionalCodeError::Number));
        assert_eq!(ProvisionalCode::new(tag, date(2026, 1, 1), 1_000_000), Err(ProvisionalCodeError::Number));
        assert_eq!(ProvisionalCode::new(tag, date(1999, 1, 1), 1), Err(ProvisionalCodeError::Day));
        for text in
            ["", "T", "H29.16-261121-0042", "T-3K5QZ1-261121-V", "T-3K5QZ1-261121-012-V", "T-3K5QZU-261121-12-V"]
        {
            assert_eq!(ProvisionalCode::parse(text), Err(ProvisionalCodeError::Shape), "{text}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused_even_with_a_right_check() {
        let digits: Vec<u8> = [0; 6].into_iter().chain("261332".bytes().map(|byte| byte - b'0')).chain([1]).collect();
        let text = format!("T-000000-261332-1-{}", crockford_char(check_value(&digits)));
        assert_eq!(ProvisionalCode::parse(&text), Err(ProvisionalCodeError::Day));
    }

    proptest! {
        #[test]
        fn every_code_reads_back(code in any_code()) {
            prop_assert_eq!(ProvisionalCode::parse(&code.to_string()), Ok(code));
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<ProvisionalCode>(&json).unwrap(), code);
        }

        #[test]
        fn every_single_substitution_is_found(code in any_code()) {
            let chars: Vec<char> = code.to_string().chars().filter(|c| *c != '-').collect();
            for at in 1..chars.len() {
                for other in super::super::CROCKFORD.iter().map(|byte| char::from(*byte)).filter(|c| *c != chars[at]) {
                    let mut wrong = chars.clone();
                    wrong[at] = other;
                    let wrong: String = wrong.into_iter().collect();
                    prop_assert!(ProvisionalCode::parse(&wrong).is_err(), "{} for {}", wrong, code);
                }
            }
        }

        #[test]
        fn every_swap_of_neighbours_is_found(code in any_code()) {
            let chars: Vec<char> = code.to_string().chars().filter(|c| *c != '-').collect();
            for at in 1..chars.len() - 1 {
                if chars[at] != chars[at + 1] {
                    let mut wrong = chars.clone();
                    wrong.swap(at, at + 1);
                    let wrong: String = wrong.into_iter().collect();
                    prop_assert!(ProvisionalCode::parse(&wrong).is_err(), "{} for {}", wrong, code);
                }
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,100}|T[0-9A-Z -]{0,24}") {
            let _ = ProvisionalCode::parse(&text);
        }
    }
}
