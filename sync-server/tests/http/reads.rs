//! Reads for staff, the catalogue, health, and the API's own description.

use dossier::{
    certificate::Role,
    event::{Audience, Channel},
};

use crate::world::{DAY_MS, Paper, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desks_list_and_read_and_each_read_is_logged() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let change = paper.answer("child_name", "Lan");
    let event = citizen.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    citizen.sync(&world, vec![paper.items(vec![change], &[&event])]).await;
    officer.sync(&world, vec![]).await;

    let list: serde_json::Value =
        world.get("/v1/dossiers?status=1", &officer).send().await.unwrap().json().await.unwrap();
    assert_eq!(list["dossiers"][0]["dossier"], paper.id.to_string());
    let none: serde_json::Value =
        world.get("/v1/dossiers?status=2", &officer).send().await.unwrap().json().await.unwrap();
    assert_eq!(none["dossiers"].as_array().unwrap().len(), 0);
    assert_eq!(world.get("/v1/dossiers?status=x", &officer).send().await.unwrap().status(), 400);

    let path = format!("/v1/dossiers/{}", paper.id);
    let shown: serde_json::Value = world.get(&path, &officer).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["answers"]["child_name"], "Lan");
    let history = world.get(&format!("{path}/history"), &officer).send().await.unwrap();
    let history: serde_json::Value = history.json().await.unwrap();
    assert_eq!(history.as_array().unwrap().len(), 2);
    let reads = world.storage.reads_of(&paper.id).await.unwrap();
    assert_eq!(reads.len(), 2);

    // The citizen has their own copy by sync; this door is the desk's.
    assert_eq!(world.get(&path, &citizen).send().await.unwrap().status(), 404);
    assert_eq!(world.get("/v1/dossiers", &citizen).send().await.unwrap().status(), 403);
    assert_eq!(world.get("/v1/dossiers/H29.25747-261121-9999", &officer).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_needed_is_ours_and_runs_out() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    officer.sync(&world, vec![]).await;
    let url = format!("{}/v1/dossiers", world.url);
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 401);
    assert_eq!(world.http.get(&url).bearer_auth("AAAA").send().await.unwrap().status(), 401);
    let mut altered = officer.token.clone().into_bytes();
    altered[4] = if altered[4] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    assert_eq!(world.http.get(&url).bearer_auth(altered).send().await.unwrap().status(), 401);
    assert_eq!(world.get("/v1/dossiers", &officer).send().await.unwrap().status(), 200);
    world.pass(DAY_MS);
    let late = world.get("/v1/dossiers", &officer).send().await.unwrap();
    assert_eq!(late.status(), 401);
    let fault: serde_json::Value = late.json().await.unwrap();
    assert_eq!(fault["code"], "NOT_AUTHENTICATED");
    assert!(fault["message"]["vi"].as_str().is_some_and(|text| !text.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_is_downloaded_once() {
    let world = World::new().await;
    let url = format!("{}/v1/catalogue", world.url);
    let first = world.http.get(&url).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    let bundle = first.bytes().await.unwrap();
    let read = dossier::catalogue::Catalogue::from_bundle(&bundle).unwrap();
    assert_eq!(read.hash(), dossier::catalogue::Catalogue::shipped().hash());
    let again = world.http.get(&url).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_an_id_and_every_refusal_a_code() {
    let world = World::new().await;
    let alive = world.http.get(format!("{}/v1/health", world.url)).send().await.unwrap();
    assert_eq!(alive.headers()["x-request-id"].len(), 16);
    let ready: serde_json::Value =
        world.http.get(format!("{}/v1/ready", world.url)).send().await.unwrap().json().await.unwrap();
    assert_eq!(ready["storage"], "sqlite");
    let nowhere = world.http.get(format!("{}/v2", world.url)).send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
    let fault: serde_json::Value = nowhere.json().await.unwrap();
    assert_eq!(fault["code"], "NOT_FOUND");
    let wrong = world.http.get(format!("{}/v1/sync", world.url)).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_describes_itself() {
    let world = World::new().await;
    let served = world.http.get(format!("{}/v1/openapi.json", world.url)).send().await.unwrap();
    let mut served: serde_json::Value = served.json().await.unwrap();
    served["info"]["version"] = "of the program".into();
    insta::assert_json_snapshot!("openapi", served);
}
