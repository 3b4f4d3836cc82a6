//! The `ui` part against the fields: order, conditions, roles, identities.

use std::collections::{BTreeMap, BTreeSet};

use super::super::condition::{CONDITION_DEPTH_MAX, Condition};
use super::super::definition::Role;
use super::super::field::Field;
use super::Reader;
use super::fault::FormFaultKind;

impl<'a> Reader<'a> {
    /// The fields in the order of the pages; every field stands there exactly once.
    pub(super) fn order(&mut self) -> Vec<Field> {
        let mut left = std::mem::take(&mut self.fields);
        let known: BTreeSet<String> = left.keys().cloned().collect();
        let mut ordered = Vec::with_capacity(left.len());
        let mut headings = Vec::new();
        for (p, page) in self.definition.ui.pages.iter().enumerate() {
            headings.push((format!("/ui/pages/{p}/title"), &page.title));
            for (g, group) in page.groups.iter().enumerate() {
                headings.push((format!("/ui/pages/{p}/groups/{g}/title"), &group.title));
                for (f, name) in group.fields.iter().enumerate() {
                    let here = format!("/ui/pages/{p}/groups/{g}/fields/{f}");
                    let id =
                        group.rows.as_ref().map_or_else(|| name.clone(), |rows| format!("{}/*/{name}", rows.field));
                    match left.remove(&id) {
                        Some(field) => ordered.push(Field { page: page.id.clone(), group: group.id.clone(), ..field }),
                        None if known.contains(&id) => self.fault(here, FormFaultKind::OrderTwice, id),
                        None => self.fault(here, FormFaultKind::OrderUnknown, id),
                    }
                }
            }
        }
        for (pointer, title) in headings {
            if title.vi.trim().is_empty() {
                self.fault(pointer, FormFaultKind::NoVietnamese, "title");
            }
        }
        for id in left.into_keys() {
            self.fault("/ui/pages", FormFaultKind::OrderMissing, id);
        }
        self.fields = ordered.iter().map(|field| (field.id.clone(), field.clone())).collect();
        ordered
    }

    /// A condition speaks only of fields of its own object.
    pub(super) fn known_fields(&mut self, condition: &Condition, id: &str, rows: Option<&str>) {
        let base = match rows {
            Some(group) => format!("/properties/{group}/items/properties"),
            None => "/properties".to_owned(),
        };
        for name in condition.fields() {
            if self.definition.schema.pointer(&base).and_then(|all| all.get(name)).is_none() {
                let pointer = format!("/ui/fields/{}/visible_when", id.replace('/', "~1"));
                self.fault(pointer, FormFaultKind::ConditionUnknown, name);
            }
        }
    }

    /// Hints, roles and identities name fields that exist.
    pub(super) fn hints(&mut self) {
        let ui = &self.definition.ui;
        let groups: BTreeSet<&str> = self.fields.values().filter_map(|field| field.repeated.as_deref()).collect();
        let mut unknown = Vec::new();
        for id in ui.fields.keys() {
            if !self.fields.contains_key(id) && !groups.contains(id.as_str()) {
                unknown.push((format!("/ui/fields/{}", id.replace('/', "~1")), FormFaultKind::HintUnknown, id.clone()));
            }
        }
        for (role, id) in &ui.roles {
            if self.fields.get(id).is_none_or(|field| field.repeated.is_some()) {
                unknown.push((format!("/ui/roles/{role:?}"), FormFaultKind::RoleUnknown, id.clone()));
            }
        }
        for (index, pair) in ui.identities.iter().enumerate() {
            let parts = [Some(&pair.personal_id), pair.birth.as_ref(), pair.sex_field.as_ref()];
            for id in parts.into_iter().flatten().filter(|id| !self.fields.contains_key(*id)) {
                unknown.push((format!("/ui/identities/{index}"), FormFaultKind::IdentityUnknown, id.clone()));
            }
        }
        if !ui.roles.contains_key(&Role::ApplicantName) {
            unknown.push(("/ui/roles".to_owned(), FormFaultKind::NoApplicantName, "applicant_name".to_owned()));
        }
        for (pointer, kind, name) in unknown {
            self.fault(pointer, kind, name);
        }
    }

    /// No field is visible only through itself, and no chain is longer than the bound.
    pub(super) fn circles(&mut self) {
        let conditions: BTreeMap<&str, &Condition> = (self.definition.ui.fields.iter())
            .filter_map(|(id, hints)| hints.visible_when.as_ref().map(|condition| (id.as_str(), condition)))
            .collect();
        let mut deep = Vec::new();
        for id in conditions.keys() {
            if chain(id, &conditions, 0) > CONDITION_DEPTH_MAX {
                deep.push((*id).to_owned());
            }
        }
        for id in deep {
            let pointer = format!("/ui/fields/{}/visible_when", id.replace('/', "~1"));
            self.fault(pointer, FormFaultKind::ConditionCircle, id);
        }
    }
}

/// Length of the chain of fields on which a field's visibility rests, given up just beyond the bound.
fn chain(id: &str, conditions: &BTreeMap<&str, &Condition>, depth: usize) -> usize {
    let (Some(condition), true) = (conditions.get(id), depth <= CONDITION_DEPTH_MAX) else { return depth };
    let prefix = id.rsplit_once('/').map(|(group, _)| format!("{group}/")).unwrap_or_default();
    (condition.fields().into_iter())
        .map(|name| chain(&format!("{prefix}{name}"), conditions, depth + 1))
        .max()
        .unwrap_or(depth)
}
