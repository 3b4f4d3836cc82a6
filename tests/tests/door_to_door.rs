//! Door to door: a postal worker and a citizen work with no network, and a branch sees one dossier.
//!
//! Promise 2 (nobody's work is overwritten), 3 (everyone can prove what they did), 5 (nobody sees what is not theirs).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the story, with the reason")]

use std::collections::BTreeSet;

use serde_json::Value;
use stories::{
    Database, OTHER_UNIT, Phone, Role, Server, UNIT,
    forms::{Form, Person},
    note_evidence, photo,
    rng::Rng,
};

const PROCEDURE: &str = "1.012783";
/// Printed on the form that both fill in, as a QR code would say it.
const FORM_ID: &str = "019a3c5e-7b00-7000-8000-00000025747a";
/// The field about which they disagree.
const FIELD: &str = "applicant_phone";
const POSTAL_NAME: &str = "Bưu tá tuyến 3";
const CITIZEN_NAME: &str = "Người dân khu phố 5";
const OFFICER_NAME: &str = "Cán bộ một cửa";

#[test]
fn two_devices_one_dossier_on_sqlite() {
    tell(Database::Sqlite);
}

#[test]
fn two_devices_one_dossier_on_postgres() {
    tell(Database::Postgres);
}

fn tell(database: Database) {
    // Everybody was enrolled some day; on this one there is no server.
    let mut server = Server::start(database);
    let invite = |role, unit, name| server.invite(role, unit, name);
    let postal = Phone::enrolled(&server.url(), &invite(Role::Postal, UNIT, POSTAL_NAME));
    let citizen = Phone::enrolled(&server.url(), &invite(Role::Citizen, UNIT, CITIZEN_NAME));
    let officer = Phone::enrolled(&server.url(), &invite(Role::Officer, UNIT, OFFICER_NAME));
    let stranger = Phone::enrolled(&server.url(), &invite(Role::Officer, OTHER_UNIT, "Cán bộ phường khác"));

    server.stop();

    collect_offline(&postal, &citizen);

    // No server yet: the work is kept, and programs are told by the exit code.
    for phone in [&postal, &citizen] {
        let answer = phone.run(&["sync"]);
        assert_eq!(answer.exit, Some(3), "{}", answer.text);
        assert_eq!(answer.fault_code(), "OFFLINE");
        assert_eq!(phone.show(FORM_ID)["dossier"], FORM_ID);
    }

    server.up();
    for phone in [&postal, &citizen, &postal] {
        let report = phone.sync();
        assert_eq!(report["round_trips"], 1, "a sync is one round trip: {report}");
        assert_eq!(report["refused"], Value::Array(vec![]), "{report}");
        assert_eq!(report["pending"], 0, "{report}");
    }
    officer.sync();

    desk_sees_both(&officer, &server);
    desk_accepts(&officer);
    late_edit_waits_and_is_adopted(&officer, &citizen);
    nothing_sealed_is_missing(&officer, &citizen, &postal);

    stranger.sync();
    assert_eq!(
        stranger.ok(&["list"])["dossiers"].as_array().map(Vec::len),
        Some(0),
        "another unit's officer sees nothing"
    );
    assert_eq!(stranger.refused(&["show", FORM_ID]), "UNKNOWN_DOSSIER");

    // Everybody is at the same point: another sync of each brings and takes nothing.
    let before = server.rows();
    for phone in [&officer, &citizen, &postal] {
        phone.sync();
        let quiet = phone.sync();
        assert_eq!((&quiet["accepted"], &quiet["received"]), (&Value::from(0), &Value::from(0)), "{quiet}");
    }
    let dossier_rows = |rows: &[(String, u64)]| -> Vec<(String, u64)> {
        rows.iter().filter(|(table, _)| ["items", "blobs"].contains(&table.as_str())).cloned().collect()
    };
    assert_eq!(dossier_rows(&server.rows()), dossier_rows(&before), "a sync without news stores no item");
    note_evidence(&format!("door to door ({})", database.name()), &server.evidence());
    server.stop();
}

