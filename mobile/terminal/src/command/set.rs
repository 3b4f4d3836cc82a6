//! `tram set`: fields of the form, all of them or none.

use std::{ffi::OsString, fs::File, io::Read};

use dossier::{
    fault::{Code, Fault},
    form::INPUT_MAX_BYTES,
};
use serde_json::json;

use crate::{answer::Answer, doubt, failure::Failure, shell::Shell};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dossier.
    #[arg(value_name = "DOSSIER")]
    dossier: String,
    /// Fields and what was typed, taken as bytes: text in an old encoding deserves a better word than a parser's.
    #[arg(value_name = "FIELD=VALUE", required = true)]
    fields: Vec<OsString>,
}

/// Writes them to the device's journal.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let typed = args.fields.iter().map(|field| read(shell, field)).collect::<Result<Vec<_>, _>>()?;
    let edits: Vec<(&str, &str)> = typed.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
    let mut device = shell.device()?;
    let dossier = device.resolve(&args.dossier)?;
    let warnings = device.set(&dossier, &edits)?;
    let fields: Vec<&str> = edits.iter().map(|(field, _)| *field).collect();
    let value = json!({ "dossier": dossier, "set": fields, "warnings": warnings });
    shell.answer(&value, |page| {
        page.filled("set.done", &[("fields", &fields.join(", "))]);
        doubt::tell(page, &warnings);
        page.line("saved.here");
    })
}

/// One `FIELD=VALUE`.
fn read(shell: &Shell, argument: &OsString) -> Result<(String, String), Failure> {
    let lossy = argument.to_string_lossy();
    let (field, value) = match lossy.split_once('=') {
        Some((field, value)) if !field.is_empty() => (field, value),
        _ => {
            return Err(Failure::Usage {
                fault: Fault::new(Code::BadRequest).with("usage", "not_an_assignment"),
                sentence: shell.manner().language.say("usage.not_an_assignment").to_owned(),
            });
        }
    };
    let old_encoding = || Failure::from(Fault::new(Code::LegacyEncoding).with("field", field));
    if argument.to_str().is_none() {
        return Err(old_encoding());
    }
    let value = match value.strip_prefix('@') {
        None => value.to_owned(),
        Some(literal) if literal.starts_with('@') => literal.to_owned(),
        Some(path) => {
            let unreadable = || Failure::from(Fault::new(Code::FileUnreadable).with("field", field));
            let file = File::open(path).map_err(|_| unreadable())?;
            let mut bytes = Vec::new();
            // One byte more than any field takes is enough for the device to say that it is too much.
            let most = u64::try_from(INPUT_MAX_BYTES).unwrap_or(u64::MAX).saturating_add(4);
            file.take(most).read_to_end(&mut bytes).map_err(|_| unreadable())?;
            text_of(bytes).ok_or_else(old_encoding)?
        }
    };
    Ok((field.to_owned(), value))
}

/// A file's text without the line end that editors add; `None` if it is not UTF-8. A character that the limit cut in
/// two is left out.
fn text_of(mut bytes: Vec<u8>) -> Option<String> {
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
        && bytes.len() > INPUT_MAX_BYTES
    {
        bytes.truncate(error.valid_up_to());
    }
    let text = String::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    Some(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_a_person_meant_it() {
        assert_eq!(text_of("\u{feff}Xã An Sơn\r\n".into()).as_deref(), Some("Xã An Sơn"));
        assert_eq!(text_of("một\nhai\n\n".into()).as_deref(), Some("một\nhai\n"));
        assert_eq!(text_of(b"Ph\xad\xebng".to_vec()), None);
        // A cut within a letter is the limit's doing, not the encoding's.
        let mut long = "a".repeat(INPUT_MAX_BYTES + 2).into_bytes();
        long.extend(&"ệ".as_bytes()[..2]);
        assert_eq!(text_of(long).map(|text| text.len()), Some(INPUT_MAX_BYTES + 2));
        assert_eq!(text_of(vec![b'a', 0xe1, 0xbb]), None);
    }
}
