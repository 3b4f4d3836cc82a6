//! `simulate`: runs seeds on every core and says what came of them.

use std::{
    collections::BTreeMap,
    io::Write,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use clap::Parser;
use simulator::{Failure, KINDS, Options, bugs::Bug, run};

/// Seeds within which each planted mistake must be found.
const FOUND_WITHIN: u64 = 200;
/// Failures after which no further seed is begun.
const FAILURES_MAX: usize = 5;

#[derive(Debug, Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// How many seeds, from the first.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Only this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Print every step of that seed.
    #[arg(long)]
    trace: bool,
    /// Plant this mistake, which must be found; `all` for each in turn.
    #[arg(long)]
    bug: Option<String>,
    /// Print the report for a program.
    #[arg(long)]
    json: bool,
}

fn line(text: &str) {
    // Whoever closed the output does not want to know.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

#[derive(Debug, Default)]
struct Report {
    counts: BTreeMap<&'static str, u64>,
    failures: Vec<Failure>,
    runs: u64,
}

/// A run; an engine that panics is a failure of its seed.
fn guarded(seed: u64, options: Options) -> Result<simulator::Run, Failure> {
    std::panic::catch_unwind(|| run(seed, &options)).unwrap_or_else(|_| {
        Err(Failure {
            seed,
            step: 0,
            what: "an engine panicked (its message stands above)".to_owned(),
            last: Vec::new(),
        })
    })
}

/// Runs seeds on every core until they are done or enough failed.
fn play(first: u64, seeds: u64, options: Options, failures_max: usize) -> Report {
    let next = AtomicU64::new(first);
    let stop = AtomicBool::new(false);
    let report = Mutex::new(Report::default());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first.saturating_add(seeds) {
                        return;
                    }
                    let outcome = guarded(seed, options);
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    report.runs += 1;
                    match outcome {
                        Ok(run) => run.counts.iter().for_each(|(kind, count)| {
                            *report.counts.entry(kind).or_default() += count;
                        }),
                        Err(failure) => report.failures.push(failure),
                    }
                    stop.fetch_or(report.failures.len() >= failures_max, Ordering::SeqCst);
                }
            });
        }
    });
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.failures.sort_by_key(|failure| failure.seed);
    report
}

fn show(failure: &Failure) {
    failure.last.iter().for_each(|text| line(text));
    line(&format!("✗ seed {}, step {}: {}", failure.seed, failure.step, failure.what));
    line(&format!("  again: cargo xtask sim --seed {} --trace", failure.seed));
}

fn one(seed: u64, options: Options) -> ExitCode {
    match run(seed, &options) {
        Ok(run) => {
            if options.whole_trace {
                run.lines.iter().for_each(|text| line(text));
            }
            let hash: String = run.hash.iter().map(|byte| format!("{byte:02x}")).collect();
            line(&format!("✓ seed {seed}, trace {hash}"));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            show(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Answers at which seed, from 1, the mistake was found, and by what.
fn hunt(bug: Bug) -> Option<Failure> {
    let options = Options { bug: Some(bug), ..Options::default() };
    play(1, FOUND_WITHIN, options, 1).failures.into_iter().next()
}

fn hunts(bugs: &[Bug], json: bool) -> ExitCode {
    let mut missed = 0;
    let mut rows = Vec::new();
    for bug in bugs {
        let found = hunt(*bug);
        missed += u32::from(found.is_none());
        rows.push(serde_json::json!({
            "bug": bug.name(),
            "found_at_seed": found.as_ref().map(|failure| failure.seed),
            "by": found.as_ref().map(|failure| failure.what.clone()),
        }));
        if !json {
            match found {
                Some(failure) => line(&format!("✓ {}: found at seed {}: {}", bug.name(), failure.seed, failure.what)),
                None => line(&format!("✗ {}: not found within {FOUND_WITHIN} seeds", bug.name())),
            }
        }
    }
    if json {
        line(&serde_json::json!({ "bugs": rows }).to_string());
    } else {
        line(&format!("{} passed, {missed} failed", bugs.len() - usize::try_from(missed).unwrap_or(0)));
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn many(arguments: &Arguments) -> ExitCode {
    let begun = Instant::now();
    let mut report = play(arguments.from, arguments.seeds, Options::default(), FAILURES_MAX);
    let seconds = begun.elapsed().as_secs_f64();
    // With few seeds the rarest kinds may be missing by chance.
    let judged = if arguments.seeds >= FOUND_WITHIN && report.failures.is_empty() { &KINDS[..] } else { &[] };
    let missing: Vec<&str> = judged.iter().filter(|kind| !report.counts.contains_key(*kind)).copied().collect();
    let failed = report.failures.len() + missing.len();
    if arguments.json {
        let failures: Vec<_> = report.failures.iter().map(|failure| (failure.seed, failure.what.clone())).collect();
        let told = serde_json::json!({
            "seeds": report.runs, "seconds": seconds, "counts": report.counts, "failures": failures, "missing": missing,
        });
        line(&told.to_string());
    } else {
        for (kind, count) in &report.counts {
            line(&format!("{count:>12}  {kind}"));
        }
        report.failures.drain(..).for_each(|failure| show(&failure));
        missing.iter().for_each(|kind| line(&format!("✗ never happened: {kind}")));
        line(&format!("{} seeds in {seconds:.1} s", report.runs));
        line(&format!("{} passed, {failed} failed", report.runs.saturating_sub(u64::try_from(failed).unwrap_or(0))));
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let named = arguments.bug.as_deref();
    let bug = named.and_then(Bug::from_name);
    match (arguments.seed, named) {
        (_, Some(name)) if bug.is_none() && name != "all" => {
            line(&format!("no such mistake; there are {}", Bug::ALL.map(Bug::name).join(", ")));
            ExitCode::FAILURE
        }
        (Some(seed), _) => one(seed, Options { bug, whole_trace: arguments.trace }),
        (None, Some(_)) => hunts(bug.as_ref().map_or(&Bug::ALL[..], std::slice::from_ref), arguments.json),
        (None, None) => many(&arguments),
    }
}
