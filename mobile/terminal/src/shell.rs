//! Where a command runs: which folder holds the device, which clock it reads, and how it answers.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use client_core::{
    Clock, Device,
    native::{HttpTransport, SqliteStore, SystemClock, SystemEntropy},
};
use dossier::fault::{Code, Fault};
use serde::Serialize;

use crate::{
    answer::{Answer, Manner},
    cli::Cli,
    failure::Failure,
    page::Page,
};

/// The store's file in the device's folder.
const STORE_FILE: &str = "device.sqlite";

/// The clock of this device. Tests set it; everybody else has the machine's.
#[derive(Debug, Clone, Copy)]
enum ShellClock {
    /// The machine's, this many milliseconds ahead.
    Machine { ahead_ms: i64 },
    /// Standing at this Unix time in milliseconds.
    Standing { at_ms: i64 },
}

impl Clock for ShellClock {
    fn now_ms(&self) -> i64 {
        match self {
            Self::Machine { ahead_ms } => SystemClock.now_ms().saturating_add(*ahead_ms),
            Self::Standing { at_ms } => *at_ms,
        }
    }
}

/// Where a command runs.
#[derive(Debug)]
pub struct Shell {
    manner: Manner,
    home: PathBuf,
    clock: ShellClock,
}

impl Shell {
    /// The surroundings that a command line names.
    pub fn new(cli: &Cli) -> Result<Self, Failure> {
        let manner = Manner { json: cli.json, language: cli.lang };
        let home = cli.home.clone().or_else(usual_home).ok_or_else(|| Failure::Usage {
            fault: Fault::new(Code::BadRequest).with("usage", "no_home"),
            sentence: manner.language.say("usage.no_home").to_owned(),
        })?;
        let clock = match cli.now {
            Some(at_ms) => ShellClock::Standing { at_ms },
            None => ShellClock::Machine { ahead_ms: cli.clock_offset_ms.unwrap_or(0) },
        };
        Ok(Self { manner, home, clock })
    }

    /// How it answers.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// The answer in the manner asked for.
    pub fn answer(&self, value: &impl Serialize, page: impl FnOnce(&mut Page)) -> Result<Answer, Failure> {
        Ok(self.manner.answer(value, page))
    }

    /// Opens the device. It holds the folder's lock for as long as it lives.
    pub fn device(&self) -> Result<Device, Failure> {
        let file = self.home.join(STORE_FILE);
        // Opening would make an empty store; a folder without one has no device, and stays as it was.
        match file.try_exists() {
            Ok(true) => Ok(Device::open(self.store(&file)?, self.clock, SystemEntropy::new())?),
            Ok(false) => Err(Code::NotSetUp.into()),
            Err(_) => Err(Code::StoreUnreadable.into()),
        }
    }

    /// Makes a device, unless the folder holds one of the same server already, which is answered as it is.
    pub fn make_device(&self, server_url: &str) -> Result<(Device, Made), Failure> {
        private_folder(&self.home).map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => Failure::from(Code::DiskFull),
            _ => Code::NotSaved.into(),
        })?;
        let file = self.home.join(STORE_FILE);
        match Device::open(self.store(&file)?, self.clock, SystemEntropy::new()) {
            Ok(device) if same_address(&device.identity().server_url, server_url) => Ok((device, Made::Before)),
            Ok(device) => {
                let fault = Fault::new(Code::BadRequest).with("belongs_to", device.identity().server_url);
                Err(fault.into())
            }
            Err(fault) if fault.code == Code::NotSetUp => {
                let device = Device::init(self.store(&file)?, self.clock, SystemEntropy::new(), server_url)?;
                Ok((device, Made::Now))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// The way to the device's server.
    pub fn transport(&self, device: &Device) -> Result<HttpTransport, Failure> {
        // The address was looked at when the device was set up; what is left is one that names no host.
        HttpTransport::new(&device.identity().server_url)
            .map_err(|_| Fault::new(Code::BadRequest).with("reason", "server_url").into())
    }

    fn store(&self, file: &Path) -> Result<SqliteStore, Failure> {
        SqliteStore::open(file).map_err(|fault| Failure::Refused(fault.into()))
    }
}

/// Whether a device was made by this command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Just now.
    Now,
    /// Earlier.
    Before,
}

fn same_address(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim().trim_end_matches('/')
}

/// The folder for a person's data, by the custom of their system.
fn usual_home() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    data.map(|data| data.join("tram"))
}

/// Makes the folder, for its owner only: other people's papers lie in it.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
