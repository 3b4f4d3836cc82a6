//! A device's store: cut at every step of a script, and failing at every call of it.

use std::{collections::BTreeMap, path::Path};

use client_core::{
    native::SqliteStore,
    store::{Space, Store, StoreFault, WriteBatch},
};

use crate::{
    medium::{Dice, Medium},
    tape::{self, Failing, Op},
};

const SPACES: [Space; 3] = [Space::Journal, Space::Changes, Space::Outbox];
/// Commits of a script.
const COMMITS: usize = 60;
/// After so many commits the file is closed and opened again, which writes the log back into it and removes the log.
const REOPEN_EVERY: usize = 20;
const FILE: &str = "device.sqlite";

type Records = BTreeMap<(u8, Vec<u8>), Vec<u8>>;

/// The `number`-th commit: several records of several sizes, some written over, some removed.
fn commit(number: usize, dice: &mut Dice) -> WriteBatch {
    let mut batch = WriteBatch::new();
    for _ in 0..1 + dice.below(4) {
        let space = SPACES[usize::try_from(dice.below(3)).unwrap_or(0)];
        let key = vec![7, u8::try_from(dice.below(40)).unwrap_or(0)];
        if dice.below(5) == 0 {
            batch.delete(space, key);
        } else {
            let size = [20, 200, 3_000, 9_000][usize::try_from(dice.below(4)).unwrap_or(0)];
            batch.put(space, key, vec![u8::try_from(number % 251).unwrap_or(0); size]);
        }
    }
    batch
}

fn after(records: &mut Records, batch: &WriteBatch) {
    for write in batch.writes() {
        match write {
            client_core::store::Write::Put(space, key, value) => {
                records.insert((*space as u8, key.clone()), value.clone());
            }
            client_core::store::Write::Delete(space, key) => {
                records.remove(&(*space as u8, key.clone()));
            }
        }
    }
}

fn read(store: &SqliteStore) -> Result<Records, StoreFault> {
    let mut records = Records::new();
    for space in SPACES {
        for (key, value) in store.scan(space, &[], None, usize::MAX >> 1)? {
            records.insert((space as u8, key), value);
        }
    }
    Ok(records)
}

/// What happened to the files while a script ran, and what was there after each commit.
fn recorded(seed: u64) -> Result<(Vec<Op>, Vec<Records>), String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join(FILE);
    let fault = |fault: StoreFault| fault.to_string();
    let (mut dice, mut states) = (Dice(seed), vec![Records::new()]);
    tape::record();
    let mut store = Some(SqliteStore::open(&path).map_err(fault)?);
    for number in 1..=COMMITS {
        if number % REOPEN_EVERY == 0 {
            drop(store.take());
            store = Some(SqliteStore::open(&path).map_err(fault)?);
        }
        let batch = commit(number, &mut dice);
        let mut records = states.last().cloned().unwrap_or_default();
        after(&mut records, &batch);
        states.push(records);
        store.as_mut().ok_or("no store")?.commit(batch).map_err(fault)?;
        tape::note(Op::Acknowledged(number));
    }
    drop(store);
    Ok((tape::take(), states))
}

/// After so many that did not hold, the rest is probably the same.
const BROKEN_MAX: usize = 10;

/// What came of cuts or faults.
#[derive(Debug, Default)]
pub struct Told {
    /// How many there were.
    pub tried: u64,
    /// What did not hold.
    pub broken: Vec<String>,
}

/// Opens what a cut left, and says what does not hold.
fn judge(directory: &Path, acknowledged: usize, states: &[Records]) -> Result<(), String> {
    let store = SqliteStore::open(&directory.join(FILE)).map_err(|fault| format!("unopenable: {fault}"))?;
    let records = read(&store).map_err(|fault| format!("unreadable: {fault}"))?;
    // What was answered is there. The commit that was under way may be there, wholly.
    if states.get(acknowledged) == Some(&records) || states.get(acknowledged + 1) == Some(&records) {
        return Ok(());
    }
    let of = states.iter().position(|state| *state == records);
    Err(match of {
        Some(of) => format!("lost: {acknowledged} commits were answered, {of} are there"),
        None => "torn: what is there is what no commit left".to_owned(),
    })
}

/// So many power cuts, spread over every step of scripts that follow from the seed.
pub fn cuts(wanted: u64, seed: u64) -> Result<Told, String> {
    let mut told = Told::default();
    let mut script = seed;
    while told.tried < wanted && told.broken.len() < BROKEN_MAX {
        let (ops, states) = recorded(script)?;
        cut_each(&ops, &states, wanted, script, &mut told)?;
        script += 1;
    }
    Ok(told)
}

