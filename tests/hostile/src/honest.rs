//! Honest material, from fixed keys: what the mutations begin with.

use std::sync::OnceLock;

use dossier::{
    certificate::{Certificate, Role},
    content::{Content, ContentPath, Edit, FileNote, Root, Scalar, chunk::Scanned},
    envelope::{Namespace, Signature, Signed, SigningKey},
    event::{Act, ActingFor, Audience, Channel, Counted, Event, EventBody},
    id::{ActorId, BatchId, BlobId, ChangeHash, Digest, DossierId, EventId},
    state::Received,
    wire::{
        Batch, DossierItems, Exception, Hello, PROTOCOL, Receipt, SignedReceipt, Waiting,
        columns::{self, Most},
        limits,
    },
};

/// A Wednesday morning in November 2026.
pub const NOW_MS: i64 = 1_795_000_000_000;
/// The dossier that the material is about.
pub const DOSSIER: DossierId = DossierId([0x5a; 16]);
/// The unit in which it plays.
pub const UNIT: &str = "25747";

/// Whose keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The Centre.
    Centre = 1,
    /// A device that has everybody's trust.
    Postal = 2,
    /// A desk.
    Officer = 3,
    /// Nobody knows them.
    Stranger = 4,
}

/// Their key.
#[must_use]
pub fn key(who: Who) -> SigningKey {
    SigningKey::derive_from_seed(&[who as u8; 32])
}

fn put(root: Root, at: &str, value: impl Into<Scalar>) -> Edit {
    Edit { path: ContentPath::new(root, at).expect("a sound path"), value: Some(value.into()) }
}

fn clear(at: &str) -> Edit {
    Edit { path: ContentPath::new(Root::Answers, at).expect("a sound path"), value: None }
}

/// A dossier that three people wrote, and the changes in the order in which they were made.
#[derive(Clone)]
pub struct Written {
    /// What it came to.
    pub content: Content,
    /// Its changes, each with the fields whose text it made.
    pub changes: Vec<Scanned>,
}

/// The fields that have a text.
pub const TEXTS: [&str; 2] = ["document_content", "note"];

/// A dossier with every kind of operation in it: writes, clearings, words, splices, conflicts.
#[must_use]
pub fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let mut ours = Content::new(DOSSIER);
        ours.make_texts(TEXTS);
        let (one, two, three) = (ActorId([1; 16]), ActorId([2; 16]), ActorId([3; 16]));
        let mut changes = Vec::new();
        let mut write = |content: &mut Content, actor: &ActorId, edits: &[Edit]| {
            let sealed =
                content.seal(actor, edits, NOW_MS / 1000).expect("sound edits").expect("edits that say something");
            changes.push(sealed.change);
        };
        let blob = BlobId::of(b"page");
        let note = FileNote { bytes: 4, media: "image/jpeg".into(), page: 1 }.to_text();
        write(
            &mut ours,
            &one,
            &[
                put(Root::Procedure, "code", "1.001193"),
                put(Root::Answers, "child_name", "Nguyễn Thị Hòa"),
                put(Root::Answers, "copies", Scalar::Integer(3)),
                put(Root::Answers, "is_twin", Scalar::Boolean(true)),
                put(Root::Answers, "debt", Scalar::Integer(-1_234_567_890_123)),
                put(Root::Components, "birth/originals", Scalar::Integer(1)),
                Edit { path: ContentPath::file("birth", &blob).expect("sound"), value: Some(Scalar::Text(note)) },
            ],
        );
        let mut theirs = ours.clone();
        write(&mut ours, &one, &[put(Root::Texts, TEXTS[0], "Xin cấp lại giấy khai sinh. ".repeat(12).as_str())]);
        write(&mut ours, &one, &[put(Root::Answers, "child_name", "Nguyễn Thị Hoà"), clear("debt")]);
        let before = ours.changes().len();
        write(&mut theirs, &two, &[put(Root::Answers, "child_name", "Nguyễn T. Hòa"), clear("copies")]);
        write(
            &mut theirs,
            &two,
            &[put(Root::Texts, TEXTS[0], "Đề nghị xem xét."), put(Root::Texts, TEXTS[1], "Gấp 🙏🏽")],
        );
        let all = changes.clone();
        ours.apply(&all).expect("they belong together");
        assert!(ours.changes().len() > before);
        let mut write = |content: &mut Content, actor: &ActorId, edits: &[Edit]| {
            let sealed =
                content.seal(actor, edits, NOW_MS / 1000).expect("sound edits").expect("edits that say something");
            changes.push(sealed.change);
        };
        let words = "Xin cấp lại. Đề nghị xem xét giúp, vì trường học cần trước thứ sáu.";
        write(
            &mut ours,
            &three,
            &[put(Root::Texts, TEXTS[0], words), put(Root::Answers, "child_name", "Nguyễn Thị Hòa")],
        );
        write(&mut ours, &three, &[put(Root::Texts, TEXTS[0], ""), put(Root::Texts, TEXTS[1], "Không gấp")]);
        write(&mut ours, &three, &[put(Root::Answers, "big", "x".repeat(3000).as_str())]);
        Written { content: ours, changes }
    })
}

