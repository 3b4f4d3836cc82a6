//! Nobody answers, somebody else answers, or the answer breaks off: the work stays, and the exit code says so.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use dossier::{id::PublicKey, wire::Invitation};

use crate::home::Home;

/// A server that reads the beginning of each request, says this, and hangs up.
fn says(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut begin = [0; 1024];
            let _ = connection.read(&mut begin);
            let _ = connection.write_all(answer);
        }
    });
    url
}

fn invitation(centre: u8) -> String {
    // Any 32 bytes name a Centre as long as nobody has to check its signature.
    Invitation { centre: PublicKey([centre; 32]), token: [7; 16] }.to_string()
}

/// A dossier with one answer that the Centre does not have.
fn with_work(home: &Home) -> String {
    let dossier = home.birth();
    home.answer(&["set", &dossier, "child_name=An"]);
    dossier
}

fn still_there(home: &Home, dossier: &str) {
    assert_eq!(home.answer(&["show", dossier])["answers"]["child_name"], "An");
    let outbox = home.answer(&["outbox"]);
    assert!(outbox["items"].as_array().is_some_and(|items| !items.is_empty()), "{outbox}");
}

#[test]
fn offline_sync_ends_with_three_and_keeps_the_work() {
    let home = Home::offline();
    let dossier = with_work(&home);
    let run = home.ask(&["sync"]);
    assert_eq!((run.code, run.fault_code().as_str()), (3, "OFFLINE"));
    assert!(run.json()["pending"].as_u64().is_some_and(|pending| pending > 0), "{run:?}");
    still_there(&home, &dossier);
    let person = home.run(&["sync"]);
    assert_eq!((person.code, person.stdout.as_str()), (3, ""));
    assert!(person.stderr.contains("safe on this device"), "{person:?}");
}

#[test]
fn a_connection_that_breaks_keeps_the_work() {
    let home = Home::of_server(&says(b""));
    let dossier = with_work(&home);
    let run = home.ask(&["sync"]);
    assert_eq!((run.code, run.fault()["retry"].as_str()), (3, Some("later")), "{run:?}");
    still_there(&home, &dossier);
}

#[test]
fn a_stranger_who_answers_is_not_the_centre() {
    let home = Home::of_server(&says(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"));
    let dossier = with_work(&home);
    let run = home.ask(&["sync"]);
    assert_eq!((run.code, run.fault_code().as_str()), (1, "DAMAGED"));
    still_there(&home, &dossier);
}

#[test]
fn an_invitation_is_kept_offline_and_waits_for_the_next_sync() {
    let home = Home::offline();
    let run = home.ask(&["enrol", &invitation(1)]);
    assert_eq!((run.code, run.fault_code().as_str()), (3, "OFFLINE"));
    assert_eq!(home.answer(&["status"])["invitation_waiting"], true);
}

#[test]
fn an_invitation_of_another_centre_is_refused() {
    let home = Home::offline();
    home.ask(&["enrol", &invitation(1)]);
    let run = home.ask(&["enrol", &invitation(2)]);
    assert_eq!((run.code, run.fault_code().as_str()), (1, "WRONG_CENTRE"));
}

#[test]
fn a_mistyped_invitation_is_refused_and_nothing_waits() {
    let home = Home::offline();
    for text in ["TRAM1-ABC", "hello", ""] {
        let run = home.ask(&["enrol", text]);
        assert_eq!((run.code, run.fault_code().as_str()), (1, "INVITATION_UNREADABLE"), "{text}");
    }
    assert_eq!(home.answer(&["status"])["invitation_waiting"], false);
}
