//! `tram receipts`: proof of what the Centre holds, as it signed it.

use client_core::Evidence;
use serde_json::json;

use crate::{answer::Answer, failure::Failure, page, shell::Shell};

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
    let dossier = args.dossier.as_deref().map(|text| device.resolve(text)).transpose()?;
    let Evidence { receipts, proofs } = device.evidence(dossier.as_ref())?;
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
