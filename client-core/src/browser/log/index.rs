//! What is live: every record's key in order, with its value or where that stands.

use std::collections::BTreeMap;

use super::frame::Place;

/// How a value is held.
#[derive(Debug, Clone)]
pub enum Kept {
    Here(Box<[u8]>),
    There(Place),
}

/// Everything that is live.
#[derive(Debug, Default)]
pub struct Index {
    /// By space and key.
    pub records: BTreeMap<Box<[u8]>, Kept>,
    /// How many bytes it takes to write all of it into a log.
    pub live_bytes: u64,
}

impl Index {
    /// Sets or removes a record; how its value was held before.
    pub fn set(&mut self, key: Box<[u8]>, kept: Option<Kept>) -> Option<Kept> {
        let length = key.len();
        self.live_bytes += kept.as_ref().map_or(0, |kept| written(length, kept));
        let before = match kept {
            Some(kept) => self.records.insert(key, kept),
            None => self.records.remove(&key),
        };
        self.live_bytes -= before.as_ref().map_or(0, |before| written(length, before));
        before
    }
}

/// The bytes of a record in a frame.
fn written(key: usize, kept: &Kept) -> u64 {
    let value = match kept {
        Kept::Here(value) => 4 + value.len() as u64,
        Kept::There(place) if place.apart => 16,
        Kept::There(place) => 4 + u64::from(place.length),
    };
    5 + key as u64 + value
}
