//! Starting a dossier and filling it in, with no network.

mod row;

use std::collections::BTreeMap;

use dossier::{
    catalogue::UnknownProcedure,
    code::{DeviceTag, ProvisionalCode},
    content::{ContentPath, Root, Scalar},
    fault::{Code, Fault},
    form::{FieldError, Form, FormError, Label, Warning},
    id::DossierId,
    procedure::Procedure,
};
use jiff::civil::Date;
use serde::Serialize;

use crate::{
    card::{answers, effective, text_of},
    device::Device,
    ledger::{Put, Read, key, part},
    ports::draw,
    record::{DossierRecord, JournalRecord, ProvisionalRecord},
    seal::journal_key,
    shelf::{Folder, ShelfFault},
    store::{StoreFault, WriteBatch},
};

/// A dossier just started, or found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Started {
    /// The dossier.
    pub dossier: DossierId,
    /// The code to print until there is an official one; stays a valid alias for ever.
    pub provisional_code: String,
}

/// A doubt about what was typed. It was kept all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetWarning {
    /// The cell's path, with the row id that was minted for `+`.
    pub field: String,
    /// The doubt.
    pub warning: Warning,
}

/// As JSON a doubt says what it means, so that no shell needs words of its own.
impl Serialize for SetWarning {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told<'a> {
            field: &'a str,
            #[serde(flatten)]
            warning: &'a Warning,
            sentence: Label,
        }
        Told { field: &self.field, warning: &self.warning, sentence: self.warning.sentence() }.serialize(serializer)
    }
}