/// A power cut at each step of a recording, until there were as many as wanted.
fn cut_each(ops: &[Op], states: &[Records], wanted: u64, script: u64, told: &mut Told) -> Result<(), String> {
    let mut medium = Medium::default();
    let mut dice = Dice(script ^ 0xc0ffee);
    for (at, op) in ops.iter().enumerate() {
        // A cut before anything was done since the last one leaves the same as that one.
        if !matches!(op, Op::Acknowledged(_)) && told.tried < wanted {
            let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
            medium.cut(Some(op), &mut dice, directory.path()).map_err(|error| error.to_string())?;
            told.tried += 1;
            if let Err(what) = judge(directory.path(), medium.acknowledged, states) {
                told.broken.push(format!("script {script}, step {at} ({op}): {what}"));
            }
        }
        medium.step(op);
    }
    Ok(())
}

/// The script with this call failing; answers whether any did.
fn with_fault(failing: Failing, told: &mut Told) -> Result<bool, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join(FILE);
    let (mut dice, mut records) = (Dice(77), Records::new());
    let mut say = |what: String| told.broken.push(format!("{failing:?}: {what}"));
    tape::arm(Some(failing));
    let mut store = None;
    for number in 1..=COMMITS {
        let batch = commit(number, &mut dice);
        let mut next = records.clone();
        after(&mut next, &batch);
        for attempt in 0..2 {
            if store.is_none() {
                match SqliteStore::open(&path) {
                    Ok(opened) => store = Some(opened),
                    Err(StoreFault::Full | StoreFault::Io(_)) if attempt == 0 => {
                        tape::arm(None);
                        continue;
                    }
                    Err(fault) => {
                        say(format!("opening: {fault}"));
                        return Ok(true);
                    }
                }
            }
            let Some(open) = store.as_mut() else { continue };
            match open.commit(batch.clone()) {
                Ok(()) => {
                    records = next;
                    break;
                }
                Err(StoreFault::Full | StoreFault::Io(_)) if attempt == 0 => {
                    // Said as what it is; the medium is well again, and the same store goes on.
                    let (_, failed) = tape::counted();
                    if failed == 0 {
                        say("failed though nothing did".to_owned());
                    }
                    tape::arm(None);
                    match read(open) {
                        Ok(read) if read == records => {}
                        Ok(_) => say("a failed commit left something".to_owned()),
                        Err(fault) => say(format!("reading after a fault: {fault}")),
                    }
                }
                Err(fault) => {
                    say(format!("commit {number}: {fault}"));
                    return Ok(true);
                }
            }
        }
    }
    let (_, failed) = tape::counted();
    tape::arm(None);
    drop(store);
    match SqliteStore::open(&path).and_then(|store| read(&store)) {
        Ok(read) if read == records => {}
        Ok(_) => say("after a fault and a new beginning, something else is there".to_owned()),
        Err(fault) => say(format!("opening afterwards: {fault}")),
    }
    Ok(failed > 0)
}

/// A failing medium and a full disk at every so many-th call of a script, from the first on.
pub fn faults(every: u64) -> Result<Told, String> {
    let mut told = Told::default();
    tape::arm(None);
    let mut calls = Told::default();
    with_fault(Failing::Once(u64::MAX), &mut calls)?;
    let all = {
        // Counted by a run in which nothing fails.
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        tape::arm(None);
        let mut store = SqliteStore::open(&directory.path().join(FILE)).map_err(|fault| fault.to_string())?;
        let mut dice = Dice(77);
        for number in 1..=COMMITS {
            store.commit(commit(number, &mut dice)).map_err(|fault| fault.to_string())?;
        }
        tape::counted().0
    };
    told.broken.append(&mut calls.broken);
    let mut at = 1;
    while at <= all && told.broken.len() < BROKEN_MAX {
        for failing in [Failing::Once(at), Failing::FullFrom(at)] {
            with_fault(failing, &mut told)?;
            told.tried += 1;
        }
        at += every;
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_does_not_flush_is_found_out() {
        crate::files::install();
        let (ops, states) = recorded(5).unwrap();
        let mut told = Told::default();
        cut_each(&ops, &states, 400, 5, &mut told).unwrap();
        assert_eq!(told.broken, Vec::<String>::new(), "the real one holds");
        let careless: Vec<Op> = ops.into_iter().filter(|op| !matches!(op, Op::Sync(_))).collect();
        let mut told = Told::default();
        cut_each(&careless, &states, 400, 5, &mut told).unwrap();
        assert!(told.broken.iter().any(|what| what.contains("lost")), "{:?}", told.broken);
    }
}
