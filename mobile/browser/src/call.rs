//! What a page may ask of the device, and the answers.
//!
//! An operation is a name with a JSON object of arguments. The table below is read like a table of contents. It takes
//! its arguments one by one rather than through a type for each operation: the reading code of forty types would be a
//! fifth of what a phone has to fetch.

use client_core::{Device, ListQuery, Order, Submission};
use dossier::{
    event::Channel,
    fault::{Code, Fault},
    id::DossierId,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The arguments of one call.
struct Arguments(Map<String, Value>);

impl Arguments {
    fn read(args: &str) -> Result<Self, Fault> {
        match serde_json::from_str(args) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            _ => Err(Fault::new(Code::BadRequest).with("reason", "the arguments are no object")),
        }
    }

    /// An argument; absent and null are the same.
    fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Fault> {
        let value = self.0.remove(name).unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|_| Fault::new(Code::BadRequest).with("argument", name))
    }

    fn text(&mut self, name: &str) -> Result<String, Fault> {
        self.take(name)
    }

    fn dossier(&mut self) -> Result<DossierId, Fault> {
        self.take("dossier")
    }

    /// Everything that is left, as one value.
    fn rest<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        let rest = Value::Object(std::mem::take(&mut self.0));
        serde_json::from_value(rest).map_err(|_| Fault::new(Code::BadRequest).with("argument", "unknown"))
    }

    fn channel(&mut self) -> Result<Option<Channel>, Fault> {
        let code: Option<u8> = self.take("channel")?;
        let unknown = |code: u8| Fault::new(Code::BadRequest).with("channel", code);
        code.map(|code| Channel::try_from(code).map_err(|_| unknown(code))).transpose()
    }
}

fn json(value: impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(&value).map_err(|error| Fault::new(Code::Internal).with("reason", error.to_string()))
}

/// Answers a call in JSON. Faults: `BAD_REQUEST` for an operation or arguments that there are not, and the operation's.
pub fn answer(device: &mut Device, operation: &str, args: &str) -> Result<String, Fault> {
    let mut args = Arguments::read(args)?;
    match operation {
        "identity" => json(device.identity()),
        "enrol" => {
            device.enrol(&args.text("invitation")?)?;
            json(device.identity())
        }

        "procedures" => json(device.procedures(&args.rest()?)),
        "sectors" => json(device.sectors()),
        "life_events" => json(device.life_events()),
        "guide" => json(device.guide(&args.text("procedure")?)?),
        "units" => json(device.find_units(&args.text("query")?)),
        "unit" => json(device.unit(&args.text("id")?)),

        "new" => json(device.new_dossier(&args.text("procedure")?, args.take("id")?)?),
        "form" => json(device.form(&args.dossier()?)?),
        "set" => set(device, &mut args),
        "remove_row" => {
            let dossier = args.dossier()?;
            device.remove_row(&dossier, &args.text("group")?, &args.text("row")?)?;
            json(device.form(&dossier)?)
        }
        "count" => {
            let (dossier, component) = (args.dossier()?, args.text("component")?);
            json(device.count(&dossier, &component, args.take("originals")?, args.take("copies")?)?)
        }
        "detach" => json(device.detach(&args.dossier()?, &args.text("component")?, &args.take("blob")?)?),
        "arrange" => {
            let (dossier, component) = (args.dossier()?, args.text("component")?);
            json(device.arrange(&dossier, &component, &args.take::<Vec<_>>("blobs")?)?)
        }
        "submit" => {
            let submission = Submission { channel: args.channel()?, unit: args.take("unit")? };
            json(device.submit(&args.dossier()?, &submission)?)
        }
        "act" => json(device.act(&args.dossier()?, args.take("act")?)?),
        "undo" => json(device.undo(&args.take::<Vec<_>>("events")?)?),

        "list" => list(device, &mut args),
        "card" => json(device.card(&args.dossier()?)?),
        "procedures_on" => json(device.procedures_on(args.take("board")?)?),
        "show" => json(device.show(&args.dossier()?)?),
        "history" => json(device.history(&args.dossier()?)?),
        "conflicts" => json(device.conflicts()?),
        "outbox" => json(device.outbox()?),
        "summary" => json(device.summary()?),
        "proof" => json(device.proof(&args.dossier()?)?),
        "rebuild" => json(device.rebuild()?),
        _ => Err(Fault::new(Code::BadRequest).with("operation", operation)),
    }
}

/// What `set` answers: the doubts, and the form as it is now.
#[derive(Serialize)]
struct Set {
    warnings: Vec<client_core::SetWarning>,
    form: dossier::form::FormView,
}

