//! `cargo xtask test`: all set-up and all tests, stage by stage.

use std::path::Path;

use clap::{Args, ValueEnum};

use crate::{
    browser, hostile, house, machine, power,
    programs::{binaries, build, cargo, exists, program, run as run_program},
    say, sim,
    stage::{Count, Failed, Stages, count_tests},
    web,
};

/// How much to test.
#[derive(Debug, Args)]
pub struct Options {
    /// `quick` leaves out the long stories.
    #[arg(value_enum)]
    extent: Option<Extent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Extent {
    /// Under three minutes, once built.
    Quick,
}

/// The stories and what each shows. The long ones are left out of a quick run.
const STORIES: [(&str, &str, Length); 8] = [
    ("door_to_door", "door to door, on both databases", Length::Short),
    ("bad_input", "bad input and bad luck", Length::Short),
    ("hostile_batch", "30 hostile items among 3,000, on both databases", Length::Short),
    ("field_day", "field day in small: requests, bytes, what a kill leaves", Length::Short),
    ("crash", "crash: kill -9 of server and device", Length::Long),
    ("repair", "repair: what phone or Centre lost comes back", Length::Long),
    ("slow_loris", "slow callers are hung up on", Length::Long),
    ("lockdown_summer", "lockdown summer, reduced, on both databases", Length::Long),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Short,
    Long,
}

/// Runs the stages; the closing line counts every test and check.
pub fn run(options: &Options) -> Result<(), String> {
    let quick = options.extent == Some(Extent::Quick);
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let evidence = scratch.path().join("evidence");
    let mut stages = Stages::default();
    stages.run("toolchain and machine", || {
        machine::prepare()?.iter().for_each(|line| say::line(line));
        Ok(Count::ONE)
    });
    if !quick {
        stages.run("apps: the core for the browser, types, markup, pages", apps);
    }
    stages.run("formatting", || check(&["fmt", "--all", "--check"]));
    stages.run("lints", || check(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    stages.run("programs build", || {
        build()?;
        Ok(Count::ONE)
    });
    stages.run("unit and property tests", unit_tests);
    stages.run("examples in the documentation", || count_tests(cargo(&["test", "--quiet", "--doc", "--workspace"])));
    stages.run("catalogue", catalogue);
    stages.run("storage conformance on SQLite", || conformance("sqlite"));
    stages.run("storage conformance on PostgreSQL", || conformance("postgres"));
    let seeds = if quick { sim::QUICK } else { sim::FULL };
    stages.run("simulator: whole days from one number", || sim::seeds(seeds));
    stages.run("simulator: every planted mistake is found", sim::bugs);
    let inputs = if quick { hostile::QUICK } else { hostile::FULL };
    stages.run("hostile bytes: mutated inputs at every gate", || hostile::hunt(inputs));
    stages.run("hostile bytes: named bombs", hostile::throw);
    let power = if quick { power::QUICK } else { power::FULL };
    stages.run("power cuts and failing disks under the real stores", || power::cut(power));
    for (name, what, length) in STORIES {
        if !quick || length == Length::Short {
            stages.run(what, || story(name, &evidence));
        }
    }
    if !quick {
        stages.run("the store in a browser, and stories in a browser", browser::stories);
    }
    stages.run("house rules", house::check);
    stages.run("both databases really ran", || both_ran(&evidence));
    let mut notes = ran_on(&evidence);
    if quick {
        notes.push("quick: the long stories, the apps and the browser were left out".to_owned());
    }
    stages.close(&notes)
}

/// The server takes the apps in, so they come before it.
fn apps() -> Result<Count, Failed> {
    web::build()?;
    web::check()
}

/// A check of cargo's that passes or not.
fn check(arguments: &[&str]) -> Result<Count, Failed> {
    run_program(cargo(arguments))?;
    Ok(Count::ONE)
}

/// Everything but the stories: with cargo-nextest where it is installed, else with cargo's own runner.
fn unit_tests() -> Result<Count, Failed> {
    if exists("cargo-nextest") {
        // No retries: a test that passes at the second try failed.
        let mut command = cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--retries", "0"]);
        command.args(["--status-level", "fail", "--show-progress", "none"]);
        command.args(["-E", "not (package(stories) and kind(test)) and not test(/^storage::(sqlite|postgres)::/)"]);
        return count_tests(command);
    }
    let mut within = cargo(&["test", "--quiet", "--no-fail-fast", "--workspace", "--lib", "--bins", "--"]);
    within.args(["--skip", "storage::sqlite::", "--skip", "storage::postgres::"]);
    let within = count_tests(within);
    let apart = cargo(&["test", "--quiet", "--no-fail-fast", "--workspace", "--exclude", "stories", "--test", "*"]);
    Ok(within?.and(count_tests(apart)?))
}

fn catalogue() -> Result<Count, Failed> {
    let server = binaries().join("tram-server").display().to_string();
    run_program(program(&server, &["catalogue", "check", "catalogue"]))?;
    Ok(Count::ONE)
}

/// One suite for both databases, each counted apart.
fn conformance(database: &str) -> Result<Count, Failed> {
    let module = format!("storage::{database}::");
    count_tests(cargo(&["test", "--quiet", "--no-fail-fast", "--workspace", "--lib", "--", &module]))
}

fn story(name: &str, evidence: &Path) -> Result<Count, Failed> {
    // The whole workspace is named so that every dependency has the features it was already built with.
    let mut command = cargo(&["test", "--quiet", "--workspace", "--test", name, "--", "--nocapture"]);
    command.env("TRAM_EVIDENCE", evidence).env("TRAM_BINARIES", binaries());
    count_tests(command)
}

/// What the stories noted about their databases: the newest line of each.
fn ran_on(evidence: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(evidence).unwrap_or_default();
    text.lines().map(|line| format!("ran on {}", line.replace('\t', ": "))).collect()
}

fn both_ran(evidence: &Path) -> Result<Count, Failed> {
    let lines = ran_on(evidence);
    for database in ["SQLite", "PostgreSQL"] {
        let Some(line) = lines.iter().find(|line| line.contains(database)) else {
            return Err(format!("no story ran on {database}").into());
        };
        say::line(line);
    }
    Ok(Count { passed: 2, failed: 0 })
}
