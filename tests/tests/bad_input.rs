//! Bad input and bad luck: each ends in its stable code and a sentence in both languages, and nothing is lost or half
//! done.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a broken expectation ends the story, with the reason; what is left out is said"
)]

use std::{fs::File, path::Path, process::Command};

use client_core::{
    Device, MemoryStore, Method, Proceed, Request, Response, Submission, Transport, TransportFault,
    native::{HttpTransport, SystemClock, SystemEntropy},
};
use dossier::{
    fault::Code,
    id::DossierId,
    wire::{Frame, FrameFault, read_frames, write_frame},
};
use serde_json::Value;
use stories::{
    Answer, Cut, Database, Phone, Proxy, Role, Server, ServerOptions, UNIT,
    forms::{Form, Person},
    note_evidence, photo,
    rng::Rng,
};

const PROCEDURE: &str = "2.000908";
const TEN_YEARS_MS: i64 = 3_652 * 86_400_000;
const MEDIA_TYPE: &str = "application/vnd.tram.sync+zstd";

// ---- What a person types -------------------------------------------------------------------------------------------

#[test]
fn what_cannot_be_is_refused_and_what_stood_stays() {
    let phone = Phone::new("http://127.0.0.1:9");
    assert_eq!(phone.refused(&["new", "9.999999"]), "UNKNOWN_PROCEDURE");
    assert_eq!(phone.refused(&["new", PROCEDURE, "--id", "not-an-id"]), "BAD_DOSSIER_ID");
    let dossier = start(&phone);
    phone.ok(&["set", &dossier, "copy_count=2", "applicant_name=Nguyễn Thị Hòa"]);
    let before = phone.show(&dossier)["answers"].clone();

    assert_eq!(phone.refused(&["set", &dossier, "no_such_field=1"]), "UNKNOWN_FIELD");
    assert_eq!(phone.refused(&["set", &dossier, "copy_count=hai"]), "WRONG_TYPE");
    // All or nothing: the sound half of a refused command is not kept either.
    let refused = phone.refused(&["set", &dossier, "copy_count=3", "applicant_birth=31/02/1990"]);
    assert!(["WRONG_TYPE", "VALUE_REFUSED"].contains(&refused.as_str()), "{refused}");
    assert_eq!(phone.refused(&["attach", &dossier, "no-such-paper", "Cargo.toml"]), "UNKNOWN_COMPONENT");
    assert_eq!(phone.refused(&["attach", &dossier, "yeu-cau", "no/such/file.png"]), "FILE_UNREADABLE");
    assert_eq!(phone.refused(&["event", &dossier, "accept"]), "NOT_ALLOWED");
    assert_eq!(phone.show(&dossier)["answers"], before);
}

#[test]
fn doubts_are_warnings_and_text_becomes_nfc() {
    let phone = Phone::new("http://127.0.0.1:9");
    let dossier = start(&phone);
    let answer = phone.ok(&["set", &dossier, "applicant_birth=02/09/1985", "applicant_id=074190001234"]);
    assert!(answer.to_string().contains("id_contradicts_birth"), "{answer}");
    // Typed on a machine that splits marks from letters.
    phone.ok(&["set", &dossier, "applicant_name=Nguye\u{302}\u{303}n Thi\u{323} Ho\u{300}a"]);
    assert_eq!(phone.show(&dossier)["answers"]["applicant_name"], "Nguyễn Thị Hòa");
    let answer = phone.run(&["set", &dossier, "applicant_address=PhÆ°á»ng Thủ Dầu Một"]);
    assert!(answer.text.contains("legacy_encoding") || answer.text.contains("LEGACY_ENCODING"), "{}", answer.text);
}

#[test]
fn an_attachment_of_three_gigabytes_is_refused_before_it_is_read() {
    let phone = Phone::new("http://127.0.0.1:9");
    let dossier = start(&phone);
    // A file with a hole takes no space on the disk, and reading it whole would take far longer than this story.
    let path = phone.home().parent().unwrap().join("video.mp4");
    File::create(&path).unwrap().set_len(3 << 30).unwrap();
    assert_eq!(phone.refused(&["attach", &dossier, "yeu-cau", path.to_str().unwrap()]), "ATTACHMENT_TOO_LARGE");
    assert_eq!(phone.show(&dossier)["attachments"]["total"], 0);
}

