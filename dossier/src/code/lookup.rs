//! The look-up secret printed on the slip: four characters that a stranger cannot guess from the code.

use super::{crockford_char, crockford_value};
use ring::hmac;

/// Four characters, 20 bits. It is a courtesy lock, not a password: a million tries open it, so the server must limit
/// tries, and what it opens shows no personal data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LookupCode([u8; 4]);

/// The text is not a look-up code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a look-up code has four letters or digits")]
pub struct LookupCodeError;

impl LookupCode {
    /// The look-up code of a dossier: the first 20 bits of HMAC-SHA-256 under a secret that whoever prints slips holds.
    /// The same secret and dossier always give the same code, so a slip can be printed again.
    #[must_use]
    pub fn derive(secret: &[u8], dossier_id: &[u8]) -> LookupCode {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
        context.update(b"tram/lookup/1\0");
        context.update(dossier_id);
        let tag = context.sign();
        let bits = tag.as_ref().iter().take(3).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) >> 4;
        LookupCode(std::array::from_fn(|at| ((bits >> (15 - 5 * at)) & 31) as u8))
    }

    /// Reads a code as people write it: lower case, with spaces, with O for 0 and I or L for 1.
    ///
    /// # Errors
    /// [`LookupCodeError`].
    pub fn parse(text: &str) -> Result<LookupCode, LookupCodeError> {
        if text.len() > super::MAX_CODE_BYTES {
            return Err(LookupCodeError);
        }
        let chars = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let values: Vec<u8> = chars.map(crockford_value).collect::<Option<_>>().ok_or(LookupCodeError)?;
        values.try_into().map(LookupCode).map_err(|_| LookupCodeError)
    }

    /// Whether two codes are the same, in a time that does not tell how much of them is.
    #[must_use]
    pub fn matches(&self, other: &LookupCode) -> bool {
        self.0.iter().zip(other.0).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
    }

    /// The four characters to print.
    #[must_use]
    pub fn printed(&self) -> String {
        self.0.iter().map(|value| crockford_char(*value)).collect()
    }
}

impl std::fmt::Debug for LookupCode {
    /// Hides the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LookupCode(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_derivation_is_frozen() {
        assert_eq!(LookupCode::derive(&[7; 32], &[1; 16]).printed(), "1QXV");
    }

    #[test]
    fn secret_and_dossier_both_count() {
        let code = LookupCode::derive(&[7; 32], &[1; 16]);
        assert!(code.matches(&LookupCode::derive(&[7; 32], &[1; 16])));
        assert!(!code.matches(&LookupCode::derive(&[8; 32], &[1; 16])));
        assert!(!code.matches(&LookupCode::derive(&[7; 32], &[2; 16])));
    }

    #[test]
    fn people_may_write_it_their_way() {
        let code = LookupCode::parse("A0B1").unwrap();
        assert!(code.matches(&LookupCode::parse(" a o-b l ").unwrap()));
        for text in ["", "ABC", "ABCDE", "ABCU", "ABC!"] {
            assert_eq!(LookupCode::parse(text), Err(LookupCodeError), "{text}");
        }
        assert_eq!(format!("{code:?}"), "LookupCode(****)");
    }

    proptest! {
        #[test]
        fn printed_codes_read_back(secret in any::<[u8; 16]>(), id in any::<[u8; 16]>()) {
            let code = LookupCode::derive(&secret, &id);
            prop_assert_eq!(LookupCode::parse(&code.printed()), Ok(code));
        }
    }
}
