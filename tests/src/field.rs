//! The field day: one phone's thousand dossiers pushed to a real server, pulled by an empty branch, and what every sync
//! after that costs; with the floor of the same run beside every time.
//!
//! ```text
//! Morning (made once) ─copy─▶ Day { server, phone, branch } ─ push · kill -9 · pull · quiet · ten edits ─▶ phases
//!                                        through a Link with 0 or 300 ms
//! ```
//!
//! Seconds drift with the machine: read the ratio to the floor of the same run. Requests, bytes and what was kept do not.

mod floor;
mod ingest;
mod morning;
mod slow;
mod visit;
mod watched;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use client_core::{Device, Proceed, Request, Response, SyncReport, Transport, TransportFault, native::HttpTransport};
use serde_json::{Value, json};

pub use ingest::ingest;
pub use morning::Morning;
pub use slow::slow_link;

use crate::{Line, Link, Server};
use floor::Floor;
use watched::Watched;

/// Dossiers that are edited and pushed again.
const EDITED: usize = 10;

/// How a field day is played.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Dossiers of the phone.
    pub dossiers: usize,
    /// Edits in which each is made.
    pub edits: usize,
    /// Each figure is the median of so many days.
    pub runs: usize,
    /// Round trips of the line that are played.
    pub delays: Vec<Duration>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { dossiers: 1_000, edits: 20, runs: 3, delays: vec![Duration::ZERO, Duration::from_millis(300)] }
    }
}

/// What one phase of one day cost.
#[derive(Debug, Clone)]
struct Phase {
    name: &'static str,
    took: Duration,
    floor: Duration,
    requests: u64,
    up_bytes: u64,
    down_bytes: u64,
    peak_bytes: Option<u64>,
    processor: Option<Duration>,
    own_processor: Option<Duration>,
    flushes: Option<u64>,
}

/// Plays field days and answers their figures.
#[must_use]
pub fn field_day(plan: &Plan) -> Value {
    let morning = Morning::make(plan.dossiers, plan.edits);
    // One day is played under a trace that counts flushes to disk and slows everything down; its times are dropped.
    let (counted, mut kept) = play(&morning, Duration::ZERO, Watched::traced);
    let mut phases = Vec::new();
    for delay in &plan.delays {
        let mut days = Vec::new();
        for _ in 0..plan.runs {
            let (day, there) = play(&morning, *delay, Watched::over);
            kept = kept.min(there);
            days.push(day);
        }
        for (number, counted) in counted.iter().enumerate() {
            let same: Vec<&Phase> = days.iter().map(|day| &day[number]).collect();
            phases.push(figures(&same, counted, *delay, morning.frame_bytes()));
        }
    }
    json!({
        "dossiers": plan.dossiers,
        "fields": morning.fields(),
        "edits": plan.edits,
        "runs": plan.runs,
        "f_bytes": morning.frame_bytes(),
        "save_bytes": morning.saved_bytes(),
        "acknowledged": plan.dossiers,
        "there_after_kill": kept,
        "phases": phases,
    })
}

