//! Taking changes in: each is held against its past, and either wholly taken or not at all.
//!
//! A change may speak only of what was there when it was made, which is what its dependencies led to. This is checked for
//! every operation, so that whether a change is taken never depends on what else happened to arrive before it.

use super::{
    AuthorNo, BTreeMap, BTreeSet, ChangeHash, ChangeNo, Content, ContentFault, Hand, Misfit, Moment, Root, Scalar,
    Scanned,
};
use crate::{
    content::{
        chunk::operation::{OpName, Operation, Value},
        text::{Element, Removal, Stretch, Text},
    },
    id::ActorId,
};

/// What a change will do, checked: taking it cannot fail any more.
#[derive(Default)]
struct Plan<'a> {
    cells: BTreeMap<(Root, &'a str), Write>,
    texts: BTreeMap<ActorId, Typed>,
}

struct Write {
    /// Places in the cell that are set aside.
    aside: Vec<u32>,
    /// The operation's number and value.
    said: Option<(u32, Scalar)>,
}

#[derive(Default)]
struct Typed {
    /// By number, ascending.
    stretches: Vec<Stretch>,
    removals: Vec<Removal>,
}

/// A change among those that were there when it was made.
struct Place<'a> {
    change: &'a Scanned,
    past: Moment,
    /// Its own number and its author's, as they will be.
    number: ChangeNo,
    author: AuthorNo,
    /// The authors here of the actors that its operations name.
    authors: Vec<Option<AuthorNo>>,
}

impl Content {
    /// Applies changes that passed the scan, in any order. All or nothing: on a fault the document is as it was.
    ///
    /// Beyond what the scan can see of one change, this holds changes against each other: nothing missing, numbers that
    /// continue, nobody speaking for the skeleton, nothing said of what was not there.
    pub fn apply(&mut self, changes: &[Scanned]) -> Result<(), ContentFault> {
        match changes {
            [] => return Ok(()),
            [change] => return self.take_one(change),
            _ => {}
        }
        let before = self.clone();
        let refused = self.take(changes);
        if refused.is_empty() {
            return Ok(());
        }
        *self = before;
        let (mut missing, mut fault) = (BTreeSet::new(), None);
        for (_, each) in refused {
            match each {
                ContentFault::Missing(hashes) => missing.extend(hashes),
                other => fault = fault.or(Some(other)),
            }
        }
        changes.iter().for_each(|change| _ = missing.remove(&change.hash));
        let missing = ContentFault::Missing(missing.into_iter().collect());
        Err(fault.unwrap_or(missing))
    }

    /// Applies those that can be, in any order, and answers why each of the others was not taken. What rests on one that
    /// was refused is missing it.
    pub fn take(&mut self, changes: &[Scanned]) -> Vec<(ChangeHash, ContentFault)> {
        let mut left: Vec<&Scanned> = changes.iter().collect();
        // Numbers rise from cause to effect, except where a change lies about them, and those are refused at last.
        left.sort_by_key(|change| (change.start_op, change.hash));
        let mut refused = Vec::new();
        for is_last in [false, true] {
            refused.clear();
            left.retain(|change| match self.take_one(change) {
                Ok(()) => false,
                Err(fault) => {
                    refused.push((change.hash, fault));
                    true
                }
            });
            let may_help = |(_, fault): &(ChangeHash, ContentFault)| match fault {
                ContentFault::Missing(hashes) => hashes.iter().any(|hash| self.contains(hash)),
                _ => false,
            };
            if is_last || !refused.iter().any(may_help) {
                break;
            }
        }
        refused
    }

