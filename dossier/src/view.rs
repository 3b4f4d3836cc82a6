//! A dossier as people look at it: one composition of content, events, catalogue and arrivals, the same on every device.
//!
//! [`compose`] makes what `show`, the desk and the server's reads display; [`history`] tells everything that was ever
//! sealed or done, in causal order. Both are pure: the same sources give the same view on phone, browser and server.

mod acts;
mod due;
mod history;
mod model;

use std::collections::{BTreeMap, BTreeSet};

pub use due::{DueView, due_of};
pub use history::{HistoryEntry, HistoryKind, SetField, history};
pub use model::*;

use crate::{
    catalogue::Catalogue,
    certificate::Role,
    content::{Content, ContentPath, FieldState, FileNote, Root, Scalar, Version},
    deadline::local,
    id::{ActorId, BlobId, ChangeHash, DeviceId, DossierId},
    state::{self, EventTime, Received, Recorded, State, Territory},
};

/// Who wrote or did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The device.
    pub device: DeviceId,
    /// The person's name, from the device's certificate.
    pub name: Option<String>,
    /// Their role.
    pub role: Option<Role>,
    /// Their unit.
    pub unit: Option<String>,
}

/// What a view is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The dossier.
    pub dossier: DossierId,
    /// Its content.
    pub content: &'a Content,
    /// Its events, in any order.
    pub records: &'a [Recorded],
    /// Who stands behind each writer of content.
    pub authors: &'a BTreeMap<ActorId, Author>,
    /// When the Centre received each change; none while it is only here.
    pub received: &'a BTreeMap<ChangeHash, Received>,
    /// Attachments that the Centre holds.
    pub arrived: &'a BTreeSet<BlobId>,
    /// The catalogue to read it by.
    pub catalogue: &'a Catalogue,
    /// The code this device printed, before any submission.
    pub provisional_code: Option<&'a str>,
}

impl Territory for Catalogue {
    fn is_within(&self, unit: &str, ancestor: &str) -> bool {
        unit == ancestor || self.units().is_within(unit, ancestor)
    }
}

/// Folds and composes.
#[must_use]
pub fn compose(sources: &Sources<'_>) -> DossierView {
    let state = state::fold(sources.records, sources.catalogue);
    compose_with(sources, &state)
}

/// Composes from a state that was folded before.
#[must_use]
pub fn compose_with(sources: &Sources<'_>, state: &State) -> DossierView {
    let cells = sources.content.cells();
    let procedure = state.procedure.clone().or_else(|| text_of(&cells, Root::Procedure, "code"));
    let due = due_of(state, sources.catalogue);
    let (due_at, due_provisional) = match &due {
        Some(due) => (Some(local_iso(due.at)), due.provisional),
        None => (None, false),
    };
    DossierView {
        dossier: sources.dossier,
        code: state.code.clone(),
        provisional_code: sources
            .provisional_code
            .map(str::to_owned)
            .or_else(|| state.aliases.iter().find(|alias| alias.starts_with("T-")).cloned()),
        aliases: state.aliases.clone(),
        procedure_name: procedure
            .as_deref()
            .and_then(|code| sources.catalogue.procedure_of(code).ok())
            .map(|procedure| procedure.name.clone()),
        procedure,
        catalogue: text_of(&cells, Root::Procedure, "version"),
        status: StatusView::of(state.status),
        disputed: state.disputed.iter().map(|event| acts::one(sources, state, event)).collect(),
        unit: state.unit.clone(),
        channel: state.channel.map(|channel| channel.code()),
        answers: answers(&cells),
        conflicts: conflicts_among(sources, &cells),
        components: components(sources, &cells),
        events: acts::all(sources, state),
        submitted_at: state.submitted_at.map(moment),
        accepted_at: state.acceptance.as_ref().map(|acceptance| moment(acceptance.at)),
        finished_at: state.finished_at.map(moment),
        due_at,
        due_provisional,
        supplement_requests: state.supplement_requests,
        heads: sources.content.heads(),
        accepted_heads: state.pinned.clone(),
        pending_amendment: amendment(sources, state, &cells),
        missing_events: state.missing.clone(),
    }
}

/// Every field about which people disagree.
#[must_use]
pub fn conflicts(sources: &Sources<'_>) -> Vec<ConflictView> {
    conflicts_among(sources, &sources.content.cells())
}

fn conflicts_among(sources: &Sources<'_>, cells: &BTreeMap<ContentPath, FieldState>) -> Vec<ConflictView> {
    let contested = cells.iter().filter(|(_, cell)| cell.is_conflict());
    contested.map(|(path, cell)| conflict(sources, path, cell)).collect()
}

/// How a person is named where they have no certificate: by their device.
fn person(device: DeviceId, name: Option<&str>) -> String {
    match name {
        Some(name) => name.to_owned(),
        None => device.short(),
    }
}

