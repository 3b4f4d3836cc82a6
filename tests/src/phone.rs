//! A device in somebody's hand: the real `tram` with a home of its own.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::Programs;

/// A device of one person.
#[derive(Debug)]
pub struct Phone {
    home: PathBuf,
    _directory: Option<TempDir>,
    variables: Vec<(String, String)>,
}

/// What a command answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The exit code; none if it was killed.
    pub exit: Option<i32>,
    /// What it printed on standard output, read as JSON; null if it is none.
    pub json: Value,
    /// Standard output and standard error, as they came.
    pub text: String,
}

impl Phone {
    /// A new device that knows the Centre's address and has met nobody.
    #[must_use]
    pub fn new(server_url: &str) -> Self {
        let phone = Self::empty();
        phone.ok(&["init", "--server", server_url]);
        phone
    }

    /// A new device with an invitation, taken up at once if the Centre answers, else by the first sync.
    #[must_use]
    pub fn enrolled(server_url: &str, invitation: &str) -> Self {
        let phone = Self::new(server_url);
        let answer = phone.run(&["enrol", invitation]);
        assert!(matches!(answer.exit, Some(0 | 3)), "enrol: {}", answer.text);
        phone
    }

    /// A home with nothing in it.
    #[must_use]
    pub fn empty() -> Self {
        let directory = tempfile::Builder::new().prefix("tram-phone-").tempdir().expect("a temporary directory");
        Self { home: directory.path().join("home"), _directory: Some(directory), variables: Vec::new() }
    }

    /// A device whose home is elsewhere, such as on a small disk.
    #[must_use]
    pub fn at(home: &Path) -> Self {
        Self { home: home.to_owned(), _directory: None, variables: Vec::new() }
    }

    /// The same device with a variable in its environment.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The device's directory.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The command, not started yet.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&Programs::built().tram);
        command.arg("--home").arg(&self.home).arg("--json").args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    /// Starts a command and does not wait for it.
    #[must_use]
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
    }

    /// Runs a command, however it ends.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(&self.command(arguments).output().expect("the command starts"))
    }

    /// Runs a command that must succeed; answers what it printed.
    ///
    /// # Panics
    /// If its exit code is not 0.
    #[allow(clippy::must_use_candidate, reason = "many commands are run for what they do")]
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let answer = self.run(arguments);
        assert_eq!(answer.exit, Some(0), "tram {arguments:?}: {}", answer.text);
        answer.json
    }

    /// Runs a command that must be refused; answers the stable code.
    ///
    /// # Panics
    /// If it succeeds, or ends without code and sentence in both languages.
    #[allow(clippy::must_use_candidate, reason = "the refusal itself is often the point")]
    pub fn refused(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_ne!(answer.exit, Some(0), "tram {arguments:?} succeeded: {}", answer.text);
        answer.fault_code()
    }

    /// Syncs with success; answers the report.
    #[allow(clippy::must_use_candidate, reason = "a sync is done for what it does")]
    pub fn sync(&self) -> Value {
        self.ok(&["sync"])
    }

    /// What the device shows of a dossier.
    #[must_use]
    pub fn show(&self, dossier: &str) -> Value {
        self.ok(&["show", dossier])
    }
}

impl Answer {
    /// What a finished command answered.
    #[must_use]
    pub fn of(output: &Output) -> Self {
        let out = String::from_utf8_lossy(&output.stdout);
        let err = String::from_utf8_lossy(&output.stderr);
        let json = serde_json::from_str(out.trim()).unwrap_or(Value::Null);
        Self { exit: output.status.code(), json, text: format!("{out}{err}") }
    }

    /// The fault that it ended with, from whichever output holds it.
    #[must_use]
    pub fn fault(&self) -> Option<Value> {
        let whole = std::iter::once(self.json.clone());
        let lines = self.text.lines().filter_map(|line| serde_json::from_str(line).ok());
        whole.chain(lines).find_map(|value: Value| {
            let candidates = [&value, &value["error"], &value["fault"]];
            candidates
                .into_iter()
                .find(|fault| fault["code"].is_string() && fault["message"]["vi"].is_string())
                .cloned()
        })
    }

    /// The stable code of the fault, which must come with a sentence in both languages.
    ///
    /// # Panics
    /// If there is no such fault.
    #[must_use]
    pub fn fault_code(&self) -> String {
        let fault = self.fault().unwrap_or_else(|| panic!("no fault in: {}", self.text));
        for language in ["vi", "en"] {
            let sentence = fault["message"][language].as_str().unwrap_or_default();
            assert!(sentence.ends_with('.'), "no sentence in {language}: {fault}");
        }
        fault["code"].as_str().expect("checked above").to_owned()
    }
}
