//! The server's command; all it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    sync_server::command::main()
}
