//! Exit codes, streams and languages.

use std::process::Stdio;

use crate::home::{Home, Run};

#[test]
fn a_command_line_that_makes_no_sense_ends_with_two() {
    let home = Home::empty();
    for arguments in [&["shwo"][..], &["show"], &["list", "--nonsense"], &[], &["init"], &["event", "x", "nod"]] {
        let run = home.ask(arguments);
        assert_eq!((run.code, run.fault_code().as_str()), (2, "BAD_REQUEST"), "{arguments:?}");
        let person = home.run(arguments);
        assert_eq!((person.code, person.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(person.stderr.contains("--help"), "{person:?}");
    }
    assert!(!home.path().join("device").exists());
}

#[test]
fn an_assignment_without_a_sign_is_a_usage_error() {
    let home = Home::offline();
    let dossier = home.birth();
    for text in ["child_name", "=An"] {
        let run = home.ask(&["set", &dossier, "child_name=An", text]);
        assert_eq!((run.code, run.fault_code().as_str()), (2, "BAD_REQUEST"), "{text}");
    }
    assert_eq!(home.answer(&["show", &dossier])["answers"], serde_json::json!({}));
}

#[test]
fn help_is_in_the_chosen_language_and_on_standard_output() {
    let home = Home::empty();
    let vietnamese = Run::of(home.command(&["--help", "--lang", "vi"]).output().unwrap());
    let english = home.run(&["--help"]);
    for (run, word) in [(&vietnamese, "Cách dùng"), (&english, "Usage")] {
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains(word), "{run:?}");
        for command in ["init", "enrol", "procedures", "sync", "event", "receipts"] {
            assert!(run.stdout.contains(command), "{command}: {run:?}");
        }
    }
    assert!(!vietnamese.stdout.contains("Commands") && !vietnamese.stdout.contains("Print"), "{vietnamese:?}");
    assert!(home.run(&["event", "x", "ask", "--help"]).stdout.contains("--items"));
    assert!(home.run(&["--version"]).stdout.starts_with("tram "));
}

#[test]
fn a_failure_is_one_sentence_in_the_chosen_language() {
    let home = Home::empty();
    let vietnamese = Run::of(home.command(&["list"]).env("TRAM_LANG", "vi").output().unwrap());
    assert_eq!((vietnamese.code, vietnamese.stdout.as_str()), (1, ""));
    assert!(vietnamese.stderr.starts_with("Máy này chưa được thiết lập."), "{vietnamese:?}");
    assert!(home.run(&["list"]).stderr.starts_with("This device is not set up."));
    // Vietnamese is what nobody asked for.
    let plain = Run::of(home.command(&["list"]).env_remove("TRAM_LANG").output().unwrap());
    assert_eq!(plain.stderr, vietnamese.stderr);
}

#[test]
fn a_reader_who_stops_reading_is_no_failure() {
    let home = Home::offline();
    let mut child = home.command(&["procedures"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let home = Home::offline();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(&["procedures", "--json"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!output.stderr.is_empty());
}

#[cfg(unix)]
#[test]
fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::offline();
    let mode = std::fs::metadata(home.path().join("device")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_log_holds_nothing_personal() {
    let home = Home::offline();
    let dossier = home.birth();
    let mut command = home.command(&["set", &dossier, "child_name=Nguyễn Thị Hòa"]);
    let run = Run::of(command.env("TRAM_LOG", "trace").output().unwrap());
    assert_eq!(run.code, 0);
    assert!(!run.stderr.contains("Nguyễn"), "{run:?}");
}