// ---- What travels --------------------------------------------------------------------------------------------------

#[test]
fn a_truncated_or_altered_batch_is_refused_whole() {
    let mut server = Server::start(Database::Sqlite);
    let transport = HttpTransport::new(&server.url()).unwrap();
    let (mut device, dossier) = citizen_with_a_dossier(&server);
    let body = device.sync_begin().unwrap().body;
    let before = server.rows();

    let truncated = post(&transport, body[..body.len() - 40].to_vec());
    assert_refused(&truncated, &["DAMAGED"]);
    // Inside the compressed data: a bit of the frame's header may mean nothing to the batch.
    for position in [body.len() / 3, body.len() / 2, body.len() - 40] {
        let mut altered = body.clone();
        altered[position] ^= 0x20;
        assert_refused(&post(&transport, altered), &["DAMAGED", "BAD_SIGNATURE", "OVER_LIMIT"]);
    }
    // The frame is sound and the batch in it is not: one letter of somebody's name.
    let mut batch = zstd::decode_all(&body[..]).unwrap();
    let at = batch.len() / 2;
    batch[at] ^= 1;
    let resealed = post(&transport, zstd::encode_all(&batch[..], 3).unwrap());
    assert_refused(&resealed, &["DAMAGED", "BAD_SIGNATURE"]);
    assert_refused(&post(&transport, Vec::new()), &["DAMAGED", "BAD_REQUEST"]);
    assert_eq!(server.rows(), before, "nothing of a refused batch is kept");

    let report = device.sync(&transport, &mut |_| Proceed::Go);
    assert_eq!((report.fault, report.pending), (None, 0), "the work itself was safe all along");
    assert_eq!(device.show(&dossier).unwrap().unsent, 0);
    server.stop();
}

#[test]
fn a_parcel_that_came_whole_before_the_line_broke_is_kept_and_signed_for() {
    let mut server = Server::start(Database::Sqlite);
    let transport = HttpTransport::new(&server.url()).unwrap();
    let (mut device, dossier) = citizen_with_a_dossier(&server);
    let exchange = device.sync_begin().unwrap();
    // All but the end of the frame, which comes after the last parcel.
    let body = exchange.body[..exchange.body.len() - 7].to_vec();
    let answer = post(&transport, body);
    assert_eq!(answer.status, 200);
    let outcome = device.sync_receive(&exchange, &answer.body).unwrap();
    assert_eq!((outcome.accepted, outcome.fault.unwrap().code), (exchange.items(), Code::CutOff));
    assert_eq!(device.show(&dossier).unwrap().unsent, 0);
    server.stop();
}

#[test]
fn a_replayed_batch_changes_nothing() {
    for database in [Database::Sqlite, Database::Postgres] {
        let mut server = Server::start(database);
        let transport = HttpTransport::new(&server.url()).unwrap();
        let (mut device, _) = citizen_with_a_dossier(&server);
        let exchange = device.sync_begin().unwrap();
        let first = post(&transport, exchange.body.clone());
        let after_once = server.rows();
        let second = post(&transport, exchange.body.clone());
        assert_eq!((first.status, second.status), (200, 200));
        assert_eq!(receipts(&first.body), receipts(&second.body), "a replay brings the receipts of the first time");
        let items =
            |rows: Vec<(String, u64)>| rows.into_iter().filter(|(table, _)| table == "items").collect::<Vec<_>>();
        assert_eq!(items(server.rows()), items(after_once));
        // The answer to the replay counts as well as the first one would have.
        let outcome = device.sync_receive(&exchange, &second.body).unwrap();
        assert_eq!((outcome.fault, outcome.accepted), (None, exchange.items()));
        note_evidence(&format!("replayed batch ({})", database.name()), &server.evidence());
        server.stop();
    }
}

