//! One procedure as a person fills it in: fields, papers, ways to submit with their terms and fees.

use std::fmt::Display;

use client_core::ProcedureSheet;
use dossier::{
    catalogue::Catalogue,
    deadline::Term,
    event::Channel,
    fault::Code,
    form::Field,
    procedure::{Case, Component, VersionId},
};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, to_value},
    failure::Failure,
    language::Language,
    page::{self, Page},
    shell::Shell,
};

/// The sheet as an answer.
pub fn answer(shell: &Shell, sheet: &ProcedureSheet) -> Result<Answer, Failure> {
    let cases = cases(sheet)?;
    let value = json!({
        "code": sheet.code,
        "version": sheet.version,
        "name": sheet.name,
        "fields": sheet.fields.iter().map(field).collect::<Vec<_>>(),
        "components": sheet.components,
        "channels": cases.iter().flat_map(channels).collect::<Vec<_>>(),
    });
    shell.answer(&value, |page| tell(page, sheet, cases))
}

/// The cases of the sheet's version, in which terms and fees stand.
fn cases(sheet: &ProcedureSheet) -> Result<&'static [Case], Failure> {
    let unknown = || Failure::from(Code::UnknownProcedure);
    let procedure = Catalogue::shipped().procedure_of(&sheet.code).map_err(|_| unknown())?;
    let version = VersionId::parse(&sheet.version).ok().and_then(|id| procedure.version(&id)).ok_or_else(unknown)?;
    Ok(&version.cases)
}

/// A field under the names that programs know: what it holds is its `type`.
fn field(field: &Field) -> Value {
    let mut value = to_value(field);
    if let Some(object) = value.as_object_mut()
        && let Some(kind) = object.remove("kind")
    {
        object.insert("type".to_owned(), kind);
    }
    value
}

/// The ways of a case: number, whether it is open, term and fees.
fn channels(case: &Case) -> impl Iterator<Item = Value> {
    case.channels.iter().map(|offering| {
        let mut value = to_value(offering);
        if let Some(object) = value.as_object_mut() {
            object.insert("case".to_owned(), json!(case.id));
        }
        value
    })
}

fn tell(page: &mut Page, sheet: &ProcedureSheet, cases: &[Case]) {
    let language = page.language();
    page.plain(language.label(&sheet.name));
    page.filled("procedures.version", &[("code", &sheet.code), ("version", &sheet.version)]);
    page.heading("procedures.fields");
    for field in &sheet.fields {
        tell_field(page, field);
    }
    page.heading("procedures.components");
    for Component { id, name, originals, copies, .. } in &sheet.components {
        let name = language.label(name);
        let values: [(&str, &dyn Display); 4] =
            [("id", id), ("name", &name), ("originals", originals), ("copies", copies)];
        page.under(language.fill("procedures.component", &values));
    }
    page.heading("procedures.channels");
    for case in cases {
        tell_case(page, case);
    }
}

fn tell_field(page: &mut Page, field: &Field) {
    let language = page.language();
    let mark = if field.required { " *" } else { "" };
    page.under(format_args!("{}{mark}  {} ({})", field.id, language.label(&field.label), field.kind.name()));
    if let Some(help) = &field.help {
        page.under(format_args!("    {}", language.label(help)));
    }
    if !field.choices.is_empty() {
        let choices: Vec<String> = field
            .choices
            .iter()
            .map(|choice| format!("{} ({})", choice.value, language.label(&choice.label)))
            .collect();
        page.under(format_args!("    {}", language.fill("procedures.choices", &[("choices", &choices.join(", "))])));
    }
    if let Some(example) = &field.example {
        page.under(format_args!("    {}", language.fill("procedures.example", &[("example", example)])));
    }
}

fn tell_case(page: &mut Page, case: &Case) {
    let language = page.language();
    page.under(language.label(&case.name));
    for offering in &case.channels {
        let way = language.say(match offering.channel {
            Channel::Direct => "channel.direct",
            Channel::Online => "channel.online",
            Channel::Postal => "channel.postal",
        });
        let terms = if offering.allowed {
            let term = offering.term.as_ref().map(|term| term_text(term, language));
            let fees = offering.fees.iter().map(|fee| page::dong(fee.amount_dong));
            term.into_iter().chain(fees).collect::<Vec<_>>().join(" · ")
        } else {
            language.say("procedures.closed").to_owned()
        };
        page.under(format_args!("  {way}: {terms}"));
    }
}

fn term_text(term: &Term, language: Language) -> String {
    match term {
        Term::Hours { amount } => language.fill("term.hours", &[("amount", amount)]),
        Term::Days { amount } => language.fill("term.days", &[("amount", amount)]),
        Term::WorkingDays { amount } => language.fill("term.working_days", &[("amount", amount)]),
        Term::Months { amount } => language.fill("term.months", &[("amount", amount)]),
        Term::SameDay { .. } => language.say("term.same_day").to_owned(),
    }
}
