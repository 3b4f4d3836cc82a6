//! What these commands print.

use std::io::Write;

/// One line on standard output. Whoever closed it does not want to know.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
