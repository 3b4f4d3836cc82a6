//! What the content engine costs beside Automerge, on one core: `cargo run --profile measured -p dossier --example
//! content_cost`. A dossier is 25 answers and 4 attachment references, sealed as one change. Each figure is the median of
//! rounds.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program for developers that tells what it measured"
)]

use std::time::Instant;

use automerge::{
    Automerge, Change, LoadOptions, ROOT, ReadDoc, TextEncoding,
    transaction::{CommitOptions, Transactable},
};
use dossier::{
    content::{Content, ContentPath, Edit, FileNote, Root, Scalar, chunk, genesis},
    id::{ActorId, BlobId, DossierId},
};

const ROUNDS: usize = 400;
/// So many dossiers at once, for the memory of one.
const HELD: usize = 2_000;

fn dossier() -> DossierId {
    "019a2b3c-4d5e-7f60-8123-456789abcdef".parse().unwrap()
}

fn edits() -> Vec<Edit> {
    let answers = (0..25).map(|n| Edit {
        path: ContentPath::new(Root::Answers, format!("applicant_field_{n}")).unwrap(),
        value: Some(Scalar::Text(format!("Nguyễn Thị Hòa {n}"))),
    });
    let files = (0..4u8).map(|page| {
        let note = FileNote { bytes: 240_000, media: "image/jpeg".into(), page: page.into() };
        Edit {
            path: ContentPath::file("birth_certificate", &BlobId([page; 32])).unwrap(),
            value: Some(Scalar::Text(note.to_text())),
        }
    });
    answers.chain(files).collect()
}

/// Microseconds of the median round; what a round starts from is made outside its time.
fn median_us<I, O>(mut input: impl FnMut() -> I, mut work: impl FnMut(I) -> O) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let given = input();
            let begun = Instant::now();
            let made = std::hint::black_box(work(given));
            let took = begun.elapsed().as_secs_f64() * 1e6;
            drop(made);
            took
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn kib_each<T>(make: impl Fn() -> T) -> f64 {
    let mut held = Vec::with_capacity(HELD);
    let before = resident_kib();
    held.extend((0..HELD).map(|_| make()));
    let each = (resident_kib() - before) / HELD as f64;
    // What one engine gave back, the other would be given without growing.
    std::mem::forget(held);
    each
}

fn library(skeleton: &[u8]) -> Automerge {
    let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
    doc.apply_changes([Change::from_bytes(skeleton.to_vec()).unwrap()]).unwrap();
    doc
}

fn library_seal(doc: &mut Automerge, edits: &[Edit]) {
    doc.set_actor(automerge::ActorId::from([1; 16]));
    let maps = Root::ALL.map(|root| doc.get(ROOT, root.key()).unwrap().unwrap().1);
    let mut tx = doc.transaction();
    for edit in edits {
        let value = edit.value.as_ref().unwrap().to_string();
        tx.put(&maps[edit.path.root() as usize], edit.path.key(), value).unwrap();
    }
    tx.commit_with(CommitOptions::default().with_time(1));
}

fn main() {
    let edits = edits();
    let skeleton = genesis::skeleton(&dossier()).into_bytes();
    let sealed = Content::new(dossier()).seal(&ActorId([1; 16]), &edits, 1).unwrap().unwrap().change;
    let bytes = sealed.bytes().to_vec();
    println!("one change of {} operations, {} bytes", sealed.ops, bytes.len());
    let tell = |what: &str, unit: &str, ours: f64, theirs: f64| {
        println!("{what}: ours {ours:.1} {unit}, automerge {theirs:.1} {unit}, {:.1} times", theirs / ours);
    };

    // The scan is part of both: Automerge never saw bytes that had not passed it.
    let scan = median_us(|| (), |()| chunk::scan(&bytes).unwrap());
    println!("scan: {scan:.1} µs");
    let ours = median_us(
        || Content::new(dossier()),
        |mut content| {
            content.apply(&[chunk::scan(&bytes).unwrap()]).unwrap();
            content
        },
    );
    let theirs = median_us(
        || library(&skeleton),
        |doc| {
            let mut next = doc.clone();
            next.apply_changes([Change::from_bytes(bytes.clone()).unwrap()]).unwrap();
            (doc, next)
        },
    );
    tell("scan and apply to an empty dossier", "µs", ours, theirs + scan);

    let ours = median_us(
        || (),
        |()| {
            let mut content = Content::new(dossier());
            content.apply(&[chunk::scan(&bytes).unwrap()]).unwrap();
            content
        },
    );
    let theirs_from_change = median_us(
        || (),
        |()| {
            let mut doc = library(&skeleton);
            doc.apply_changes([Change::from_bytes(bytes.clone()).unwrap()]).unwrap();
            doc
        },
    );
    tell("open from the change", "µs", ours, theirs_from_change + scan);
    let mut doc = library(&skeleton);
    doc.apply_changes([Change::from_bytes(bytes.clone()).unwrap()]).unwrap();
    let saved = doc.save_nocompress();
    let options = || LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
    let theirs = median_us(|| (), |()| Automerge::load_with_options(&saved, options()).unwrap());
    tell("open, Automerge from its snapshot", "µs", ours, theirs);

    let ours = median_us(
        || Content::new(dossier()),
        |mut content| {
            content.seal(&ActorId([1; 16]), &edits[..20], 1).unwrap();
            content
        },
    );
    let theirs = median_us(
        || library(&skeleton),
        |mut doc| {
            library_seal(&mut doc, &edits[..20]);
            doc
        },
    );
    tell("seal 20 edits", "µs", ours, theirs);

    let whole = || {
        let mut content = Content::new(dossier());
        content.apply(std::slice::from_ref(&sealed)).unwrap();
        content
    };
    let content = whole();
    let cells = median_us(|| (), |()| content.cells());
    println!("read all cells: ours {cells:.1} µs");
    let ours = kib_each(whole);
    let theirs = kib_each(|| {
        let mut doc = library(&skeleton);
        doc.apply_changes([Change::from_bytes(bytes.clone()).unwrap()]).unwrap();
        doc
    });
    tell("memory of a dossier", "KiB", ours, theirs);
}
