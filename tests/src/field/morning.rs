//! The morning of a field day: devices that are enrolled and a phone with a day's dossiers. Made once, copied for each run.

use std::{io::Write, path::Path};

use client_core::{
    Device, Proceed,
    native::{HttpTransport, SqliteStore, SystemClock, SystemEntropy},
};
use dossier::id::DossierId;
use tempfile::TempDir;

use super::visit::Visit;
use crate::{Database, Role, Server, ServerOptions, UNIT};

/// Edits of the plain documents, whatever those of the dossiers are: the size of F must not hang on how a run is
/// shortened.
const PLAIN_EDITS: usize = 20;
/// The window of the frame that F is measured with: the whole batch is in reach.
const FRAME_LEVEL: i32 = 3;

/// A Centre, a phone and a branch as they are when the day begins.
#[derive(Debug)]
pub struct Morning {
    directory: TempDir,
    dossiers: Vec<DossierId>,
    fields: usize,
    documents: Vec<Vec<u8>>,
    frame_bytes: u64,
}

/// One copy of the morning, running.
#[derive(Debug)]
pub struct Day {
    /// Where everything of the day is.
    pub directory: TempDir,
    /// The Centre.
    pub server: Server,
    /// The phone that holds the dossiers.
    pub phone: Device,
    /// The branch that holds none.
    pub branch: Device,
}

impl Morning {
    /// Makes the dossiers, each in so many edits. This takes minutes for thousands: every edit is durable.
    #[must_use]
    pub fn make(dossiers: usize, edits: usize) -> Self {
        let directory = tempfile::Builder::new().prefix("tram-field-").tempdir().unwrap();
        let mut server = Server::prepare(Database::Sqlite, at(&directory.path().join("centre")));
        server.up();
        let transport = HttpTransport::new(&server.url()).unwrap();
        let visits = Visit::of_a_day(dossiers);
        let enrolled = |role, name: &str, file: &str| {
            let store = SqliteStore::open(&directory.path().join(file)).unwrap();
            let mut device = Device::init(store, SystemClock, SystemEntropy::new(), &server.url()).unwrap();
            device.enrol(&server.invite(role, UNIT, name)).unwrap();
            assert_eq!(device.sync(&transport, &mut |_| Proceed::Go).fault, None);
            device
        };
        let mut phone = enrolled(Role::Postal, "Bưu tá tuyến 3", "phone.sqlite");
        drop(enrolled(Role::Officer, "Cán bộ một cửa", "branch.sqlite"));
        server.stop();
        let made = visits.iter().map(|visit| visit.play(&mut phone, edits)).collect();
        drop(phone);
        let plain: Vec<_> = (0..).zip(&visits).map(|(number, visit)| visit.plain(number, PLAIN_EDITS)).collect();
        let mut frame = zstd::stream::write::Encoder::new(Vec::new(), FRAME_LEVEL).unwrap();
        plain.iter().for_each(|plain| frame.write_all(&plain.uncompressed).unwrap());
        Self {
            directory,
            dossiers: made,
            fields: visits.iter().map(Visit::fields).sum::<usize>() / visits.len(),
            frame_bytes: frame.finish().unwrap().len() as u64,
            documents: plain.into_iter().map(|plain| plain.saved).collect(),
        }
    }

    /// A copy of everything, the Centre running.
    #[must_use]
    pub fn begin(&self) -> Day {
        let directory = tempfile::Builder::new().prefix("tram-day-").tempdir().unwrap();
        for entry in std::fs::read_dir(self.directory.path()).unwrap() {
            copy(&entry.unwrap().path(), directory.path());
        }
        let open = |file: &str| {
            let store = SqliteStore::open(&directory.path().join(file)).unwrap();
            Device::open(store, SystemClock, SystemEntropy::new()).unwrap()
        };
        let (phone, branch) = (open("phone.sqlite"), open("branch.sqlite"));
        let mut server = Server::prepare(Database::Sqlite, at(&directory.path().join("centre")));
        server.up();
        Day { server, phone, branch, directory }
    }

    /// The dossiers, in the order in which they were made.
    #[must_use]
    pub fn dossiers(&self) -> &[DossierId] {
        &self.dossiers
    }

    /// Fields of a dossier, on average.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.fields
    }

    /// The same dossiers as plain documents, each compressed alone.
    #[must_use]
    pub fn documents(&self) -> &[Vec<u8>] {
        &self.documents
    }

    /// All of them.
    #[must_use]
    pub fn saved_bytes(&self) -> u64 {
        self.documents.iter().map(|document| document.len() as u64).sum()
    }

    /// F: all plain documents, uncompressed, in one frame.
    #[must_use]
    pub fn frame_bytes(&self) -> u64 {
        self.frame_bytes
    }
}

fn at(data: &Path) -> ServerOptions {
    ServerOptions { data: Some(data.to_owned()), ..ServerOptions::default() }
}

/// Copies a file or a directory into another directory.
fn copy(from: &Path, into: &Path) {
    let to = into.join(from.file_name().unwrap());
    if from.is_dir() {
        std::fs::create_dir(&to).unwrap();
        std::fs::read_dir(from).unwrap().for_each(|entry| copy(&entry.unwrap().path(), &to));
    } else {
        std::fs::copy(from, to).unwrap();
    }
}
