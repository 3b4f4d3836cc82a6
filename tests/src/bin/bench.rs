//! Measured work on real devices: what `cargo xtask bench` runs. One JSON object on standard output.
//!
//! `bench phone` and `bench push` measure; `bench prepare-sets HOME` and `bench sets HOME N` are the two halves of
//! counting what one `set` costs the disk: the second is run under a trace of the kernel.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measuring program: its report goes to standard output, and it ends when something does not work"
)]

use std::{
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use client_core::{
    Device, Method, Proceed, Request, Response, Submission, Transport, TransportFault,
    native::{HttpTransport, SqliteStore, SystemClock, SystemEntropy},
    ports::SeededEntropy,
};
use dossier::id::DossierId;
use serde_json::{Value, json};
use stories::{
    Database, Role, Server, UNIT,
    field::{Plan, field_day, ingest, slow_link},
    forms::{Form, Person},
    repair::ten_lost_on_each_side,
    rng::Rng,
};

/// Dossiers in the store that is opened and searched: a postal worker's month.
const PHONE_DOSSIERS: usize = 2_000;
/// Dossiers in one push: a postal worker's week in a lockdown.
const PUSH_DOSSIERS: usize = 1_000;
/// Dossiers that one phone brings to be ingested.
const INGEST_DOSSIERS: usize = 1_000;
const INGEST_RUNS: usize = 5;
/// Dossiers of a phone that lost some, as did its Centre.
const REPAIR_DOSSIERS: usize = 2_000;
/// Sealed changes of the dossier that is shown.
const SEALED_CHANGES: usize = 100;
/// A time is the median of so many.
const RUNS: usize = 15;
const PROCEDURE: &str = "1.012783";
const NOWHERE: &str = "http://127.0.0.1:9";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match words.as_slice() {
        ["phone"] => phone(),
        ["push"] => push(),
        ["field-day"] => field_day(&Plan::default()),
        ["quiet"] => field_day(&Plan { dossiers: 10, edits: 1, runs: 1, delays: vec![Duration::ZERO] }),
        ["ingest"] => ingest(INGEST_DOSSIERS, INGEST_RUNS),
        ["slow-link"] => slow_link(PUSH_DOSSIERS),
        ["repair"] => repair(),
        ["prepare-sets", home] => {
            let mut device = make(&Path::new(home).with_extension("sqlite"), NOWHERE);
            device.new_dossier(PROCEDURE, None).unwrap();
            return ExitCode::SUCCESS;
        }
        ["sets", home, sets] => {
            some_sets(&Path::new(home).with_extension("sqlite"), sets.parse().unwrap());
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!(
                "usage: bench phone | push | field-day | quiet | ingest | slow-link | repair | prepare-sets HOME | \
                 sets HOME N"
            );
            return ExitCode::from(2);
        }
    };
    println!("{figures}");
    ExitCode::SUCCESS
}

fn phone() -> Value {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("device.sqlite");
    let mut device = make(&file, NOWHERE);
    let mut rng = Rng::new(1);
    let form = Form::of(PROCEDURE);
    let dossiers: Vec<DossierId> = (0..PHONE_DOSSIERS).map(|_| collect(&mut device, &form, &mut rng)).collect();

    let mut sets = Vec::new();
    for (number, dossier) in dossiers.iter().enumerate().take(50) {
        let value = format!("{}", 100 + number);
        sets.push(timed(|| device.set(dossier, &[("plot_area_m2", &value)]).map(drop).unwrap()));
    }
    let long = seal_many(&mut device, &form, &mut rng);
    let shows: Vec<Duration> = (0..RUNS).map(|_| timed(|| drop(device.show(&long).unwrap()))).collect();
    drop(device);

    let mut opens = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let opened = open(&file);
        opens.push(begun.elapsed());
        drop(opened);
    }
    let mut device = open(&file);
    // The first search of a session builds what later ones use; people feel both.
    let first_search = timed(|| drop(device.search("nguyen thi").unwrap()));
    let words = ["nguyen thi hoa", "thach", "y blo", "1.012783", "tran van"];
    let searches: Vec<Duration> =
        words.iter().cycle().take(RUNS).map(|words| timed(|| drop(device.search(words).unwrap()))).collect();
    json!({
        "dossiers": PHONE_DOSSIERS,
        "store_bytes": std::fs::metadata(&file).unwrap().len(),
        "open_ms": median_ms(opens),
        "first_search_ms": ms(first_search),
        "search_ms": median_ms(searches),
        "set_ms": median_ms(sets),
        "show_100_changes_ms": median_ms(shows),
    })
}

