//! Reading: every cell with all its voices, now or as it was.

use super::{
    ActorId, BTreeMap, BTreeSet, ChangeHash, ChangeNo, Content, ContentPath, FieldState, Hand, Moment, Root, Scalar,
    Scanned, Version,
};
use crate::content::cell::Cell;

impl Content {
    /// Every cell with all its values, at the current version.
    #[must_use]
    pub fn cells(&self) -> BTreeMap<ContentPath, FieldState> {
        self.cells_at(&Moment::Now)
    }

    /// Every cell as it was at a version; cells of a version that is not wholly here are left out.
    #[must_use]
    pub fn cells_at_version(&self, heads: &[ChangeHash]) -> BTreeMap<ContentPath, FieldState> {
        self.moment_of(heads).map(|at| self.cells_at(&at)).unwrap_or_default()
    }

    fn cells_at(&self, at: &Moment) -> BTreeMap<ContentPath, FieldState> {
        let mut all = BTreeMap::new();
        for (root, cells) in Root::ALL.into_iter().zip(&self.cells) {
            for (key, cell) in cells {
                let (Ok(path), Some(state)) = (ContentPath::new(root, key), self.state(cell, at)) else { continue };
                all.insert(path, state);
            }
        }
        for text in self.texts.values().filter(|text| at.holds(text.made)) {
            let words = text.words(at, &self.graph);
            let (Ok(path), Some(last)) =
                (ContentPath::new(Root::Texts, &text.field), text.last_change(at, &self.graph))
            else {
                continue;
            };
            if !words.is_empty() {
                // A text has many hands; the latest stands for them.
                let version = self.version(last, Scalar::Text(words), None);
                all.insert(path, FieldState { versions: vec![version] });
            }
        }
        all
    }

    fn version(&self, number: ChangeNo, value: Scalar, base: Option<Scalar>) -> Version {
        let Scanned { hash, actor, time_s, .. } = self.graph.taken(number).change;
        Version { value, change: hash, actor, time_s, base }
    }

    fn state(&self, cell: &Cell, at: &Moment) -> Option<FieldState> {
        let standing = cell.standing(at, &self.graph);
        let contested = standing.len() > 1;
        let mut versions: Vec<Version> = Vec::with_capacity(standing.len());
        for said in standing {
            if versions.iter().any(|known| known.value == said.value) {
                continue;
            }
            let base = contested.then(|| {
                let before = self.graph.moment_before(said.change);
                cell.standing(&before, &self.graph).first().map(|said| said.value.clone())
            });
            versions.push(self.version(said.change, said.value.clone(), base.flatten()));
        }
        if versions.is_empty() { None } else { Some(FieldState { versions }) }
    }

    /// Cells in which a value of these actors did not stand: they had said it, others had said otherwise without knowing
    /// of it, and somebody else settled the matter in favour of another value. What the actors wrote since, having seen
    /// the outcome, counts as taking note of it.
    #[must_use]
    pub fn overruled(&self, actors: &BTreeSet<ActorId>) -> Vec<ContentPath> {
        let last = actors.iter().filter_map(|actor| {
            let author = self.graph.author(actor, Hand::Writer)?;
            self.graph.change_of(author, self.graph.seq_of(author))
        });
        let last: Vec<ChangeNo> = last.collect();
        let then = self.graph.moment(&last);
        // Whoever wrote last has seen everything.
        if last.is_empty() || then == Moment::Now {
            return Vec::new();
        }
        let mut overruled = Vec::new();
        for (root, cells) in Root::ALL.into_iter().zip(&self.cells) {
            for (key, cell) in cells {
                let Some(now) = self.state(cell, &Moment::Now) else { continue };
                let [stands] = now.versions.as_slice() else { continue };
                let Some(said) = self.state(cell, &then) else { continue };
                let own = said.versions.iter().find(|version| actors.contains(&version.actor));
                let gave_way = own.is_some_and(|own| {
                    stands.value != own.value
                        && !actors.contains(&stands.actor)
                        && self.settled_against(cell, own, stands)
                });
                if gave_way && let Ok(path) = ContentPath::new(root, key) {
                    overruled.push(path);
                }
            }
        }
        overruled
    }

    /// Whether the value that stands won a conflict with another one: it was written without knowledge of the other and
    /// left standing, or written by somebody who saw both.
    fn settled_against(&self, cell: &Cell, other: &Version, stands: &Version) -> bool {
        let (Some(winner), Some(loser)) = (self.graph.number(&stands.change), self.graph.number(&other.change)) else {
            return false;
        };
        let before = self.graph.moment_before(winner);
        !before.holds(loser)
            || self.state(cell, &before).is_some_and(|before| {
                before.is_conflict() && before.versions.iter().any(|version| version.value == other.value)
            })
    }
}