    fn take_one(&mut self, change: &Scanned) -> Result<(), ContentFault> {
        if self.contains(&change.hash) {
            return Ok(());
        }
        let place = self.place(change)?;
        let plan = self.plan(&place)?;
        let (number, author) = (place.number, place.author);
        for ((root, key), Write { aside, said }) in plan.cells {
            let cells = &mut self.cells[root as usize];
            // A cell that is there takes no new key.
            match cells.get_mut(key) {
                Some(cell) => cell.take(number, author, &aside, said),
                None => cells.entry(key.to_owned()).or_default().take(number, author, &aside, said),
            }
        }
        for (actor, Typed { stretches, removals }) in plan.texts {
            if let Some(text) = self.texts.get_mut(&actor) {
                text.take(stretches, removals);
            }
        }
        self.graph.add(change.clone(), Hand::Writer);
        Ok(())
    }

    fn place<'a>(&self, change: &'a Scanned) -> Result<Place<'a>, ContentFault> {
        if change.actor == self.skeleton().actor || self.texts.contains_key(&change.actor) {
            return Err(ContentFault::Impostor);
        }
        let (mut deps, mut missing, mut highest) = (Vec::new(), Vec::new(), 0);
        for hash in &change.deps {
            match self.graph.number(hash) {
                Some(number) => {
                    deps.push(number);
                    highest = highest.max(self.graph.taken(number).change.last_op());
                }
                None => missing.push(*hash),
            }
        }
        if !missing.is_empty() {
            return Err(ContentFault::Missing(missing));
        }
        if change.start_op != highest + 1 {
            return Err(ContentFault::OutOfStep);
        }
        let past = self.graph.moment(&deps);
        let author = self.graph.author_to_be(&change.actor);
        let continues = self.graph.seq_of(author) + 1 == change.seq
            && (change.seq == 1 || self.graph.change_of(author, change.seq - 1).is_some_and(|last| past.holds(last)));
        if !continues {
            return Err(ContentFault::NotApplicable(Misfit::Sequence));
        }
        let number = ChangeNo::try_from(self.graph.all().len()).map_err(|_| ContentFault::TooMuch)?;
        let authors = [Some(author)]
            .into_iter()
            .chain(change.actors()[1..].iter().map(|actor| self.graph.author(actor, Hand::Writer)))
            .collect();
        Ok(Place { change, past, number, author, authors })
    }

    fn plan<'a>(&self, place: &Place<'a>) -> Result<Plan<'a>, ContentFault> {
        let mut plan = Plan::default();
        let mut operations = place.change.operations().map_err(|_| ContentFault::OutOfStep)?;
        while let Some((number, operation)) = operations.next().map_err(|_| ContentFault::OutOfStep)? {
            match operation {
                Operation::Write { root, map, key, value } => {
                    if place.actor(map) != self.skeleton().actor || !place.past.holds(0) {
                        return Err(ContentFault::NotApplicable(Misfit::Object));
                    }
                    let aside = self.set_aside(place, root, key, operations.preds(), value.is_none())?;
                    // Clearing a cell that is empty is saying nothing.
                    if value.is_none() && aside.is_empty() {
                        return Err(ContentFault::NotApplicable(Misfit::Predecessors));
                    }
                    let said = value.map(|value| (number, Scalar::from(value)));
                    if plan.cells.insert((root, key), Write { aside, said }).is_some() {
                        return Err(ContentFault::NotApplicable(Misfit::Twice));
                    }
                }
                Operation::Insert { text, after, characters } => {
                    let (text, typed) = self.typed(place, text, &mut plan)?;
                    let after = after.map(|after| place.element(after)).transpose()?;
                    typed.insert(text, place, number, after, characters)?;
                }
                Operation::Remove { text, lowest, count } => {
                    let (text, typed) = self.typed(place, text, &mut plan)?;
                    typed.remove(text, place, place.element(lowest)?, count)?;
                }
            }
        }
        Ok(plan)
    }

    /// The places of the values that a write sets aside: exactly those that stood when it was made. Clearing may set
    /// aside some of them, as Automerge does when somebody settles a conflict by the value that is shown.
    fn set_aside(
        &self,
        place: &Place<'_>,
        root: Root,
        key: &str,
        preds: &[OpName],
        clears: bool,
    ) -> Result<Vec<u32>, ContentFault> {
        let misfit = || ContentFault::NotApplicable(Misfit::Predecessors);
        let named: Option<Vec<(AuthorNo, u32)>> =
            preds.iter().map(|pred| Some((place.authors[pred.actor as usize]?, pred.counter))).collect();
        let named = named.ok_or_else(misfit)?;
        let cell = self.cells[root as usize].get(key);
        let stood: Vec<u32> = cell.map(|cell| cell.places(&place.past).collect()).unwrap_or_default();
        let is_named = |at: &u32| cell.is_some_and(|cell| named.contains(&cell.id(*at)));
        let aside: Vec<u32> = stood.iter().copied().filter(is_named).collect();
        let all_named_stood = aside.len() == named.len();
        let all_that_stood_named = aside.len() == stood.len();
        if all_named_stood && (clears || all_that_stood_named) { Ok(aside) } else { Err(misfit()) }
    }

    fn typed<'p>(
        &self,
        place: &Place<'_>,
        text: u32,
        plan: &'p mut Plan<'_>,
    ) -> Result<(&Text, &'p mut Typed), ContentFault> {
        let actor = place.actor(text);
        let text = self.texts.get(&actor).filter(|text| place.past.holds(text.made));
        let text = text.ok_or(ContentFault::NotApplicable(Misfit::Object))?;
        Ok((text, plan.texts.entry(actor).or_default()))
    }
}

