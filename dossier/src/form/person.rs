//! Whether a personal number agrees with the birth date and sex beside it.

use std::collections::BTreeMap;

use super::input::Warning;
use super::instance::Instance;
use super::report::{Reported, rows_of};
use super::{Form, IdentityPair, Scalar};
use crate::identity::{self, Birth, PersonalId, Sex};

/// Contradictions between the visible answers of each identity pair, row by row in repeated groups. What the number
/// says by itself (an unknown province) was told when it was typed.
pub fn contradictions(form: &Form, answers: &BTreeMap<String, Scalar>, instance: &Instance) -> Vec<Reported<Warning>> {
    let mut out = Vec::new();
    for pair in &form.definition.ui.identities {
        if pair.personal_id.contains("/*/") {
            for row in rows_of(instance, &pair.personal_id) {
                out.extend(judge(pair, Some(row), answers, instance));
            }
        } else {
            out.extend(judge(pair, None, answers, instance));
        }
    }
    out
}

fn judge(
    pair: &IdentityPair,
    row: Option<&str>,
    answers: &BTreeMap<String, Scalar>,
    instance: &Instance,
) -> Vec<Reported<Warning>> {
    let path = |id: &str| row.map_or_else(|| id.to_owned(), |row| id.replacen("/*/", &format!("/{row}/"), 1));
    let text = |id: &str| match answers.get(&path(id)) {
        Some(Scalar::Text(text)) if !instance.hidden.contains(&path(id)) => Some(text.as_str()),
        _ => None,
    };
    let Some(id) = text(&pair.personal_id).and_then(|text| PersonalId::parse(text).ok()) else { return Vec::new() };
    // "1990-03" is a month and year; its year is what counts here.
    let birth = pair.birth.as_deref().and_then(text).and_then(|text| Birth::parse(text.get(..4)?).ok());
    let sex = match pair.sex.as_deref().or_else(|| pair.sex_field.as_deref().and_then(text)) {
        Some("male") => Some(Sex::Male),
        Some("female") => Some(Sex::Female),
        _ => None,
    };
    id.check_against(birth, sex)
        .into_iter()
        .filter(|warning| matches!(warning, identity::Warning::SexDiffers | identity::Warning::BirthYearDiffers))
        .map(|warning| Reported { path: path(&pair.personal_id), what: Warning::from(warning) })
        .collect()
}
