//! `cargo xtask load`: the lockdown summer, as large as wanted.

use clap::{Args, ValueEnum};

use crate::programs::{build_measured, program, run as run_program};

/// What to play.
#[derive(Debug, Args)]
pub struct Options {
    /// The seed from which every person, paper and day follows.
    #[arg(long, default_value_t = 2021)]
    seed: u64,
    /// All 8,000 postal and 457 online dossiers, instead of 400 and 23.
    #[arg(long)]
    full: bool,
    /// Only on this database; on both if not given.
    #[arg(long)]
    database: Option<Database>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Plays it, optimised.
pub fn run(options: &Options) -> Result<(), String> {
    let binaries = build_measured()?;
    let mut summer = program(&binaries.join("summer").display().to_string(), &["--seed"]);
    summer.arg(options.seed.to_string()).env("TRAM_BINARIES", binaries);
    if options.full {
        summer.arg("--full");
    }
    match options.database {
        Some(Database::Sqlite) => _ = summer.args(["--database", "sqlite"]),
        Some(Database::Postgres) => _ = summer.args(["--database", "postgres"]),
        None => {}
    }
    run_program(summer)
}
