//! `tram detach`: a page is taken out of a paper.

use dossier::{
    fault::{Code, Fault},
    id::BlobId,
};
use serde_json::json;

use crate::{answer::Answer, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
    /// The component.
    #[arg(value_name = "COMPONENT")]
    component: String,
    /// The attachment.
    #[arg(value_name = "BLOB")]
    blob: String,
}

/// Takes it out.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let blob: BlobId = args.blob.parse().map_err(|_| Fault::from(Code::NotFound))?;
    device.detach(&dossier, &args.component, &blob)?;
    let value = json!({ "dossier": dossier, "component": args.component, "blob": blob });
    shell.answer(&value, |page| {
        page.filled("detach.done", &[("component", &args.component)]);
        page.line("saved.here");
    })
}
