//! What is wrong in a unit file, all of it at once and each with its place.

use super::{SuccessionKind, Unit, Units};
use std::collections::HashMap;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: the id of a unit, or `from -> to` of an edge.
    pub where_: String,
    /// What, in a plain sentence for the operator.
    pub what: String,
}

impl Units {
    /// Everything that contradicts itself, in the order of the file. A file that ships has no finding.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.check_keys(&mut findings);
        for unit in self.all() {
            for what in self.unit_faults(unit) {
                findings.push(Finding { where_: unit.id.to_string(), what: what.to_owned() });
            }
        }
        self.check_edges(&mut findings);
        for trap in &self.file.name_traps {
            let known = [Some(&trap.former), trap.bearer.as_ref()].into_iter().flatten();
            if !known.into_iter().all(|id| self.get(id.as_str()).is_some()) {
                findings.push(Finding {
                    where_: trap.former.to_string(),
                    what: "a name trap names an unknown unit".into(),
                });
            }
        }
        findings
    }

    fn check_keys(&self, findings: &mut Vec<Finding>) {
        let mut owners: HashMap<&str, &Unit> = HashMap::new();
        for unit in self.all() {
            for key in [Some(unit.id.as_str()), unit.code.as_deref(), unit.org_id.as_deref()].into_iter().flatten() {
                if let Some(other) = owners.insert(key, unit) {
                    let what = format!("{key} also belongs to {}", other.id);
                    findings.push(Finding { where_: unit.id.to_string(), what });
                }
            }
        }
    }

    fn unit_faults(&self, unit: &Unit) -> Vec<&'static str> {
        let missing = |id: &Option<super::UnitId>| id.as_ref().is_some_and(|id| self.get(id.as_str()).is_none());
        let backwards = matches!((unit.valid_from, unit.valid_to), (Some(from), Some(to)) if from >= to);
        let in_circle = self.ancestors(unit).iter().any(|above| above.id == unit.id);
        let ended = unit.valid_to.is_some();
        // Districts ended without a follower: their tasks went up to the province and down to the communes.
        let district = matches!(unit.kind, super::UnitType::ProvincialCity | super::UnitType::RuralDistrict);
        let orphaned = ended && !district && self.edges_from(&unit.id).next().is_none();
        let outlived = unit
            .parent
            .as_ref()
            .and_then(|parent| self.get(parent.as_str()))
            .is_some_and(|parent| parent.valid_to.is_some_and(|end| unit.valid_to.is_none_or(|own| own > end)));
        let bad_org_id = unit.org_id.as_deref().is_some_and(|org_id| {
            crate::code::OrgUnitId::parse(org_id).map_or(true, |parsed| parsed.as_str() != org_id)
        });
        let faults = [
            (unit.name.trim().is_empty(), "the name is empty"),
            (missing(&unit.parent), "its parent is unknown"),
            (missing(&unit.serves), "the commune it serves is unknown"),
            (backwards, "it ends before it begins"),
            (in_circle, "it lies under itself"),
            (orphaned, "it ended and nobody follows it: its open dossiers would have no handler"),
            (outlived, "it outlives its parent"),
            (bad_org_id, "its identifier is not in canonical form"),
        ];
        faults.into_iter().filter(|(found, _)| *found).map(|(_, what)| what).collect()
    }

    fn check_edges(&self, findings: &mut Vec<Finding>) {
        for edge in self.successions() {
            let (from, to) = (self.get(edge.from.as_str()), self.get(edge.to.as_str()));
            let several = self.edges_from(&edge.from).count() > 1;
            let repeated = self.edges_from(&edge.from).filter(|other| other.to == edge.to).count() > 1;
            let faults = [
                (from.is_none() || to.is_none(), "it names an unknown unit"),
                (edge.from == edge.to, "it leads to itself"),
                (from.is_some_and(|from| from.valid_to != Some(edge.on)), "the former unit does not end on that day"),
                (to.is_some_and(|to| !to.valid_on(edge.on)), "the new unit does not exist on that day"),
                (
                    several != (edge.kind == SuccessionKind::SplitTo),
                    "a split needs several edges, all others exactly one",
                ),
                (repeated, "the same edge is listed twice"),
                (edge.basis.trim().is_empty(), "the decision is missing"),
            ];
            for (_, what) in faults.into_iter().filter(|(found, _)| *found) {
                findings.push(Finding { where_: format!("{} -> {}", edge.from, edge.to), what: what.to_owned() });
            }
        }
    }
}
