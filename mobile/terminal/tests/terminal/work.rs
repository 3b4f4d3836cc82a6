//! What a person does, with no network at all.

use unicode_normalization::UnicodeNormalization;

use crate::home::Home;

#[test]
fn what_is_typed_decomposed_is_stored_composed() {
    let home = Home::offline();
    let dossier = home.birth();
    let composed = "Nguyễn Thị Hòa";
    let decomposed: String = composed.nfd().collect();
    assert_ne!(composed, decomposed);
    let set = home.answer(&["set", &dossier, &format!("child_name={decomposed}")]);
    assert_eq!(set["set"], serde_json::json!(["child_name"]));
    assert_eq!(home.answer(&["show", &dossier])["answers"]["child_name"], composed);
}

#[test]
fn the_same_id_on_two_devices_is_the_same_dossier() {
    let (one, other) = (Home::offline(), Home::offline());
    let id = "01939d3a-7f00-7abc-8def-0123456789ab";
    for home in [&one, &other] {
        let started = home.answer(&["new", "1.001193", "--id", id]);
        assert_eq!(started["dossier"], id);
    }
    let heads = |home: &Home| home.answer(&["show", id])["heads"].clone();
    assert_eq!(heads(&one), heads(&other));
    assert!(heads(&one).as_array().is_some_and(|heads| !heads.is_empty()));
    // Each prints its own provisional code: nobody gave the two devices a common counter.
    let code = |home: &Home| home.answer(&["show", id])["provisional_code"].clone();
    assert_ne!(code(&one), code(&other));
}

#[test]
fn the_same_id_twice_on_one_device_changes_nothing() {
    let home = Home::offline();
    let first = home.birth();
    home.answer(&["set", &first, "child_name=An"]);
    let again = home.answer(&["new", "1.001193", "--id", &first]);
    assert_eq!(again["dossier"].as_str(), Some(first.as_str()));
    assert_eq!(home.answer(&["show", &first])["answers"]["child_name"], "An");
}

#[test]
fn setting_up_twice_is_harmless() {
    let home = Home::empty();
    let url = "http://127.0.0.1:9";
    let first = home.answer(&["init", "--server", url]);
    assert_eq!(first["created"], true);
    let dossier = home.birth();
    let again = home.answer(&["init", "--server", "http://127.0.0.1:9/"]);
    assert_eq!(again["created"], false);
    assert_eq!(again["device"], first["device"]);
    // Another server is refused, and the device stays what it was.
    let other = home.ask(&["init", "--server", "http://127.0.0.1:10"]);
    assert_eq!((other.code, other.fault_code().as_str()), (1, "BAD_REQUEST"));
    assert_eq!(home.answer(&["status"])["device"], first["device"]);
    assert_eq!(home.answer(&["show", &dossier])["dossier"].as_str(), Some(dossier.as_str()));
}

#[test]
fn fields_are_set_together_or_not_at_all() {
    let home = Home::offline();
    let dossier = home.birth();
    let run = home.ask(&["set", &dossier, "child_name=An", "child_birth=hôm qua"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.fault()["details"]["field"], "child_birth");
    assert_eq!(home.answer(&["show", &dossier])["answers"].get("child_name"), None);
}

#[test]
fn a_value_may_come_from_a_file_and_may_begin_with_an_at_sign() {
    let home = Home::offline();
    let dossier = home.birth();
    let file = home.file("que.txt", "Xã Minh Thạnh\n".as_bytes());
    home.answer(&["set", &dossier, &format!("home_town=@{}", file.display()), "child_name=@@An"]);
    let answers = &home.answer(&["show", &dossier])["answers"];
    assert_eq!((&answers["home_town"], &answers["child_name"]), (&"Xã Minh Thạnh".into(), &"@An".into()));
    home.answer(&["set", &dossier, "child_name="]);
    assert_eq!(home.answer(&["show", &dossier])["answers"].get("child_name"), None, "an empty text clears");
}

#[test]
fn a_dossier_is_found_by_the_beginning_of_its_id_and_by_its_code() {
    let home = Home::offline();
    let started = home.answer(&["new", "1.001193"]);
    let (dossier, code) = (started["dossier"].as_str().unwrap(), started["provisional_code"].as_str().unwrap());
    for name in [&dossier[..13], code, &code.to_lowercase()] {
        assert_eq!(home.answer(&["show", name])["dossier"], dossier, "{name}");
    }
}

#[test]
fn two_photos_and_a_count_stand_beside_their_paper() {
    let home = Home::offline();
    let dossier = home.birth();
    let front = home.file("mat-truoc.jpg", &[0xff, 0xd8, 0xff, 1]);
    let back = home.file("mat-sau.jpg", &[0xff, 0xd8, 0xff, 2]);
    for file in [&front, &back] {
        let attached = home.answer(&["attach", &dossier, "giay-chung-sinh", &file.display().to_string()]);
        assert_eq!(attached["bytes"], 4);
        assert_eq!(attached["blob"].as_str().map(str::len), Some(64));
    }
    home.answer(&["count", &dossier, "giay-chung-sinh", "--originals", "1", "--copies", "2"]);
    let shown = home.answer(&["show", &dossier]);
    let paper = shown["components"].as_array().unwrap().iter().find(|one| one["id"] == "giay-chung-sinh").unwrap();
    assert_eq!((&paper["originals"], &paper["copies"]), (&1.into(), &2.into()));
    let files = paper["files"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| file["media"] == "image/jpeg" && file["arrived"] == false), "{files:?}");
    let page = home.run(&["show", &dossier]);
    assert!(page.stdout.contains("0/2 pages"), "{page:?}");
}

#[test]
fn the_page_of_a_dossier_speaks_vietnamese_by_default() {
    let home = Home::offline();
    let dossier = home.birth();
    home.answer(&["set", &dossier, "child_name=Nguyễn Thị Hòa", "child_birth=21/3/2026"]);
    let page = crate::home::Run::of(home.command(&["show", &dossier, "--lang", "vi"]).output().unwrap());
    assert_eq!(page.code, 0);
    for part in ["Đăng ký khai sinh", "Đang soạn", "Nguyễn Thị Hòa", "21/03/2026", "Đã lưu trên máy"] {
        assert!(page.stdout.contains(part), "{part}: {}", page.stdout);
    }
}
