//! What people do with their devices.

use client_core::{ActRequest, NewFile, Submission};
use dossier::fault::{Code, Fault};

use crate::{
    Failure,
    world::{PROCEDURE, UNITS, World, fields},
};

const REASONS: [&str; 3] = ["thiếu giấy", "không đúng mẫu", "theo đề nghị"];

impl World {
    /// One person does one thing.
    pub fn work(&mut self, phone: usize) -> Result<(), Failure> {
        match self.rng.below(20) {
            0 | 1 => self.begin(phone),
            2 | 3 => self.take_over(phone),
            4..=9 => self.write(phone),
            10..=12 => self.submit(phone),
            13..=17 => self.act(phone),
            18 => self.undo(phone),
            _ => self.attach(phone),
        }
    }

    /// A fault of a device is one that it may have: its own disk, or a rule. Anything else is a failure of the run.
    fn told(&mut self, phone: usize, what: &'static str, fault: &Fault) -> Result<(), Failure> {
        let name = self.name(phone);
        self.trace.note("declined", format_args!("{name} {what}: {}", fault.code));
        let damaged = matches!(fault.code, Code::StoreUnreadable | Code::Internal | Code::Damaged);
        if damaged { Err(self.fail(format!("{name} {what}: {fault:?}"))) } else { Ok(()) }
    }

    fn begin(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(device) = self.phones.get_mut(phone).and_then(|phone| phone.device.as_mut()) else { return Ok(()) };
        match device.new_dossier(PROCEDURE, None) {
            Ok(started) => {
                self.dossiers.push(started.dossier);
                self.phones.get_mut(phone).into_iter().for_each(|phone| _ = phone.touched.insert(started.dossier));
                let name = self.name(phone);
                self.trace.note("begin", format_args!("{name} {}", started.dossier));
                self.write(phone)
            }
            Err(fault) => self.told(phone, "begins", &fault),
        }
    }

    /// Somebody shows the dossier's code at the door.
    fn take_over(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(dossier) = self.rng.pick(&self.dossiers).copied() else { return self.begin(phone) };
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut() else { return Ok(()) };
        of.touched.insert(dossier);
        match device.new_dossier(PROCEDURE, Some(dossier)) {
            Ok(_) => {
                let name = self.name(phone);
                self.trace.note("take-over", format_args!("{name} {dossier}"));
                Ok(())
            }
            Err(fault) => self.told(phone, "takes over", &fault),
        }
    }

    fn one_of(&mut self, phone: usize) -> Option<dossier::id::DossierId> {
        let held = self.phones.get(phone)?.disk.records(client_core::Space::Dossiers, &[]);
        let (key, _) = self.rng.pick(&held)?;
        key.as_slice().try_into().ok().map(dossier::id::DossierId)
    }

    fn write(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(dossier) = self.one_of(phone) else { return Ok(()) };
        let Some(field) = self.rng.pick(fields()).cloned() else { return Ok(()) };
        self.typed += 1;
        let text = format!("Văn bản t{}x", self.typed);
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut() else { return Ok(()) };
        match device.set(&dossier, &[(&field, &text)]) {
            Ok(_) => {
                of.touched.insert(dossier);
                of.promises.cells.insert((dossier, field.clone()), text.clone());
                let name = self.name(phone);
                self.trace.note("write", format_args!("{name} {dossier} {field}={text}"));
                Ok(())
            }
            Err(fault) => {
                // Whether it stands is not known: neither text is promised any more.
                of.promises.cells.remove(&(dossier, field));
                self.told(phone, "writes", &fault)
            }
        }
    }

    fn submit(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(dossier) = self.one_of(phone) else { return Ok(()) };
        let unit = self.rng.pick(&UNITS).map(|unit| (*unit).to_owned());
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut() else { return Ok(()) };
        match device.submit(&dossier, &Submission { channel: None, unit }) {
            Ok(done) => {
                of.promises.acts.push((dossier, done.event));
                let name = self.name(phone);
                self.trace.note("submit", format_args!("{name} {dossier} {}", done.event));
                Ok(())
            }
            Err(fault) => self.told(phone, "submits", &fault),
        }
    }

    fn request(&mut self) -> ActRequest {
        let reason = || REASONS.first().map(|reason| (*reason).to_owned()).unwrap_or_default();
        match self.rng.below(12) {
            0..=2 => ActRequest::Accept { case: None },
            3 => ActRequest::Ask { reason: reason(), items: Vec::new() },
            4 => ActRequest::Refuse { reason: reason() },
            5 => ActRequest::Withdraw { reason: reason() },
            6 => ActRequest::Route { unit: self.rng.pick(&UNITS).map(|unit| (*unit).to_owned()) },
            7 => ActRequest::Decide { result: "12/QĐ-UBND".to_owned() },
            8 => ActRequest::Adopt,
            9 | 10 => ActRequest::Comment { text: format!("ghi chú {}", self.typed), staff_only: true },
            _ => ActRequest::Comment { text: format!("lời nhắn {}", self.typed), staff_only: false },
        }
    }

    fn act(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(dossier) = self.one_of(phone) else { return Ok(()) };
        let request = self.request();
        let what = request.name();
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let Some(device) = of.device.as_mut() else { return Ok(()) };
        match device.act(&dossier, request) {
            Ok(done) => {
                of.promises.acts.push((dossier, done.event));
                let name = self.name(phone);
                self.trace.note("act", format_args!("{name} {what} {dossier} {} {:?}", done.event, done.code));
                Ok(())
            }
            Err(fault) => self.told(phone, "acts", &fault),
        }
    }

    fn undo(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(of) = self.phones.get_mut(phone) else { return Ok(()) };
        let (Some(device), Some((dossier, event))) = (of.device.as_mut(), of.promises.acts.last().copied()) else {
            return Ok(());
        };
        let undone = device.undo(&[event]);
        let stands = undone.as_ref().is_err_and(|fault| fault.code == Code::StepRefused);
        if !stands {
            of.promises.acts.pop();
        }
        match undone {
            Ok(_) => {
                let name = self.name(phone);
                self.trace.note("undo", format_args!("{name} {dossier} {event}"));
                Ok(())
            }
            Err(fault) => self.told(phone, "takes back", &fault),
        }
    }

    fn attach(&mut self, phone: usize) -> Result<(), Failure> {
        let Some(dossier) = self.one_of(phone) else { return Ok(()) };
        let content = self.rng.next().to_be_bytes();
        let file = NewFile { name: "trang.jpg", media: Some("image/jpeg"), size_bytes: Some(8) };
        let Some(device) = self.phones.get_mut(phone).and_then(|phone| phone.device.as_mut()) else { return Ok(()) };
        let component = device.procedure(PROCEDURE).ok().and_then(|sheet| Some(sheet.components.first()?.id.clone()));
        let component = component.map(|id| id.to_string()).unwrap_or_default();
        match device.attach(&dossier, &component, &file, &mut content.as_slice()) {
            Ok(attached) => {
                let name = self.name(phone);
                self.trace.note("attach", format_args!("{name} {dossier} {}", attached.blob));
                Ok(())
            }
            Err(fault) => self.told(phone, "attaches", &fault),
        }
    }
}
