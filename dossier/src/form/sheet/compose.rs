//! Pages, groups and fields put together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::field::Field;
use super::super::instance::Instance;
use super::super::report::Report;
use super::super::{Form, Group, Label, Page, Rows};
use super::{FieldView, Filled, FormView, GroupView, Offer, PageView, RowView, TableView, Told, Voice, offer};

impl Form {
    /// The form as a screen shows it.
    #[must_use]
    pub fn view(&self, filled: &Filled<'_>) -> FormView {
        let (report, instance) = self.judged(filled.answers);
        let sheet = Sheet::of(self, filled, &report, &instance);
        let pages: Vec<PageView> = self.pages().iter().map(|page| sheet.page(page)).collect();
        let sum = |count: fn(&PageView) -> usize| pages.iter().map(count).sum();
        FormView {
            dossier: filled.dossier,
            procedure: filled.procedure.to_owned(),
            title: self.title().clone(),
            missing: sum(|page| page.missing),
            errors: sum(|page| page.errors),
            conflicts: sum(|page| page.conflicts),
            pages,
        }
    }
}

/// Everything known about the cells, by path.
struct Sheet<'a> {
    form: &'a Form,
    filled: &'a Filled<'a>,
    instance: &'a Instance,
    fields: BTreeMap<&'a str, &'a Field>,
    missing: BTreeSet<&'a str>,
    errors: BTreeMap<&'a str, Told>,
    warnings: BTreeMap<&'a str, Vec<Told>>,
    offers: BTreeMap<String, Offer>,
}

impl<'a> Sheet<'a> {
    fn of(form: &'a Form, filled: &'a Filled<'a>, report: &'a Report, instance: &'a Instance) -> Self {
        let mut errors = BTreeMap::new();
        for error in &report.errors {
            // Of several things wrong with one value, the first is the one to mend first.
            errors.entry(error.path.as_str()).or_insert_with(|| Told::from(&error.what));
        }
        let mut warnings: BTreeMap<&str, Vec<Told>> = BTreeMap::new();
        for warning in &report.warnings {
            warnings.entry(warning.path.as_str()).or_default().push(Told::from(&warning.what));
        }
        Self {
            form,
            filled,
            instance,
            fields: form.fields().iter().map(|field| (field.id.as_str(), field)).collect(),
            missing: report.missing.iter().map(String::as_str).collect(),
            errors,
            warnings,
            offers: offer::offers(form, filled.answers, instance),
        }
    }

    fn page(&self, page: &Page) -> PageView {
        let groups: Vec<GroupView> = page.groups.iter().filter_map(|group| self.group(group)).collect();
        let cells = || groups.iter().flat_map(GroupView::cells);
        let tables = || groups.iter().filter_map(|group| group.table.as_ref());
        PageView {
            id: page.id.clone(),
            title: page.title.clone(),
            missing: cells().filter(|cell| cell.missing).count() + tables().filter(|table| table.missing).count(),
            errors: cells().filter(|cell| cell.error.is_some()).count()
                + tables().filter(|table| table.error.is_some()).count(),
            conflicts: cells().filter(|cell| cell.conflict.is_some()).count(),
            visible: !groups.is_empty(),
            groups,
        }
    }

    /// A group, if any of it is visible.
    fn group(&self, group: &Group) -> Option<GroupView> {
        let (fields, table) = match &group.rows {
            Some(rows) => {
                if !self.form.is_table_visible(&rows.field, self.filled.answers) {
                    return None;
                }
                (None, Some(self.table(group, rows)))
            }
            None => {
                let fields: Vec<FieldView> = group
                    .fields
                    .iter()
                    .filter_map(|name| self.visible(self.fields.get(name.as_str())?, None))
                    .collect();
                if fields.is_empty() {
                    return None;
                }
                (Some(fields), None)
            }
        };
        Some(GroupView { id: group.id.clone(), title: group.title.clone(), help: group.help.clone(), fields, table })
    }

    fn table(&self, group: &Group, rows: &Rows) -> TableView {
        let name = rows.field.as_str();
        let columns: Vec<&Field> = group
            .fields
            .iter()
            .filter_map(|column| self.fields.get(format!("{name}/*/{column}").as_str()).copied())
            .collect();
        let bounds = self.form.rules.property(name).map(super::super::schema::Schema::rows).unwrap_or_default();
        let ids = self.instance.rows.get(name).map(Vec::as_slice).unwrap_or_default();
        TableView {
            group: name.to_owned(),
            row_label: rows.row_label.clone(),
            columns: columns.iter().map(|field| self.field(field, field.path("+"))).collect(),
            rows: ids
                .iter()
                .map(|id| RowView {
                    id: id.clone(),
                    fields: columns.iter().filter_map(|field| self.visible(field, Some(id))).collect(),
                })
                .collect(),
            min: bounds.least,
            max: bounds.most,
            missing: self.missing.contains(name),
            error: self.errors.get(name).map(|told| told.sentence.clone()),
        }
    }

    fn visible(&self, field: &Field, row: Option<&str>) -> Option<FieldView> {
        let shown = self.form.is_visible(field, row, self.filled.answers);
        shown.then(|| self.field(field, field.path(row.unwrap_or_default())))
    }

    fn field(&self, field: &Field, path: String) -> FieldView {
        let value = self.filled.answers.get(&path).cloned();
        let at = path.as_str();
        FieldView {
            kind: field.kind,
            label: field.label.clone(),
            help: field.help.clone(),
            example: field.example.clone(),
            required: field.required,
            choices: field.choices.clone(),
            suggestions: field.suggestions.clone(),
            autocomplete: field.autocomplete.clone(),
            limits: field.limits,
            shown: value.as_ref().map_or_else(|| Label::new("", ""), |value| self.form.shown(field, value)),
            missing: self.missing.contains(at),
            error: self.errors.get(at).cloned(),
            warnings: self.warnings.get(at).cloned().unwrap_or_default(),
            conflict: self.conflict(field, at),
            offer: if value.is_none() { self.offers.get(at).cloned() } else { None },
            value,
            path,
        }
    }

    fn conflict(&self, field: &Field, path: &str) -> Option<Vec<Voice>> {
        let voices = self.filled.voices.get(path).filter(|voices| voices.len() > 1)?;
        let voice = |(place, voice): (usize, &crate::view::VoiceView)| Voice {
            shown: self.form.shown(field, &voice.value),
            own: voice.device.is_some() && voice.device == self.filled.own,
            stands: place == 0,
            voice: voice.clone(),
        };
        Some(voices.iter().enumerate().map(voice).collect())
    }
}

impl GroupView {
    /// Its cells, row by row; the empty fields for a new row are none.
    pub fn cells(&self) -> impl Iterator<Item = &FieldView> {
        let of_rows = self.table.iter().flat_map(|table| &table.rows).flat_map(|row| &row.fields);
        self.fields.iter().flatten().chain(of_rows)
    }
}
