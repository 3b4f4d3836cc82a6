//! Whatever is typed, given or full: a stable code, a sentence in two languages, and nothing half done.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use crate::home::{Home, Run};

fn refused(home: &Home, arguments: &[&str], code: &str) -> serde_json::Value {
    let run = home.ask(arguments);
    assert_eq!((run.code, run.fault_code().as_str()), (1, code), "{arguments:?}: {run:?}");
    run.fault()["details"].clone()
}

#[test]
fn a_folder_without_a_device_stays_empty() {
    let home = Home::empty();
    refused(&home, &["list"], "NOT_SET_UP");
    refused(&home, &["sync"], "NOT_SET_UP");
    assert!(!home.path().join("device").exists());
}

#[test]
fn an_address_that_is_none_is_refused() {
    refused(&Home::empty(), &["init", "--server", "tram.example.vn"], "BAD_REQUEST");
}

#[test]
fn an_unknown_procedure_names_the_nearest() {
    let home = Home::offline();
    let details = refused(&home, &["new", "khai sinh"], "UNKNOWN_PROCEDURE");
    assert!(details["did_you_mean"].as_str().is_some_and(|code| code.contains('.')), "{details}");
    refused(&home, &["new", "9.999999"], "UNKNOWN_PROCEDURE");
    assert_eq!(home.answer(&["list"])["dossiers"], serde_json::json!([]));
}

#[test]
fn an_unknown_field_names_the_nearest() {
    let home = Home::offline();
    let dossier = home.birth();
    let details = refused(&home, &["set", &dossier, "child_nam=An"], "UNKNOWN_FIELD");
    assert_eq!((&details["field"], &details["did_you_mean"]), (&"child_nam".into(), &"child_name".into()));
}

#[test]
fn a_value_of_the_wrong_type_leaves_the_old_one() {
    let home = Home::offline();
    let dossier = home.birth();
    home.answer(&["set", &dossier, "child_birth=21/3/2026"]);
    for value in ["31/2/2026", "hôm qua", "21 tháng 3"] {
        let run = home.ask(&["set", &dossier, &format!("child_birth={value}")]);
        assert_eq!(run.code, 1);
        assert!(matches!(run.fault_code().as_str(), "WRONG_TYPE" | "VALUE_REFUSED"), "{run:?}");
        assert_eq!(run.fault()["details"]["field"], "child_birth");
    }
    assert_eq!(home.answer(&["show", &dossier])["answers"]["child_birth"], "2026-03-21");
}

