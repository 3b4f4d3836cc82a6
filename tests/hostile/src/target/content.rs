//! Changes: read alone, then held against their past.

use dossier::content::{Content, FileNote, chunk};

use super::{Target, Verdict};
use crate::honest;

fn changes() -> Vec<Vec<u8>> {
    honest::written().changes.iter().map(|change| change.bytes().to_vec()).collect()
}

/// The scan, of bytes as they come.
pub fn raw() -> Target {
    Target::bytes(changes(), |input| Verdict::taken(chunk::scan(input).is_ok()))
}

/// Reads everything that is shown of a document.
fn read(content: &Content) {
    std::hint::black_box((content.cells(), content.heads()));
    for note in content.changes().iter().rev().take(2) {
        std::hint::black_box((content.edits_of(&note.hash), content.cells_at_version(&[note.hash])));
    }
}

/// What stands behind the checksum, scanned, applied to each past that it may have, and read back.
pub fn mended() -> Target {
    let pasts: Vec<Content> = (0..honest::written().changes.len()).map(honest::before).collect();
    let honest = changes().iter().map(|bytes| honest::content_of(bytes)).collect();
    Target::bytes(honest, move |input| {
        let Ok(change) = chunk::scan(&honest::change_of(input)) else { return Verdict::Refused };
        let fits = |past: &&Content| past.contains_all(&change.deps);
        let Some(past) = pasts.iter().find(fits) else { return Verdict::Deep };
        let mut content = past.clone();
        if content.apply(std::slice::from_ref(&change)).is_err() {
            return Verdict::Deep;
        }
        read(&content);
        Verdict::Accepted
    })
}

/// Several changes at once, as a feed brings them: lengths of two bytes stand before each content.
pub fn history() -> Target {
    let mut all = Vec::new();
    for bytes in changes() {
        let content = honest::content_of(&bytes);
        let length = u16::try_from(content.len()).expect("honest changes are short");
        all.extend_from_slice(&length.to_be_bytes());
        all.extend(content);
    }
    Target::bytes(vec![all], |mut input| {
        let mut scanned = Vec::new();
        let mut whole = true;
        while let Some((length, rest)) = input.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
            let (content, rest) = rest.split_at(length);
            match chunk::scan(&honest::change_of(content)) {
                Ok(change) => scanned.push(change),
                Err(_) => whole = false,
            }
            input = rest;
        }
        let mut content = honest::before(0);
        let refused = content.take(&scanned);
        read(&content);
        match (whole && refused.is_empty(), scanned.is_empty()) {
            (true, false) => Verdict::Accepted,
            (_, false) => Verdict::Deep,
            (_, true) => Verdict::Refused,
        }
    })
}

/// What a cell says of an attachment: any writer's words.
pub fn file_note() -> Target {
    let honest = FileNote { bytes: 123_456, media: "image/jpeg".into(), page: 12 }.to_text();
    Target::text(&[&honest], |text| FileNote::from_text(text).is_some())
}
