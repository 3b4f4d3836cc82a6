//! The deterministic first changes of a dossier.
//!
//! [`skeleton`] is a pure function of the dossier's id, [`text`] of the id and a field. Two devices make the same bytes
//! with the same hash, so merging them is merging one thing with itself. The hash of a dossier's every later change
//! rests on these bytes: they are frozen by test vectors, and must survive any version of the Automerge library.

use super::{
    chunk::{
        Scanned,
        write::{Head, unsigned},
    },
    path::Root,
};
use crate::id::{ActorId, ChangeHash, DossierId, sha256};

/// How many operations the skeleton has: one per root map.
pub const SKELETON_OPS: u64 = Root::ALL.len() as u64;

fn actor(parts: &[&[u8]]) -> ActorId {
    let mut out = [0; 16];
    out.copy_from_slice(&sha256(parts)[..16]);
    ActorId(out)
}

/// The actor of the skeleton.
#[must_use]
pub fn skeleton_actor(dossier: &DossierId) -> ActorId {
    actor(&[b"tram/genesis/v1\0", dossier.as_bytes()])
}

/// The actor that makes the text object of a field.
#[must_use]
pub fn text_actor(dossier: &DossierId, field: &str) -> ActorId {
    actor(&[b"tram/text/v1\0", dossier.as_bytes(), field.as_bytes()])
}

/// The skeleton before its actor: no dependencies, an actor of 16 bytes.
const BEFORE_ACTOR: [u8; 2] = [0x00, 0x10];

/// What follows the actor: sequence 1, first operation 1, time 0, no message, and the columns of four operations, each
/// making one map in the root under the keys of [`Root::ALL`].
const AFTER_ACTOR: &[u8] = b"\x01\x01\0\0\0\x05\x15\x24\x34\x01\x42\x02\x56\x02\x70\x02\
    \x7c\x09procedure\x07answers\x0acomponents\x05texts\x04\x04\0\x04\0\x04\0";

/// The change that makes the four root maps.
///
/// It is written down here byte by byte, because its hash must outlive any version of any library; a test holds that
/// Automerge would write the same.
#[must_use]
pub fn skeleton(dossier: &DossierId) -> Scanned {
    let actor = skeleton_actor(dossier);
    let content = [&BEFORE_ACTOR[..], actor.as_bytes(), AFTER_ACTOR].concat();
    Scanned::of_skeleton(&Head { deps: &[], actor, seq: 1, start_op: 1, time_s: 0 }, SKELETON_OPS, &content)
}

/// A text's making before its dependency, and between that and its actor.
const ONE_DEP: [u8; 1] = [0x01];
const ACTOR_LENGTH: [u8; 1] = [0x10];
/// Sequence 1, first operation 5, time 0, no message, one other actor of 16 bytes: the skeleton's.
const BEFORE_SKELETON_ACTOR: [u8; 6] = [0x01, 0x05, 0x00, 0x00, 0x01, 0x10];
/// Seven columns; the length of the third, the key, stands between the two halves.
const COLUMNS_TO_KEY: [u8; 6] = [0x07, 0x01, 0x02, 0x02, 0x02, 0x15];
const COLUMNS_FROM_KEY: [u8; 8] = [0x34, 0x01, 0x42, 0x02, 0x56, 0x02, 0x70, 0x02];
/// One operation in operation 4 of the skeleton, then one key; after the key: no insertion, making a text, no value,
/// nothing superseded.
const IN_TEXTS: [u8; 5] = [0x7f, 0x01, 0x7f, 0x04, 0x7f];
const MAKE_TEXT: [u8; 7] = [0x01, 0x7f, 0x04, 0x7f, 0x00, 0x7f, 0x00];

/// The change that makes the text object of `field`; it depends on the skeleton alone.
#[must_use]
pub fn text(dossier: &DossierId, field: &str) -> Scanned {
    text_on(&skeleton(dossier), dossier, field)
}

/// The same, where the skeleton is at hand.
pub(crate) fn text_on(skeleton: &Scanned, dossier: &DossierId, field: &str) -> Scanned {
    let deps: [ChangeHash; 1] = [skeleton.hash];
    let actor = text_actor(dossier, field);
    let mut key = Vec::new();
    unsigned(field.len() as u64, &mut key);
    key.extend_from_slice(field.as_bytes());
    let mut key_column_length = Vec::new();
    unsigned(key.len() as u64 + 1, &mut key_column_length);
    let content = [
        &ONE_DEP[..],
        skeleton.hash.as_bytes(),
        &ACTOR_LENGTH,
        actor.as_bytes(),
        &BEFORE_SKELETON_ACTOR,
        skeleton.actor.as_bytes(),
        &COLUMNS_TO_KEY,
        &key_column_length,
        &COLUMNS_FROM_KEY,
        &IN_TEXTS,
        &key,
        &MAKE_TEXT,
    ]
    .concat();
    let head = Head { deps: &deps, actor, seq: 1, start_op: SKELETON_OPS + 1, time_s: 0 };
    Scanned::of_skeleton(&head, 1, &content)
}

#[cfg(test)]
mod tests {
    use automerge::{
        Automerge, ObjType, ROOT, ReadDoc,
        transaction::{CommitOptions, Transactable},
    };
    use proptest::prelude::*;

    use super::*;

    fn dossier() -> DossierId {
        "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
    }

    fn last_change(doc: &Automerge) -> Vec<u8> {
        doc.get_last_local_change().unwrap().raw_bytes().to_vec()
    }

    #[test]
    fn automerge_would_write_the_same_skeleton() {
        let actor = automerge::ActorId::from(skeleton_actor(&dossier()).as_bytes());
        let mut doc = Automerge::new().with_actor(actor);
        let mut tx = doc.transaction();
        for root in Root::ALL {
            tx.put_object(ROOT, root.key(), ObjType::Map).unwrap();
        }
        tx.commit_with(CommitOptions::default().with_time(0));
        assert_eq!(last_change(&doc), skeleton(&dossier()).bytes());
    }

    proptest! {
        #[test]
        fn automerge_would_write_the_same_text(field in "[a-zđ/_0-9]{1,200}") {
            let mut doc = Automerge::new();
            let genesis = automerge::Change::from_bytes(skeleton(&dossier()).into_bytes()).unwrap();
            doc.apply_changes([genesis]).unwrap();
            doc.set_actor(automerge::ActorId::from(text_actor(&dossier(), &field).as_bytes()));
            let (_, texts) = doc.get(ROOT, Root::Texts.key()).unwrap().unwrap();
            let mut tx = doc.transaction();
            tx.put_object(texts, field.as_str(), ObjType::Text).unwrap();
            tx.commit_with(CommitOptions::default().with_time(0));
            let ours = text(&dossier(), &field);
            prop_assert_eq!(last_change(&doc), ours.bytes());
            prop_assert_eq!(doc.get_heads()[0].0, ours.hash.0);
        }
    }

    #[test]
    fn the_skeleton_never_changes_its_bytes() {
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(skeleton(&dossier()).bytes()));
        insta::assert_snapshot!(skeleton(&dossier()).hash);
    }

    #[test]
    fn a_text_object_never_changes_its_bytes() {
        insta::assert_snapshot!(data_encoding::HEXLOWER.encode(text(&dossier(), "request").bytes()));
    }

    #[test]
    fn other_dossiers_have_other_skeletons() {
        let other = "019a2b3c-4d5e-7f60-8123-456789abcdee".parse().unwrap();
        assert_ne!(skeleton(&dossier()).hash, skeleton(&other).hash);
        assert_ne!(text(&dossier(), "a").hash, text(&dossier(), "b").hash);
    }
}
