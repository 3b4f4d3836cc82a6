//! `tram conflicts`: what people disagree about, in every dossier on this device.

use serde_json::json;

use crate::{
    answer::Answer,
    command::show::{Labels, event_title, tell_conflict},
    failure::Failure,
    shell::Shell,
};

/// Nothing is given.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Lists fields with several values, and official acts that contradict each other.
pub fn run(shell: &Shell, Args {}: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let all = device.conflicts()?;
    let labels = if shell.manner().json {
        Vec::new()
    } else {
        all.iter().map(|one| Labels::of(&mut device, &one.dossier)).collect::<Result<Vec<_>, _>>()?
    };
    shell.answer(&json!({ "dossiers": all }), |page| {
        if all.is_empty() {
            page.line("conflicts.none");
        }
        for (one, labels) in all.iter().zip(&labels) {
            page.plain(one.code.clone().unwrap_or_else(|| one.dossier.to_string()));
            for conflict in &one.conflicts {
                tell_conflict(page, conflict, labels);
            }
            for event in &one.disputed {
                page.under(format_args!("⚠ {}", event_title(&event.deed, page.language())));
            }
        }
    })
}
