//! The test vectors for another client's author, `docs/protocol-vectors/v1.json`: they are what this program writes, and
//! this program reads what stands there.
//!
//! After an intended change of the protocol: `TRAM_WRITE_VECTORS=1 cargo test -p hostile --test vectors`.

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use dossier::{
    certificate::Certificate,
    code::{Lease, OrgUnitId},
    content::{Content, chunk, genesis},
    envelope::{self, Namespace, Signed},
    event::SignedEvent,
    wire::{Frame, FrameFault, Invitation, SignedBatch, SignedReceipt, read_frames, write_frame},
};
use hostile::{
    centre::Room,
    honest::{self, DOSSIER, NOW_MS, Who, key},
};
use serde_json::{Value, json};

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol-vectors/v1.json")
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn bytes(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().expect("hexadecimal digits").as_bytes()).expect("hexadecimal digits")
}

fn signed(signed: &Signed, name: &[u8]) -> Value {
    json!({"body": hex(&signed.body), "signature": hex(&signed.signature.0), "signed": hex(&envelope::encode(signed)),
        "name": hex(name)})
}

/// What an answer holds that follows from the request alone: the receipts. Cursors and the token are sealed by the Centre.
fn frames(body: Vec<u8>) -> Vec<Frame> {
    Room::new().post(body).expect("an honest request")
}

fn vectors() -> Value {
    let device = key(Who::Stranger);
    let keys = [("centre", Who::Centre), ("device", Who::Stranger)].map(|(name, who)| {
        let key = key(who);
        let seed = hex(&[who as u8; 32]);
        (name, json!({"seed": seed, "public": hex(&key.public().0), "device": hex(&key.device().0)}))
    });
    let changes = honest::written().changes.iter().map(|change| {
        json!({"chunk": hex(change.bytes()), "hash": hex(&change.hash.0), "actor": hex(&change.actor.0), "seq": change.seq,
            "start_op": change.start_op, "operations": change.ops})
    });
    let cells = honest::written().content.cells().into_iter().map(|(path, state)| {
        let values: Vec<String> = state.versions.iter().map(|version| version.value.to_string()).collect();
        (path.to_string(), json!(values))
    });
    let texts = honest::TEXTS.map(|field| {
        let text = genesis::text(&DOSSIER, field);
        json!({"field": field, "chunk": hex(text.bytes()), "hash": hex(&text.hash.0)})
    });
    let events = honest::acts().into_iter().zip(1..).map(|(act, counter)| {
        let name = act.name();
        let event = honest::event(Who::Stranger, act, counter);
        json!({"act": name, "event": signed(&event.signed().0, &event.id().0)})
    });
    let skeleton = genesis::skeleton(&DOSSIER);
    let batch = honest::whole_batch(Who::Stranger);
    let sealed = batch.sign(&device);
    let opened = sealed.bytes();
    let names = sealed.names();
    let compressed = honest::compress(&opened);
    let answer = frames(compressed.clone());
    let mut answered = Vec::new();
    let receipts = answer.iter().filter(|frame| matches!(frame, Frame::Receipt(_)));
    receipts.for_each(|frame| write_frame(&mut answered, frame));
    let authority = OrgUnitId::parse("H29.16").expect("an identifier");
    let lease = Lease::new(&authority, dossier::deadline::local(NOW_MS).date(), 21, 40).expect("a sound block");
    let body = lease.to_cbor();
    let lease = Signed { signature: key(Who::Centre).sign(Namespace::Lease, &body), body };
    let certificate = honest::certificate(Who::Officer);
    let receipt = honest::signed_receipt();
    let invitation = Invitation { centre: key(Who::Centre).public(), token: [9; 16] };
    json!({
        "protocol": dossier::wire::PROTOCOL,
        "keys": keys.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "dossier": hex(&DOSSIER.0),
        "skeleton": {"chunk": hex(skeleton.bytes()), "hash": hex(&skeleton.hash.0)},
        "texts": texts,
        "changes": changes.collect::<Vec<_>>(),
        "cells": cells.collect::<std::collections::BTreeMap<_, _>>(),
        "events": events.collect::<Vec<_>>(),
        "parcels": names.iter().map(|name| json!({"name": hex(&name.hash.0), "first": name.first, "count": name.count})).collect::<Vec<_>>(),
        "request": {"opened": hex(&opened), "zstd": hex(&compressed)},
        "answer": {"receipts": hex(&answered), "zstd": hex(&honest::compress(&answered))},
        "receipt": signed(&receipt.0, &receipt.hash().0),
        "certificate": signed(&certificate, &Namespace::Certificate.digest(&certificate.body)),
        "lease": signed(&lease, &Namespace::Lease.digest(&lease.body)),
        "invitation": {"word": invitation.to_string(), "centre": hex(&invitation.centre.0), "token": hex(&invitation.token)},
    })
}

