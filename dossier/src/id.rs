//! Names of things: every id is a newtype, every hash says what it is the hash of.
//!
//! A dossier's id is minted on a phone with no network (UUIDv7). Everything else is named by what it *is*: a device by
//! its public key, an event, a change, a blob by their SHA-256. So two machines that never met agree on every name.

use std::{fmt, str::FromStr};

use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use minicbor::{Decode, Decoder, Encode, Encoder};
use ring::digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind}")]
pub struct NotAnId {
    /// The kind that was expected, such as `dossier id`.
    pub kind: &'static str,
}

/// SHA-256 of the concatenation of `parts`, the first of which is a namespace that keeps kinds of message apart.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The raw bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// From exactly as many bytes as the id has.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, NotAnId> {
                bytes.try_into().map(Self).map_err(|_| NotAnId { kind: $kind })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER_PERMISSIVE.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let bytes =
                    HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| NotAnId { kind: $kind })?;
                Self::from_slice(&bytes)
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::from_slice(d.bytes()?).map_err(|_| minicbor::decode::Error::message(concat!("not a ", $kind)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

bytes_id!(
    /// Hash of an Automerge change chunk, as Automerge itself computes it.
    ChangeHash, 32, "change hash"
);
bytes_id!(
    /// Hash of a signed event's body.
    EventId, 32, "event id"
);
bytes_id!(
    /// Hash of an attachment's content.
    BlobId, 32, "blob id"
);
bytes_id!(
    /// Hash of a whole batch, a receipt or a certificate body.
    Digest, 32, "digest"
);
bytes_id!(
    /// What a device ought to hold of a scope, in brief.
    ScopeDigest, 8, "scope digest"
);
bytes_id!(
    /// One writer of one dossier's content: minted per device, dossier and installation.
    ActorId, 16, "actor id"
);
bytes_id!(
    /// One attempt to sync; replaying it returns the stored receipt.
    BatchId, 16, "batch id"
);
bytes_id!(
    /// An Ed25519 public key.
    PublicKey, 32, "public key"
);
bytes_id!(
    /// A device: the first 16 bytes of the hash of its public key.
    DeviceId, 16, "device id"
);

impl BlobId {
    /// The id of this content.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(sha256(&[content]))
    }
}

impl DeviceId {
    /// The device that owns this key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        let hash = sha256(&[b"tram/device/v1\0", &key.0]);
        let mut out = [0; 16];
        out.copy_from_slice(&hash[..16]);
        Self(out)
    }

    /// Six letters for people: printed on provisional slips, shown in lists.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = BASE32_NOPAD.encode(&self.0[..4]);
        text.truncate(6);
        text
    }
}

/// A dossier, named on the device that starts it (UUIDv7: sorts by time of birth, unguessable in its last 74 bits).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DossierId(pub [u8; 16]);

impl DossierId {
    /// Mints an id from the device's clock (Unix milliseconds) and ten random bytes.
    #[must_use]
    pub fn mint(now_ms: i64, random: &[u8; 10]) -> Self {
        let millis = u64::try_from(now_ms).unwrap_or(0);
        Self(*uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid().as_bytes())
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for DossierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for DossierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DossierId({self})")
    }
}

impl FromStr for DossierId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        uuid::Uuid::parse_str(text.trim()).map(|id| Self(*id.as_bytes())).map_err(|_| NotAnId { kind: "dossier id" })
    }
}

impl<C> Encode<C> for DossierId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for DossierId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.bytes()?.try_into().map(Self).map_err(|_| minicbor::decode::Error::message("not a dossier id"))
    }
}

impl Serialize for DossierId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DossierId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print() {
        let dossier = DossierId::mint(1_795_000_000_000, &[7; 10]);
        assert_eq!(dossier.to_string().parse(), Ok(dossier));
        let blob = BlobId::of(b"abc");
        assert_eq!(blob.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(blob.to_string().to_uppercase().parse(), Ok(blob));
        assert!("zz".parse::<BlobId>().is_err());
        assert_eq!(DeviceId::of(&PublicKey([1; 32])).short().len(), 6);
    }

    #[test]
    fn later_dossiers_sort_later() {
        assert!(DossierId::mint(2, &[0; 10]) > DossierId::mint(1, &[255; 10]));
    }
}
