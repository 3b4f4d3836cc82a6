//! The project's own commands: `cargo xtask run | test | bench | sim | fuzz | bombs | power | load | web`.
//!
//! Nothing of the product lives here. Each command starts the programs that a person would start, in order, and says
//! what it does. It needs no more than cargo, a C compiler and (for the tests) PostgreSQL.

mod bench;
mod browser;
mod hostile;
mod house;
mod load;
mod machine;
mod power;
mod programs;
mod run;
mod say;
mod sim;
mod stage;
mod test;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Builds everything, starts a Centre with a demo branch, and says what to paste to see it work.
    Run(run::Options),
    /// All set-up and all tests.
    Test(test::Options),
    /// Measured work: times, and counts beside them.
    Bench(bench::Options),
    /// The deterministic simulator.
    Sim(sim::Options),
    /// Mutated bytes to every gate at which strangers' bytes are read.
    Fuzz(hostile::Options),
    /// Named bombs, each to its gate.
    Bombs,
    /// Power cuts and failing disks under the real stores.
    Power(power::Options),
    /// The apps: the core for the browser and the pages around it.
    Web(web::Options),
    /// The lockdown summer: months of dossiers through real devices and a real server.
    Load(load::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Sim(options) => sim::run(&options),
        Command::Fuzz(options) => hostile::fuzz(&options),
        Command::Bombs => hostile::bombs(),
        Command::Power(options) => power::run(&options),
        Command::Web(options) => web::run(&options),
        Command::Load(options) => load::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say::line(&why);
            ExitCode::FAILURE
        }
    }
}