/// The content before a change was made, with everything that it rests on.
#[must_use]
pub fn before(at: usize) -> Content {
    let mut content = Content::new(DOSSIER);
    content.make_texts(TEXTS);
    content.apply(&written().changes[..at]).expect("they stand in causal order");
    content
}

/// An event of somebody, the `counter`-th of its device.
#[must_use]
pub fn event(who: Who, act: Act, counter: u64) -> Event {
    let key = key(who);
    let staff = matches!(who, Who::Officer | Who::Postal);
    let role = if who == Who::Officer { Role::Officer } else { Role::Postal };
    let body = EventBody {
        dossier: DOSSIER,
        act,
        audience: Audience::Parties,
        author: key.public(),
        acting: staff.then(|| ActingFor { role, unit: UNIT.to_owned() }),
        heads: vec![dossier::content::genesis::skeleton(&DOSSIER).hash],
        seen: vec![],
        at_ms: NOW_MS,
        counter,
        previous: (counter > 1).then_some(EventId([7; 32])),
    };
    body.sign(&key)
}

/// One of each act that a person may do.
#[must_use]
pub fn acts() -> Vec<Act> {
    let reason = || "Thiếu giấy chứng sinh".to_owned();
    vec![
        submitted(),
        Act::Collected {
            papers: vec![Counted { component: "birth".into(), originals: 1, copies: 2 }],
            provisional_code: "T-ABC".into(),
        },
        Act::Accepted {
            code: None,
            procedure_version: "2026-01".into(),
            catalogue: "2026.11.1".into(),
            case: "default".into(),
        },
        Act::Refused { reason: reason() },
        Act::Asked { reason: reason(), items: vec!["child_name".into(), "birth".into()] },
        Act::Supplemented,
        Act::Routed { unit: Some("25750".into()) },
        Act::PaymentAsked { amount_dong: 50_000, reason: reason() },
        Act::Paid { amount_dong: 50_000, reference: "FT2611".into() },
        Act::Decided { result: "12/QĐ-UBND".into() },
        Act::Returned { to: "người nộp".into() },
        Act::WithdrawalAsked { reason: reason() },
        Act::Adopted,
        Act::Commented { text: "Đã gọi điện".into() },
    ]
}

/// A submission.
#[must_use]
pub fn submitted() -> Act {
    Act::Submitted {
        channel: Channel::Postal,
        unit: Some(UNIT.into()),
        provisional_code: "T-ABC".into(),
        procedure: "1.001193".into(),
        catalogue: "2026.11.1".into(),
    }
}

/// Who asks.
#[must_use]
pub fn hello(who: Who, batch: u64) -> Hello {
    let mut id = [who as u8; 16];
    id[..8].copy_from_slice(&batch.to_be_bytes());
    Hello {
        protocol: PROTOCOL,
        batch: BatchId(id),
        centre: Some(key(Who::Centre).public()),
        device: key(who).public(),
        now_ms: NOW_MS,
        invitation: None,
        catalogue: "2026.11.1".into(),
        cursors: vec![],
        leases: vec![],
        waiting: Waiting { items: 2, files: 1 },
        repair: None,
    }
}

/// One dossier's items.
#[must_use]
pub fn items(dossier: DossierId, texts: &[&str], changes: Vec<Vec<u8>>, events: &[&Event]) -> DossierItems {
    DossierItems {
        dossier,
        texts: texts.iter().map(|field| (*field).to_owned()).collect(),
        changes: changes.into_iter().map(Into::into).collect(),
        events: events.iter().map(|event| event.signed().clone()).collect(),
    }
}