/// What it takes until a phone and a Centre that each lost ten of so many dossiers are whole again.
fn repair() -> Value {
    let mended = ten_lost_on_each_side(REPAIR_DOSSIERS);
    let (repair, sync, full) = (&mended.repair, &mended.sync, &mended.full);
    let ratio = |bytes: u64| ((bytes as f64) / (full.received_bytes as f64) * 10_000.0).round() / 10_000.0;
    json!({
        "dossiers": REPAIR_DOSSIERS,
        "differed": repair.dossiers,
        "repair_round_trips": repair.round_trips,
        "repair_bytes_up": repair.sent_bytes,
        "repair_bytes_down": repair.received_bytes,
        "repair_bytes": repair.sent_bytes + repair.received_bytes,
        "requests": sync.round_trips,
        "bytes_up": sync.sent_bytes,
        "bytes_down": sync.received_bytes,
        "full_resync_requests": full.round_trips,
        "full_resync_bytes_up": full.sent_bytes,
        "full_resync_bytes_down": full.received_bytes,
        "bytes_down_by_full_resync": ratio(sync.received_bytes),
        "quiet_bytes_up": mended.quiet.sent_bytes,
        "quiet_bytes_down": mended.quiet.received_bytes,
        "pending": sync.pending,
        "missing_here": REPAIR_DOSSIERS - mended.here,
        "missing_there": REPAIR_DOSSIERS as u64 - mended.there,
    })
}

fn push() -> Value {
    let mut server = Server::start(Database::Sqlite);
    let directory = tempfile::tempdir().unwrap();
    let mut device = make(&directory.path().join("device.sqlite"), &server.url());
    device.enrol(&server.invite(Role::Postal, UNIT, "Bưu tá tuyến 3")).unwrap();
    let transport = Counted { inner: HttpTransport::new(&server.url()).unwrap(), requests: 0.into() };
    assert_eq!(device.sync(&transport, &mut |_| Proceed::Go).fault, None);

    let (mut rng, form) = (Rng::new(2), Form::of(PROCEDURE));
    for _ in 0..PUSH_DOSSIERS {
        collect(&mut device, &form, &mut rng);
    }
    let before = transport.requests.load(std::sync::atomic::Ordering::SeqCst);
    let begun = Instant::now();
    let report = device.sync(&transport, &mut |_| Proceed::Go);
    let took = begun.elapsed();
    assert_eq!(report.fault, None, "{report:?}");
    let requests = transport.requests.load(std::sync::atomic::Ordering::SeqCst) - before;
    let begun = Instant::now();
    let quiet = device.sync(&transport, &mut |_| Proceed::Go);
    let quiet_took = begun.elapsed();
    server.stop();
    json!({
        "dossiers": PUSH_DOSSIERS,
        "round_trips": requests,
        "accepted": report.accepted - report.refused.len(),
        "pending": report.pending,
        "sent_bytes": report.sent_bytes,
        "received_bytes": report.received_bytes,
        "sent_bytes_per_dossier": report.sent_bytes / PUSH_DOSSIERS as u64,
        "push_ms": ms(took),
        "quiet_round_trips": quiet.round_trips,
        "quiet_sent_bytes": quiet.sent_bytes,
        "quiet_received_bytes": quiet.received_bytes,
        "quiet_ms": ms(quiet_took),
    })
}

/// A transport that counts what really goes out.
struct Counted {
    inner: HttpTransport,
    requests: std::sync::atomic::AtomicU64,
}

impl Transport for Counted {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        assert_eq!((request.method, request.path.as_str()), (Method::Post, "/v1/sync"));
        self.requests.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        self.inner.send(request)
    }
}

/// Fills in and submits one dossier.
fn collect(device: &mut Device, form: &Form, rng: &mut Rng) -> DossierId {
    let answers = form.answers(&Person::any(rng), rng);
    let typed: Vec<(&str, &str)> = answers.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
    let dossier = device.new_dossier(&form.procedure, None).unwrap().dossier;
    device.set(&dossier, &typed).unwrap();
    device.submit(&dossier, &Submission { unit: Some(UNIT.to_owned()), channel: None }).unwrap();
    dossier
}

/// A dossier with as many sealed changes as are to be shown: each packing for a sync seals what was typed since.
fn seal_many(device: &mut Device, form: &Form, rng: &mut Rng) -> DossierId {
    let dossier = collect(device, form, rng);
    for number in 1..SEALED_CHANGES {
        device.set(&dossier, &[("plot_area_m2", &format!("{}", 1_000 + number))]).unwrap();
        drop(device.submit(&dossier, &Submission { unit: Some(UNIT.to_owned()), channel: None }).unwrap());
    }
    dossier
}

/// One field, set over and over, each time durable.
fn some_sets(file: &Path, sets: usize) {
    let mut device = open(file);
    let dossier = device.list(&client_core::ListQuery::default()).unwrap().cards[0].dossier;
    for number in 0..sets {
        device.set(&dossier, &[("plot_area_m2", &format!("{}", 100 + number))]).unwrap();
    }
}

fn make(file: &Path, server_url: &str) -> Device {
    Device::init(SqliteStore::open(file).unwrap(), SystemClock, SeededEntropy::new(3), server_url).unwrap()
}

fn open(file: &Path) -> Device {
    Device::open(SqliteStore::open(file).unwrap(), SystemClock, SystemEntropy::new()).unwrap()
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    ms(times[times.len() / 2])
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
