//! Power cuts and failing disks under the real stores.
//!
//! ```text
//!   script ──▶ SqliteStore (device) ──┐
//!   script ──▶ SqliteStorage (Centre) ┴─▶ files.rs: every write, cut, flush, deletion ──▶ tape
//!   tape up to step n, of what was not flushed any sectors ──▶ a directory ──▶ the same store opens it
//!      what was answered is there · nothing is half there · it opens
//! ```
#![allow(clippy::print_stdout, reason = "what it found is for people and programs to read")]

mod centre;
mod device;
mod files;
mod medium;
mod tape;

use std::process::ExitCode;

use clap::Parser;
use device::Told;

/// Power cuts and failing disks under the real stores.
#[derive(Debug, Parser)]
#[command(name = "power-cut")]
struct Arguments {
    /// Power cuts under a device's store.
    #[arg(long, default_value_t = 50_000)]
    cuts: u64,
    /// Power cuts under a Centre's storage.
    #[arg(long, default_value_t = 2_000)]
    centre_cuts: u64,
    /// Faults at every so many-th call.
    #[arg(long, default_value_t = 1)]
    every: u64,
    /// The seed of scripts and tears.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The report for a program.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let Arguments { cuts, centre_cuts, every, seed, json } = Arguments::parse();
    files::install();
    let all = [
        ("power cuts under a device", device::cuts(cuts, seed)),
        ("faults under a device", device::faults(every)),
        ("power cuts under a Centre", centre::cuts(centre_cuts, seed)),
    ];
    let all = all.map(|(name, told)| {
        let broken = |why| Told { tried: 0, broken: vec![why] };
        (name, told.unwrap_or_else(broken))
    });
    if json {
        let told = all
            .iter()
            .map(|(name, Told { tried, broken })| serde_json::json!({"name": name, "tried": tried, "broken": broken}));
        println!("{}", serde_json::json!({"power": told.collect::<Vec<_>>()}));
    } else {
        for (name, Told { tried, broken }) in &all {
            println!("{name}: {tried}, {} broken", broken.len());
            broken.iter().for_each(|what| println!("✗ {name}: {what}"));
        }
    }
    // A kind that was never tried holds nothing.
    let sound = all.iter().all(|(_, told)| told.broken.is_empty() && told.tried > 0);
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