#[test]
fn a_server_gone_in_the_middle_of_a_request_costs_nothing() {
    let mut server = Server::start(Database::Sqlite);
    let proxy = Proxy::to(server.port());
    let phone = Phone::enrolled(&proxy.url(), &server.invite(Role::Postal, UNIT, "Bưu tá tuyến 3"));
    let dossier = submitted(&phone);
    for cut in [
        Cut::RequestAfter(1),
        Cut::RequestAfter(300),
        Cut::AnswerAfter(1),
        Cut::AnswerAfter(150),
        Cut::AnswerAfter(400),
    ] {
        proxy.cut(cut);
        let answer = phone.run(&["sync"]);
        // The last cuts may fall behind the receipt: then the work is received, and only the rest is missing.
        assert_eq!(answer.exit, Some(3), "{cut:?}: {}", answer.text);
        assert!(["CUT_OFF", "OFFLINE"].contains(&answer.fault_code().as_str()), "{cut:?}: {}", answer.text);
        assert_eq!(phone.show(&dossier)["status"]["business"], 1);
    }
    proxy.cut(Cut::Never);
    assert_eq!(phone.sync()["pending"], 0);
    let items = server.rows().into_iter().find(|(table, _)| table == "items").unwrap().1;
    assert_eq!(items, 2, "one change and one event, however often they were sent");
    server.stop();
}

#[test]
fn another_centre_at_the_same_address_gets_nothing() {
    let mut ours = Server::start(Database::Sqlite);
    let phone = Phone::enrolled(&ours.url(), &ours.invite(Role::Postal, UNIT, "Bưu tá tuyến 3"));
    phone.sync();
    let dossier = submitted(&phone);
    ours.stop();
    let mut theirs =
        Server::prepare(Database::Sqlite, ServerOptions { port: Some(ours.port()), ..ServerOptions::default() });
    theirs.up();
    let before = theirs.rows();
    assert_eq!(phone.refused(&["sync"]), "WRONG_CENTRE");
    assert_eq!(theirs.rows(), before);
    // An invitation of theirs does not turn the device either.
    assert_eq!(phone.refused(&["enrol", &theirs.invite(Role::Postal, UNIT, "Ai đó")]), "WRONG_CENTRE");
    theirs.stop();
    ours.up();
    assert_eq!(phone.sync()["pending"], 0);
    assert_eq!(phone.show(&dossier)["unsent"], 0);
    ours.stop();
}

// ---- Who somebody is -----------------------------------------------------------------------------------------------

/// A Centre's answer in which the certificate is somebody's own work.
struct Forger(HttpTransport);

impl Transport for Forger {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        let mut response = self.0.send(request)?;
        let mut forged = Vec::new();
        let frames = zstd::decode_all(&response.body[..]).unwrap();
        read_frames::<FrameFault>(&frames, |mut frame| {
            if let Frame::Welcome(welcome) = &mut frame {
                let last = welcome.certificate.body.len() - 1;
                welcome.certificate.body[last] ^= 1;
            }
            write_frame(&mut forged, &frame);
            Ok(())
        })
        .unwrap();
        response.body = zstd::encode_all(&forged[..], 3).unwrap();
        Ok(response)
    }
}

#[test]
fn a_forged_certificate_is_refused_and_the_true_one_taken() {
    let mut server = Server::start(Database::Sqlite);
    let mut device = device(&server);
    device.enrol(&server.invite(Role::Officer, UNIT, "Cán bộ một cửa")).unwrap();
    let report = device.sync(&Forger(HttpTransport::new(&server.url()).unwrap()), &mut |_| Proceed::Go);
    assert_eq!(report.fault.expect("a forgery is told").code, Code::CertificateRefused);
    assert_eq!(device.identity().certificate, None);
    // The invitation is not lost to the forger: the same device takes it up again.
    let report = device.sync(&HttpTransport::new(&server.url()).unwrap(), &mut |_| Proceed::Go);
    assert_eq!(report.fault, None);
    assert!(device.identity().certificate.is_some());
    server.stop();
}

