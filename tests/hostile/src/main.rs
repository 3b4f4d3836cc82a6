//! The hunt as a program.
#![allow(clippy::print_stdout, reason = "what it found is for people and programs to read")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use data_encoding::HEXLOWER;
use hostile::{
    bombs::{Met, bombs, throw},
    hunt::{Hunt, Offence, hunt},
};

/// How much of an input is printed; `--json` tells all of it.
const SHOWN_BYTES: usize = 4096;

/// Hostile bytes.
#[derive(Debug, Parser)]
#[command(name = "hostile")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Mutated inputs to every gate.
    Fuzz {
        /// How many in all.
        #[arg(long, default_value_t = 1_000_000)]
        inputs: u64,
        /// The seed that they follow from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only at this gate.
        #[arg(long)]
        gate: Option<String>,
        /// The report for a program.
        #[arg(long)]
        json: bool,
    },
    /// Named bombs, each to its gate.
    Bombs {
        /// The report for a program.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Fuzz { inputs, seed, gate, json } => fuzz(inputs, seed, gate.as_deref(), json),
        Command::Bombs { json } => throw_all(json),
    }
}

fn throw_all(json: bool) -> ExitCode {
    let met: Vec<Met> = bombs().iter().map(throw).collect();
    if json {
        println!("{}", serde_json::json!({"bombs": met.iter().map(Met::to_json).collect::<Vec<_>>()}));
    } else {
        println!("{:44} {:22} {:>8} {:>8}", "bomb", "answered with", "µs", "kB");
        for Met { bomb, code, cost } in &met {
            println!("{:44} {code:22} {:>8} {:>8}", bomb.name, cost.time.as_micros(), cost.peak_bytes / 1024);
        }
        for one in met.iter().filter(|one| one.fault().is_some()) {
            println!("✗ {}: {}", one.bomb.name, one.fault().unwrap_or_default());
        }
    }
    let broken = met.iter().filter(|one| one.fault().is_some()).count();
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fuzz(inputs: u64, seed: u64, gate: Option<&str>, json: bool) -> ExitCode {
    let found = hunt(inputs, seed, gate);
    if json {
        println!("{}", found.to_json());
    } else {
        print(&found, seed);
    }
    if found.offences.is_empty() && found.proofless().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(found: &Hunt, seed: u64) {
    println!(
        "{:26} {:>9} {:>8} {:>8} {:>8} {:>9} {:>10} {:>8}",
        "gate", "inputs", "refused", "deep", "accepted", "peak kB", "slowest µs", "mean µs"
    );
    for (name, tally) in &found.tallies {
        let share = |part: u64| format!("{:.1} %", 100.0 * part as f64 / tally.inputs().max(1) as f64);
        println!(
            "{name:26} {:>9} {:>8} {:>8} {:>8} {:>9} {:>10} {:>8}",
            tally.inputs(),
            share(tally.refused),
            share(tally.deep),
            share(tally.accepted),
            tally.peak_bytes / 1024,
            tally.slowest.as_micros(),
            tally.all.as_micros() / u128::from(tally.inputs().max(1)),
        );
    }
    for offence in &found.offences {
        let Offence { gate, what, input } = offence;
        let shown = HEXLOWER.encode(&input[..input.len().min(SHOWN_BYTES)]);
        println!("✗ {gate}: {what} (seed {seed}, {} bytes): {shown}", input.len());
    }
    for gate in found.proofless() {
        println!("✗ {gate}: nothing was taken, or nothing refused; that proves nothing");
    }
    println!("{} inputs, {} offences", found.inputs(), found.offences.len());
}
