//! The line that says when to sync.

use dossier::{
    certificate::Role,
    event::{Audience, Channel},
};

use crate::world::{Device, Paper, World};

async fn listen(world: &World, device: &Device) -> reqwest::Response {
    world.get("/v1/pokes", device).send().await.unwrap()
}

/// The next piece of a line; `None` at its end.
async fn hear(line: &mut reqwest::Response) -> Option<String> {
    let piece = line.chunk().await.unwrap()?;
    Some(String::from_utf8(piece.to_vec()).unwrap())
}

async fn submit(world: &mut World, number: u8, unit: &str) -> Paper {
    let mut citizen = world.stranger();
    let mut paper = Paper::new(number, &citizen);
    let change = paper.answer("child_name", "Lan");
    let event = citizen.event(world, &paper, paper.submitted(Some(unit), Channel::Online), Audience::Parties);
    citizen.sync(world, vec![paper.items(vec![change], &[&event])]).await;
    paper
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_is_poked_by_what_is_its_own_and_told_nothing_else() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut elsewhere = world.staff(Role::Officer, "25750").await;
    officer.sync(&world, vec![]).await;
    elsewhere.sync(&world, vec![]).await;
    let (mut line, mut other) = (listen(&world, &officer).await, listen(&world, &elsewhere).await);
    assert_eq!(line.status(), 200);
    assert_eq!(line.headers()["content-type"], "text/event-stream");
    assert_eq!(line.headers()["cache-control"], "no-store");
    submit(&mut world, 1, "25747").await;
    assert_eq!(hear(&mut line).await.unwrap(), "event: poke\ndata: {\"seq\":1}\n\n");
    assert_eq!(officer.sync(&world, vec![]).await.feeds.len(), 1, "what the poke promised is there");
    // The first that the other desk hears is what comes for itself.
    let theirs = submit(&mut world, 2, "25750").await;
    assert_eq!(hear(&mut other).await.unwrap(), "event: poke\ndata: {\"seq\":1}\n\n");
    assert_eq!(elsewhere.sync(&world, vec![]).await.acts("unit:25750", &theirs.id), ["submitted"]);
    submit(&mut world, 3, "25747").await;
    assert_eq!(hear(&mut line).await.unwrap(), "event: poke\ndata: {\"seq\":2}\n\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_are_bounded_need_a_token_and_end_when_the_server_stops() {
    let mut world = World::new().await;
    let mut citizen = world.stranger();
    citizen.sync(&world, vec![]).await;
    world.stop().await;
    world.listeners = Some(1);
    world.start().await;
    let naked = world.http.get(format!("{}/v1/pokes", world.url)).send().await.unwrap();
    assert_eq!(naked.status(), 401);
    let mut line = listen(&world, &citizen).await;
    assert_eq!(line.status(), 200);
    let crowd = listen(&world, &citizen).await;
    assert_eq!((crowd.status().as_u16(), crowd.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    // Stopping waits for requests that run; a line that stayed open would hold it up for half a minute.
    let begun = std::time::Instant::now();
    world.stop().await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    assert_eq!(hear(&mut line).await, None);
}
