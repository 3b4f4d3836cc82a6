//! Canonical bytes and signatures: the one way in which anything signed is written.
//!
//! A signed thing is a CBOR body and an Ed25519 signature over `namespace ‖ SHA-256(body)`. The body's bytes are the
//! truth and are kept as they came; a body that does not re-encode to the same bytes is refused, so that one meaning
//! has one hash. A namespace per kind of message keeps a signature from being used for another kind.

use minicbor::{Decode, Encode};
use ring::signature::{self, Ed25519KeyPair, KeyPair};

use crate::id::{DeviceId, PublicKey, sha256};

/// What a signature speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// A thing that a person did.
    Event,
    /// A part of what one device sends in one request.
    Parcel,
    /// What the Centre says it received.
    Receipt,
    /// Who a device belongs to.
    Certificate,
    /// A block of dossier codes.
    Lease,
}

impl Namespace {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Event => b"tram/event/v1\0",
            Self::Parcel => b"tram/parcel/v1\0",
            Self::Receipt => b"tram/receipt/v1\0",
            Self::Certificate => b"tram/certificate/v1\0",
            Self::Lease => b"tram/lease/v1\0",
        }
    }

    /// The name of a body of this kind.
    #[must_use]
    pub fn digest(self, body: &[u8]) -> [u8; 32] {
        sha256(&[self.tag(), body])
    }
}

/// Why bytes are not what they claim to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// Not CBOR of the expected shape.
    #[error("the bytes are not of the expected form")]
    Malformed,
    /// Same meaning, other bytes than the canonical ones.
    #[error("the bytes are not in canonical form")]
    NotCanonical,
    /// The signature does not fit the key and the bytes.
    #[error("the signature does not fit")]
    BadSignature,
}

/// Encodes a value; encoding to memory cannot fail.
#[must_use]
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing CBOR to memory cannot fail")
}

/// Decodes a value that must use up all bytes, of which no name and no signature is taken: several spellings do no harm.
pub fn decode_unnamed<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, EnvelopeFault> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value: T = decoder.decode().map_err(|_| EnvelopeFault::Malformed)?;
    if decoder.position() == bytes.len() { Ok(value) } else { Err(EnvelopeFault::Malformed) }
}

/// Decodes a value that must use up all bytes and be canonical.
pub fn decode<T: for<'b> Decode<'b, ()> + Encode<()>>(bytes: &[u8]) -> Result<T, EnvelopeFault> {
    let value: T = decode_unnamed(bytes)?;
    if encode(&value) != bytes {
        return Err(EnvelopeFault::NotCanonical);
    }
    Ok(value)
}

/// A key pair that never leaves its device (or the Centre's own).
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// The key of a 32-byte seed. The same seed gives the same key.
    #[must_use]
    pub fn derive_from_seed(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a valid Ed25519 seed");
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Self { pair, public: PublicKey(public) }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The device this key makes.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::of(&self.public)
    }

    /// Signs a body in a namespace.
    #[must_use]
    pub fn sign(&self, namespace: Namespace, body: &[u8]) -> Signature {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair.sign(&message(namespace, body)).as_ref());
        Signature(out)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public)
    }
}

/// An Ed25519 signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Signature {
    /// Whether `key` signed `body` in `namespace`.
    pub fn verify(&self, key: &PublicKey, namespace: Namespace, body: &[u8]) -> Result<(), EnvelopeFault> {
        signature::UnparsedPublicKey::new(&signature::ED25519, &key.0)
            .verify(&message(namespace, body), &self.0)
            .map_err(|_| EnvelopeFault::BadSignature)
    }
}

impl<C> Encode<C> for Signature {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Signature {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.bytes()?.try_into().map(Self).map_err(|_| minicbor::decode::Error::message("not a signature"))
    }
}

fn message(namespace: Namespace, body: &[u8]) -> Vec<u8> {
    [namespace.tag(), &sha256(&[body])].concat()
}

/// A body and its signature, as they travel and as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Signed {
    /// The canonical CBOR of the body.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Over `namespace ‖ SHA-256(body)`.
    #[n(1)]
    pub signature: Signature,
}

impl Signed {
    /// Encodes and signs.
    #[must_use]
    pub fn seal<T: Encode<()>>(key: &SigningKey, namespace: Namespace, value: &T) -> Self {
        let body = encode(value);
        let signature = key.sign(namespace, &body);
        Self { body, signature }
    }

    /// Verifies, then decodes: nothing is read of a body whose signature does not fit.
    pub fn open<T: for<'b> Decode<'b, ()> + Encode<()>>(
        &self,
        key: &PublicKey,
        namespace: Namespace,
    ) -> Result<T, EnvelopeFault> {
        self.signature.verify(key, namespace, &self.body)?;
        decode(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_one_key_one_kind_and_one_body() {
        let key = SigningKey::derive_from_seed(&[3; 32]);
        let signed = Signed::seal(&key, Namespace::Lease, &42u32);
        assert_eq!(signed.open::<u32>(&key.public(), Namespace::Lease), Ok(42));
        assert_eq!(signed.open::<u32>(&key.public(), Namespace::Event), Err(EnvelopeFault::BadSignature));
        let other = SigningKey::derive_from_seed(&[4; 32]);
        assert_eq!(signed.open::<u32>(&other.public(), Namespace::Lease), Err(EnvelopeFault::BadSignature));
        let mut altered = signed.clone();
        altered.body = encode(&43u32);
        assert_eq!(altered.open::<u32>(&key.public(), Namespace::Lease), Err(EnvelopeFault::BadSignature));
    }

    #[test]
    fn one_meaning_has_one_spelling() {
        assert_eq!(decode::<u32>(&[0x18, 0x2a]), Ok(42));
        assert_eq!(decode::<u32>(&[0x19, 0x00, 0x2a]), Err(EnvelopeFault::NotCanonical));
        assert_eq!(decode::<u32>(&[0x18, 0x2a, 0x00]), Err(EnvelopeFault::Malformed));
        assert_eq!(decode::<u32>(&[]), Err(EnvelopeFault::Malformed));
    }
}
