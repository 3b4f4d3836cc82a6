//! Pauses of the clock, as when the applicant owes a supplement (domain §2.5).

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// A stretch, in local time, during which the authority's time does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pause {
    /// When the supplement was asked for.
    pub from: DateTime,
    /// When it was complete; `None` while the applicant has not come back.
    pub to: Option<DateTime>,
}

/// Pauses in order, overlapping and touching ones made one, so that no time is given back twice. What lies before
/// `start` is cut off. A pause that ends before it begins is given back as the error.
pub(super) fn merged(pauses: &[Pause], start: DateTime) -> Result<Vec<Pause>, Pause> {
    if let Some(backwards) = pauses.iter().find(|pause| pause.to.is_some_and(|to| to < pause.from)) {
        return Err(*backwards);
    }
    let mut sorted: Vec<Pause> = pauses
        .iter()
        .filter(|pause| pause.to.is_none_or(|to| to > start))
        .map(|pause| Pause { from: pause.from.max(start), to: pause.to })
        .collect();
    sorted.sort_by_key(|pause| pause.from);
    let mut merged: Vec<Pause> = Vec::with_capacity(sorted.len());
    for pause in sorted {
        match merged.last_mut() {
            Some(last) if last.to.is_none_or(|to| pause.from <= to) => {
                last.to = match (last.to, pause.to) {
                    (Some(one), Some(other)) => Some(one.max(other)),
                    _ => None,
                };
            }
            _ => merged.push(pause),
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn pause(from: i8, to: Option<i8>) -> Pause {
        let at = |day| date(2026, 6, day).at(9, 0, 0, 0);
        Pause { from: at(from), to: to.map(at) }
    }

    #[test]
    fn overlaps_become_one_in_any_order() {
        let start = date(2026, 6, 1).at(8, 0, 0, 0);
        let pauses = [pause(10, Some(12)), pause(2, Some(5)), pause(4, Some(7)), pause(7, Some(8)), pause(3, Some(4))];
        assert_eq!(merged(&pauses, start), Ok(vec![pause(2, Some(8)), pause(10, Some(12))]));
        assert_eq!(merged(&[pause(3, None), pause(5, Some(6))], start), Ok(vec![pause(3, None)]));
        assert_eq!(merged(&[pause(5, Some(4))], start), Err(pause(5, Some(4))));
    }

    #[test]
    fn what_lies_before_the_start_is_cut_off() {
        let start = date(2026, 6, 4).at(9, 0, 0, 0);
        assert_eq!(merged(&[pause(1, Some(3)), pause(2, Some(6))], start), Ok(vec![pause(4, Some(6))]));
    }
}
