//! The page of a dossier, from what matters most: what it is, where it stands, what is to be decided, what was said.

use client_core::Shown;
use dossier::{
    content::Scalar,
    state::ClockFlag,
    view::{AmendmentView, ComponentView, ConflictView, DossierView, EventView, Moment, VoiceView},
};

use super::{Labels, event_title, ineffective};
use crate::{
    language::Language,
    page::{self, Page},
    person,
};

/// The whole page.
pub fn tell(page: &mut Page, shown: &Shown, labels: &Labels) {
    let view = &shown.view;
    title(page, shown);
    times(page, view);
    conflicts(page, view, labels);
    disputes(page, view);
    if let Some(amendment) = &view.pending_amendment {
        amended(page, view, amendment, labels);
    }
    answers(page, view, labels);
    components(page, view, labels);
    events(page, view);
}

fn title(page: &mut Page, shown: &Shown) {
    let (view, language) = (&shown.view, page.language());
    match &view.procedure_name {
        Some(name) => page.plain(language.label(name)),
        None => page.line("show.title_unknown"),
    }
    if let Some(code) = &view.code {
        page.filled("show.codes", &[("code", code)]);
    }
    if let Some(code) = &view.provisional_code {
        page.filled("show.provisional", &[("code", code)]);
    }
    page.under(view.dossier);
    let mut status = match language {
        Language::Vi => view.status.name.to_owned(),
        Language::En => view.status.name_en.to_owned(),
    };
    if let Some(code) = view.status.business {
        status = format!("{status} ({code})");
    }
    page.filled("show.status", &[("status", &status)]);
    page.filled("show.sync", &[("state", &sync_state(shown, language))]);
    if shown.attachments.total > 0 {
        page.filled("show.pages", &[("arrived", &shown.attachments.arrived), ("all", &shown.attachments.total)]);
    }
}

/// Where the work is: on this device, or at the Centre. Never "received" while anything is only here.
fn sync_state(shown: &Shown, language: Language) -> String {
    if shown.refused > 0 {
        return language.say("sync_state.refused").to_owned();
    }
    let waiting = usize::try_from(shown.unsent).unwrap_or(usize::MAX).saturating_add(shown.unsealed.len());
    if waiting == 0 {
        return language.say("sync_state.received").to_owned();
    }
    format!("{} · {}", language.say("sync_state.here"), language.fill("show.unsent", &[("items", &waiting)]))
}

fn times(page: &mut Page, view: &DossierView) {
    if let Some(unit) = &view.unit {
        page.filled("show.unit", &[("unit", unit)]);
    }
    if let Some(moment) = &view.submitted_at {
        page.filled("show.submitted", &[("at", &at(moment, page.language()))]);
    }
    if let Some(moment) = &view.accepted_at {
        page.filled("show.accepted", &[("at", &at(moment, page.language()))]);
    }
    match &view.due_at {
        Some(due) if view.due_provisional => page.filled("show.due_provisional", &[("at", &page::iso(due))]),
        Some(due) => page.filled("show.due", &[("at", &page::iso(due))]),
        None => {}
    }
    if let Some(moment) = &view.finished_at {
        page.filled("show.finished", &[("at", &at(moment, page.language()))]);
    }
}

fn at(moment: &Moment, language: Language) -> String {
    page::iso(&moment.at) + clock(moment.clock, language)
}

fn clock(flag: ClockFlag, language: Language) -> &'static str {
    match flag {
        ClockFlag::Agreed | ClockFlag::Unconfirmed => "",
        ClockFlag::Corrected => language.say("show.clock_corrected"),
    }
}

fn conflicts(page: &mut Page, view: &DossierView, labels: &Labels) {
    if view.conflicts.is_empty() {
        return;
    }
    page.heading("show.conflicts");
    for conflict in &view.conflicts {
        tell_conflict(page, conflict, labels);
    }
    page.under(page.language().fill("show.conflicts_next", &[("dossier", &view.dossier)]));
}

