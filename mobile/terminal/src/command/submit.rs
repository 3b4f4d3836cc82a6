//! `tram submit`: what was filled in is handed in.

use client_core::Submission;
use dossier::event;

use crate::{answer::Answer, doubt, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
    /// By which way.
    #[arg(long, value_enum, hide_possible_values = true, value_name = "direct|online|postal")]
    channel: Option<Channel>,
    /// To which unit.
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
}

/// The ways, as typed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Channel {
    /// In person.
    Direct,
    /// From a phone or computer.
    Online,
    /// Through the public post.
    Postal,
}

/// Seals, checks and signs.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let channel = args.channel.map(|channel| match channel {
        Channel::Direct => event::Channel::Direct,
        Channel::Online => event::Channel::Online,
        Channel::Postal => event::Channel::Postal,
    });
    let submitted = device.submit(&dossier, &Submission { channel, unit: args.unit.clone() })?;
    shell.answer(&submitted, |page| {
        page.line(if submitted.supplemented { "submit.supplemented" } else { "submit.done" });
        let doubts = &submitted.doubts;
        doubt::tell(page, &doubts.warnings);
        if !doubts.answers_missing.is_empty() {
            page.filled("submit.answers_missing", &[("fields", &doubts.answers_missing.join(", "))]);
        }
        if !doubts.answers_invalid.is_empty() {
            page.filled("submit.answers_invalid", &[("fields", &doubts.answers_invalid.join(", "))]);
        }
        if !doubts.papers_missing.is_empty() {
            page.filled("submit.papers_missing", &[("papers", &doubts.papers_missing.join(", "))]);
        }
        page.line("saved.here");
    })
}
