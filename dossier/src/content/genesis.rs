//! The deterministic first changes of a dossier.
//!
//! [`skeleton`] is a pure function of the dossier's id, [`text`] of the id and a field. Two devices make the same bytes
//! with the same hash, so merging them is merging one thing with itself. The hash of a dossier's every later change
//! rests on these bytes: they are frozen by test vectors, and must survive any version of the Automerge library.

use automerge::{
    ActorId, Automerge, ObjType, ROOT, ReadDoc,
    transaction::{CommitOptions, Transactable},
};

use super::{
    chunk::{self, Scanned},
    path::Root,
};
use crate::id::{self, DossierId, sha256};

/// How many operations the skeleton has: one per root map.
pub const SKELETON_OPS: u64 = Root::ALL.len() as u64;

fn actor(parts: &[&[u8]]) -> id::ActorId {
    let mut out = [0; 16];
    out.copy_from_slice(&sha256(parts)[..16]);
    id::ActorId(out)
}

/// The actor of the skeleton.
#[must_use]
pub fn skeleton_actor(dossier: &DossierId) -> id::ActorId {
    actor(&[b"tram/genesis/v1\0", dossier.as_bytes()])
}

/// The actor that makes the text object of a field.
#[must_use]
pub fn text_actor(dossier: &DossierId, field: &str) -> id::ActorId {
    actor(&[b"tram/text/v1\0", dossier.as_bytes(), field.as_bytes()])
}

fn last_change(doc: &Automerge) -> Scanned {
    let change = doc.get_last_local_change().expect("a change was just committed");
    chunk::scan_own(change.raw_bytes()).expect("the library writes the chunks that we read")
}

/// The skeleton's chunk up to its actor: kind (a raw change), length, no dependencies, an actor of 16 bytes.
const BEFORE_ACTOR: [u8; 4] = [0x01, 0x4d, 0x00, 0x10];

/// What follows the actor: sequence 1, first operation 1, time 0, no message, and the columns of four operations, each
/// making one map in the root under the keys of [`Root::ALL`].
const AFTER_ACTOR: &[u8] = b"\x01\x01\0\0\0\x05\x15\x24\x34\x01\x42\x02\x56\x02\x70\x02\
    \x7c\x09procedure\x07answers\x0acomponents\x05texts\x04\x04\0\x04\0\x04\0";

/// The change that makes the four root maps.
///
/// It is written down here byte by byte rather than made by the library, because its hash must outlive any version of
/// the library; a test holds that the library would write the same.
#[must_use]
pub fn skeleton(dossier: &DossierId) -> Scanned {
    let hashed = [&BEFORE_ACTOR[..], skeleton_actor(dossier).as_bytes(), AFTER_ACTOR].concat();
    let checksum = sha256(&[&hashed]);
    let bytes = [&chunk::MAGIC[..], &checksum[..4], &hashed].concat();
    chunk::scan_own(&bytes).expect("the constants above are a sound chunk")
}

/// The change that makes the text object of `field`; it depends on the skeleton alone.
#[must_use]
pub fn text(dossier: &DossierId, field: &str) -> Scanned {
    let mut doc = Automerge::new();
    let genesis = automerge::Change::from_bytes(skeleton(dossier).into_bytes()).expect("our own bytes");
    doc.apply_changes([genesis]).expect("the skeleton has no dependencies");
    doc.set_actor(ActorId::from(text_actor(dossier, field).as_bytes()));
    let (_, texts) =
        doc.get(ROOT, Root::Texts.key()).expect("the skeleton was applied").expect("the skeleton makes this map");
    let mut tx = doc.transaction();
    tx.put_object(texts, field, ObjType::Text).expect("an empty map takes any key");
    tx.commit_with(CommitOptions::default().with_time(0));
    last_change(&doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dossier() -> DossierId {
        "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
    }

    #[test]
    fn the_library_would_write_the_same_skeleton() {
        let mut doc = Automerge::new().with_actor(ActorId::from(skeleton_actor(&dossier()).as_bytes()));
        let mut tx = doc.transaction();
        for root in Root::ALL {
            tx.put_object(ROOT, root.key(), ObjType::Map).unwrap();
        }
        tx.commit_with(CommitOptions::default().with_time(0));
        assert_eq!(last_change(&doc), skeleton(&dossier()));
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
