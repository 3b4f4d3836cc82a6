//! How far a device has read a scope: opaque to it, sealed so that it can be neither forged nor used elsewhere.

use dossier::{envelope, id::ScopeDigest, wire::ScopeCursor};
use minicbor::{Decode, Encode};

use super::Centre;

const KIND: &[u8] = b"tram/cursor/v2\0";

/// What is inside a cursor. Its scope is not: it is part of what is sealed, and stands beside the cursor anyway.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Inside {
    #[cbor(n(0), with = "minicbor::bytes")]
    epoch: [u8; 8],
    #[n(1)]
    seq: u64,
    #[n(2)]
    digest: ScopeDigest,
}

/// A place in the feed of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The number of the last row that was read.
    pub seq: u64,
    /// The scope's digest, if that row was the last there was; zeroes otherwise.
    pub digest: ScopeDigest,
}

/// What a cursor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// The device read so far in the feed as it stands.
    UpTo(Position),
    /// The device read some of the feed as it stood before a backup was put back: what it holds is to be compared.
    OtherEpoch,
}

impl Centre {
    /// The cursor of a place in a scope's feed.
    #[must_use]
    pub fn cursor(&self, scope: &str, at: Position) -> ScopeCursor {
        let inside = Inside { epoch: self.epoch, seq: at.seq, digest: at.digest };
        ScopeCursor { scope: scope.to_owned(), cursor: self.seal_bytes(&kind(scope), envelope::encode(&inside)) }
    }

    /// Reads a cursor. One of another Centre or another scope is `None`: the scope is then read from its beginning, which
    /// costs bytes and loses nothing, since applying anything twice changes nothing.
    #[must_use]
    pub fn read(&self, cursor: &ScopeCursor) -> Option<Read> {
        let inside: Inside = envelope::decode(self.unseal(&kind(&cursor.scope), &cursor.cursor)?).ok()?;
        let Inside { epoch, seq, digest } = inside;
        Some(if epoch == self.epoch { Read::UpTo(Position { seq, digest }) } else { Read::OtherEpoch })
    }
}

fn kind(scope: &str) -> Vec<u8> {
    [KIND, scope.as_bytes(), b"\0"].concat()
}
