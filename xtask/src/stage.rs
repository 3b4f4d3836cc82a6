//! A stage of a long command: what it is called, how it went, how many tests it held.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::say;

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Count {
    /// One check that passed.
    pub const ONE: Self = Self { passed: 1, failed: 0 };

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

/// What became of a stage.
#[derive(Debug)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Its tests.
    pub count: Count,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// The stages of one run.
#[derive(Debug, Default)]
pub struct Stages {
    reports: Vec<Report>,
}

impl Stages {
    /// Runs a stage, whatever became of those before it.
    pub fn run(&mut self, name: &str, work: impl FnOnce() -> Result<Count, Failed>) {
        say::line(&format!("\n── {}. {name}", self.reports.len() + 1));
        let begun = Instant::now();
        let (count, failure) = match work() {
            Ok(count) if count.failed == 0 => (count, None),
            Ok(count) => (count, Some(format!("{} failed", count.failed))),
            Err(Failed { mut count, why }) => {
                // A stage that broke down counts as one failure even if no single test says so.
                count.failed = count.failed.max(1);
                (count, Some(why))
            }
        };
        if let Some(why) = &failure {
            say::line(&format!("✗ {name}: {why}"));
        }
        self.reports.push(Report { name: name.to_owned(), count, failure, took: begun.elapsed() });
    }

    /// Prints the summary, with the closing line last. An error if anything failed.
    pub fn close(&self, notes: &[String]) -> Result<(), String> {
        say::line("\n── Summary");
        for (number, report) in self.reports.iter().enumerate() {
            let Report { name, count, failure, took } = report;
            let mark = if failure.is_some() { "✗" } else { "✓" };
            let seconds = took.as_secs_f64();
            say::line(&format!(
                "{mark} {:2}. {name}: {} passed, {} failed, {seconds:.1} s",
                number + 1,
                count.passed,
                count.failed
            ));
        }
        for note in notes {
            say::line(note);
        }
        let sum = |of: fn(&Count) -> u64| self.reports.iter().map(|report| of(&report.count)).sum::<u64>();
        let closing = format!("{} passed, {} failed", sum(|count| count.passed), sum(|count| count.failed));
        if self.reports.iter().all(|report| report.failure.is_none()) {
            say::line(&closing);
            Ok(())
        } else {
            Err(closing)
        }
    }
}

/// A stage that broke down.
#[derive(Debug)]
pub struct Failed {
    /// What was counted until then.
    pub count: Count,
    /// Why.
    pub why: String,
}

impl From<String> for Failed {
    fn from(why: String) -> Self {
        Self { count: Count::default(), why }
    }
}

/// Runs a test runner, passing its output on and counting its tests.
pub fn count_tests(mut command: Command) -> Result<Count, Failed> {
    // Both outputs go through one pipe, in order: nextest reports on standard error, cargo test on standard output.
    let (reader, writer) = std::io::pipe().map_err(|error| error.to_string())?;
    let also = writer.try_clone().map_err(|error| error.to_string())?;
    let spawned = command.stdout(Stdio::from(writer)).stderr(Stdio::from(also)).spawn();
    // The command keeps the writing ends open until it is gone.
    drop(command);
    let mut child = spawned.map_err(|error| error.to_string())?;
    let mut count = Count::default();
    for line in BufReader::new(reader).lines().map_while(Result::ok) {
        say::line(&line);
        let found = read_count(&line);
        count.passed += found.passed;
        count.failed += found.failed;
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(Failed { count, why: format!("{} failed ({status})", count.failed) });
    }
    if count.passed == 0 {
        return Err(Failed { count, why: "no test ran".to_owned() });
    }
    Ok(count)
}

/// The numbers in a runner's closing line: `test result: ok. 5 passed; 0 failed; …` or `Summary [ 1.2s] 7 tests run: 7
/// passed, 1 failed, …`.
fn read_count(line: &str) -> Count {
    // Node's runner closes with a line for each number.
    let node = |word: &str| line.strip_prefix(word).and_then(|number| number.trim().parse().ok()).unwrap_or(0);
    if line.starts_with("# pass ") || line.starts_with("# fail ") || line.starts_with("# cancelled ") {
        return Count { passed: node("# pass "), failed: node("# fail ") + node("# cancelled ") };
    }
    // nextest repeats the indented output of tests that failed, closing lines and all.
    if !line.starts_with("test result:") && !line.trim_start().starts_with("Summary [") {
        return Count::default();
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let number_before = |word: &str| {
        let at = words.iter().position(|other| other.trim_end_matches([',', ';']) == word)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    let failed = number_before("failed").unwrap_or(0);
    let timed_out = words.windows(3).find(|three| three[1] == "timed" && three[2].starts_with("out"));
    let timed_out: u64 = timed_out.and_then(|three| three[0].parse().ok()).unwrap_or(0);
    Count { passed: number_before("passed").unwrap_or(0), failed: failed + timed_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_runners_are_counted() {
        let cargo = "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(read_count(cargo), Count { passed: 5, failed: 2 });
        let nextest = "     Summary [   0.011s] 12 tests run: 11 passed (1 slow), 1 failed, 3 skipped";
        assert_eq!(read_count(nextest), Count { passed: 11, failed: 1 });
        let late = "     Summary [   9.011s] 12 tests run: 10 passed, 1 failed, 1 timed out, 3 skipped";
        assert_eq!(read_count(late), Count { passed: 10, failed: 2 });
        assert_eq!(read_count("# pass 12"), Count { passed: 12, failed: 0 });
        assert_eq!(read_count("# fail 3"), Count { passed: 0, failed: 3 });
        assert_eq!(read_count("# tests 15"), Count::default());
        assert_eq!(read_count("test nothing_failed ... ok"), Count::default());
        assert_eq!(read_count("    test result: FAILED. 0 passed; 1 failed"), Count::default());
    }

    #[test]
    fn a_stage_that_breaks_down_is_a_failure_and_the_next_one_still_runs() {
        let mut stages = Stages::default();
        stages.run("broken", || Err("no compiler".to_owned().into()));
        stages.run("sound", || Ok(Count::ONE));
        assert_eq!(stages.close(&[]), Err("1 passed, 1 failed".to_owned()));
    }

    #[test]
    fn a_runner_that_ran_nothing_failed() {
        let count = count_tests(crate::programs::program("echo", &["test result: ok. 0 passed; 0 failed"]));
        assert!(count.is_err_and(|failed| failed.why == "no test ran"));
    }
}
