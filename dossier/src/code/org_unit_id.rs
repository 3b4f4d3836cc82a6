//! Electronic identifiers of authorities (QĐ 20/2020/QĐ-TTg, amended by QĐ 09/2025/QĐ-TTg).

use super::is_digits;
use serde::{Deserialize, Serialize};

/// The longest identifier, by the decision.
const MAX_BYTES: usize = 35;

/// An identifier such as `H09.16.03`, big to small, with what was written.
///
/// The legacy form of QCVN 102:2016 is reversed and of fixed width, `000.00.16.H09`; it is still in use and is read too.
/// Two identifiers are equal when their canonical forms are. JSON is the text as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgUnitId {
    canonical: String,
    raw: String,
}

/// The text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an authority's identifier is written H09.16 or 000.00.16.H09")]
pub struct OrgUnitIdError;

impl OrgUnitId {
    /// Reads an identifier in either form. Lower case is understood.
    ///
    /// # Errors
    /// [`OrgUnitIdError`].
    pub fn parse(text: &str) -> Result<OrgUnitId, OrgUnitIdError> {
        let written = text.trim();
        if written.len() > MAX_BYTES {
            return Err(OrgUnitIdError);
        }
        let upper = written.to_ascii_uppercase();
        let parts: Vec<&str> = upper.split('.').collect();
        let canonical = match parts.as_slice() {
            [level4, level3, level2, level1] if is_level_1(level1) && is_legacy_tail(level4, level3, level2) => {
                let mut levels = vec![*level1, *level2, *level3, *level4];
                // Trailing zeros say that there is no such level.
                while levels.last().is_some_and(|level| level.bytes().all(|byte| byte == b'0')) {
                    levels.pop();
                }
                levels.join(".")
            }
            [level1, rest @ ..] if is_level_1(level1) && rest.iter().all(|level| is_level(level)) => upper.clone(),
            _ => return Err(OrgUnitIdError),
        };
        Ok(OrgUnitId { canonical, raw: written.to_owned() })
    }

    /// The canonical form, big to small.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// What was written.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

/// `G01` a ministry, `H09` a province.
pub(super) fn is_level_1(level: &str) -> bool {
    matches!(level.as_bytes(), [b'G' | b'H', digits @ ..] if digits.len() == 2 && digits.iter().all(u8::is_ascii_digit))
}

/// One to five digits or capital letters.
pub(super) fn is_level(level: &str) -> bool {
    (1..=5).contains(&level.len()) && level.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn is_legacy_tail(level4: &str, level3: &str, level2: &str) -> bool {
    is_digits(level4, 3..=3) && is_digits(level3, 2..=2) && is_digits(level2, 2..=2)
}

impl PartialEq for OrgUnitId {
    fn eq(&self, other: &OrgUnitId) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for OrgUnitId {}

impl std::hash::Hash for OrgUnitId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl std::fmt::Display for OrgUnitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.canonical)
    }
}

impl TryFrom<String> for OrgUnitId {
    type Error = OrgUnitIdError;
    fn try_from(text: String) -> Result<OrgUnitId, OrgUnitIdError> {
        OrgUnitId::parse(&text)
    }
}

impl From<OrgUnitId> for String {
    fn from(id: OrgUnitId) -> String {
        id.raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms_meet() {
        for (written, canonical) in [
            ("H09.16", "H09.16"),
            ("000.00.16.H09", "H09.16"),
            ("000.00.01.h22", "H22.01"),
            ("000.00.04.G18", "G18.04"),
            ("003.00.16.H09", "H09.16.00.003"),
            ("000.00.00.H22", "H22"),
            (" H29.25747 ", "H29.25747"),
            ("H29", "H29"),
        ] {
            let id = OrgUnitId::parse(written).unwrap();
            assert_eq!((id.as_str(), id.raw()), (canonical, written.trim()));
        }
        assert_eq!(OrgUnitId::parse("000.00.16.H09"), OrgUnitId::parse("H09.16"));
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in ["", "16", "X09.16", "H9.16", "H09.", "H09..16", "H09.123456", "H09.Đ", "00.00.16.H09"] {
            assert_eq!(OrgUnitId::parse(text), Err(OrgUnitIdError), "{text}");
        }
        assert!(OrgUnitId::parse(&format!("H09{}", ".12345".repeat(6))).is_err());
    }

    #[test]
    fn json_keeps_what_was_written() {
        let id: OrgUnitId = serde_json::from_str("\"000.00.16.H09\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"000.00.16.H09\"");
    }

    proptest! {
        #[test]
        fn any_text_is_survived_and_canonical_is_stable(text in "\\PC{0,40}|[GH][0-9]{2}(\\.[0-9A-Z]{1,5}){0,4}") {
            if let Ok(id) = OrgUnitId::parse(&text) {
                let again = OrgUnitId::parse(id.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), id.as_str());
            }
        }
    }
}
