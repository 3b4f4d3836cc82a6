//! The operator's doors, and a device taken out of use.

use dossier::{
    certificate::Role,
    event::{Audience, Channel},
    wire::{Invitation, Waiting},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{DAY_MS, Device, NOW_MS, Paper, World};

async fn ask(world: &World, method: Method, path: &str, token: Option<&str>, body: Option<&Value>) -> (u16, Value) {
    let mut request = world.http.request(method, format!("{}{path}", world.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    if status == 200 {
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    (status, answer.json().await.unwrap())
}

async fn get(world: &World, path: &str, operator: &Device) -> Value {
    let (status, answer) = ask(world, Method::GET, path, Some(&operator.token), None).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn revoke(world: &World, device: &Device, operator: &Device) -> Value {
    let path = format!("/v1/admin/devices/{}/revoke", device.key.device());
    let body = json!({"reason": "mất máy"});
    let (status, answer) = ask(world, Method::POST, &path, Some(&operator.token), Some(&body)).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Every door for every kind of asker: operators whose certificate is valid now, and nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doors_are_the_operators_alone() {
    let mut world = World::new().await;
    let mut operator = world.staff(Role::Operator, "25747").await;
    let mut askers: Vec<(&str, Option<String>, &str)> =
        vec![("nobody", None, "401 NOT_AUTHENTICATED"), ("noise", Some("AAAA".into()), "401 NOT_AUTHENTICATED")];
    let mut bare = world.stranger();
    bare.sync(&world, vec![]).await;
    askers.push(("bare", Some(bare.token.clone()), "403 NOT_ALLOWED"));
    for role in [Role::Citizen, Role::Postal, Role::Officer, Role::Head] {
        let device = world.staff(role, "25747").await;
        askers.push((role.name(), Some(device.token.clone()), "403 NOT_ALLOWED"));
    }
    let former = world.staff(Role::Operator, "25747").await;
    operator.sync(&world, vec![]).await;
    revoke(&world, &former, &operator).await;
    askers.push(("revoked operator", Some(former.token.clone()), "403 DEVICE_REVOKED"));
    let target = format!("/v1/admin/devices/{}/revoke", former.key.device());
    let invite = json!({"role": "officer", "unit": "25747", "name": "Lan"});
    let reason = json!({"reason": "x"});
    let doors = [
        (Method::POST, "/v1/admin/invitations", Some(&invite)),
        (Method::GET, "/v1/admin/invitations", None),
        (Method::GET, "/v1/admin/devices", None),
        (Method::POST, target.as_str(), Some(&reason)),
        (Method::GET, "/v1/admin/status", None),
    ];
    for (method, path, body) in &doors {
        for (who, token, expected) in &askers {
            let (status, fault) = ask(&world, method.clone(), path, token.as_deref(), *body).await;
            assert_eq!(format!("{status} {}", fault["code"].as_str().unwrap()), *expected, "{who} at {path}");
        }
        let (status, answer) = ask(&world, method.clone(), path, Some(&operator.token), *body).await;
        assert_eq!(status, 200, "{answer}");
    }
    world.pass(366 * DAY_MS);
    operator.sync(&world, vec![]).await;
    for (method, path, body) in doors {
        let (status, fault) = ask(&world, method, path, Some(&operator.token), body).await;
        assert_eq!((status, &fault["code"]), (403, &"CERTIFICATE_REFUSED".into()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_made_listed_without_its_word_and_taken_up() {
    let mut world = World::new().await;
    let operator = world.staff(Role::Operator, "25747").await;
    for (field, body) in [
        ("role", json!({"role": "centre", "unit": "25747", "name": "Lan"})),
        ("role", json!({"role": "king", "unit": "25747", "name": "Lan"})),
        ("unit", json!({"role": "postal", "unit": "nowhere", "name": "Lan"})),
        ("unit", json!({"role": "postal", "unit": "bd-ttpvhcc", "name": "Lan"})),
        ("name", json!({"role": "postal", "unit": "25747", "name": " \n"})),
    ] {
        let (status, fault) =
            ask(&world, Method::POST, "/v1/admin/invitations", Some(&operator.token), Some(&body)).await;
        assert_eq!((status, &fault["details"]["field"]), (400, &field.into()), "{body}");
    }
    let unread = json!({"role": "postal"});
    let (status, _) = ask(&world, Method::POST, "/v1/admin/invitations", Some(&operator.token), Some(&unread)).await;
    assert_eq!(status, 400);
    let body = json!({"role": "postal", "unit": "25747", "name": " Nguyễn Thị Hạnh "});
    let (_, made) = ask(&world, Method::POST, "/v1/admin/invitations", Some(&operator.token), Some(&body)).await;
    assert_eq!(made["expires_ms"], NOW_MS + 14 * DAY_MS);
    let invitation: Invitation = made["invitation"].as_str().unwrap().parse().unwrap();
    assert_eq!(invitation.centre, world.centre);

    let mut postal = world.stranger();
    let open = |list: &Value| list.as_array().unwrap().iter().find(|one| one["name"] == "Nguyễn Thị Hạnh").cloned();
    let listed = open(&get(&world, "/v1/admin/invitations", &operator).await).unwrap();
    let expected = json!({"role": "postal", "unit": "25747", "name": "Nguyễn Thị Hạnh",
        "expires_ms": NOW_MS + 14 * DAY_MS, "used_by": null});
    assert_eq!(listed, expected);
    let mut batch = postal.batch(&world, vec![]);
    batch.hello.invitation = Some(invitation.token.to_vec());
    assert!(postal.send(&world, &batch).await.welcome.is_some());
    let listed = open(&get(&world, "/v1/admin/invitations", &operator).await).unwrap();
    assert_eq!(listed["used_by"], postal.key.device().to_string());
    world.pass(15 * DAY_MS);
    let mut again = world.staff(Role::Operator, "25747").await;
    again.sync(&world, vec![]).await;
    assert_eq!(open(&get(&world, "/v1/admin/invitations", &again).await), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_devices_still_hold_is_known_with_its_time() {
    let mut world = World::new().await;
    let operator = world.staff(Role::Operator, "25747").await;
    let mut postal = world.staff(Role::Postal, "25747").await;
    for (passed_ms, items, files, since) in
        [(0, 3, 1, Some(NOW_MS)), (5_000, 2, 0, Some(NOW_MS)), (90_000, 0, 0, None), (0, 0, 4, Some(NOW_MS + 95_000))]
    {
        world.pass(passed_ms);
        let mut batch = postal.batch(&world, vec![]);
        batch.hello.waiting = Waiting { items, files };
        assert_eq!(postal.send(&world, &batch).await.status, 200);
        let devices = get(&world, "/v1/admin/devices", &operator).await;
        let id = postal.key.device();
        let line = devices.as_array().unwrap().iter().find(|line| line["device"] == id.to_string()).unwrap();
        let certificate = postal.certificate.as_ref().unwrap();
        let now_ms = sync_server::port::Clock::now_ms(world.clock.as_ref());
        let expected = json!({"device": id.to_string(), "short": id.short(), "name": "postal of 25747", "role": "postal",
            "unit": "25747", "last_contact_ms": now_ms, "waiting_items": items, "waiting_files": files,
            "oldest_waiting_ms": since, "revoked_ms": null, "certificate_until_ms": certificate.until_ms});
        assert_eq!(*line, expected);
    }
    let status = get(&world, "/v1/admin/status", &operator).await;
    assert_eq!((&status["devices"], &status["storage"]), (&2.into(), &"sqlite".into()));
    assert_eq!(status["centre"], world.centre.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_device_loses_nothing_and_gets_nothing() {
    let mut world = World::new().await;
    let operator = world.staff(Role::Operator, "25747").await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut colleague = world.staff(Role::Officer, "25747").await;
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let change = paper.answer("child_name", "Lan");
    let event = citizen.event(&world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    citizen.sync(&world, vec![paper.items(vec![change], &[&event])]).await;
    paper.seen = vec![event.id()];
    let seen = officer.sync(&world, vec![]).await;
    assert_eq!(seen.end().revoked_ms, None);
    paper.learn(seen.scope("unit:25747").unwrap());

    world.pass(1_000);
    let answer = revoke(&world, &officer, &operator).await;
    assert_eq!((&answer["revoked_ms"], &answer["reason"]), (&(NOW_MS + 1_000).into(), &"mất máy".into()));
    world.pass(1_000);
    assert_eq!(revoke(&world, &officer, &operator).await["revoked_ms"], NOW_MS + 1_000, "the first stands");
    // The token of before opens nothing: no list, no dossier, no attachment, no upload, no line.
    for path in ["/v1/dossiers", &format!("/v1/dossiers/{}", paper.id), "/v1/pokes", "/v1/uploads/x"] {
        let method = if path.contains("uploads") { Method::DELETE } else { Method::GET };
        let (status, fault) = ask(&world, method, path, Some(&officer.token), None).await;
        assert_eq!((status, &fault["code"]), (403, &"DEVICE_REVOKED".into()), "{path}");
    }
    // It does not know yet, and sends an acceptance.
    let accepted = officer.event(&world, &paper, paper.accepted(), Audience::Parties);
    let before = officer.token.clone();
    officer.cursors.clear();
    let told = officer.sync(&world, vec![paper.items(vec![], &[&accepted])]).await;
    assert!(told.receipts[0].holds(0) && told.exceptions().is_empty(), "what came is held");
    assert!(told.feeds.is_empty() && told.directory.is_none());
    let end = told.end();
    assert_eq!((end.revoked_ms, &end.token, end.leases.len(), end.wanted.len()), (Some(NOW_MS + 1_000), &None, 0, 0));
    assert_eq!(end.notices.len(), 1);
    assert_eq!((end.notices[0].item.0, end.notices[0].code.as_str()), (accepted.id().0, "DEVICE_REVOKED"));
    assert_eq!(officer.token, before, "no new token came");
    // Replayed, it is told the same; another invitation does not bring it back.
    let mut batch = officer.batch(&world, vec![]);
    batch.hello.invitation = Some(world.invite(Role::Officer, "25747").await);
    assert_eq!(officer.send(&world, &batch).await.code(), "INVITATION_REFUSED");

    // Nobody sees the acceptance, and it is counted as what it is.
    assert_eq!(colleague.sync(&world, vec![]).await.acts("unit:25747", &paper.id), ["submitted"]);
    let status = get(&world, "/v1/admin/status", &operator).await;
    assert_eq!((&status["revoked"], &status["quarantined"], &status["awaiting"]), (&1.into(), &0.into(), &0.into()));
    let devices = get(&world, "/v1/admin/devices", &operator).await;
    let line = devices.as_array().unwrap().iter().find(|line| line["device"] == officer.key.device().to_string());
    assert_eq!(line.unwrap()["revoked_ms"], NOW_MS + 1_000);
    for unknown in ["00".repeat(16), "x".into(), world.centre.to_string()] {
        let path = format!("/v1/admin/devices/{unknown}/revoke");
        let body = json!({"reason": "x"});
        assert_eq!(ask(&world, Method::POST, &path, Some(&operator.token), Some(&body)).await.0, 404);
    }
}

/// Every device makes the same text object. If a revoked one makes it first, others still write in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_a_revoked_device_made_is_everybodys() {
    let mut world = World::new().await;
    let operator = world.staff(Role::Operator, "25747").await;
    let mut postal = world.staff(Role::Postal, "25747").await;
    revoke(&world, &postal, &operator).await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let mut paper = Paper::new(1, &officer);
    let change = paper.answer("child_name", "Lan");
    let mut items = paper.items(vec![], &[]);
    items.texts = vec!["reason".into()];
    assert!(postal.sync(&world, vec![items.clone()]).await.receipts[0].holds(0));
    items.changes = vec![change.into()];
    let taken = officer.sync(&world, vec![items]).await;
    assert_eq!((taken.receipts[0].known, taken.exceptions()), (1, vec![]));
    let record = world.storage.record(&paper.id).await.unwrap().unwrap();
    assert!(record.items.iter().all(|item| item.state == sync_server::storage::ItemState::Admitted), "{record:?}");
}
