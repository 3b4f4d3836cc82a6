//! `tram-server`: what operators type.
//!
//! Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 usage.

mod admin;
mod catalogue;
mod serve;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::server::{Place, ServerFault};

/// The Centre's server.
#[derive(Debug, Parser)]
#[command(name = "tram-server", version, about = "The Centre's server of Trạm", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer devices until a stop signal comes.
    Serve(serve::Serve),
    /// Enrol people and look after the installation.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Look after the catalogue.
    #[command(subcommand)]
    Catalogue(catalogue::Catalogue),
}

/// Where the Centre keeps its things.
#[derive(Debug, Args)]
struct At {
    /// The data directory; made if it is not there.
    #[arg(long, env = "TRAM_DATA", value_name = "DIR")]
    data: PathBuf,
    /// The database: postgres://… or sqlite:PATH. Without it, an embedded one in the data directory.
    #[arg(long, env = "TRAM_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl From<At> for Place {
    fn from(at: At) -> Self {
        let At { data, database_url } = at;
        Self { data, database_url }
    }
}

/// Why a command did not do as asked.
#[derive(Debug, thiserror::Error)]
enum CommandFault {
    /// The words do not make sense; nothing was done.
    #[error("{0}")]
    Usage(String),
    /// Something is wrong with what was looked at; it was said on standard output.
    #[error("errors were found")]
    Found,
    /// The server failed.
    #[error(transparent)]
    Server(#[from] ServerFault),
    /// Input or output failed.
    #[error("input or output failed")]
    Io(#[from] std::io::Error),
}

impl From<crate::storage::StorageFault> for CommandFault {
    fn from(fault: crate::storage::StorageFault) -> Self {
        Self::Server(fault.into())
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // clap prints its own messages, and exits with 2 on wrong usage.
    let cli = Cli::parse();
    quiet_panics();
    let outcome = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let usage = matches!(fault, CommandFault::Usage(_));
            if !matches!(fault, CommandFault::Found) {
                complain(&fault);
            }
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

async fn run(command: Command) -> Result<(), CommandFault> {
    match command {
        Command::Serve(serve) => serve.run().await,
        Command::Admin(admin) => admin.run().await,
        Command::Catalogue(catalogue) => catalogue.run(),
    }
}

/// A panic's message may quote what a device sent; only the place in the program is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic was caught");
    }));
}

/// Says on standard error what went wrong, with its causes.
fn complain(fault: &CommandFault) {
    let mut line = format!("tram-server: {fault}");
    let mut cause = std::error::Error::source(fault);
    while let Some(error) = cause {
        line.push_str(&format!(": {error}"));
        cause = error.source();
    }
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes lines to standard output.
fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
