//! `tram new`: a dossier starts, with no network.

use dossier::{fault::Code, id::DossierId};

use crate::{answer::Answer, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The procedure.
    #[arg(value_name = "PROCEDURE")]
    procedure: String,
    /// A given id, as on a pre-printed form.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

/// Starts it; an id that is here already is answered as it is.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let given: Option<Result<DossierId, _>> = args.id.as_deref().map(str::parse);
    let id = given.transpose().map_err(|_| Failure::from(Code::BadDossierId))?;
    let started = shell.device()?.new_dossier(&args.procedure, id)?;
    shell.answer(&started, |page| {
        page.filled("new.done", &[("code", &started.provisional_code)]);
        page.under(started.dossier);
        page.filled("new.next", &[("procedure", &args.procedure)]);
    })
}
