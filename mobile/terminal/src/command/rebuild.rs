//! `tram rebuild`: caches made anew from the records.

use serde_json::json;

use crate::{answer::Answer, failure::Failure, shell::Shell};

/// Nothing is given.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Makes every cache anew; what was written and done is untouched.
pub fn run(shell: &Shell, Args {}: &Args) -> Result<Answer, Failure> {
    let dossiers = shell.device()?.rebuild()?;
    shell.answer(&json!({ "dossiers": dossiers }), |page| page.filled("rebuild.done", &[("dossiers", &dossiers)]))
}
