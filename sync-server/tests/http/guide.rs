//! What a first visitor asks before their device is there.

use dossier::{
    catalogue::{Catalogue, ProcedureQuery},
    deadline::local,
};
use serde_json::{Value, json};

use crate::world::{DAY_MS, NOW_MS, World};

async fn ask(world: &World, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = world.http.get(format!("{}/v1/guide/{path}", world.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn told(world: &World, path: &str) -> Value {
    let answer = ask(world, path, &[]).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_centre_answers_as_a_device_would() {
    let world = World::new().await;
    let catalogue = Catalogue::shipped();
    let words = ProcedureQuery { words: "dang ky khai sinh".into(), ..ProcedureQuery::default() };
    let found = told(&world, "procedures?query=dang%20ky%20khai%20sinh").await;
    assert_eq!(found, json!(catalogue.find(&words)));
    assert_eq!(found[0]["code"], "1.001193");
    let land = ProcedureQuery { sector: Some("dat-dai".into()), ..ProcedureQuery::default() };
    assert_eq!(told(&world, "procedures?sector=dat-dai").await, json!(catalogue.find(&land)));
    let all = told(&world, "procedures").await;
    assert_eq!(all.as_array().map(Vec::len), Some(catalogue.procedures().len()));
    let child = told(&world, "procedures?life_event=sinh-con&query=").await;
    assert!(child.as_array().is_some_and(|hits| !hits.is_empty() && hits.len() < catalogue.procedures().len()));
    assert_eq!(told(&world, "sectors").await, json!(catalogue.count_sectors()));
    assert_eq!(told(&world, "life-events").await, json!(catalogue.count_life_events()));
    let guide = catalogue.guide_of("1.001193", local(NOW_MS).date()).unwrap();
    assert_eq!(told(&world, "procedures/1.001193").await, json!(guide));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_kept_for_the_catalogue_and_the_day() {
    let world = World::new().await;
    let first = ask(&world, "sectors", &[]).await;
    assert_eq!(first.headers()["cache-control"], "public, max-age=600");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.contains(Catalogue::shipped().version()), "{tag}");
    for path in ["sectors", "life-events", "procedures", "procedures/1.001193"] {
        let again = ask(&world, path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, tag.as_str()), "{path}");
        assert_eq!(again.bytes().await.unwrap().len(), 0);
    }
    world.pass(DAY_MS);
    assert_eq!(ask(&world, "sectors", &[("if-none-match", &tag)]).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_and_what_makes_no_sense_is_refused() {
    let world = World::new().await;
    let refused = ask(&world, "procedures/khai%20sinh", &[]).await;
    assert_eq!(refused.status(), 404);
    let fault: Value = refused.json().await.unwrap();
    assert_eq!(fault["code"], "UNKNOWN_PROCEDURE");
    assert_eq!(fault["details"]["procedure"], "khai sinh");
    assert!(fault["details"]["did_you_mean"].is_string(), "{fault}");
    let refused = ask(&world, "procedures?words=x", &[]).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "BAD_REQUEST");
    let nothing = told(&world, &format!("procedures?query={}", "%F0%9F%90%98".repeat(500))).await;
    assert_eq!(nothing, json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_much_waits_and_others_do_not() {
    let world = World::new().await;
    for _ in 0..1_200 {
        assert_eq!(ask(&world, "sectors", &[]).await.status(), 200);
    }
    let refused = ask(&world, "procedures/1.001193", &[]).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "60"));
    assert_eq!(ask(&world, "sectors", &[("x-forwarded-for", "203.0.113.9")]).await.status(), 200);
    let tracked = world.http.get(format!("{}/v1/track/x", world.url)).send().await.unwrap();
    assert_eq!(tracked.status(), 404, "who looks for a dossier is counted apart");
    world.pass(60_000);
    assert_eq!(ask(&world, "sectors", &[]).await.status(), 200);
}
