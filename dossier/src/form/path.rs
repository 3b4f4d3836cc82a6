//! From the path of a cell to its field.

use super::Form;
use super::field::Field;

/// Shortest row id, in bytes: four characters of 36 part rows made by several devices in one form.
pub const ROW_ID_MIN_BYTES: usize = 4;
/// Longest row id, in bytes.
pub const ROW_ID_MAX_BYTES: usize = 32;

/// No field has this path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the form has no field {path:?}")]
pub struct UnknownField {
    /// What was asked for, at most 80 characters of it.
    pub path: String,
    /// The nearest path that exists.
    pub did_you_mean: Option<String>,
}

/// Whether a text can be a row id: 4 to 32 of `0-9` and `a-z`.
pub fn is_row_id(text: &str) -> bool {
    (ROW_ID_MIN_BYTES..=ROW_ID_MAX_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

/// The row id in a path of a repeated group.
pub fn row_of(path: &str) -> Option<&str> {
    path.split('/').nth(1)
}

impl Form {
    /// The field of a path; paths of repeated groups carry a row id (`members/k3f9/name`).
    pub fn resolve(&self, path: &str) -> Result<&Field, UnknownField> {
        let mut parts = path.split('/');
        let wanted = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(group), Some(row), Some(property), None) if is_row_id(row) => format!("{group}/*/{property}"),
            (Some(id), None, ..) => id.to_owned(),
            _ => return Err(self.unknown(path)),
        };
        self.fields().iter().find(|field| field.id == wanted).ok_or_else(|| self.unknown(path))
    }

    fn unknown(&self, path: &str) -> UnknownField {
        let path: String = path.chars().take(80).collect();
        let plain = crate::text::fold(&path);
        let nearest = self
            .fields()
            .iter()
            .map(|field| (distance(&plain, &crate::text::fold(&field.id)), field))
            .min_by_key(|(distance, _)| *distance)
            // A third of the letters wrong is still a slip of the hand; more is another word.
            .filter(|(distance, field)| distance * 3 <= field.id.len().max(path.len()))
            .map(|(_, field)| field.id.clone());
        UnknownField { path, did_you_mean: nearest }
    }
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row.first().copied().unwrap_or_default();
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(x != *y)).min(*cell + 1).min(left + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or_default()
}
