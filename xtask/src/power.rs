//! `cargo xtask power`: power cuts and failing disks under the real stores.

use clap::Args;
use serde_json::Value;

use crate::{
    programs::{binaries, build, program, run as run_program},
    say,
    stage::{Count, Failed},
};

/// Power cuts under a device, under a Centre, and every how-many-th call fails, in a full test run.
pub const FULL: [u64; 3] = [10_000, 500, 7];
/// The same in a quick one.
pub const QUICK: [u64; 3] = [2_000, 100, 50];

/// How much to cut.
#[derive(Debug, Args)]
pub struct Options {
    /// Power cuts under a device's store.
    #[arg(long, default_value_t = 50_000)]
    cuts: u64,
    /// Power cuts under a Centre's storage.
    #[arg(long, default_value_t = 5_000)]
    centre_cuts: u64,
    /// Faults at every so many-th call.
    #[arg(long, default_value_t = 1)]
    every: u64,
    /// The seed of scripts and tears.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn power_cut() -> String {
    binaries().join("power-cut").display().to_string()
}

/// Builds it and cuts.
pub fn run(options: &Options) -> Result<(), String> {
    build()?;
    let Options { cuts, centre_cuts, every, seed } = options;
    let mut command = program(&power_cut(), &[]);
    command.arg("--cuts").arg(cuts.to_string()).arg("--centre-cuts").arg(centre_cuts.to_string());
    command.arg("--every").arg(every.to_string()).arg("--seed").arg(seed.to_string());
    run_program(command)
}

/// A stage: so many cuts and faults, each of which counts as a test.
pub fn cut([cuts, centre_cuts, every]: [u64; 3]) -> Result<Count, Failed> {
    let mut command = program(&power_cut(), &["--json", "--cuts", &cuts.to_string()]);
    command.args(["--centre-cuts", &centre_cuts.to_string(), "--every", &every.to_string()]);
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let told: Value = serde_json::from_str(text.trim()).map_err(|error| format!("{error}: {text}"))?;
    let mut count = Count::default();
    for kind in told["power"].as_array().into_iter().flatten() {
        let (name, tried) = (kind["name"].as_str().unwrap_or_default(), kind["tried"].as_u64().unwrap_or(0));
        let broken = kind["broken"].as_array().cloned().unwrap_or_default();
        broken.iter().for_each(|what| say::line(&format!("✗ {name}: {what}")));
        say::line(&format!("{tried} {name}, {} broken", broken.len()));
        // A kind that was never tried holds nothing.
        let failed = (broken.len() as u64).max(u64::from(tried == 0));
        count = count.and(Count { passed: tried.saturating_sub(failed), failed });
    }
    if count.passed == 0 { Err(format!("no power was cut: {told}").into()) } else { Ok(count) }
}
