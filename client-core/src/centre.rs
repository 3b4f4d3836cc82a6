//! A Centre in memory, faithful where the device's engine can tell: it verifies, deduplicates, binds actors, refuses,
//! signs receipts in groups and tells everybody's items to everybody else.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::Read,
};

use dossier::{
    certificate::{Certificate, Role},
    code::{Lease, OrgUnitId},
    content::{chunk, genesis},
    envelope::{Namespace, Signed, SigningKey},
    event::SignedEvent,
    fault::{Code, Fault},
    id::{ActorId, DeviceId, Digest, DossierId, PublicKey},
    state::Received,
    wire::{
        ArrivedBlob, DeviceEntry, Directory, End, Exception, Feed, FeedChange, FeedDossier, FeedEvent, Frame,
        Invitation, ItemRef, Receipt, ScopeCursor, SignedBatch, SignedReceipt, VerifiedBatch, Welcome, write_frame,
    },
};

use crate::transport::{Request, Response, Transport, TransportFault};

/// Items of one receipt: small, so that answers have several frames to be cut between.
const GROUP: u32 = 4;

#[derive(Clone)]
enum Thing {
    Text(String),
    Change(Vec<u8>),
    Event(SignedEvent),
}

#[derive(Clone)]
struct Kept {
    dossier: DossierId,
    thing: Thing,
    author: DeviceId,
    received: Received,
}

pub struct Centre {
    pub key: SigningKey,
    pub now_ms: i64,
    kept: Vec<Kept>,
    known: BTreeSet<(DossierId, [u8; 32])>,
    actors: BTreeMap<(DossierId, ActorId, u64), ([u8; 32], DeviceId)>,
    devices: BTreeMap<DeviceId, DeviceEntry>,
    receipts: BTreeMap<DeviceId, (u64, Option<Digest>)>,
    pub invitations: BTreeMap<[u8; 16], (Role, String)>,
    pub arrived: Vec<(DossierId, ArrivedBlob)>,
    /// Dossiers to be told as having left.
    pub leaving: Vec<DossierId>,
    /// Codes with which the next items are refused.
    pub refuse_next: VecDeque<&'static str>,
    pub batches: usize,
    serials: u32,
    /// Puts a signature of another Centre on receipts.
    pub forge: bool,
}

impl Centre {
    pub fn new(seed: u8, now_ms: i64) -> Self {
        Self {
            key: SigningKey::derive_from_seed(&[seed; 32]),
            now_ms,
            kept: Vec::new(),
            known: BTreeSet::new(),
            actors: BTreeMap::new(),
            devices: BTreeMap::new(),
            receipts: BTreeMap::new(),
            invitations: BTreeMap::new(),
            arrived: Vec::new(),
            leaving: Vec::new(),
            refuse_next: VecDeque::new(),
            batches: 0,
            serials: 0,
            forge: false,
        }
    }

    pub fn invite(&mut self, number: u8, role: Role, unit: &str) -> String {
        self.invitations.insert([number; 16], (role, unit.to_owned()));
        Invitation { centre: self.key.public(), token: [number; 16] }.to_string()
    }

    pub fn certificate(&self, device_key: PublicKey, name: &str, role: Role, unit: &str) -> Signed {
        let certificate = Certificate {
            centre: self.key.public(),
            device_key,
            name: name.to_owned(),
            role,
            unit: unit.to_owned(),
            from_ms: self.now_ms - 86_400_000,
            until_ms: self.now_ms + 365 * 86_400_000,
        };
        Signed::seal(&self.key, Namespace::Certificate, &certificate)
    }

    /// How many items it holds.
    pub fn items(&self) -> usize {
        self.kept.len()
    }

    pub fn holds(&self, dossier: &DossierId, hash: &[u8; 32]) -> bool {
        self.known.contains(&(*dossier, *hash))
    }

    /// Forgets everything, as a Centre restored from an empty backup.
    pub fn forget_changes(&mut self) {
        self.kept.clear();
        self.known.clear();
        self.actors.clear();
    }

