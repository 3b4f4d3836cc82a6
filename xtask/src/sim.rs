//! `cargo xtask sim`: whole days of devices and servers from one number, and the mistakes planted to be found.

use clap::Args;
use serde_json::Value;

use crate::{
    programs::{binaries, build, program, run as run_program},
    say,
    stage::{Count, Failed},
};

/// Seeds of a full test run, and of a quick one.
pub const FULL: u64 = 10_000;
/// Seeds of a quick test run.
pub const QUICK: u64 = 300;

/// What to simulate.
#[derive(Debug, Args)]
pub struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = FULL)]
    seeds: u64,
    /// Only this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Every step of that seed.
    #[arg(long)]
    trace: bool,
    /// Plant this mistake, which must be found; `all` for each in turn.
    #[arg(long)]
    bug: Option<String>,
    /// The report for a program.
    #[arg(long)]
    json: bool,
}

fn simulate() -> String {
    binaries().join("simulate").display().to_string()
}

/// Builds the simulator and runs it.
pub fn run(options: &Options) -> Result<(), String> {
    build()?;
    let mut command = program(&simulate(), &["--seeds"]);
    command.arg(options.seeds.to_string());
    if let Some(seed) = options.seed {
        command.arg("--seed").arg(seed.to_string());
    }
    if let Some(bug) = &options.bug {
        command.arg("--bug").arg(bug);
    }
    command.args(options.trace.then_some("--trace")).args(options.json.then_some("--json"));
    run_program(command)
}

/// What a run of the simulator told; it is printed too if it failed.
fn told(arguments: &[&str]) -> Result<(bool, Value), Failed> {
    let mut command = program(&simulate(), arguments);
    let output = command.arg("--json").output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let told: Value = serde_json::from_str(text.trim()).map_err(|error| format!("{error}: {text}"))?;
    Ok((output.status.success(), told))
}

/// A stage: so many seeds, each of which counts as a test.
pub fn seeds(seeds: u64) -> Result<Count, Failed> {
    let (passed, told) = told(&["--seeds", &seeds.to_string()])?;
    let list = |name: &str| told[name].as_array().cloned().unwrap_or_default();
    for failure in list("failures") {
        say::line(&format!("✗ seed {}: {} (cargo xtask sim --seed {0} --trace)", failure[0], failure[1]));
    }
    list("missing").iter().for_each(|kind| say::line(&format!("✗ never happened: {kind}")));
    let failed = (list("failures").len() + list("missing").len()) as u64;
    let runs = told["seeds"].as_u64().unwrap_or(0);
    say::line(&format!("{runs} seeds, {:.0} s", told["seconds"].as_f64().unwrap_or(0.0)));
    if passed {
        Ok(Count { passed: runs, failed })
    } else {
        Err(Failed { count: Count { passed: runs, failed }, why: "a seed failed".to_owned() })
    }
}

/// A stage: every planted mistake is found.
pub fn bugs() -> Result<Count, Failed> {
    let (_, told) = told(&["--bug", "all"])?;
    let mut count = Count::default();
    for bug in told["bugs"].as_array().into_iter().flatten() {
        let name = bug["bug"].as_str().unwrap_or_default();
        match bug["found_at_seed"].as_u64() {
            Some(seed) => {
                count.passed += 1;
                say::line(&format!("✓ {name}: found at seed {seed}"));
            }
            None => {
                count.failed += 1;
                say::line(&format!("✗ {name}: not found"));
            }
        }
    }
    if count.passed == 0 { Err(format!("no planted mistake was tried: {told}").into()) } else { Ok(count) }
}
