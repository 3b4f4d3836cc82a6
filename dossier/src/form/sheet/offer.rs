//! What a personal number says about the birth year and sex beside it: offered while those are empty, never filled in,
//! because the registers themselves hold errors.

use std::collections::BTreeMap;

use super::super::field::FieldKind;
use super::super::instance::Instance;
use super::super::report::rows_of;
use super::super::{Form, IdentityPair, Label, Scalar};
use super::Offer;
use crate::identity::{PersonalId, Sex, Warning};

/// Offers by path of the empty cell.
pub fn offers(form: &Form, answers: &BTreeMap<String, Scalar>, instance: &Instance) -> BTreeMap<String, Offer> {
    let mut out = BTreeMap::new();
    for pair in &form.definition.ui.identities {
        if pair.personal_id.contains("/*/") {
            for row in rows_of(instance, &pair.personal_id) {
                of_pair(form, pair, Some(row), answers, &mut out);
            }
        } else {
            of_pair(form, pair, None, answers, &mut out);
        }
    }
    out
}

fn of_pair(
    form: &Form,
    pair: &IdentityPair,
    row: Option<&str>,
    answers: &BTreeMap<String, Scalar>,
    out: &mut BTreeMap<String, Offer>,
) {
    let path = |id: &str| row.map_or_else(|| id.to_owned(), |row| id.replacen("/*/", &format!("/{row}/"), 1));
    let Some(Scalar::Text(typed)) = answers.get(&path(&pair.personal_id)) else { return };
    let Ok(number) = PersonalId::parse(typed) else { return };
    // A number of a century to come is mistyped, and so is what it says.
    if number.check_against(None, None).contains(&Warning::CenturyAhead) {
        return;
    }
    let mut offer = |id: &Option<String>, kind: FieldKind, value: String, because: Label| {
        let Some(field) = id.as_deref().and_then(|id| form.fields().iter().find(|field| field.id == id)) else {
            return;
        };
        // A field that takes only a whole day cannot take a year.
        if field.kind == kind {
            let shown = form.shown(field, &Scalar::Text(value.clone()));
            out.insert(path(&field.id), Offer { value, shown, because });
        }
    };
    offer(
        &pair.birth,
        FieldKind::YearOrDate,
        number.birth_year().to_string(),
        Label::new("Năm sinh theo số định danh cá nhân.", "The birth year, by the personal identification number."),
    );
    offer(
        &pair.sex_field,
        FieldKind::Choice,
        match number.sex() {
            Sex::Male => "male".to_owned(),
            Sex::Female => "female".to_owned(),
        },
        Label::new("Giới tính theo số định danh cá nhân.", "The sex, by the personal identification number."),
    );
}