#[test]
fn an_expired_certificate_opens_nothing() {
    let mut server = Server::prepare(Database::Sqlite, ServerOptions::default());
    let now_ms = client_core::Clock::now_ms(&SystemClock);
    let mut officer = device(&server);
    let invitation = server.invite(Role::Officer, UNIT, "Cán bộ nghỉ hưu");
    server.with_clock_at(now_ms - 2 * TEN_YEARS_MS, || {
        officer.enrol(&invitation).unwrap();
        officer.sync(&HttpTransport::new(&server.url()).unwrap(), &mut |_| Proceed::Go);
    });
    let certificate = officer.identity().certificate.expect("it was valid once");
    assert!(!certificate.is_valid_at(now_ms), "{certificate:?}");
    server.up();
    let (mut citizen, dossier) = citizen_with_a_dossier(&server);
    let transport = HttpTransport::new(&server.url()).unwrap();
    assert_eq!(citizen.sync(&transport, &mut |_| Proceed::Go).pending, 0);
    let report = officer.sync(&transport, &mut |_| Proceed::Go);
    assert_eq!(report.received, 0, "a lapsed certificate reads nothing of the unit: {report:?}");
    assert_eq!(officer.show(&dossier).unwrap_err().code, Code::UnknownDossier);
    server.stop();
}

#[test]
fn a_clock_ten_years_off_changes_no_order_and_is_told() {
    let mut server = Server::start(Database::Sqlite);
    let officer = Phone::enrolled(&server.url(), &server.invite(Role::Officer, UNIT, "Cán bộ một cửa"));
    for off_ms in [-TEN_YEARS_MS, TEN_YEARS_MS] {
        let invitation = server.invite(Role::Postal, UNIT, "Bưu tá tuyến 3");
        let phone = Phone::empty().with_variable("TRAM_CLOCK_OFFSET_MS", &off_ms.to_string());
        phone.ok(&["init", "--server", &server.url()]);
        phone.ok(&["enrol", &invitation]);
        let dossier = submitted(&phone);
        let report = phone.sync();
        assert_eq!(report["pending"], 0, "{report}");
        let told = report["clock_off_ms"].as_i64().expect("the device is told that its clock is off");
        assert_eq!(report["warnings"][0]["code"], "CLOCK_OFF", "{report}");
        assert!((told + off_ms).abs() < 60_000, "{told}");
        officer.sync();
        let shown = officer.show(&dossier);
        assert_eq!(shown["status"]["business"], 1, "{shown}");
        let at = &shown["submitted_at"];
        assert_eq!(at["clock"], "corrected", "{at}");
        let now_ms = client_core::Clock::now_ms(&SystemClock);
        assert!((now_ms - at["at_ms"].as_i64().unwrap()).abs() < 600_000, "{at}");
        officer.ok(&["event", &dossier, "accept"]);
        officer.sync();
        assert_eq!(officer.show(&dossier)["status"]["business"], 2);
    }
    server.stop();
}

// ---- Full disks ----------------------------------------------------------------------------------------------------

