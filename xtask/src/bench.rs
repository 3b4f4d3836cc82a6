//! `cargo xtask bench`: times, with the counts beside them that do not depend on the machine.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::{
    browser, machine,
    programs::{build_measured, exists, program, read, run as run_program},
    say, web,
};

/// A measured time may pass its limit by this factor on a busy machine before it is a failure.
const NOISE: f64 = 3.0;

/// What to measure.
#[derive(Debug, Args)]
pub struct Options {
    /// One of them; `phone` and `push` if not given.
    name: Option<Name>,
    /// Prints one JSON document and nothing else.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// A phone's store with 2,000 dossiers: open, search, set, show; and the apps in a browser as slow as a cheap phone.
    Phone,
    /// 1,000 new dossiers from one device.
    Push,
    /// A day with 1,000 dossiers: push, kill -9, pull, quiet sync, ten edits; direct and over a line with 300 ms; with the
    /// floor of the same run beside every time.
    FieldDay,
    /// What a sync costs when there is nothing to tell.
    Quiet,
    /// How fast the server takes in what a phone brings.
    Ingest,
    /// A push over 256 kbit/s on a line that is cut every twenty seconds.
    SlowLink,
    /// 2,000 dossiers of which the phone lost ten and the Centre ten others: what it takes until both are whole, beside a
    /// sync of everything.
    Repair,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Push => "push",
            Self::FieldDay => "field-day",
            Self::Quiet => "quiet",
            Self::Ingest => "ingest",
            Self::SlowLink => "slow-link",
            Self::Repair => "repair",
        }
    }
}

/// Which figure must stay under which limit, and whether a busy machine is an excuse.
enum Limit {
    /// Milliseconds.
    Under(f64),
    /// Exactly so many.
    Exactly(u64),
    /// So many or fewer; a count, which no busy machine excuses.
    AtMost(u64),
}

/// The limits of the issue that asked for these figures.
const LIMITS: [(Name, &str, Limit); 15] = [
    (Name::Phone, "open_ms", Limit::Under(300.0)),
    (Name::Phone, "search_ms", Limit::Under(50.0)),
    (Name::Phone, "first_search_ms", Limit::Under(50.0)),
    (Name::Phone, "show_100_changes_ms", Limit::Under(20.0)),
    (Name::Phone, "set_fsyncs", Limit::Exactly(1)),
    (Name::Push, "round_trips", Limit::Exactly(1)),
    (Name::Push, "pending", Limit::Exactly(0)),
    (Name::FieldDay, "there_after_kill", Limit::Exactly(1_000)),
    (Name::SlowLink, "pending", Limit::Exactly(0)),
    (Name::SlowLink, "items_sent_again", Limit::Exactly(0)),
    (Name::Repair, "repair_round_trips", Limit::Exactly(2)),
    (Name::Repair, "repair_bytes", Limit::AtMost(2_500)),
    (Name::Repair, "pending", Limit::Exactly(0)),
    (Name::Repair, "missing_here", Limit::Exactly(0)),
    (Name::Repair, "missing_there", Limit::Exactly(0)),
];

/// Measures, prints, and fails where a count is wrong or a time far too long.
pub fn run(options: &Options) -> Result<(), String> {
    let binaries = build_measured()?;
    let bench = binaries.join("bench").display().to_string();
    let names = options.name.map_or_else(|| vec![Name::Phone, Name::Push], |name| vec![name]);
    let mut all = serde_json::Map::new();
    for name in &names {
        let mut command = program(&bench, &[name.text()]);
        command.env("TRAM_BINARIES", &binaries);
        let mut figures: Value = serde_json::from_str(&read(command)?).map_err(|error| error.to_string())?;
        if *name == Name::Phone {
            figures["set_fsyncs"] = fsyncs_of_a_set(&bench)?;
        }
        all.insert(name.text().to_owned(), figures);
    }
    if names.contains(&Name::Phone) {
        all.insert("browser".to_owned(), in_a_browser(&binaries)?);
    }
    let (warnings, failures) = judge(&names, &all);
    if options.json {
        say::line(&json!({ "figures": all, "warnings": warnings, "failures": failures }).to_string());
    } else {
        for (name, figures) in &all {
            say::line(name);
            for (figure, value) in figures.as_object().into_iter().flatten().filter(|(_, value)| !value.is_array()) {
                say::line(&format!("  {figure:<34} {value}"));
            }
            phases(figures).iter().for_each(|line| say::line(line));
        }
        warnings.iter().for_each(|warning| say::line(&format!("warning: {warning}")));
    }
    if failures.is_empty() { Ok(()) } else { Err(format!("failed: {}", failures.join("; "))) }
}

