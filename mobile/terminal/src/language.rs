//! What the terminal says: every sentence stands in `messages/vi.json` and `messages/en.json`, by key.
//!
//! The two catalogues have the same keys and the same `{placeholders}`; a test holds them together, and another finds
//! keys that the program asks for and nobody wrote, or that nobody asks for any more.

use std::{collections::BTreeMap, ffi::OsString, fmt::Display, sync::OnceLock};

use clap::ValueEnum;
use dossier::{fault::Sentence, form::Label};
use serde_json::Value;

/// The environment variable that chooses the language.
pub const LANGUAGE_VARIABLE: &str = "TRAM_LANG";

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

type Catalogue = BTreeMap<String, String>;

impl Language {
    /// The language of a command line that is not parsed yet: help and usage errors need one before anything else is
    /// known. The last `--lang` counts, then the environment, then Vietnamese.
    pub fn of_command_line(arguments: &[OsString], variable: Option<&str>) -> Self {
        let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
        let mut chosen = variable.and_then(Self::named);
        for (position, argument) in arguments.iter().enumerate() {
            let given = match argument.strip_prefix("--lang") {
                Some("") => arguments.get(position + 1).copied(),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            chosen = given.and_then(Self::named).or(chosen);
        }
        chosen.unwrap_or_default()
    }

    fn named(text: &str) -> Option<Self> {
        Self::from_str(text, true).ok()
    }

    /// The sentence of a key.
    pub fn say(self, key: &'static str) -> &'static str {
        self.look_up(key).unwrap_or(key)
    }

    /// The sentence of a key that was put together; `None` if there is none.
    pub fn look_up(self, key: &str) -> Option<&'static str> {
        self.catalogue().get(key).map(String::as_str)
    }

    /// The sentence of a key with its `{placeholders}` filled.
    pub fn fill(self, key: &'static str, values: &[(&str, &dyn Display)]) -> String {
        let mut text = self.say(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), &value.to_string());
        }
        text
    }

    /// A fault's sentence.
    pub fn sentence(self, sentence: &Sentence) -> &str {
        match self {
            Self::Vi => &sentence.vi,
            Self::En => &sentence.en,
        }
    }

    /// A value in which every label of two languages is the one text of this language.
    pub fn spoken(self, value: Value) -> Value {
        match value {
            Value::Object(object) => match serde_json::from_value::<Label>(Value::Object(object.clone())) {
                Ok(label) => Value::String(self.label(&label).to_owned()),
                Err(_) => Value::Object(object.into_iter().map(|(key, value)| (key, self.spoken(value))).collect()),
            },
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.spoken(item)).collect()),
            plain => plain,
        }
    }

    /// A label of the catalogue of procedures.
    pub fn label(self, label: &Label) -> &str {
        match self {
            Self::Vi => &label.vi,
            Self::En => &label.en,
        }
    }

    fn catalogue(self) -> &'static Catalogue {
        static VI: OnceLock<Catalogue> = OnceLock::new();
        static EN: OnceLock<Catalogue> = OnceLock::new();
        let (slot, text) = match self {
            Self::Vi => (&VI, include_str!("../messages/vi.json")),
            Self::En => (&EN, include_str!("../messages/en.json")),
        };
        slot.get_or_init(|| serde_json::from_str(text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn arguments(texts: &[&str]) -> Vec<OsString> {
        texts.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_language_is_known_before_the_command_line_is() {
        let of = |texts: &[&str], variable| Language::of_command_line(&arguments(texts), variable);
        assert_eq!(of(&["list"], None), Language::Vi);
        assert_eq!(of(&["list"], Some("en")), Language::En);
        assert_eq!(of(&["--lang", "vi", "list"], Some("en")), Language::Vi);
        assert_eq!(of(&["list", "--lang=en"], None), Language::En);
        assert_eq!(of(&["--lang"], Some("klingon")), Language::Vi);
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_catalogues_say_the_same_things() {
        let (vi, en) = (Language::Vi.catalogue(), Language::En.catalogue());
        assert!(vi.len() > 100);
        assert_eq!(vi.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        for (key, text) in vi {
            assert!(!text.trim().is_empty() && !en[key].trim().is_empty(), "{key}");
            assert_eq!(placeholders(text), placeholders(&en[key]), "{key}");
        }
    }

    fn sources(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else {
                into.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_key_asked_for_is_there_and_every_key_there_is_asked_for() {
        let mut program = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut program);
        let known = Language::Vi.catalogue();
        let mut asked = 0;
        for call in ["say(\"", "fill(\"", "line(\"", "filled(\"", "heading(\""] {
            for rest in program.split(call).skip(1) {
                let key = rest.split('"').next().unwrap();
                if key.contains('.') {
                    asked += 1;
                    assert!(known.contains_key(key), "nobody wrote {key}");
                }
            }
        }
        assert!(asked > 50, "the scan finds the program's calls");
        // Families whose keys are put together from a command's, an act's or a detail's name.
        let families = ["help.", "detail.", "usage.", "role.", "act.", "ineffective.", "reason."];
        for key in known.keys() {
            let composed = families.iter().any(|family| key.starts_with(family));
            assert!(composed || program.contains(&format!("\"{key}\"")), "nobody asks for {key}");
        }
    }
}
