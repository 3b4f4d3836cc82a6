//! The network: it loses, cuts, delays, repeats and reorders.

use client_core::{
    Errand,
    transport::{Response, TransportFault},
};

use crate::{Failure, bugs::Bug, phone::Away, server::Heard, world::World};

impl World {
    /// A device begins to sync, or goes on.
    pub fn ask(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut().filter(|_| of.away.is_none()) else { return Ok(()) };
        let errand = device.errand_sync();
        self.next_request(phone, errand)
    }

    fn next_request(&mut self, phone: usize, mut errand: Errand) -> Result<(), Failure> {
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut() else { return Ok(()) };
        let name = of.name.clone();
        match device.errand_next(&mut errand) {
            Ok(Some(request)) => {
                let bytes = request.body.len();
                self.overhear(&request.body);
                let flight = self.send(request.body);
                self.trace.note("request", format_args!("{name} sends {flight}, {bytes} bytes"));
                if let Some(of) = self.phones.get_mut(phone) {
                    of.away = Some(Away { errand, flight });
                }
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(fault) => self.no_errand(phone, &fault),
        }
    }

    fn no_errand(&mut self, phone: usize, fault: &dossier::fault::Fault) -> Result<(), Failure> {
        let name = self.name(phone);
        self.trace.note("declined", format_args!("{name} syncs: {}", fault.code));
        let own = matches!(fault.code, dossier::fault::Code::NotSaved | dossier::fault::Code::DiskFull);
        if own { Ok(()) } else { Err(self.fail(format!("{name} syncs: {fault:?}"))) }
    }

    /// One thing happens to a request on its way.
    pub fn carry(&mut self) -> Result<(), Failure> {
        if self.flights.is_empty() {
            return Ok(());
        }
        let at = self.rng.below(self.flights.len());
        if at > 0 {
            self.trace.note("reordered", format_args!("{at} requests are overtaken"));
        }
        match self.rng.below(20) {
            0 => {
                let flight = self.flights.remove(at);
                self.trace.note("lost request", format_args!("{}", flight.number));
                self.answers.push((flight.number, Err(TransportFault::Offline)));
            }
            1 | 2 => {
                let body = self.flights.get(at).map(|flight| flight.body.clone()).unwrap_or_default();
                let copy = self.send(body);
                self.trace.note("repeated request", format_args!("as {copy}"));
            }
            3 => {
                let flight = self.flights.remove(at);
                let mut body = flight.body;
                let byte = self.rng.below(body.len());
                body.get_mut(byte).into_iter().for_each(|byte| *byte ^= 0x41);
                self.trace.note("altered request", format_args!("{} at {byte}", flight.number));
                let process = self.rng.below(2);
                self.servers.arrive(flight.number, &body, process, None);
            }
            4 => {
                let flight = self.flights.remove(at);
                let upto = self.rng.below(flight.body.len());
                self.trace
                    .note("broken request", format_args!("{} after {upto} of {}", flight.number, flight.body.len()));
                let process = self.rng.below(2);
                self.servers.arrive(flight.number, &flight.body, process, Some(upto));
            }
            _ => {
                let flight = self.flights.remove(at);
                let process = self.rng.below(2);
                self.trace.note("arrival", format_args!("{} at {process}", flight.number));
                self.servers.arrive(flight.number, &flight.body, process, None);
            }
        }
        Ok(())
    }

    /// Somebody who has the bytes of an old request brings them again.
    pub fn carry_again(&mut self) {
        if let Some(body) = self.rng.pick(&self.overheard.bodies).cloned() {
            let flight = self.send(body);
            self.trace.note("carried again", format_args!("{flight}"));
        }
    }

    /// The Centre goes on with one of its tasks.
    pub fn centre_works(&mut self) -> Result<(), Failure> {
        if self.servers.tasks.is_empty() {
            return Ok(());
        }
        let task = self.rng.below(self.servers.tasks.len());
        if self.rng.percent(2) {
            self.trace.note("hang-up", format_args!("task {task}"));
            self.servers.hang_up(task);
        }
        if let Some((flight, heard)) = self.servers.go_on(task) {
            self.trace.note("answer", format_args!("{flight}: {}", outline(&heard)));
            self.answers.push((flight, heard));
        }
        self.note_receipts()
    }

    /// An answer comes to its device, or some of it.
    pub fn bring(&mut self) -> Result<(), Failure> {
        if self.answers.is_empty() {
            return Ok(());
        }
        let at = self.rng.below(self.answers.len());
        let (flight, heard) = self.answers.remove(at);
        let heard = match (self.rng.below(10), heard) {
            (0, Ok(_)) => {
                self.trace.note("lost answer", format_args!("{flight}"));
                Err(TransportFault::CutOff { status: None, received: Vec::new() })
            }
            (1, Ok(Response { status: 200, body, .. })) => {
                let upto = self.rng.below(body.len());
                self.trace.note("cut answer", format_args!("{flight} after {upto} of {}", body.len()));
                let received = body.get(..upto).unwrap_or_default().to_vec();
                Err(TransportFault::CutOff { status: Some(200), received })
            }
            (_, heard) => heard,
        };
        self.hear(flight, heard)
    }

    /// A device takes in what it hears, if it still waits for it.
    pub fn hear(&mut self, flight: u64, heard: Heard) -> Result<(), Failure> {
        let waits = |phone: &crate::phone::Phone| phone.away.as_ref().is_some_and(|away| away.flight == flight);
        let Some(phone) = self.phones.iter().position(waits) else { return Ok(()) };
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let (Some(device), Some(Away { mut errand, .. })) = (of.device.as_mut(), of.away.take()) else { return Ok(()) };
        let name = of.name.clone();
        if self.bug == Some(Bug::DropOnDisconnect) && matches!(heard, Err(TransportFault::CutOff { .. })) {
            of.disk.forget(client_core::Space::Outbox);
        }
        self.trace.note("heard", format_args!("{name}: {}", outline(&heard)));
        match device.errand_take(&mut errand, heard) {
            Ok(()) => self.next_request(phone, errand),
            Err(fault) => self.no_errand(phone, &fault),
        }
    }
}

fn outline(heard: &Heard) -> String {
    match heard {
        Ok(Response { status, body, .. }) => format!("{status}, {} bytes", body.len()),
        Err(TransportFault::CutOff { received, .. }) => format!("cut off after {} bytes", received.len()),
        Err(fault) => fault.to_string(),
    }
}
