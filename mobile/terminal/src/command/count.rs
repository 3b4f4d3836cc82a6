//! `tram count`: how many originals and copies of a paper there are.

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
    /// Originals.
    #[arg(long, value_name = "N")]
    originals: u32,
    /// Copies.
    #[arg(long, value_name = "N")]
    copies: u32,
}

/// Records the count.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    device.count(&dossier, &args.component, args.originals, args.copies)?;
    let value = json!({
        "dossier": dossier,
        "component": args.component,
        "originals": args.originals,
        "copies": args.copies,
    });
    shell.answer(&value, |page| {
        let (component, originals, copies) = (&args.component, &args.originals, &args.copies);
        page.filled("count.done", &[("component", component), ("originals", originals), ("copies", copies)]);
        page.line("saved.here");
    })
}
