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

/// Wraps content in a chunk of another kind with the right checksum, as an attacker would.
fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = write::chunk(content);
    bytes[8] = kind;
    let hash = sha256(&[&bytes[8..]]);
    bytes[4..8].copy_from_slice(&hash[..4]);
    bytes
}

/// A change by one actor that names another, with these columns.
fn crafted(start_op: &[u8], columns: &[(u8, &[u8])]) -> Vec<u8> {
    let mut content = vec![0, 16];
    content.extend_from_slice(&[7; 16]);
    content.push(1);
    content.extend_from_slice(start_op);
    content.extend_from_slice(&[0, 0, 1, 16]);
    content.extend_from_slice(&[8; 16]);
    content.push(columns.len() as u8);
    for (spec, data) in columns {
        content.push(*spec);
        write::unsigned(data.len() as u64, &mut content);
    }
    columns.iter().for_each(|(_, data)| content.extend_from_slice(data));
    chunk(1, &content)
}

/// Three million rows of a value, and of nothing.
const MANY: [u8; 4] = [0xc0, 0x8d, 0xb7, 1];
const MANY_NULLS: [u8; 5] = [0, 0xc0, 0x8d, 0xb7, 1];

/// One put of `true` in the answers, with some columns exchanged.
fn put_with(start_op: &[u8], other: &[(u8, &[u8])]) -> Vec<u8> {
    let put: [(u8, &[u8]); 7] = [
        (0x01, &[0x7f, 1]),
        (0x02, &[0x7f, 2]),
        (0x15, &[0x7f, 1, b'a']),
        (0x34, &[1]),
        (0x42, &[0x7f, 1]),
        (0x56, &[0x7f, 2]),
        (0x70, &[0x7f, 0]),
    ];
    let mut columns: std::collections::BTreeMap<u8, &[u8]> = put.into();
    columns.extend(other.iter().copied());
    columns.retain(|_, data| !data.is_empty());
    crafted(start_op, &columns.into_iter().collect::<Vec<_>>())
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
fn the_crafting_itself_is_sound() {
    assert_eq!(scan(&put_with(&[1], &[])).map(|scanned| scanned.ops), Ok(1));
    // The same key in each of the three maps.
    let in_three = put_with(
        &[1],
        &[
            (0x01, &[3, 1]),
            (0x02, &[0x7d, 1, 2, 3]),
            (0x15, &[3, 1, b'a']),
            (0x34, &[3]),
            (0x42, &[3, 1]),
            (0x56, &[3, 2]),
            (0x70, &[3, 0]),
        ],
    );
    assert_eq!(scan(&in_three).map(|scanned| scanned.ops), Ok(3));
    assert_eq!(scan(&removing(1000, 1)).map(|scanned| scanned.ops), Ok(1000));
}

#[test]
fn bombs_are_refused_before_they_unroll() {
    let over = |what| Err(ChunkFault::OverLimit(what));
    assert_eq!(scan(&put_with(&[1], &[(0x42, &MANY_NULLS)])), over("operations"));
    let puts = [&MANY[..], &[1]].concat();
    assert_eq!(scan(&put_with(&[1], &[(0x42, &puts)])), over("operations"));
    // Thousands of puts of one key, which no byte pays for.
    let many = [&[0xa0u8, 0x8d, 6][..]; 1].concat();
    let run = |value: &[u8]| [&many, value].concat();
    let (ones, twos, key, none) = (run(&[1]), run(&[2]), run(&[1, b'a']), run(&[0]));
    let bomb: [(u8, &[u8]); 7] =
        [(0x01, &ones), (0x02, &twos), (0x15, &key), (0x34, &many), (0x42, &ones), (0x56, &twos), (0x70, &none)];
    assert_eq!(scan(&crafted(&[1], &bomb)), Err(ChunkFault::ForeignOperation));
    // A first operation number that leaves no room for another.
    assert_eq!(scan(&put_with(&[0xff, 0xff, 0xff, 0xff, 0x0f], &[])), over("operation number"));
    assert_eq!(scan(&put_with(&[0], &[])), Err(ChunkFault::Damaged));
    // More predecessors than there are people.
    assert_eq!(scan(&put_with(&[1], &[(0x70, &[0x7f, 0xff, 0x7f])])), over("predecessors"));
    // A distance that leads below zero, one that overflows, one beyond every number.
    let pred = |step: &'static [u8]| [(0x70, &[0x7fu8, 1][..]), (0x71, &[0x7f, 1][..]), (0x73, step)];
    assert_eq!(scan(&put_with(&[1], &pred(&[0x7f, 0x7f]))), Err(ChunkFault::Damaged));
    let least = [0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
    assert_eq!(scan(&put_with(&[1], &[pred(&[])[0], pred(&[])[1], (0x73, &least)])), Err(ChunkFault::Damaged));
    let far = [0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(scan(&put_with(&[1], &[pred(&[])[0], pred(&[])[1], (0x73, &far)])), over("operation number"));
    // Removals of every second letter, which no byte pays for.
    assert_eq!(scan(&removing(100_000, 2)), over("scattered removals"));
    // A run of removals is one, however long.
    assert_eq!(scan(&removing(100_000, 1)).map(|scanned| scanned.ops), Ok(100_000));
    assert_eq!(scan(&vec![0; MAX_CHANGE_BYTES + 1]), over("bytes"));
}

/// A change that removes `count` letters of another actor, `step` apart.
fn removing(count: u64, step: u8) -> Vec<u8> {
    let run = |value: &[u8]| {
        let mut out = Vec::new();
        write::signed(count as i64, &mut out);
        out.extend_from_slice(value);
        out
    };
    let mut flags = Vec::new();
    write::unsigned(count, &mut flags);
    let (one, five, steps, delete, none) = (run(&[1]), run(&[5]), run(&[step]), run(&[3]), run(&[0]));
    let columns: [(u8, &[u8]); 11] = [
        (0x01, &one),
        (0x02, &five),
        (0x11, &one),
        (0x13, &steps),
        (0x34, &flags),
        (0x42, &delete),
        (0x56, &none),
        (0x70, &one),
        (0x71, &one),
        (0x73, &steps),
        (0x15, &[]),
    ];
    let mut start = Vec::new();
    write::unsigned(count * u64::from(step) + 1, &mut start);
    let mut columns: Vec<_> = columns.into_iter().filter(|(_, data)| !data.is_empty()).collect();
    columns.sort_unstable();
    crafted(&start, &columns)
}

#[test]
fn what_means_nothing_in_a_dossier_is_refused() {
    let foreign = Err(ChunkFault::ForeignOperation);
    // Making an object, incrementing a counter, a mark.
    for action in [0, 2, 4, 5, 6, 7] {
        assert_eq!(scan(&put_with(&[1], &[(0x42, &[0x7f, action])])), foreign, "action {action}");
    }
    // Null, a float, bytes, a counter, a time, something unknown; a number too large for a whole one.
    for (meta, raw) in [(0u8, 0usize), (0x85, 8), (0x17, 1), (0x18, 1), (0x19, 1), (0x1f, 1), (0xa3, 10)] {
        let raw = [&vec![0xff; raw.saturating_sub(1)][..], &[1][..raw.min(1)]].concat();
        let meta: &[u8] = &[0x7f, meta, 1][..if meta & 0x80 == 0 { 2 } else { 3 }];
        assert_eq!(scan(&put_with(&[1], &[(0x56, meta), (0x57, &raw)])), foreign, "meta {meta:?}");
    }
    // In the root, in the map of texts, in a text, in an object that nobody made; under a key that is no cell's.
    assert_eq!(scan(&put_with(&[1], &[(0x01, &[]), (0x02, &[])])), foreign);
    for made in [0, 4, 5, 9] {
        assert_eq!(scan(&put_with(&[1], &[(0x02, &[0x7f, made])])), foreign, "object {made}");
    }
    assert_eq!(scan(&put_with(&[1], &[(0x15, &[0x7f, 0])])), foreign);
    assert_eq!(scan(&put_with(&[1], &[(0x15, &[0x7f, 1, b'\n'])])), foreign);
    // Inserting in a map; a put in a text that inserts nothing; both kinds of key; an unknown column; nothing at all.
    assert_eq!(scan(&put_with(&[1], &[(0x34, &[0, 1])])), foreign);
    assert_eq!(scan(&put_with(&[1], &[(0x02, &[0x7f, 5]), (0x13, &[0x7f, 0]), (0x15, &[])])), foreign);
    assert_eq!(scan(&put_with(&[1], &[(0x13, &[0x7f, 0])])), foreign);
    assert_eq!(scan(&put_with(&[1], &[(0x94, &[1])])), Err(ChunkFault::Damaged));
    assert_eq!(scan(&put_with(&[1], &[(0x75, &[1])])), foreign);
    assert_eq!(scan(&crafted(&[1], &[])), foreign);
    // A row too many in one column, or too few.
    assert_eq!(scan(&put_with(&[1], &[(0x15, &[0x7e, 1, b'a', 1, b'b'])])), Err(ChunkFault::Damaged));
    assert_eq!(scan(&put_with(&[1], &[(0x56, &[])])), Err(ChunkFault::Damaged));
    // Documents and compressed changes. The skeleton's own operations are nobody's to send.
    assert_eq!(scan(&chunk(0, &[0; 40])), Err(ChunkFault::NotARawChange));
    assert_eq!(scan(&chunk(2, &[0; 40])), Err(ChunkFault::NotARawChange));
    assert_eq!(scan(genesis::skeleton(&dossier()).bytes()), foreign);
    assert_eq!(scan(genesis::text(&dossier(), "request").bytes()), foreign);
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

    /// With the checksum mended, whatever passes is a change to Automerge too, with the same operations.
    #[test]
    fn what_passes_with_a_mended_checksum_is_a_change_to_automerge(
        edits in proptest::collection::vec((0usize..4096, any::<u8>()), 1..4)
    ) {
        let mut content = genuine()[11..].to_vec();
        for (position, value) in edits {
            let position = position % content.len();
            content[position] = value;
        }
        let mended = chunk(1, &content);
        if let Ok(scanned) = scan(&mended) {
            let change = automerge::Change::from_bytes(mended).unwrap();
            prop_assert_eq!(change.len() as u64, scanned.ops);
            prop_assert_eq!(change.hash().0, scanned.hash.0);
        }
    }
    /// The bound that the module states: whatever lengths the columns declare, no more is read than the bytes pay for.
    #[test]
    fn work_is_bounded_by_bytes(columns in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..12), 12)) {
        let columns: Vec<(u8, &[u8])> =
            operation::SPECS.iter().zip(&columns).map(|(spec, data)| (*spec as u8, data.as_slice())).collect();
        let bytes = crafted(&[0xa0, 0x8d, 6], &columns);
        let content = &bytes[HASHED_FROM..];
        let at = content.len() - columns.iter().map(|(_, data)| data.len() + 2).sum::<usize>() - 1;
        let mut operations = Operations::new(&mut Reader::new(&content[at..]), 2, 100_000).unwrap();
        let mut read = 0;
        while let Ok(Some(_)) = operations.next() {
            read += 1;
            prop_assert!(operations.preds().len() as u64 <= MAX_OTHER_ACTORS + 1);
        }
        prop_assert!(read <= bytes.len() + operation::MAX_EVEN_REMOVALS);
    }
}