/// A local time as it is written in answers: ISO 8601 with `+07:00`.
#[must_use]
pub fn local_iso(at: jiff::civil::DateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+07:00",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

pub(crate) fn moment(time: EventTime) -> Moment {
    Moment { at: local_iso(local(time.ms)), ms: time.ms, clock: time.flag }
}

/// When a change counts as made.
fn change_time(sources: &Sources<'_>, change: &ChangeHash, time_s: i64) -> EventTime {
    EventTime::of(time_s.saturating_mul(1000), sources.received.get(change))
}

fn text_of(cells: &BTreeMap<ContentPath, FieldState>, root: Root, key: &str) -> Option<String> {
    let path = ContentPath::new(root, key).ok()?;
    cells.get(&path)?.versions.first().map(|version| version.value.to_string())
}

/// Answers and texts, by field path.
fn answers(cells: &BTreeMap<ContentPath, FieldState>) -> BTreeMap<String, Scalar> {
    cells
        .iter()
        .filter(|(path, _)| matches!(path.root(), Root::Answers | Root::Texts))
        .filter_map(|(path, cell)| Some((path.key().to_owned(), cell.versions.first()?.value.clone())))
        .collect()
}

/// How a field is named to people: answers by their field id, the rest with their root.
fn field_name(path: &ContentPath) -> String {
    match path.root() {
        Root::Answers | Root::Texts => path.key().to_owned(),
        Root::Components | Root::Procedure => path.to_string(),
    }
}

fn voice(sources: &Sources<'_>, version: &Version) -> VoiceView {
    let author = sources.authors.get(&version.actor);
    let time = moment(change_time(sources, &version.change, version.time_s));
    VoiceView {
        value: version.value.clone(),
        by: author.map_or_else(String::new, |author| person(author.device, author.name.as_deref())),
        role: author.and_then(|author| author.role),
        device: author.map(|author| author.device),
        at: time.at,
        clock: time.clock,
        base: version.base.clone(),
        change: version.change,
    }
}

fn conflict(sources: &Sources<'_>, path: &ContentPath, cell: &FieldState) -> ConflictView {
    ConflictView {
        field: field_name(path),
        values: cell.versions.iter().map(|version| voice(sources, version)).collect(),
    }
}

fn components(sources: &Sources<'_>, cells: &BTreeMap<ContentPath, FieldState>) -> Vec<ComponentView> {
    let mut found: BTreeMap<String, ComponentView> = BTreeMap::new();
    for (path, cell) in cells.iter().filter(|(path, _)| path.root() == Root::Components) {
        let Some(version) = cell.versions.first() else { continue };
        let id = path.key().split('/').next().unwrap_or_default();
        let component = found.entry(id.to_owned()).or_insert_with(|| ComponentView::empty(id));
        if let Some((_, blob)) = path.as_file() {
            let Some(note) = FileNote::from_text(&version.value.to_string()) else { continue };
            let author = sources.authors.get(&version.actor);
            component.files.push(FileView {
                blob,
                bytes: note.bytes,
                media: note.media,
                page: note.page,
                by: author.map_or_else(String::new, |author| person(author.device, author.name.as_deref())),
                arrived: sources.arrived.contains(&blob),
            });
        } else if let Scalar::Integer(count) = version.value {
            match path.key().rsplit('/').next() {
                Some("originals") => component.originals = Some(count),
                Some("copies") => component.copies = Some(count),
                _ => {}
            }
        }
    }
    for component in found.values_mut() {
        component.files.sort_by_key(|file| (file.page, file.blob));
    }
    found.into_values().collect()
}

/// What differs between the version that counts and the content as it is now.
fn amendment(sources: &Sources<'_>, state: &State, now: &BTreeMap<ContentPath, FieldState>) -> Option<AmendmentView> {
    let pinned = state.pinned.as_ref()?;
    let heads = sources.content.heads();
    if *pinned == heads {
        return None;
    }
    let accepted = sources.content.cells_at_version(pinned);
    let paths: BTreeSet<&ContentPath> = accepted.keys().chain(now.keys()).collect();
    let value = |cells: &BTreeMap<ContentPath, FieldState>, path: &ContentPath| {
        cells.get(path).map(|cell| cell.versions.iter().map(|version| version.value.clone()).collect::<Vec<_>>())
    };
    let changes = paths
        .into_iter()
        .filter(|path| value(&accepted, path) != value(now, path))
        .map(|path| AmendedField {
            field: field_name(path),
            accepted: accepted.get(path).and_then(|cell| cell.versions.first()).map(|version| version.value.clone()),
            now: now
                .get(path)
                .map(|cell| cell.versions.iter().map(|version| voice(sources, version)).collect())
                .unwrap_or_default(),
        })
        .collect();
    Some(AmendmentView { accepted_heads: pinned.clone(), heads, changes })
}

#[cfg(test)]
mod tests;
