//! The core of a device in a browser: `client-core` over a file of the origin, for one worker to call.
//!
//! ```text
//! page ──messages──▶ worker ──▶ Core ──▶ Device (client-core) ──▶ LogStore ──▶ a file of the origin
//!                      └──fetch──▶ the Centre, with what `travel_next` says, back through `travel_take`
//! ```
//!
//! There is no rule here. A call names an operation, with its arguments as JSON, and is answered with JSON; a refusal is
//! thrown as the JSON of a [`Fault`](dossier::fault::Fault). Bytes (attachments, bodies of requests) travel beside the
//! JSON as they are.
//!
//! Nothing waits: an errand to the Centre is a sequence of requests that the worker carries, and between them every
//! other call is answered. The worker owns the file's handle; a lock of the browser's keeps other tabs away.

mod call;
mod core;

pub use core::{Core, TravelRequest};
