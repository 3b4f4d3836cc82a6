//! What a page may ask of the device, and the answers.

use client_core::{ActRequest, Device, ListQuery, ProcedureQuery, Submission};
use dossier::{
    event::Channel,
    fault::{Code, Fault},
    id::{BlobId, DossierId, EventId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::qr;

/// One operation with its arguments, as `{"op": "set", "args": {…}}`.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", content = "args", rename_all = "snake_case")]
pub enum Call {
    /// Who this device is.
    Identity {},
    /// Keeps an invitation for the next sync.
    Enrol { invitation: String },
    /// Procedures that answer a query.
    Procedures(ProcedureQuery),
    /// Sectors that have procedures.
    Sectors {},
    /// Events of life that lead to procedures.
    LifeEvents {},
    /// What a procedure needs, takes and costs.
    Guide { procedure: String },
    /// Units by present or former names.
    Units { query: String },
    /// One unit.
    Unit { id: String },
    /// Starts a dossier.
    New { procedure: String, id: Option<DossierId> },
    /// The e-form as it stands.
    Form { dossier: DossierId },
    /// Sets fields.
    Set { dossier: DossierId, edits: Vec<(String, String)> },
    /// Clears a row of a repeated group.
    RemoveRow { dossier: DossierId, group: String, row: String },
    /// Counts papers.
    Count { dossier: DossierId, component: String, originals: u32, copies: u32 },
    /// Takes a page away.
    Detach { dossier: DossierId, component: String, blob: BlobId },
    /// Puts pages in order.
    Arrange { dossier: DossierId, component: String, blobs: Vec<BlobId> },
    /// Hands the dossier in.
    Submit { dossier: DossierId, channel: Option<u8>, unit: Option<String> },
    /// Does a later step.
    Act { dossier: DossierId, act: ActRequest },
    /// Takes back acts that no request has carried.
    Undo { events: Vec<EventId> },
    /// Cards of dossiers.
    List {
        status: Option<u8>,
        procedure: Option<String>,
        #[serde(default)]
        only_unsent: bool,
        limit: Option<usize>,
    },
    /// Cards that hold every word.
    Search { text: String },
    /// Everything about one dossier.
    Show { dossier: DossierId },
    /// Who did and wrote what.
    History { dossier: DossierId },
    /// Every dossier about which people disagree.
    Conflicts {},
    /// What the Centre has not signed for.
    Outbox {},
    /// How the device stands with the Centre.
    Summary {},
    /// What the Centre signed for of a dossier.
    Proof { dossier: DossierId },
    /// A text as a QR code, SVG.
    Qr { text: String },
    /// Makes every cache anew.
    Rebuild {},
}

/// What `set` answers: the doubts, and the form as it is now.
#[derive(Debug, Serialize)]
struct Set {
    warnings: Vec<client_core::SetWarning>,
    form: dossier::form::FormView,
}

/// Answers a call in JSON.
pub fn answer(device: &mut Device, call: &str) -> Result<String, Fault> {
    let call: Call =
        serde_json::from_str(call).map_err(|error| Fault::new(Code::BadRequest).with("reason", error.to_string()))?;
    let value = do_call(device, call)?;
    Ok(value.to_string())
}

fn json(value: impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::new(Code::Internal).with("reason", error.to_string()))
}

fn do_call(device: &mut Device, call: Call) -> Result<Value, Fault> {
    match call {
        Call::Identity {} => json(device.identity()),
        Call::Enrol { invitation } => {
            device.enrol(&invitation)?;
            json(device.identity())
        }
        Call::Procedures(query) => json(device.procedures(&query)),
        Call::Sectors {} => json(device.sectors()),
        Call::LifeEvents {} => json(device.life_events()),
        Call::Guide { procedure } => json(device.guide(&procedure)?),
        Call::Units { query } => json(device.find_units(&query)),
        Call::Unit { id } => json(device.unit(&id)),
        Call::New { procedure, id } => json(device.new_dossier(&procedure, id)?),
        Call::Form { dossier } => json(device.form(&dossier)?),
        Call::Set { dossier, edits } => {
            let edits: Vec<(&str, &str)> = edits.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let warnings = device.set(&dossier, &edits)?;
            json(Set { warnings, form: device.form(&dossier)? })
        }
        Call::RemoveRow { dossier, group, row } => {
            device.remove_row(&dossier, &group, &row)?;
            json(device.form(&dossier)?)
        }
        Call::Count { dossier, component, originals, copies } => {
            json(device.count(&dossier, &component, originals, copies)?)
        }
        Call::Detach { dossier, component, blob } => json(device.detach(&dossier, &component, &blob)?),
        Call::Arrange { dossier, component, blobs } => json(device.arrange(&dossier, &component, &blobs)?),
        Call::Submit { dossier, channel, unit } => {
            let unknown = |code: u8| Fault::new(Code::BadRequest).with("channel", code);
            let channel = channel.map(|code| Channel::try_from(code).map_err(|_| unknown(code))).transpose()?;
            json(device.submit(&dossier, &Submission { channel, unit })?)
        }
        Call::Act { dossier, act } => json(device.act(&dossier, act)?),
        Call::Undo { events } => json(device.undo(&events)?),
        Call::List { status, procedure, only_unsent, limit } => {
            json(device.list(&ListQuery { status, procedure, only_unsent, limit })?)
        }
        Call::Search { text } => json(device.search(&text)?),
        Call::Show { dossier } => json(device.show(&dossier)?),
        Call::History { dossier } => json(device.history(&dossier)?),
        Call::Conflicts {} => json(device.conflicts()?),
        Call::Outbox {} => json(device.outbox()?),
        Call::Summary {} => json(device.summary()?),
        Call::Proof { dossier } => json(device.proof(&dossier)?),
        Call::Qr { text } => json(qr::svg(&text)?),
        Call::Rebuild {} => json(device.rebuild()?),
    }
}

#[cfg(test)]
mod tests {
    use client_core::{
        MemoryStore,
        ports::{FixedClock, SeededEntropy},
    };

    use super::*;

    fn device() -> Device {
        let (clock, entropy) = (FixedClock::at(1_795_000_000_000), SeededEntropy::new(3));
        Device::init(MemoryStore::new(), clock, entropy, "https://tram.test").unwrap()
    }

    fn ask(device: &mut Device, op: &str, args: Value) -> Result<Value, Fault> {
        let call = serde_json::json!({ "op": op, "args": args }).to_string();
        answer(device, &call).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_dossier_goes_from_search_to_submission_by_calls_alone() {
        let mut device = device();
        let found = ask(&mut device, "procedures", serde_json::json!({ "query": "khai sinh" })).unwrap();
        let code = found[0]["code"].as_str().unwrap().to_owned();
        let guide = ask(&mut device, "guide", serde_json::json!({ "procedure": code })).unwrap();
        assert!(guide["components"].as_array().is_some_and(|papers| !papers.is_empty()));
        let started = ask(&mut device, "new", serde_json::json!({ "procedure": code })).unwrap();
        let dossier = started["dossier"].clone();
        let edits = serde_json::json!({ "dossier": dossier, "edits": [["child_name", "Nguyễn Thị Hòa"]] });
        let set = ask(&mut device, "set", edits).unwrap();
        assert!(set["form"]["pages"].as_array().is_some_and(|pages| !pages.is_empty()));
        let one = serde_json::json!({ "dossier": dossier });
        ask(&mut device, "submit", one.clone()).unwrap();
        let shown = ask(&mut device, "show", one).unwrap();
        assert_eq!(shown["truth"]["stage"], "kept");
        let cards = ask(&mut device, "list", serde_json::json!({})).unwrap();
        assert_eq!(cards.as_array().map(Vec::len), Some(1));
        assert_eq!(ask(&mut device, "summary", serde_json::json!({})).unwrap()["dossiers"], 1);
    }

    #[test]
    fn a_refusal_is_a_fault_and_nonsense_is_one_too() {
        let mut device = device();
        let fault = ask(&mut device, "guide", serde_json::json!({ "procedure": "9.999" })).unwrap_err();
        assert_eq!(fault.code, Code::UnknownProcedure);
        assert_eq!(answer(&mut device, "{").unwrap_err().code, Code::BadRequest);
        assert_eq!(ask(&mut device, "fly", serde_json::json!({})).unwrap_err().code, Code::BadRequest);
    }
}
