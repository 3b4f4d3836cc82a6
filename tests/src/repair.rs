//! A phone and a Centre that each lost something: what it takes until both are whole again.

use std::path::{Path, PathBuf};

use client_core::{
    Device, Proceed, RepairReport, Submission, SyncReport,
    native::{HttpTransport, SqliteStore, SystemClock, SystemEntropy},
};
use dossier::id::DossierId;
use tempfile::TempDir;

use crate::{
    Database, Role, Server, UNIT,
    forms::{Form, Person},
    rng::Rng,
};

const PROCEDURE: &str = "1.012783";
/// The space of a store that holds the device's own things: its key, its Centre, its certificate.
const SETTINGS: u8 = 1;

/// How it went.
#[derive(Debug)]
pub struct Mended {
    /// What the repair itself took.
    pub repair: RepairReport,
    /// Everything of that sync.
    pub sync: SyncReport,
    /// What the sync after it took.
    pub quiet: SyncReport,
    /// What a device gets that has its key and nothing else.
    pub full: SyncReport,
    /// Dossiers on the phone at the end.
    pub here: usize,
    /// Dossiers at the Centre at the end.
    pub there: u64,
}

/// A phone with its file, and a Centre whose embedded database can be copied and put back.
#[derive(Debug)]
pub struct Ward {
    directory: TempDir,
    /// The Centre.
    pub server: Server,
    form: Form,
    rng: Rng,
}

impl Ward {
    /// A running Centre that nobody knows yet.
    #[must_use]
    pub fn open() -> Self {
        let directory = tempfile::Builder::new().prefix("tram-repair-").tempdir().expect("a temporary directory");
        Self { directory, server: Server::start(Database::Sqlite), form: Form::of(PROCEDURE), rng: Rng::new(21) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name).with_extension("sqlite")
    }

    /// A new device of this name, enrolled.
    #[must_use]
    pub fn device(&self, name: &str, role: Role) -> Device {
        let store = SqliteStore::open(&self.file(name)).expect("the store opens");
        let device = Device::init(store, SystemClock, SystemEntropy::new(), &self.server.url());
        let mut device = device.expect("an empty store takes a device");
        device.enrol(&self.server.invite(role, UNIT, name)).expect("the invitation reads");
        self.sync(&mut device);
        device
    }

    /// The device of this name, opened again.
    #[must_use]
    pub fn reopened(&self, name: &str) -> Device {
        let store = SqliteStore::open(&self.file(name)).expect("the store opens");
        Device::open(store, SystemClock, SystemEntropy::new()).expect("the device opens")
    }

    /// Fills in and submits so many dossiers.
    pub fn collect(&mut self, device: &mut Device, dossiers: usize) -> Vec<DossierId> {
        (0..dossiers)
            .map(|_| {
                let answers = self.form.answers(&Person::any(&mut self.rng), &mut self.rng);
                let typed: Vec<(&str, &str)> =
                    answers.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
                let dossier = device.new_dossier(PROCEDURE, None).expect("a dossier begins").dossier;
                device.set(&dossier, &typed).expect("answers are taken");
                let submission = Submission { unit: Some(UNIT.to_owned()), channel: None };
                device.submit(&dossier, &submission).expect("a dossier is submitted");
                dossier
            })
            .collect()
    }

    /// Syncs; nothing may be left over.
    pub fn sync(&self, device: &mut Device) -> SyncReport {
        let report = self.try_sync(device);
        assert_eq!((&report.fault, report.pending), (&None, 0), "{report:?}");
        report
    }

    /// Syncs; something may be left over.
    pub fn try_sync(&self, device: &mut Device) -> SyncReport {
        let transport = HttpTransport::new(&self.server.url()).expect("the address is one");
        let report = device.sync(&transport, &mut |_| Proceed::Go);
        assert_eq!(report.fault, None, "{report:?}");
        report
    }

