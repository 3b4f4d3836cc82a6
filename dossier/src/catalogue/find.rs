//! What people look through before they begin: procedures by words, sector and event of life, and the guide of one.
//!
//! A device answers this from its own catalogue. The Centre answers the same, with this code, while a first visitor's
//! device is still on its way.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Catalogue, FormLookupError, Guide};
use crate::form::{FormError, Label};
use crate::procedure::{Level, LifeEventId, Procedure, SectorId};

/// Which procedures to find; what is absent filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureQuery {
    /// Words, with or without diacritics, or a code.
    #[serde(default, rename = "query")]
    pub words: String,
    /// A sector's id.
    #[serde(default)]
    pub sector: Option<String>,
    /// The id of an event of life.
    #[serde(default)]
    pub life_event: Option<String>,
}

/// A procedure found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcedureHit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Label,
    /// Its sector's id.
    pub sector: String,
    /// Its sector's name.
    pub sector_name: Label,
    /// Ids of the events of life under which it is found.
    pub life_events: Vec<LifeEventId>,
    /// Level that decides.
    pub level: Level,
}

/// A sector with its procedures counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectorCount {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Label,
    /// How many procedures it has.
    pub procedures: usize,
}

/// An event of life with its procedures counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LifeEventCount {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Label,
    /// How many procedures it has.
    pub procedures: usize,
}

impl Catalogue {
    /// Procedures that answer a query, best first; all of them, by code, if the words are empty.
    pub fn find(&self, query: &ProcedureQuery) -> Vec<ProcedureHit> {
        let fits = |procedure: &&Procedure| {
            query.sector.as_ref().is_none_or(|sector| procedure.sector.as_str() == sector)
                && (query.life_event.as_ref())
                    .is_none_or(|event| procedure.life_events.iter().any(|known| known.as_str() == event))
        };
        if query.words.trim().is_empty() {
            return self.procedures().filter(fits).map(|procedure| self.hit(procedure)).collect();
        }
        let found = self.search(&query.words);
        let found = found.iter().filter_map(|hit| self.procedure(&hit.code));
        found.filter(fits).map(|procedure| self.hit(procedure)).collect()
    }

    fn hit(&self, procedure: &Procedure) -> ProcedureHit {
        let sector = self.sectors().iter().find(|sector| sector.id == procedure.sector);
        ProcedureHit {
            code: procedure.code.to_string(),
            name: procedure.name.clone(),
            sector: procedure.sector.to_string(),
            sector_name: sector.map_or_else(|| Label::new("", ""), |sector| sector.name.clone()),
            life_events: procedure.life_events.clone(),
            level: procedure.level,
        }
    }

    /// Sectors with how many procedures each has, those without any left out.
    pub fn count_sectors(&self) -> Vec<SectorCount> {
        let count = |id: &SectorId| self.procedures().filter(|procedure| procedure.sector == *id).count();
        let sectors = self.sectors().iter();
        sectors
            .map(|sector| SectorCount {
                id: sector.id.to_string(),
                name: sector.name.clone(),
                procedures: count(&sector.id),
            })
            .filter(|sector| sector.procedures > 0)
            .collect()
    }

    /// Events of life with how many procedures each has, those without any left out.
    pub fn count_life_events(&self) -> Vec<LifeEventCount> {
        let count = |id| self.procedures().filter(|procedure| procedure.life_events.contains(id)).count();
        let events = self.life_events().iter();
        events
            .map(|event| LifeEventCount {
                id: event.id.to_string(),
                name: event.name.clone(),
                procedures: count(&event.id),
            })
            .filter(|event| event.procedures > 0)
            .collect()
    }

    /// The guide of a code as typed, by the version in force on a day; by the last one, if none is.
    pub fn guide_of(&self, code: &str, date: Date) -> Result<Guide, FormLookupError> {
        let procedure = self.procedure_of(code)?;
        let version = match procedure.version_on(date) {
            Ok(version) => version,
            Err(none) => procedure.versions.last().ok_or_else(|| FormError::from(none))?,
        };
        Ok(self.guide(procedure, version)?)
    }
}
