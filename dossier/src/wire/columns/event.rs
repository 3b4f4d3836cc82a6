//! Events by columns.

use std::collections::BTreeMap;

use super::{
    ColumnsFault,
    change::Known,
    stream::{In, Out, Stream},
};
use crate::{
    envelope::{self, Signature, Signed},
    event::{Act, ActingFor, Audience, EventBody, MAX_REFERENCES, SignedEvent},
    id::{ChangeHash, DossierId, EventId, PublicKey},
    wire::request::DossierItems,
};

/// It travels as it is.
const PLAIN: u64 = 0;
/// By columns, for the parties.
const PARTIES: u64 = 1;
/// By columns, for staff.
const STAFF: u64 = 2;
/// The event before: there is none, it is named, or it travels along.
const NO_PREVIOUS: u64 = 0;
const NAMED_PREVIOUS: u64 = 1;
const PREVIOUS_IS_HERE: u64 = 2;

/// An author's how-manieth event.
type Place = (PublicKey, u64);

/// What a message's events have said so far; both ends keep the same.
#[derive(Debug, Default)]
struct Said {
    authors: Vec<PublicKey>,
    capacities: Vec<Option<ActingFor>>,
    /// The counter of each author's last event.
    counters: BTreeMap<PublicKey, u64>,
    at_ms: i64,
}

/// Writes the events of a message, dossier by dossier.
pub struct Writer<'a> {
    events: Vec<(&'a SignedEvent, EventId, Option<EventBody>)>,
    /// The first event at each place.
    places: BTreeMap<Place, EventId>,
    written: usize,
    said: Said,
}

impl<'a> Writer<'a> {
    pub fn over(events: impl Iterator<Item = &'a SignedEvent>) -> Self {
        let events: Vec<_> =
            events.map(|event| (event, event.id(), envelope::decode::<EventBody>(&event.0.body).ok())).collect();
        let mut places = BTreeMap::new();
        for (_, id, body) in &events {
            if let Some(body) = body {
                places.entry((body.author, body.counter)).or_insert(*id);
            }
        }
        Self { events, places, written: 0, said: Said::default() }
    }

    /// Writes the next `count` events, which are one dossier's.
    pub fn write(&mut self, out: &mut Out, dossier: &DossierId, known: &Known, count: usize) {
        let here = &self.events[self.written..self.written + count];
        self.written += count;
        let nth: BTreeMap<EventId, usize> = here.iter().map(|(_, id, _)| *id).zip(0..).collect();
        for (event, _, body) in here {
            out.bytes(Stream::Signatures, &event.0.signature.0);
            let fits = |body: &&EventBody| {
                body.dossier == *dossier && body.heads.len() <= MAX_REFERENCES && body.seen.len() <= MAX_REFERENCES
            };
            let Some(body) = body.as_ref().filter(fits) else {
                out.number(Stream::Events, PLAIN);
                out.slice(Stream::Plain, &event.0.body);
                continue;
            };
            out.number(Stream::Events, if body.audience == Audience::Staff { STAFF } else { PARTIES });
            place_of(&mut self.said.authors, &body.author, out, |author, out| out.bytes(Stream::Hashes, &author.0));
            place_of(&mut self.said.capacities, &body.acting, out, |acting, out| {
                out.bytes(Stream::Acts, &envelope::encode(acting));
            });
            out.bytes(Stream::Acts, &envelope::encode(&body.act));
            out.number(Stream::Events, body.heads.len() as u64);
            body.heads.iter().for_each(|head| known.write(out, Stream::Events, &head.0));
            out.number(Stream::Events, body.seen.len() as u64);
            for seen in &body.seen {
                match nth.get(seen) {
                    Some(place) => out.number(Stream::Events, *place as u64 + 1),
                    None => {
                        out.number(Stream::Events, 0);
                        out.bytes(Stream::Hashes, &seen.0);
                    }
                }
            }
            let before = self.places.get(&(body.author, body.counter.wrapping_sub(1)));
            match body.previous {
                None => out.number(Stream::Events, NO_PREVIOUS),
                Some(previous) if before == Some(&previous) => out.number(Stream::Events, PREVIOUS_IS_HERE),
                Some(previous) => {
                    out.number(Stream::Events, NAMED_PREVIOUS);
                    out.bytes(Stream::Hashes, &previous.0);
                }
            }
            let last = self.said.counters.insert(body.author, body.counter).unwrap_or_default();
            out.signed(Stream::Counters, body.counter.wrapping_sub(last).cast_signed());
            out.signed(Stream::Moments, body.at_ms.wrapping_sub(self.said.at_ms));
            self.said.at_ms = body.at_ms;
        }
    }
}

