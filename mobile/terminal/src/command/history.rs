//! `tram history`: everything that was ever sealed or done.

use dossier::view::{HistoryEntry, HistoryKind, SetField};
use serde_json::json;

use crate::{
    answer::Answer,
    command::show::{Labels, event_title, ineffective},
    failure::Failure,
    page::{self, Page},
    person,
    shell::Shell,
};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
}

/// Tells who wrote and did what, in causal order.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let entries = device.history(&dossier)?;
    let labels = if shell.manner().json { Labels::none() } else { Labels::of(&mut device, &dossier)? };
    shell.answer(&json!({ "dossier": dossier, "entries": entries }), |page| {
        if entries.is_empty() {
            page.line("history.empty");
        }
        for entry in &entries {
            tell(page, entry, &labels);
        }
    })
}

fn tell(page: &mut Page, entry: &HistoryEntry, labels: &Labels) {
    let language = page.language();
    let at = page::iso(&entry.at.at);
    let role = match &entry.kind {
        HistoryKind::Event(event) => event.role,
        HistoryKind::Change { .. } => None,
    };
    let by = person::named(&entry.by, role, language);
    let here = if entry.received { "" } else { language.say("history.not_received") };
    match &entry.kind {
        HistoryKind::Change { change: _, set } => {
            page.plain(format_args!("{at}  {by}: {}{here}", language.say("history.wrote")));
            let mut set: Vec<&SetField> = set.iter().collect();
            set.sort_by_key(|field| (labels.place(&field.field), &field.field));
            for field in set {
                let value = match &field.value {
                    // A file's note is for programs; that a page was attached says it.
                    Some(_) if field.field.contains("/files/") => language.say("history.attached").to_owned(),
                    Some(value) => labels.value(&field.field, value, language),
                    None => language.say("value.cleared").to_owned(),
                };
                page.under(format_args!("{}: {value}", labels.content_name(&field.field, language)));
            }
        }
        HistoryKind::Event(event) => {
            page.plain(format_args!("{at}  {by}: {}{here}", event_title(event, language)));
            if let Some(why) = ineffective(event, language) {
                page.under(why);
            }
        }
    }
}
