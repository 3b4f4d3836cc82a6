//! The hunt as a program.
#![allow(clippy::print_stdout, reason = "what it found is for people and programs to read")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use data_encoding::HEXLOWER;
use hostile::hunt::{Hunt, hunt};

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
}

fn main() -> ExitCode {
    let Command::Fuzz { inputs, seed, gate, json } = Arguments::parse().command;
    let found = hunt(inputs, seed, gate.as_deref());
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
        println!("✗ {}: {} (seed {seed}): {}", offence.gate, offence.what, HEXLOWER.encode(&offence.input));
    }
    for gate in found.proofless() {
        println!("✗ {gate}: nothing was taken, or nothing refused; that proves nothing");
    }
    println!("{} inputs, {} offences", found.inputs(), found.offences.len());
}
