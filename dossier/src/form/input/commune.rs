//! A commune as people name it.

use jiff::civil::Date;

use super::FieldError;
use crate::text::{fold, lower};
use crate::unit::{Unit, Units};

/// Most candidates that are listed for an ambiguous name.
const CANDIDATES_MAX: usize = 8;

/// The code of a present commune, given its code, its id or a name that only one bears.
///
/// The full name as written ("Phường Tân Hiệp") always decides. A bare name, or one without diacritics, does so only
/// if no former unit of that name went elsewhere; and a former name never does, since what follows it is for a person
/// to say (domain §7.2): its successors are offered.
pub fn read(units: &Units, text: &str) -> Result<String, FieldError> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let found = units.get(text).filter(|unit| is_present_commune(unit));
        return found.and_then(|unit| unit.code.clone()).ok_or(FieldError::UnknownUnit);
    }
    if let Some(code) = units.get(text).filter(|unit| is_present_commune(unit)).and_then(|unit| unit.code.clone()) {
        return Ok(code);
    }
    let whole = lower(text);
    let mut by_full_name = present(units).filter(|unit| lower(&unit.full_name()) == whole);
    if let (Some(only), None) = (by_full_name.next(), by_full_name.next()) {
        return only.code.clone().ok_or(FieldError::UnknownUnit);
    }
    let plain = fold(text);
    let named = |unit: &&Unit| fold(&unit.name) == plain || fold(&unit.full_name()) == plain;
    let current: Vec<&Unit> = present(units).filter(named).collect();
    let former: Vec<Vec<&Unit>> = units
        .all()
        .iter()
        .filter(|unit| unit.valid_to.is_some())
        .filter(named)
        .map(|unit| {
            units.successors(unit.id.as_str(), Date::MAX).into_iter().filter(|it| is_present_commune(it)).collect()
        })
        .filter(|successors: &Vec<&Unit>| !successors.is_empty())
        .collect();
    if let [only] = current.as_slice()
        && former.iter().all(|successors| successors.iter().any(|unit| unit.id == only.id))
    {
        return only.code.clone().ok_or(FieldError::UnknownUnit);
    }
    let mut candidates: Vec<String> = Vec::new();
    for unit in current.into_iter().chain(former.into_iter().flatten()) {
        let line = format!("{} {}", unit.code.as_deref().unwrap_or_default(), unit.full_name());
        if !candidates.contains(&line) && candidates.len() < CANDIDATES_MAX {
            candidates.push(line);
        }
    }
    if candidates.is_empty() { Err(FieldError::UnknownUnit) } else { Err(FieldError::AmbiguousUnit { candidates }) }
}

fn present(units: &Units) -> impl Iterator<Item = &Unit> {
    units.all().iter().filter(|unit| is_present_commune(unit))
}

fn is_present_commune(unit: &Unit) -> bool {
    unit.valid_to.is_none() && unit.code.as_ref().is_some_and(|code| code.len() == 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn code(text: &str) -> Result<String, FieldError> {
        read(Catalogue::shipped().units(), text)
    }

    #[test]
    fn codes_and_present_names_are_read() {
        for text in ["25747", "hcm-25747", "Phường Thủ Dầu Một", "thủ dầu một", "thu dau mot"] {
            assert_eq!(code(text), Ok("25747".to_owned()), "{text}");
        }
        assert_eq!(code("Phường Tân Hiệp"), Ok("25920".to_owned()));
        for text in ["99999", "74", "Phường Hư Cấu", "bd-tdm"] {
            assert_eq!(code(text), Err(FieldError::UnknownUnit), "{text}");
        }
    }

    #[test]
    fn a_former_name_offers_its_successors_and_never_decides() {
        let candidates = |text: &str| match code(text) {
            Err(FieldError::AmbiguousUnit { candidates }) => candidates,
            other => panic!("{text}: {other:?}"),
        };
        let split = candidates("Hiệp Thành");
        assert!(split.iter().any(|one| one.starts_with("25747")) && split.iter().any(|one| one.starts_with("25750")));
        // Xã Tân Hiệp of Phú Giáo went to Phước Thành, while another Tân Hiệp is a ward today.
        let trap = candidates("tan hiep");
        assert!(trap.iter().any(|one| one.starts_with("25920")) && trap.iter().any(|one| one.starts_with("25864")));
    }
}
