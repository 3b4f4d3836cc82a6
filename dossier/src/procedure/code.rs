//! Names of things in the catalogue: each its own type, checked when it is made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest slug of the catalogue, in bytes. Long enough for "giay-chung-nhan-quyen-su-dung-dat", short enough for a
/// key on every attachment.
pub const SLUG_MAX_BYTES: usize = 64;

/// The text is not a name of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name here is 1 to {SLUG_MAX_BYTES} characters of a-z, 0-9, '.', '-' and '_'")]
pub struct SlugError;

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the name; letters outside `[a-z0-9._-]` are refused.
            pub fn parse(text: &str) -> Result<Self, SlugError> {
                let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
                if text.is_empty() || text.len() > SLUG_MAX_BYTES || !text.bytes().all(known) {
                    return Err(SlugError);
                }
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = SlugError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

slug! {
    /// A sector (lĩnh vực), such as `ho-tich`.
    SectorId
}
slug! {
    /// An event of life, such as `sinh-con`.
    LifeEventId
}
slug! {
    /// A version of a procedure, such as `2026.07`.
    VersionId
}
slug! {
    /// A case (trường hợp) of a procedure, such as `normal`.
    CaseId
}
slug! {
    /// A component (thành phần hồ sơ), such as `giay-chung-sinh`; unique in its version.
    ComponentId
}
slug! {
    /// An e-form of a procedure, such as `to-khai-2025`; unique in its procedure.
    FormId
}

impl CaseId {
    /// The case that counts when nobody chose one; every version has it.
    pub fn normal() -> Self {
        Self("normal".to_owned())
    }
}
