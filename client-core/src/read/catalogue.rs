//! Reading the catalogue: procedures, sectors, events of life, units.

use dossier::{
    catalogue::Guide,
    form::{Field, Label},
    procedure::{Component, Level, LifeEventId, Procedure},
    unit::{Flag, Hit, Unit, UnitType},
};
use serde::{Deserialize, Serialize};

use super::ReadFault;
use crate::device::Device;

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

/// A procedure as a person fills it in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcedureSheet {
    /// Its code.
    pub code: String,
    /// The version in force today.
    pub version: String,
    /// Its name.
    pub name: Label,
    /// The e-form's fields in order.
    pub fields: Vec<Field>,
    /// The papers.
    pub components: Vec<Component>,
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

/// A unit to pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitHit {
    /// Its stable id, which fields and acts take.
    pub id: String,
    /// Its official code; what a field of a form stores.
    pub code: Option<String>,
    /// Its name without the type.
    pub name: String,
    /// Its name as in an address.
    pub full_name: String,
    /// What kind of unit it is.
    pub kind: UnitType,
    /// Former units that went into it, by their full names; one that was asked for comes first.
    pub former: Vec<String>,
    /// What a person must know before choosing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Label>,
}

impl Device {
    pub(crate) fn find_procedures(&self, query: &ProcedureQuery) -> Vec<ProcedureHit> {
        let fits = |procedure: &&Procedure| {
            query.sector.as_ref().is_none_or(|sector| procedure.sector.as_str() == sector)
                && (query.life_event.as_ref())
                    .is_none_or(|event| procedure.life_events.iter().any(|known| known.as_str() == event))
        };
        if query.words.trim().is_empty() {
            return self.catalogue.procedures().filter(fits).map(|procedure| self.procedure_hit(procedure)).collect();
        }
        let found = self.catalogue.search(&query.words);
        let found = found.iter().filter_map(|hit| self.catalogue.procedure(&hit.code));
        found.filter(fits).map(|procedure| self.procedure_hit(procedure)).collect()
    }

    fn procedure_hit(&self, procedure: &Procedure) -> ProcedureHit {
        let sector = self.catalogue.sectors().iter().find(|sector| sector.id == procedure.sector);
        ProcedureHit {
            code: procedure.code.to_string(),
            name: procedure.name.clone(),
            sector: procedure.sector.to_string(),
            sector_name: sector.map_or_else(|| Label::new("", ""), |sector| sector.name.clone()),
            life_events: procedure.life_events.clone(),
            level: procedure.level,
        }
    }

    pub(crate) fn procedure_sheet(&self, code: &str) -> Result<ProcedureSheet, ReadFault> {
        let procedure = self.catalogue.procedure_of(code)?;
        let version = self.version_of(procedure).ok_or(ReadFault::Form)?;
        let form = self.catalogue.form(procedure, version).map_err(|_| ReadFault::Form)?;
        Ok(ProcedureSheet {
            code: procedure.code.to_string(),
            version: version.version.to_string(),
            name: procedure.name.clone(),
            fields: form.fields().to_vec(),
            components: version.components.clone(),
        })
    }

    pub(crate) fn procedure_guide(&self, code: &str) -> Result<Guide, ReadFault> {
        let procedure = self.catalogue.procedure_of(code)?;
        let version = self.version_of(procedure).ok_or(ReadFault::Form)?;
        self.catalogue.guide(procedure, version).map_err(|_| ReadFault::Form)
    }

    pub(crate) fn count_sectors(&self) -> Vec<SectorCount> {
        let count = |id| self.catalogue.procedures().filter(|procedure| procedure.sector == id).count();
        let sectors = self.catalogue.sectors().iter();
        sectors
            .map(|sector| SectorCount {
                id: sector.id.to_string(),
                name: sector.name.clone(),
                procedures: count(sector.id.clone()),
            })
            .filter(|sector| sector.procedures > 0)
            .collect()
    }

    pub(crate) fn count_life_events(&self) -> Vec<LifeEventCount> {
        let count = |id| self.catalogue.procedures().filter(|procedure| procedure.life_events.contains(id)).count();
        let events = self.catalogue.life_events().iter();
        events
            .map(|event| LifeEventCount {
                id: event.id.to_string(),
                name: event.name.clone(),
                procedures: count(&event.id),
            })
            .filter(|event| event.procedures > 0)
            .collect()
    }

    pub(crate) fn search_units(&self, query: &str) -> Vec<UnitHit> {
        let mut found: Vec<UnitHit> = Vec::new();
        for hit in self.catalogue.units().search(query, self.today()) {
            for unit in &hit.leads_to {
                match found.iter_mut().find(|known| known.id == unit.id.as_str()) {
                    Some(known) => known.note = known.note.take().or_else(|| note(&hit)),
                    None => found.push(UnitHit { note: note(&hit), ..self.unit_hit(unit, Some(hit.found)) }),
                }
            }
        }
        found
    }

    pub(crate) fn one_unit(&self, id: &str) -> Option<UnitHit> {
        let unit = self.catalogue.units().get(id)?;
        let note = (!unit.valid_on(self.today())).then(|| {
            let names = |units: &[&Unit]| units.iter().map(|unit| unit.full_name()).collect::<Vec<_>>().join(", ");
            let now = names(&self.catalogue.units().successors(id, self.today()));
            Label::new(format!("Đơn vị cũ, nay thuộc: {now}."), format!("A former unit, now part of: {now}."))
        });
        Some(UnitHit { note, ..self.unit_hit(unit, None) })
    }

    fn unit_hit(&self, unit: &Unit, asked: Option<&Unit>) -> UnitHit {
        let mut former = self.catalogue.units().predecessors(unit.id.as_str());
        former.sort_by_key(|earlier| asked.is_none_or(|asked| asked.id != earlier.id));
        UnitHit {
            id: unit.id.to_string(),
            code: unit.code.clone(),
            name: unit.name.clone(),
            full_name: unit.full_name(),
            kind: unit.kind,
            former: former.into_iter().map(Unit::full_name).collect(),
            note: None,
        }
    }
}

/// What a person must know before choosing what a hit leads to.
fn note(hit: &Hit<'_>) -> Option<Label> {
    let name = hit.found.full_name();
    let (vi, en): (Vec<String>, Vec<String>) = hit
        .flags
        .iter()
        .filter_map(|flag| match flag {
            Flag::FormerName => None,
            Flag::Split => Some((
                format!("{name} (cũ) đã được chia; hãy xem địa chỉ thuộc phần nào."),
                format!("{name} (former) was divided; see which part the address lies in."),
            )),
            Flag::NameTrap(trap) if trap.former == hit.found.id => Some((
                format!("Nay có nơi khác mang tên {name}; hãy chọn theo địa chỉ."),
                format!("Another place bears the name {name} today; choose by the address."),
            )),
            Flag::NameTrap(_) => Some((
                format!("Trước đây có nơi khác mang tên {name}; hãy chọn theo địa chỉ."),
                format!("Another place bore the name {name} before; choose by the address."),
            )),
            Flag::Ambiguous => Some((
                format!("Nhiều nơi từng có tên {}; hãy xem kỹ quận, huyện cũ.", hit.found.name),
                format!("Several places were called {}; look at the former district.", hit.found.name),
            )),
        })
        .unzip();
    (!vi.is_empty()).then(|| Label::new(vi.join(" "), en.join(" ")))
}

#[cfg(test)]
mod tests;
