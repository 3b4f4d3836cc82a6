//! Signed and sealed things: as they come, and with a body of a stranger's making under a sound signature.

use dossier::{
    certificate::Certificate,
    code::Lease,
    envelope::{self, Namespace, Signed},
    event::SignedEvent,
    id::ScopeDigest,
    wire::{
        ArrivedBlob, DeviceEntry, Directory, End, Feed, FeedChange, FeedDossier, FeedEvent, Frame, FrameFault, Notice,
        ScopeCursor, SignedBatch, SignedReceipt, Welcome, read_frames, write_frame,
    },
};
use sync_server::{
    centre::{Centre, Position},
    exchange::body,
};

use super::{Target, Verdict};
use crate::{
    centre::Room,
    honest::{self, DOSSIER, NOW_MS, Who},
};

fn events() -> Vec<dossier::event::Event> {
    honest::acts().into_iter().zip(1..).map(|(act, counter)| honest::event(Who::Stranger, act, counter)).collect()
}

/// An event in its envelope.
pub fn event() -> Target {
    let honest = events().iter().map(|event| envelope::encode(event.signed())).collect();
    Target::bytes(honest, |input| match envelope::decode::<SignedEvent>(input) {
        Ok(event) if event.verify(&DOSSIER).is_ok() => Verdict::Accepted,
        Ok(_) => Verdict::Deep,
        Err(_) => Verdict::Refused,
    })
}

/// Any body, signed by its author.
pub fn event_mended() -> Target {
    let honest = events().iter().map(|event| event.signed().0.body.clone()).collect();
    let key = honest::key(Who::Stranger);
    Target::bytes(honest, move |input| {
        let signature = key.sign(Namespace::Event, input);
        let event = SignedEvent(Signed { body: input.to_vec(), signature });
        Verdict::taken(event.verify(&DOSSIER).is_ok())
    })
}

/// A batch in its envelope.
pub fn batch() -> Target {
    let batch = honest::whole_batch(Who::Stranger).sign(&honest::key(Who::Stranger));
    Target::bytes(vec![batch.bytes()], |input| Verdict::taken(SignedBatch::read(input).is_ok()))
}

/// Any batch that can be read, signed by its device.
pub fn batch_mended() -> Target {
    let key = honest::key(Who::Stranger);
    let honest = vec![honest::whole_batch(Who::Stranger).sign(&key).bytes()];
    Target::bytes(honest, move |input| Verdict::taken(SignedBatch::read(&honest::signed_again(input, &key)).is_ok()))
}

/// A receipt of the Centre's own signature.
pub fn receipt_mended() -> Target {
    let key = honest::key(Who::Centre);
    Target::bytes(vec![envelope::encode(&honest::receipt())], move |input| {
        let signature = key.sign(Namespace::Receipt, input);
        let receipt = SignedReceipt(Signed { body: input.to_vec(), signature }).verify(&key.public());
        let held =
            receipt.as_ref().map(|receipt| (0..16).chain([u32::MAX]).filter(|item| receipt.holds(*item)).count());
        Verdict::taken(std::hint::black_box(held).is_ok())
    })
}

/// A certificate of the Centre's own signature.
pub fn certificate_mended() -> Target {
    let key = honest::key(Who::Centre);
    Target::bytes(vec![honest::certificate(Who::Officer).body], move |input| {
        let signed = Signed { body: input.to_vec(), signature: key.sign(Namespace::Certificate, input) };
        let read = Certificate::verify(&signed, &key.public());
        Verdict::taken(std::hint::black_box(read.map(|read| read.is_valid_at(NOW_MS))).is_ok())
    })
}

/// A block of codes, read from its bytes and used up.
pub fn lease() -> Target {
    let authority = dossier::code::OrgUnitId::parse("000.00.01.H06").expect("an identifier");
    let lease = Lease::new(&authority, dossier::deadline::local(NOW_MS).date(), 21, 40).expect("a sound block");
    Target::bytes(vec![lease.to_cbor()], |input| match Lease::from_cbor(input) {
        Ok(lease) => {
            std::hint::black_box((lease.codes().take(64).count(), lease.serial_at(3), lease.overlaps(&lease)));
            Verdict::Accepted
        }
        Err(_) => Verdict::Refused,
    })
}

fn sealing_centre() -> std::sync::Arc<Centre> {
    Room::new().exchange.centre
}

/// A cursor, as a device gives it back: its scope, a zero, its bytes.
pub fn cursor() -> Target {
    let centre = sealing_centre();
    let honest = ["unit:25747", "centre", "device:00"].map(|scope| {
        let ScopeCursor { scope, cursor } = centre.cursor(scope, Position { seq: 77, digest: ScopeDigest([7; 8]) });
        [scope.as_bytes(), &[0], &cursor].concat()
    });
    Target::bytes(honest.to_vec(), move |input| {
        let at = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
        let scope = String::from_utf8_lossy(&input[..at]).into_owned();
        let cursor = input.get(at + 1..).unwrap_or_default().to_vec();
        Verdict::taken(centre.read(&ScopeCursor { scope, cursor }).is_some())
    })
}