/// The place of a thing among those said before; a new one is said.
fn place_of<T: Clone + PartialEq>(all: &mut Vec<T>, one: &T, out: &mut Out, say: impl FnOnce(&T, &mut Out)) {
    let place = all.iter().position(|known| known == one).unwrap_or(all.len());
    out.number(Stream::Events, place as u64);
    if place == all.len() {
        all.push(one.clone());
        say(one, out);
    }
}

/// An event of which names may be missing.
enum Draft {
    Plain(Vec<u8>),
    Split {
        body: Box<EventBody>,
        /// Places in `body.seen`, and which event of the message stands there.
        seen: Vec<(usize, usize)>,
        previous_is_here: bool,
    },
}

/// Reads the events of a message; they are whole once all are read.
#[derive(Default)]
pub struct Reader {
    drafts: Vec<(Draft, Signature)>,
    /// How many events each dossier has.
    counts: Vec<usize>,
    said: Said,
}

impl Reader {
    /// Reads the next `count` events, which are one dossier's.
    pub fn read(
        &mut self,
        from: &mut In<'_>,
        dossier: &DossierId,
        known: &Known,
        count: usize,
    ) -> Result<(), ColumnsFault> {
        let first = self.drafts.len();
        self.counts.push(count);
        for _ in 0..count {
            let signature = Signature(from.array(Stream::Signatures)?);
            let draft = match from.number(Stream::Events)? {
                PLAIN => Draft::Plain(from.slice(Stream::Plain)?.to_vec()),
                PARTIES => self.read_split(from, dossier, known, Audience::Parties, first..first + count)?,
                STAFF => self.read_split(from, dossier, known, Audience::Staff, first..first + count)?,
                _ => return Err(ColumnsFault::Damaged),
            };
            self.drafts.push((draft, signature));
        }
        Ok(())
    }

    fn read_split(
        &mut self,
        from: &mut In<'_>,
        dossier: &DossierId,
        known: &Known,
        audience: Audience,
        here: std::ops::Range<usize>,
    ) -> Result<Draft, ColumnsFault> {
        let author = said(&mut self.said.authors, from, |from| Ok(PublicKey(from.array(Stream::Hashes)?)))?;
        let acting = said(&mut self.said.capacities, from, |from| from.value(Stream::Acts))?;
        from.spend(acting.as_ref().map_or(0, |acting| acting.unit.len()))?;
        let act: Act = from.value(Stream::Acts)?;
        let mut heads = Vec::new();
        for _ in 0..from.count(Stream::Events, MAX_REFERENCES, "references")? {
            heads.push(ChangeHash(known.read(from, Stream::Events)?));
        }
        let (mut seen, mut missing) = (Vec::new(), Vec::new());
        for nth in 0..from.count(Stream::Events, MAX_REFERENCES, "references")? {
            from.spend(32)?;
            let id = match from.number(Stream::Events)? {
                0 => from.array(Stream::Hashes)?,
                place => {
                    let event = usize::try_from(place - 1).ok().and_then(|place| here.start.checked_add(place));
                    let event = event.filter(|event| here.contains(event)).ok_or(ColumnsFault::Damaged)?;
                    missing.push((nth, event));
                    [0; 32]
                }
            };
            seen.push(EventId(id));
        }
        let (previous, previous_is_here) = match from.number(Stream::Events)? {
            NO_PREVIOUS => (None, false),
            NAMED_PREVIOUS => (Some(EventId(from.array(Stream::Hashes)?)), false),
            PREVIOUS_IS_HERE => (None, true),
            _ => return Err(ColumnsFault::Damaged),
        };
        let last = self.said.counters.get(&author).copied().unwrap_or_default();
        let counter = last.wrapping_add(from.signed(Stream::Counters)?.cast_unsigned());
        self.said.counters.insert(author, counter);
        self.said.at_ms = self.said.at_ms.wrapping_add(from.signed(Stream::Moments)?);
        let at_ms = self.said.at_ms;
        let body =
            EventBody { dossier: *dossier, act, audience, author, acting, heads, seen, at_ms, counter, previous };
        Ok(Draft::Split { body: Box::new(body), seen: missing, previous_is_here })
    }

