//! The bearer token for attachments and reads: it names a device, and the Centre knows its own seal.

use data_encoding::BASE64URL_NOPAD;
use dossier::{envelope, id::DeviceId};
use minicbor::{Decode, Encode};

use super::Centre;

/// A day: the device gets a new one at every sync.
pub const TOKEN_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

const KIND: &[u8] = b"tram/token/v1\0";

#[derive(Encode, Decode)]
struct Inside {
    #[n(0)]
    device: DeviceId,
    #[n(1)]
    until_ms: i64,
}

impl Centre {
    /// A token for a device, from now on.
    #[must_use]
    pub fn token(&self, device: DeviceId, now_ms: i64) -> String {
        let inside = Inside { device, until_ms: now_ms.saturating_add(TOKEN_LIFE_MS) };
        BASE64URL_NOPAD.encode(&self.seal_bytes(KIND, envelope::encode(&inside)))
    }

    /// The device of a token; `None` if the token is not ours or too old.
    #[must_use]
    pub fn bearer(&self, token: &str, now_ms: i64) -> Option<DeviceId> {
        let sealed = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let inside: Inside = envelope::decode(self.unseal(KIND, &sealed)?).ok()?;
        (now_ms < inside.until_ms).then_some(inside.device)
    }
}