fn list(device: &mut Device, args: &mut Arguments) -> Result<String, Fault> {
    let only_unsent: Option<bool> = args.take("only_unsent")?;
    let (order, from): (Option<Order>, Option<usize>) = (args.take("order")?, args.take("from")?);
    json(device.list(&ListQuery {
        board: args.take("board")?,
        view: args.take("view")?,
        status: args.take("status")?,
        procedure: args.take("procedure")?,
        channel: args.take("channel")?,
        due: args.take("due")?,
        only_unsent: only_unsent.unwrap_or(false),
        text: args.take("text")?,
        order: order.unwrap_or_default(),
        near: args.take("near")?,
        from: from.unwrap_or(0),
        count: args.take("count")?,
    })?)
}

fn set(device: &mut Device, args: &mut Arguments) -> Result<String, Fault> {
    let dossier = args.dossier()?;
    let edits: Vec<(String, String)> = args.take("edits")?;
    let edits: Vec<(&str, &str)> = edits.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let warnings = device.set(&dossier, &edits)?;
    json(Set { warnings, form: device.form(&dossier)? })
}

#[cfg(test)]
mod tests {
    use client_core::{
        MemoryStore,
        ports::{FixedClock, SeededEntropy},
    };
    use serde_json::json;

    use super::*;

    fn device() -> Device {
        let (clock, entropy) = (FixedClock::at(1_795_000_000_000), SeededEntropy::new(3));
        Device::init(MemoryStore::new(), clock, entropy, "https://tram.test").unwrap()
    }

    fn ask(device: &mut Device, operation: &str, args: &Value) -> Result<Value, Fault> {
        answer(device, operation, &args.to_string()).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_dossier_goes_from_search_to_submission_by_calls_alone() {
        let mut device = device();
        let found = ask(&mut device, "procedures", &json!({ "query": "khai sinh" })).unwrap();
        let code = found[0]["code"].as_str().unwrap().to_owned();
        let guide = ask(&mut device, "guide", &json!({ "procedure": code })).unwrap();
        assert!(guide["components"].as_array().is_some_and(|papers| !papers.is_empty()));
        let started = ask(&mut device, "new", &json!({ "procedure": code })).unwrap();
        let dossier = started["dossier"].clone();
        let edits = json!({ "dossier": dossier, "edits": [["child_name", "Nguyễn Thị Hòa"]] });
        let set = ask(&mut device, "set", &edits).unwrap();
        assert!(set["form"]["pages"].as_array().is_some_and(|pages| !pages.is_empty()));
        let one = json!({ "dossier": dossier });
        ask(&mut device, "submit", &one).unwrap();
        let remark = json!({ "dossier": dossier, "act": { "do": "comment", "text": "Gọi trước khi đến" } });
        ask(&mut device, "act", &remark).unwrap();
        let shown = ask(&mut device, "show", &one).unwrap();
        assert_eq!(shown["truth"]["stage"], "kept");
        assert_eq!(shown["events"].as_array().map(Vec::len), Some(2));
        let listed = ask(&mut device, "list", &json!({ "board": "mine", "view": "theirs", "count": 5 })).unwrap();
        assert_eq!((&listed["total"], &listed["counts"]["yours"]), (&json!(1), &json!(0)));
        assert_eq!(listed["cards"][0], ask(&mut device, "card", &one).unwrap());
        let here = ask(&mut device, "procedures_on", &json!({ "board": "queue" })).unwrap();
        assert_eq!(here[0]["code"], json!(code));
        assert_eq!(ask(&mut device, "summary", &json!({})).unwrap()["dossiers"], 1);
    }

    #[test]
    fn a_refusal_is_a_fault_and_nonsense_is_one_too() {
        let mut device = device();
        let fault = ask(&mut device, "guide", &json!({ "procedure": "9.999" })).unwrap_err();
        assert_eq!(fault.code, Code::UnknownProcedure);
        assert_eq!(answer(&mut device, "list", "{").unwrap_err().code, Code::BadRequest);
        assert_eq!(ask(&mut device, "fly", &json!({})).unwrap_err().details["operation"], "fly");
        let fault = ask(&mut device, "list", &json!({ "board": "mine", "view": "late" })).unwrap_err();
        assert_eq!(fault.details["argument"], "view");
        let fault = ask(&mut device, "show", &json!({ "dossier": 7 })).unwrap_err();
        assert_eq!(fault.details["argument"], "dossier");
    }
}
