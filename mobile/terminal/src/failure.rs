//! How a command ends when it does not end well: one exit code, one sentence, one JSON object.

use std::{io, process::ExitCode};

use dossier::fault::{Code, Fault};
use serde_json::{Value, json};

use crate::language::Language;

/// Exit code of a command that did what was asked.
pub const DONE: u8 = 0;
/// Exit code of a command that could not.
pub const FAILED: u8 = 1;
/// Exit code of a command line that says nothing doable.
pub const USAGE: u8 = 2;
/// Exit code where the Centre could not be reached to the end; the work is kept and goes with the next sync.
pub const OFFLINE: u8 = 3;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line says nothing doable. The fault names what is wrong with it.
    #[error("the command line is not understood")]
    Usage {
        /// What is said to programs.
        fault: Fault,
        /// What is said to the person, in their language.
        sentence: String,
    },
    /// A refusal by a rule, the store or the Centre.
    #[error("the command was refused")]
    Refused(#[from] Fault),
    /// A talk with the Centre that ended early; what was done until then is in the report.
    #[error("the talk with the Centre ended early")]
    EndedEarly {
        /// Why.
        fault: Fault,
        /// What was done, as the command's JSON.
        report: Box<Value>,
    },
    /// Standard output does not take what is written.
    #[error("standard output cannot be written")]
    Output(#[from] io::Error),
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::Refused(Fault::new(code))
    }
}

impl Failure {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage { .. } => USAGE,
            Self::Refused(fault) | Self::EndedEarly { fault, .. } => match fault.code {
                // Whether nobody answered, the line broke or the server was too busy: the work waits for the next sync.
                Code::Offline | Code::CutOff | Code::Busy => OFFLINE,
                _ => FAILED,
            },
            // Whoever reads our output stopped reading; that is their right (`tram list | head -1`).
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
            Self::Output(_) => FAILED,
        })
    }

    /// The object for programs; none where standard output itself is the trouble.
    pub fn json(&self) -> Option<Value> {
        match self {
            Self::Usage { fault, .. } | Self::Refused(fault) => Some(json!({ "error": fault })),
            // The report as it would stand without the fault, and the fault beside it.
            Self::EndedEarly { fault, report } => {
                let mut object = report.as_object().cloned().unwrap_or_default();
                object.insert("error".to_owned(), json!(fault));
                Some(Value::Object(object))
            }
            Self::Output(_) => None,
        }
    }

    /// What the person reads: the sentence, then the details that help, one a line.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Usage { sentence, .. } => sentence.clone(),
            Self::Refused(fault) | Self::EndedEarly { fault, .. } => fault_text(fault, language),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => String::new(),
            Self::Output(_) => language.say("output.not_written").to_owned(),
        }
    }
}

/// A fault in words: its sentence and its details.
pub fn fault_text(fault: &Fault, language: Language) -> String {
    let mut text = language.sentence(&fault.message).to_owned();
    // Where a rule explains itself in both languages, its code is for programs.
    let explained = match language {
        Language::Vi => fault.details.get("reason_vi"),
        Language::En => fault.details.get("reason_en"),
    };
    for (name, value) in &fault.details {
        let value = match name.as_str() {
            "reason_vi" | "reason_en" => continue,
            "reason" => explained.map_or_else(|| reason(value, language), String::as_str),
            _ => value,
        };
        let name = language.look_up(&format!("detail.{name}")).unwrap_or(name);
        text.push_str(&format!("\n  {name}: {value}"));
    }
    text
}

/// A reason that comes as a code has its sentence; any other is shown as it is.
fn reason(value: &str, language: Language) -> &str {
    let families = ["ineffective", "reason"];
    families.iter().find_map(|family| language.look_up(&format!("{family}.{value}"))).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(failure: &Failure) -> String {
        format!("{:?}", failure.exit_code())
    }

    #[test]
    fn only_an_unreachable_centre_is_offline() {
        for code in Code::ALL {
            let expected = match code {
                Code::Offline | Code::CutOff | Code::Busy => OFFLINE,
                _ => FAILED,
            };
            assert_eq!(code_of(&Failure::from(*code)), format!("{:?}", ExitCode::from(expected)), "{code}");
        }
    }

    #[test]
    fn a_reader_who_stops_reading_is_no_failure() {
        let closed = Failure::Output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(code_of(&closed), format!("{:?}", ExitCode::from(DONE)));
        assert_eq!((closed.json(), closed.text(Language::En)), (None, String::new()));
        let full = Failure::Output(io::ErrorKind::StorageFull.into());
        assert_eq!(code_of(&full), format!("{:?}", ExitCode::from(FAILED)));
        assert!(!full.text(Language::Vi).is_empty());
    }

    #[test]
    fn details_stand_under_the_sentence_in_words() {
        let fault = Fault::new(Code::UnknownField).with("did_you_mean", "child_name");
        let text = fault_text(&fault, Language::En);
        assert!(text.ends_with("\n  did you mean: child_name"), "{text}");
        let refused = Fault::new(Code::StepRefused).with("reason", "illegal_step");
        assert!(fault_text(&refused, Language::En).ends_with("because: the dossier's state does not allow this step"));
        let explained = Fault::new(Code::WrongType)
            .with("reason", "not_a_date")
            .with("reason_vi", "Không phải ngày.")
            .with("reason_en", "Not a date.");
        let text = fault_text(&explained, Language::Vi);
        assert!(text.ends_with("\n  vì: Không phải ngày.") && !text.contains("not_a_date"), "{text}");
    }
}
