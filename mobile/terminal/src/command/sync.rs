//! `tram sync`: one talk with the Centre, then attachments.

use client_core::{SyncReport, UploadReport};
use dossier::fault::Fault;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, to_value},
    failure::Failure,
    page::{self, Page},
    progress::ProgressLine,
    shell::Shell,
};

/// What is given.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave attachments.
    #[arg(long)]
    no_attachments: bool,
}

/// Sends what was made here, takes in what others made, and brings the attachments that the Centre lacks.
///
/// What was done stands however it ends; a talk that ended early says why, with the report of what was done.
pub fn run(shell: &Shell, args: &Args) -> Result<Answer, Failure> {
    let mut device = shell.device()?;
    let transport = shell.transport(&device)?;
    let mut line = ProgressLine::new(shell.manner().language);
    let mut report = device.sync(&transport, &mut |progress| line.show(progress));
    let mut uploads = None;
    let mut fault = report.fault.take();
    if fault.is_none() && !args.no_attachments {
        let mut done = device.upload(&transport, &mut |progress| line.show(progress));
        fault = done.fault.take();
        uploads = Some(done);
    }
    drop(line);
    let value = json(&report, uploads.as_ref());
    match fault {
        Some(fault) => Err(ended_early(fault, value)),
        None => shell.answer(&value, |page| tell(page, &report, uploads.as_ref())),
    }
}

/// The failure of a talk with the Centre that did not come to its end.
pub fn ended_early(fault: Fault, report: Value) -> Failure {
    Failure::EndedEarly { fault, report: Box::new(report) }
}

/// The report under the names that programs know. Attachments are absent when none were to be sent.
pub fn json(report: &SyncReport, uploads: Option<&UploadReport>) -> Value {
    let mut value = to_value(report);
    if let Some(object) = value.as_object_mut() {
        // A fault ends the command with an error object; a report that is an answer has none.
        object.remove("fault");
        let attachments = uploads.map(
            |uploads| json!({ "uploaded": uploads.uploaded, "pending": uploads.pending, "bytes": uploads.sent_bytes }),
        );
        object.insert("attachments".to_owned(), json!(attachments));
    }
    value
}

fn tell(page: &mut Page, report: &SyncReport, uploads: Option<&UploadReport>) {
    let (sent, got) = (page::size(report.sent_bytes), page::size(report.received_bytes));
    page.filled(
        "sync.done",
        &[
            ("accepted", &report.accepted),
            ("received", &report.received),
            ("round_trips", &report.round_trips),
            ("sent", &sent),
            ("got", &got),
        ],
    );
    if let Some(uploads) = uploads
        && uploads.uploaded + uploads.pending > 0
    {
        let size = page::size(uploads.sent_bytes);
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("uploaded", &uploads.uploaded), ("size", &size), ("pending", &uploads.pending)];
        page.filled("sync.uploaded", &values);
    }
    if !report.refused.is_empty() {
        page.filled("sync.refused", &[("items", &report.refused.len())]);
    }
    match report.pending {
        0 => page.line("sync.nothing_pending"),
        pending => page.filled("sync.pending", &[("pending", &pending)]),
    }
    for warning in &report.warnings {
        page.under(format_args!("⚠ {}", page.language().sentence(&warning.message)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_the_names_that_programs_know() {
        let uploads = UploadReport { uploaded: 2, pending: 1, sent_bytes: 9, ..UploadReport::default() };
        let value = json(&SyncReport::default(), Some(&uploads));
        let names = [
            "round_trips",
            "sent_bytes",
            "received_bytes",
            "accepted",
            "refused",
            "received",
            "pending",
            "attachments",
        ];
        for name in names {
            assert!(value.get(name).is_some(), "{name}");
        }
        assert_eq!(value["attachments"], json!({ "uploaded": 2, "pending": 1, "bytes": 9 }));
        assert!(value.get("fault").is_none());
        assert_eq!(super::json(&SyncReport::default(), None)["attachments"], Value::Null);
    }
}
