//! How far a device has read a scope: opaque to it, sealed so that it can be neither forged nor used elsewhere.

use dossier::{envelope, wire::ScopeCursor};
use minicbor::{Decode, Encode};

use super::Centre;

const KIND: &[u8] = b"tram/cursor/v1\0";

/// What is inside a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Inside {
    #[cbor(n(0), with = "minicbor::bytes")]
    epoch: [u8; 8],
    #[n(1)]
    scope: String,
    #[n(2)]
    seq: u64,
}

/// A place in the feed of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(pub u64);

impl Centre {
    /// The cursor of a place in a scope's feed.
    #[must_use]
    pub fn cursor(&self, scope: &str, at: Position) -> ScopeCursor {
        let inside = Inside { epoch: self.epoch, scope: scope.to_owned(), seq: at.0 };
        ScopeCursor { scope: scope.to_owned(), cursor: self.seal_bytes(KIND, envelope::encode(&inside)) }
    }

    /// Reads a cursor. One of another Centre, another scope or an older epoch is `None`: the scope is then read from its
    /// beginning, which costs bytes and loses nothing, since applying anything twice changes nothing.
    #[must_use]
    pub fn position(&self, cursor: &ScopeCursor) -> Option<Position> {
        let inside: Inside = envelope::decode(self.unseal(KIND, &cursor.cursor)?).ok()?;
        (inside.epoch == self.epoch && inside.scope == cursor.scope).then_some(Position(inside.seq))
    }
}
