//! The command line: what may be typed. What it means is in [`crate::command`], what `--help` says in the catalogues.

mod help;
mod usage;

use std::{ffi::OsString, path::PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    answer::Answer,
    command::{
        attach, conflicts, count, detach, enrol, event, fetch, history, init, list, new, outbox, procedures, rebuild,
        receipts, search, set, show, status, submit, sync,
    },
    failure::Failure,
    language::{LANGUAGE_VARIABLE, Language},
};

/// A device in a terminal.
#[derive(Debug, Parser)]
#[command(name = "tram", version, disable_help_subcommand = true)]
pub struct Cli {
    /// The folder that holds the device.
    #[arg(long, global = true, env = "TRAM_HOME", hide_env_values = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Answer a program.
    #[arg(long, global = true)]
    pub json: bool,
    /// The language.
    #[arg(
        long,
        global = true,
        env = LANGUAGE_VARIABLE,
        hide_env_values = true,
        value_enum,
        default_value = "vi",
        hide_default_value = true,
        hide_possible_values = true,
        value_name = "vi|en"
    )]
    pub lang: Language,
    /// For tests: the clock stands at this Unix time in milliseconds.
    #[arg(long, global = true, env = "TRAM_NOW", hide = true, allow_hyphen_values = true, value_name = "MS")]
    pub now: Option<i64>,
    /// For tests: the clock is ahead of the machine's by this many milliseconds.
    #[arg(
        long,
        global = true,
        env = "TRAM_CLOCK_OFFSET_MS",
        hide = true,
        allow_hyphen_values = true,
        value_name = "MS"
    )]
    pub clock_offset_ms: Option<i64>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What a device can be asked, in the order in which work goes.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a device.
    Init(init::Args),
    /// Takes up an invitation.
    Enrol(enrol::Args),
    /// Who this device is and what waits.
    Status(status::Args),
    /// Finds procedures.
    Procedures(procedures::Args),
    /// Starts a dossier.
    New(new::Args),
    /// Answers fields.
    Set(set::Args),
    /// Attaches a file.
    Attach(attach::Args),
    /// Takes a page out.
    Detach(detach::Args),
    /// Counts papers.
    Count(count::Args),
    /// Submits.
    Submit(submit::Args),
    /// Talks to the Centre.
    Sync(sync::Args),
    /// Lists dossiers.
    List(list::Args),
    /// Shows one dossier.
    Show(show::Args),
    /// Tells who did what.
    History(history::Args),
    /// Lists what people disagree about.
    Conflicts(conflicts::Args),
    /// Finds dossiers.
    Search(search::Args),
    /// Lists what is not at the Centre yet.
    Outbox(outbox::Args),
    /// Downloads attachments.
    Fetch(fetch::Args),
    /// Shows proof.
    Receipts(receipts::Args),
    /// Does an act.
    Event(event::Args),
    /// Makes caches anew.
    Rebuild(rebuild::Args),
}

/// What a command line comes to.
#[derive(Debug)]
pub enum Parsed {
    /// Something to do.
    Do(Box<Cli>),
    /// Something to read: help or the version.
    Tell(Answer),
}

/// Reads a command line, the program's name first.
pub fn parse(arguments: Vec<OsString>, language: Language) -> Result<Parsed, Failure> {
    let mut command = help::localised(Cli::command(), language);
    let parsed =
        command.try_get_matches_from_mut(arguments).and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    match parsed {
        Ok(cli) => Ok(Parsed::Do(Box::new(cli))),
        Err(error) if !error.use_stderr() => Ok(Parsed::Tell(Answer::Text(error.render().to_string()))),
        Err(error) => Err(usage::failure(&error, language)),
    }
}