impl Place<'_> {
    fn actor(&self, at: u32) -> ActorId {
        self.change.actors()[at as usize]
    }

    fn element(&self, name: OpName) -> Result<Element, ContentFault> {
        let author = self.authors[name.actor as usize].ok_or(ContentFault::NotApplicable(Misfit::Element))?;
        Ok(Element { author, counter: name.counter })
    }

    /// The end of the stretch, in the past or in this change, that an element is of.
    fn stretch_end(&self, text: &Text, own: &[Stretch], element: Element) -> Result<u32, ContentFault> {
        let before = text.stretch_of(element).filter(|stretch| self.past.holds(stretch.change));
        let own = || {
            let at = own.partition_point(|stretch| stretch.first.counter <= element.counter);
            own[..at].last().filter(|stretch| stretch.holds(element))
        };
        let stretch = before.or_else(own).ok_or(ContentFault::NotApplicable(Misfit::Element))?;
        Ok(stretch.first.counter + stretch.count)
    }
}

impl Typed {
    fn insert(
        &mut self,
        text: &Text,
        place: &Place<'_>,
        counter: u32,
        after: Option<Element>,
        characters: &str,
    ) -> Result<(), ContentFault> {
        if let Some(last) = self.stretches.last_mut().filter(|last| last.goes_on(counter, after, characters)) {
            last.count += 1;
            last.characters.push_str(characters);
            return Ok(());
        }
        if let Some(after) = after {
            place.stretch_end(text, &self.stretches, after)?;
        }
        let first = Element { author: place.author, counter };
        let characters = characters.to_owned();
        self.stretches.push(Stretch { change: place.number, first, after, count: 1, characters });
        Ok(())
    }

    fn remove(&mut self, text: &Text, place: &Place<'_>, lowest: Element, count: u32) -> Result<(), ContentFault> {
        let until = lowest.counter + count;
        let mut next = lowest;
        while next.counter < until {
            next.counter = place.stretch_end(text, &self.stretches, next)?;
        }
        let change = place.number;
        match self.removals.last_mut() {
            Some(last) if last.lowest.author == lowest.author && last.lowest.counter + last.count == lowest.counter => {
                last.count += count;
            }
            _ => self.removals.push(Removal { change, lowest, count }),
        }
        Ok(())
    }
}

impl From<Value<'_>> for Scalar {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Boolean(value) => Self::Boolean(value),
            Value::Integer(value) => Self::Integer(value),
            Value::Text(value) => Self::Text(value.to_owned()),
        }
    }
}
