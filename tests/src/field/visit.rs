//! The work of the field day: the same visit, once as a dossier on a device and once as a plain Automerge document.

use automerge::{
    ActorId, AutoCommit, ObjType, ROOT, ReadDoc,
    transaction::{CommitOptions, Transactable},
};
use client_core::{Device, NewFile, Submission};
use dossier::id::DossierId;

use crate::{
    UNIT,
    forms::{Form, Person},
    rng::Rng,
};

/// Đăng ký biến động đất đai: a form of 28 fields, one of them a long text, and four components.
const PROCEDURE: &str = "1.012783";
/// The long text.
const NOTES: &str = "reason";
/// Files of a visit, one for each component.
const FILES: usize = 4;

/// Sentences of the notes, typed one after the other: with them a plain document has the size that the other systems
/// were measured with (about 2 kB saved alone).
const SENTENCES: usize = 4;
const PAUSES: usize = 24;
/// When the day begins: 7 o'clock on 15 July 2026, Unix seconds.
const MORNING_S: i64 = 1_784_073_600;

/// What one household says and shows at the door.
#[derive(Debug, Clone)]
pub struct Visit {
    answers: Vec<(String, String)>,
    notes: Vec<String>,
    /// Seconds between one edit and the next.
    pauses: Vec<i64>,
    components: Vec<String>,
    /// What is on each page; its SHA-256 is the page's name.
    pages: Vec<Vec<u8>>,
}

impl Visit {
    /// The visits of a day, the same each time.
    #[must_use]
    pub fn of_a_day(count: usize) -> Vec<Self> {
        let (form, mut rng) = (Form::of(PROCEDURE), Rng::new(22));
        (0..count).map(|number| Self::any(&form, number, &mut rng)).collect()
    }

    fn any(form: &Form, number: usize, rng: &mut Rng) -> Self {
        let person = Person::any(rng);
        let mut answers = form.answers(&person, rng);
        answers.retain(|(field, _)| field != NOTES);
        let given: Vec<String> = answers.iter().map(|(field, _)| field.clone()).collect();
        // What the form leaves open and people say nonetheless.
        for (field, value) in [
            ("applicant_email", format!("hopthu{}@example.vn", rng.between(100, 99_999))),
            ("spouse_name", Person::any(rng).name),
            ("new_area_m2", rng.between(40, 900).to_string()),
            ("mortgaged", if rng.percent(50) { "true" } else { "false" }.to_owned()),
            ("bank", "Ngân hàng Nông nghiệp".to_owned()),
            ("receiving_commune", person.commune.clone()),
        ] {
            if !given.iter().any(|known| known == field) {
                answers.push((field.to_owned(), value));
            }
        }
        let notes = (0..SENTENCES).map(|_| sentence(rng)).collect();
        let pauses = (0..PAUSES).map(|_| i64::try_from(rng.between(3, 90)).unwrap()).collect();
        let pages = (0..FILES).map(|page| format!("{number}/{page}/{}", rng.draw()).into_bytes()).collect();
        Self { answers, notes, pauses, components: form.components.clone(), pages }
    }