/// A field with all its values, each with who said it and when.
pub fn tell_conflict(page: &mut Page, conflict: &ConflictView, labels: &Labels) {
    let language = page.language();
    page.under(format_args!("⚠ {} ({})", labels.content_name(&conflict.field, language), conflict.field));
    for voice in &conflict.values {
        page.under(format_args!("    {}", said(voice, &conflict.field, labels, language)));
    }
}

fn said(voice: &VoiceView, field: &str, labels: &Labels, language: Language) -> String {
    let value = labels.value(field, &voice.value, language);
    let by = person::named(&voice.by, voice.role, language);
    let at = page::iso(&voice.at) + clock(voice.clock, language);
    language.fill("show.voice", &[("value", &value), ("by", &by), ("at", &at)])
}

fn disputes(page: &mut Page, view: &DossierView) {
    if view.disputed.is_empty() {
        return;
    }
    page.heading("show.disputed");
    for event in &view.disputed {
        tell_event(page, event);
        page.under(format_args!("    {}", page::short(event.deed.event)));
    }
    page.under(page.language().fill("show.disputed_next", &[("dossier", &view.dossier)]));
}

fn amended(page: &mut Page, view: &DossierView, amendment: &AmendmentView, labels: &Labels) {
    page.heading("show.amendment");
    let language = page.language();
    let words = |field: &str, value: Option<&Scalar>| match value {
        Some(value) => labels.value(field, value, language),
        None => language.say("value.empty").to_owned(),
    };
    for change in &amendment.changes {
        let field = labels.content_name(&change.field, language);
        let accepted = words(&change.field, change.accepted.as_ref());
        let now = words(&change.field, change.now.first().map(|voice| &voice.value));
        page.under(language.fill("show.amended", &[("field", &field), ("accepted", &accepted), ("now", &now)]));
        for voice in &change.now {
            page.under(format_args!("    {}", said(voice, &change.field, labels, language)));
        }
    }
    page.under(language.fill("show.amendment_next", &[("dossier", &view.dossier)]));
}

fn answers(page: &mut Page, view: &DossierView, labels: &Labels) {
    if view.answers.is_empty() {
        return;
    }
    page.heading("show.answers");
    let language = page.language();
    let mut cells: Vec<(&String, &Scalar)> = view.answers.iter().collect();
    cells.sort_by_key(|(path, _)| (labels.place(path), *path));
    let mut under = None;
    for (path, value) in cells {
        let heading = labels.heading(path, language);
        if heading.is_some() && heading != under {
            page.under(format_args!("[{}]", heading.unwrap_or_default()));
        }
        under = heading;
        let disagreed = view.conflicts.iter().any(|conflict| conflict.field == *path);
        let mark = if disagreed { " ⚠" } else { "" };
        let (name, value) = (labels.name(path, language), labels.value(path, value, language));
        page.under(format_args!("{name}: {value}{mark}"));
    }
}

fn components(page: &mut Page, view: &DossierView, labels: &Labels) {
    if view.components.is_empty() {
        return;
    }
    page.heading("show.components");
    let language = page.language();
    for ComponentView { id, originals, copies, files } in &view.components {
        let arrived = files.iter().filter(|file| file.arrived).count();
        page.under(language.fill(
            "show.component",
            &[
                ("name", &labels.component(id, language)),
                ("originals", &originals.unwrap_or(0)),
                ("copies", &copies.unwrap_or(0)),
                ("arrived", &arrived),
                ("all", &files.len()),
            ],
        ));
    }
}

fn events(page: &mut Page, view: &DossierView) {
    if !view.events.is_empty() {
        page.heading("show.events");
    }
    for event in &view.events {
        tell_event(page, event);
    }
    if !view.missing_events.is_empty() {
        page.under(page.language().fill("show.missing", &[("events", &view.missing_events.len())]));
    }
}

fn tell_event(page: &mut Page, event: &EventView) {
    let language = page.language();
    let when = event.at.as_ref().map(|moment| at(moment, language)).unwrap_or_default();
    let by = person::named(event.by.as_deref().unwrap_or_default(), event.deed.role, language);
    page.under(format_args!("{when}  {by}: {}", event_title(&event.deed, language)));
    if let Some(why) = ineffective(&event.deed, language) {
        page.under(format_args!("    {why}"));
    }
}
