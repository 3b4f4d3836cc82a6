//! Going through the units: by key, upwards, and along succession.

use super::{Succession, Unit, UnitId, Units};
use crate::code::OrgUnitId;
use jiff::civil::Date;

/// More levels than any administration has; a cycle in the data ends here.
const MAX_LEVELS: usize = 16;

impl Units {
    /// The unit with this id, official code or electronic identifier; the identifier also in its legacy reversed form
    /// (`000.00.16.H09`). Former units are found too.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Unit> {
        let key = key.trim();
        let place = self.places.get(key).or_else(|| {
            let org_id = OrgUnitId::parse(key).ok()?;
            self.places.get(org_id.as_str())
        })?;
        self.file.units.get(*place)
    }

    /// The units above, from the parent to the top.
    #[must_use]
    pub fn ancestors(&self, unit: &Unit) -> Vec<&Unit> {
        let up = |unit: &Unit| unit.parent.as_ref().and_then(|parent| self.get(parent.as_str()));
        std::iter::successors(up(unit), |above| up(above)).take(MAX_LEVELS).collect()
    }

    /// Whether a unit is another one or lies under it, by id, code or identifier. An unknown key lies nowhere.
    #[must_use]
    pub fn is_within(&self, unit: &str, ancestor: &str) -> bool {
        let (Some(unit), Some(ancestor)) = (self.get(unit), self.get(ancestor)) else {
            return false;
        };
        unit.id == ancestor.id || self.ancestors(unit).iter().any(|above| above.id == ancestor.id)
    }

    /// The edges that lead away from a unit, whenever.
    pub fn edges_from<'a>(&'a self, id: &'a UnitId) -> impl Iterator<Item = &'a Succession> {
        self.file.successions.iter().filter(move |edge| edge.from == *id)
    }

    /// The units that stand for this one on a day: itself while it exists, else all that follow it, along several
    /// reorganisations if need be. Several answers mean a split: only a person can choose. None means that the unit
    /// did not exist yet, or that nobody followed it.
    #[must_use]
    pub fn successors(&self, key: &str, on: Date) -> Vec<&Unit> {
        let mut standing: Vec<&Unit> = Vec::new();
        let mut frontier: Vec<&Unit> = self.get(key).into_iter().collect();
        let mut seen: Vec<&UnitId> = Vec::new();
        while let Some(unit) = frontier.pop() {
            if seen.contains(&&unit.id) {
                continue;
            }
            seen.push(&unit.id);
            if unit.valid_on(on) {
                standing.push(unit);
                continue;
            }
            let next = self.edges_from(&unit.id).filter(|edge| edge.on <= on);
            frontier.extend(next.filter_map(|edge| self.get(edge.to.as_str())));
        }
        standing.sort_by(|one, other| one.id.cmp(&other.id));
        standing
    }

    /// The units of which this one is made in whole or in part, one reorganisation back, in the order of the file.
    #[must_use]
    pub fn predecessors(&self, key: &str) -> Vec<&Unit> {
        let Some(unit) = self.get(key) else {
            return Vec::new();
        };
        let edges = self.file.successions.iter().filter(|edge| edge.to == unit.id);
        edges.filter_map(|edge| self.get(edge.from.as_str())).collect()
    }

    /// Whether a unit was divided among several.
    #[must_use]
    pub fn is_split(&self, id: &UnitId) -> bool {
        self.edges_from(id).count() > 1
    }
}
