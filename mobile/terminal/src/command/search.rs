//! `tram search`: dossiers by code, person or procedure.

use crate::{answer::Answer, command::list, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words.
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,
}

/// Finds those that hold every word, best first.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let cards = shell.device()?.search(&args.text.join(" "))?;
    list::answer(shell, &cards)
}
