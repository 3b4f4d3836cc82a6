//! One phone's batch of 3,000 items holds 30 that nobody may take, each of another kind: the 2,970 honest ones land in the
//! same request, and each of the others is named.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the story, with the reason")]

use std::collections::BTreeMap;

use client_core::{
    Device, MemoryStore, Method, Proceed, Request, Transport,
    native::{HttpTransport, SystemClock, SystemEntropy},
};
use dossier::{
    content::{Content, ContentPath, Edit, Root, genesis},
    envelope::{self, Namespace, Signed, SigningKey},
    event::{Act, Audience, Channel, EventBody, SignedEvent},
    id::{ActorId, BatchId, ChangeHash, DossierId, EventId, sha256},
    wire::{Batch, DossierItems, Frame, FrameFault, Hello, MEDIA_TYPE, PROTOCOL, Receipt, Waiting, read_frames},
};
use stories::{Database, Role, Server, UNIT, note_evidence};

/// Each brings a change, a submission and a remark.
const DOSSIERS: u16 = 990;
const HOSTILE: usize = 30;

/// One phone, speaking the wire by hand.
struct Stranger {
    key: SigningKey,
    counter: u64,
    previous: Option<EventId>,
    now_ms: i64,
}

impl Stranger {
    fn new(seed: u8) -> Self {
        let now_ms = client_core::Clock::now_ms(&SystemClock);
        Self { key: SigningKey::derive_from_seed(&[seed; 32]), counter: 0, previous: None, now_ms }
    }

    fn body(&mut self, content: &Content, act: Act) -> EventBody {
        EventBody {
            dossier: content.dossier(),
            act,
            audience: Audience::Parties,
            author: self.key.public(),
            acting: None,
            heads: content.heads(),
            seen: vec![],
            at_ms: self.now_ms,
            counter: self.counter + 1,
            previous: self.previous,
        }
    }

    /// An honest event: the chain goes on after it.
    fn event(&mut self, content: &Content, act: Act) -> SignedEvent {
        let event = self.body(content, act).sign(&self.key);
        self.counter += 1;
        self.previous = Some(event.id());
        event.signed().clone()
    }

    /// Any body under a sound signature.
    fn forge(&self, body: &EventBody) -> SignedEvent {
        SignedEvent(Signed::seal(&self.key, Namespace::Event, body))
    }

    fn raw(&self, body: Vec<u8>) -> SignedEvent {
        let signature = self.key.sign(Namespace::Event, &body);
        SignedEvent(Signed { body, signature })
    }

    fn batch(&self, number: u8, dossiers: Vec<DossierItems>) -> Vec<u8> {
        let hello = Hello {
            protocol: PROTOCOL,
            batch: BatchId([number; 16]),
            centre: None,
            device: self.key.public(),
            now_ms: self.now_ms,
            invitation: None,
            catalogue: String::new(),
            cursors: vec![],
            leases: vec![],
            waiting: Waiting::default(),
            repair: None,
        };
        let signed = Batch { hello, dossiers }.sign(&self.key);
        zstd::encode_all(&signed.bytes()[..], 3).unwrap()
    }
}

fn id(number: u16) -> DossierId {
    DossierId::mint(1_795_000_000_000, &[[7; 8].as_slice(), &number.to_be_bytes()].concat().try_into().unwrap())
}

fn submitted(number: u16) -> Act {
    Act::Submitted {
        channel: Channel::Online,
        unit: Some(UNIT.into()),
        provisional_code: format!("T-{number}"),
        procedure: "2.000908".into(),
        catalogue: "2026.11.1".into(),
    }
}

fn remark(text: &str) -> Act {
    Act::Commented { text: text.into() }
}

fn write(content: &mut Content, actor: u8, value: &str) -> Vec<u8> {
    let path = ContentPath::new(Root::Answers, "applicant_name").unwrap();
    let edit = Edit { path, value: Some(value.into()) };
    content.seal(&ActorId([actor; 16]), &[edit], 1_795_000_000).unwrap().unwrap().change.into_bytes()
}

/// A chunk of any type, its length (of two bytes) and its checksum as they must be.
fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = [(content.len() & 0x7f) as u8 | 0x80, (content.len() >> 7) as u8];
    let hashed = [&[kind][..], &length, content].concat();
    [&[0x85, 0x6f, 0x4a, 0x83], &sha256(&[&hashed])[..4], &hashed].concat()
}

