//! How the dossiers of a feed are spelled: their items by columns, and beside them what the Centre adds, likewise.

use minicbor::{
    Decode, Decoder, Encode, Encoder,
    decode::Error as ReadError,
    encode::{Error as WriteError, Write},
};

use super::{
    columns::{self, Items, Most},
    frame::{ArrivedBlob, FeedChange, FeedDossier, FeedEvent},
    limits,
    request::DossierItems,
};
use crate::state::Received;

/// The most that one feed holds: of the smallest items, four times what one request may bring.
const MOST: Most = Most { dossiers: 4 * limits::MAX_DOSSIERS, items: 4 * limits::MAX_ITEMS };

/// A feed's dossiers as they travel.
#[derive(Encode, Decode)]
struct Spelled {
    #[cbor(n(0), with = "minicbor::bytes")]
    items: Vec<u8>,
    /// Of each dossier.
    #[n(1)]
    enters: Vec<Option<bool>>,
    #[n(2)]
    blobs: Vec<Vec<ArrivedBlob>>,
    /// Of each change.
    #[n(3)]
    authors: Vec<u32>,
    /// Of each change, then of each event, dossier by dossier: the difference from the one before.
    #[n(4)]
    at_ms: Vec<i64>,
    #[n(5)]
    clock_offset_ms: Vec<i64>,
}

/// The steps from one value to the next.
fn steps(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut last = 0i64;
    values.map(|value| value.wrapping_sub(std::mem::replace(&mut last, value))).collect()
}

fn values(steps: Vec<i64>) -> impl Iterator<Item = i64> {
    steps.into_iter().scan(0i64, |last, step| {
        *last = last.wrapping_add(step);
        Some(*last)
    })
}

impl FeedDossier {
    fn received(&self) -> impl Iterator<Item = Received> {
        let changes = self.changes.iter().map(|change| change.received);
        changes.chain(self.events.iter().map(|event| event.received))
    }
}

/// Writes the dossiers of a feed.
pub fn encode<C, W: Write>(
    dossiers: &[FeedDossier],
    e: &mut Encoder<W>,
    context: &mut C,
) -> Result<(), WriteError<W::Error>> {
    let items: Vec<_> = dossiers
        .iter()
        .map(|dossier| Items {
            dossier: dossier.dossier,
            texts: &dossier.texts,
            changes: dossier.changes.iter().map(|change| &change.bytes[..]).collect(),
            events: dossier.events.iter().map(|event| &event.event).collect(),
        })
        .collect();
    let received = || dossiers.iter().flat_map(FeedDossier::received);
    let spelled = Spelled {
        items: columns::write(&items),
        enters: dossiers.iter().map(|dossier| dossier.enters).collect(),
        blobs: dossiers.iter().map(|dossier| dossier.blobs.clone()).collect(),
        authors: dossiers.iter().flat_map(|dossier| &dossier.changes).map(|change| change.author).collect(),
        at_ms: steps(received().map(|received| received.at_ms)),
        clock_offset_ms: steps(received().map(|received| received.clock_offset_ms)),
    };
    spelled.encode(e, context)
}

/// Reads the dossiers of a feed.
pub fn decode<'b, C>(d: &mut Decoder<'b>, context: &mut C) -> Result<Vec<FeedDossier>, ReadError> {
    let Spelled { items, enters, blobs, authors, at_ms, clock_offset_ms } = Spelled::decode(d, context)?;
    let items = columns::read(&items, MOST).map_err(ReadError::custom)?;
    let changes: usize = items.iter().map(|items| items.changes.len()).sum();
    let events: usize = items.iter().map(|items| items.events.len()).sum();
    let fits = enters.len() == items.len()
        && blobs.len() == items.len()
        && authors.len() == changes
        && at_ms.len() == changes + events
        && clock_offset_ms.len() == changes + events;
    if !fits {
        return Err(ReadError::message("the columns of the feed differ in length"));
    }
    let mut received =
        values(at_ms).zip(values(clock_offset_ms)).map(|(at_ms, clock_offset_ms)| Received { at_ms, clock_offset_ms });
    let mut authors = authors.into_iter();
    let dossiers = (items.into_iter().zip(enters).zip(blobs))
        .map(|((items, enters), blobs)| {
            let DossierItems { dossier, texts, changes, events } = items;
            let changes = (changes.into_iter().zip(authors.by_ref()).zip(received.by_ref()))
                .map(|((bytes, author), received)| FeedChange { bytes: bytes.into(), author, received })
                .collect();
            let events = (events.into_iter().zip(received.by_ref()))
                .map(|(event, received)| FeedEvent { event, received })
                .collect();
            FeedDossier { dossier, enters, texts, changes, events, blobs }
        })
        .collect();
    Ok(dossiers)
}
