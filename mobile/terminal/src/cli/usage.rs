//! A command line that says nothing doable, in the person's words.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use dossier::fault::{Code, Fault};

use crate::{failure::Failure, language::Language};

/// The failure of a parser's error. Values that were typed are not repeated: they may be personal.
pub fn failure(error: &clap::Error, language: Language) -> Failure {
    let key = match error.kind() {
        ErrorKind::InvalidSubcommand => "usage.unknown_command",
        ErrorKind::UnknownArgument => "usage.unknown_argument",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "usage.invalid_value",
        ErrorKind::MissingRequiredArgument => "usage.missing_argument",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "usage.missing_command",
        ErrorKind::ArgumentConflict => "usage.conflict",
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues => {
            "usage.number_of_values"
        }
        ErrorKind::InvalidUtf8 => "usage.not_utf8",
        _ => "usage.other",
    };
    let mut fault = Fault::new(Code::BadRequest).with("usage", key.trim_start_matches("usage."));
    let mut sentence = language.look_up(key).unwrap_or(key).to_owned();
    let about = [
        (ContextKind::InvalidSubcommand, "command"),
        (ContextKind::InvalidArg, "argument"),
        (ContextKind::PriorArg, "other_argument"),
        (ContextKind::ValidValue, "possible"),
        (ContextKind::ValidSubcommand, "possible"),
        (ContextKind::SuggestedSubcommand, "did_you_mean"),
        (ContextKind::SuggestedArg, "did_you_mean"),
        (ContextKind::SuggestedValue, "did_you_mean"),
    ];
    for (kind, name) in about {
        let value = match error.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(texts)) => texts.join(", "),
            _ => continue,
        };
        if value.is_empty() {
            continue;
        }
        let label = language.look_up(&format!("detail.{name}")).unwrap_or(name);
        sentence.push_str(&format!("\n  {label}: {value}"));
        fault = fault.with(name, value);
    }
    sentence.push('\n');
    sentence.push_str(language.say("usage.see_help"));
    Failure::Usage { fault, sentence }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn told(arguments: &[&str]) -> (Fault, String) {
        let error = Cli::command().try_get_matches_from([&["tram"], arguments].concat()).unwrap_err();
        match failure(&error, Language::En) {
            Failure::Usage { fault, sentence } => (fault, sentence),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mistyped_command_is_named_with_the_nearest() {
        let (fault, sentence) = told(&["shwo", "x"]);
        assert_eq!(fault.details["usage"], "unknown_command");
        assert_eq!(fault.details["did_you_mean"], "show");
        assert!(sentence.contains("did you mean: show"), "{sentence}");
    }

    #[test]
    fn a_typed_value_is_not_repeated() {
        let (fault, sentence) = told(&["event", "x", "paid", "--amount", "Nguyễn Văn An", "--reference", "1"]);
        assert_eq!(fault.details["usage"], "invalid_value");
        assert!(!sentence.contains("Nguyễn") && !fault.details.values().any(|value| value.contains("Nguyễn")));
    }

    #[test]
    fn what_is_missing_is_named() {
        let (fault, _) = told(&["init"]);
        assert_eq!((fault.code, fault.details["usage"].as_str()), (Code::BadRequest, "missing_argument"));
        assert!(fault.details["argument"].contains("--server"));
        assert_eq!(told(&[]).0.details["usage"], "missing_command");
    }
}
