//! `catalogue.json`, `sectors.json` and `life_events.json`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::form::Label;
use crate::procedure::{LifeEventId, SectorId};

/// Shape of the data files that this program reads. A set with a greater number needs a newer program.
pub const SCHEMA: u32 = 1;

/// What the set of files is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version for people, `year.month.number`.
    pub version: String,
    /// Day from which the set is meant to be used.
    #[serde(with = "crate::calendar::iso_day")]
    pub effective_from: Date,
    /// Shape of the files.
    pub schema: u32,
    /// What the set is called.
    pub name: Label,
    /// What its readers should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Label>,
}

/// A sector (lĩnh vực) of procedures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Its name in records.
    pub id: SectorId,
    /// What it is called.
    pub name: Label,
    /// What people call it, in Vietnamese.
    #[serde(default)]
    pub synonyms: Vec<String>,
}

/// An event of life (sự kiện trong đời) under which people look for procedures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeEvent {
    /// Its name in records.
    pub id: LifeEventId,
    /// What it is called.
    pub name: Label,
}

/// Content of `life_events.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeEventList {
    /// Events in the order in which they are shown.
    pub life_events: Vec<LifeEvent>,
}

/// Content of `sectors.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectorList {
    /// Sectors in the order in which they are shown.
    pub sectors: Vec<Sector>,
}
