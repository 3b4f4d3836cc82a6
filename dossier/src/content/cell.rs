//! A cell: every value it was ever given, and which changes set each aside.

use super::{
    graph::{AuthorNo, ChangeNo, Graph, Moment},
    scalar::Scalar,
};
use crate::id::ActorId;

/// A value that a change gave to a cell.
#[derive(Debug, Clone)]
pub struct Said {
    pub value: Scalar,
    pub change: ChangeNo,
    pub author: AuthorNo,
    /// The number of the operation.
    pub counter: u32,
    /// The changes that knew it and wrote over it or cleared the cell. Nobody has one, several where people did so
    /// without knowing of each other.
    set_aside: Vec<ChangeNo>,
}

/// A multi-value register: a write sets aside exactly the values that its author saw.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    said: Vec<Said>,
}

impl Cell {
    /// What stood in the cell at a moment, the value that is shown first: the one with the greatest operation number, of
    /// equal numbers the one of the greatest actor.
    pub fn standing(&self, at: &Moment, graph: &Graph) -> Vec<&Said> {
        let mut standing: Vec<&Said> = self.places(at).filter_map(|place| self.said.get(place as usize)).collect();
        standing.sort_by_key(|said| std::cmp::Reverse(said.id(graph)));
        standing
    }

    /// The same, by place and in no order.
    pub fn places(&self, at: &Moment) -> impl Iterator<Item = u32> {
        let stands = |said: &Said| at.holds(said.change) && !said.set_aside.iter().any(|change| at.holds(*change));
        (0..).zip(&self.said).filter(move |(_, said)| stands(said)).map(|(place, _)| place)
    }

    /// The name of the operation at a place.
    pub fn id(&self, place: u32) -> (AuthorNo, u32) {
        let said = &self.said[place as usize];
        (said.author, said.counter)
    }

    /// Takes a write: it sets the values at these places aside, and says another unless it clears the cell.
    pub fn take(&mut self, change: ChangeNo, author: AuthorNo, aside: &[u32], said: Option<(u32, Scalar)>) {
        for place in aside {
            self.said[*place as usize].set_aside.push(change);
        }
        if let Some((counter, value)) = said {
            // Most cells are written once, and there are many.
            if self.said.is_empty() {
                self.said.reserve_exact(1);
            }
            self.said.push(Said { value, change, author, counter, set_aside: Vec::new() });
        }
    }
}

impl Said {
    /// The name of the operation, in the order of names.
    pub fn id(&self, graph: &Graph) -> (u32, ActorId) {
        (self.counter, graph.actor(self.author))
    }
}
