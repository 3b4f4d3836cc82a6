//! `tram list`: the dossiers on this device.

use client_core::{Card, ListQuery};
use dossier::state::Status;
use serde_json::json;

use crate::{answer::Answer, failure::Failure, language::Language, page::Page, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words that they hold.
    #[arg(value_name = "QUERY")]
    query: Option<String>,
}

/// Lists them, the latest touched first.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let cards = match args.query.as_deref() {
        Some(words) if !words.trim().is_empty() => device.search(words)?,
        _ => device.list(&ListQuery::default())?.cards,
    };
    answer(shell, &cards)
}

/// Cards as an answer.
pub fn answer(shell: &Shell, cards: &[Card]) -> Result<Answer, Failure> {
    shell.answer(&json!({ "dossiers": cards }), |page| {
        if cards.is_empty() {
            page.line("list.empty");
        }
        for card in cards {
            tell(page, card);
        }
    })
}

fn tell(page: &mut Page, card: &Card) {
    let language = page.language();
    let code = card.code.as_ref().or(card.provisional_code.as_ref());
    let code = code.cloned().unwrap_or_else(|| card.dossier.to_string());
    let status = match (language, card.status.and_then(Status::from_code)) {
        (Language::En, Some(status)) => status.name_en(),
        (Language::En, None) => language.say("status.draft"),
        (Language::Vi, _) => card.status_name.as_str(),
    };
    page.plain(format_args!("{code}  {status}  {}", sync_state(card, language)));
    let applicant = card.applicant.as_deref().unwrap_or("–");
    page.under(format_args!("{applicant} · {}", card.procedure_name));
    if card.files > 0 {
        page.under(language.fill("show.pages", &[("arrived", &card.files_arrived), ("all", &card.files)]));
    }
    let marks = [
        (card.conflicts > 0, "mark.conflict"),
        (card.disputed, "mark.disputed"),
        (card.pending_amendment, "mark.amended"),
        (card.status == Some(Status::SupplementAsked.code()), "mark.supplement"),
    ];
    for (_, key) in marks.into_iter().filter(|(applies, _)| *applies) {
        page.under(language.say(key));
    }
}

/// Where the work on a dossier is, in the words that every screen uses.
fn sync_state(card: &Card, language: Language) -> &'static str {
    language.say(if card.refused > 0 {
        "sync_state.refused"
    } else if card.unsent > 0 || card.unsealed > 0 {
        "sync_state.here"
    } else {
        "sync_state.received"
    })
}
