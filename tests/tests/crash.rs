//! `kill -9` of server and device at any moment: what was acknowledged stays, and nothing is there twice.
//!
//! Acknowledged by a device means that its command ended with exit code 0; acknowledged by the Centre, that a sync left
//! nothing pending. Whoever is killed in the middle of something may have done it or not; asking again settles it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the story, with the reason")]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use stories::{
    Database, Phone, Role, Server, UNIT,
    forms::{Form, Person},
    note_evidence,
    rng::Rng,
};

const PROCEDURE: &str = "2.000908";
/// Longer than any command here runs when it is let be; kills fall anywhere within.
const LONGEST_MS: u64 = 120;

#[test]
fn sixteen_crashes_on_sqlite() {
    storm(Database::Sqlite, 16, 1);
}

#[test]
fn six_crashes_on_postgres() {
    storm(Database::Postgres, 6, 2);
}

/// A postal worker's day with a device and a Centre that die all the time.
struct Day {
    server: Server,
    phone: Phone,
    rng: Rng,
    form: Form,
    /// What the device acknowledged: dossier → field → value, as typed.
    acknowledged: BTreeMap<String, BTreeMap<String, String>>,
    interrupted: u32,
}

fn storm(database: Database, crashes: u32, seed: u64) {
    let server = Server::start(database);
    let phone = Phone::enrolled(&server.url(), &server.invite(Role::Postal, UNIT, "Bưu tá tuyến 3"));
    let officer = Phone::enrolled(&server.url(), &server.invite(Role::Officer, UNIT, "Cán bộ một cửa"));
    let mut day = Day {
        server,
        phone,
        rng: Rng::new(seed),
        form: Form::of(PROCEDURE),
        acknowledged: BTreeMap::new(),
        interrupted: 0,
    };
    for number in 0..crashes {
        // Every second time the Centre, every second time the device.
        day.collect(number % 2 == 1);
        day.sync(number % 2 == 0);
    }
    day.phone.sync();
    officer.sync();
    day.nothing_is_lost_or_doubled(&officer);
    assert!(day.interrupted >= crashes / 3, "only {} of {crashes} kills hit something at work", day.interrupted);
    note_evidence(&format!("crash ({})", database.name()), &day.server.evidence());
    day.server.stop();
}

impl Day {
    /// Takes a dossier in, step by step, with the device dying at one of the steps.
    fn collect(&mut self, dies: bool) {
        let person = Person::any(&mut self.rng);
        let answers = self.form.answers(&person, &mut self.rng);
        let dossier = self.phone.ok(&["new", PROCEDURE])["dossier"].as_str().unwrap().to_owned();
        let half = answers.len() / 2;
        let pages: Vec<Vec<String>> = [&answers[..half], &answers[half..]]
            .iter()
            .map(|page| page.iter().map(|(field, value)| format!("{field}={value}")).collect())
            .collect();
        let mut steps: Vec<Vec<&str>> = pages
            .iter()
            .map(|page| ["set", &dossier].into_iter().chain(page.iter().map(String::as_str)).collect())
            .collect();
        steps.push(vec!["submit", &dossier]);
        let fatal = dies.then(|| self.rng.below(steps.len() as u64));
        for (number, step) in (0..).zip(&steps) {
            let killed = fatal == Some(number) && !self.run_and_kill(step);
            // A command that was killed may have submitted all the same; twice is once too often.
            let done = killed && step[0] == "submit" && self.phone.show(&dossier)["status"]["business"] == 1;
            if !done && (fatal != Some(number) || killed) {
                self.phone.ok(step);
            }
        }
        self.acknowledged.insert(dossier, answers.into_iter().collect());
    }

    /// Starts a command and kills it after a while; whether it had ended well before.
    fn run_and_kill(&mut self, step: &[&str]) -> bool {
        let mut child = self.phone.spawn(step);
        std::thread::sleep(Duration::from_millis(self.rng.below(LONGEST_MS)));
        let _ = child.kill();
        let ended_well = child.wait().unwrap().success();
        self.interrupted += u32::from(!ended_well);
        ended_well
    }

    /// Syncs while the Centre or the device dies, and again when both are back.
    fn sync(&mut self, centre_dies: bool) {
        if centre_dies {
            let mut child = self.phone.spawn(&["sync"]);
            std::thread::sleep(Duration::from_millis(self.rng.below(LONGEST_MS)));
            self.server.kill();
            let ended_well = child.wait().unwrap().success();
            self.interrupted += u32::from(!ended_well);
            self.server.up();
        } else {
            self.run_and_kill(&["sync"]);
        }
        if self.rng.percent(70) {
            let report = self.phone.sync();
            assert_eq!((&report["pending"], &report["refused"]), (&Value::from(0), &Value::Array(vec![])), "{report}");
        }
    }

    fn nothing_is_lost_or_doubled(&self, officer: &Phone) {
        let mut items: BTreeSet<String> = BTreeSet::new();
        for (dossier, answers) in &self.acknowledged {
            let shown = officer.show(dossier);
            assert_eq!(shown["status"]["business"], 1, "{dossier}");
            assert_eq!(shown["conflicts"], Value::Array(vec![]), "nobody else wrote: {shown}");
            for (field, typed) in answers {
                let here = self.phone.show(dossier)["answers"][field].clone();
                assert_ne!(here, Value::Null, "{field} of {dossier} was acknowledged: {typed}");
                assert_eq!(shown["answers"][field], here, "{field} of {dossier}");
            }
            let history = officer.ok(&["history", dossier])["entries"].clone();
            let entries = history.as_array().unwrap();
            let submissions = entries.iter().filter(|entry| entry["act"]["kind"] == "submitted").count();
            assert_eq!(submissions, 1, "{dossier} was submitted once: {history}");
            for entry in entries {
                let name = entry["change"].as_str().or(entry["event"].as_str()).unwrap();
                assert!(items.insert(name.to_owned()), "{name} is there twice");
            }
        }
        let rows = self.server.rows();
        let stored = rows.iter().find(|(table, _)| table == "items").expect("a table of items").1;
        assert_eq!(stored, items.len() as u64, "the Centre holds each item once, and no other");
    }
}
