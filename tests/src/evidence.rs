//! Which databases really ran: a line per story, for the closing report of `cargo xtask test`.

use std::{fs::OpenOptions, io::Write};

/// Names the file to which stories add their lines; set by `cargo xtask test`.
const EVIDENCE_VARIABLE: &str = "TRAM_EVIDENCE";

/// Says what a story ran on, such as `PostgreSQL 15.18: 412 rows written`.
pub fn note_evidence(story: &str, what: &str) {
    println!("{story}: {what}");
    let Some(path) = std::env::var_os(EVIDENCE_VARIABLE) else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the evidence file can be written");
    // One write per line: stories run in several processes at once.
    file.write_all(format!("{story}\t{what}\n").as_bytes()).expect("the evidence file can be written");
}
