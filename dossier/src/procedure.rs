//! An administrative procedure (thủ tục hành chính, TTHC) as the catalogue publishes it.
//!
//! A procedure has a code that lives as long as the procedure and a history of *versions*, each with a first and a
//! last day in force: a decree changes the term, the fee or the papers, never the code. Term and fee hang on the
//! channel and on the case ("trường hợp"), not on the procedure, as in the national record (`CACHTHUCTHUCHIEN`).
//!
//! Everything here is a pure reading of data files: which version counts on a day, what may be handed in how, what it
//! costs, which papers belong to it.

mod channel;
mod code;
mod component;
mod fee;
mod version;
mod wording;

pub use crate::code::{ProcedureCode, ProcedureCodeError};
pub use channel::{Channel, ChannelRefusal, Offering, UnknownChannel};
pub use code::{CaseId, ComponentId, FormId, LifeEventId, SLUG_MAX_BYTES, SectorId, SlugError, VersionId};
pub use component::{Component, PhotoHints};
pub use fee::{Fee, FeeKind, FeeUnit, total_dong};
pub use version::{Case, Flags, LegalBasis, OnlineLevel, ResultPaper, Step, Version};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::deadline::Term;
use crate::form::{FormDefinition, Label};

/// Who decides the procedure in the two-level government since 1 July 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Phường, xã, đặc khu.
    Commune,
    /// Thành phố or tỉnh, with its departments and their branches.
    Province,
    /// An agency outside the local government (ngành dọc), such as the police.
    Vertical,
}

/// Who may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicantKind {
    /// A Vietnamese citizen.
    Citizen,
    /// A foreign person.
    Foreigner,
    /// A company, cooperative, agency or other organisation.
    Organisation,
}

/// One procedure with its whole history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Code on the national data base.
    pub code: ProcedureCode,
    /// True when the code was chosen before the authority published one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub code_provisional: bool,
    /// Official name.
    pub name: Label,
    /// Sector (lĩnh vực) in `sectors.json`.
    pub sector: SectorId,
    /// Level that decides.
    pub level: Level,
    /// Body that decides (cơ quan có thẩm quyền giải quyết), which need not be the one that receives.
    pub authority: Label,
    /// Who may apply.
    pub applicants: Vec<ApplicantKind>,
    /// Events of life under which people look for it, in `life_events.json`.
    pub life_events: Vec<LifeEventId>,
    /// What people call it in everyday speech, in Vietnamese ("sổ đỏ").
    pub synonyms: Vec<String>,
    /// History, oldest first, without gap or overlap.
    pub versions: Vec<Version>,
    /// E-forms that the versions cite. A stored answer keeps its form's id.
    pub forms: Vec<FormDefinition>,
}

/// Why a question about a procedure has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcedureError {
    /// No version is in force on the day.
    #[error("procedure {code} has no version in force on {date}")]
    NotInForce {
        /// Procedure asked for.
        code: ProcedureCode,
        /// Day asked for.
        date: Date,
    },
    /// The version does not know this case.
    #[error("procedure {code} has no case {case}")]
    UnknownCase {
        /// Procedure asked for.
        code: ProcedureCode,
        /// Case asked for.
        case: CaseId,
    },
    /// The channel is closed for this case.
    #[error("procedure {code} may not be handed in through channel {channel}")]
    ChannelRefused {
        /// Procedure asked for.
        code: ProcedureCode,
        /// Channel asked for.
        channel: Channel,
        /// Rule that closes it.
        refusal: Box<ChannelRefusal>,
    },
    /// The version cites a form that the file does not hold.
    #[error("procedure {code} has no form {form}")]
    UnknownForm {
        /// Procedure asked for.
        code: ProcedureCode,
        /// Form cited.
        form: FormId,
    },
    /// The text is not a procedure record.
    #[error("the text is not a procedure record: {0}")]
    Unreadable(String),
}

impl Procedure {
    /// Reads one procedure file. Rules between its parts (overlaps, unknown ids) are the concern of
    /// [`crate::catalogue::check`].
    pub fn parse(json: &[u8]) -> Result<Self, ProcedureError> {
        serde_json::from_slice(json).map_err(|error| ProcedureError::Unreadable(error.to_string()))
    }

    /// The version in force on a day. A dossier pins the version of the day it was accepted.
    pub fn version_on(&self, date: Date) -> Result<&Version, ProcedureError> {
        self.versions
            .iter()
            .find(|version| version.in_force_on(date))
            .ok_or_else(|| ProcedureError::NotInForce { code: self.code.clone(), date })
    }

    /// The version of this name, in force or not: a stored dossier is read with the version it was made under.
    pub fn version(&self, id: &VersionId) -> Option<&Version> {
        self.versions.iter().find(|version| &version.version == id)
    }

    /// Legal time for handling through a channel, in a case, for a dossier accepted on `date`.
    pub fn term(&self, channel: Channel, case: &CaseId, date: Date) -> Result<&Term, ProcedureError> {
        self.offering(channel, case, date)?.term.as_ref().ok_or_else(|| self.refused(channel, ChannelRefusal::NoTerm))
    }

    /// Fees and charges through a channel, in a case, on a day, in the order of the tariff.
    pub fn fees(&self, channel: Channel, case: &CaseId, date: Date) -> Result<&[Fee], ProcedureError> {
        Ok(&self.offering(channel, case, date)?.fees)
    }

    /// Whether the channel is open on a day in at least one case; the error names the rule that closes it.
    pub fn channel_allowed(&self, channel: Channel, date: Date) -> Result<(), ProcedureError> {
        self.version_on(date)?.channel_allowed(channel).map_err(|refusal| self.refused(channel, refusal))
    }

    /// The e-form that a version cites.
    pub fn form_of(&self, version: &Version) -> Result<&FormDefinition, ProcedureError> {
        self.forms
            .iter()
            .find(|form| form.id == version.form)
            .ok_or_else(|| ProcedureError::UnknownForm { code: self.code.clone(), form: version.form.clone() })
    }

    fn offering(&self, channel: Channel, case: &CaseId, date: Date) -> Result<&Offering, ProcedureError> {
        let version = self.version_on(date)?;
        let found = version
            .case(case)
            .ok_or_else(|| ProcedureError::UnknownCase { code: self.code.clone(), case: case.clone() })?;
        version.offering(channel, found).map_err(|refusal| self.refused(channel, refusal))
    }

    fn refused(&self, channel: Channel, refusal: ChannelRefusal) -> ProcedureError {
        ProcedureError::ChannelRefused { code: self.code.clone(), channel, refusal: Box::new(refusal) }
    }
}

pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests;
