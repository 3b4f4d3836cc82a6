//! The catalogue: every procedure, sector, unit and the calendar, as one versioned set of data files.
//!
//! The files ship inside the program, so a device that has never met a server can start a dossier, and a newer set is
//! downloaded as one *bundle*. Two sets are the same exactly when their content hash is the same; the version beside it
//! is for people. There is one central catalogue and no local edits.
//!
//! [`Catalogue::from_files`] refuses a set with any error that [`check`] finds, except that it leaves the reading of
//! each form's schema to `check` and to the form's first use: fifteen hundred schemas are too many for a phone's start.

mod bundle;
pub mod check;
mod files;
mod find;
mod guide;
mod manifest;
mod search;

pub use bundle::{BUNDLE_MAX_BYTES, BundleError};
pub use check::{Finding, Severity, check};
pub use files::{CatalogueHash, FILE_MAX_BYTES, FILES_MAX, Files};
pub use find::{LifeEventCount, ProcedureHit, ProcedureQuery, SectorCount};
pub use guide::{CaseGuide, ChannelGuide, ComponentGuide, FeeLine, Guide};
pub use manifest::{LifeEvent, LifeEventList, Manifest, SCHEMA, Sector, SectorList};
pub use search::{HITS_MAX, Hit, MatchedIn};

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use crate::calendar::Calendar;
use crate::form::{Form, FormError};
use crate::procedure::{FormId, Procedure, ProcedureCode, Version};
use crate::unit::Units;

/// A sound, immutable catalogue.
#[derive(Debug)]
pub struct Catalogue {
    manifest: Manifest,
    hash: CatalogueHash,
    files: Files,
    procedures: BTreeMap<String, Procedure>,
    sectors: Vec<Sector>,
    life_events: Vec<LifeEvent>,
    units: Arc<Units>,
    calendar: Arc<Calendar>,
    index: search::Index,
    forms: BTreeMap<(String, FormId), FormSlot>,
}

/// A form built at its first use.
type FormSlot = OnceLock<Result<Arc<Form>, FormError>>;

/// A set of files is no catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The files have errors; each says where.
    #[error("the catalogue has {} errors", .0.len())]
    Faulty(Vec<Finding>),
}

/// No procedure has this code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue has no procedure {asked:?}")]
pub struct UnknownProcedure {
    /// What was asked for, at most 40 characters of it.
    pub asked: String,
    /// The best hit of a search for it.
    pub did_you_mean: Option<ProcedureCode>,
}

/// A dossier's form cannot be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FormLookupError {
    /// No such procedure.
    #[error(transparent)]
    Unknown(#[from] UnknownProcedure),
    /// No version in force, or the version's form is faulty.
    #[error(transparent)]
    Form(#[from] FormError),
}

impl Catalogue {
    /// The catalogue inside this program.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Catalogue> = OnceLock::new();
        SHIPPED.get_or_init(|| {
            let files = files::shipped();
            // What is inside this program was checked when it was built: a phone need not carry the check as well.
            let parts = check::Parts::unchecked(&files).expect("a test holds that the shipped files have no error");
            Self::of(parts, files)
        })
    }

    /// A catalogue of files, path to content, paths relative to the catalogue's folder (`procedures/1.001193.json`).
    pub fn from_files<P: Into<String>>(files: impl IntoIterator<Item = (P, Vec<u8>)>) -> Result<Self, CatalogueError> {
        let files: Files = files.into_iter().map(|(path, bytes)| (path.into(), bytes)).collect();
        let (parts, mut findings) = check::inspect(&files, check::Depth::Load);
        findings.retain(|finding| finding.severity == Severity::Error);
        let parts = match parts {
            Some(parts) if findings.is_empty() => parts,
            _ => return Err(CatalogueError::Faulty(findings)),
        };
        Ok(Self::of(parts, files))
    }

    fn of(parts: check::Parts, files: Files) -> Self {
        let check::Parts { manifest, sectors, life_events, units, calendar, procedures } = parts;
        let index = search::Index::new(procedures.values(), &sectors, &life_events);
        let forms = procedures
            .iter()
            .flat_map(|(base, procedure)| procedure.forms.iter().map(|form| (base.clone(), form.id.clone())))
            .map(|key| (key, OnceLock::new()))
            .collect();
        Self {
            hash: files::hash(&files),
            manifest,
            files,
            procedures,
            sectors,
            life_events,
            units: Arc::new(units),
            calendar: Arc::new(calendar),
            index,
            forms,
        }
    }

    /// Version for people, such as `2026.11.1`.
    pub fn version(&self) -> &str {
        &self.manifest.version
    }

    /// Identity: SHA-256 over the files.
    pub fn hash(&self) -> CatalogueHash {
        self.hash
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// All procedures, by code.
    pub fn procedures(&self) -> impl ExactSizeIterator<Item = &Procedure> {
        self.procedures.values()
    }

    /// The procedure of a code, its provincial suffix ignored.
    pub fn procedure(&self, code: &ProcedureCode) -> Option<&Procedure> {
        self.procedures.get(code.base())
    }

    /// The procedure of a code as typed; the error names the nearest.
    pub fn procedure_of(&self, text: &str) -> Result<&Procedure, UnknownProcedure> {
        let found = ProcedureCode::parse(text).ok().and_then(|code| self.procedure(&code));
        found.ok_or_else(|| UnknownProcedure {
            asked: text.chars().take(40).collect(),
            did_you_mean: self.search(text).into_iter().next().map(|hit| hit.code),
        })
    }

    /// All sectors in the order of the file.
    pub fn sectors(&self) -> &[Sector] {
        &self.sectors
    }

    /// All events of life in the order of the file.
    pub fn life_events(&self) -> &[LifeEvent] {
        &self.life_events
    }

    /// Administrative units.
    pub fn units(&self) -> &Arc<Units> {
        &self.units
    }

    /// The working calendar.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// The e-form of the version in force on a day. Built once and shared.
    pub fn form_on(&self, procedure: &Procedure, date: Date) -> Result<Arc<Form>, FormError> {
        let version = procedure.version_on(date)?;
        self.form(procedure, version)
    }

    /// The e-form of a version. Built once and shared.
    pub fn form(&self, procedure: &Procedure, version: &Version) -> Result<Arc<Form>, FormError> {
        let build = || Form::from_version(procedure, version, Arc::clone(&self.units)).map(Arc::new);
        match self.forms.get(&(procedure.code.base().to_owned(), version.form.clone())) {
            // A procedure of another catalogue may have another form of the same name.
            Some(slot) if self.procedure(&procedure.code) == Some(procedure) => slot.get_or_init(build).clone(),
            _ => build(),
        }
    }

    /// The e-form of a code as typed, on a day.
    pub fn form_of(&self, code: &str, date: Date) -> Result<Arc<Form>, FormLookupError> {
        Ok(self.form_on(self.procedure_of(code)?, date)?)
    }

    /// Procedures that answer a query, best first, at most [`HITS_MAX`]. See [`Hit`] for what is matched and how it is
    /// ranked. A query without a letter or digit finds nothing.
    pub fn search(&self, query: &str) -> Vec<Hit> {
        self.index.search(query)
    }
}

#[cfg(test)]
mod tests;