/// A change right on the skeleton: one dependency at 1, the actor at 34, the sequence at 50, the first operation at 51.
fn crafted(honest: &[u8], alter: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    // The head of a chunk that is shorter than 128 bytes has ten bytes, else eleven.
    let from = if honest[9] & 0x80 == 0 { 10 } else { 11 };
    let mut content = honest[from..].to_vec();
    alter(&mut content);
    // A length of two bytes must be needed.
    assert!((128..16_384).contains(&content.len()), "{}", content.len());
    chunk(1, &content)
}

/// A change or an event that nobody may take, and the code under which it is refused.
enum Hostile {
    Text(&'static str, &'static str),
    Change(Vec<u8>, &'static str),
    Event(SignedEvent, &'static str),
}

/// Thirty kinds, for the dossier of `content` in which `taken` is another device's actor.
fn hostile(phone: &mut Stranger, content: &Content, fork_of: u8, taken: u8) -> Vec<Hostile> {
    let dossier = content.dossier();
    let long = "Nguyễn Thị Hòa ".repeat(12);
    let fresh = write(&mut Content::new(dossier), 0xf0, &long);
    let change = |alter: &dyn Fn(&mut Vec<u8>)| crafted(&fresh, |content| alter(content));
    let mut checksum = fresh.clone();
    checksum[4] ^= 1;
    let mut elsewhere = Content::new(id(60_000));
    let own = phone.body(content, remark("lạ"));
    let event = |alter: &dyn Fn(&mut EventBody)| {
        let mut body = own.clone();
        alter(&mut body);
        body
    };
    let other = Stranger::new(99);
    let mut padded = envelope::encode(&own);
    padded.push(0);
    let mut altered = phone.forge(&own);
    altered.0.signature.0[5] ^= 1;
    let mut by_other = own.clone();
    by_other.author = other.key.public();
    let refused = "CHANGE_REFUSED";
    let no_event = "EVENT_REFUSED";
    vec![
        Hostile::Text("", refused),
        Hostile::Text("a\u{0}b", refused),
        Hostile::Change(vec![], refused),
        Hostile::Change(b"not a change at all".to_vec(), refused),
        Hostile::Change(checksum, refused),
        Hostile::Change(fresh[..fresh.len() - 3].to_vec(), refused),
        Hostile::Change(chunk(2, &[7; 200]), refused),
        Hostile::Change(chunk(0, &[7; 200]), refused),
        Hostile::Change(vec![0x85; (1 << 20) + 1], refused),
        Hostile::Change(genesis::skeleton(&dossier).into_bytes(), refused),
        Hostile::Change(change(&|content| content[50] = 0), refused),
        Hostile::Change(change(&|content| content[51] = 77), refused),
        Hostile::Change(change(&|content| content.push(0)), refused),
        Hostile::Change(change(&|content| _ = content.splice(0..33, [0])), refused),
        Hostile::Change(change(&|content| content[50] = 9), "DEPENDENCY_MISSING"),
        Hostile::Change(change(&|content| content[1] ^= 1), "DEPENDENCY_MISSING"),
        Hostile::Change(write(&mut elsewhere, 0xf1, &long), "DEPENDENCY_MISSING"),
        Hostile::Change(write(&mut Content::new(dossier), fork_of, &long), "ACTOR_FORK"),
        Hostile::Change(write(&mut Content::new(dossier), taken, &long), "ACTOR_TAKEN"),
        Hostile::Event(phone.forge(&event(&|body| body.dossier = id(60_001))), no_event),
        Hostile::Event(other.forge(&by_other), no_event),
        Hostile::Event(altered, no_event),
        Hostile::Event(phone.raw(padded), no_event),
        Hostile::Event(phone.raw(vec![0x81; 5_000]), no_event),
        Hostile::Event(phone.forge(&event(&|body| (body.counter, body.previous) = (7, None))), no_event),
        Hostile::Event(phone.forge(&event(&|body| body.heads = vec![ChangeHash([1; 32]); 2])), no_event),
        Hostile::Event(phone.forge(&event(&|body| body.heads = vec![ChangeHash([9; 32])])), "DEPENDENCY_MISSING"),
        Hostile::Event(phone.forge(&event(&|body| body.act = remark(&"x".repeat(40_000)))), no_event),
        Hostile::Event(phone.forge(&event(&|body| body.act = remark(&"x".repeat(70_000)))), no_event),
        Hostile::Event(
            phone.forge(&event(&|body| (body.act, body.audience) = (Act::Adopted, Audience::Staff))),
            no_event,
        ),
    ]
}

fn receipts(server: &Server, body: Vec<u8>, phone: &Stranger) -> Vec<Receipt> {
    let headers = vec![("content-type".to_owned(), MEDIA_TYPE.to_owned())];
    let request = Request { method: Method::Post, path: "/v1/sync".to_owned(), headers, body };
    let answer = HttpTransport::new(&server.url()).unwrap().send(request).unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let (mut signed, mut centre) = (Vec::new(), None);
    read_frames::<FrameFault>(&zstd::decode_all(&answer.body[..]).unwrap(), |frame| {
        match frame {
            Frame::Receipt(receipt) => signed.push(receipt),
            Frame::End(end) => {
                assert_eq!(end.notices, [], "nothing was set aside afterwards");
                centre = Some(end.centre);
            }
            _ => {}
        }
        Ok(())
    })
    .unwrap();
    let read = signed.iter().map(|receipt| receipt.verify(&centre.unwrap()).unwrap());
    let read: Vec<Receipt> = read.collect();
    assert!(read.iter().all(|receipt| receipt.device == phone.key.device()));
    read
}

#[test]
fn thirty_hostile_items_do_not_keep_the_others_out() {
    for database in [Database::Sqlite, Database::Postgres] {
        let mut server = Server::start(database);
        let mut phone = Stranger::new(7);
        // Somebody else wrote in each of the dossiers that the hostile items will stand in.
        let other = Stranger::new(8);
        let mut theirs = Content::new(id(0));
        let items = DossierItems {
            dossier: id(0),
            texts: vec![],
            changes: vec![write(&mut theirs, 0xee, "Người khác").into()],
            events: vec![],
        };
        receipts(&server, other.batch(1, vec![items]), &other);

        let mut expected: BTreeMap<u32, String> = BTreeMap::new();
        let mut dossiers = Vec::new();
        let mut bad: Vec<Hostile> = Vec::new();
        let mut first = 0u32;
        for number in 0..DOSSIERS {
            let mut content = Content::new(id(number));
            let change = write(&mut content, 0x11, &format!("Nguyễn Văn {number}"));
            let submitted = phone.event(&content, submitted(number));
            let remark = phone.event(&content, remark("Đã gọi điện"));
            let mut of = DossierItems { dossier: id(number), texts: vec![], changes: vec![], events: vec![] };
            let mut codes = [Vec::new(), Vec::new(), Vec::new()];
            if number == 0 {
                bad = hostile(&mut phone, &content, 0x11, 0xee);
                assert_eq!(bad.len(), HOSTILE);
            }
            // All in the first dossier but for the last few, which stand among others.
            let here = if number == 0 { std::mem::take(&mut bad) } else { Vec::new() };
            let mut changes = vec![change];
            let mut events = vec![submitted];
            codes[1].push(None);
            codes[2].push(None);
            for one in here {
                match one {
                    Hostile::Text(field, code) => {
                        of.texts.push(field.to_owned());
                        codes[0].push(Some(code));
                    }
                    Hostile::Change(bytes, code) => {
                        changes.push(bytes);
                        codes[1].push(Some(code));
                    }
                    Hostile::Event(event, code) => {
                        events.push(event);
                        codes[2].push(Some(code));
                    }
                }
            }
            events.push(remark);
            codes[2].push(None);
            of.changes = changes.into_iter().map(Into::into).collect();
            of.events = events;
            for (code, item) in codes.concat().into_iter().zip(first..) {
                expected.extend(code.map(|code| (item, code.to_owned())));
            }
            first += u32::try_from(codes.concat().len()).unwrap();
            dossiers.push(of);
        }
        assert_eq!((first, expected.len()), (3_000, HOSTILE));

        let receipts = receipts(&server, phone.batch(2, dossiers), &phone);
        let held = (0..first).filter(|item| receipts.iter().any(|receipt| receipt.holds(*item))).count();
        assert_eq!(held, 2_970, "every honest item is signed for in the same answer");
        let named = receipts.iter().flat_map(|receipt| &receipt.exceptions);
        let named: BTreeMap<u32, String> = named.map(|of| (of.item, of.code.clone())).collect();
        assert_eq!(named, expected, "every hostile item is named, with its code");

        // Admitted, too: the unit's desk has every dossier.
        let mut desk = Device::init(MemoryStore::new(), SystemClock, SystemEntropy::new(), &server.url()).unwrap();
        desk.enrol(&server.invite(Role::Officer, UNIT, "Cán bộ một cửa")).unwrap();
        let report = desk.sync(&HttpTransport::new(&server.url()).unwrap(), &mut |_| Proceed::Go);
        assert_eq!((report.fault, report.skipped), (None, 0));
        // Everything honest, and what the other device wrote before.
        assert_eq!(report.received, 2_970 + 1);
        note_evidence(&format!("hostile batch ({})", database.name()), &server.evidence());
        server.stop();
    }
}
