//! Units as scopes and as authorities: which queue a unit's work stands in, and whose codes it gives out.

use dossier::unit::{Unit, UnitType, Units};
use jiff::civil::Date;

/// The Centre's queue of submissions that name no unit.
pub const UNROUTED_SCOPE: &str = "unit:*";

/// The Centre as a unit of the catalogue.
#[must_use]
pub fn service_centre(units: &Units, on: Date) -> Option<&Unit> {
    units.all().iter().find(|unit| unit.kind == UnitType::ServiceCentre && unit.valid_on(on))
}

/// The scope of a unit, however it is named (code, id or identifier), by the unit that stands for it today.
///
/// A unit that the catalogue does not know, or that was split, gives [`UNROUTED_SCOPE`]: only a person can say whose
/// work it is, and meanwhile somebody must see it.
#[must_use]
pub fn scope_of_unit(units: &Units, named: &str, on: Date) -> String {
    match units.successors(named, on).as_slice() {
        [unit] => format!("unit:{}", unit.code.as_deref().unwrap_or(unit.id.as_str())),
        _ => UNROUTED_SCOPE.to_owned(),
    }
}

/// The identifier under which a unit gives out codes: its own, or that of the nearest unit above that has one.
#[must_use]
pub fn org_id_of(units: &Units, named: &str) -> Option<String> {
    let unit = units.get(named)?;
    unit.org_id.clone().or_else(|| units.ancestors(unit).into_iter().find_map(|above| above.org_id.clone()))
}
