//! Which feed rows an admission makes: the same for both databases, and without a database.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    id::{DeviceId, DossierId},
    wire::repair::Sum,
};

use super::{digest::Held, types::ScopeRow};
use crate::access::device_scope;

/// The numbers under which the schema keeps kinds of feed rows.
pub const ENTER: i16 = 1;
pub const LEAVE: i16 = 2;
pub const ITEM: i16 = 3;
pub const BLOB: i16 = 4;

/// An admitted item, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Admitted {
    /// Its position in the dossier.
    pub position: i64,
    /// Not for citizens and postal workers.
    pub staff_only: bool,
    /// Who made it.
    pub author: DeviceId,
    /// Its hash.
    pub hash: [u8; 32],
}

/// A feed row without its scope and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: i16,
    pub dossier: Vec<u8>,
    pub position: Option<i64>,
    pub blob: Option<Vec<u8>>,
}

/// How a dossier's scopes move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moves {
    /// Scopes it comes into.
    pub enters: BTreeMap<String, bool>,
    /// Scopes it goes out of.
    pub leaves: BTreeSet<String>,
    /// Scopes it stays in.
    pub stays: BTreeMap<String, bool>,
}

impl Moves {
    /// From the scopes it is in to those it belongs to. A scope whose `staff` changes is left and entered. A scope that
    /// is named with and without `staff` counts as without: nobody sees more by being named twice.
    pub fn between(now: &[ScopeRow], next: &BTreeSet<ScopeRow>) -> Self {
        let mut wanted = BTreeMap::<String, bool>::new();
        for row in next {
            let staff = wanted.entry(row.scope.clone()).or_insert(row.staff);
            *staff &= row.staff;
        }
        let mut moves = Self::default();
        for row in now {
            if wanted.get(&row.scope) == Some(&row.staff) {
                moves.stays.insert(row.scope.clone(), row.staff);
            } else {
                moves.leaves.insert(row.scope.clone());
            }
        }
        moves.enters = wanted.into_iter().filter(|(scope, _)| !moves.stays.contains_key(scope)).collect();
        moves
    }

    /// Whether everything about the dossier must be read, for those who see it for the first time.
    pub fn needs_backfill(&self) -> bool {
        !self.enters.is_empty()
    }
}

/// What a scope gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appended {
    /// Its rows in order.
    pub rows: Vec<Entry>,
    /// What is added to its digest.
    pub digest: Sum,
}

/// What each scope gets. The map's order is the order in which scopes are locked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feeds(pub BTreeMap<String, Appended>);

/// What an admission says of one dossier.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// The dossier.
    pub dossier: &'a DossierId,
    /// How its scopes move.
    pub moves: &'a Moves,
    /// Items that were just admitted, by position.
    pub fresh: &'a [Admitted],
    /// All admitted items, the fresh ones included, by position; needed if it comes into a scope.
    pub all: &'a [Admitted],
    /// Attachments that have arrived; needed if it comes into a scope.
    pub arrived: &'a [Vec<u8>],
    /// Its sums without the fresh items.
    pub before: Held,
}

impl Feeds {
    fn push(&mut self, scope: &str, kind: i16, dossier: &[u8], position: Option<i64>, blob: Option<Vec<u8>>) {
        let entry = Entry { kind, dossier: dossier.to_vec(), position, blob };
        self.0.entry(scope.to_owned()).or_default().rows.push(entry);
    }

    /// Adds what one dossier adds; answers its sums from now on.
    pub fn admit(&mut self, news: News<'_>) -> Held {
        let News { dossier, moves, fresh, all, arrived, before } = news;
        let (id, after) = (&dossier.0[..], before.with(fresh));
        for scope in &moves.leaves {
            self.push(scope, LEAVE, id, None, None);
            self.count(scope, Sum::default().minus(before.element(dossier, scope)));
        }
        for (scope, staff) in &moves.enters {
            self.push(scope, ENTER, id, None, None);
            self.items(scope, *staff, id, all);
            for blob in arrived {
                self.push(scope, BLOB, id, None, Some(blob.clone()));
            }
            self.count(scope, after.element(dossier, scope));
        }
        for (scope, staff) in &moves.stays {
            self.items(scope, *staff, id, fresh);
            let (now, then) = (before.element(dossier, scope), after.element(dossier, scope));
            if now != then {
                self.count(scope, then.minus(now));
            }
        }
        after
    }

    fn count(&mut self, scope: &str, added: Sum) {
        let of = self.0.entry(scope.to_owned()).or_default();
        of.digest = of.digest.plus(added);
    }

    fn items(&mut self, scope: &str, staff: bool, dossier: &[u8], items: &[Admitted]) {
        // What a device made is its own wherever the dossier stands now: one that was restored goes on after it.
        let is_theirs = |item: &&Admitted| staff || !item.staff_only || scope == device_scope(&item.author);
        for item in items.iter().filter(is_theirs) {
            self.push(scope, ITEM, dossier, Some(item.position), None);
        }
    }

    /// Adds the arrival of an attachment.
    pub fn blob(&mut self, dossier: &[u8], scopes: &[String], blob: &[u8]) {
        for scope in scopes {
            self.push(scope, BLOB, dossier, None, Some(blob.to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(scope: &str, staff: bool) -> ScopeRow {
        ScopeRow { scope: scope.into(), staff }
    }

    #[test]
    fn scopes_are_entered_left_and_kept() {
        let now = [scope("a", false), scope("b", true), scope("c", true)];
        let next = BTreeSet::from([scope("a", false), scope("b", false), scope("d", true)]);
        let moves = Moves::between(&now, &next);
        assert_eq!(moves.stays, BTreeMap::from([("a".into(), false)]));
        assert_eq!(moves.leaves, BTreeSet::from(["b".into(), "c".into()]));
        assert_eq!(moves.enters, BTreeMap::from([("b".into(), false), ("d".into(), true)]));
    }

    #[test]
    fn an_internal_note_goes_to_staff_and_to_whoever_made_it() {
        let author = DeviceId([7; 16]);
        let note = Admitted { position: 1, staff_only: true, author, hash: [5; 32] };
        let mut feeds = Feeds::default();
        let scopes = [scope(&device_scope(&author), false), scope("device:other", false), scope("unit:1", true)];
        let (dossier, moves) = (DossierId([1; 16]), Moves::between(&[], &scopes.into()));
        let (fresh, before) = (&[note], Held::default());
        let after = feeds.admit(News { dossier: &dossier, moves: &moves, fresh, all: fresh, arrived: &[], before });
        assert_eq!((after.parties, after.staff), (Sum::default(), Sum::default().with_item(&[5; 32])));
        let told: Vec<(&str, usize)> =
            feeds.0.iter().map(|(scope, appended)| (scope.as_str(), appended.rows.len())).collect();
        assert_eq!(told, [(device_scope(&author).as_str(), 2), ("device:other", 1), ("unit:1", 2)]);
    }

    #[test]
    fn a_scope_named_twice_sees_the_less() {
        let moves = Moves::between(&[], &BTreeSet::from([scope("a", false), scope("a", true)]));
        assert_eq!(moves.enters, BTreeMap::from([("a".into(), false)]));
    }
}
