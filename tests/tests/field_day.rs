//! The field day in small: one request for everything, few bytes, and nothing acknowledged is lost by a kill.
//!
//! Only what does not drift with the machine is asserted. Times are for `cargo xtask bench field-day`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the story, with the reason")]

use std::time::Duration;

use serde_json::Value;
use stories::field::{Plan, field_day};

const DOSSIERS: usize = 200;
/// Bytes up and down at the most, by F: the same dossiers as plain documents in one frame.
const MOST_UP_BY_F: f64 = 0.85;
const MOST_DOWN_BY_F: f64 = 0.9;

#[test]
fn one_request_carries_the_day_and_a_kill_takes_nothing() {
    let plan = Plan { dossiers: DOSSIERS, edits: 1, runs: 1, delays: vec![Duration::ZERO] };
    let figures = field_day(&plan);
    assert_eq!(figures["there_after_kill"], DOSSIERS, "{figures:#}");
    let phase = |name: &str| -> Value {
        let phases = figures["phases"].as_array().unwrap();
        phases.iter().find(|phase| phase["phase"] == name).unwrap().clone()
    };
    for name in ["push", "pull", "quiet", "edits push", "edits pull"] {
        assert_eq!(phase(name)["requests"], 1, "{figures:#}");
    }
    assert!(phase("push")["bytes_up_by_f"].as_f64().unwrap() <= MOST_UP_BY_F, "{figures:#}");
    assert!(phase("pull")["bytes_down_by_f"].as_f64().unwrap() <= MOST_DOWN_BY_F, "{figures:#}");
    assert!(phase("quiet")["bytes_up"].as_u64().unwrap() <= 300, "{figures:#}");
    assert!(phase("quiet")["bytes_down"].as_u64().unwrap() <= 300, "{figures:#}");
    assert!(phase("edits push")["bytes_up"].as_u64().unwrap() <= 1_500, "{figures:#}");
}
