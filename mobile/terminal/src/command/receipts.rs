//! `tram receipts`: proof of what the Centre holds, as it signed it.

mod evidence;

use serde_json::json;

use crate::{answer::Answer, failure::Failure, page, shell::Shell};
use evidence::Evidence;
pub use evidence::last_contact_ms;

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: Option<String>,
}

/// Shows receipts; of one dossier with the items that each of them covers.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let centre = device.identity().centre;
    let dossier = args.dossier.as_deref().map(|text| device.resolve(text)).transpose()?;
    // The store has one owner at a time.
    drop(device);
    let Evidence { receipts, proofs } = evidence::read(&shell.stored()?, centre, dossier)?;
    let value = match dossier {
        Some(dossier) => json!({ "dossier": dossier, "receipts": receipts, "proofs": proofs }),
        None => json!({ "receipts": receipts }),
    };
    shell.answer(&value, |page| {
        if receipts.is_empty() {
            page.line("receipts.empty");
        }
        for receipt in &receipts {
            let (number, held, at) = (receipt.number, receipt.held, page::moment(receipt.received.at_ms));
            page.filled("receipts.one", &[("number", &number), ("at", &at), ("items", &held)]);
            page.under(page.language().fill("receipts.hash", &[("hash", &receipt.receipt)]));
        }
        for proof in &proofs {
            let (receipt, item) = (page::short(proof.receipt), page::short(proof.hash));
            let at = page::moment(proof.received.at_ms);
            page.filled("receipts.proof", &[("item", &item), ("receipt", &receipt), ("at", &at)]);
        }
        if !receipts.is_empty() {
            page.line("receipts.signed");
        }
    })
}