    /// Puts in the names of events that travel along, and gives each dossier its own.
    pub fn finish(self, from: &mut In<'_>, dossiers: &mut [DossierItems]) -> Result<(), ColumnsFault> {
        let mut whole = Resolving::of(self.drafts)?.whole(from)?.into_iter();
        for (dossier, count) in dossiers.iter_mut().zip(self.counts) {
            dossier.events = whole.by_ref().take(count).collect();
        }
        Ok(())
    }
}

/// One of those said before, or a new one.
fn said<T: Clone>(
    all: &mut Vec<T>,
    from: &mut In<'_>,
    read: impl FnOnce(&mut In<'_>) -> Result<T, ColumnsFault>,
) -> Result<T, ColumnsFault> {
    let place = from.count(Stream::Events, all.len(), "authors")?;
    if place == all.len() {
        all.push(read(from)?);
    }
    Ok(all[place].clone())
}

/// How far an event is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Untouched,
    /// It waits for others.
    Open,
    Whole,
}

/// Naming events whose bodies name each other: each waits for those it names. A circle is no honest message's.
struct Resolving {
    drafts: Vec<(Draft, Signature)>,
    places: BTreeMap<Place, usize>,
    stages: Vec<Stage>,
    whole: Vec<Option<SignedEvent>>,
}

impl Resolving {
    fn of(drafts: Vec<(Draft, Signature)>) -> Result<Self, ColumnsFault> {
        let mut places = BTreeMap::new();
        for (at, (draft, _)) in drafts.iter().enumerate() {
            let place = match draft {
                Draft::Plain(bytes) => {
                    envelope::decode::<EventBody>(bytes).ok().map(|body| (body.author, body.counter))
                }
                Draft::Split { body, .. } => Some((body.author, body.counter)),
            };
            if let Some(place) = place {
                places.entry(place).or_insert(at);
            }
        }
        let (stages, whole) = (vec![Stage::Untouched; drafts.len()], vec![None; drafts.len()]);
        Ok(Self { drafts, places, stages, whole })
    }

    fn whole(mut self, from: &mut In<'_>) -> Result<Vec<SignedEvent>, ColumnsFault> {
        for start in 0..self.drafts.len() {
            let mut path = vec![start];
            while let Some(&at) = path.last() {
                if self.stages[at] == Stage::Whole {
                    path.pop();
                    continue;
                }
                let waits: Vec<usize> =
                    self.named_by(at)?.into_iter().filter(|named| self.stages[*named] != Stage::Whole).collect();
                if waits.iter().any(|named| self.stages[*named] == Stage::Open || *named == at) {
                    return Err(ColumnsFault::Damaged);
                }
                if waits.is_empty() {
                    self.put_together(at, from)?;
                    path.pop();
                } else {
                    self.stages[at] = Stage::Open;
                    path.extend(waits);
                }
            }
        }
        self.whole.into_iter().collect::<Option<_>>().ok_or(ColumnsFault::Damaged)
    }

    /// The events of this message whose names an event needs.
    fn named_by(&self, at: usize) -> Result<Vec<usize>, ColumnsFault> {
        let Draft::Split { body, seen, previous_is_here } = &self.drafts[at].0 else { return Ok(Vec::new()) };
        let mut named: Vec<usize> = seen.iter().map(|(_, event)| *event).collect();
        if *previous_is_here {
            named.push(self.previous(body)?);
        }
        Ok(named)
    }

    fn previous(&self, body: &EventBody) -> Result<usize, ColumnsFault> {
        let place = (body.author, body.counter.wrapping_sub(1));
        self.places.get(&place).copied().ok_or(ColumnsFault::Damaged)
    }

    fn put_together(&mut self, at: usize, from: &mut In<'_>) -> Result<(), ColumnsFault> {
        let id = |whole: &[Option<SignedEvent>], event: usize| whole[event].as_ref().map(SignedEvent::id);
        let body = match &self.drafts[at].0 {
            Draft::Plain(bytes) => bytes.clone(),
            Draft::Split { body, seen, previous_is_here } => {
                let mut body = (**body).clone();
                for (nth, event) in seen {
                    body.seen[*nth] = id(&self.whole, *event).ok_or(ColumnsFault::Damaged)?;
                }
                if *previous_is_here {
                    body.previous = id(&self.whole, self.previous(&body)?);
                }
                envelope::encode(&body)
            }
        };
        from.spend(body.len())?;
        self.whole[at] = Some(SignedEvent(Signed { body, signature: self.drafts[at].1 }));
        self.stages[at] = Stage::Whole;
        Ok(())
    }
}
