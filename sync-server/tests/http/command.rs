//! The command line, as operators and scripts use it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use dossier::wire::Invitation;

fn tram() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tram-server"));
    command.env_remove("TRAM_DATA").env_remove("TRAM_LISTEN").env_remove("TRAM_DATABASE_URL").env_remove("TRAM_WEB");
    command
}

fn invite(data: &Path, unit: &str) -> Output {
    tram()
        .args(["admin", "invite", "--role", "officer", "--name", "Nguyễn Thị Lan", "--unit", unit, "--data"])
        .arg(data)
        .output()
        .unwrap()
}

fn serve(data: &Path) -> (Child, String) {
    let mut child = tram()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim_end().to_owned())
}

fn last_word(output: &Output) -> Invitation {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.split_whitespace().last().unwrap().parse().unwrap()
}

#[tokio::test]
async fn invitations_are_made_before_the_first_serve_and_beside_it_and_the_server_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("centre");
    let before = last_word(&invite(&data, "25747"));
    let (mut child, address) = serve(&data);
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    let ready = reqwest::get(format!("{address}/v1/ready")).await.unwrap();
    let ready: serde_json::Value = ready.json().await.unwrap();
    assert_eq!(ready["centre"], before.centre.to_string());
    let beside = last_word(&invite(&data, "H29.16"));
    assert_eq!(beside.centre, before.centre);
    assert_ne!(beside.token, before.token);
    let asked = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_unknown_or_former_unit_is_a_usage_error_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let unknown = invite(dir.path(), "nowhere");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("knows no unit"), "{unknown:?}");
    let former = invite(dir.path(), "bd-ttpvhcc");
    assert_eq!(former.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&former.stderr).contains("is no more"), "{former:?}");
    assert_eq!(tram().arg("admin").output().unwrap().status.code(), Some(2));
}

#[test]
fn status_and_devices_speak_json() {
    let dir = tempfile::tempdir().unwrap();
    let ask = |what: &str| {
        let output = tram().args(["admin", what, "--json", "--data"]).arg(dir.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    assert_eq!(ask("status")["dossiers"], 0);
    assert_eq!(ask("devices"), serde_json::json!([]));
}

#[test]
fn a_device_that_was_never_seen_is_not_revoked_and_a_folder_without_apps_not_served() {
    let dir = tempfile::tempdir().unwrap();
    let unknown = tram()
        .args(["admin", "revoke", "--device", &"00".repeat(16), "--reason", "lost", "--data"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("ever seen"), "{unknown:?}");
    let served = tram()
        .args(["serve", "--listen", "127.0.0.1:0", "--web"])
        .arg(dir.path())
        .arg("--data")
        .arg(dir.path())
        .output();
    let served = served.unwrap();
    assert_eq!(served.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&served.stderr).contains("index.html"), "{served:?}");
}

#[test]
fn the_catalogue_check_says_where() {
    let shipped = tram().args(["catalogue", "check"]).output().unwrap();
    assert!(shipped.status.success(), "{shipped:?}");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("catalogue.json"), "{}").unwrap();
    let broken = tram().args(["catalogue", "check", "--json"]).arg(dir.path()).output().unwrap();
    assert_eq!(broken.status.code(), Some(1));
    let findings: serde_json::Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert!(findings.as_array().unwrap().iter().any(|finding| finding["file"] == "catalogue.json"), "{findings}");
    let nowhere = tram().args(["catalogue", "check", "no-such-directory"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
}
