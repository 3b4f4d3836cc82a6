//! What people do: signed, write-once records.
//!
//! An event says who did what to which dossier, on which version of it, knowing of which other events. It is signed by
//! the device it was made on, and names that device's previous event, so that a missing one is visible. Events are
//! never changed, merged or dropped; what follows from them is computed by [`crate::state`].

mod act;

pub use act::{Act, Counted};

pub use crate::procedure::Channel;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    certificate::Role,
    envelope::{self, EnvelopeFault, Namespace, Signature, Signed, SigningKey},
    id::{ChangeHash, DeviceId, DossierId, EventId, PublicKey},
};

/// The most bytes of one event's body: a comment of 8,000 characters and the longest lists fit.
pub const MAX_EVENT_BYTES: usize = 64 * 1024;
/// The most references (heads, or events seen) that one event may hold.
pub const MAX_REFERENCES: usize = 256;
/// The longest text in an event, in bytes.
pub const MAX_TEXT_BYTES: usize = 32 * 1024;

/// Who may see an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody who takes part in the dossier.
    #[n(0)]
    Parties,
    /// Staff of the unit only: an internal note.
    #[n(1)]
    Staff,
}

/// In which capacity somebody acts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct ActingFor {
    /// The role.
    #[n(0)]
    pub role: Role,
    /// The unit.
    #[n(1)]
    pub unit: String,
}

/// The body of an event, as it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct EventBody {
    /// The dossier.
    #[n(0)]
    pub dossier: DossierId,
    /// What was done.
    #[n(1)]
    pub act: Act,
    /// Who may see it.
    #[n(2)]
    pub audience: Audience,
    /// The device's public key.
    #[n(3)]
    pub author: PublicKey,
    /// In which capacity; `None` for a citizen with a bare key.
    #[n(4)]
    pub acting: Option<ActingFor>,
    /// The version of the content that the author saw, sorted.
    #[n(5)]
    pub heads: Vec<ChangeHash>,
    /// The latest events of this dossier that the author knew, sorted.
    #[n(6)]
    pub seen: Vec<EventId>,
    /// The device's wall clock, Unix milliseconds. It may be wrong by years; nothing is ordered by it.
    #[n(7)]
    pub at_ms: i64,
    /// How many events this device has made, this one included.
    #[n(8)]
    pub counter: u64,
    /// This device's previous event, of whatever dossier.
    #[n(9)]
    pub previous: Option<EventId>,
}

/// Why an event is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// Too large, or too many references.
    #[error("the event is over the limit of {0}")]
    OverLimit(&'static str),
    /// Not canonical, or the signature does not fit.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// It is about another dossier than the one it came with.
    #[error("the event belongs to another dossier")]
    WrongDossier,
    /// References unsorted or twice, the counter not fitting the chain, a reason missing.
    #[error("the event contradicts itself")]
    Inconsistent,
}

/// An event as it travels and is kept: body bytes and signature, not yet believed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SignedEvent(#[n(0)] pub Signed);

impl SignedEvent {
    /// Its name, whether or not it is believable.
    #[must_use]
    pub fn id(&self) -> EventId {
        EventId(Namespace::Event.digest(&self.0.body))
    }

    /// Bounds, then verifies, then decodes.
    pub fn verify(&self, dossier: &DossierId) -> Result<Event, EventFault> {
        if self.0.body.len() > MAX_EVENT_BYTES {
            return Err(EventFault::OverLimit("bytes"));
        }
        // The author's key is in the body, so the body is decoded first; nothing of it is used before the signature.
        let body: EventBody = envelope::decode(&self.0.body)?;
        self.0.signature.verify(&body.author, Namespace::Event, &self.0.body)?;
        body.check(dossier)?;
        Ok(Event { id: self.id(), body, signed: self.clone() })
    }
}

