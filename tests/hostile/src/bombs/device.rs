//! What a Centre that turned bad, or a line that changes bytes, may say to a device.

use dossier::{
    certificate::Certificate,
    code::Lease,
    envelope::{self, Namespace, Signed},
    id::BatchId,
    wire::{Feed, Frame, SignedReceipt, Welcome, write_frame},
};

use super::{Bomb, Thrown, bomb};
use crate::{
    honest::{self, Who, compress, key},
    target::{Waiting, all_frames},
};

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 10] = [
    bomb("an answer of 256 MiB", "zeroes, compressed", "DAMAGED", || hear(compress(&vec![0; 256 << 20]))),
    bomb("a frame of 4 GiB", "a length that is not true", "DAMAGED", || hear(compress(&[0xff; 64]))),
    bomb("an answer nested deep", "a frame of arrays of one array", "DAMAGED", || hear(framed(vec![0x81; 60_000]))),
    bomb(
        "a certificate of another Centre",
        "sound, signed by a stranger's Centre",
        "CERTIFICATE_REFUSED",
        foreign_certificate,
    ),
    bomb("a certificate of another device", "the own Centre's, for somebody else", "CERTIFICATE_REFUSED", || {
        frames(&[Frame::Welcome(Welcome { certificate: honest::certificate(Who::Officer) })])
    }),
    bomb("a receipt of another batch", "signed by the Centre, for this device", "BAD_SIGNATURE", other_batch),
    bomb("a receipt of another Centre", "signed by a stranger", "WRONG_CENTRE", other_centre),
    bomb("a dossier twice in a feed", "the same twice", "DAMAGED", twice),
    bomb("an invitation of 1 MB", "a word that does not end", "INVITATION_UNREADABLE", long_invitation),
    bomb("a block of four billion codes", "a lease from 1 to 2³²−1", "refused", endless_lease),
];

fn hear(body: Vec<u8>) -> Thrown {
    let waiting = Waiting::new();
    Box::new(move || waiting.code(&body))
}

fn framed(body: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("it is short");
    compress(&[&length.to_be_bytes()[..], &body].concat())
}

fn frames(frames: &[Frame]) -> Thrown {
    let mut out = Vec::new();
    frames.iter().chain(all_frames().last()).for_each(|frame| write_frame(&mut out, frame));
    hear(compress(&out))
}

fn foreign_certificate() -> Thrown {
    let signer = key(Who::Stranger);
    let ours = honest::certificate(Who::Postal);
    let mut read: Certificate = envelope::decode(&ours.body).expect("our own");
    read.centre = signer.public();
    let certificate = Signed::seal(&signer, Namespace::Certificate, &read);
    frames(&[Frame::Welcome(Welcome { certificate })])
}

fn other_batch() -> Thrown {
    let waiting = Waiting::new();
    let mut out = Vec::new();
    let receipt = dossier::wire::Receipt { batch: BatchId([0xbb; 16]), ..waiting.receipt() };
    write_frame(&mut out, &Frame::Receipt(SignedReceipt::seal(&key(Who::Centre), &receipt)));
    let body = compress(&out);
    Box::new(move || waiting.code(&body))
}

fn other_centre() -> Thrown {
    let waiting = Waiting::new();
    let mut out = Vec::new();
    let receipt = dossier::wire::Receipt { centre: key(Who::Stranger).public(), ..waiting.receipt() };
    write_frame(&mut out, &Frame::Receipt(SignedReceipt::seal(&key(Who::Stranger), &receipt)));
    let body = compress(&out);
    Box::new(move || waiting.code(&body))
}

fn twice() -> Thrown {
    let mut all = all_frames();
    all.retain(|frame| matches!(frame, Frame::Directory(_) | Frame::Feed(_)));
    for frame in &mut all {
        if let Frame::Feed(Feed { dossiers, .. }) = frame {
            dossiers.push(dossiers[0].clone());
        }
    }
    frames(&all)
}

fn long_invitation() -> Thrown {
    let waiting = Waiting::new();
    let word = format!("TRAM1-{}", "A".repeat(1_000_000));
    Box::new(move || waiting.enrol(&word))
}

fn endless_lease() -> Thrown {
    let authority = dossier::code::OrgUnitId::parse("H29.16").expect("an identifier");
    let day = dossier::deadline::local(honest::NOW_MS).date();
    let mut bytes = Lease::new(&authority, day, 1, 20).expect("a sound block").to_cbor();
    // The last number of the block is the last byte.
    bytes.pop();
    bytes.extend([0x1a, 0xff, 0xff, 0xff, 0xff]);
    Box::new(move || if Lease::from_cbor(&bytes).is_err() { "refused".to_owned() } else { "taken".to_owned() })
}
