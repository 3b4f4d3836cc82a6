//! What is wrong or suspicious in a calendar file, all of it at once and each with its place.

use super::{CalendarFile, DayOverride, OverrideKind, Session, Year, YearStatus, hung_kings_day, lunar_new_year};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;

/// Whether a finding makes the file unusable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The file contradicts itself.
    Fault,
    /// A person should look at it.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where, as a path in the file with the date: `years[1].overrides[3] 2026-01-10`.
    pub where_: String,
    /// What, in a plain sentence for the operator.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.where_, self.what)
    }
}

struct Findings(Vec<Finding>);

impl Findings {
    fn fault(&mut self, found: bool, where_: &str, what: &str) {
        self.push(found, Severity::Fault, where_, what);
    }

    fn warning(&mut self, found: bool, where_: &str, what: &str) {
        self.push(found, Severity::Warning, where_, what);
    }

    fn push(&mut self, found: bool, severity: Severity, where_: &str, what: &str) {
        if found {
            self.0.push(Finding { severity, where_: where_.to_owned(), what: what.to_owned() });
        }
    }
}

/// All findings, in the order of the file.
pub(super) fn check(file: &CalendarFile) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    findings.fault(file.version.trim().is_empty(), "version", "the version is empty");
    check_hours(file, &mut findings);
    let mut years = BTreeSet::new();
    let mut dates = BTreeSet::new();
    for (at, year) in file.years.iter().enumerate() {
        let place = format!("years[{at}] {}", year.year);
        findings.fault(!years.insert(year.year), &place, "the year is listed twice");
        findings.fault(!(2000..=2199).contains(&year.year), &place, "the year is outside 2000–2199");
        for (index, day) in year.overrides.iter().enumerate() {
            let place = format!("years[{at}].overrides[{index}] {}", day.date);
            findings.fault(!dates.insert(day.date), &place, "the date is listed twice");
            check_day(day, year, &place, &mut findings);
        }
        check_year(year, &place, &mut findings);
    }
    findings.0
}

fn check_hours(file: &CalendarFile, findings: &mut Findings) {
    let hours = &file.office_hours;
    let backwards = |session: Session| session.opens >= session.closes;
    findings.fault(backwards(hours.morning), "office_hours.morning", "it closes before it opens");
    findings.fault(backwards(hours.afternoon), "office_hours.afternoon", "it closes before it opens");
    findings.fault(
        hours.morning.closes > hours.afternoon.opens,
        "office_hours.afternoon",
        "it opens before the morning closes",
    );
}

fn check_day(day: &DayOverride, year: &Year, place: &str, findings: &mut Findings) {
    let rest = is_weekend(day.date);
    findings.fault(day.date.year() != year.year, place, "the date is outside its year");
    findings.fault(day.basis.trim().is_empty(), place, "the legal basis is missing");
    findings.fault(day.name.vi.trim().is_empty() || day.name.en.trim().is_empty(), place, "a name is missing");
    match day.kind {
        OverrideKind::MakeupWorkday => {
            findings.fault(!rest, place, "a make-up working day falls on a weekday, which is worked anyway");
        }
        OverrideKind::CompensatoryOff | OverrideKind::SwapOff => {
            findings.fault(rest, place, "a day off in exchange falls on a weekend, which is free anyway");
        }
        OverrideKind::Holiday => {
            // The next working day is off instead (Bộ luật Lao động 2019, Điều 111): within a week, even at Tết.
            let compensated = year.overrides.iter().any(|other| {
                other.kind == OverrideKind::CompensatoryOff
                    && other.date > day.date
                    && day.date.checked_add(8.days()).is_ok_and(|limit| other.date < limit)
            });
            findings.warning(
                rest && !compensated,
                place,
                "a holiday on a weekend has no compensatory day off after it",
            );
        }
    }
}