/// A bearer's token.
pub fn token() -> Target {
    let centre = sealing_centre();
    let honest = centre.token(honest::key(Who::Postal).device(), NOW_MS);
    Target::text(&[&honest], move |text| centre.bearer(text, NOW_MS).is_some())
}

/// Whether a compressed body opens.
fn opens(compressed: &[u8]) -> bool {
    body::Opening::begin().is_ok_and(|mut opening| opening.push(compressed).is_ok() && opening.end().is_ok())
}

/// A compressed body, opened.
pub fn body() -> Target {
    let small = honest::seal(&honest::whole_batch(Who::Stranger), Who::Stranger);
    let plain = honest::compress(&[7; 5000]);
    Target::bytes(vec![small, plain, honest::compress(b"")], |input| Verdict::taken(opens(input)))
}

/// A frame of blocks of a stranger's making: `what, length, bytes` for each, the head and the checks as they must be.
pub fn body_mended() -> Target {
    let honest = vec![vec![0, 40, 1, 2, 3, 4, 5, 6, 7, 8, 1, 200, 9], vec![1, 255, 0, 1, 255, 0, 0, 3, 1, 2, 3]];
    Target::bytes(honest, |mut input| {
        // Magic; no single segment, no checksum; a window of 8 MiB.
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3];
        while let [what, length, rest @ ..] = input {
            let (kind, size) = (u32::from(what & 3), u32::from(*length) << (what >> 4));
            let bytes = if kind == 1 { 1 } else { size as usize }.min(rest.len());
            let (piece, rest) = rest.split_at(bytes);
            let size = if kind == 1 { size } else { u32::try_from(bytes).unwrap_or(0) };
            frame.extend_from_slice(&((size << 3) | (kind << 1)).to_le_bytes()[..3]);
            frame.extend_from_slice(piece);
            input = rest;
        }
        frame.extend_from_slice(&[1, 0, 0]);
        Verdict::taken(opens(&frame))
    })
}

/// Every kind of frame, as a Centre sends them.
pub fn all_frames() -> Vec<Frame> {
    let centre = sealing_centre();
    let received = dossier::state::Received { at_ms: NOW_MS, clock_offset_ms: 12 };
    let change =
        |change: &dossier::content::chunk::Scanned| FeedChange { bytes: change.bytes().to_vec(), author: 0, received };
    let event = |event: &dossier::event::Event| FeedEvent { event: event.signed().clone(), received };
    let dossier = FeedDossier {
        dossier: DOSSIER,
        enters: Some(true),
        texts: honest::TEXTS.map(str::to_owned).to_vec(),
        changes: honest::written().changes.iter().map(change).collect(),
        events: events().iter().map(event).collect(),
        blobs: vec![ArrivedBlob { blob: dossier::id::BlobId([9; 32]), size_bytes: 77 }],
    };
    let entry = DeviceEntry {
        key: honest::key(Who::Stranger).public(),
        certificates: vec![honest::certificate(Who::Stranger)],
    };
    vec![
        Frame::Receipt(honest::signed_receipt()),
        Frame::Welcome(Welcome { certificate: honest::certificate(Who::Postal) }),
        Frame::Directory(Directory { devices: vec![entry] }),
        Frame::Feed(Feed {
            cursor: centre.cursor("unit:25747", Position { seq: 4, digest: ScopeDigest([0; 8]) }),
            dossiers: vec![dossier],
            digest: None,
        }),
        Frame::End(End {
            now_ms: NOW_MS,
            centre: centre.public(),
            centre_certificate: centre.signed_certificate().clone(),
            catalogue: "2026.11.1".into(),
            more: false,
            wanted: vec![],
            notices: vec![Notice { dossier: DOSSIER, item: dossier::id::Digest([5; 32]), code: "QUARANTINED".into() }],
            leases: vec![],
            token: Some("token".into()),
            revoked_ms: None,
        }),
    ]
}

/// An opened answer, read frame by frame.
pub fn frames() -> Target {
    let mut whole = Vec::new();
    all_frames().iter().for_each(|frame| write_frame(&mut whole, frame));
    let mut short = Vec::new();
    write_frame(&mut short, all_frames().last().expect("there are frames"));
    Target::bytes(vec![whole, short], |input| {
        let mut seen = 0;
        let read = read_frames(input, |_| {
            seen += 1;
            Ok::<(), FrameFault>(())
        });
        match (read, seen) {
            (Ok(()), _) => Verdict::Accepted,
            (Err(_), 0) => Verdict::Refused,
            (Err(_), _) => Verdict::Deep,
        }
    })
}
