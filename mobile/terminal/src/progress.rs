//! Progress of long work on standard error, where a person looks on.

use std::io::{self, IsTerminal, Write};

use client_core::{Proceed, Progress, Stage};

use crate::{language::Language, page};

/// A line that is written over and over while work goes on.
#[derive(Debug)]
pub struct ProgressLine {
    language: Language,
    shown: Option<(Stage, u64)>,
    watched: bool,
}

impl ProgressLine {
    /// A line for whoever sits at the terminal; nobody does when standard error goes to a file.
    pub fn new(language: Language) -> Self {
        Self { language, shown: None, watched: io::stderr().is_terminal() }
    }

    /// Shows how far the work has come, when that changed by a hundredth.
    pub fn show(&mut self, progress: Progress) -> Proceed {
        let hundredth = progress.done.saturating_mul(100).checked_div(progress.total).unwrap_or(0);
        if self.watched && self.shown != Some((progress.stage, hundredth)) {
            self.shown = Some((progress.stage, hundredth));
            // A terminal that went away does not stop the work.
            let _ = write!(io::stderr().lock(), "\r\x1b[K{}", text(progress, self.language));
        }
        Proceed::Go
    }
}

impl Drop for ProgressLine {
    /// Clears the line, so that what follows stands alone.
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

fn text(progress: Progress, language: Language) -> String {
    let key = match progress.stage {
        Stage::Pack => "progress.pack",
        Stage::Exchange => "progress.exchange",
        Stage::Apply => "progress.apply",
        Stage::Upload => "progress.upload",
        Stage::Fetch => "progress.fetch",
    };
    let (done, total) = match progress.stage {
        Stage::Upload | Stage::Fetch => (page::size(progress.done), page::size(progress.total)),
        Stage::Pack | Stage::Exchange | Stage::Apply => (progress.done.to_string(), progress.total.to_string()),
    };
    language.fill(key, &[("done", &done), ("total", &total)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_sizes_and_items_as_counts() {
        let of = |stage| text(Progress { stage, done: 2_000_000, total: 5_000_000 }, Language::En);
        assert!(of(Stage::Upload).contains("2,0 MB") && of(Stage::Upload).contains("5,0 MB"));
        assert!(of(Stage::Apply).contains("2000000"));
    }
}