fn figures(same: &[&Phase], counted: &Phase, delay: Duration, frame_bytes: u64) -> Value {
    let middle = |of: &dyn Fn(&Phase) -> f64| -> f64 {
        let mut all: Vec<f64> = same.iter().map(|phase| of(phase)).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let most = |of: &dyn Fn(&Phase) -> u64| same.iter().map(|phase| of(phase)).max();
    let peak = same.iter().map(|phase| phase.peak_bytes).max().flatten();
    let processor = same.iter().all(|phase| phase.processor.is_some());
    let own = same.iter().all(|phase| phase.own_processor.is_some());
    let own_seconds = |phase: &Phase| phase.own_processor.unwrap_or_default().as_secs_f64();
    let seconds = |phase: &Phase| phase.processor.unwrap_or_default().as_secs_f64();
    json!({
        "phase": counted.name,
        "delay_ms": delay.as_millis(),
        "seconds": round(middle(&|phase| phase.took.as_secs_f64())),
        "floor_seconds": round(middle(&|phase| phase.floor.as_secs_f64())),
        "ratio": round(middle(&|phase| phase.took.as_secs_f64() / phase.floor.as_secs_f64())),
        "requests": most(&|phase| phase.requests),
        "bytes_up": most(&|phase| phase.up_bytes),
        "bytes_down": most(&|phase| phase.down_bytes),
        "bytes_up_by_f": round(middle(&|phase| phase.up_bytes as f64) / frame_bytes as f64),
        "bytes_down_by_f": round(middle(&|phase| phase.down_bytes as f64) / frame_bytes as f64),
        "server_peak_rss_bytes": peak,
        "server_cpu_seconds": processor.then(|| round(middle(&seconds))),
        "device_cpu_seconds": own.then(|| round(middle(&own_seconds))),
        "fsyncs": counted.flushes,
    })
}

fn round(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

/// One day: its phases, and how many of the acknowledged dossiers were there after the kill.
fn play(morning: &Morning, delay: Duration, watch: fn(u32) -> Watched) -> (Vec<Phase>, usize) {
    let line = Line { round_trip: delay, ..Line::default() };
    let mut day = morning.begin();
    let floor = Floor::start(&day.directory.path().join("floor.sqlite"));
    let floor = floor::measure(&reach(floor.port(), line), morning.documents(), EDITED);
    let mut phases = Vec::new();

    let url = reach(day.server.port(), line);
    let phone = Counted::to(&url);
    let watched = watch(day.server.process().unwrap());
    phases.push(phase("push", &watched, &phone, floor.push, || sync(&mut day.phone, &phone)));
    drop(watched);
    day.server.kill();
    day.server.up();
    let there = there(&day.server);

    let (phone, branch) = (Counted::to(&url), Counted::to(&url));
    let watched = watch(day.server.process().unwrap());
    phases.push(phase("pull", &watched, &branch, floor.pull, || {
        let report = sync(&mut day.branch, &branch);
        assert_eq!(report.skipped, 0, "{report:?}");
        report
    }));
    // The first sync of a new process opens its connection; the quiet one is a later one.
    sync(&mut day.phone, &phone);
    phases.push(phase("quiet", &watched, &phone, floor.quiet, || sync(&mut day.phone, &phone)));
    for (number, dossier) in
        morning.dossiers().iter().step_by(morning.dossiers().len() / EDITED).take(EDITED).enumerate()
    {
        day.phone.set(dossier, &[("plot_area_m2", &(700 + number).to_string())]).unwrap();
    }
    phases.push(phase("edits push", &watched, &phone, floor.edits_push, || sync(&mut day.phone, &phone)));
    phases.push(phase("edits pull", &watched, &branch, floor.edits_pull, || {
        let report = sync(&mut day.branch, &branch);
        assert_eq!(report.received, EDITED, "{report:?}");
        report
    }));
    drop(watched);
    day.server.stop();
    assert_eq!(day.branch.list(&client_core::ListQuery::default()).unwrap().total, morning.dossiers().len());
    (phases, there)
}

/// The address of a port, over the line.
fn reach(port: u16, line: Line) -> String {
    if line.round_trip.is_zero() { format!("http://127.0.0.1:{port}") } else { Link::to(port, line).url() }
}

fn phase(
    name: &'static str,
    watched: &Watched,
    transport: &Counted,
    floor: Duration,
    work: impl FnOnce() -> SyncReport,
) -> Phase {
    let own = Watched::over(std::process::id());
    let own_before = own.processor();
    let (processor, flushes, requests) = (watched.processor(), watched.flushes(), transport.requests());
    watched.begin();
    let begun = Instant::now();
    let report = work();
    Phase {
        name,
        took: begun.elapsed(),
        floor,
        requests: transport.requests() - requests,
        up_bytes: report.sent_bytes,
        down_bytes: report.received_bytes,
        peak_bytes: watched.peak_bytes(),
        processor: watched.processor().zip(processor).map(|(after, before)| after.saturating_sub(before)),
        own_processor: own.processor().zip(own_before).map(|(after, before)| after.saturating_sub(before)),
        flushes: watched.flushes().zip(flushes).map(|(after, before)| after - before),
    }
}

/// A sync after which nothing is pending.
fn sync(device: &mut Device, transport: &dyn Transport) -> SyncReport {
    let report = device.sync(transport, &mut |_| Proceed::Go);
    assert_eq!((&report.fault, report.pending), (&None, 0), "{report:?}");
    report
}

/// How many dossiers the server's database holds with everything that was sent of them.
fn there(server: &Server) -> usize {
    let rows: std::collections::BTreeMap<String, u64> = server.rows().into_iter().collect();
    // A visit is one change, one text and one submission.
    let whole = rows["dossiers"].min(rows["items"] / 3);
    usize::try_from(whole).unwrap()
}

/// A transport that counts what really goes out.
struct Counted {
    inner: HttpTransport,
    requests: AtomicU64,
}

impl Counted {
    fn to(url: &str) -> Self {
        Self { inner: HttpTransport::new(url).unwrap(), requests: AtomicU64::new(0) }
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Transport for Counted {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.inner.send(request)
    }
}
