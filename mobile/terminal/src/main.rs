//! A device in a terminal.
fn main() {}