/// Why a draft is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DraftFault {
    /// The dossier cannot be worked on.
    #[error(transparent)]
    Shelf(#[from] ShelfFault),
    /// No such procedure.
    #[error(transparent)]
    Procedure(#[from] UnknownProcedure),
    /// The dossier's procedure has no usable form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A field that does not exist, or a value that does not fit.
    #[error("the field {field} was not taken")]
    Field {
        /// The path as given.
        field: String,
        /// Why.
        #[source]
        error: FieldError,
    },
    /// The procedure has no such paper.
    #[error("the procedure has no component {asked}")]
    Component {
        /// What was asked for.
        asked: String,
        /// The papers it has.
        known: String,
    },
}

impl From<StoreFault> for DraftFault {
    fn from(fault: StoreFault) -> Self {
        Self::Shelf(fault.into())
    }
}

impl From<DraftFault> for Fault {
    fn from(fault: DraftFault) -> Self {
        match fault {
            DraftFault::Shelf(fault) => fault.into(),
            DraftFault::Procedure(unknown) => unknown_procedure(&unknown),
            DraftFault::Form(_) => Self::new(Code::UnknownProcedure).with("reason", "form"),
            DraftFault::Field { field, error } => field_fault(&field, &error),
            DraftFault::Component { asked, known } => {
                Self::new(Code::UnknownComponent).with("component", asked).with("known", known)
            }
        }
    }
}

pub fn unknown_procedure(unknown: &UnknownProcedure) -> Fault {
    let fault = Fault::new(Code::UnknownProcedure).with("procedure", &unknown.asked);
    match &unknown.did_you_mean {
        Some(near) => fault.with("did_you_mean", near),
        None => fault,
    }
}

fn field_fault(field: &str, error: &FieldError) -> Fault {
    let code = match error {
        FieldError::UnknownField { .. } => Code::UnknownField,
        FieldError::NotADate
        | FieldError::NotANumber
        | FieldError::NotABoolean
        | FieldError::NotAPersonalId
        | FieldError::NotAPhone
        | FieldError::NotATaxCode
        | FieldError::NotAnEmail
        | FieldError::WrongType { .. } => Code::WrongType,
        _ => Code::ValueRefused,
    };
    let sentence = error.sentence();
    let field: String = field.chars().take(80).collect();
    let fault = Fault::new(code)
        .with("field", field)
        .with("reason", error.code())
        .with("reason_vi", sentence.vi)
        .with("reason_en", sentence.en);
    match error {
        FieldError::UnknownField { did_you_mean: Some(near) } => fault.with("did_you_mean", near),
        FieldError::NotAChoice { choices } => fault.with("choices", choices.join(",")),
        FieldError::AmbiguousUnit { candidates } => fault.with("candidates", candidates.join(",")),
        _ => fault,
    }
}

/// A local date as a number, `yyyymmdd`: the key of the day's provisional codes.
fn day_number(day: Date) -> u32 {
    let part = |value: i16| u32::try_from(value).unwrap_or(0);
    part(day.year()) * 10_000 + part(i16::from(day.month())) * 100 + part(i16::from(day.day()))
}

impl Device {
    pub(crate) fn start_dossier(&mut self, procedure: &str, id: Option<DossierId>) -> Result<Started, DraftFault> {
        let known = match &id {
            Some(id) => self.store.record::<DossierRecord>(id.as_bytes())?,
            None => None,
        };
        if let (Some(dossier), Some(DossierRecord { provisional_code: Some(code), .. })) = (id, &known) {
            return Ok(Started { dossier, provisional_code: code.clone() });
        }
        let code = self.catalogue.procedure_of(procedure)?.code.base().to_owned();
        let dossier = match id {
            Some(id) => id,
            None => DossierId::mint(self.now_ms(), &draw(self.entropy.as_mut())),
        };
        let mut batch = WriteBatch::new();
        let (day, number, provisional_code) = self.next_provisional(&dossier, &mut batch)?;
        let is_new = known.is_none();
        let record = known.unwrap_or(DossierRecord { provisional_code: None, has_waiting: false, touched_ms: 0 });
        let record = DossierRecord { provisional_code: Some(provisional_code.clone()), ..record };
        let mut folder = self.folder_of(&dossier, record)?;
        if is_new {
            let version = self.catalogue.version().to_owned();
            for (key, value) in [("code", code), ("version", version)] {
                let path = ContentPath::new(Root::Procedure, key).expect("a fixed name is a path");
                self.journal(&mut folder, path, Some(Scalar::Text(value)), &mut batch);
            }
        }
        let records = self.recorded(&dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        self.provisional.insert(day, number);
        Ok(Started { dossier, provisional_code })
    }

    /// The day's next code; its number follows from the codes given that day.
    fn next_provisional(&self, dossier: &DossierId, batch: &mut WriteBatch) -> Result<(u32, u32, String), StoreFault> {
        // A clock outside the century that six digits can tell is held at its ends.
        let (first, last) = (Date::constant(2000, 1, 1), Date::constant(2099, 12, 31));
        let date = self.today().clamp(first, last);
        let day = day_number(date);
        let given = match self.provisional.get(&day) {
            Some(number) => *number,
            None => {
                let keys = self.store.keys::<ProvisionalRecord>(&day.to_be_bytes())?;
                keys.last().map_or(Ok(0), |key| part(key, 4).map(u32::from_be_bytes))?
            }
        };
        let tag = DeviceTag::from_id(self.id().as_bytes()).expect("a device id has sixteen bytes");
        let number = given + 1;
        let code = ProvisionalCode::new(tag, date, number).map_err(|_| StoreFault::Full)?.to_string();
        batch.record(&key(&[&day.to_be_bytes(), &number.to_be_bytes()]), &ProvisionalRecord { dossier: *dossier });
        Ok((day, number, code))
    }

    /// Notes one cell as typed, in the folder and in the batch.
    pub(crate) fn journal(
        &self,
        folder: &mut Folder,
        path: ContentPath,
        value: Option<Scalar>,
        batch: &mut WriteBatch,
    ) {
        let entry = JournalRecord { path: path.to_string(), value, at_ms: self.now_ms() };
        batch.record(&journal_key(&folder.dossier, &entry.path), &entry);
        folder.journal.retain(|known| known.path != entry.path);
        folder.journal.push(entry);
    }

    /// The procedure of a folder, by this device's catalogue.
    pub(crate) fn procedure_of(&self, folder: &Folder) -> Result<&'static Procedure, UnknownProcedure> {
        let cells = effective(&folder.content, &folder.journal);
        let code = text_of(&cells, Root::Procedure, "code").unwrap_or_default();
        self.catalogue.procedure_of(&code)
    }

    pub(crate) fn set_fields(
        &mut self,
        dossier: &DossierId,
        edits: &[(&str, &str)],
    ) -> Result<Vec<SetWarning>, DraftFault> {
        let mut folder = self.folder(dossier)?;
        let form = self.form_of(self.procedure_of(&folder)?)?;
        let (mut batch, mut warnings) = (WriteBatch::new(), Vec::new());
        let mut rows: BTreeMap<String, String> = BTreeMap::new();
        for (given, raw) in edits {
            let refused = |error| DraftFault::Field { field: (*given).to_owned(), error };
            let path = self.with_row(given, &mut rows);
            let field = form.resolve(&path).map_err(|unknown| refused(unknown.into()))?;
            let root = if field.long_text { Root::Texts } else { Root::Answers };
            let value = match form.check(&path, raw) {
                Ok(checked) => {
                    let doubts = checked.warnings.into_iter();
                    warnings.extend(doubts.map(|warning| SetWarning { field: path.clone(), warning }));
                    Some(checked.value)
                }
                Err(FieldError::Empty) => None,
                Err(error) => return Err(refused(error)),
            };
            let cell =
                ContentPath::new(root, path).map_err(|_| refused(FieldError::UnknownField { did_you_mean: None }))?;
            self.journal(&mut folder, cell, value, &mut batch);
        }
        warnings.extend(contradictions(&form, &folder, &warnings));
        let records = self.recorded(dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        self.commit(batch, vec![card])?;
        Ok(warnings)
    }

    /// Puts a row id in place of `+` (or of the `*` in a field's own id); within one call the same group's is the same
    /// row.
    fn with_row(&mut self, path: &str, rows: &mut BTreeMap<String, String>) -> String {
        let split = path.split_once("/+/").or_else(|| path.split_once("/*/"));
        let Some((group, rest)) = split else { return path.to_owned() };
        if !rows.contains_key(group) {
            let row = row_id(self.now_ms(), &draw(self.entropy.as_mut()));
            rows.insert(group.to_owned(), row);
        }
        format!("{group}/{}/{rest}", rows[group])
    }

    pub(crate) fn count_papers(
        &mut self,
        dossier: &DossierId,
        component: &str,
        originals: u32,
        copies: u32,
    ) -> Result<(), DraftFault> {
        let mut folder = self.folder(dossier)?;
        self.check_component(&folder, component)?;
        let mut batch = WriteBatch::new();
        for (what, number) in [("originals", originals), ("copies", copies)] {
            let path = ContentPath::new(Root::Components, format!("{component}/{what}"))
                .expect("a component's name is a short slug");
            self.journal(&mut folder, path, Some(Scalar::Integer(i64::from(number))), &mut batch);
        }
        let records = self.recorded(dossier)?;
        let card = self.put_back(&mut folder, &records, &mut batch)?;
        Ok(self.commit(batch, vec![card])?)
    }

    pub(crate) fn check_component(&self, folder: &Folder, component: &str) -> Result<(), DraftFault> {
        let procedure = self.procedure_of(folder)?;
        let known: Vec<&str> = self
            .version_of(procedure)
            .map(|version| version.components.iter().map(|known| known.id.as_str()).collect())
            .unwrap_or_default();
        if known.contains(&component) {
            return Ok(());
        }
        let asked = component.chars().take(80).collect();
        Err(DraftFault::Component { asked, known: known.join(",") })
    }
}

/// Letters of a row id that tell the time: nine reach beyond the year 5000.
const ROW_TIME_LETTERS: u32 = 9;

/// A row id: the time of making, then six letters of chance, so that rows sorted by id stand in the order in which they
/// were made, on whatever device.
fn row_id(now_ms: i64, chance: &[u8; 6]) -> String {
    let mut time = u64::try_from(now_ms).unwrap_or(0) % 36_u64.pow(ROW_TIME_LETTERS);
    let mut letters: Vec<char> = Vec::new();
    for _ in 0..ROW_TIME_LETTERS {
        letters.push(row_letter(time));
        time /= 36;
    }
    letters.reverse();
    // The slight unevenness of the remainder matters to nobody.
    letters.extend(chance.iter().map(|byte| row_letter(u64::from(*byte))));
    letters.into_iter().collect()
}

fn row_letter(number: u64) -> char {
    u32::try_from(number % 36).ok().and_then(|digit| char::from_digit(digit, 36)).unwrap_or('0')
}

/// Doubts that only show when the form is seen as a whole: a number that contradicts a birth date.
fn contradictions(form: &Form, folder: &Folder, said: &[SetWarning]) -> Vec<SetWarning> {
    let report = form.validate(&answers(&effective(&folder.content, &folder.journal)));
    report
        .warnings
        .into_iter()
        .filter(|reported| matches!(reported.what, Warning::IdContradictsBirth | Warning::IdContradictsSex))
        .map(|reported| SetWarning { field: reported.path, warning: reported.what })
        .filter(|warning| !said.contains(warning))
        .collect()
}

#[cfg(test)]
mod tests;