/// The phases of a field day as a table.
fn phases(figures: &Value) -> Vec<String> {
    const COLUMNS: [(&str, &str); 13] = [
        ("phase", "phase"),
        ("delay_ms", "delay ms"),
        ("seconds", "seconds"),
        ("floor_seconds", "floor"),
        ("ratio", "× floor"),
        ("requests", "requests"),
        ("bytes_up", "bytes up"),
        ("bytes_up_by_f", "/ F"),
        ("bytes_down", "bytes down"),
        ("bytes_down_by_f", "/ F"),
        ("server_cpu_seconds", "server cpu"),
        ("device_cpu_seconds", "device cpu"),
        ("fsyncs", "fsyncs"),
    ];
    let Some(phases) = figures["phases"].as_array() else { return Vec::new() };
    let line = |cell: &dyn Fn(&(&str, &str)) -> String| -> String {
        COLUMNS.iter().map(|column| format!("{:>12}", cell(column))).collect()
    };
    let cell = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let head = line(&|(_, title)| (*title).to_owned());
    std::iter::once(head).chain(phases.iter().map(|phase| line(&|(name, _)| cell(&phase[*name])))).collect()
}

/// The apps on a slow phone with a slow network, as a browser plays both.
fn in_a_browser(binaries: &std::path::Path) -> Result<Value, String> {
    web::build()?;
    let mut command = browser::node(&["bench_phone.js", "--json"])?;
    command.env("TRAM_BINARIES", binaries);
    serde_json::from_str(&read(command)?).map_err(|error| error.to_string())
}

/// Figures past their limits: what a busy machine may excuse, and what nothing excuses.
fn judge(names: &[Name], all: &serde_json::Map<String, Value>) -> (Vec<String>, Vec<String>) {
    let (mut warnings, mut failures) = (Vec::new(), Vec::new());
    for (name, figure, limit) in LIMITS.iter().filter(|(name, ..)| names.contains(name)) {
        let value = &all[name.text()][*figure];
        let what = format!("{} {figure} is {value}", name.text());
        match limit {
            Limit::Exactly(wanted) if value.is_null() => {
                warnings.push(format!("{what}: not measured, must be {wanted}"))
            }
            Limit::Exactly(wanted) if value.as_u64() != Some(*wanted) => {
                failures.push(format!("{what}, must be {wanted}"))
            }
            Limit::AtMost(most) if value.as_u64().is_none_or(|value| value > *most) => {
                failures.push(format!("{what}, must be at most {most}"));
            }
            Limit::Under(most) if value.as_f64().is_none_or(|value| value > most * NOISE) => {
                failures.push(format!("{what}, far above {most}"));
            }
            Limit::Under(most) if value.as_f64().is_some_and(|value| value > *most) => {
                warnings.push(format!("{what}, above {most}"));
            }
            Limit::Exactly(_) | Limit::AtMost(_) | Limit::Under(_) => {}
        }
    }
    (warnings, failures)
}

/// How often one `set` makes the disk write, counted by the kernel's trace; null where nothing can count it.
fn fsyncs_of_a_set(bench: &str) -> Result<Value, String> {
    if !exists("strace") && machine::install("strace").is_err() {
        return Ok(Value::Null);
    }
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let home = scratch.path().join("phone").display().to_string();
    run_program(program(bench, &["prepare-sets", &home]))?;
    let count = |sets: u64| -> Result<Option<u64>, String> {
        let trace = scratch.path().join(format!("trace-{sets}"));
        let mut traced = program("strace", &["-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range", "-o"]);
        traced.arg(&trace).arg(bench).args(["sets", &home, &sets.to_string()]);
        // Some sandboxes forbid tracing; then there is no figure.
        if run_program(traced).is_err() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&trace).map_err(|error| error.to_string())?;
        Ok(Some(text.lines().filter(|line| line.contains("sync") && !line.contains("resumed")).count() as u64))
    };
    // Opening and closing cost the same in both runs; the difference is what the sets cost.
    let (Some(few), Some(many)) = (count(10)?, count(60)?) else { return Ok(Value::Null) };
    let (sets, syncs) = (50, many.saturating_sub(few));
    Ok(if syncs.is_multiple_of(sets) { json!(syncs / sets) } else { json!(syncs as f64 / sets as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(figures: Value) -> (usize, usize) {
        let all = serde_json::Map::from_iter([("phone".to_owned(), figures)]);
        let (warnings, failures) = judge(&[Name::Phone], &all);
        (warnings.len(), failures.len())
    }

    #[test]
    fn a_busy_machine_excuses_times_but_not_counts() {
        let sound = json!({ "open_ms": 20.0, "search_ms": 1.0, "first_search_ms": 9.0, "show_100_changes_ms": 5.0, "set_fsyncs": 1 });
        let with = |figure: &str, value: Value| {
            let mut figures = sound.clone();
            figures[figure] = value;
            judged(figures)
        };
        assert_eq!(judged(sound.clone()), (0, 0));
        assert_eq!(with("open_ms", json!(400.0)), (1, 0));
        assert_eq!(with("open_ms", json!(1000.0)), (0, 1));
        assert_eq!(with("open_ms", Value::Null), (0, 1));
        assert_eq!(with("set_fsyncs", json!(2)), (0, 1));
        assert_eq!(with("set_fsyncs", json!(1.02)), (0, 1));
        assert_eq!(with("set_fsyncs", Value::Null), (1, 0));
    }
}
