//! E-forms filled in as people would: every required field of a procedure, from its data file.
//!
//! The catalogue's files are read here without the product's own reader, so that a story does not agree with a fault of
//! that reader.

mod people;

use std::collections::BTreeMap;

use serde_json::Value;

pub use people::Person;

use crate::{programs, rng::Rng};

/// A procedure as the stories need it.
#[derive(Debug, Clone)]
pub struct Form {
    /// The procedure's code.
    pub procedure: String,
    /// The ids of its components.
    pub components: Vec<String>,
    schema: Value,
}

impl Form {
    /// The newest version of a procedure of the shipped catalogue.
    ///
    /// # Panics
    /// If there is no such procedure.
    #[must_use]
    pub fn of(procedure: &str) -> Self {
        let file = programs::workspace().join("catalogue/procedures").join(format!("{procedure}.json"));
        let text = std::fs::read_to_string(&file).expect("the catalogue has the procedure");
        let data: Value = serde_json::from_str(&text).expect("the catalogue is JSON");
        let version = data["versions"].as_array().and_then(|versions| versions.last()).expect("a version");
        let forms = data["forms"].as_array().expect("forms");
        let form = forms.iter().find(|form| form["id"] == version["form"]).expect("the version's form");
        let ids = version["components"].as_array().expect("components").iter();
        Self {
            procedure: procedure.to_owned(),
            components: ids.map(|component| component["id"].as_str().expect("an id").to_owned()).collect(),
            schema: form["schema"].clone(),
        }
    }

    /// What this person types, in the form's order: every field that their own answers make required.
    #[must_use]
    pub fn answers(&self, person: &Person, rng: &mut Rng) -> Vec<(String, String)> {
        let mut typed: BTreeMap<String, String> = BTreeMap::new();
        loop {
            let missing: Vec<String> =
                self.required(&typed).into_iter().filter(|field| !self.is_answered(&typed, field)).collect();
            if missing.is_empty() {
                break;
            }
            for field in missing {
                self.answer(&field, person, rng, &mut typed);
            }
        }
        let order = |path: &str| self.fields().position(|id| path.split('/').next() == Some(id));
        let mut answers: Vec<(String, String)> = typed.into_iter().collect();
        answers.sort_by_key(|(path, _)| order(path));
        answers
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        self.schema["properties"].as_object().into_iter().flatten().map(|(id, _)| id.as_str())
    }

    fn is_answered(&self, typed: &BTreeMap<String, String>, field: &str) -> bool {
        typed.keys().any(|path| path.split('/').next() == Some(field))
    }

    /// Required from the start, and by what was answered so far.
    fn required(&self, typed: &BTreeMap<String, String>) -> Vec<String> {
        let mut required = names(&self.schema["required"]);
        for rule in self.schema["allOf"].as_array().into_iter().flatten() {
            let mut conditions = rule["if"]["properties"].as_object().into_iter().flatten();
            let holds = |(field, wanted): (&String, &Value)| {
                let Some(typed) = typed.get(field) else { return false };
                let fits = |value: &Value| match value {
                    Value::Bool(yes) => typed == if *yes { "true" } else { "false" },
                    _ => value.as_str() == Some(typed),
                };
                fits(&wanted["const"]) || wanted["enum"].as_array().is_some_and(|any| any.iter().any(fits))
            };
            if conditions.all(holds) {
                required.extend(names(&rule["then"]["required"]));
            }
        }
        required
    }

