//! Codes of administrative procedures in the national database.

use super::org_unit_id::{OrgUnitId, is_level_1};
use super::{MAX_CODE_BYTES, is_digits};
use serde::{Deserialize, Serialize};

/// A code such as `1.001193`, in old data with the province that used it: `1.001193.000.00.00.H22` (domain §3.3).
///
/// Local extensions (`1.1.012756`) and private service ids are not national codes and are refused here; they belong
/// in a mapping table at the boundary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProcedureCode(String);

/// The text is not a code of the national database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a procedure code is written 1.001193 or 1.001193.000.00.00.H22")]
pub struct ProcedureCodeError;

const BASE_BYTES: usize = 8;

impl ProcedureCode {
    /// Reads a code. Lower case and spaces around are understood.
    ///
    /// # Errors
    /// [`ProcedureCodeError`].
    pub fn parse(text: &str) -> Result<ProcedureCode, ProcedureCodeError> {
        if text.len() > MAX_CODE_BYTES {
            return Err(ProcedureCodeError);
        }
        let code = text.trim().to_ascii_uppercase();
        let parts: Vec<&str> = code.split('.').collect();
        let base = |kind: &str, number: &str| matches!(kind, "1" | "2" | "3") && is_digits(number, 6..=6);
        let right = match parts.as_slice() {
            [kind, number] => base(kind, number),
            [kind, number, a, b, c, authority] => {
                base(kind, number)
                    && is_digits(a, 3..=3)
                    && is_digits(b, 2..=2)
                    && is_digits(c, 2..=2)
                    && is_level_1(authority)
            }
            _ => false,
        };
        if right { Ok(ProcedureCode(code)) } else { Err(ProcedureCodeError) }
    }

    /// The whole code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The national part, `1.001193`: the same procedure everywhere.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.0[..BASE_BYTES]
    }

    /// The legacy suffix as written, `000.00.00.H22`.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        self.0.get(BASE_BYTES + 1..)
    }

    /// The authority that the legacy suffix names.
    #[must_use]
    pub fn authority(&self) -> Option<OrgUnitId> {
        self.suffix().and_then(|suffix| OrgUnitId::parse(suffix).ok())
    }
}

impl std::fmt::Display for ProcedureCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ProcedureCode {
    type Error = ProcedureCodeError;
    fn try_from(text: String) -> Result<ProcedureCode, ProcedureCodeError> {
        ProcedureCode::parse(&text)
    }
}

impl From<ProcedureCode> for String {
    fn from(code: ProcedureCode) -> String {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base_and_suffix() {
        let plain = ProcedureCode::parse(" 3.000181 ").unwrap();
        assert_eq!((plain.base(), plain.suffix(), plain.authority()), ("3.000181", None, None));
        let legacy = ProcedureCode::parse("1.001193.000.00.00.h22").unwrap();
        assert_eq!((legacy.base(), legacy.suffix()), ("1.001193", Some("000.00.00.H22")));
        assert_eq!(legacy.authority().unwrap().as_str(), "H22");
    }

    #[test]
    fn what_is_no_national_code_is_refused() {
        for text in
            ["", "4.001193", "1.00119", "1.1.012756", "TS_lop1.000.00.00.H22", "1.001193.000.00.00", "1.001193.H22"]
        {
            assert_eq!(ProcedureCode::parse(text), Err(ProcedureCodeError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,100}|[123.0H]{0,30}") {
            if let Ok(code) = ProcedureCode::parse(&text) {
                let _ = (code.base().len(), code.authority());
            }
        }
    }
}
