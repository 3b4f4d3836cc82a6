//! Every way in which Trạm says no: a stable code, a sentence in two languages, and whether trying again helps.
//!
//! The sentences stand in `messages.json` beside this file, by code. Each says what happened, that the work is safe
//! (or not), and what to do. None holds personal data: details are counts, hashes, codes and field ids.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $retry:ident;)*) => {
        /// A stable error code. Codes are never renamed or used for something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it travels, such as `ACTOR_FORK`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Whether and when trying again helps.
            #[must_use]
            pub fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)* }
            }
        }
    };
}

/// Whether trying again helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same will fail again.
    Never,
    /// By itself, later, with growing pauses.
    Later,
    /// After the person did something about it.
    AfterAction,
}

codes! {
    /// No network, or nobody answers.
    Offline = "OFFLINE", Later;
    /// The server is overloaded or stopping.
    Busy = "BUSY", Later;
    /// The connection broke before the answer was whole.
    CutOff = "CUT_OFF", Later;
    /// The bytes are damaged or altered.
    Damaged = "DAMAGED", Later;
    /// A signature does not fit.
    BadSignature = "BAD_SIGNATURE", Never;
    /// More of something than a message may hold.
    OverLimit = "OVER_LIMIT", AfterAction;
    /// A protocol version that is not spoken here.
    Protocol = "PROTOCOL_UNKNOWN", AfterAction;
    /// The server is another Centre than the one this device belongs to.
    WrongCentre = "WRONG_CENTRE", AfterAction;
    /// The same batch id with other bytes.
    BatchReused = "BATCH_REUSED", Later;
    /// The invitation is unknown, used up or too old.
    InvitationRefused = "INVITATION_REFUSED", AfterAction;
    /// The text is not an invitation.
    InvitationUnreadable = "INVITATION_UNREADABLE", AfterAction;
    /// The certificate is forged, expired or not yet valid.
    CertificateRefused = "CERTIFICATE_REFUSED", AfterAction;
    /// The device was revoked; what it sends is kept aside.
    DeviceRevoked = "DEVICE_REVOKED", AfterAction;
    /// No or no longer valid token.
    NotAuthenticated = "NOT_AUTHENTICATED", Later;
    /// It does not exist, or it is not the asker's to know.
    NotFound = "NOT_FOUND", Never;
    /// The role may not do this.
    NotAllowed = "NOT_ALLOWED", Never;
    /// Two changes with one actor and sequence number: a cloned or restored device.
    ActorFork = "ACTOR_FORK", Later;
    /// The actor belongs to another device.
    ActorTaken = "ACTOR_TAKEN", Later;
    /// Earlier changes or events are missing.
    DependencyMissing = "DEPENDENCY_MISSING", Later;
    /// A change that breaks the structural rules.
    ChangeRefused = "CHANGE_REFUSED", Never;
    /// An event that breaks the structural rules.
    EventRefused = "EVENT_REFUSED", Never;
    /// Received, but could not be admitted; kept aside for an officer.
    Quarantined = "QUARANTINED", Never;
    /// The server could not make it durable.
    NotStored = "NOT_STORED", Later;
    /// Something in the server failed; details are in its log under the request's id.
    Internal = "INTERNAL", Later;
    /// The request is not of the form that this address takes.
    BadRequest = "BAD_REQUEST", Never;
    /// The procedure is not in the catalogue.
    UnknownProcedure = "UNKNOWN_PROCEDURE", AfterAction;
    /// The form has no such field.
    UnknownField = "UNKNOWN_FIELD", AfterAction;
    /// The procedure has no such component.
    UnknownComponent = "UNKNOWN_COMPONENT", AfterAction;
    /// The value is not of the field's type.
    WrongType = "WRONG_TYPE", AfterAction;
    /// The value is of the type but not allowed.
    ValueRefused = "VALUE_REFUSED", AfterAction;
    /// The text is in an old encoding.
    LegacyEncoding = "LEGACY_ENCODING", AfterAction;
    /// The dossier is not on this device.
    UnknownDossier = "UNKNOWN_DOSSIER", AfterAction;
    /// The text is no dossier id.
    BadDossierId = "BAD_DOSSIER_ID", AfterAction;
    /// The step is not lawful now.
    StepRefused = "STEP_REFUSED", AfterAction;
    /// The channel is closed for this procedure.
    ChannelRefused = "CHANNEL_REFUSED", AfterAction;
    /// A reason is required.
    ReasonMissing = "REASON_MISSING", AfterAction;
    /// The attachment is larger than any may be.
    AttachmentTooLarge = "ATTACHMENT_TOO_LARGE", AfterAction;
    /// The file cannot be read.
    FileUnreadable = "FILE_UNREADABLE", AfterAction;
    /// The content does not fit its id.
    BlobMismatch = "BLOB_MISMATCH", Later;
    /// The upload's offset is not where the server is.
    UploadOffset = "UPLOAD_OFFSET", Later;
    /// The disk of this device is full.
    DiskFull = "DISK_FULL", AfterAction;
    /// The device's store could not save.
    NotSaved = "NOT_SAVED", AfterAction;
    /// The device's store was made by a newer program or is damaged.
    StoreUnreadable = "STORE_UNREADABLE", AfterAction;
    /// The device was not set up.
    NotSetUp = "NOT_SET_UP", AfterAction;
    /// The device is in use by another program.
    InUse = "IN_USE", Later;
    /// The device's clock is far from the Centre's; times are corrected.
    ClockOff = "CLOCK_OFF", AfterAction;
}

impl Code {
    /// The code of that text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static Sentence {
        static SENTENCES: OnceLock<BTreeMap<String, Sentence>> = OnceLock::new();
        static NOTHING: OnceLock<Sentence> = OnceLock::new();
        SENTENCES
            .get_or_init(|| serde_json::from_str(include_str!("fault/messages.json")).unwrap_or_default())
            .get(self.as_str())
            .unwrap_or_else(|| NOTHING.get_or_init(|| Sentence { vi: String::new(), en: String::new() }))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// What a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// A refusal as it leaves a program: at the API's and the commands' edge, and on screens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The stable code.
    pub code: Code,
    /// The sentence, in both languages.
    pub message: Sentence,
    /// What it is about, by name: a field id, a limit, a hash. Never personal data.
    pub details: BTreeMap<String, String>,
    /// Whether trying again helps.
    pub retry: Retry,
}

impl Fault {
    /// The fault of a code, without details.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, message: code.sentence().clone(), details: BTreeMap::new(), retry: code.retry() }
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message.en)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_sentence_and_no_sentence_is_left_over() {
        let sentences: BTreeMap<String, Sentence> = serde_json::from_str(include_str!("fault/messages.json")).unwrap();
        let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        for code in &codes {
            let sentence = sentences.get(*code).unwrap_or_else(|| panic!("no sentence for {code}"));
            assert!(sentence.vi.ends_with('.') && sentence.en.ends_with('.'), "{code}");
        }
        for code in sentences.keys() {
            assert!(codes.contains(&code.as_str()), "{code} has a sentence and no use");
        }
    }

    #[test]
    fn the_list_of_codes_is_known() {
        let list: Vec<String> = Code::ALL.iter().map(|code| format!("{code} {:?}", code.retry())).collect();
        insta::assert_snapshot!(list.join("\n"));
    }
}