#[test]
fn a_personal_number_that_contradicts_the_birth_date_is_a_warning() {
    let home = Home::offline();
    let dossier = home.birth();
    // 074 Bình Dương, 1 = woman of the 20th century, 90 = born 1990; the form says 1985.
    let answer = home.answer(&["set", &dossier, "mother_birth=1985", "mother_id=074190000123"]);
    let warnings = answer["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|one| one.to_string().contains("id_contradicts_birth")), "{answer}");
    assert_eq!(home.answer(&["show", &dossier])["answers"]["mother_id"], "074190000123", "kept all the same");
    let page = home.run(&["set", &dossier, "mother_id=074190000123"]);
    assert!(page.stdout.contains("does not agree"), "{page:?}");
}

#[test]
fn text_in_an_old_encoding_is_warned_about_with_a_proposal() {
    let home = Home::offline();
    let dossier = home.birth();
    // UTF-8 once read as Windows-1252: what it seems to have been is offered, the name is not changed by itself.
    let broken = "PhÆ°á»\u{9d}ng PhÃº Lá»£i";
    let answer = home.answer(&["set", &dossier, &format!("home_town={broken}")]);
    let warning = &answer["warnings"][0];
    assert_eq!((&warning["code"], &warning["repaired"]), (&"legacy_encoding".into(), &"Phường Phú Lợi".into()));
    assert_eq!(home.answer(&["show", &dossier])["answers"]["home_town"], broken, "kept as it was typed");
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_unicode_are_refused_with_the_field() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let home = Home::offline();
    let dossier = home.birth();
    let mut command = home.command(&["set", &dossier, "--json"]);
    // "Phường" in TCVN3.
    command.arg(OsStr::from_bytes(b"child_name=Ph\xad\xebng"));
    let run = Run::of(command.output().unwrap());
    assert_eq!((run.code, run.fault_code().as_str()), (1, "LEGACY_ENCODING"), "{run:?}");
    assert_eq!(run.fault()["details"]["field"], "child_name");
    // The same from a file.
    let file = home.file("ten.txt", b"Ph\xad\xebng");
    let details = refused(&home, &["set", &dossier, &format!("child_name=@{}", file.display())], "LEGACY_ENCODING");
    assert_eq!(details["field"], "child_name");
    assert_eq!(home.answer(&["show", &dossier])["answers"], serde_json::json!({}));
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let home = Home::offline();
    let dossier = home.birth();
    refused(&home, &["attach", &dossier, "giay-chung-sinh", "/nowhere/anh.jpg"], "FILE_UNREADABLE");
    refused(&home, &["attach", &dossier, "giay-chung-sinh", &home.path().display().to_string()], "FILE_UNREADABLE");
    refused(&home, &["set", &dossier, "child_name=@/nowhere/ten.txt"], "FILE_UNREADABLE");
}

#[test]
fn three_gigabytes_are_refused_before_a_byte_is_read() {
    let home = Home::offline();
    let dossier = home.birth();
    let path = home.path().join("phim.mp4");
    File::create(&path).unwrap().set_len(3 << 30).unwrap();
    let details =
        refused(&home, &["attach", &dossier, "giay-chung-sinh", &path.display().to_string()], "ATTACHMENT_TOO_LARGE");
    assert_eq!(details["limit_bytes"], dossier::wire::limits::MAX_BLOB_BYTES.to_string());
    let components = home.answer(&["show", &dossier])["components"].clone();
    assert!(!components.to_string().contains("blob"), "{components}");
    let store = std::fs::metadata(home.path().join("device/device.sqlite")).unwrap().len();
    assert!(store < 4 << 20, "the store took in {store} bytes");
}

#[test]
fn an_unknown_component_is_refused() {
    let home = Home::offline();
    let dossier = home.birth();
    let file = home.file("anh.jpg", b"x");
    refused(&home, &["attach", &dossier, "giay-chung-sin", &file.display().to_string()], "UNKNOWN_COMPONENT");
    refused(&home, &["count", &dossier, "so-do", "--originals", "1", "--copies", "0"], "UNKNOWN_COMPONENT");
}

#[test]
fn a_dossier_that_is_not_here_is_refused() {
    let home = Home::offline();
    refused(&home, &["show", "01939d3a-7f00-7abc-8def-0123456789ab"], "UNKNOWN_DOSSIER");
    for text in ["xyz", "", "H29"] {
        let run = home.ask(&["show", text]);
        assert_eq!(run.code, 1);
        assert!(matches!(run.fault_code().as_str(), "BAD_DOSSIER_ID" | "UNKNOWN_DOSSIER"), "{run:?}");
    }
    refused(&home, &["new", "1.001193", "--id", "not-an-id"], "BAD_DOSSIER_ID");
}

#[test]
fn an_incomplete_form_is_handed_in_and_says_what_is_missing() {
    let home = Home::offline();
    let dossier = home.birth();
    home.answer(&["set", &dossier, "child_name=An"]);
    let submitted = home.answer(&["submit", &dossier, "--channel", "online"]);
    let missing = submitted["answers_missing"].as_array().unwrap();
    assert!(missing.iter().any(|field| field == "applicant_name"), "{submitted}");
    assert!(!missing.iter().any(|field| field == "child_name"), "{submitted}");
    assert_eq!(home.answer(&["show", &dossier])["answers"]["child_name"], "An");
}

#[test]
fn an_act_that_the_rules_forbid_leaves_no_trace() {
    let home = Home::offline();
    let dossier = home.birth();
    refused(&home, &["event", &dossier, "accept"], "NOT_ALLOWED");
    assert_eq!(home.answer(&["show", &dossier])["events"], serde_json::json!([]));
}

#[test]
fn a_second_process_is_told_that_the_device_is_in_use() {
    let home = Home::offline();
    let held = client_core::native::SqliteStore::open(&home.path().join("device/device.sqlite")).unwrap();
    refused(&home, &["list"], "IN_USE");
    drop(held);
    home.answer(&["list"]);
}

#[test]
fn a_store_that_is_none_is_not_touched() {
    let home = Home::offline();
    let file = home.path().join("device/device.sqlite");
    for extra in ["device.sqlite-wal", "device.sqlite-shm"] {
        let _ = std::fs::remove_file(home.path().join("device").join(extra));
    }
    std::fs::write(&file, b"this is no store, though it is long enough to look like a header of one ............")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    refused(&home, &["list"], "STORE_UNREADABLE");
    refused(&home, &["init", "--server", "http://127.0.0.1:9"], "STORE_UNREADABLE");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

/// Runs `set` where no file may grow, as on a full disk: by a file system without room where one may be made, otherwise
/// by the limit on file size.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_says_so_and_what_was_saved_stays() {
    let home = Home::offline();
    let dossier = home.birth();
    home.answer(&["set", &dossier, "child_name=An"]);
    let file = home.file("dia-chi.txt", "khu phố 4, ".repeat(300).as_bytes());
    let limited = |script: &str| {
        let mut command = Command::new("sh");
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TRAM_HOME", home.path().join("device"))
            .env("TRAM_LANG", "en")
            .stdin(Stdio::null())
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_tram"), "attach", &dossier, "giay-chung-sinh"])
            .args([file.display().to_string().as_str(), "--json"]);
        Run::of(command.output().unwrap())
    };
    // Sixteen blocks of 512 bytes: less than the store has already, so that nothing can be added to it.
    let run = limited("trap '' XFSZ; ulimit -f 16; exec \"$@\"");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(matches!(run.fault_code().as_str(), "DISK_FULL" | "NOT_SAVED"), "{run:?}");
    let shown = home.answer(&["show", &dossier]);
    assert_eq!(shown["answers"]["child_name"], "An");
    assert!(!shown["components"].to_string().contains("blob"), "{shown}");
    // With room again the same step works.
    home.answer(&["attach", &dossier, "giay-chung-sinh", &file.display().to_string()]);
}

#[test]
fn a_clock_ten_years_off_changes_no_work() {
    let home = Home::offline();
    for years in [-10_i64, 10] {
        let offset = (years * 31_557_600_000).to_string();
        let run = Run::of(
            home.command(&["new", "1.001193", "--json"]).env("TRAM_CLOCK_OFFSET_MS", &offset).output().unwrap(),
        );
        assert_eq!(run.code, 0, "{run:?}");
        let dossier = run.json()["dossier"].as_str().unwrap().to_owned();
        home.answer(&["set", &dossier, "child_name=An"]);
        assert_eq!(home.answer(&["show", &dossier])["answers"]["child_name"], "An");
    }
}
