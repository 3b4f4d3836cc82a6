//! Everything that can be wrong in the data files, and where.
//!
//! Used by whoever edits the catalogue, by the build, and before a downloaded set is put to use. Each finding names the
//! file, the place in it as a JSON pointer (RFC 6901), how grave it is, and what is wrong in both languages. The check
//! goes on after the first finding: an editor wants the whole list.

mod forms;
mod places;
mod procedures;
mod shape;
mod tariff;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::files::{FILE_MAX_BYTES, FILES_MAX, Files};
use super::manifest::{LifeEvent, LifeEventList, Manifest, SCHEMA, Sector, SectorList};
use crate::calendar::Calendar;
use crate::form::Label;
use crate::procedure::Procedure;
use crate::unit::Units;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The set may not be used.
    Error,
    /// The set may be used; somebody should look.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Path of the file in the catalogue's folder.
    pub file: String,
    /// JSON pointer within the file; empty for the file as a whole.
    pub path: String,
    /// How grave.
    pub severity: Severity,
    /// What is wrong.
    pub what: Label,
}

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// All rules between the parts; enough to use the set.
    Load,
    /// Also reads every keyword of every schema.
    Full,
}

/// What the files hold, once each could be read.
pub(super) struct Parts {
    pub manifest: Manifest,
    pub sectors: Vec<Sector>,
    pub life_events: Vec<LifeEvent>,
    pub units: Units,
    pub calendar: Calendar,
    /// By the base of the code.
    pub procedures: BTreeMap<String, Procedure>,
}

impl Parts {
    /// The parts of files that were checked before; `None` if one of them cannot be read.
    pub fn unchecked(files: &Files) -> Option<Self> {
        fn part<T: DeserializeOwned>(files: &Files, path: &str) -> Option<T> {
            serde_json::from_slice(files.get(path)?).ok()
        }
        let text = |path: &str| std::str::from_utf8(files.get(path)?).ok();
        let procedures = files.keys().filter(|path| path.starts_with("procedures/"));
        let procedures = procedures.map(|path| part::<Procedure>(files, path));
        Some(Self {
            manifest: part(files, "catalogue.json")?,
            sectors: part::<SectorList>(files, "sectors.json")?.sectors,
            life_events: part::<LifeEventList>(files, "life_events.json")?.life_events,
            units: Units::from_json(text("units.json")?).ok()?,
            calendar: Calendar::from_json(text("calendar.json")?).ok()?,
            procedures: procedures
                .map(|read| Some((read.as_ref()?.code.base().to_owned(), read?)))
                .collect::<Option<_>>()?,
        })
    }
}

/// Findings so far, and the file they are about.
struct Findings {
    list: Vec<Finding>,
    file: String,
}

impl Findings {
    fn error(&mut self, path: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) {
        self.add(Severity::Error, path, vi, en);
    }

    fn warning(&mut self, path: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) {
        self.add(Severity::Warning, path, vi, en);
    }

    fn add(&mut self, severity: Severity, path: impl Into<String>, vi: impl Into<String>, en: impl Into<String>) {
        let what = Label::new(vi, en);
        self.list.push(Finding { file: self.file.clone(), path: path.into(), severity, what });
    }

    /// A label in two languages, Vietnamese needed, English wanted.
    fn label(&mut self, path: &str, label: &Label) {
        if label.vi.trim().is_empty() {
            self.error(format!("{path}/vi"), "thiếu nhãn tiếng Việt", "the Vietnamese label is missing");
        }
        if label.en.trim().is_empty() {
            self.warning(format!("{path}/en"), "thiếu nhãn tiếng Anh", "the English label is missing");
        }
    }
}

/// Everything wrong in the files, in order of file; paths as in [`super::Catalogue::from_files`].
pub fn check(files: &Files) -> Vec<Finding> {
    inspect(files, Depth::Full).1
}

