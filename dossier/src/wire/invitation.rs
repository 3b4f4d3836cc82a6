use data_encoding::BASE32_NOPAD;

use crate::id::PublicKey;

/// What a person gets to enrol a device: one word that names the Centre and holds a one-time token.
///
/// The Centre's key is in it, so that the device knows the right Centre before it ever talks to one.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The Centre.
    pub centre: PublicKey,
    /// The one-time secret; the Centre keeps only its hash.
    pub token: [u8; 16],
}

/// Not an invitation: mistyped, cut off, or something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation")]
pub struct NotAnInvitation;

const PREFIX: &str = "TRAM1-";

impl std::fmt::Display for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [&self.centre.0[..], &self.token].concat();
        let check = crate::id::sha256(&[b"tram/invitation/v1\0", &bytes]);
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&[&bytes[..], &check[..2]].concat()))
    }
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invitation(centre {})", self.centre)
    }
}

impl std::str::FromStr for Invitation {
    type Err = NotAnInvitation;

    fn from_str(text: &str) -> Result<Self, NotAnInvitation> {
        let text = text.trim().to_ascii_uppercase();
        let body = text.strip_prefix(PREFIX).ok_or(NotAnInvitation)?;
        let bytes = BASE32_NOPAD.decode(body.as_bytes()).map_err(|_| NotAnInvitation)?;
        let (centre, rest) = bytes.split_first_chunk::<32>().ok_or(NotAnInvitation)?;
        let (token, check) = rest.split_first_chunk::<16>().ok_or(NotAnInvitation)?;
        let expected = crate::id::sha256(&[b"tram/invitation/v1\0", centre, token]);
        if check != &expected[..2] {
            return Err(NotAnInvitation);
        }
        Ok(Self { centre: PublicKey(*centre), token: *token })
    }
}
