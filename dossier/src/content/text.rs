//! A long text: a replicated growable array of characters, as Automerge orders them.
//!
//! Each character stands after the one it was typed after; of several typed after the same one the latest (by operation
//! number, then actor) stands first. A removed character stays in its place, unseen.
//!
//! What one change typed in a row is one [`Stretch`]; what it removed in a row one [`Removal`]. The order is worked out
//! when it is asked for, as a walk through the tree of stretches: no order of arrival makes it slow.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use super::graph::{AuthorNo, ChangeNo, Graph, Moment};
use crate::id::ActorId;

/// A character by the operation that typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element {
    pub author: AuthorNo,
    pub counter: u32,
}

/// Characters typed in a row by one change, each after the one before.
#[derive(Debug, Clone)]
pub struct Stretch {
    pub change: ChangeNo,
    pub first: Element,
    /// After which element the first one was typed; `None` at the head.
    pub after: Option<Element>,
    /// How many elements: one for each character, or one for all of them.
    pub count: u32,
    pub characters: String,
}

/// Elements with consecutive numbers that one change removed.
#[derive(Debug, Clone, Copy)]
pub struct Removal {
    pub change: ChangeNo,
    pub lowest: Element,
    pub count: u32,
}

impl Stretch {
    /// Whether another character, typed by operation `counter`, goes on this stretch.
    pub fn goes_on(&self, counter: u32, after: Option<Element>, characters: &str) -> bool {
        let last = self.first.counter + self.count - 1;
        after == Some(Element { counter: last, ..self.first })
            && counter == last + 1
            && is_single(characters)
            && (self.count > 1 || is_single(&self.characters))
    }

    pub fn holds(&self, element: Element) -> bool {
        let range = self.first.counter..self.first.counter + self.count;
        element.author == self.first.author && range.contains(&element.counter)
    }

    /// How many bytes the element at the start of what is left takes.
    fn step(&self, left: &str) -> usize {
        if self.count == 1 { left.len() } else { left.chars().next().map_or(0, char::len_utf8) }
    }
}

fn is_single(characters: &str) -> bool {
    let mut all = characters.chars();
    all.next().is_some() && all.next().is_none()
}

/// A text object.
#[derive(Debug, Clone)]
pub struct Text {
    /// The field.
    pub field: String,
    /// The change that made it.
    pub made: ChangeNo,
    stretches: Vec<Stretch>,
    by_first: BTreeMap<Element, u32>,
    removals: Vec<Removal>,
}

/// A stretch from one of its elements on, on the way through the tree.
struct Rest {
    stretch: u32,
    element: u32,
    byte: usize,
}

impl Text {
    pub fn new(field: &str, made: ChangeNo) -> Self {
        Self { field: field.to_owned(), made, stretches: Vec::new(), by_first: BTreeMap::new(), removals: Vec::new() }
    }

    /// The stretch that an element is of.
    pub fn stretch_of(&self, element: Element) -> Option<&Stretch> {
        let (_, at) = self.by_first.range(..=element).next_back()?;
        self.stretches.get(*at as usize).filter(|stretch| stretch.holds(element))
    }

    /// Takes what a change did.
    pub fn take(&mut self, stretches: Vec<Stretch>, removals: Vec<Removal>) {
        for stretch in stretches {
            self.by_first.insert(stretch.first, self.stretches.len() as u32);
            self.stretches.push(stretch);
        }
        self.removals.extend(removals);
    }

    /// The change that wrote here last, by operation number and actor, at a moment.
    pub fn last_change(&self, at: &Moment, graph: &Graph) -> Option<ChangeNo> {
        let typed = self.stretches.iter().map(|stretch| stretch.change);
        let removed = self.removals.iter().map(|removal| removal.change);
        typed.chain(removed).filter(|change| at.holds(*change)).max_by_key(|change| {
            let change = &graph.taken(*change).change;
            (change.start_op, change.actor)
        })
    }

