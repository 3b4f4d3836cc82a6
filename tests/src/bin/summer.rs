//! The lockdown summer at any size: what `cargo xtask load` runs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a report on standard output is this program's purpose")]

use std::process::ExitCode;

use stories::{
    Database,
    summer::{Summer, play},
};

const USAGE: &str = "usage: summer [--seed NUMBER] [--full] [--database sqlite|postgres]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut seed, mut full, mut databases) = (2021, false, vec![Database::Sqlite, Database::Postgres]);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--full" => full = true,
            "--seed" => match arguments.next().and_then(|seed| seed.parse().ok()) {
                Some(number) => seed = number,
                None => return usage(),
            },
            "--database" => match arguments.next().as_deref() {
                Some("sqlite") => databases = vec![Database::Sqlite],
                Some("postgres") => databases = vec![Database::Postgres],
                _ => return usage(),
            },
            _ => return usage(),
        }
    }
    for database in databases {
        let summer = if full { Summer::full(seed, database) } else { Summer::reduced(seed, database) };
        let report = play(summer);
        println!("{}, seed {seed}:", database.name());
        println!("  {} dossiers, {} open at the end, states as planned", report.dossiers, report.open);
        println!("  {} due dates compared", report.due_dates);
        println!("  {} items acknowledged and there; a full re-send stored nothing", report.items);
        println!("  {} syncs, {} with a lost answer", report.syncs, report.lost_answers);
        println!("  {}, {:.1} s", report.evidence, report.took.as_secs_f64());
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
