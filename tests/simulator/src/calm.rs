//! The calm after it: everything heals, and everybody syncs until nobody has anything to say.

use client_core::{Errand, ErrandReport, SyncReport};

use crate::{Failure, world::World};

/// Rounds until it must be quiet. The longest chain is: bring, be refused, write anew, bring again, be told.
const ROUNDS: usize = 12;
/// Polls of one request when nothing makes it wait.
const POLLS: usize = 10_000;

impl World {
    /// Heals everything and lets everybody sync. A world that does not come to rest is a failure.
    pub fn come_to_rest(&mut self) -> Result<(), Failure> {
        self.trace.step();
        self.trace
            .note("calm", format_args!("{} requests and {} answers are gone", self.flights.len(), self.answers.len()));
        self.flights.clear();
        self.answers.clear();
        self.servers.hand.set_full(false);
        let _ = self.servers.crash(0, true);
        self.note_receipts()?;
        self.servers.hand.set_calm(true);
        self.servers.disk.flush();
        for phone in &mut self.phones {
            phone.disk.fill_up(None);
            phone.skew_ms = 0;
            phone.disk.stay_on();
            phone.away = None;
            // Half of them begin anew. The rest must get on with what they remember, as on a day without a restart.
            if phone.disk.is_dead() || self.rng.percent(50) {
                phone.switch_off();
            }
        }
        self.pass(1_000);
        self.switch_on_the_dead()?;
        let mut quiet = 0;
        for round in 0..ROUNDS {
            self.trace.step();
            let mut moved = self.sweep_calmly()?;
            for phone in 0..self.phones.len() {
                moved |= self.sync_calmly(phone)?;
            }
            self.trace.note("round", format_args!("{round}: {}", if moved { "moved" } else { "quiet" }));
            quiet = if moved { 0 } else { quiet + 1 };
            if quiet == 2 {
                return Ok(());
            }
        }
        Err(self.fail(format!("it does not come to rest in {ROUNDS} rounds")))
    }

    fn finish(&mut self) -> Result<Option<crate::server::Heard>, Failure> {
        for _ in 0..POLLS {
            if self.servers.tasks.is_empty() {
                return Ok(None);
            }
            let over = self.servers.go_on(0);
            self.note_receipts()?;
            if let Some((_, heard)) = over {
                return Ok(Some(heard));
            }
        }
        Err(self.fail("a request does not end"))
    }

    fn sweep_calmly(&mut self) -> Result<bool, Failure> {
        self.servers.sweep(0);
        self.finish()?;
        Ok(false)
    }

    /// Answers whether anything moved.
    fn sync_calmly(&mut self, phone: usize) -> Result<bool, Failure> {
        self.pass(1_000);
        let Some(device) = self.phones.get(phone).and_then(|of| of.device.as_ref()) else { return Ok(false) };
        let mut errand = device.errand_sync();
        loop {
            let Some(device) = self.phones.get_mut(phone).and_then(|of| of.device.as_mut()) else { return Ok(false) };
            let next = device.errand_next(&mut errand);
            let Some(request) = next.map_err(|fault| self.fail(format!("in the calm: {fault:?}")))? else { break };
            self.overhear(&request.body);
            let flight = self.send(request.body.clone());
            self.flights.clear();
            self.servers.arrive(flight, &request.body, 0, None);
            let Some(heard) = self.finish()? else { return Err(self.fail("a request has no answer")) };
            let Some(device) = self.phones.get_mut(phone).and_then(|of| of.device.as_mut()) else { return Ok(false) };
            let taken = device.errand_take(&mut errand, heard);
            taken.map_err(|fault| self.fail(format!("in the calm: {fault:?}")))?;
        }
        let report = report_of(&errand);
        let name = self.name(phone);
        if let Some(fault) = &report.fault {
            // The invitation of a device out of use is refused, and the next sync goes without it.
            if fault.code != dossier::fault::Code::InvitationRefused {
                return Err(self.fail(format!("{name} cannot sync in the calm: {fault:?}")));
            }
            return Ok(true);
        }
        if report.repair.round_trips > 0 {
            self.trace.note(
                "repair",
                format_args!("{name}: {} dossiers in {} rounds", report.repair.dossiers, report.repair.round_trips),
            );
        }
        let SyncReport { accepted, received, removed, .. } = &report;
        let moved = *accepted > 0 || *received > 0 || !removed.is_empty();
        self.trace.note(
            "calm sync",
            format_args!("{name}: {accepted} accepted, {received} received, {} pending", report.pending),
        );
        Ok(moved)
    }
}

fn report_of(errand: &Errand) -> SyncReport {
    match errand.report() {
        ErrandReport::Sync(report) => report,
        ErrandReport::Upload(_) | ErrandReport::Fetch(_) => SyncReport::default(),
    }
}