    fn answer(&self, field: &str, person: &Person, rng: &mut Rng, typed: &mut BTreeMap<String, String>) {
        let property = &self.schema["properties"][field];
        if property["x-type"] == "rows" {
            for cell in names(&property["items"]["required"]) {
                let value = one(&cell, &property["items"]["properties"][&cell], &Person::any(rng), rng);
                typed.insert(format!("{field}/+/{cell}"), value);
            }
        } else {
            typed.insert(field.to_owned(), one(field, property, person, rng));
        }
    }
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

/// One field, as its kind and name suggest.
fn one(field: &str, property: &Value, person: &Person, rng: &mut Rng) -> String {
    let own = field.starts_with("applicant") || field.starts_with("owner");
    match property["x-type"].as_str().unwrap_or_default() {
        "personal_id" if own || field == "personal_id" => person.personal_id.clone(),
        "personal_id" => Person::any(rng).personal_id,
        "date" if own && field.ends_with("birth") => person.birth_typed(),
        "year_or_date" if field == "birth" => person.birth_typed(),
        "date" | "year_or_date" => past_day(rng),
        "phone" => person.phone.clone(),
        "unit" => person.commune.clone(),
        "address_line" => person.address.clone(),
        "email" => format!("hopthu{}@example.vn", rng.between(100, 99_999)),
        "boolean" => if field == "declared_true" || rng.percent(50) { "true" } else { "false" }.to_owned(),
        "choice" => choice(field, property, person, rng),
        "integer" | "money" => number(property, rng),
        "tax_code" => "3700123456".to_owned(),
        _ if field.ends_with("name") && own => person.name.clone(),
        _ if field.ends_with("name") && !["bank_name", "business_name"].contains(&field) => Person::any(rng).name,
        _ => text(field, property, rng),
    }
}

fn choice(field: &str, property: &Value, person: &Person, rng: &mut Rng) -> String {
    let listed = property["oneOf"].as_array().into_iter().flatten().map(|choice| &choice["const"]);
    let choices: Vec<&str> =
        listed.chain(property["enum"].as_array().into_iter().flatten()).filter_map(Value::as_str).collect();
    if field == "applicant_sex" {
        return if person.is_male { "male" } else { "female" }.to_owned();
    }
    (*rng.pick(&choices)).to_owned()
}

fn number(property: &Value, rng: &mut Rng) -> String {
    let least = property["minimum"].as_i64().unwrap_or(1).max(1);
    let most = property["maximum"].as_i64().unwrap_or(500).min(least + 400);
    let span = u64::try_from(most - least).unwrap_or(0);
    (least + i64::try_from(rng.below(span + 1)).unwrap_or(0)).to_string()
}

fn past_day(rng: &mut Rng) -> String {
    format!("{:02}/{:02}/{}", rng.between(1, 28), rng.between(1, 12), rng.between(2009, 2025))
}

/// Free text within the field's bounds; long ones read like what clerks are told.
fn text(field: &str, property: &Value, rng: &mut Rng) -> String {
    if property["x-type"] == "long_text" {
        return (*rng.pick(&[
            "Giấy cũ bị ướt, mờ chữ; đề nghị cấp lại theo hiện trạng.",
            "Gia đình chia thửa cho con ra riêng, ranh giới đã được các hộ liền kề xác nhận.",
            "Xin nhận kết quả tại nhà vì đang trong khu vực giãn cách.",
        ]))
        .to_owned();
    }
    let max = property["maxLength"].as_u64().unwrap_or(40);
    let number = rng.between(1, 9_999);
    let text = match field {
        "certificate_number" => format!("CS {:06}", rng.below(1_000_000)),
        "certificate_register" => format!("CH{number:05}"),
        "bank_account" => format!("6500205{number:06}"),
        "bank_name" => "Ngân hàng Nông nghiệp".to_owned(),
        "social_insurance_number" => format!("74{:08}", rng.below(100_000_000)),
        // Bán lẻ trong cửa hàng tổng hợp.
        "code" => "4711".to_owned(),
        "land_use" => "Đất ở tại đô thị (ODT)".to_owned(),
        "business_name" => format!("Hộ kinh doanh Bình Dương {number}"),
        field if field.contains("nationality") => "Việt Nam".to_owned(),
        _ => number.to_string(),
    };
    text.chars().take(usize::try_from(max).unwrap_or(40)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_makes_required_is_answered_too() {
        let form = Form::of("1.009994");
        let mut rng = Rng::new(3);
        for _ in 0..50 {
            let answers: BTreeMap<String, String> =
                form.answers(&Person::any(&mut rng), &mut rng).into_iter().collect();
            assert_eq!(answers["declared_true"], "true");
            let linear = answers["works_kind"] == "linear";
            assert_eq!(answers.contains_key("line_length_m"), linear);
            assert_eq!(answers.contains_key("storeys"), !linear);
            assert_eq!(answers.contains_key("result_address"), answers["result_delivery"] == "post");
        }
    }

    #[test]
    fn rows_are_filled_in() {
        let answers = Form::of("1.012785").answers(&Person::any(&mut Rng::new(1)), &mut Rng::new(1));
        assert!(answers.iter().any(|(path, _)| path == "transferors/+/name"));
    }
}
