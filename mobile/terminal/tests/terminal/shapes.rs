//! The shape of every answer: which keys a program may rely on.

use serde_json::Value;

use crate::home::Home;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

#[track_caller]
fn has(value: &Value, wanted: &[&str]) {
    let there = keys(value);
    for key in wanted {
        assert!(there.contains(key), "no {key} in {there:?}");
    }
}

/// Every required field of the birth registration.
const COMPLETE: &[&str] = &[
    "applicant_name=Nguyễn Văn An",
    "applicant_id=074090000123",
    "applicant_address=12/3 đường ĐX 043",
    "applicant_commune=25747",
    "applicant_phone=0912 345 678",
    "child_name=Nguyễn Thị Hòa",
    "child_birth=21/3/2026",
    "child_ethnicity=Kinh",
    "child_nationality=Việt Nam",
    "birth_place_address=Thủ Dầu Một",
    "home_town=Bình Dương",
    "mother_name=Trần Thị Lan",
    "mother_nationality=Việt Nam",
    "mother_address=12/3 đường ĐX 043",
    "declared_true=có",
];

/// A complete dossier: the choices are taken from the procedure's own lists.
fn complete(home: &Home) -> String {
    let dossier = home.birth();
    let sheet = home.answer(&["procedures", "1.001193"]);
    let mut arguments: Vec<String> = vec!["set".into(), dossier.clone()];
    arguments.extend(COMPLETE.iter().map(|text| (*text).to_owned()));
    for field in sheet["fields"].as_array().unwrap() {
        if field["type"] == "choice" && field["required"] == true {
            let id = field["id"].as_str().unwrap();
            let choices = field["choices"].as_array().unwrap();
            // The last choice of a place or delivery asks for least beside it.
            arguments.push(format!("{id}={}", choices.last().unwrap()["value"].as_str().unwrap()));
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    home.answer(&arguments);
    // What the choices made necessary is filled in too, until nothing is missing.
    for _ in 0..3 {
        let submitted = home.answer(&["submit", &dossier, "--channel", "online"]);
        let missing = submitted["answers_missing"].as_array().unwrap();
        if missing.is_empty() {
            return dossier;
        }
        for id in missing.iter().map(|id| id.as_str().unwrap()) {
            let field = sheet["fields"].as_array().unwrap().iter().find(|field| field["id"] == id).unwrap();
            let value = match field["type"].as_str().unwrap() {
                "integer" => "1",
                "unit" => "25747",
                "date" | "year_or_date" => "1/1/1990",
                "personal_id" => "074190000123",
                "choice" => field["choices"][0]["value"].as_str().unwrap(),
                "boolean" => "có",
                _ => "Bình Dương",
            };
            home.answer(&["set", &dossier, &format!("{id}={value}")]);
        }
    }
    panic!("the form cannot be completed");
}

#[test]
fn setting_up_and_asking_who_one_is() {
    let home = Home::empty();
    let made = home.answer(&["init", "--server", "http://127.0.0.1:9"]);
    assert_eq!(keys(&made), ["device", "key", "short", "server", "created"]);
    let status = home.answer(&["status"]);
    has(&status, &["device", "short", "server", "person", "role", "unit", "catalogue", "invitation_waiting"]);
    has(&status, &["last_contact", "unsent", "refused"]);
    has(
        &status,
        &["unsent_items", "unsent_files", "unsent_bytes", "drafts", "dossiers", "last_contact_ms", "clock_off_ms"],
    );
    assert_eq!((&status["unsent"], &status["person"]), (&0.into(), &Value::Null));
}

#[test]
fn procedures_and_one_procedure() {
    let home = Home::offline();
    let all = home.answer(&["procedures"]);
    let all = all["procedures"].as_array().unwrap();
    assert!(all.len() >= 15);
    has(&all[0], &["code", "name"]);
    let found = home.answer(&["procedures", "khai sinh"]);
    assert_eq!(found["procedures"][0]["code"], "1.001193");
    let sheet = home.answer(&["procedures", "1.001193"]);
    has(&sheet, &["code", "version", "name", "fields", "components", "channels"]);
    has(&sheet["fields"][0], &["id", "type", "label", "required", "choices"]);
    has(&sheet["components"][0], &["id", "name", "originals", "copies"]);
    // A word that is no code and finds nothing is an answer, not a failure; a code that is none is a fault.
    assert_eq!(home.answer(&["procedures", "qqqq"])["procedures"], serde_json::json!([]));
    assert_eq!(home.ask(&["procedures", "9.999999"]).fault_code(), "UNKNOWN_PROCEDURE");
}

#[test]
fn one_dossier_from_its_start_to_its_submission() {
    let home = Home::offline();
    let started = home.answer(&["new", "1.001193"]);
    has(&started, &["dossier", "provisional_code"]);
    let dossier = started["dossier"].as_str().unwrap();
    let set = home.answer(&["set", dossier, "child_name=An"]);
    assert_eq!(keys(&set), ["dossier", "set", "warnings"]);
    let file = home.file("anh.jpg", b"xyz");
    has(&home.answer(&["attach", dossier, "to-khai", &file.display().to_string()]), &["blob", "bytes"]);
    let counted = home.answer(&["count", dossier, "to-khai", "--originals", "1", "--copies", "0"]);
    assert_eq!(keys(&counted), ["dossier", "component", "originals", "copies"]);

    let complete = complete(&home);
    let shown = home.answer(&["show", &complete]);
    has(
        &shown,
        &[
            "dossier",
            "code",
            "provisional_code",
            "status",
            "answers",
            "conflicts",
            "components",
            "events",
            "due_at",
            "pending_amendment",
            "heads",
            "attachments",
        ],
    );
    has(&shown["status"], &["business", "name"]);
    assert_eq!((&shown["status"]["business"], &shown["status"]["name"]), (&1.into(), &"Mới đăng ký".into()));
    assert_eq!(shown["events"].as_array().map(Vec::len), Some(1));
    has(&shown["events"][0], &["event", "act", "by", "at", "heads", "ineffective"]);

    let told = home.answer(&["history", &complete]);
    assert_eq!(keys(&told), ["dossier", "entries"]);
    let entries = told["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| entry["what"].as_str().unwrap()).collect::<Vec<_>>(), ["change", "event"]);
    has(&entries[0], &["at", "by", "received", "change", "set"]);

    let comment = home.answer(&["event", &complete, "comment", "Đã gọi điện"]);
    has(&comment, &["event", "heads"]);
    let withdrawn = home.answer(&["event", &complete, "withdraw", "--reason", "Nộp nhầm"]);
    has(&withdrawn, &["event", "heads"]);
    assert_eq!(home.answer(&["show", &complete])["status"]["business"], 7);
    let run = home.ask(&["event", &complete, "withdraw"]);
    assert_eq!(run.code, 1, "a second time, and without a reason");
    run.fault();

    let card = &home.answer(&["list"])["dossiers"][0];
    has(card, &["dossier", "status"]);
    has(&home.answer(&["search", "nguyen van an"])["dossiers"][0], &["dossier", "status"]);
    assert_eq!(home.answer(&["list", "nguyen van an"])["dossiers"].as_array().map(Vec::len), Some(1));
    assert_eq!(home.answer(&["conflicts"])["dossiers"], serde_json::json!([]));
    let outbox = home.answer(&["outbox"]);
    assert!(outbox["items"].as_array().unwrap().len() >= 3, "{outbox}");
    assert_eq!(home.answer(&["status"])["unsent"], outbox["items"].as_array().unwrap().len());
    assert_eq!(home.answer(&["receipts"])["receipts"], serde_json::json!([]));
    has(&home.answer(&["receipts", &complete]), &["dossier", "receipts", "proofs"]);
    assert_eq!(home.answer(&["rebuild"])["dossiers"], 2);
}

#[test]
fn submitting_answers_event_and_heads() {
    let home = Home::offline();
    let dossier = complete(&home);
    // Nothing new to submit is either refused or another submission; it is never a broken answer.
    let again = home.ask(&["submit", &dossier, "--channel", "online"]);
    if again.code == 0 {
        has(&again.json(), &["event", "heads", "warnings"]);
    } else {
        assert_eq!(again.fault_code(), "STEP_REFUSED");
    }
}

#[test]
fn what_is_on_this_device_is_fetched_without_a_network() {
    let home = Home::offline();
    let dossier = home.birth();
    let file = home.file("anh.jpg", b"content of a photo");
    let attached = home.answer(&["attach", &dossier, "to-khai", &file.display().to_string()]);
    let out = home.path().join("ra");
    let fetched = home.answer(&["fetch", &dossier, "--out", &out.display().to_string()]);
    has(&fetched, &["dossier", "files", "bytes"]);
    has(&fetched["files"][0], &["blob", "bytes", "component", "page", "path"]);
    assert_eq!(fetched["files"][0]["blob"], attached["blob"]);
    let written = std::fs::read(fetched["files"][0]["path"].as_str().unwrap()).unwrap();
    assert_eq!(written, b"content of a photo");
}

#[test]
fn a_page_is_taken_out_and_the_device_says_what_waits() {
    let home = Home::offline();
    let dossier = home.birth();
    let file = home.file("anh.jpg", b"content of a photo");
    let attached = home.answer(&["attach", &dossier, "to-khai", &file.display().to_string()]);
    let blob = attached["blob"].as_str().unwrap();
    let status = home.answer(&["status"]);
    assert_eq!((&status["unsent_files"], &status["unsent_bytes"]), (&1.into(), &18.into()));
    assert_eq!((&status["dossiers"], &status["drafts"]), (&1.into(), &1.into()));
    assert!(home.run(&["status"]).stdout.contains("Files not sent yet: 1"));
    let gone = home.answer(&["detach", &dossier, "to-khai", blob]);
    assert_eq!(keys(&gone), ["dossier", "component", "blob"]);
    assert_eq!(home.answer(&["status"])["unsent_files"], 0);
    assert_eq!(home.ask(&["detach", &dossier, "to-khai", blob]).fault_code(), "NOT_FOUND");
    assert_eq!(home.ask(&["detach", &dossier, "to-khai", "zz"]).fault_code(), "NOT_FOUND");
}

#[test]
fn a_note_is_stored_composed() {
    let home = Home::offline();
    let dossier = complete(&home);
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd("Đã gọi điện").collect();
    home.answer(&["event", &dossier, "comment", "--text", &decomposed]);
    let events = home.answer(&["show", &dossier])["events"].clone();
    assert_eq!(events.as_array().unwrap().last().unwrap()["act"]["text"], "Đã gọi điện");
}
