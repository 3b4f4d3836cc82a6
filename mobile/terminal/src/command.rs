//! What can be done at the terminal: one use case a file, each with its arguments and its answer.

pub mod attach;
pub mod conflicts;
pub mod count;
pub mod detach;
pub mod enrol;
pub mod event;
pub mod fetch;
pub mod history;
pub mod init;
pub mod list;
pub mod new;
pub mod outbox;
pub mod procedures;
pub mod rebuild;
pub mod receipts;
pub mod search;
pub mod set;
pub mod show;
pub mod status;
pub mod submit;
pub mod sync;

use crate::{answer::Answer, cli::Command, failure::Failure, shell::Shell};

/// Does what the command says.
pub fn run(shell: &Shell, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Init(args) => init::run(shell, &args),
        Command::Enrol(args) => enrol::run(shell, &args),
        Command::Status(args) => status::run(shell, &args),
        Command::Procedures(args) => procedures::run(shell, &args),
        Command::New(args) => new::run(shell, &args),
        Command::Set(args) => set::run(shell, &args),
        Command::Attach(args) => attach::run(shell, &args),
        Command::Detach(args) => detach::run(shell, &args),
        Command::Count(args) => count::run(shell, &args),
        Command::Submit(args) => submit::run(shell, &args),
        Command::Sync(args) => sync::run(shell, &args),
        Command::List(args) => list::run(shell, &args),
        Command::Show(args) => show::run(shell, &args),
        Command::History(args) => history::run(shell, &args),
        Command::Conflicts(args) => conflicts::run(shell, &args),
        Command::Search(args) => search::run(shell, &args),
        Command::Outbox(args) => outbox::run(shell, &args),
        Command::Fetch(args) => fetch::run(shell, &args),
        Command::Receipts(args) => receipts::run(shell, &args),
        Command::Event(args) => event::run(shell, args),
        Command::Rebuild(args) => rebuild::run(shell, &args),
    }
}
