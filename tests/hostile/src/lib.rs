//! Hostile bytes: what no stranger may do to a device or to a Centre, tried by the million and by name.
//!
//! ```text
//!   honest ──mutate(seed)──▶ input ──▶ gate (change, event, batch, receipt, answer, code, JSON, HTTP …) ──▶ verdict
//!                                        └── memory at its peak ≤ 64 MiB · time ≤ 100 ms · no panic
//!   bombs  ──by name──────▶ gate ──▶ the one stable code, < 16 MiB, < 20 ms
//! ```
//!
//! The same gates ([`target::GATES`]) serve the hunt, which follows from one seed ([`hunt`]), and libFuzzer (`fuzz/`,
//! outside of the workspace). What was found once is a committed case (`tests/cases.rs`).

pub mod bombs;
pub mod centre;
pub mod honest;
pub mod hunt;
pub mod meter;
pub mod mutate;
pub mod rng;
mod store;
pub mod target;
