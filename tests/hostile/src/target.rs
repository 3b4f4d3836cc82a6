//! What is fed: one target for each gate at which strangers' bytes are read.
//!
//! A target takes bytes as they come. Where a checksum or a signature stands before the interesting part, the target of
//! the same name with `mended` takes the part behind it and makes the checksum or signature fit, so that what only an
//! attacker with a key of their own reaches is reached.

mod content;
mod conversation;
mod device;
mod sealed;
mod web;
mod words;

pub(crate) use device::Waiting;
pub(crate) use sealed::all_frames;
pub(crate) use web::Asker;

use crate::mutate::Shape;

/// How far an input got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Refused at the gate.
    Refused,
    /// Past the gate, and refused behind it (or some of it was).
    Deep,
    /// Taken.
    Accepted,
}

impl Verdict {
    /// Accepted if so, else refused.
    #[must_use]
    pub fn taken(is_taken: bool) -> Self {
        if is_taken { Self::Accepted } else { Self::Refused }
    }
}

/// What a target does with an input.
pub type Feed = Box<dyn FnMut(&[u8]) -> Verdict>;

/// A gate with the honest bytes that pass it.
pub struct Target {
    /// How inputs are made.
    pub shape: Shape,
    /// Honest inputs.
    pub honest: Vec<Vec<u8>>,
    /// What is fed.
    pub feed: Feed,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({} honest inputs)", self.honest.len())
    }
}

impl Target {
    fn bytes(honest: Vec<Vec<u8>>, feed: impl FnMut(&[u8]) -> Verdict + 'static) -> Self {
        Self { shape: Shape::Bytes, honest, feed: Box::new(feed) }
    }

    /// The bytes are what stands in a header or what a person types: text that need not be UTF-8.
    fn text(honest: &[&str], mut feed: impl FnMut(&str) -> bool + 'static) -> Self {
        let honest = honest.iter().map(|text| text.as_bytes().to_vec()).collect();
        let feed = move |input: &[u8]| Verdict::taken(feed(&String::from_utf8_lossy(input)));
        Self { shape: Shape::Text, honest, feed: Box::new(feed) }
    }
}

/// A target that can be made again, fresh.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Its name.
    pub name: &'static str,
    /// Its share of the inputs.
    pub weight: u64,
    /// Makes it.
    pub make: fn() -> Target,
}

const fn gate(name: &'static str, weight: u64, make: fn() -> Target) -> Gate {
    Gate { name, weight, make }
}

/// Every gate. Whole conversations cost a thousand times what a parser does, hence the weights.
pub const GATES: [Gate; 36] = [
    gate("change", 60, content::raw),
    gate("change mended", 200, content::mended),
    gate("change history", 30, content::history),
    gate("file note", 20, content::file_note),
    gate("event", 30, sealed::event),
    gate("event mended", 30, sealed::event_mended),
    gate("batch", 20, sealed::batch),
    gate("batch mended", 30, sealed::batch_mended),
    gate("receipt mended", 20, sealed::receipt_mended),
    gate("certificate mended", 20, sealed::certificate_mended),
    gate("lease", 40, sealed::lease),
    gate("cursor", 40, sealed::cursor),
    gate("token", 40, sealed::token),
    gate("body", 20, sealed::body),
    gate("body mended", 20, sealed::body_mended),
    gate("frames", 40, sealed::frames),
    gate("invitation", 40, words::invitation),
    gate("official code", 40, words::official_code),
    gate("provisional code", 40, words::provisional_code),
    gate("other codes", 40, words::other_codes),
    gate("ids", 40, words::ids),
    gate("papers of people", 40, words::papers),
    gate("what is typed", 10, words::typed),
    gate("a form's answers", 5, words::answers),
    gate("search", 4, words::search),
    gate("procedure JSON", 6, words::procedure),
    gate("units JSON", 1, words::units),
    gate("request to the Centre", 2, conversation::request),
    gate("items to the Centre", 4, conversation::items),
    gate("batch to the Centre", 3, conversation::batch),
    gate("answer to a device", 2, device::answer),
    gate("frames to a device", 2, device::frames),
    gate("feed to a device", 3, device::feed),
    gate("receipt to a device", 2, device::receipt),
    gate("HTTP answer to a device", 4, device::errand),
    gate("HTTP to the Centre", 4, web::request),
];
