//! The lockdown summer, a twentieth of it: what was acknowledged is there, states and due dates are right, and sending
//! everything again changes nothing. In full: `cargo xtask load --full`.

use stories::{
    Database, note_evidence,
    summer::{Report, Summer, play},
};

/// Any other seed must do as well; this one is committed so that a failure can be repeated.
const SEED: u64 = 2021;

#[test]
fn a_summer_on_sqlite() {
    tell(play(Summer::reduced(SEED, Database::Sqlite)), Database::Sqlite);
}

#[test]
fn a_summer_on_postgres() {
    tell(play(Summer::reduced(SEED, Database::Postgres)), Database::Postgres);
}

fn tell(report: Report, database: Database) {
    let open_percent = report.open * 100 / report.dossiers;
    assert!((10..=30).contains(&open_percent), "about one in five is open at the end: {open_percent} %");
    assert!(report.lost_answers > 0 && report.due_dates > report.dossiers / 2, "{report:?}");
    note_evidence(&format!("lockdown summer ({})", database.name()), &report.evidence);
}
