//! What goes wrong around the network: power, disks, clocks, backups, thieves, operators, new versions.

use std::collections::BTreeSet;

use client_core::{Space, ports::FixedClock};
use dossier::id::DeviceId;

use crate::{
    Failure,
    medium::{Fate, LogDisk},
    phone::Phone,
    server::at_once,
    world::World,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl World {
    /// Something goes wrong.
    pub fn mishap(&mut self, phone: usize) -> Result<(), Failure> {
        match self.rng.below(36) {
            0..=4 => self.power_fails(phone),
            5 | 6 => self.fill_up(phone),
            7..=9 => self.set_clock(phone),
            10 | 11 => self.back_up(phone),
            12 => self.restore(phone)?,
            13 => self.clone_phone(phone)?,
            14 => self.revoke(phone)?,
            15 | 16 => self.hostile_batch(),
            17 | 18 => return self.centre_dies(),
            19 => self.centre_fills_up(),
            20 => self.carry_again(),
            21 => self.upgrade(phone)?,
            22 => self.flush(),
            24..=29 => self.back_up_centre(),
            30..=35 => self.restore_centre()?,
            _ => {
                let process = self.rng.below(2);
                self.trace.note("sweep", format_args!("by {process}"));
                self.servers.sweep(process);
            }
        }
        Ok(())
    }

    fn power_fails(&mut self, phone: usize) {
        let (after, percent) = (1 + self.rng.below(3), self.rng.below(101));
        let (kind, fate) = match self.rng.below(4) {
            0 => ("lost write", Fate::DieBefore),
            1 => ("unanswered write", Fate::DieAfter),
            _ => ("torn write", Fate::DieTorn(percent)),
        };
        let name = self.name(phone);
        self.trace.note(kind, format_args!("{name}, at commit {after} from now"));
        self.phones.get(phone).into_iter().for_each(|of| of.disk.die_at(after, fate));
    }

    /// Devices whose power failed are switched on again.
    pub fn switch_on_the_dead(&mut self) -> Result<(), Failure> {
        for phone in 0..self.phones.len() {
            if self.phones.get(phone).is_some_and(|of| of.disk.is_dead() || of.device.is_none()) {
                self.switch_on(phone)?;
            }
        }
        Ok(())
    }

    fn switch_on(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let name = of.name.clone();
        match of.switch_on() {
            Ok(torn) => {
                self.trace.note("switched on", format_args!("{name}, torn: {torn}"));
                Ok(())
            }
            Err(fault) if fault.code == dossier::fault::Code::DiskFull => Ok(()),
            Err(fault) => Err(self.fail(format!("{name} does not open again: {fault:?}"))),
        }
    }

    fn fill_up(&mut self, phone: usize) {
        let room = self.rng.percent(50).then(|| self.rng.below(3));
        let name = self.name(phone);
        match room {
            Some(commits) => self.trace.note("disk full", format_args!("{name}, after {commits} commits")),
            None => self.trace.note("room again", format_args!("{name}")),
        }
        self.phones.get(phone).into_iter().for_each(|of| of.disk.fill_up(room));
    }

    fn set_clock(&mut self, phone: usize) {
        let days = i64::try_from(self.rng.below(3_000)).unwrap_or(0) - 1_500;
        let skew = match self.rng.below(3) {
            0 => 0,
            1 => days * DAY_MS,
            _ => days * 1_000,
        };
        let name = self.name(phone);
        self.trace.note("clock", format_args!("{name} is off by {skew} ms"));
        self.phones.get_mut(phone).into_iter().for_each(|of| of.skew_ms = skew);
        self.pass(0);
    }

    fn back_up(&mut self, phone: usize) {
        let name = self.name(phone);
        let Some(of) = self.phones.get_mut(phone) else { return };
        of.backup = Some((of.disk.copy(), of.promises.clone()));
        self.trace.note("backup", format_args!("{name}"));
    }

    fn restore(&mut self, phone: usize) -> Result<(), Failure> {
        let bug = self.bug;
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some((log, promises)) = of.backup.clone() else { return Ok(()) };
        of.switch_off();
        of.disk = LogDisk::from_copy(log, bug);
        (of.promises, of.has_double) = (promises, true);
        let name = of.name.clone();
        self.trace.note("restored", format_args!("{name}"));
        self.forget_what_nobody_holds();
        self.switch_on(phone)
    }

    fn clone_phone(&mut self, phone: usize) -> Result<(), Failure> {
        if self.phones.len() > 6 {
            return Ok(());
        }
        let (bug, seed) = (self.bug, self.rng.next());
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        of.has_double = true;
        let twin = Phone {
            name: format!("{}-twin", of.name),
            is_desk: of.is_desk,
            unit: of.unit,
            disk: LogDisk::from_copy(of.disk.copy(), bug),
            device: None,
            id: of.id,
            clock: FixedClock::at(self.now_ms + of.skew_ms),
            skew_ms: of.skew_ms,
            promises: of.promises.clone(),
            away: None,
            backup: None,
            has_double: true,
            is_revoked: of.is_revoked,
            touched: of.touched.clone(),
            entropy_seed: seed,
        };
        let name = twin.name.clone();
        self.phones.push(twin);
        self.trace.note("cloned", format_args!("{name}"));
        self.switch_on(self.phones.len() - 1)
    }

    fn revoke(&mut self, phone: usize) -> Result<(), Failure> {
        // One at most: somebody must be left to do the work.
        if self.phones.iter().any(|of| of.is_revoked) {
            return Ok(());
        }
        let Some(id) = self.phones.get(phone).map(|of| of.id) else { return Ok(()) };
        self.servers.hand.set_calm(true);
        let revoked = at_once(self.servers.operating().revoke(&id.to_string(), "mất máy"));
        self.servers.hand.set_calm(false);
        match revoked {
            Ok(_) => {
                self.phones.iter_mut().filter(|of| of.id == id).for_each(|of| of.is_revoked = true);
                self.trace.note("revoked", format_args!("{id}"));
                Ok(())
            }
            // It was never seen.
            Err(sync_server::operating::OperatorFault::UnknownDevice) => Ok(()),
            Err(fault) => Err(self.fail(fault.to_string())),
        }
    }

    fn centre_dies(&mut self) -> Result<(), Failure> {
        let (process, machine) = (self.rng.below(2), self.rng.percent(50));
        let what = if machine { "machine dies" } else { "process dies" };
        self.trace.note(what, format_args!("{process}, with {} tasks", self.servers.tasks.len()));
        let told = self.servers.crash(process, machine);
        self.answers.extend(told);
        self.note_receipts()
    }

    fn centre_fills_up(&mut self) {
        let full = self.rng.percent(40);
        let kind = if full { "centre full" } else { "centre has room" };
        self.trace.note(kind, format_args!("from now on"));
        self.servers.hand.set_full(full);
    }

    /// A backup of the Centre, once everybody is enrolled: who is not has nothing to prove it with afterwards.
    fn back_up_centre(&mut self) {
        let people = self.phones.iter().filter(|of| of.unit.is_some()).map(|of| of.id);
        let people: BTreeSet<_> = people.collect();
        let enrolled = self.servers.calmly(|storage| at_once(storage.enrolled_devices()));
        if enrolled.is_ok_and(|rows| people.iter().all(|id| rows.iter().any(|row| DeviceId::of(&row.key) == *id))) {
            self.centre_backup = Some(self.servers.disk.copy());
            self.trace.note("centre backup", format_args!("{} acknowledged", self.acknowledged.len()));
        }
    }

    /// The Centre's database is put back, whether its operator says so or forgets it. Receipts begin anew from there, and
    /// devices bring again what they still hold.
    fn restore_centre(&mut self) -> Result<(), Failure> {
        let Some(backup) = self.centre_backup.clone() else { return Ok(()) };
        let told = self.servers.crash(0, true);
        self.answers.extend(told);
        self.note_receipts()?;
        let is_told = self.rng.percent(60);
        self.trace.note("centre restored", format_args!("told: {is_told}"));
        self.servers.restore(&backup, is_told);
        self.centre_was_restored = true;
        self.lines.clear();
        let revoked = self.servers.calmly(|storage| {
            let known = |of: &Phone| at_once(storage.device(&of.id)).ok().flatten().and_then(|row| row.revocation);
            self.phones.iter().map(|of| known(of).is_some()).collect::<Vec<bool>>()
        });
        for (of, revoked) in self.phones.iter_mut().zip(revoked) {
            of.is_revoked = revoked;
        }
        self.forget_what_nobody_holds();
        Ok(())
    }

    /// What the Centre lost and no device holds any more that made it is lost for good: by two backups, or because the copy
    /// had gone with the dossier. Nobody can be asked for it.
    fn forget_what_nobody_holds(&mut self) {
        if !self.centre_was_restored {
            return;
        }
        let kept = self.acknowledged.iter().filter(|(dossier, hash)| {
            let there = self.servers.calmly(|storage| at_once(storage.record(dossier)));
            let there = there.ok().flatten().is_some_and(|of| of.items.iter().any(|item| item.hash.0 == *hash));
            there || self.phones.iter().any(|of| of.brings(dossier, hash))
        });
        self.acknowledged = kept.copied().collect();
    }

    fn flush(&mut self) {
        self.servers.disk.flush();
    }

    /// A new version opens the medium and makes every cache anew.
    fn upgrade(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        if of.disk.is_dead() {
            return Ok(());
        }
        of.disk.close_well();
        self.switch_on(phone)?;
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut() else { return Ok(()) };
        let rebuilt = device.rebuild();
        let held = of.disk.records(Space::Dossiers, &[]).len();
        let name = of.name.clone();
        match rebuilt {
            Ok(count) => {
                self.trace.note("upgrade", format_args!("{name}: {count} dossiers"));
                if count == held {
                    Ok(())
                } else {
                    Err(self.fail(format!("{name} rebuilt {count} of {held} dossiers")))
                }
            }
            Err(fault) if matches!(fault.code, dossier::fault::Code::NotSaved | dossier::fault::Code::DiskFull) => {
                Ok(())
            }
            Err(fault) => Err(self.fail(format!("{name} cannot rebuild: {fault:?}"))),
        }
    }
}
