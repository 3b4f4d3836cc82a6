//! Finding units by old and new names, with or without diacritics.

use super::{NameTrap, Unit, Units};
use crate::text::{Match, Needle, fold, sort_key};
use jiff::civil::Date;

/// The most hits that are given. A list longer than this is not read; the query needs another word.
pub const MAX_HITS: usize = 50;

/// What a person must know before choosing a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag<'a> {
    /// It is the former name of the units it leads to.
    FormerName,
    /// The former unit was divided: only the address tells which part it is.
    Split,
    /// The former name is now borne by a unit that does not follow it; or, on a present unit, a former unit of the same
    /// name went elsewhere.
    NameTrap(&'a NameTrap),
    /// Several of the merged provinces had a unit of this name.
    Ambiguous,
}

/// One unit that answers a query.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// The unit whose name matched, present or former.
    pub found: &'a Unit,
    /// The present units it leads to: itself, or those that followed it.
    pub leads_to: Vec<&'a Unit>,
    /// How well its name matched.
    pub matched: Match,
    /// The match needed the name of a unit above ("phú mỹ thủ dầu một").
    pub by_place: bool,
    /// Warnings, in the order of [`Flag`].
    pub flags: Vec<Flag<'a>>,
}

impl Units {
    /// Units whose name answers the query on a day, best first, at most [`MAX_HITS`]: by its own name before by the
    /// names above it, closer diacritics first, present before former, then in dictionary order.
    ///
    /// A code or identifier as the query gives that unit alone.
    #[must_use]
    pub fn search(&self, query: &str, on: Date) -> Vec<Hit<'_>> {
        if let Some(unit) = self.get(query) {
            let whole = Match { rank: crate::text::Rank::Exact, whole_words: true };
            return vec![self.hit(unit, whole, false, on)];
        }
        let needle = Needle::new(query);
        let mut hits: Vec<Hit<'_>> = self
            .all()
            .iter()
            .filter_map(|unit| {
                let name = unit.full_name();
                if let Some(matched) = needle.matches(&name) {
                    return Some(self.hit(unit, matched, false, on));
                }
                let above = self.ancestors(unit).iter().map(|above| above.full_name()).collect::<Vec<_>>().join(" ");
                let matched = needle.matches(&format!("{name} {above}"))?;
                // Names above alone would give every unit of a province.
                needle_touches(query, &name).then(|| self.hit(unit, matched, true, on))
            })
            .collect();
        hits.sort_by_cached_key(|hit| {
            let Match { rank, whole_words } = hit.matched;
            let place = usize::from(hit.by_place);
            let closeness = std::cmp::Reverse((rank, whole_words));
            // "hoa phu" names Hòa Phú, though Phú Hòa has the same words.
            let named = phrase(query).contains(&phrase(&hit.found.name));
            (place, closeness, !named, !hit.found.valid_on(on), sort_key(&hit.found.name), hit.found.id.clone())
        });
        hits.truncate(MAX_HITS);
        hits
    }

    fn hit<'a>(&'a self, found: &'a Unit, matched: Match, by_place: bool, on: Date) -> Hit<'a> {
        let leads_to = self.successors(found.id.as_str(), on);
        let mut flags = Vec::new();
        if !found.valid_on(on) {
            flags.push(Flag::FormerName);
            if leads_to.len() > 1 {
                flags.push(Flag::Split);
            }
        }
        let trap =
            self.file.name_traps.iter().find(|trap| trap.former == found.id || trap.bearer.as_ref() == Some(&found.id));
        flags.extend(trap.map(Flag::NameTrap));
        if found.kind.is_communal() && self.file.ambiguous_names.contains(&found.name) {
            flags.push(Flag::Ambiguous);
        }
        Hit { found, leads_to, matched, by_place, flags }
    }
}

fn phrase(text: &str) -> String {
    format!(" {} ", fold(text))
}

/// Whether some word of the query is in the unit's own name, type words aside.
fn needle_touches(query: &str, full_name: &str) -> bool {
    let types = ["phuong", "xa", "thi", "tran", "thanh", "pho", "huyen", "tinh", "p", "x", "tt", "tp", "h"];
    let name = fold(full_name);
    let own: Vec<&str> = name.split(' ').collect();
    fold(query).split(' ').any(|word| !types.contains(&word) && own.contains(&word))
}
