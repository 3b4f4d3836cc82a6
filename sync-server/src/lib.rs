//! What the Centre runs.

pub mod access;
pub mod admission;
pub mod blob;
pub mod centre;
pub mod command;
pub mod exchange;
pub mod http;
pub mod port;
pub mod reading;
pub mod server;
pub mod storage;
pub mod upload;