/// Reads and checks the files. The parts are there only if every file could be read.
pub(super) fn inspect(files: &Files, depth: Depth) -> (Option<Parts>, Vec<Finding>) {
    let mut findings = Findings { list: Vec::new(), file: String::new() };
    if files.len() > FILES_MAX {
        findings.error("", format!("quá {FILES_MAX} tệp"), format!("more than {FILES_MAX} files"));
        return (None, findings.list);
    }
    let manifest = manifest(files, &mut findings);
    let sectors = sectors(files, &mut findings);
    let life_events = life_events(files, &mut findings);
    let (units, calendar) = places::read(files, &mut findings);
    let known = procedures::Known {
        sectors: sectors.as_ref().map(|list| list.iter().map(|sector| sector.id.as_str()).collect()),
        life_events: life_events.as_ref().map(|list| list.iter().map(|event| event.id.as_str()).collect()),
    };
    let mut procedures = BTreeMap::new();
    let mut all_read = true;
    for (path, bytes) in files {
        findings.file.clone_from(path);
        if let Some(name) = path.strip_prefix("procedures/").and_then(|rest| rest.strip_suffix(".json")) {
            match read::<Procedure>(bytes, shape::PROCEDURE, &mut findings) {
                Some(procedure) => {
                    procedures::check(&procedure, name, &known, &mut findings);
                    forms::check(&procedure, depth, &mut findings);
                    let base = procedure.code.base().to_owned();
                    if procedures.insert(base, procedure).is_some() {
                        findings.error("/code", "mã thủ tục bị trùng", "two files have this procedure code");
                    }
                }
                None => all_read = false,
            }
        } else if !matches!(
            path.as_str(),
            "catalogue.json" | "sectors.json" | "life_events.json" | "units.json" | "calendar.json"
        ) {
            findings.warning("", "tệp không thuộc danh mục", "the file is no part of a catalogue");
        }
    }
    findings.list.sort_by(|a, b| (&a.file, &a.path, a.severity).cmp(&(&b.file, &b.path, b.severity)));
    let parts = match (manifest, sectors, life_events, units, calendar) {
        (Some(manifest), Some(sectors), Some(life_events), Some(units), Some(calendar)) if all_read => {
            Some(Parts { manifest, sectors, life_events, units, calendar, procedures })
        }
        _ => None,
    };
    (parts, findings.list)
}

/// Reads one file, or says where it cannot be read.
fn read<T: DeserializeOwned>(bytes: &[u8], shape: &[shape::Node], findings: &mut Findings) -> Option<T> {
    if bytes.len() > FILE_MAX_BYTES {
        findings.error("", format!("tệp lớn hơn {FILE_MAX_BYTES} byte"), format!("larger than {FILE_MAX_BYTES} bytes"));
        return None;
    }
    let error = match serde_json::from_slice::<T>(bytes) {
        Ok(read) => return Some(read),
        Err(error) => error,
    };
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Err(broken) => findings.error("", format!("không phải JSON: {broken}"), format!("not JSON: {broken}")),
        Ok(value) => {
            let mut places = shape::locate(&value, shape);
            if places.is_empty() {
                places.push((String::new(), error.to_string()));
            }
            for (path, message) in places {
                findings.error(path, format!("không đọc được: {message}"), format!("cannot be read: {message}"));
            }
        }
    }
    None
}

fn bytes_of<'a>(files: &'a Files, path: &str, findings: &mut Findings) -> Option<&'a [u8]> {
    path.clone_into(&mut findings.file);
    let found = files.get(path).map(Vec::as_slice);
    if found.is_none() {
        findings.error("", "thiếu tệp", "the file is missing");
    }
    found
}

fn manifest(files: &Files, findings: &mut Findings) -> Option<Manifest> {
    let manifest: Manifest = read(bytes_of(files, "catalogue.json", findings)?, &[], findings)?;
    let numbers: Vec<&str> = manifest.version.split('.').collect();
    if numbers.len() != 3 || numbers.iter().any(|part| part.parse::<u32>().is_err()) {
        findings.error("/version", "phiên bản phải có dạng năm.tháng.số", "the version is year.month.number");
    }
    if manifest.schema > SCHEMA {
        findings.error("/schema", "danh mục cần phần mềm mới hơn", "the catalogue needs a newer program");
    }
    findings.label("/name", &manifest.name);
    Some(manifest)
}

fn sectors(files: &Files, findings: &mut Findings) -> Option<Vec<Sector>> {
    let SectorList { sectors } = read(bytes_of(files, "sectors.json", findings)?, shape::SECTORS, findings)?;
    let mut seen = BTreeSet::new();
    for (index, sector) in sectors.iter().enumerate() {
        findings.label(&format!("/sectors/{index}/name"), &sector.name);
        if !seen.insert(&sector.id) {
            findings.error(format!("/sectors/{index}/id"), "mã lĩnh vực bị trùng", "two sectors have this id");
        }
    }
    Some(sectors)
}

fn life_events(files: &Files, findings: &mut Findings) -> Option<Vec<LifeEvent>> {
    let bytes = bytes_of(files, "life_events.json", findings)?;
    let LifeEventList { life_events } = read(bytes, shape::LIFE_EVENTS, findings)?;
    let mut seen = BTreeSet::new();
    for (index, event) in life_events.iter().enumerate() {
        findings.label(&format!("/life_events/{index}/name"), &event.name);
        if !seen.insert(&event.id) {
            findings.error(format!("/life_events/{index}/id"), "mã sự kiện bị trùng", "two events have this id");
        }
    }
    Some(life_events)
}

#[cfg(test)]
mod tests;
