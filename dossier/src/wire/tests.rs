use super::*;
use crate::{
    envelope::{EnvelopeFault, SigningKey},
    id::{BatchId, Digest, DossierId},
    state::Received,
};

fn batch(key: &SigningKey) -> Batch {
    Batch {
        hello: Hello {
            protocol: PROTOCOL,
            batch: BatchId([1; 16]),
            centre: None,
            device: key.public(),
            now_ms: 1_795_000_000_000,
            invitation: None,
            catalogue: "2026.11.1".into(),
            cursors: vec![],
            leases: vec![],
            waiting: Waiting { items: 3, files: 1 },
            repair: None,
        },
        dossiers: vec![DossierItems {
            dossier: DossierId([2; 16]),
            texts: vec!["why".into()],
            changes: vec![vec![1, 2, 3].into()],
            events: vec![],
        }],
    }
}

#[test]
fn a_batch_is_read_only_as_it_was_signed() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let bytes = batch(&key).sign(&key).bytes();
    let read = SignedBatch::read(&bytes).unwrap();
    assert_eq!(read.batch(), &batch(&key));
    for position in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[position] ^= 0x10;
        assert!(SignedBatch::read(&altered).is_err(), "byte {position}");
        assert!(SignedBatch::read(&bytes[..position]).is_err(), "cut at {position}");
    }
}

#[test]
fn a_batch_signed_by_another_device_is_refused() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let other = SigningKey::derive_from_seed(&[2; 32]);
    let forged = batch(&key).sign(&other).bytes();
    assert_eq!(SignedBatch::read(&forged), Err(BatchFault::Envelope(EnvelopeFault::BadSignature)));
}

#[test]
fn an_unknown_protocol_is_named() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let mut newer = batch(&key);
    newer.hello.protocol = 9;
    assert_eq!(SignedBatch::read(&newer.sign(&key).bytes()), Err(BatchFault::Protocol(9)));
}

#[test]
fn the_bytes_of_a_batch_are_frozen() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&batch(&key).sign(&key).bytes()));
}

#[test]
fn a_receipt_names_what_it_holds() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let receipt = Receipt {
        centre: key.public(),
        device: key.device(),
        batch: BatchId([1; 16]),
        parcel_hash: Digest([2; 32]),
        first: 10,
        count: 3,
        known: 0,
        exceptions: vec![Exception { item: 11, code: "ACTOR_FORK".into(), detail: String::new() }],
        received: Received { at_ms: 5, clock_offset_ms: 0 },
        number: 1,
        previous: None,
    };
    let read = SignedReceipt::seal(&key, &receipt).verify(&key.public()).unwrap();
    let held: Vec<u32> = (8..16).filter(|number| read.holds(*number)).collect();
    assert_eq!(held, [10, 12]);
    let other = SigningKey::derive_from_seed(&[2; 32]);
    assert!(SignedReceipt::seal(&other, &receipt).verify(&key.public()).is_err());
    insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&SignedReceipt::seal(&key, &receipt).0.body));
}

#[test]
fn an_answer_that_was_cut_keeps_the_frames_before_the_cut() {
    let feed = Frame::Feed(Feed {
        cursor: ScopeCursor { scope: "unit:1".into(), cursor: vec![1] },
        dossiers: vec![],
        digest: None,
    });
    let mut bytes = Vec::new();
    write_frame(&mut bytes, &feed);
    write_frame(&mut bytes, &feed);
    let mut seen = 0;
    let outcome = read_frames(&bytes[..bytes.len() - 1], |_| {
        seen += 1;
        Ok::<(), FrameFault>(())
    });
    assert_eq!((outcome, seen), (Err(FrameFault::CutOff), 1));
}

#[test]
fn an_invitation_is_one_word_that_notices_typing_errors() {
    let invitation = Invitation { centre: crate::id::PublicKey([7; 32]), token: [9; 16] };
    let word = invitation.to_string();
    assert!(!word.contains(char::is_whitespace));
    assert_eq!(word.to_lowercase().parse(), Ok(invitation));
    let mut wrong = word.clone().into_bytes();
    wrong[20] = if wrong[20] == b'A' { b'B' } else { b'A' };
    assert_eq!(String::from_utf8(wrong).unwrap().parse::<Invitation>(), Err(NotAnInvitation));
    assert_eq!("TRAM1-".parse::<Invitation>(), Err(NotAnInvitation));
}

fn three(key: &SigningKey) -> Batch {
    let mut batch = batch(key);
    batch.dossiers =
        (1..=3).map(|nth| DossierItems { dossier: DossierId([nth; 16]), ..batch.dossiers[0].clone() }).collect();
    batch
}

#[test]
fn parcels_come_out_as_soon_as_they_are_whole() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let signed = three(&key).sign_in_parcels(&key, 1);
    assert_eq!(SignedBatch::read(&signed.bytes()).unwrap().batch(), &three(&key));
    let (mut intake, mut names) = (Intake::default(), Vec::new());
    for piece in signed.pieces() {
        for byte in piece {
            assert!(!intake.is_ready());
            intake.push(std::slice::from_ref(byte));
        }
        assert!(intake.is_ready() && !intake.is_between());
        names.push(intake.take().unwrap().unwrap().name);
        assert!(intake.is_between());
    }
    assert_eq!(names, signed.names());
    assert_eq!(names.iter().map(|name| (name.first, name.count)).collect::<Vec<_>>(), [(0, 2), (2, 2), (4, 2)]);
    assert!(names[1].holds(2, 2) && !names[1].holds(2, 3) && !names[1].holds(1, 1));
}

#[test]
fn a_parcel_stands_only_after_the_one_it_names() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let (one, mut other) = (three(&key), three(&key));
    other.hello.batch = BatchId([2; 16]);
    let pieces =
        |batch: &Batch| -> Vec<Vec<u8>> { batch.sign_in_parcels(&key, 1).pieces().map(<[u8]>::to_vec).collect() };
    let (one, other) = (pieces(&one), pieces(&other));
    let bad = Err(BatchFault::Envelope(EnvelopeFault::BadSignature));
    for mixed in [[&one[0], &other[1], &one[2]], [&one[0], &one[2], &one[1]], [&one[0], &one[1], &one[1]]] {
        assert_eq!(SignedBatch::read(&mixed.map(Vec::as_slice).concat()), bad);
    }
    assert!(SignedBatch::read(&[one[1].clone(), one[2].clone()].concat()).is_err());
}

#[test]
fn a_parcel_holds_no_more_items_than_a_dossier_may_have() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let mut many = three(&key);
    for dossier in &mut many.dossiers {
        dossier.changes = vec![Vec::new().into(); limits::PARCEL_ITEMS / 2];
    }
    let names = many.sign(&key).names();
    assert_eq!(names.len(), 3);
    assert_eq!(SignedBatch::read(&many.sign(&key).bytes()).unwrap().batch(), &many);
    many.dossiers[1].changes = vec![Vec::new().into(); limits::PARCEL_ITEMS + 1];
    assert_eq!(SignedBatch::read(&many.sign(&key).bytes()), Err(BatchFault::OverLimit("items")));
}
