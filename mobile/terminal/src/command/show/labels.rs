//! What fields and papers are called.

use std::sync::Arc;

use client_core::{Device, ProcedureSheet};
use dossier::{
    catalogue::Catalogue,
    content::Scalar,
    form::{Field, Form, Label},
    procedure::VersionId,
};

use crate::{language::Language, page};

/// The names of one procedure's fields and papers; a dossier's stored paths stand in where it has none.
#[derive(Debug, Default)]
pub struct Labels {
    sheet: Option<ProcedureSheet>,
    form: Option<Arc<Form>>,
}

impl Labels {
    /// No names: for answers that need none.
    pub fn none() -> Self {
        Self::default()
    }

    /// The names of a procedure; none if this device's catalogue does not know it.
    pub fn of_procedure(device: &Device, procedure: Option<&str>) -> Self {
        let sheet = procedure.and_then(|code| device.procedure(code).ok());
        let form = sheet.as_ref().and_then(form_of);
        Self { sheet, form }
    }

    /// What a cell is called.
    pub fn name(&self, path: &str, language: Language) -> String {
        match self.field(path) {
            Some(field) => language.label(&field.label).to_owned(),
            None => path.to_owned(),
        }
    }

    /// A cell's value in words: a choice by its name, money and days as people write them.
    pub fn value(&self, path: &str, value: &Scalar, language: Language) -> String {
        let field = self.field(path);
        let choice = match (field, value) {
            (Some(field), Scalar::Text(text)) => field.choices.iter().find(|choice| choice.value == *text),
            _ => None,
        };
        match choice {
            Some(choice) => language.label(&choice.label).to_owned(),
            None => page::value(value, field.map(|field| field.kind), language),
        }
    }

    /// What a paper is called.
    pub fn component(&self, id: &str, language: Language) -> String {
        let known = self
            .sheet
            .as_ref()
            .and_then(|sheet| sheet.components.iter().find(|component| component.id.to_string() == id));
        known.map_or_else(|| id.to_owned(), |component| language.label(&component.name).to_owned())
    }

    /// Where the cell stands on the form, so that a page lists answers as the form asks for them.
    pub fn place(&self, path: &str) -> usize {
        let fields = self.sheet.as_ref().map(|sheet| sheet.fields.as_slice()).unwrap_or_default();
        fields.iter().position(|field| is_cell_of(field, path)).unwrap_or(usize::MAX)
    }

    /// The heading under which the form asks for the cell: three people on one form all have a name and a number.
    pub fn heading(&self, path: &str, language: Language) -> Option<&str> {
        let group: &Label = self.group_title(self.field(path)?)?;
        Some(language.label(group))
    }

    /// What a path of the whole content is called: `components/giay-chung-sinh/originals` is a count of a paper.
    pub fn content_name(&self, path: &str, language: Language) -> String {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["components", id, "originals"] => self.of_paper(id, "history.originals", language),
            ["components", id, "copies"] => self.of_paper(id, "history.copies", language),
            ["components", id, "files", _] => self.of_paper(id, "history.file", language),
            ["procedure", "code"] => language.say("history.procedure").to_owned(),
            ["procedure", "version"] => language.say("history.catalogue").to_owned(),
            _ => match self.heading(path, language) {
                Some(heading) => format!("{heading} – {}", self.name(path, language)),
                None => self.name(path, language),
            },
        }
    }

    fn of_paper(&self, id: &str, key: &'static str, language: Language) -> String {
        format!("{} – {}", self.component(id, language), language.say(key))
    }

    fn group_title(&self, field: &Field) -> Option<&Label> {
        let page = self.form.as_ref()?.pages().iter().find(|page| page.id == field.page)?;
        page.groups.iter().find(|group| group.id == field.group).map(|group| &group.title)
    }

    fn field(&self, path: &str) -> Option<&Field> {
        self.sheet.as_ref()?.fields.iter().find(|field| is_cell_of(field, path))
    }
}

/// The form that the sheet's version cites.
fn form_of(sheet: &ProcedureSheet) -> Option<Arc<Form>> {
    let catalogue = Catalogue::shipped();
    let procedure = catalogue.procedure_of(&sheet.code).ok()?;
    let version = procedure.version(&VersionId::parse(&sheet.version).ok()?)?;
    catalogue.form(procedure, version).ok()
}

/// Whether the path is a cell of the field: `members/k3f9/name` of `members/*/name`.
fn is_cell_of(field: &Field, path: &str) -> bool {
    match &field.repeated {
        None => field.id == path,
        Some(group) => {
            let mut parts = path.split('/');
            parts.next() == Some(group) && parts.next().is_some() && parts.next() == Some(field.property())
        }
    }
}

#[cfg(test)]
mod tests {
    use client_core::{
        MemoryStore,
        ports::{FixedClock, SeededEntropy},
    };

    use super::*;

    #[test]
    fn cells_are_named_as_the_form_names_them() {
        let clock = FixedClock::at(1_795_000_000_000);
        let device = Device::init(MemoryStore::new(), clock, SeededEntropy::new(1), "http://localhost").unwrap();
        let labels = Labels::of_procedure(&device, Some("1.001193"));
        assert_eq!(labels.name("child_birth", Language::Vi), "Ngày, tháng, năm sinh (ghi bằng số)");
        assert_eq!(labels.value("child_birth", &Scalar::from("2026-03-21"), Language::Vi), "21/03/2026");
        assert!(labels.place("applicant_name") < labels.place("child_name"));
        assert_eq!(labels.component("to-khai", Language::Vi), "Tờ khai đăng ký khai sinh");
        let heading = |path| labels.heading(path, Language::Vi).unwrap();
        assert_ne!(heading("mother_id"), heading("father_id"), "one label, two people");
        let copies = labels.content_name("components/to-khai/copies", Language::Vi);
        assert_eq!(copies, "Tờ khai đăng ký khai sinh – số bản sao");
        let none = Labels::of_procedure(&device, Some("9.999999"));
        assert_eq!(none.name("child_birth", Language::Vi), "child_birth");
        assert_eq!(none.component("to-khai", Language::Vi), "to-khai");
        let plain = Scalar::from("2026-03-21");
        assert_eq!(none.value("child_birth", &plain, Language::Vi), page::value(&plain, None, Language::Vi));
    }
}
