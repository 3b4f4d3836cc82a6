//! Named bombs: each is made here, thrown at the gate that meets it, and must be answered with one stable code, fast
//! and within little memory.

mod batch;
mod body;
mod change;
mod device;
mod event;
mod place;
mod web;

use std::time::Duration;

use dossier::wire::Frame;
use serde_json::{Value, json};

use crate::{
    centre::{Room, code_of, exceptions},
    meter::{Cost, measure},
};

/// The longest that a gate may take.
pub const MOST_TIME: Duration = Duration::from_millis(20);
/// The most memory that a gate may take.
pub const MOST_BYTES: usize = 16 << 20;
/// How often one that seemed slow is thrown again: others use the machine, too.
const THROWN_AGAIN: u32 = 5;

/// A bomb that is set: throwing it answers the code with which it was met.
type Thrown = Box<dyn FnOnce() -> String>;

/// A bomb.
#[derive(Debug, Clone, Copy)]
pub struct Bomb {
    /// Its name.
    pub name: &'static str,
    /// How it is made.
    pub how: &'static str,
    /// With which code it must be answered.
    pub code: &'static str,
    /// The longest that its gate may take.
    pub most_time: Duration,
    /// The most memory that its gate may take.
    pub most_bytes: usize,
    set: fn() -> Thrown,
}

const fn bomb(name: &'static str, how: &'static str, code: &'static str, set: fn() -> Thrown) -> Bomb {
    Bomb { name, how, code, most_time: MOST_TIME, most_bytes: MOST_BYTES, set }
}

/// What became of one.
#[derive(Debug, Clone)]
pub struct Met {
    /// The bomb.
    pub bomb: Bomb,
    /// With which code it was answered.
    pub code: String,
    /// What that cost.
    pub cost: Cost,
}

impl Met {
    /// What is wrong with how it was met.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let Self { bomb, code, cost } = self;
        if code != bomb.code {
            Some(format!("answered with {code}, not {}", bomb.code))
        } else if cost.time > bomb.most_time {
            Some(format!("took {} ms", cost.time.as_millis()))
        } else if cost.peak_bytes > bomb.most_bytes {
            Some(format!("took {} bytes", cost.peak_bytes))
        } else {
            None
        }
    }

    /// For a program.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let micros = u64::try_from(self.cost.time.as_micros()).unwrap_or(u64::MAX);
        json!({"name": self.bomb.name, "how": self.bomb.how, "code": self.code, "us": micros,
            "peak_bytes": self.cost.peak_bytes, "fault": self.fault()})
    }
}

/// All of them.
#[must_use]
pub fn bombs() -> Vec<Bomb> {
    [&body::BOMBS[..], &batch::BOMBS, &change::BOMBS, &place::BOMBS, &event::BOMBS, &device::BOMBS, &web::BOMBS]
        .concat()
}

/// Throws one.
#[must_use]
pub fn throw(bomb: &Bomb) -> Met {
    let mut best: Option<Met> = None;
    for _ in 0..THROWN_AGAIN {
        let thrown = (bomb.set)();
        let (code, cost) = measure(thrown);
        let met = Met { bomb: *bomb, code, cost };
        let is_done = met.fault().is_none();
        if best.as_ref().is_none_or(|before| met.cost.time < before.cost.time) {
            best = Some(met);
        }
        if is_done {
            break;
        }
    }
    best.expect("it was thrown at least once")
}

/// Throws a request at a Centre.
fn at_centre(room: Room, body: Vec<u8>) -> Thrown {
    Box::new(move || match room.post(body) {
        Ok(frames) => answered(&room, &frames),
        Err(fault) => code_of(fault).as_str().to_owned(),
    })
}

/// The first exception of a receipt, else what the end says of an item, else that everything was taken.
fn answered(room: &Room, frames: &[Frame]) -> String {
    let refused = exceptions(frames, &room.exchange.centre.public()).unwrap_or_default();
    let said = frames.iter().find_map(|frame| match frame {
        Frame::End(end) => end.notices.first().map(|notice| notice.code.clone()),
        _ => None,
    });
    refused.into_iter().next().map(|(_, code)| code).or(said).unwrap_or_else(|| "taken".to_owned())
}
