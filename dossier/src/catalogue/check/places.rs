//! The calendar and the units, which check themselves, brought to the form of the other findings.

use super::super::files::Files;
use super::{Findings, bytes_of};
use crate::calendar::{self, Calendar, CalendarError};
use crate::unit::{Units, UnitsError};

/// Units and calendar, as far as they can be used.
pub(super) fn read(files: &Files, findings: &mut Findings) -> (Option<Units>, Option<Calendar>) {
    (units(files, findings), calendar(files, findings))
}

fn calendar(files: &Files, findings: &mut Findings) -> Option<Calendar> {
    let json = text(bytes_of(files, "calendar.json", findings)?, findings)?;
    match Calendar::from_json(json) {
        Ok(calendar) => {
            let doubts: Vec<&calendar::Finding> = calendar.warnings().iter().collect();
            for doubt in doubts {
                findings.warning(pointer(&doubt.where_), doubt.what.clone(), doubt.what.clone());
            }
            Some(calendar)
        }
        Err(CalendarError::Faults(faults)) => {
            for fault in faults {
                findings.error(pointer(&fault.where_), fault.what.clone(), fault.what);
            }
            None
        }
        Err(CalendarError::Shape(cause)) => unreadable(&cause.to_string(), findings),
        Err(other) => unreadable(&other.to_string(), findings),
    }
}

fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<&'a str> {
    std::str::from_utf8(bytes).map_or_else(|error| unreadable(&error.to_string(), findings), Some)
}

fn unreadable<T>(message: &str, findings: &mut Findings) -> Option<T> {
    findings.error("", format!("không đọc được: {message}"), format!("cannot be read: {message}"));
    None
}

/// `years[1].overrides[3] 2026-01-10` as a JSON pointer; the date after the blank is for people.
fn pointer(place: &str) -> String {
    let path = place.split(' ').next().unwrap_or_default();
    path.split(['.', '[', ']']).filter(|part| !part.is_empty()).map(|part| format!("/{part}")).collect()
}

fn units(files: &Files, findings: &mut Findings) -> Option<Units> {
    let bytes = bytes_of(files, "units.json", findings)?;
    let units = match Units::from_json(text(bytes, findings)?) {
        Ok(units) => units,
        Err(UnitsError::Shape(cause)) => return unreadable(&cause.to_string(), findings),
        Err(other) => return unreadable(&other.to_string(), findings),
    };
    for fault in units.check() {
        // A unit says its id, an edge the ids of both ends: the id that is in the list gives the pointer.
        let place = units.all().iter().position(|unit| unit.id.as_str() == fault.where_);
        let path = place.map_or_else(|| "/successions".to_owned(), |place| format!("/units/{place}"));
        let what = format!("{}: {}", fault.where_, fault.what);
        findings.error(path, what.clone(), what);
    }
    Some(units)
}
