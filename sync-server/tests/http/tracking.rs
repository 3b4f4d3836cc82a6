//! Looking up where a dossier stands, without an account.

use dossier::{
    certificate::Role,
    event::{Audience, Channel},
};

use crate::world::{Device, Paper, World};

async fn look(world: &World, code: &str) -> reqwest::Response {
    world.http.get(format!("{}/v1/track/{code}", world.url)).send().await.unwrap()
}

async fn told(world: &World, code: &str) -> serde_json::Value {
    let answer = look(world, code).await;
    assert_eq!(answer.status(), 200, "{code}");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.json().await.unwrap()
}

/// A submitted dossier with a name and an attachment in it.
async fn submitted(world: &mut World) -> (Device, Paper) {
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let name = paper.answer("child_name", "Nguyễn Thị Riêng Tư");
    let (_, file) = paper.attach("declaration", b"a paper");
    let event = citizen.event(world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    paper.seen = vec![event.id()];
    citizen.sync(world, vec![paper.items(vec![name, file], &[&event])]).await;
    (citizen, paper)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_tells_the_status_and_nothing_about_a_person() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let (_, mut paper) = submitted(&mut world).await;
    let provisional = format!("T-{}", paper.id);
    let first = told(&world, &provisional).await;
    assert_eq!((&first["code"], &first["status"]["business"]), (&serde_json::Value::Null, &1.into()));
    assert_eq!(first["aliases"], serde_json::json!([provisional]));
    assert_eq!(first["pages"], serde_json::json!({"arrived": 0, "total": 1}));
    assert_eq!((first["accepted_at"].is_null(), first["finished_at"].is_null()), (true, true));

    let seen = officer.sync(&world, vec![]).await;
    paper.learn(seen.scope("unit:25747").unwrap());
    let accepted = officer.event(&world, &paper, paper.accepted(), Audience::Parties);
    officer.sync(&world, vec![paper.items(vec![], &[&accepted])]).await;
    let then = told(&world, &provisional).await;
    let code = then["code"].as_str().unwrap().to_owned();
    assert!(code.starts_with("H29.25747-"), "{code}");
    for spelling in [code.to_lowercase(), code.replace('-', " - "), format!(" {code} "), provisional.to_uppercase()] {
        // The identifier in this provisional code has small letters, which its capitals do not find.
        let answer = look(&world, &spelling).await;
        assert_eq!(answer.status(), if spelling.starts_with("T-") { 404 } else { 200 }, "{spelling}");
    }
    assert_eq!(then["status"]["business"], 2);
    assert_eq!(then["unit"], "25747");
    assert!(then["unit_name"].as_str().unwrap().starts_with("Phường "), "{then}");
    assert_eq!(then["procedure"], "1.001193");
    assert!(["vi", "en"].iter().all(|tongue| !then["procedure_name"][tongue].as_str().unwrap().is_empty()));
    assert_eq!(
        (&then["submitted_at"], &then["as_of"]),
        (&"2026-11-21T14:53:20+07:00".into(), &"2026-11-21T14:53:20+07:00".into())
    );
    assert!(then["due_at"].as_str().is_some_and(|due| due.ends_with("+07:00")), "{then}");
    // Exactly what is promised, and no word that a person wrote.
    let keys: std::collections::BTreeSet<&str> = then.as_object().unwrap().keys().map(String::as_str).collect();
    let promised = "accepted_at aliases as_of channel code due_at due_provisional finished_at pages procedure \
        procedure_name status submitted_at unit unit_name";
    assert_eq!(keys, promised.split_whitespace().collect());
    let whole = then.to_string();
    assert!(!whole.contains("Riêng Tư") && !whole.contains("officer"), "{whole}");
    assert_eq!(world.storage.reads_of(&paper.id).await.unwrap(), [], "nobody of the staff read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_code_is_not_found_and_an_id_is_no_code() {
    let mut world = World::new().await;
    let (_, paper) = submitted(&mut world).await;
    let id = paper.id.to_string();
    for code in ["H29.25747-261121-9999", "x", "%20", "%00", id.as_str(), &"9".repeat(4_000)] {
        let answer = look(&world, code).await;
        assert_eq!(answer.status(), 404, "{code}");
        let fault: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(fault["code"], "NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_up_too_often_waits_and_others_do_not() {
    let world = World::new().await;
    for _ in 0..60 {
        assert_eq!(look(&world, "x").await.status(), 404);
    }
    let refused = look(&world, "x").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "60");
    let other = world.http.get(format!("{}/v1/track/x", world.url)).header("x-forwarded-for", "203.0.113.9");
    assert_eq!(other.send().await.unwrap().status(), 404);
    world.pass(60_000);
    assert_eq!(look(&world, "x").await.status(), 404);
}
