//! What a command answers: one JSON value for programs, or one page for people, never both.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::{failure::Failure, language::Language, page::Page};

/// How answers are given.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Whether a program asks.
    pub json: bool,
    /// The person's language.
    pub language: Language,
}

/// What goes to standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// For a program: one line of JSON.
    Json(String),
    /// For a person.
    Text(String),
}

impl Manner {
    /// The answer that the manner asks for; only that one is made.
    pub fn answer(self, value: &impl Serialize, page: impl FnOnce(&mut Page)) -> Answer {
        if self.json {
            Answer::Json(self.language.spoken(to_value(value)).to_string())
        } else {
            let mut text = Page::new(self.language);
            page(&mut text);
            Answer::Text(text.finish())
        }
    }
}

/// A value as JSON. What a command answers is made of texts, numbers and maps with text keys.
pub fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("answers have text keys and no value that refuses to be written")
}

impl Answer {
    /// Writes it whole, or says that it could not.
    pub fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        let text = match self {
            Self::Json(text) | Self::Text(text) => text,
        };
        let write = |out: &mut dyn Write| -> io::Result<()> {
            out.write_all(text.as_bytes())?;
            if !text.is_empty() && !text.ends_with('\n') {
                out.write_all(b"\n")?;
            }
            out.flush()
        };
        write(out).map_err(Failure::Output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_gets_one_line_and_a_person_a_page() {
        let value = serde_json::json!({ "a": [1, 2] });
        let of = |json| Manner { json, language: Language::En }.answer(&value, |page| page.plain("hello"));
        assert_eq!(of(true), Answer::Json("{\"a\":[1,2]}".into()));
        assert_eq!(of(false), Answer::Text("hello\n".into()));
        let mut out = Vec::new();
        of(true).write(&mut out).unwrap();
        assert_eq!(out, b"{\"a\":[1,2]}\n");
    }
}