/// Both start the same dossier, edit different fields and one same field, and attach two photos each.
fn collect_offline(postal: &Phone, citizen: &Phone) {
    let mut rng = Rng::new(7);
    let person = Person::any(&mut rng);
    let answers = Form::of(PROCEDURE).answers(&person, &mut rng);
    let typed: Vec<String> = answers
        .iter()
        .filter(|(field, _)| ![FIELD, "mortgaged"].contains(&field.as_str()))
        .map(|(field, value)| format!("{field}={value}"))
        .collect();
    // The postal worker asks what the form requires; the citizen adds what only they know.
    let by_citizen = ["applicant_email=nguoidan@example.vn".to_owned(), "mortgaged=false".to_owned()];
    let (last, by_postal) = typed.split_last().unwrap();
    let people = [
        (postal, by_postal, "applicant_phone=0974 111 222", ["don", "gcn"]),
        (citizen, by_citizen.as_slice(), "applicant_phone=0905 333 444", ["gcn", "gcn"]),
    ];
    for (number, (phone, fields, disputed, components)) in people.into_iter().enumerate() {
        let started = phone.ok(&["new", PROCEDURE, "--id", FORM_ID]);
        assert_eq!(started["dossier"], FORM_ID);
        assert!(started["provisional_code"].as_str().is_some_and(|code| code.starts_with("T-")), "{started}");
        let mut set = vec!["set", FORM_ID, disputed];
        set.extend(fields.iter().map(String::as_str));
        phone.ok(&set);
        for (page, component) in components.into_iter().enumerate() {
            let file = photo(phone.home().parent().unwrap(), &format!("anh-{number}-{page}.png"), 300_000);
            let attached = phone.ok(&["attach", FORM_ID, component, file.to_str().unwrap()]);
            assert_eq!(attached["blob"].as_str().map(str::len), Some(64));
            assert_eq!(attached["bytes"], 300_067);
        }
    }
    // An answer is missing: the device says which and hands in what there is; the answer follows.
    let incomplete = postal.ok(&["submit", FORM_ID]);
    assert!(incomplete["answers_missing"].as_array().is_some_and(|missing| !missing.is_empty()), "{incomplete}");
    postal.ok(&["set", FORM_ID, last]);
    let submitted = postal.ok(&["submit", FORM_ID]);
    assert_eq!(submitted["answers_missing"], serde_json::json!([]), "{submitted}");
    assert!(submitted["event"].is_string() && submitted["heads"].is_array(), "{submitted}");
}

fn desk_sees_both(officer: &Phone, server: &Server) {
    let shown = officer.show(FORM_ID);
    assert_eq!(shown["status"]["business"], 1, "{shown}");
    assert_eq!(shown["status"]["name"], "Mới đăng ký");

    let conflicts = shown["conflicts"].as_array().unwrap();
    let conflict = conflicts.iter().find(|conflict| conflict["field"] == FIELD).expect("the phone is in conflict");
    assert_eq!(conflicts.len(), 1, "{}", shown["conflicts"]);
    let mut said: Vec<(&str, &str)> = conflict["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|voice| {
            assert!(voice["at"].as_str().is_some_and(|at| at.ends_with("+07:00")), "{voice}");
            (voice["value"].as_str().unwrap(), voice["by"].as_str().unwrap())
        })
        .collect();
    said.sort_unstable();
    assert_eq!(said, [("+84905333444", CITIZEN_NAME), ("+84974111222", POSTAL_NAME)]);
    assert_eq!(officer.ok(&["conflicts"])["dossiers"].as_array().map(Vec::len), Some(1));

    let files: Vec<&Value> = shown["components"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|component| component["files"].as_array().unwrap())
        .collect();
    assert_eq!(files.len(), 4);
    assert!(files.iter().all(|file| file["arrived"] == true), "{files:?}");
    assert_eq!((&shown["attachments"]["arrived"], &shown["attachments"]["total"]), (&Value::from(4), &Value::from(4)));
    let human = std::process::Command::new(&stories::Programs::built().tram)
        .args(["--lang", "en", "--home"])
        .arg(officer.home())
        .args(["show", FORM_ID])
        .output()
        .unwrap();
    let page = String::from_utf8(human.stdout).unwrap();
    assert!(page.contains("4/4"), "people are told how many arrived: {page}");
    assert!(server.data().exists());
}

