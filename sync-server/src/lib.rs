//! What the Centre runs.

pub mod storage;
