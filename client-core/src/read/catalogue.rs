//! Reading the catalogue where it takes the device: what a procedure asks, and units as they are today.

use dossier::{
    form::{Field, Label},
    procedure::Component,
    unit::{Flag, Hit, Unit, UnitType},
};
use serde::Serialize;

use super::ReadFault;
use crate::device::Device;

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