impl EventBody {
    fn check(&self, dossier: &DossierId) -> Result<(), EventFault> {
        if self.dossier != *dossier {
            return Err(EventFault::WrongDossier);
        }
        if self.heads.len() > MAX_REFERENCES || self.seen.len() > MAX_REFERENCES {
            return Err(EventFault::OverLimit("references"));
        }
        if self.act.longest_text() > MAX_TEXT_BYTES {
            return Err(EventFault::OverLimit("text"));
        }
        let sorted = self.heads.is_sorted_by(|a, b| a < b) && self.seen.is_sorted_by(|a, b| a < b);
        let chained = (self.counter == 1) == self.previous.is_none() && self.counter > 0;
        let addressed = self.audience == Audience::Parties || self.act.may_be_internal();
        if sorted && chained && addressed { Ok(()) } else { Err(EventFault::Inconsistent) }
    }

    /// Signs it. The body must be sound: it is made by this program.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> Event {
        assert_eq!(self.author, key.public(), "a device signs only its own events");
        debug_assert_eq!(self.check(&self.dossier), Ok(()));
        let signed = SignedEvent(Signed::seal(key, Namespace::Event, &self));
        Event { id: signed.id(), body: self, signed }
    }
}

/// A verified event: only [`SignedEvent::verify`] and [`EventBody::sign`] make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    id: EventId,
    body: EventBody,
    signed: SignedEvent,
}

impl Event {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> EventId {
        self.id
    }

    /// What it says.
    #[must_use]
    pub fn body(&self) -> &EventBody {
        &self.body
    }

    /// The bytes to keep and to pass on.
    #[must_use]
    pub fn signed(&self) -> &SignedEvent {
        &self.signed
    }

    /// The device that made it.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::of(&self.body.author)
    }
}

/// The signature, for whoever shows evidence.
impl AsRef<Signature> for Event {
    fn as_ref(&self) -> &Signature {
        &self.signed.0.signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(key: &SigningKey) -> EventBody {
        EventBody {
            dossier: DossierId([1; 16]),
            act: Act::Commented { text: "Đã gọi điện".into() },
            audience: Audience::Staff,
            author: key.public(),
            acting: Some(ActingFor { role: Role::Officer, unit: "25747".into() }),
            heads: vec![ChangeHash([1; 32])],
            seen: vec![],
            at_ms: 1_795_000_000_000,
            counter: 1,
            previous: None,
        }
    }

    #[test]
    fn a_signed_event_reads_back_and_an_altered_one_does_not() {
        let key = SigningKey::derive_from_seed(&[5; 32]);
        let event = body(&key).sign(&key);
        assert_eq!(event.signed().verify(&DossierId([1; 16])).as_ref(), Ok(&event));
        assert_eq!(event.signed().verify(&DossierId([2; 16])), Err(EventFault::WrongDossier));
        for position in 0..event.signed().0.body.len() {
            let mut altered = event.signed().clone();
            altered.0.body[position] ^= 1;
            assert!(altered.verify(&DossierId([1; 16])).is_err(), "byte {position}");
        }
    }

    #[test]
    fn the_bytes_of_an_event_are_frozen() {
        let key = SigningKey::derive_from_seed(&[5; 32]);
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&body(&key).sign(&key).signed().0.body));
    }

    #[test]
    fn an_official_act_cannot_be_hidden_from_the_citizen() {
        let key = SigningKey::derive_from_seed(&[5; 32]);
        let hidden = EventBody { act: Act::Adopted, ..body(&key) };
        let signed = SignedEvent(Signed::seal(&key, Namespace::Event, &hidden));
        assert_eq!(signed.verify(&DossierId([1; 16])), Err(EventFault::Inconsistent));
    }

    #[test]
    fn a_counter_without_a_previous_event_is_refused() {
        let key = SigningKey::derive_from_seed(&[5; 32]);
        let forged = EventBody { counter: 7, ..body(&key) };
        let signed = SignedEvent(Signed::seal(&key, Namespace::Event, &forged));
        assert_eq!(signed.verify(&DossierId([1; 16])), Err(EventFault::Inconsistent));
    }
}
