//! Rules between the parts of one procedure.

use std::collections::BTreeSet;

use super::{Findings, tariff};
use crate::procedure::{CaseId, Channel, Offering, Procedure, Version};

/// Names that procedures may use, as far as their files could be read.
pub(super) struct Known<'a> {
    pub sectors: Option<BTreeSet<&'a str>>,
    pub life_events: Option<BTreeSet<&'a str>>,
}

pub(super) fn check(procedure: &Procedure, file_name: &str, known: &Known<'_>, findings: &mut Findings) {
    if procedure.code.as_str() != file_name {
        findings.error("/code", "mã khác với tên tệp", "the code differs from the file's name");
    }
    findings.label("/name", &procedure.name);
    findings.label("/authority", &procedure.authority);
    if known.sectors.as_ref().is_some_and(|known| !known.contains(procedure.sector.as_str())) {
        findings.error("/sector", "lĩnh vực không có trong sectors.json", "the sector is not in sectors.json");
    }
    for (index, event) in procedure.life_events.iter().enumerate() {
        if known.life_events.as_ref().is_some_and(|known| !known.contains(event.as_str())) {
            findings.error(
                format!("/life_events/{index}"),
                "sự kiện không có trong life_events.json",
                "the event is not in life_events.json",
            );
        }
    }
    if procedure.applicants.is_empty() {
        findings.error("/applicants", "thiếu đối tượng thực hiện", "nobody may apply");
    }
    if procedure.synonyms.is_empty() {
        findings.warning("/synonyms", "thiếu từ thông dụng để tìm", "no everyday words to search by");
    }
    if procedure.versions.is_empty() {
        findings.error("/versions", "thủ tục không có phiên bản", "the procedure has no version");
    }
    history(procedure, findings);
    for (index, version) in procedure.versions.iter().enumerate() {
        let at = format!("/versions/{index}");
        if !procedure.forms.iter().any(|form| form.id == version.form) {
            findings.error(format!("{at}/form"), "mẫu điện tử không có trong tệp", "the form is not in the file");
        }
        cases(version, &at, findings);
        papers(version, &at, findings);
    }
}

/// Versions follow one another day by day.
fn history(procedure: &Procedure, findings: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, version) in procedure.versions.iter().enumerate() {
        let at = format!("/versions/{index}");
        if !names.insert(&version.version) {
            findings.error(format!("{at}/version"), "tên phiên bản bị trùng", "two versions have this name");
        }
        if version.effective_to.is_some_and(|last| last < version.effective_from) {
            findings.error(
                format!("{at}/effective_to"),
                "hết hiệu lực trước khi có hiệu lực",
                "it ends before it begins",
            );
        }
        let Some(next) = procedure.versions.get(index + 1) else { continue };
        let begins = format!("/versions/{}/effective_from", index + 1);
        match version.effective_to.map(|last| last.tomorrow()) {
            Some(Ok(day)) if day == next.effective_from => {}
            Some(Ok(day)) if day < next.effective_from => findings.error(
                begins,
                format!("khoảng trống hiệu lực từ {day}"),
                format!("no version is in force from {day}"),
            ),
            _ => findings.error(begins, "hiệu lực chồng lên phiên bản trước", "it overlaps the version before"),
        }
    }
}

fn cases(version: &Version, at: &str, findings: &mut Findings) {
    if version.cases.first().map(|case| &case.id) != Some(&CaseId::normal()) {
        findings.error(format!("{at}/cases"), "trường hợp đầu tiên phải là normal", "the first case must be normal");
    }
    let mut ids = BTreeSet::new();
    for (index, case) in version.cases.iter().enumerate() {
        let here = format!("{at}/cases/{index}");
        findings.label(&format!("{here}/name"), &case.name);
        if !ids.insert(&case.id) {
            findings.error(format!("{here}/id"), "mã trường hợp bị trùng", "two cases have this id");
        }
        let mut seen = BTreeSet::new();
        for (place, offering) in case.channels.iter().enumerate() {
            let there = format!("{here}/channels/{place}");
            if !seen.insert(offering.channel) {
                findings.error(format!("{there}/channel"), "kênh bị trùng", "the channel stands twice");
            }
            channel(version, offering, &there, findings);
        }
        for missing in Channel::ALL.into_iter().filter(|channel| !seen.contains(channel)) {
            findings.error(
                format!("{here}/channels"),
                format!("thiếu kênh {missing}"),
                format!("channel {missing} is missing"),
            );
        }
    }
}

fn channel(version: &Version, offering: &Offering, at: &str, findings: &mut Findings) {
    if offering.allowed && offering.term.is_none() {
        findings.error(format!("{at}/term"), "kênh được phép nhưng thiếu thời hạn", "an allowed channel has no term");
    }
    if !offering.allowed && offering.reason.is_none() {
        findings.error(format!("{at}/reason"), "kênh bị đóng nhưng thiếu lý do", "a closed channel gives no reason");
    }
    if offering.allowed && offering.channel == Channel::Postal && version.flags.presence_required {
        findings.error(
            format!("{at}/allowed"),
            "thủ tục phải có mặt không được nộp qua bưu chính",
            "a procedure that asks for presence may not be handed in by post",
        );
    }
    if offering.allowed && offering.channel == Channel::Postal && !version.flags.postal_send {
        findings.error(
            format!("{at}/allowed"),
            "kênh bưu chính được phép nhưng postal_send là false",
            "post is allowed although postal_send is false",
        );
    }
    for (name, label) in [("condition", &offering.condition), ("reason", &offering.reason)] {
        if let Some(label) = label {
            findings.label(&format!("{at}/{name}"), label);
        }
    }
    tariff::check(&offering.fees, &format!("{at}/fees"), findings);
}

/// Components, results and legal bases.
fn papers(version: &Version, at: &str, findings: &mut Findings) {
    let mut ids = BTreeSet::new();
    for (index, component) in version.components.iter().enumerate() {
        let here = format!("{at}/components/{index}");
        findings.label(&format!("{here}/name"), &component.name);
        if let Some(condition) = &component.condition {
            findings.label(&format!("{here}/condition"), condition);
        }
        if !ids.insert(&component.id) {
            findings.error(format!("{here}/id"), "mã thành phần bị trùng", "two components have this id");
        }
        if component.originals == 0 && component.copies == 0 && !component.presented {
            findings.error(here.clone(), "thành phần không nộp cũng không xuất trình", "neither handed in nor shown");
        }
        if !(200..=8_000).contains(&component.photo.long_edge_px) || !(1..=100).contains(&component.photo.quality) {
            findings.error(format!("{here}/photo"), "gợi ý chụp ảnh ngoài giới hạn", "photo hints are out of bounds");
        }
        for case in component.cases.iter().filter(|case| version.case(case).is_none()) {
            findings.error(format!("{here}/cases"), format!("không có trường hợp {case}"), format!("no case {case}"));
        }
    }
    for (list, empty) in [
        ("components", version.components.is_empty()),
        ("results", version.results.is_empty()),
        ("legal_bases", version.legal_bases.is_empty()),
    ] {
        if empty {
            findings.error(format!("{at}/{list}"), "danh sách trống", "the list is empty");
        }
    }
    for (index, result) in version.results.iter().enumerate() {
        findings.label(&format!("{at}/results/{index}/name"), &result.name);
    }
    for (index, basis) in version.legal_bases.iter().enumerate() {
        if basis.number.trim().is_empty() || basis.title.trim().is_empty() {
            let here = format!("{at}/legal_bases/{index}");
            findings.error(here, "căn cứ thiếu số hoặc tên", "a legal basis lacks its number or title");
        }
    }
}
