use dossier::{catalogue::ProcedureQuery, fault::Code};

use super::*;
use crate::{
    Device, ListQuery, Space,
    ports::{FixedClock, SeededEntropy},
    store::{MemoryDisk, MemoryStore},
};

const NOW: i64 = 1_795_000_000_000;

fn device() -> (MemoryDisk, Device) {
    let store = MemoryStore::new();
    let disk = store.disk();
    (disk, Device::init(store, FixedClock::at(NOW), SeededEntropy::new(1), "http://centre").unwrap())
}

fn reopen(disk: &MemoryDisk) -> Device {
    Device::open(disk.open().unwrap(), FixedClock::at(NOW), SeededEntropy::new(2)).unwrap()
}

#[test]
fn the_same_id_is_the_same_dossier_and_codes_count_on() {
    let (disk, mut device) = device();
    let first = device.new_dossier("1.001193", None).unwrap();
    assert_eq!(device.new_dossier("1.001193", Some(first.dossier)).unwrap(), first);
    drop(device);
    let mut device = reopen(&disk);
    let second = device.new_dossier("1.001193", None).unwrap();
    let number = |code: &str| code.split('-').nth(3).map(str::to_owned);
    assert_eq!(number(&first.provisional_code).as_deref(), Some("1"));
    assert_eq!(number(&second.provisional_code).as_deref(), Some("2"));
    for text in [first.provisional_code.to_lowercase(), first.dossier.to_string()] {
        assert_eq!(device.resolve(&text).unwrap(), first.dossier);
    }
    assert_eq!(device.resolve("zzz").unwrap_err().code, Code::BadDossierId);
    assert_eq!(device.resolve("00000000-0000").unwrap_err().code, Code::UnknownDossier);
}

#[test]
fn an_unknown_procedure_or_field_names_the_nearest() {
    let (_disk, mut device) = device();
    assert_eq!(device.new_dossier("9.999999", None).unwrap_err().code, Code::UnknownProcedure);
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let fault = device.set(&dossier, &[("child_nam", "x")]).unwrap_err();
    assert_eq!(fault.code, Code::UnknownField);
    assert_eq!(fault.details.get("did_you_mean").map(String::as_str), Some("child_name"));
    let unknown = DossierId([9; 16]);
    assert_eq!(device.set(&unknown, &[("child_name", "x")]).unwrap_err().code, Code::UnknownDossier);
}

#[test]
fn fields_are_set_together_in_one_commit_or_not_at_all() {
    let (disk, mut device) = device();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let before = (disk.commits(), disk.dump());
    let fault = device.set(&dossier, &[("child_name", "Hòa"), ("nothing_like_it_at_all", "x")]).unwrap_err();
    assert_eq!(fault.code, Code::UnknownField);
    assert_eq!((disk.commits(), disk.dump()), before);
    disk.fill_up(Some(1));
    assert_eq!(device.set(&dossier, &[("child_name", "Hòa")]).unwrap_err().code, Code::DiskFull);
    assert_eq!((disk.commits(), disk.dump()), before);
    disk.fill_up(None);
    device.set(&dossier, &[("child_name", "Ho\u{0300}a")]).unwrap();
    assert_eq!(disk.commits(), before.0 + 1, "one fsync");
    drop(device);
    let mut device = reopen(&disk);
    assert_eq!(device.show(&dossier).unwrap().view.answers["child_name"].to_string(), "Hòa", "NFC");
    device.set(&dossier, &[("child_name", "  ")]).unwrap();
    assert!(!device.show(&dossier).unwrap().view.answers.contains_key("child_name"));
}

