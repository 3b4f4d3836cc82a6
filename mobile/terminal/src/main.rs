//! A device in a terminal.
//!
//! `tram` is a thin shell over [`client_core::Device`], the same engine that the apps on phones run: it reads a command
//! line, asks the device, and prints what the device answers, as a page for a person or as one line of JSON for a
//! program. It holds no rule. Whether a step is lawful, a value fits or a dossier is complete is for `dossier` to say;
//! what is durable, sent or received is for `client-core`.
//!
//! ```text
//!   words ──cli──▶ Command ──command/*──▶ Device (client-core) ──▶ store in --home
//!                                │                  │
//!                                │                  └── HTTP to the Centre (sync, fetch)
//!                                ▼
//!                  Answer (page or JSON) ──▶ standard output        exit 0
//!                  Failure (fault)       ──▶ standard error, JSON   exit 1, 2, 3
//! ```
//!
//! One folder (`--home`, `TRAM_HOME`) is one device; a second process on the same folder is told that it is in use. Each
//! command of the program has one file under `command/`, with its arguments and what it prints. Whatever people read
//! comes from `messages/vi.json` and `messages/en.json`.
//!
//! Standard output carries the answer and nothing else: with `--json` it is always one JSON value, and a failure is an
//! object with `error`. Sentences about failures, and progress where a person looks on, go to standard error. Exit codes:
//! 0 done, 1 refused or failed, 2 the command line makes no sense, 3 the Centre could not be reached to the end and the
//! work is kept for the next sync.

mod answer;
mod cli;
mod command;
mod doubt;
mod failure;
mod language;
mod page;
mod person;
mod progress;
mod shell;

use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use crate::{
    answer::{Answer, Manner},
    cli::Parsed,
    failure::Failure,
    language::{LANGUAGE_VARIABLE, Language},
    shell::Shell,
};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let variable = env::var(LANGUAGE_VARIABLE).ok();
    // A command line that cannot be parsed is answered too, in the manner that it seems to ask for.
    let manner = Manner {
        json: arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json"),
        language: Language::of_command_line(&arguments, variable.as_deref()),
    };
    keep_log();
    let answer = run(arguments, manner.language);
    match answer.and_then(|answer| answer.write(&mut io::stdout().lock())) {
        Ok(()) => ExitCode::from(failure::DONE),
        Err(failure) => tell(&failure, manner),
    }
}

fn run(arguments: Vec<OsString>, language: Language) -> Result<Answer, Failure> {
    match cli::parse(arguments, language)? {
        Parsed::Tell(answer) => Ok(answer),
        Parsed::Do(cli) => {
            let shell = Shell::new(&cli)?;
            command::run(&shell, cli.command)
        }
    }
}

fn tell(failure: &Failure, manner: Manner) -> ExitCode {
    let mut code = failure.exit_code();
    if manner.json
        && let Some(object) = failure.json()
        && let Err(unwritten) = Answer::Json(object.to_string()).write(&mut io::stdout().lock())
        && code == ExitCode::from(failure::DONE)
    {
        code = unwritten.exit_code();
    }
    let text = failure.text(manner.language);
    if !text.is_empty() {
        // Nobody is left to be told when standard error is closed too; the exit code still says it.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
    code
}

/// A log for whoever looks for a fault of the program, on standard error, only when `TRAM_LOG` asks for it.
fn keep_log() {
    if let Ok(filter) = env::var("TRAM_LOG") {
        let filter = tracing_subscriber::EnvFilter::new(filter);
        // A log that is set up already is as good.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
    }
}