    /// The words at a moment.
    pub fn words(&self, at: &Moment, graph: &Graph) -> String {
        let mut words = String::new();
        self.walk(at, graph, |_, characters| words.push_str(characters));
        words
    }

    /// The elements that stand at a moment, in order.
    pub fn elements(&self, at: &Moment, graph: &Graph) -> Vec<(Element, &str)> {
        let mut elements = Vec::new();
        self.walk(at, graph, |element, characters| elements.push((element, characters)));
        elements
    }

    fn walk<'a>(&'a self, at: &Moment, graph: &Graph, mut see: impl FnMut(Element, &'a str)) {
        let after = self.by_predecessor(at, graph);
        let attached: BTreeMap<Element, &[u32]> =
            after.iter().filter_map(|(element, next)| Some(((*element)?, next.as_slice()))).collect();
        let removed = self.removed(at);
        let start = |stretch: &u32| Rest { stretch: *stretch, element: 0, byte: 0 };
        let mut left: Vec<Rest> = after.get(&None).into_iter().flatten().rev().map(start).collect();
        while let Some(Rest { stretch, element, mut byte }) = left.pop() {
            let typed = &self.stretches[stretch as usize];
            let name = |place: u32| Element { counter: typed.first.counter + place, ..typed.first };
            let last = name(typed.count - 1);
            let branch = attached.range(name(element)..=last).next();
            let until = branch.map_or(typed.count, |(at, _)| at.counter - typed.first.counter + 1);
            for place in element..until {
                let rest = &typed.characters[byte..];
                let step = typed.step(rest);
                if !removed.hold(name(place)) {
                    see(name(place), &rest[..step]);
                }
                byte += step;
            }
            let Some((_, branches)) = branch else { continue };
            // What the same author typed next is one more that was typed after this element.
            let own = (until < typed.count).then_some(Rest { stretch, element: until, byte });
            let own_id = own.as_ref().map(|_| (name(until).counter, graph.actor(typed.first.author)));
            let earlier = branches.partition_point(|branch| Some(self.id(*branch, graph)) > own_id);
            left.extend(branches[earlier..].iter().rev().map(start));
            left.extend(own);
            left.extend(branches[..earlier].iter().rev().map(start));
        }
    }

    fn id(&self, stretch: u32, graph: &Graph) -> (u32, ActorId) {
        let first = self.stretches[stretch as usize].first;
        (first.counter, graph.actor(first.author))
    }

    /// Stretches by the element that they were typed after, the latest first.
    fn by_predecessor(&self, at: &Moment, graph: &Graph) -> HashMap<Option<Element>, Vec<u32>> {
        let mut after: HashMap<Option<Element>, Vec<u32>> = HashMap::new();
        for (place, stretch) in (0..).zip(&self.stretches).filter(|(_, stretch)| at.holds(stretch.change)) {
            after.entry(stretch.after).or_default().push(place);
        }
        after.values_mut().for_each(|next| next.sort_by_key(|stretch| Reverse(self.id(*stretch, graph))));
        after
    }

    fn removed(&self, at: &Moment) -> Removed {
        let mut all: Vec<(Element, u32)> = self
            .removals
            .iter()
            .filter(|removal| at.holds(removal.change))
            .map(|removal| (removal.lowest, removal.lowest.counter + removal.count))
            .collect();
        all.sort_unstable();
        all.dedup_by(|next, last| {
            let joins = next.0.author == last.0.author && next.0.counter <= last.1;
            if joins {
                last.1 = last.1.max(next.1);
            }
            joins
        });
        Removed(all)
    }
}

/// Stretches of elements, from the first to before a number, apart from each other and sorted.
struct Removed(Vec<(Element, u32)>);

impl Removed {
    fn hold(&self, element: Element) -> bool {
        let at = self.0.partition_point(|(lowest, _)| *lowest <= element);
        at.checked_sub(1)
            .and_then(|at| self.0.get(at))
            .is_some_and(|(lowest, until)| lowest.author == element.author && element.counter < *until)
    }
}