/// What a compressor writes is its own affair; what is inside counts.
fn without_compressed(mut vectors: Value) -> Value {
    for message in ["request", "answer"] {
        vectors[message].as_object_mut().and_then(|message| message.remove("zstd"));
    }
    vectors
}

fn kept() -> Value {
    let text = std::fs::read_to_string(file()).expect("docs/protocol-vectors/v1.json is there");
    serde_json::from_str(&text).expect("the vectors are JSON")
}

#[test]
fn the_vectors_are_what_this_program_writes() {
    let now = vectors();
    if std::env::var_os("TRAM_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&now).expect("plain data") + "\n";
        std::fs::write(file(), text).expect("the file can be written");
    }
    assert_eq!(without_compressed(kept()), without_compressed(now), "see the head of this file");
}

#[test]
fn what_was_recorded_is_still_read() {
    let kept = kept();
    let centre = key(Who::Centre).public();
    assert_eq!(kept["protocol"], 1);

    let opened = zstd::stream::decode_all(&bytes(&kept["request"]["zstd"])[..]).expect("one zstd frame");
    assert_eq!(opened, bytes(&kept["request"]["opened"]));
    let batch = SignedBatch::read(&opened).expect("a batch of protocol 1");
    let names: Vec<String> = batch.names().iter().map(|name| hex(&name.hash.0)).collect();
    assert_eq!(names[0], kept["parcels"][0]["name"]);

    let mut content = Content::new(DOSSIER);
    content.make_texts(honest::TEXTS);
    for change in kept["changes"].as_array().expect("changes") {
        let read = chunk::scan(&bytes(&change["chunk"])).expect("a sound change");
        assert_eq!(hex(&read.hash.0), change["hash"]);
        content.apply(&[read]).expect("they stand in causal order");
    }
    assert_eq!(content.cells().len(), kept["cells"].as_object().expect("cells").len());
    for event in kept["events"].as_array().expect("events") {
        let read: SignedEvent = envelope::decode(&bytes(&event["event"]["signed"])).expect("a signed event");
        let read = read.verify(&DOSSIER).expect("its signature fits");
        assert_eq!(hex(&read.id().0), event["event"]["name"]);
        assert_eq!(read.body().act.name(), event["act"]);
    }
    let receipt: SignedReceipt = envelope::decode(&bytes(&kept["receipt"]["signed"])).expect("a signed receipt");
    assert!(receipt.verify(&centre).is_ok());
    let certificate: Signed = envelope::decode(&bytes(&kept["certificate"]["signed"])).expect("a signed certificate");
    assert!(Certificate::verify(&certificate, &centre).is_ok());
    let lease: Signed = envelope::decode(&bytes(&kept["lease"]["signed"])).expect("a signed lease");
    assert_eq!(lease.signature.verify(&centre, Namespace::Lease, &lease.body), Ok(()));
    assert!(Lease::from_cbor(&lease.body).is_ok());
    let word = kept["invitation"]["word"].as_str().expect("a word");
    assert_eq!(hex(&word.parse::<Invitation>().expect("an invitation").token), kept["invitation"]["token"]);

    let answer = zstd::stream::decode_all(&bytes(&kept["answer"]["zstd"])[..]).expect("one zstd frame");
    let mut held = Vec::new();
    // The vector ends after the receipts; what follows in a real answer is sealed by its Centre.
    let ended = read_frames(&answer, |frame| {
        if let Frame::Receipt(receipt) = frame {
            held.push(receipt.verify(&centre).expect("the Centre's signature"));
        }
        Ok::<(), FrameFault>(())
    });
    assert_eq!(ended, Err(FrameFault::CutOff));
    assert!(held.iter().all(|receipt| names.contains(&hex(&receipt.parcel_hash.0))));
    let items = u32::try_from(batch.batch().items().count()).expect("few items");
    assert!((0..items).all(|item| held.iter().any(|receipt| receipt.holds(item))));
}
