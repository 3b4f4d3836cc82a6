//! What the digests of scopes are made of: the same for every database, and without one.
//!
//! A dossier keeps two sums of its admitted items, those for the parties and those for staff alone; a scope keeps the sum
//! of its dossiers' elements. Admission moves both by what is new, in the transaction that appends to the feed, so the
//! work does not grow with what is there already.

use dossier::{
    id::DossierId,
    wire::repair::{Sum, element},
};

use super::plan::Admitted;

/// The sums of a dossier's admitted items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Of what is for the parties.
    pub parties: Sum,
    /// Of what is for staff alone.
    pub staff: Sum,
}

impl Held {
    /// With items that were just admitted.
    #[must_use]
    pub fn with(mut self, fresh: &[Admitted]) -> Self {
        for item in fresh {
            let sum = if item.staff_only { &mut self.staff } else { &mut self.parties };
            *sum = sum.with_item(&item.hash);
        }
        self
    }

    /// What counts in a scope. A device's own scope counts what is for the parties: whether its owner is of the unit that
    /// handles the dossier changes with time, and staff read the rest in the scopes of staff.
    #[must_use]
    pub fn within(&self, scope: &str) -> Sum {
        if scope.starts_with("device:") { self.parties } else { self.parties.plus(self.staff) }
    }

    /// What the dossier adds to the digest of a scope that it is in.
    #[must_use]
    pub fn element(&self, dossier: &DossierId, scope: &str) -> Sum {
        element(dossier, self.within(scope))
    }
}