    /// Copies the Centre's database, while it does not run.
    pub fn back_up(&mut self) -> PathBuf {
        self.server.stop();
        let copy = self.directory.path().join("centre-backup");
        copy_database(self.server.data(), &copy);
        self.server.up();
        copy
    }

    /// Puts the copy back; `is_told` by the operator's command, as the handbook says, or not.
    pub fn put_back(&mut self, copy: &Path, is_told: bool) {
        self.server.stop();
        copy_database(copy, self.server.data());
        if is_told {
            let (code, ..) = self.server.administer(&["admin", "restored"]);
            assert_eq!(code, Some(0), "the operator says that a backup was put back");
        }
        self.server.up();
    }

    /// Everything about these dossiers goes from the store of the device of this name, which must be closed.
    pub fn lose(&self, name: &str, dossiers: &[DossierId]) {
        let store = rusqlite::Connection::open(self.file(name)).expect("the store opens");
        for dossier in dossiers {
            let lost = store.execute("DELETE FROM record WHERE substr(key, 1, 16) = ?1", [&dossier.0[..]]);
            assert!(lost.expect("rows can be deleted") > 0, "the device held {dossier}");
        }
    }

    /// A device with the key of another and nothing else.
    #[must_use]
    pub fn emptied(&self, name: &str) -> Device {
        let bare = format!("{name}-bare");
        drop(SqliteStore::open(&self.file(&bare)).expect("the store opens"));
        let store = rusqlite::Connection::open(self.file(&bare)).expect("the store opens");
        store.execute("ATTACH ?1 AS whole", [self.file(name).display().to_string()]).expect("the other store opens");
        store
            .execute("INSERT INTO record SELECT * FROM whole.record WHERE space = ?1", [SETTINGS])
            .expect("settings are copied");
        drop(store);
        self.reopened(&bare)
    }
}

/// Copies what belongs to the embedded database of one directory into another.
fn copy_database(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    let is_database = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("tram.sqlite");
    for old in std::fs::read_dir(to).expect("the directory reads").flatten() {
        if is_database(&old.file_name()) {
            std::fs::remove_file(old.path()).expect("an old file goes");
        }
    }
    for file in std::fs::read_dir(from).expect("the directory reads").flatten() {
        if is_database(&file.file_name()) {
            std::fs::copy(file.path(), to.join(file.file_name())).expect("a file is copied");
        }
    }
}

/// So many dossiers on both sides, of which each side then loses ten; and a sync.
///
/// # Panics
/// If anything but the loss goes wrong.
#[must_use]
pub fn ten_lost_on_each_side(dossiers: usize) -> Mended {
    let mut ward = Ward::open();
    let mut phone = ward.device("phone", Role::Postal);
    let early = ward.collect(&mut phone, dossiers - 10);
    ward.sync(&mut phone);
    let copy = ward.back_up();
    ward.collect(&mut phone, 10);
    ward.sync(&mut phone);
    let everything = phone.summary().expect("the summary").dossiers;
    assert_eq!(everything, dossiers);
    drop(phone);

    ward.put_back(&copy, true);
    let lost: Vec<DossierId> = early.iter().copied().step_by((dossiers - 10) / 10).take(10).collect();
    ward.lose("phone", &lost);

    let mut phone = ward.reopened("phone");
    let sync = ward.sync(&mut phone);
    let quiet = ward.sync(&mut phone);
    let here = phone.summary().expect("the summary").dossiers;
    for dossier in &lost {
        let shown = phone.show(dossier).expect("a dossier that was lost is here again");
        assert!(shown.unsent == 0 && shown.view.status.business.is_some(), "{dossier} is as it was");
    }
    drop(phone);
    let full = ward.sync(&mut ward.emptied("phone"));
    let rows: std::collections::BTreeMap<String, u64> = ward.server.rows().into_iter().collect();
    let mended = Mended { repair: sync.repair.clone(), sync, quiet, full, here, there: rows["dossiers"] };
    ward.server.stop();
    mended
}
