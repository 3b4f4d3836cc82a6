//! From flat answers to the nested value that the schema judges.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::condition::{CONDITION_DEPTH_MAX, Condition, scalar_json};
use super::field::Field;
use super::path::row_of;
use super::{Form, Scalar};

/// The nested value, with what is needed to lead an error back to its cell.
pub struct Instance {
    /// What the schema judges: visible answers only.
    pub value: Value,
    /// Row ids of each group in the order of the array.
    pub rows: BTreeMap<String, Vec<String>>,
    /// Paths of answers left out because their field is hidden.
    pub hidden: Vec<String>,
}

impl Form {
    /// Whether a field is shown, given the answers so far. `row` is the row's id for a repeated field.
    pub fn is_visible(&self, field: &Field, row: Option<&str>, answers: &BTreeMap<String, Scalar>) -> bool {
        self.visible_within(field, row, answers, 0)
    }

    fn visible_within(
        &self,
        field: &Field,
        row: Option<&str>,
        answers: &BTreeMap<String, Scalar>,
        depth: usize,
    ) -> bool {
        if depth > CONDITION_DEPTH_MAX {
            return false;
        }
        let value_at = |name: &str, row: Option<&str>| {
            let group = field.repeated.as_deref().filter(|_| row.is_some());
            let id = group.map_or_else(|| name.to_owned(), |group| format!("{group}/*/{name}"));
            let other = self.fields().iter().find(|other| other.id == id)?;
            let shown = self.visible_within(other, row, answers, depth + 1);
            if shown { answers.get(&other.path(row.unwrap_or_default())) } else { None }
        };
        let group_shown = (field.repeated.as_deref())
            .and_then(|group| self.condition_of(group))
            .is_none_or(|condition| condition.holds(&|name| value_at(name, None)));
        group_shown && field.visible_when.as_ref().is_none_or(|condition| condition.holds(&|name| value_at(name, row)))
    }

    /// When a repeated group is shown, if not always.
    fn condition_of(&self, group: &str) -> Option<&Condition> {
        self.definition.ui.fields.get(group)?.visible_when.as_ref()
    }

    /// Whether a repeated group is shown at all, with or without rows.
    pub(super) fn is_table_visible(&self, group: &str, answers: &BTreeMap<String, Scalar>) -> bool {
        let value_at = |name: &str| {
            let other = self.fields().iter().find(|other| other.id == name)?;
            if self.is_visible(other, None, answers) { answers.get(name) } else { None }
        };
        self.condition_of(group).is_none_or(|condition| condition.holds(&value_at))
    }

    /// The instance of these answers. Paths that name no field are left out; the caller has refused them.
    pub(super) fn instance(&self, answers: &BTreeMap<String, Scalar>) -> Instance {
        let mut root = Map::new();
        let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut cells: BTreeMap<(String, String), Map<String, Value>> = BTreeMap::new();
        let mut hidden = Vec::new();
        for (path, answer) in answers {
            let Ok(field) = self.resolve(path) else { continue };
            let row = field.repeated.as_ref().and_then(|_| row_of(path));
            if !self.is_visible(field, row, answers) {
                hidden.push(path.clone());
                continue;
            }
            let value = scalar_json(answer);
            match (&field.repeated, row) {
                (Some(group), Some(row)) => {
                    rows.entry(group.clone()).or_default().insert(row.to_owned());
                    let cell = cells.entry((group.clone(), row.to_owned())).or_default();
                    cell.insert(field.property().to_owned(), value);
                }
                _ => {
                    root.insert(field.id.clone(), value);
                }
            }
        }
        for (group, ids) in &rows {
            let list = ids.iter().filter_map(|row| cells.remove(&(group.clone(), row.clone()))).map(Value::Object);
            root.insert(group.clone(), list.collect());
        }
        let rows = rows.into_iter().map(|(group, ids)| (group, ids.into_iter().collect())).collect();
        Instance { value: Value::Object(root), rows, hidden }
    }
}