    /// How many scalar fields the dossier has at the end: answers, the procedure's two, two counts a component, files.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.answers.len() + 2 + 2 * self.components.len() + self.pages.len()
    }

    /// Plays the visit on a device in about so many edits, each of them durable, and submits.
    pub fn play(&self, device: &mut Device, edits: usize) -> DossierId {
        let dossier = device.new_dossier(PROCEDURE, None).unwrap().dossier;
        let mut typed: Vec<(&str, &str)> =
            self.answers.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
        let notes = self.notes.concat();
        typed.push((NOTES, &notes));
        // Each component's count and file is an edit of its own.
        let screens = edits.saturating_sub(2 * FILES).max(1);
        for screen in typed.chunks(typed.len().div_ceil(screens)) {
            device.set(&dossier, screen).unwrap();
        }
        for (component, page) in self.components.iter().zip(&self.pages) {
            device.count(&dossier, component, 1, 1).unwrap();
            let file = NewFile { name: "trang-1.jpg", media: Some("image/jpeg"), size_bytes: Some(page.len() as u64) };
            device.attach(&dossier, component, &file, &mut page.as_slice()).unwrap();
        }
        device.submit(&dossier, &Submission { unit: Some(UNIT.to_owned()), channel: None }).unwrap();
        dossier
    }

    /// The same visit as an Automerge document of as many changes: uncompressed, and as `save()` makes it.
    #[must_use]
    pub fn plain(&self, number: usize, edits: usize) -> Plain {
        let (mut pauses, mut time_s) = (self.pauses.iter().cycle(), MORNING_S + 600 * i64::try_from(number).unwrap());
        // When something was written is part of every peer's document.
        let mut commit = |doc: &mut AutoCommit| {
            time_s += pauses.next().unwrap();
            doc.commit_with(CommitOptions::default().with_time(time_s));
        };
        let mut doc = AutoCommit::new().with_actor(ActorId::from(actor(number)));
        let procedure = doc.put_object(ROOT, "procedure", ObjType::Map).unwrap();
        let answers = doc.put_object(ROOT, "answers", ObjType::Map).unwrap();
        let components = doc.put_object(ROOT, "components", ObjType::Map).unwrap();
        let texts = doc.put_object(ROOT, "texts", ObjType::Map).unwrap();
        doc.put(&procedure, "code", PROCEDURE).unwrap();
        doc.put(&procedure, "version", "1").unwrap();
        commit(&mut doc);
        let screens = edits.saturating_sub(2 * FILES + SENTENCES).max(1);
        for screen in self.answers.chunks(self.answers.len().div_ceil(screens)) {
            for (field, value) in screen {
                doc.put(&answers, field, value.as_str()).unwrap();
            }
            commit(&mut doc);
        }
        let notes = doc.put_object(&texts, NOTES, ObjType::Text).unwrap();
        for sentence in &self.notes {
            let end = doc.length(&notes);
            doc.splice_text(&notes, end, 0, sentence).unwrap();
            commit(&mut doc);
        }
        for (component, page) in self.components.iter().zip(&self.pages) {
            doc.put(&components, format!("{component}/originals"), 1).unwrap();
            doc.put(&components, format!("{component}/copies"), 1).unwrap();
            commit(&mut doc);
            let name = data_encoding::HEXLOWER.encode(&dossier::id::sha256(&[page]));
            let note = format!("{{\"name\":\"trang-1.jpg\",\"media_type\":\"image/jpeg\",\"bytes\":{}}}", page.len());
            doc.put(&components, format!("{component}/files/{name}"), note).unwrap();
            commit(&mut doc);
        }
        Plain { saved: doc.save(), uncompressed: doc.save_nocompress() }
    }
}

/// A sentence of the notes, about somebody who was met.
fn sentence(rng: &mut Rng) -> String {
    let met = Person::any(rng);
    let what = rng.pick(&[
        "xác nhận ranh giới thửa đất",
        "giữ bản chính giấy chứng nhận",
        "hẹn lại buổi chiều để bổ sung trích đo",
        "nhận thay kết quả vì chủ hộ đang cách ly",
    ]);
    format!("{} ({}), ở {}, {what} số {}. ", met.name, met.phone, met.address, rng.between(1, 99_999))
}

/// A visit as plain document bytes.
#[derive(Debug, Clone)]
pub struct Plain {
    /// As `save()` makes it, compressed alone.
    pub saved: Vec<u8>,
    /// As `save_nocompress()` makes it.
    pub uncompressed: Vec<u8>,
}

/// A random-looking actor, the same each time.
fn actor(number: usize) -> [u8; 16] {
    let mut actor = [0; 16];
    actor.copy_from_slice(&dossier::id::sha256(&[b"field day", &number.to_be_bytes()])[..16]);
    actor
}
