//! `tram outbox`: what is not at the Centre yet, and why.

use client_core::OutboxKind;
use dossier::fault::Code;
use serde_json::json;

use crate::{answer::Answer, failure::Failure, page, shell::Shell};

/// Nothing is given.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Lists what this device made and nobody signed for.
pub fn run(shell: &Shell, Args {}: &Args) -> Result<Answer, Failure> {
    let items = shell.device()?.outbox()?;
    shell.answer(&json!({ "items": items }), |page| {
        if items.is_empty() {
            page.line("outbox.empty");
            return;
        }
        page.filled("outbox.title", &[("items", &items.len())]);
        let language = page.language();
        for item in &items {
            let kind = language.say(match item.kind {
                OutboxKind::Text | OutboxKind::Change => "outbox.change",
                OutboxKind::Event => "outbox.event",
            });
            let why = match &item.refused {
                None => language.say("outbox.waits").to_owned(),
                Some(code) => match Code::from_text(code) {
                    Some(known) => format!("{code}: {}", language.sentence(known.sentence())),
                    None => code.clone(),
                },
            };
            page.under(format_args!("{}  {kind} {}  {why}", item.dossier, page::short(&item.item)));
        }
        page.line("outbox.next");
    })
}