    fn exception(&mut self, dossier: &DossierId, thing: &Thing, device: DeviceId) -> Result<[u8; 32], &'static str> {
        match thing {
            Thing::Text(field) => Ok(genesis::text(dossier, field).hash.0),
            Thing::Event(event) => match event.verify(dossier) {
                Ok(read) if read.body().seen.iter().all(|seen| self.holds(dossier, &seen.0)) => Ok(event.id().0),
                Ok(_) => Err("DEPENDENCY_MISSING"),
                Err(_) => Err("EVENT_REFUSED"),
            },
            Thing::Change(bytes) => {
                let Ok(change) = chunk::scan(bytes) else { return Err("CHANGE_REFUSED") };
                let skeleton = genesis::skeleton(dossier).hash;
                let all = change.deps.iter().all(|dep| *dep == skeleton || self.holds(dossier, &dep.0));
                match self.actors.get(&(*dossier, change.actor, change.seq)) {
                    Some((hash, _)) if *hash != change.hash.0 => Err("ACTOR_FORK"),
                    Some((_, owner)) if *owner != device => Err("ACTOR_TAKEN"),
                    _ if !all => Err("DEPENDENCY_MISSING"),
                    _ => {
                        self.actors.insert((*dossier, change.actor, change.seq), (change.hash.0, device));
                        Ok(change.hash.0)
                    }
                }
            }
        }
    }

    /// The frames of an answer.
    pub fn answer(&mut self, body: &[u8]) -> Result<Vec<Frame>, Fault> {
        let mut bytes = Vec::new();
        zstd::stream::read::Decoder::new(body).unwrap().read_to_end(&mut bytes).unwrap();
        let verified = SignedBatch::read(&bytes).expect("a device signs what it sends");
        self.batches += 1;
        let hello = verified.batch().hello.clone();
        if hello.centre.is_some_and(|centre| centre != self.key.public()) {
            return Err(Code::WrongCentre.into());
        }
        let device = DeviceId::of(&hello.device);
        let entry = DeviceEntry { key: hello.device, certificates: Vec::new() };
        self.devices.entry(device).or_insert(entry);
        let mut frames = Vec::new();
        if let Some(token) = &hello.invitation {
            let Some((role, unit)) = self.invitations.get(token.as_slice()).cloned() else {
                return Err(Code::InvitationRefused.into());
            };
            let certificate = self.certificate(hello.device, "Nguyễn Văn Thử", role, &unit);
            self.devices.get_mut(&device).unwrap().certificates.push(certificate.clone());
            frames.push(Frame::Welcome(Welcome { certificate }));
        }
        let received = Received { at_ms: self.now_ms, clock_offset_ms: self.now_ms - hello.now_ms };
        frames.extend(self.receipts(&verified, device, received));
        self.feed(&hello.cursors, device, &mut frames);
        let leases = hello.leases.iter().map(|date| self.lease(date)).collect();
        frames.push(Frame::End(End {
            now_ms: self.now_ms,
            centre: self.key.public(),
            centre_certificate: self.certificate(self.key.public(), "Trung tâm", Role::Centre, ""),
            catalogue: "2099.1".into(),
            more: false,
            wanted: vec![],
            notices: vec![],
            leases,
            token: Some("token".into()),
            revoked_ms: None,
        }));
        Ok(frames)
    }

    fn lease(&mut self, date: &str) -> Signed {
        let first = self.serials + 1;
        self.serials += 20;
        let lease =
            Lease::new(&OrgUnitId::parse("H29.16").unwrap(), date.parse().unwrap(), first, self.serials).unwrap();
        let body = lease.to_cbor();
        let signature = self.key.sign(Namespace::Lease, &body);
        Signed { body, signature }
    }

    fn receipts(&mut self, verified: &VerifiedBatch, device: DeviceId, received: Received) -> Vec<Frame> {
        let items: Vec<(DossierId, Thing)> = verified
            .batch()
            .items()
            .map(|item| match item {
                ItemRef::Text(dossier, field) => (*dossier, Thing::Text(field.to_owned())),
                ItemRef::Change(dossier, bytes) => (*dossier, Thing::Change(bytes.to_vec())),
                ItemRef::Event(dossier, event) => (*dossier, Thing::Event(event.clone())),
            })
            .collect();
        let mut frames = Vec::new();
        let mut first = 0u32;
        let groups = verified.names().iter().flat_map(|parcel| {
            let (from, count) = (parcel.first as usize, parcel.count as usize);
            items[from..from + count].chunks(GROUP as usize).map(|group| (parcel.hash, group))
        });
        for (parcel_hash, group) in groups {
            let (mut known, mut exceptions) = (0, Vec::new());
            for (offset, (dossier, thing)) in group.iter().enumerate() {
                let item = first + u32::try_from(offset).unwrap();
                let forced = self.refuse_next.pop_front();
                // What it holds it never refuses, whatever a test would like.
                let hash = match forced.filter(|_| !self.holds(dossier, &hash_of(dossier, thing))) {
                    Some(code) => Err(code),
                    None => self.exception(dossier, thing, device),
                };
                match hash {
                    Ok(hash) if self.known.insert((*dossier, hash)) => {
                        let (dossier, thing) = (*dossier, thing.clone());
                        self.kept.push(Kept { dossier, thing, author: device, received });
                    }
                    Ok(_) => known += 1,
                    Err(code) => {
                        exceptions.push(Exception { item, code: code.into(), detail: String::new() });
                    }
                }
            }
            let count = u32::try_from(group.len()).unwrap();
            let (number, previous) = self.receipts.get(&device).copied().unwrap_or((0, None));
            let receipt = Receipt {
                centre: self.key.public(),
                device,
                batch: verified.batch().hello.batch,
                parcel_hash,
                first,
                count,
                known,
                exceptions,
                received,
                number: number + 1,
                previous,
            };
            let signer = if self.forge {
                SigningKey::derive_from_seed(&[99; 32])
            } else {
                SigningKey::derive_from_seed(&self.seed())
            };
            let signed = SignedReceipt::seal(&signer, &receipt);
            self.receipts.insert(device, (number + 1, Some(signed.hash())));
            frames.push(Frame::Receipt(signed));
            first += count;
        }
        frames
    }

    fn seed(&self) -> [u8; 32] {
        (0..=255u8)
            .map(|seed| [seed; 32])
            .find(|seed| SigningKey::derive_from_seed(seed).public() == self.key.public())
            .unwrap()
    }

    fn feed(&mut self, cursors: &[ScopeCursor], device: DeviceId, frames: &mut Vec<Frame>) {
        let from = cursors
            .iter()
            .find(|cursor| cursor.scope == "all")
            .map_or(0, |cursor| u64::from_be_bytes(cursor.cursor.as_slice().try_into().unwrap()) as usize);
        let directory: Vec<DeviceEntry> = self.devices.values().cloned().collect();
        let place = |author: &DeviceId| directory.iter().position(|entry| entry.device() == *author).unwrap() as u32;
        let mut fed: BTreeMap<DossierId, FeedDossier> = BTreeMap::new();
        let blank = |dossier| FeedDossier {
            dossier,
            enters: None,
            texts: vec![],
            changes: vec![],
            events: vec![],
            blobs: vec![],
        };
        for kept in self.kept.iter().skip(from).filter(|kept| kept.author != device) {
            let item = fed.entry(kept.dossier).or_insert_with(|| blank(kept.dossier));
            match &kept.thing {
                Thing::Text(field) => item.texts.push(field.clone()),
                Thing::Change(bytes) => item.changes.push(FeedChange {
                    bytes: bytes.clone(),
                    author: place(&kept.author),
                    received: kept.received,
                }),
                Thing::Event(event) => item.events.push(FeedEvent { event: event.clone(), received: kept.received }),
            }
        }
        for (dossier, blob) in self.arrived.drain(..) {
            fed.entry(dossier).or_insert_with(|| blank(dossier)).blobs.push(blob);
        }
        for dossier in self.leaving.drain(..) {
            fed.insert(dossier, FeedDossier { enters: Some(false), ..blank(dossier) });
        }
        if !fed.is_empty() {
            frames.push(Frame::Directory(Directory { devices: directory }));
        }
        let cursor = ScopeCursor { scope: "all".into(), cursor: (self.kept.len() as u64).to_be_bytes().to_vec() };
        frames.push(Frame::Feed(Feed { cursor, dossiers: fed.into_values().collect(), digest: None }));
    }
}

