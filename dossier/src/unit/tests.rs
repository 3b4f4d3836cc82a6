use super::*;
use jiff::civil::date;
use std::collections::BTreeSet;

const SHIPPED: &str = include_str!("../../../catalogue/units.json");
const TODAY: Date = date(2026, 11, 21);
const LAST_OLD_DAY: Date = date(2025, 6, 30);

fn shipped() -> Units {
    Units::from_json(SHIPPED).unwrap()
}

fn names(units: &[&Unit]) -> Vec<String> {
    units.iter().map(|unit| unit.full_name()).collect()
}

fn communal(units: &Units, on: Date) -> Vec<&Unit> {
    units.all().iter().filter(|unit| unit.kind.is_communal() && unit.valid_on(on)).collect()
}

#[test]
fn the_shipped_file_has_no_finding() {
    assert_eq!(shipped().check(), []);
}

#[test]
fn counts_before_and_after() {
    let units = shipped();
    let present = communal(&units, TODAY);
    let count = |list: &[&Unit], kind| list.iter().filter(|unit| unit.kind == kind).count();
    assert_eq!((present.len(), count(&present, UnitType::Ward), count(&present, UnitType::Commune)), (36, 24, 12));
    assert!(present.iter().all(|unit| unit.code.as_deref().is_some_and(|code| code.len() == 5)));
    assert!(present.iter().all(|unit| unit.org_id_provisional));
    assert_eq!(communal(&units, LAST_OLD_DAY).len(), 91);
    let districts = [
        ("bd-tdm", 14),
        ("bd-da", 7),
        ("bd-ta", 10),
        ("bd-tu", 12),
        ("bd-bc", 8),
        ("bd-bb", 7),
        ("bd-btu", 10),
        ("bd-dt", 12),
        ("bd-pg", 11),
    ];
    for (district, expected) in districts {
        let inside =
            communal(&units, LAST_OLD_DAY).into_iter().filter(|unit| units.is_within(unit.id.as_str(), district));
        assert_eq!(inside.count(), expected, "{district}");
    }
}

#[test]
fn every_former_commune_has_a_successor_and_every_present_one_a_predecessor() {
    let units = shipped();
    for unit in communal(&units, LAST_OLD_DAY) {
        assert!(!units.successors(unit.id.as_str(), TODAY).is_empty(), "{}", unit.id);
        assert_eq!(units.successors(unit.id.as_str(), LAST_OLD_DAY), [unit]);
    }
    for unit in communal(&units, TODAY) {
        assert!(!units.predecessors(unit.id.as_str()).is_empty(), "{}", unit.id);
        assert!(units.successors(unit.id.as_str(), LAST_OLD_DAY).is_empty());
    }
}

#[test]
fn the_sixteen_split_units() {
    let units = shipped();
    let split: BTreeSet<&str> =
        units.all().iter().filter(|unit| units.is_split(&unit.id)).map(|unit| unit.name.as_str()).collect();
    let expected: BTreeSet<&str> = [
        "Tân Đông Hiệp",
        "Thái Hòa",
        "Bình Chuẩn",
        "Vĩnh Phú",
        "Hiệp Thành",
        "Chánh Mỹ",
        "Hiệp An",
        "Thanh Tuyền",
        "An Lập",
        "Mỹ Phước",
        "Tân Mỹ",
        "Tam Lập",
        "Lai Uyên",
        "Minh Tân",
        "Minh Thạnh",
        "Định Hiệp",
    ]
    .into_iter()
    .collect();
    assert_eq!(split, expected);
    assert_eq!(names(&units.successors("bd-tdm-hiep-an", TODAY)), ["Phường Phú An", "Phường Chánh Hiệp"]);
}

#[test]
fn succession_of_the_places_in_the_founding_documents() {
    let units = shipped();
    assert_eq!(names(&units.successors("bd-tdm-phu-my", TODAY)), ["Phường Bình Dương"]);
    assert_eq!(names(&units.successors("bd-tdm-phu-loi", TODAY)), ["Phường Phú Lợi"]);
    assert_eq!(names(&units.predecessors("25750")), ["Phường Hiệp Thành", "Phường Phú Hòa", "Phường Phú Lợi"]);
    assert_eq!(names(&units.successors("bd", TODAY)), ["Thành phố Hồ Chí Minh"]);
    assert!(units.successors("unknown", TODAY).is_empty());
    let unchanged: Vec<_> = units.successions().iter().filter(|edge| edge.kind == SuccessionKind::Unchanged).collect();
    assert_eq!(unchanged.len(), 1);
    assert_eq!(unchanged[0].to.as_str(), "hcm-25846");
}

#[test]
fn units_are_found_by_id_code_and_identifier() {
    let units = shipped();
    for key in ["hcm-25747", "25747", "H29.25747", " 25747 "] {
        assert_eq!(units.get(key).unwrap().full_name(), "Phường Thủ Dầu Một", "{key}");
    }
    assert_eq!(units.get("000.00.16.H09").unwrap().id.as_str(), "bd-ttpvhcc");
    assert_eq!(names(&units.successors("H09.16", TODAY)), ["Trung tâm Phục vụ hành chính công"]);
    assert_eq!(units.get(""), None);
}

