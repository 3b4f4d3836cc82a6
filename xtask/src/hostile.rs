//! `cargo xtask fuzz` and `cargo xtask bombs`: hostile bytes by the million, and by name.

use std::process::Command;

use clap::Args;
use serde_json::Value;

use crate::{
    programs::{binaries, build, program, run as run_program},
    say,
    stage::{Count, Failed},
};

/// Inputs of a full test run.
pub const FULL: u64 = 1_000_000;
/// Inputs of a quick test run.
pub const QUICK: u64 = 100_000;

/// What to feed.
#[derive(Debug, Args)]
pub struct Options {
    /// How many inputs in all.
    #[arg(long, default_value_t = FULL)]
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
}

fn hostile(arguments: &[&str]) -> Command {
    program(&binaries().join("hostile").display().to_string(), arguments)
}

/// Builds the hunt and runs it.
pub fn fuzz(options: &Options) -> Result<(), String> {
    build()?;
    let mut command = hostile(&["fuzz"]);
    command.arg("--inputs").arg(options.inputs.to_string()).arg("--seed").arg(options.seed.to_string());
    if let Some(gate) = &options.gate {
        command.arg("--gate").arg(gate);
    }
    command.args(options.json.then_some("--json"));
    run_program(command)
}

/// Builds the bombs and throws them.
pub fn bombs() -> Result<(), String> {
    build()?;
    run_program(hostile(&["bombs"]))
}

/// What a run of the development build told.
fn told(arguments: &[&str]) -> Result<Value, Failed> {
    let mut command = hostile(arguments);
    let output = command.arg("--json").output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let noise = String::from_utf8_lossy(&output.stderr);
    Ok(serde_json::from_str(text.trim()).map_err(|error| format!("{error}: {text}{noise}"))?)
}

/// A stage: so many mutated inputs; each gate counts as a test.
pub fn hunt(inputs: u64) -> Result<Count, Failed> {
    let told = told(&["fuzz", "--inputs", &inputs.to_string()])?;
    let list = |name: &str| told[name].as_array().cloned().unwrap_or_default();
    for offence in list("offences") {
        say::line(&format!("✗ {}: {}: {}", offence["gate"], offence["what"], offence["input"]));
    }
    list("proofless").iter().for_each(|gate| say::line(&format!("✗ {gate}: nothing was taken, or nothing refused")));
    let failed = (list("offences").len() + list("proofless").len()) as u64;
    let gates = list("gates");
    let most = |of: &str| gates.iter().filter_map(|gate| gate[of].as_u64()).max().unwrap_or(0);
    say::line(&format!(
        "{} inputs at {} gates; at most {} kB and {} µs",
        told["inputs"],
        gates.len(),
        most("peak_bytes") / 1024,
        most("slowest_us")
    ));
    Ok(Count { passed: gates.len() as u64, failed })
}

/// A stage: every bomb is refused as it must be.
pub fn throw() -> Result<Count, Failed> {
    let told = told(&["bombs"])?;
    let mut count = Count::default();
    for bomb in told["bombs"].as_array().into_iter().flatten() {
        match bomb["fault"].as_str() {
            None => count.passed += 1,
            Some(fault) => {
                count.failed += 1;
                say::line(&format!("✗ {}: {fault}", bomb["name"]));
            }
        }
    }
    say::line(&format!("{} bombs", count.passed + count.failed));
    if count.passed == 0 { Err("no bomb was thrown".to_owned().into()) } else { Ok(count) }
}