fn desk_accepts(officer: &Phone) {
    officer.ok(&["event", FORM_ID, "accept"]);
    officer.sync();
    let shown = officer.show(FORM_ID);
    assert_eq!(shown["status"]["business"], 2, "{shown}");
    assert!(shown["due_at"].as_str().is_some_and(|due| due.ends_with("+07:00")), "{}", shown["due_at"]);
    assert_eq!(shown["pending_amendment"], Value::Null);
    assert_eq!(shown["accepted_heads"], shown["heads"], "the version that was accepted is named");
    // The code comes with the acceptance or, where the Centre issues it, with the next sync.
    officer.sync();
    let shown = officer.show(FORM_ID);
    assert!(shown["code"].as_str().is_some_and(|code| code.starts_with("H29.")), "{}", shown["code"]);
}

fn late_edit_waits_and_is_adopted(officer: &Phone, citizen: &Phone) {
    // The citizen has not heard of the acceptance.
    citizen.ok(&["set", FORM_ID, "applicant_address=số 9, khu phố 5, phường Thủ Dầu Một"]);
    citizen.sync();
    officer.sync();
    let shown = officer.show(FORM_ID);
    let amendment = &shown["pending_amendment"];
    assert_ne!(*amendment, Value::Null, "a late edit is shown beside the accepted version");
    assert_eq!(amendment["accepted_heads"], shown["accepted_heads"]);
    assert_ne!(amendment["heads"], amendment["accepted_heads"]);
    let changes = amendment["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{amendment}");
    assert_eq!(changes[0]["field"], "applicant_address");
    assert_eq!(changes[0]["now"][0]["by"], CITIZEN_NAME);
    assert_eq!(shown["status"]["business"], 2, "a late edit moves no status");

    officer.ok(&["event", FORM_ID, "adopt"]);
    officer.sync();
    citizen.sync();
    for phone in [officer, citizen] {
        let shown = phone.show(FORM_ID);
        assert_eq!(shown["pending_amendment"], Value::Null, "{shown}");
        assert_eq!(shown["answers"]["applicant_address"], "số 9, khu phố 5, phường Thủ Dầu Một");
    }
}

/// Everything that anybody sealed or did is told to everybody, with who said it.
fn nothing_sealed_is_missing(officer: &Phone, citizen: &Phone, postal: &Phone) {
    postal.sync();
    let told: Vec<Value> =
        [officer, citizen, postal].iter().map(|phone| phone.ok(&["history", FORM_ID])["entries"].clone()).collect();
    for history in &told {
        let entries = history.as_array().unwrap();
        assert!(entries.iter().all(|entry| entry["received"] == true), "the Centre has all of it: {history}");
        let acts: Vec<&str> = entries.iter().filter_map(|entry| entry["act"]["kind"].as_str()).collect();
        for act in ["submitted", "accepted", "adopted"] {
            assert!(acts.contains(&act), "{act} is missing: {acts:?}");
        }
        let said = |by: &str, field: &str, value: &str| {
            entries.iter().any(|entry| {
                let sets = entry["set"].as_array().into_iter().flatten();
                entry["by"] == by && sets.into_iter().any(|set| set["field"] == field && set["value"] == value)
            })
        };
        assert!(said(POSTAL_NAME, FIELD, "+84974111222"), "the postal worker's number: {history}");
        assert!(said(CITIZEN_NAME, FIELD, "+84905333444"), "the citizen's number");
        assert!(said(CITIZEN_NAME, "applicant_address", "số 9, khu phố 5, phường Thủ Dầu Một"), "the late edit");
    }
    // The same items; concurrent ones may stand in either order.
    let names = |history: &Value| -> BTreeSet<String> {
        let name = |entry: &Value| entry["change"].as_str().or(entry["event"].as_str()).unwrap_or_default().to_owned();
        history.as_array().unwrap().iter().map(name).collect()
    };
    assert_eq!(names(&told[0]).len(), told[0].as_array().unwrap().len(), "every entry is told once");
    assert_eq!(names(&told[0]), names(&told[1]), "officer and citizen are told the same");
    assert_eq!(names(&told[0]), names(&told[2]), "officer and postal worker are told the same");
}