/// All changes, as they travel.
#[must_use]
pub fn whole_changes() -> Vec<Vec<u8>> {
    written().changes.iter().map(|change| change.bytes().to_vec()).collect()
}

/// Everything about the dossier, as its only writer would send it.
#[must_use]
pub fn whole_batch(who: Who) -> Batch {
    let changes = whole_changes();
    let submitted = event(who, submitted(), 1);
    let asked = event(who, Act::Commented { text: "Đã gọi điện".into() }, 2);
    Batch { hello: hello(who, 1), dossiers: vec![items(DOSSIER, &TEXTS, changes, &[&submitted, &asked])] }
}

/// A batch, signed and compressed.
#[must_use]
pub fn seal(batch: &Batch, who: Who) -> Vec<u8> {
    compress(&batch.sign(&key(who)).bytes())
}

/// The first parcel of a batch from its parts, whatever they are.
#[must_use]
pub fn parcel(hello: &Hello, columns: &[u8], signature: Signature) -> Vec<u8> {
    let columns = minicbor::bytes::ByteVec::from(columns.to_vec());
    framed(&dossier::envelope::encode(&(hello, columns, signature)))
}

/// Bytes after their length.
#[must_use]
pub fn framed(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes(), bytes].concat()
}

/// The first parcel of a batch that somebody altered, signed again by its device if it can be read at all: so that what is
/// behind the signature is reached.
#[must_use]
pub fn signed_again(opened: &[u8], key: &SigningKey) -> Vec<u8> {
    type Parts = (Hello, minicbor::bytes::ByteVec, Signature);
    let read = || {
        let (hello, items, _): Parts = dossier::envelope::decode_unnamed(opened.get(4..)?).ok()?;
        let dossiers =
            columns::read(&items, Most { dossiers: limits::PARCEL_DOSSIERS, items: limits::MAX_ITEMS }).ok()?;
        Some(Batch { hello, dossiers }.sign(key).bytes())
    };
    read().unwrap_or_else(|| opened.to_vec())
}

/// One zstd frame.
#[must_use]
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).expect("memory is there")
}

/// A receipt.
#[must_use]
pub fn receipt() -> Receipt {
    Receipt {
        centre: key(Who::Centre).public(),
        device: key(Who::Postal).device(),
        batch: BatchId([1; 16]),
        parcel_hash: Digest([2; 32]),
        first: 0,
        count: 12,
        known: 1,
        exceptions: vec![Exception { item: 3, code: "ACTOR_FORK".into(), detail: "01".repeat(16) }],
        received: Received { at_ms: NOW_MS, clock_offset_ms: -5 },
        number: 9,
        previous: Some(Digest([3; 32])),
    }
}

/// The same, signed by the Centre.
#[must_use]
pub fn signed_receipt() -> SignedReceipt {
    SignedReceipt::seal(&key(Who::Centre), &receipt())
}

/// The certificate of somebody.
#[must_use]
pub fn certificate(who: Who) -> Signed {
    let certificate = Certificate {
        centre: key(Who::Centre).public(),
        device_key: key(who).public(),
        name: "Cán bộ một cửa".into(),
        role: Role::Officer,
        unit: UNIT.into(),
        from_ms: NOW_MS - 120_000,
        until_ms: NOW_MS + 31_536_000_000,
    };
    Signed::seal(&key(Who::Centre), Namespace::Certificate, &certificate)
}

/// What stands in a change after its magic, checksum, type and length: what a stranger can write as they like.
#[must_use]
pub fn content_of(change: &[u8]) -> Vec<u8> {
    let after = change[9..].iter().position(|byte| byte & 0x80 == 0).map_or(change.len(), |at| 9 + at + 1);
    change[after..].to_vec()
}

/// A change with this content, its checksum and length as they must be.
#[must_use]
pub fn change_of(content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![1];
    hashed.extend(crate::mutate::leb128(content.len() as u64));
    hashed.extend_from_slice(content);
    let hash = dossier::id::sha256(&[&hashed]);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash[..4], &hashed].concat()
}

/// Heads that stand for nothing known.
#[must_use]
pub fn unknown_head() -> ChangeHash {
    ChangeHash([0xee; 32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_taken_apart_and_put_together_is_the_same() {
        for change in &written().changes {
            assert_eq!(change_of(&content_of(change.bytes())), change.bytes());
        }
    }
}
