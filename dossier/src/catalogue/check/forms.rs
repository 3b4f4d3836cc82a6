//! E-forms of one procedure.

use std::collections::BTreeSet;

use super::{Depth, Findings};
use crate::form;
use crate::procedure::Procedure;

pub(super) fn check(procedure: &Procedure, depth: Depth, findings: &mut Findings) {
    let mut ids = BTreeSet::new();
    for (index, definition) in procedure.forms.iter().enumerate() {
        let at = format!("/forms/{index}");
        if !ids.insert(&definition.id) {
            findings.error(format!("{at}/id"), "mã mẫu bị trùng", "two forms have this id");
        }
        if !procedure.versions.iter().any(|version| version.form == definition.id) {
            findings.warning(format!("{at}/id"), "không phiên bản nào dùng mẫu này", "no version uses this form");
        }
        let mut faults = form::faults(definition);
        if depth == Depth::Full {
            let known: BTreeSet<String> = faults.iter().map(|fault| fault.pointer.clone()).collect();
            let more = form::schema_faults(definition).into_iter();
            faults.extend(more.filter(|fault| !known.contains(&fault.pointer)));
        }
        for fault in faults {
            let what = fault.kind.sentence();
            let path = format!("{at}{}", fault.pointer);
            findings.error(path, format!("{}: {}", what.vi, fault.name), format!("{}: {}", what.en, fault.name));
        }
    }
}
