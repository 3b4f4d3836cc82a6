//! The slow link: 256 kbit/s up, and no connection lasts longer than twenty seconds.

use std::time::{Duration, Instant};

use client_core::{Proceed, native::HttpTransport};
use dossier::{envelope, wire::Receipt, wire::SignedReceipt};
use serde_json::{Value, json};

use super::Morning;
use crate::{Line, Link};

const UP_BITS_PER_SECOND: u64 = 256_000;
const LASTS: Duration = Duration::from_secs(20);
/// Syncs after which the phone gives up: several times what an honest resumption needs.
const MOST_SYNCS: u32 = 40;

/// Pushes a phone's dossiers over the slow link, syncing again after every cut.
#[must_use]
pub fn slow_link(dossiers: usize) -> Value {
    let morning = Morning::make(dossiers, 1);
    let mut day = morning.begin();
    // What one uncut request would be.
    let needed = morning.begin().phone.sync_begin().unwrap().body.len() as u64;
    let line = Line { up_bits_per_second: Some(UP_BITS_PER_SECOND), lasts: Some(LASTS), ..Line::default() };
    let link = Link::to(day.server.port(), line);
    let transport = HttpTransport::new(&link.url()).unwrap();
    let (begun, mut syncs, mut pending) = (Instant::now(), 0, usize::MAX);
    while pending > 0 && syncs < MOST_SYNCS {
        pending = day.phone.sync(&transport, &mut |_| Proceed::Go).pending;
        syncs += 1;
    }
    let took = begun.elapsed();
    day.server.stop();
    let own = Duration::from_secs_f64((needed * 8) as f64 / UP_BITS_PER_SECOND as f64);
    json!({
        "dossiers": dossiers,
        "syncs": syncs,
        "connections": link.connections(),
        "pending": pending,
        "seconds": took.as_secs_f64(),
        "link_seconds": own.as_secs_f64(),
        "ratio": took.as_secs_f64() / own.as_secs_f64(),
        "bytes_needed": needed,
        "bytes_up": link.bytes().0,
        "bytes_ratio": link.bytes().0 as f64 / needed as f64,
        "items_sent_again": held_before(&day.server.data().join("tram.sqlite")),
    })
}

/// Items that came to the Centre though it held them, as its receipts say.
fn held_before(file: &std::path::Path) -> u64 {
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut select = connection.prepare("SELECT signed FROM receipts").unwrap();
    let receipts = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    receipts
        .map(|bytes| {
            let signed: SignedReceipt = envelope::decode(&bytes.unwrap()).unwrap();
            u64::from(envelope::decode::<Receipt>(&signed.0.body).unwrap().known)
        })
        .sum()
}