fn check_year(year: &Year, place: &str, findings: &mut Findings) {
    let count = |kind| year.overrides.iter().filter(|day| day.kind == kind).count();
    findings.warning(
        count(OverrideKind::SwapOff) != count(OverrideKind::MakeupWorkday),
        place,
        "the days swapped off and the make-up working days are not equally many",
    );
    let holiday = |date: Option<Date>| {
        date.is_some_and(|date| year.overrides.iter().any(|day| day.date == date && day.kind == OverrideKind::Holiday))
    };
    findings.warning(
        !holiday(lunar_new_year(year.year)),
        place,
        "Tết does not contain mùng 1 as the lunar calendar has it",
    );
    findings.warning(!holiday(hung_kings_day(year.year)), place, "Giỗ Tổ is not on 10/3 of the lunar calendar");
    let fixed = [(1, 1, i16::MIN), (4, 30, i16::MIN), (5, 1, i16::MIN), (9, 2, i16::MIN), (11, 24, 2026)];
    for (month, day, since) in fixed {
        let missing = year.year >= since && !holiday(Date::new(year.year, month, day).ok());
        findings.warning(missing, place, &format!("the public holiday of {day:02}/{month:02} is missing"));
    }
    let assumed = year.status == YearStatus::Official && year.overrides.iter().any(|day| day.provisional);
    findings.warning(assumed, place, "an official year holds provisional days");
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::super::tests::SHIPPED;
    use super::super::{Calendar, CalendarError};
    use super::*;
    use serde_json::{Value, json};

    fn file() -> Value {
        serde_json::from_str(SHIPPED).unwrap()
    }

    fn faults(file: &Value) -> Vec<Finding> {
        match Calendar::from_json(&file.to_string()) {
            Err(CalendarError::Faults(faults)) => faults,
            other => panic!("{other:?}"),
        }
    }

    fn warnings(file: &Value) -> Vec<String> {
        Calendar::from_json(&file.to_string()).unwrap().warnings().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_faults_are_told_at_once_with_their_place() {
        let mut file = file();
        let overrides = file["years"][1]["overrides"].as_array_mut().unwrap();
        let again = overrides[0].clone();
        overrides.push(again);
        overrides[2]["date"] = json!("2026-01-09");
        overrides[1]["date"] = json!("2027-01-04");
        overrides[3]["basis"] = json!(" ");
        file["office_hours"]["morning"]["closes"] = json!("07:00");
        let told: Vec<String> = faults(&file).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "office_hours.morning: it closes before it opens",
                "years[1].overrides[1] 2027-01-04: the date is outside its year",
                "years[1].overrides[2] 2026-01-09: a make-up working day falls on a weekday, which is worked anyway",
                "years[1].overrides[3] 2026-02-16: the legal basis is missing",
                "years[1].overrides[17] 2026-01-01: the date is listed twice",
            ]
        );
    }

    #[test]
    fn the_other_faults() {
        let mut twice = file();
        twice["years"][0]["year"] = json!(2026);
        assert!(faults(&twice).iter().any(|fault| fault.what.contains("listed twice")));
        let mut weekend = file();
        weekend["years"][1]["overrides"][1]["date"] = json!("2026-01-03");
        assert!(faults(&weekend).iter().any(|fault| fault.what.contains("free anyway")));
        let mut nameless = file();
        nameless["years"][0]["overrides"][0]["name"]["en"] = json!("");
        nameless["version"] = json!("");
        nameless["office_hours"]["afternoon"]["opens"] = json!("11:00");
        assert_eq!(faults(&nameless).len(), 3);
    }

    #[test]
    fn a_tet_without_mung_1_is_suspicious() {
        let mut file = file();
        let overrides = file["years"][0]["overrides"].as_array_mut().unwrap();
        overrides.retain(|day| day["date"] != "2025-01-29");
        assert_eq!(warnings(&file), ["years[0] 2025: Tết does not contain mùng 1 as the lunar calendar has it"]);
    }

    #[test]
    fn the_other_warnings() {
        let mut file = file();
        let overrides = file["years"][1]["overrides"].as_array_mut().unwrap();
        overrides.retain(|day| !["2026-01-10", "2026-04-27", "2026-11-24"].contains(&day["date"].as_str().unwrap()));
        overrides[0]["provisional"] = json!(true);
        assert_eq!(
            warnings(&file),
            [
                "years[1].overrides[7] 2026-04-26: a holiday on a weekend has no compensatory day off after it",
                "years[1] 2026: the days swapped off and the make-up working days are not equally many",
                "years[1] 2026: the public holiday of 24/11 is missing",
                "years[1] 2026: an official year holds provisional days",
            ]
        );
    }
}