#[test]
fn what_was_overwritten_before_sealing_leaves_no_trace() {
    let (disk, mut device) = device();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    device.set(&dossier, &[("child_name", "Bí mật")]).unwrap();
    device.set(&dossier, &[("child_name", "Công khai")]).unwrap();
    device.sync_begin().unwrap();
    let holds = |text: &str| {
        disk.dump().iter().any(|(_, _, value)| value.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    assert!(holds("Công khai") && !holds("Bí mật"));
    assert!(disk.dump().iter().all(|(space, ..)| *space != Space::Journal));
    assert_eq!(device.history(&dossier).unwrap().len(), 1, "one change for all edits");
}

#[test]
fn rows_of_one_call_are_one_row() {
    let (_disk, mut device) = device();
    let repeated = device.procedures(&ProcedureQuery::default()).into_iter().find_map(|hit| {
        let fields = device.procedure(&hit.code).unwrap().fields;
        let text = |field: &&dossier::form::Field| {
            field.repeated.is_some()
                && field.kind == dossier::form::FieldKind::Text
                && field.limits.max_chars.is_none_or(|most| most > 10)
        };
        fields.iter().find(text).map(|field| (hit.code.clone(), field.path("+")))
    });
    let (code, path) = repeated.expect("the catalogue has a repeated group");
    let dossier = device.new_dossier(&code, None).unwrap().dossier;
    device.set(&dossier, &[(&path, "Mot Hai"), (&path, "Ba Bon")]).unwrap();
    device.set(&dossier, &[(&path, "Nam Sau")]).unwrap();
    let answers = device.show(&dossier).unwrap().view.answers;
    let rows: Vec<_> = answers.iter().filter(|(path, _)| path.contains('/')).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows.iter().all(|(path, _)| dossier::form::is_row_id(path.split('/').nth(1).unwrap())));
}

#[test]
fn papers_are_counted_and_unknown_ones_refused() {
    let (_disk, mut device) = device();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    device.count(&dossier, "to-khai", 1, 2).unwrap();
    let shown = device.show(&dossier).unwrap();
    let paper = shown.view.components.iter().find(|paper| paper.id == "to-khai").unwrap();
    assert_eq!((paper.originals, paper.copies), (Some(1), Some(2)));
    let fault = device.count(&dossier, "khong-co", 1, 0).unwrap_err();
    assert_eq!(fault.code, Code::UnknownComponent);
    assert!(fault.details["known"].contains("to-khai"));
}

#[test]
fn search_finds_without_diacritics_and_follows_edits() {
    let (_disk, mut device) = device();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    assert_eq!(device.search("khai sinh").unwrap().len(), 1);
    let field = device.form_of(device.catalogue.procedure_of("1.001193").unwrap()).unwrap();
    let field = field
        .role(dossier::form::Role::ApplicantName)
        .or(field.role(dossier::form::Role::SubjectName))
        .unwrap()
        .id
        .clone();
    device.set(&dossier, &[(&field, "Đặng Thị Ý An")]).unwrap();
    device.set(&dossier, &[("child_name", "Trần Bé Út")]).unwrap();
    for (query, hits) in
        [("be ut", 1), ("dang y", 1), ("an", 1), ("Đặng", 1), ("ĐANG", 1), ("zz", 0), ("", 0), ("an khong", 0)]
    {
        assert_eq!(device.search(query).unwrap().len(), hits, "{query}");
    }
    assert_eq!(device.list(&ListQuery { only_unsent: true, ..ListQuery::default() }).unwrap().total, 1);
    assert_eq!(device.list(&ListQuery { status: Some(2), ..ListQuery::default() }).unwrap().total, 0);
}

#[test]
fn a_row_goes_as_a_whole_and_others_stay() {
    let (disk, mut device) = device();
    let form_with_rows = device.procedures(&ProcedureQuery::default()).into_iter().find_map(|hit| {
        let fields = device.procedure(&hit.code).unwrap().fields;
        let text = |field: &&dossier::form::Field| {
            field.repeated.is_some()
                && field.kind == dossier::form::FieldKind::Text
                && field.limits.max_chars.is_none_or(|most| most > 10)
        };
        fields.iter().find(text).map(|field| (hit.code.clone(), field.repeated.clone().unwrap(), field.path("+")))
    });
    let (code, group, path) = form_with_rows.expect("the catalogue has a repeated group");
    let dossier = device.new_dossier(&code, None).unwrap().dossier;
    device.set(&dossier, &[(&path, "Mot Hai")]).unwrap();
    device.set(&dossier, &[(&path, "Nam Sau")]).unwrap();
    device.sync_begin().unwrap();
    device.set(&dossier, &[(&path, "Bay Tam")]).unwrap();
    let rows = |device: &mut Device| -> Vec<(String, String)> {
        let answers = device.show(&dossier).unwrap().view.answers;
        let cells = answers.iter().filter(|(path, _)| path.contains('/'));
        cells.map(|(path, value)| (path.split('/').nth(1).unwrap().to_owned(), value.to_string())).collect()
    };
    let before = rows(&mut device);
    assert_eq!(before.len(), 3);
    for (at, (row, _)) in before.iter().enumerate().take(2) {
        let commits = disk.commits();
        device.remove_row(&dossier, &group, row).unwrap();
        assert_eq!(disk.commits(), commits + 1);
        assert_eq!(rows(&mut device), before[at + 1..]);
        device.remove_row(&dossier, &group, row).unwrap();
        assert_eq!(disk.commits(), commits + 1, "a row that is gone is gone");
    }
    device.sync_begin().unwrap();
    assert_eq!(rows(&mut device), before[2..], "sealed as it was shown");
    let fault = device.remove_row(&dossier, "khong_co", "abcd").unwrap_err();
    assert_eq!((fault.code, fault.details["field"].as_str()), (Code::UnknownField, "khong_co"));
    assert_eq!(device.remove_row(&DossierId([9; 16]), &group, "abcd").unwrap_err().code, Code::UnknownDossier);
}

#[test]
fn the_form_has_what_was_typed_and_rows_in_the_order_of_making() {
    let (_disk, mut device) = device();
    let dossier = device.new_dossier("1.001612", None).unwrap().dossier;
    device.set(&dossier, &[("founder_kind", "family"), ("capital", "1.200.000 đ")]).unwrap();
    device.set(&dossier, &[("members/+/name", "Trần Văn Nam"), ("members/+/personal_id", "074085001234")]).unwrap();
    let form = device.form(&dossier).unwrap();
    let cells = |form: &dossier::form::FormView| -> BTreeMap<String, String> {
        let groups = form.pages.iter().flat_map(|page| &page.groups);
        groups.flat_map(|group| group.cells()).map(|cell| (cell.path.clone(), cell.shown.vi.clone())).collect()
    };
    assert_eq!(cells(&form)["capital"], "1.200.000");
    let row =
        cells(&form).into_keys().find_map(|path| path.strip_prefix("members/")?.split('/').next().map(str::to_owned));
    let row = row.unwrap();
    assert!(row_id(NOW, &[255; 6]) < row_id(NOW + 1, &[0; 6]) && dossier::form::is_row_id(&row));
    device.remove_row(&dossier, "members", &row).unwrap();
    assert!(!cells(&device.form(&dossier).unwrap()).keys().any(|path| path.starts_with("members/")));
}

#[test]
fn a_card_and_what_is_shown_say_the_same_of_where_it_stands() {
    let (_disk, mut device) = device();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    device.set(&dossier, &[("child_name", "Nguyễn Thị Hòa")]).unwrap();
    let draft = device.list(&ListQuery::default()).unwrap().cards.remove(0);
    assert_eq!(draft.truth, device.show(&dossier).unwrap().truth);
    device.submit(&dossier, &crate::Submission::default()).unwrap();
    let card = device.list(&ListQuery::default()).unwrap().cards.remove(0);
    assert_eq!(card.truth, device.show(&dossier).unwrap().truth);
    insta::assert_json_snapshot!((draft.truth, card));
}