#[test]
fn within_follows_the_tree() {
    let units = shipped();
    assert!(units.is_within("25747", "hcm") && units.is_within("hcm", "hcm"));
    assert!(units.is_within("bd-tdm-phu-my", "H09"));
    assert!(!units.is_within("bd-tdm-phu-my", "hcm") && !units.is_within("hcm", "25747"));
    assert!(units.is_within("hcm-ttpvhcc-25747", "H29.16"));
    assert!(!units.is_within("unknown", "unknown"));
    assert_eq!(units.all().iter().filter(|unit| unit.kind == UnitType::ReceptionPoint).count(), 36);
}

#[test]
fn search_finds_old_and_new_names_without_diacritics() {
    let units = shipped();
    let hits = units.search("phu my", TODAY);
    assert_eq!(hits[0].found.id.as_str(), "bd-tdm-phu-my");
    assert_eq!(names(&hits[0].leads_to), ["Phường Bình Dương"]);
    assert!(hits[0].flags.contains(&Flag::FormerName) && hits[0].flags.contains(&Flag::Ambiguous));
    assert!(
        hits[0].flags.iter().any(|flag| matches!(flag, Flag::NameTrap(trap) if trap.now_borne_by.contains("Vũng Tàu")))
    );

    let present = units.search("Phường Thủ Dầu Một", TODAY);
    assert_eq!(present[0].found.id.as_str(), "hcm-25747");
    assert_eq!(present[0].flags, []);

    let split = units.search("hiep thanh", TODAY);
    assert!(split[0].flags.contains(&Flag::Split));
    assert_eq!(names(&split[0].leads_to), ["Phường Thủ Dầu Một", "Phường Phú Lợi"]);

    let both = units.search("tan hiep", TODAY);
    assert_eq!(both[0].found.id.as_str(), "hcm-25920");
    assert!(both[0].flags.iter().any(|flag| matches!(flag, Flag::NameTrap(_))));

    assert_eq!(units.search("dĩ an", TODAY)[0].found.id.as_str(), "hcm-25942");
    assert_eq!(units.search("25747", TODAY).len(), 1);
    assert!(units.search("không có", TODAY).is_empty() && units.search("", TODAY).is_empty());
}

#[test]
fn a_place_above_narrows_the_search() {
    let units = shipped();
    let hits = units.search("hoa phu thu dau mot", TODAY);
    assert_eq!((hits[0].found.id.as_str(), hits[0].by_place), ("bd-tdm-hoa-phu", true));
    assert!(units.search("phuong", TODAY).len() <= MAX_HITS);
}

#[test]
fn the_eleven_name_traps_are_known_and_none_is_missing() {
    let units = shipped();
    assert_eq!(units.file.name_traps.len(), 11);
    // Whatever of them lies inside the file can be computed: a former name on a present unit that does not follow.
    for former in communal(&units, LAST_OLD_DAY) {
        let follow = units.successors(former.id.as_str(), TODAY);
        let bearer = communal(&units, TODAY).into_iter().find(|unit| unit.name == former.name);
        if let Some(bearer) = bearer.filter(|bearer| !follow.contains(bearer)) {
            let told = units
                .file
                .name_traps
                .iter()
                .any(|trap| trap.former == former.id && trap.bearer.as_ref() == Some(&bearer.id));
            assert!(told, "{} / {}", former.id, bearer.id);
        }
    }
}

#[test]
fn faults_are_told_with_their_place() {
    let broken = |from: &str, to: &str| {
        assert!(SHIPPED.contains(from), "{from}");
        let units = Units::from_json(&SHIPPED.replacen(from, to, 1)).unwrap();
        units.check().into_iter().map(|finding| format!("{}: {}", finding.where_, finding.what)).collect::<Vec<_>>()
    };
    let told = broken(r#""code": "25750""#, r#""code": "25747""#);
    assert_eq!(told, ["hcm-25750: 25747 also belongs to hcm-25747"]);
    let told = broken(r#""parent": "bd-tdm""#, r#""parent": "bd-xxx""#);
    assert_eq!(told, ["bd-tdm-phu-cuong: its parent is unknown"]);
    let told = broken(r#"{"from": "bd-tdm-phu-cuong""#, r#"{"from": "bd-tdm-phu-tho""#);
    assert!(told[0].starts_with("bd-tdm-phu-cuong: it ended and nobody follows it"), "{told:?}");
    assert!(told.iter().any(|one| one.ends_with("the same edge is listed twice")), "{told:?}");
    let told = broken(r#""kind": "unchanged", "on": "2025-07-01""#, r#""kind": "split_to", "on": "2025-08-01""#);
    assert_eq!(
        told,
        [
            "bd-bc-thoi-hoa -> hcm-25846: the former unit does not end on that day",
            "bd-bc-thoi-hoa -> hcm-25846: a split needs several edges, all others exactly one",
        ]
    );
    let told = broken(r#""type": "province", "parent": null"#, r#""type": "province", "parent": "bd-tdm""#);
    assert!(told.contains(&"bd: it lies under itself".to_owned()), "{told:?}");
    assert!(matches!(Units::from_json("[]"), Err(UnitsError::Shape(_))));
}
