use dossier::catalogue::ProcedureQuery;

use super::*;
use crate::{
    ports::{FixedClock, SeededEntropy},
    store::MemoryStore,
};

fn device() -> Device {
    let clock = FixedClock::at(1_795_000_000_000);
    Device::init(MemoryStore::new(), clock, SeededEntropy::new(1), "http://centre").unwrap()
}

fn codes(device: &Device, query: ProcedureQuery) -> Vec<String> {
    device.procedures(&query).into_iter().map(|hit| hit.code).collect()
}

#[test]
fn filters_narrow_what_words_find() {
    let device = device();
    let all = codes(&device, ProcedureQuery::default());
    let land = ProcedureQuery { sector: Some("dat-dai".into()), ..ProcedureQuery::default() };
    let of_sector = codes(&device, land.clone());
    assert!(of_sector.len() < all.len() && of_sector.contains(&"1.012783".to_owned()));
    let child = ProcedureQuery { life_event: Some("sinh-con".into()), ..ProcedureQuery::default() };
    assert!(codes(&device, child).contains(&"1.001193".to_owned()));
    assert!(codes(&device, ProcedureQuery { words: "khai sinh".into(), ..land }).is_empty());
    let hits = device.procedures(&ProcedureQuery { words: "having a child".into(), ..ProcedureQuery::default() });
    assert_eq!(hits[0].sector_name.vi, "Hộ tịch");
}

#[test]
fn every_procedure_is_counted_in_its_sector_and_no_list_is_empty() {
    let device = device();
    let all = device.procedures(&ProcedureQuery::default()).len();
    assert_eq!(device.sectors().iter().map(|sector| sector.procedures).sum::<usize>(), all);
    assert!(device.life_events().iter().all(|event| event.procedures > 0 && !event.name.en.is_empty()));
    for event in device.life_events() {
        let query = ProcedureQuery { life_event: Some(event.id), ..ProcedureQuery::default() };
        assert_eq!(codes(&device, query).len(), event.procedures);
    }
}

#[test]
fn old_names_find_the_new_units() {
    let device = device();
    let by_old = device.find_units("Phường Phú Mỹ");
    let new = by_old.iter().find(|unit| unit.full_name == "Phường Bình Dương").unwrap();
    assert_eq!(new.former.first().map(String::as_str), Some("Phường Phú Mỹ"));
    assert!(new.note.as_ref().is_some_and(|note| note.vi.contains("nơi khác")), "{new:?}");
    let split = device.find_units("Phường Hiệp An");
    assert!(split.iter().filter(|unit| unit.note.as_ref().is_some_and(|note| note.vi.contains("chia"))).count() > 1);
    let today = device.unit("25747").unwrap();
    assert_eq!((today.full_name.as_str(), today.note), ("Phường Thủ Dầu Một", None));
    assert!(device.unit("bd-tdm-phu-tan").unwrap().note.unwrap().vi.contains("nay thuộc"));
    assert_eq!(device.unit("nowhere"), None);
}