/// A small disk of its own; none where this user may not make one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    #[expect(clippy::print_stdout, reason = "a story that could not be played is said in the test's output")]
    fn new(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=777"), "tmpfs"]).arg(directory.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            println!("a full disk needs a small one of its own, which only root may mount: left out");
        }
        mounted.then_some(Self(directory))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes until nothing more fits.
    fn fill(&self) {
        use std::io::Write;
        let mut file = File::create(self.path().join("filler")).unwrap();
        for size in [65_536, 4_096, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_of_a_device_is_said_and_what_was_saved_stays() {
    let Some(disk) = SmallDisk::new("4m") else { return };
    let phone = Phone::at(&disk.path().join("home"));
    phone.ok(&["init", "--server", "http://127.0.0.1:9"]);
    let dossier = start(&phone);
    phone.ok(&["set", &dossier, "applicant_name=Nguyễn Thị Hòa"]);
    disk.fill();
    let long = format!("document_title={}", "Bằng tốt nghiệp ".repeat(8));
    let file = photo(phone.home().parent().unwrap().parent().unwrap(), "anh.png", 200_000);
    assert_eq!(phone.refused(&["attach", &dossier, "yeu-cau", file.to_str().unwrap()]), "DISK_FULL");
    std::fs::remove_file(file).unwrap();
    // A short answer may still fit into what is left of the log; sooner or later it does not.
    let refused = (0..200).map(|_| phone.run(&["set", &dossier, &long])).find(|answer| answer.exit != Some(0));
    assert_eq!(refused.expect("a full disk takes nothing").fault_code(), "DISK_FULL");
    disk.free();
    let shown = phone.show(&dossier);
    assert_eq!(shown["answers"]["applicant_name"], "Nguyễn Thị Hòa");
    assert_eq!(shown["attachments"]["total"], 0, "half an attachment is none");
    phone.ok(&["set", &dossier, &long]);
}

#[test]
fn a_full_disk_of_the_centre_is_said_and_the_work_stays_on_the_device() {
    let Some(disk) = SmallDisk::new("8m") else { return };
    let data = disk.path().join("centre");
    let mut server = Server::prepare(Database::Sqlite, ServerOptions { data: Some(data), ..ServerOptions::default() });
    server.up();
    let phone = Phone::enrolled(&server.url(), &server.invite(Role::Postal, UNIT, "Bưu tá tuyến 3"));
    phone.sync();
    disk.fill();
    // What is left of the log's last pages may take some.
    let mut answer: Option<Answer> = None;
    let mut dossiers = Vec::new();
    for _ in 0..40 {
        dossiers.push(submitted(&phone));
        let tried = phone.run(&["sync"]);
        if tried.exit != Some(0) {
            answer = Some(tried);
            break;
        }
    }
    assert_eq!(answer.expect("a full disk takes nothing").fault_code(), "NOT_STORED");
    assert_ne!(phone.show(dossiers.last().unwrap())["unsent"], 0);
    disk.free();
    assert!(server.is_up(), "a full disk stops no server");
    assert_eq!(phone.sync()["pending"], 0);
    let items = server.rows().into_iter().find(|(table, _)| table == "items").unwrap().1;
    assert_eq!(items, 2 * dossiers.len() as u64, "each change and each event once");
    server.stop();
}

// ---- What they share -----------------------------------------------------------------------------------------------

fn start(phone: &Phone) -> String {
    phone.ok(&["new", PROCEDURE])["dossier"].as_str().unwrap().to_owned()
}

fn submitted(phone: &Phone) -> String {
    let dossier = start(phone);
    let mut rng = Rng::new(11);
    let answers = Form::of(PROCEDURE).answers(&Person::any(&mut rng), &mut rng);
    let typed: Vec<String> = answers.iter().map(|(field, value)| format!("{field}={value}")).collect();
    let mut set = vec!["set", &dossier];
    set.extend(typed.iter().map(String::as_str));
    phone.ok(&set);
    phone.ok(&["submit", &dossier]);
    dossier
}

fn device(server: &Server) -> Device {
    Device::init(MemoryStore::new(), SystemClock, SystemEntropy::new(), &server.url()).unwrap()
}

fn citizen_with_a_dossier(server: &Server) -> (Device, DossierId) {
    let mut device = device(server);
    let mut rng = Rng::new(5);
    let dossier = device.new_dossier(PROCEDURE, None).unwrap().dossier;
    let answers = Form::of(PROCEDURE).answers(&Person::any(&mut rng), &mut rng);
    let typed: Vec<(&str, &str)> = answers.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
    device.set(&dossier, &typed).unwrap();
    device.submit(&dossier, &Submission { unit: Some(UNIT.to_owned()), channel: None }).unwrap();
    (device, dossier)
}

fn post(transport: &HttpTransport, body: Vec<u8>) -> Response {
    let headers = vec![("content-type".to_owned(), MEDIA_TYPE.to_owned())];
    transport.send(Request { method: Method::Post, path: "/v1/sync".to_owned(), headers, body }).unwrap()
}

/// A refusal has a stable code and a sentence in both languages.
fn assert_refused(response: &Response, codes: &[&str]) {
    assert!((400..500).contains(&response.status), "{}", response.status);
    let fault: Value = serde_json::from_slice(&response.body).unwrap();
    assert!(codes.contains(&fault["code"].as_str().unwrap()), "{fault}");
    for language in ["vi", "en"] {
        assert!(fault["message"][language].as_str().unwrap().ends_with('.'), "{fault}");
    }
}

fn receipts(body: &[u8]) -> Vec<Vec<u8>> {
    let frames = zstd::decode_all(body).unwrap();
    let mut receipts = Vec::new();
    read_frames::<FrameFault>(&frames, |frame| {
        if let Frame::Receipt(receipt) = frame {
            receipts.push(receipt.0.body);
        }
        Ok(())
    })
    .unwrap();
    receipts
}
