//! `tram procedures`: the catalogue, with or without diacritics; one procedure by its code.

mod sheet;

use dossier::{catalogue::ProcedureQuery, procedure::ProcedureCode};
use serde_json::json;

use crate::{answer::Answer, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words, or a code.
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
}

/// Finds procedures; what reads as a code is shown whole.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let device = shell.device()?;
    let query = args.query.join(" ");
    let query = query.trim();
    if ProcedureCode::parse(query).is_ok() {
        return sheet::answer(shell, &device.procedure(query)?);
    }
    let hits = device.procedures(&ProcedureQuery { words: query.to_owned(), ..ProcedureQuery::default() });
    // The beginning of a code finds procedures; one that begins none of them was meant as a code all the same.
    if hits.is_empty() && query.starts_with(|first: char| first.is_ascii_digit()) {
        return sheet::answer(shell, &device.procedure(query)?);
    }
    shell.answer(&json!({ "procedures": hits }), |page| {
        if hits.is_empty() {
            page.line("procedures.empty");
        }
        for hit in &hits {
            page.plain(format_args!("{}  {}", hit.code, page.language().label(&hit.name)));
        }
    })
}