fn hash_of(dossier: &DossierId, thing: &Thing) -> [u8; 32] {
    match thing {
        Thing::Text(field) => genesis::text(dossier, field).hash.0,
        Thing::Change(bytes) => chunk::scan(bytes).map_or([0; 32], |change| change.hash.0),
        Thing::Event(event) => event.id().0,
    }
}

/// An answer's body, of the first so many frames.
pub fn body_of(frames: &[Frame]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frames.iter().for_each(|frame| write_frame(&mut bytes, frame));
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    std::io::Write::write_all(&mut encoder, &bytes).unwrap();
    encoder.finish().unwrap()
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Fine,
    /// Nobody is reached.
    Offline,
    /// The Centre does its part; the answer is lost.
    Lost,
    /// The answer breaks after so many frames.
    CutAfter(usize),
    /// The request arrives twice; the second answer comes back.
    Twice,
    /// The answer's bytes are altered.
    Altered,
}

/// A line to a Centre, with what is to happen to the next requests.
pub struct Line<'a> {
    pub centre: &'a RefCell<Centre>,
    pub fates: RefCell<VecDeque<Fate>>,
}

impl<'a> Line<'a> {
    pub fn to(centre: &'a RefCell<Centre>) -> Self {
        Self { centre, fates: RefCell::default() }
    }

    pub fn with(centre: &'a RefCell<Centre>, fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { centre, fates: RefCell::new(fates.into_iter().collect()) }
    }
}

impl Transport for Line<'_> {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        let fate = self.fates.borrow_mut().pop_front().unwrap_or(Fate::Fine);
        if fate == Fate::Offline {
            return Err(TransportFault::Offline);
        }
        let mut centre = self.centre.borrow_mut();
        if fate == Fate::Twice {
            let _ = centre.answer(&request.body);
        }
        let frames = match centre.answer(&request.body) {
            Ok(frames) => frames,
            Err(fault) => {
                let body = serde_json::to_vec(&fault).unwrap();
                return Ok(Response { status: 409, headers: vec![], body });
            }
        };
        match fate {
            Fate::Lost => Err(TransportFault::CutOff { status: None, received: vec![] }),
            Fate::CutAfter(count) if count < frames.len() => {
                Err(TransportFault::CutOff { status: Some(200), received: body_of(&frames[..count]) })
            }
            Fate::Altered => {
                let mut body = body_of(&frames);
                let middle = body.len() / 2;
                body[middle] ^= 0x55;
                Ok(Response { status: 200, headers: vec![], body })
            }
            _ => Ok(Response { status: 200, headers: vec![], body: body_of(&frames) }),
        }
    }
}
