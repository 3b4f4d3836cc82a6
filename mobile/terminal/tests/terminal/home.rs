//! A device in a folder of its own, used only through the program.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// What a run of the program came to.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("the program ends by itself"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// The whole of standard output as one JSON value.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The fault of a failed run, checked for what every fault has.
    pub fn fault(&self) -> Value {
        assert_ne!(self.code, 0, "{self:?}");
        let fault = self.json()["error"].clone();
        for language in ["vi", "en"] {
            assert!(fault["message"][language].as_str().is_some_and(|text| text.ends_with('.')), "{fault}");
        }
        assert!(fault["details"].is_object(), "{fault}");
        assert!(matches!(fault["retry"].as_str(), Some("never" | "later" | "after_action")), "{fault}");
        assert!(!self.stderr.trim().is_empty(), "a person is told too: {self:?}");
        fault
    }

    /// The code of the fault.
    pub fn fault_code(&self) -> String {
        self.fault()["code"].as_str().unwrap().to_owned()
    }
}

/// One device.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A device whose server does not run.
    pub fn offline() -> Self {
        let home = Self::empty();
        assert_eq!(home.run(&["init", "--server", &nobody()]).code, 0);
        home
    }

    /// A device of a server.
    pub fn of_server(url: &str) -> Self {
        let home = Self::empty();
        assert_eq!(home.run(&["init", "--server", url]).code, 0);
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program with this device, in English, its environment otherwise bare.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tram"));
        command
            .env_clear()
            .env("TRAM_HOME", self.path().join("device"))
            .env("TRAM_LANG", "en")
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs with `--json`.
    pub fn ask(&self, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        Run::of(command.arg("--json").output().unwrap())
    }

    /// Runs with `--json`, must succeed.
    pub fn answer(&self, arguments: &[&str]) -> Value {
        let run = self.ask(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run.json()
    }

    /// Starts a dossier of a birth registration.
    pub fn birth(&self) -> String {
        self.answer(&["new", "1.001193"])["dossier"].as_str().unwrap().to_owned()
    }

    /// Writes a file beside the device.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// An address where nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
