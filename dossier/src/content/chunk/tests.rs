use proptest::prelude::*;

use super::*;
use crate::{
    content::{Content, ContentPath, Edit, Root, Scalar, genesis},
    id::DossierId,
};

fn dossier() -> DossierId {
    "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
}

fn genuine() -> Vec<u8> {
    let mut content = Content::new(dossier());
    let edits: Vec<Edit> = (0..40)
        .map(|n| Edit {
            path: ContentPath::new(Root::Answers, format!("field_{n}")).unwrap(),
            value: Some(Scalar::from("Nguyễn Thị Hòa")),
        })
        .chain([Edit {
            path: ContentPath::new(Root::Texts, "request").unwrap(),
            value: Some(Scalar::from("Kính đề nghị cấp lại")),
        }])
        .collect();
    let first = content.seal(&ActorId([9; 16]), &edits, 1_795_000_000).unwrap().unwrap();
    first.change.into_bytes()
}

/// Wraps content in a chunk with the right checksum, as an attacker would.
fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    let mut length = content.len();
    loop {
        let byte = (length & 0x7f) as u8;
        length >>= 7;
        hashed.push(if length == 0 { byte } else { byte | 0x80 });
        if length == 0 {
            break;
        }
    }
    hashed.extend_from_slice(content);
    let sum = sha256(&[&hashed]);
    [&MAGIC[..], &sum[..4], &hashed].concat()
}

/// A change with the given start and action column.
fn crafted(start_op: &[u8], action_column: &[u8]) -> Vec<u8> {
    crafted_in(&[1, 1], &[1, 2], start_op, action_column)
}

fn crafted_in(object_actor: &[u8], object_counter: &[u8], start_op: &[u8], action_column: &[u8]) -> Vec<u8> {
    let mut content = vec![0, 16];
    content.extend_from_slice(&[7; 16]);
    content.push(1);
    content.extend_from_slice(start_op);
    content.extend_from_slice(&[0, 0, 1, 16]);
    content.extend_from_slice(&[8; 16]);
    let columns = [(0x01, object_actor), (0x02, object_counter), (0x42, action_column)];
    content.push(columns.len() as u8);
    for (spec, data) in columns {
        content.extend_from_slice(&[spec, data.len() as u8]);
    }
    for (_, data) in columns {
        content.extend_from_slice(data);
    }
    chunk(1, &content)
}

#[test]
fn what_our_devices_write_passes_and_hashes_as_automerge_does() {
    let bytes = genuine();
    let scanned = scan(&bytes).unwrap();
    let change = automerge::Change::from_bytes(bytes).unwrap();
    assert_eq!(scanned.hash.0, change.hash().0);
    assert_eq!(scanned.ops, change.len() as u64);
    assert_eq!(scanned.start_op, change.start_op().get());
    assert_eq!(scanned.seq, 1);
}

#[test]
fn bombs_are_refused_before_they_unroll() {
    // Three million nulls in a handful of bytes.
    assert_eq!(scan(&crafted(&[1], &[0, 0xc0, 0x8d, 0xb7, 1])), Err(ChunkFault::OverLimit("operations")));
    // Three million puts in a handful of bytes.
    assert_eq!(scan(&crafted(&[1], &[0xc0, 0x8d, 0xb7, 1, 1])), Err(ChunkFault::OverLimit("operations")));
    // A first operation number that leaves no room for another.
    assert_eq!(
        scan(&crafted(&[0xff, 0xff, 0xff, 0xff, 0x0f], &[1, 1])),
        Err(ChunkFault::OverLimit("operation number"))
    );
    assert_eq!(scan(&crafted(&[0], &[1, 1])), Err(ChunkFault::Damaged));
    // Making an object, incrementing a counter.
    assert_eq!(scan(&crafted(&[1], &[1, 0])), Err(ChunkFault::ForeignOperation));
    assert_eq!(scan(&crafted(&[1], &[1, 5])), Err(ChunkFault::ForeignOperation));
    // Writing in the root, where it would hide a whole map; in an object of one's own; in one that is not the skeleton's.
    assert_eq!(scan(&crafted_in(&[0, 1], &[0, 1], &[1], &[1, 1])), Err(ChunkFault::ForeignOperation));
    assert_eq!(scan(&crafted_in(&[1, 0], &[1, 2], &[1], &[1, 1])), Err(ChunkFault::ForeignOperation));
    assert_eq!(scan(&crafted_in(&[1, 1], &[1, 9], &[1], &[1, 1])), Err(ChunkFault::ForeignOperation));
    // Documents and compressed changes.
    assert_eq!(scan(&chunk(0, &[0; 40])), Err(ChunkFault::NotARawChange));
    assert_eq!(scan(&chunk(2, &[0; 40])), Err(ChunkFault::NotARawChange));
    assert_eq!(scan(&vec![0; MAX_CHANGE_BYTES + 1]), Err(ChunkFault::OverLimit("bytes")));
    // The skeleton's own operations are nobody's to send.
    assert_eq!(scan(genesis::skeleton(&dossier()).bytes()), Err(ChunkFault::ForeignOperation));
}

#[test]
fn the_crafting_itself_is_sound() {
    assert_eq!(scan(&crafted(&[1], &[1, 1])).map(|scanned| scanned.ops), Ok(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_flipped_bit_is_seen(position in 0usize..4096, bit in 0u8..8) {
        let mut bytes = genuine();
        let position = position % bytes.len();
        bytes[position] ^= 1 << bit;
        prop_assert!(scan(&bytes).is_err());
    }

    #[test]
    fn any_truncation_is_seen(cut in 1usize..4096) {
        let bytes = genuine();
        let cut = cut % bytes.len();
        prop_assert!(scan(&bytes[..cut]).is_err());
    }

    /// With the checksum mended, whatever passes must not panic the library either.
    #[test]
    fn what_passes_with_a_mended_checksum_does_not_panic_automerge(
        edits in proptest::collection::vec((0usize..4096, any::<u8>()), 1..6)
    ) {
        let genuine = genuine();
        let mut content = genuine[11..].to_vec();
        for (position, value) in edits {
            let position = position % content.len();
            content[position] = value;
        }
        let mended = chunk(1, &content);
        if scan(&mended).is_ok() {
            let outcome = std::panic::catch_unwind(|| automerge::Change::from_bytes(mended).is_ok());
            prop_assert!(outcome.is_ok());
        }
    }
}
