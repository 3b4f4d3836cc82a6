//! Ingest: how fast one server takes in what phones bring, received and admitted told apart.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use dossier::wire::{Frame, MEDIA_TYPE, limits};
use futures::StreamExt;
use serde_json::{Value, json};

use super::{Morning, watched::Watched};
use crate::Server;

/// How often it is looked whether all is admitted.
const LOOK: Duration = Duration::from_millis(10);

/// When something was seen, by the clock and by the server's processor time.
#[derive(Debug, Clone, Copy)]
struct Moment {
    at: Instant,
    processor: Duration,
}

impl Moment {
    fn now(watched: &Watched) -> Self {
        Self { at: Instant::now(), processor: watched.processor().unwrap_or_default() }
    }
}

/// Posts one phone's dossiers and notes when the last receipt came, and when nothing waited for admission any more.
#[must_use]
pub fn ingest(dossiers: usize, runs: usize) -> Value {
    let morning = Morning::make(dossiers, 1);
    let mut figures: Vec<[f64; 5]> = (0..runs).map(|_| once(&morning)).collect();
    figures.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let [received, received_core, admitted, admitted_core, behind] = figures[figures.len() / 2];
    json!({
        "dossiers": dossiers,
        "runs": runs,
        "received_per_second": received.round(),
        "received_per_second_a_core": received_core.round(),
        "received_and_admitted_per_second": admitted.round(),
        "admitted_per_second_a_core": admitted_core.round(),
        "seconds_behind": behind,
    })
}

/// The moment at which no dossier waits for admission, as the database itself says.
fn admitted(server: &Server, watched: &Watched) -> Moment {
    let connection = rusqlite::Connection::open(server.data().join("tram.sqlite")).unwrap();
    let mut waiting =
        connection.prepare("SELECT EXISTS (SELECT 1 FROM dossiers WHERE awaiting_since_ms IS NOT NULL)").unwrap();
    while waiting.query_row([], |row| row.get::<_, bool>(0)).unwrap() {
        // Looking costs the server's machine as well.
        std::thread::sleep(LOOK);
    }
    Moment::now(watched)
}

fn once(morning: &Morning) -> [f64; 5] {
    let mut day = morning.begin();
    let body = day.phone.sync_begin().unwrap().body;
    let watched = Watched::over(day.server.process().unwrap());
    let groups = morning.dossiers().len().div_ceil(limits::PARCEL_DOSSIERS);
    let url = format!("{}/v1/sync", day.server.url());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (begun, received) = runtime.block_on(async {
        let client = reqwest::Client::new();
        let begun = Moment::now(&watched);
        let answer = client.post(url).header("content-type", MEDIA_TYPE).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut pieces = answer.bytes_stream();
        let mut opened = zstd::stream::write::Decoder::new(Vec::new()).unwrap();
        let (mut receipts, mut read, mut received) = (0, 0, begun);
        while let Some(piece) = pieces.next().await {
            opened.write_all(&piece.unwrap()).unwrap();
            opened.flush().unwrap();
            while let Some((length, rest)) = opened.get_ref()[read..].split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                let Some(frame) = rest.get(..length) else { break };
                if matches!(dossier::envelope::decode(frame).unwrap(), Frame::Receipt(_)) {
                    receipts += 1;
                    received = Moment::now(&watched);
                }
                read += 4 + length;
            }
        }
        assert_eq!(receipts, groups);
        (begun, received)
    });
    let ended = admitted(&day.server, &watched);
    day.server.stop();
    let count = morning.dossiers().len() as f64;
    let behind = (ended.at - received.at).as_secs_f64();
    [
        count / (received.at - begun.at).as_secs_f64(),
        count / (received.processor - begun.processor).as_secs_f64(),
        count / (ended.at - begun.at).as_secs_f64(),
        count / (ended.processor - received.processor).as_secs_f64(),
        behind,
    ]
}
