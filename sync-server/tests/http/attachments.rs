//! Attachments over tus, as any tus client would send them.

use data_encoding::BASE64;
use dossier::{
    certificate::Role,
    event::{Audience, Channel},
    id::{BlobId, DossierId},
};

use crate::world::{Device, Paper, World};

/// A submitted dossier that names one attachment of this content.
async fn named(world: &mut World, content: &[u8]) -> (Device, Paper, BlobId) {
    let mut citizen = world.stranger();
    let mut paper = Paper::new(1, &citizen);
    let (blob, change) = paper.attach("declaration", content);
    let event = citizen.event(world, &paper, paper.submitted(Some("25747"), Channel::Online), Audience::Parties);
    let answer = citizen.sync(world, vec![paper.items(vec![change], &[&event])]).await;
    assert_eq!(answer.end().wanted.iter().map(|wanted| wanted.blob).collect::<Vec<_>>(), [blob]);
    (citizen, paper, blob)
}

fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

async fn create(world: &World, device: &Device, dossier: &DossierId, blob: &BlobId, length: u64) -> reqwest::Response {
    let meta = |text: String| BASE64.encode(text.as_bytes());
    world
        .http
        .post(format!("{}/v1/uploads", world.url))
        .bearer_auth(&device.token)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", length)
        .header("upload-metadata", format!("dossier {},blob {}", meta(dossier.to_string()), meta(blob.to_string())))
        .send()
        .await
        .unwrap()
}

async fn open(world: &World, device: &Device, dossier: &DossierId, blob: &BlobId, length: usize) -> String {
    let created = create(world, device, dossier, blob, length as u64).await;
    assert_eq!(created.status(), 201);
    created.headers()["location"].to_str().unwrap().to_owned()
}

async fn patch(
    world: &World,
    device: &Device,
    upload: &str,
    offset: u64,
    bytes: &[u8],
    checksum: Option<String>,
) -> reqwest::Response {
    let mut request = world
        .http
        .patch(format!("{}{upload}", world.url))
        .bearer_auth(&device.token)
        .header("tus-resumable", "1.0.0")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
        .body(bytes.to_vec());
    if let Some(checksum) = checksum {
        request = request.header("upload-checksum", checksum);
    }
    request.send().await.unwrap()
}

async fn offset(world: &World, device: &Device, upload: &str) -> Result<u64, u16> {
    let request = world.http.head(format!("{}{upload}", world.url)).bearer_auth(&device.token);
    let response = request.header("tus-resumable", "1.0.0").send().await.unwrap();
    match response.headers().get("upload-offset") {
        Some(offset) => Ok(offset.to_str().unwrap().parse().unwrap()),
        None => Err(response.status().as_u16()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_resumes_at_the_byte_after_the_server_was_killed() {
    let mut world = World::new().await;
    let mut officer = world.staff(Role::Officer, "25747").await;
    let content = noise(2_500_000);
    let (mut citizen, paper, blob) = named(&mut world, &content).await;
    officer.sync(&world, vec![]).await;
    let upload = open(&world, &citizen, &paper.id, &blob, content.len()).await;
    let first = patch(&world, &citizen, &upload, 0, &content[..1_234_567], None).await;
    assert_eq!(first.status(), 204);
    assert_eq!(first.headers()["upload-offset"], "1234567");
    world.kill().await;
    world.start().await;
    assert_eq!(offset(&world, &citizen, &upload).await, Ok(1_234_567));
    let early = patch(&world, &citizen, &upload, 1_000_000, b"x", None).await;
    assert_eq!(early.status(), 409);
    let sum = ring::digest::digest(&ring::digest::SHA256, &content[1_234_567..]);
    let sum = format!("sha256 {}", BASE64.encode(sum.as_ref()));
    let last = patch(&world, &citizen, &upload, 1_234_567, &content[1_234_567..], Some(sum)).await;
    assert_eq!(last.status(), 204);
    // A client that missed this answer finds it complete; and nothing is wanted any more.
    assert_eq!(offset(&world, &citizen, &upload).await, Ok(2_500_000));
    assert!(citizen.sync(&world, vec![]).await.end().wanted.is_empty());
    // Everybody in the dossier is told, and the desk reads it, whole and in part.
    let told = officer.sync(&world, vec![]).await;
    let arrived = &told.scope("unit:25747").unwrap().dossiers[0].blobs;
    assert_eq!(arrived.iter().map(|one| (one.blob, one.size_bytes)).collect::<Vec<_>>(), [(blob, 2_500_000)]);
    let path = format!("/v1/dossiers/{}/blobs/{blob}", paper.id);
    let whole = world.get(&path, &officer).send().await.unwrap();
    assert_eq!(whole.headers()["etag"], format!("\"{blob}\""));
    assert_eq!(whole.bytes().await.unwrap(), content);
    let part = world.get(&path, &officer).header("range", "bytes=100-199").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 100-199/2500000");
    assert_eq!(part.bytes().await.unwrap(), content[100..200]);
    let beyond = world.get(&path, &officer).header("range", "bytes=2500000-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_does_not_fit_its_checksum_is_not_kept() {
    let mut world = World::new().await;
    let content = noise(3_000_000);
    let (citizen, paper, blob) = named(&mut world, &content).await;
    let upload = open(&world, &citizen, &paper.id, &blob, content.len()).await;
    let good = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &content);
    let good = format!("sha1 {}", BASE64.encode(good.as_ref()));
    let mut damaged = content.clone();
    damaged[2_000_000] ^= 1;
    let refused = patch(&world, &citizen, &upload, 0, &damaged, Some(good.clone())).await;
    assert_eq!(refused.status().as_u16(), 460);
    assert_eq!(offset(&world, &citizen, &upload).await, Ok(0));
    let unknown = patch(&world, &citizen, &upload, 0, &content, Some("md5 AAAA".into())).await;
    assert_eq!(unknown.status(), 400);
    assert_eq!(patch(&world, &citizen, &upload, 0, &content, Some(good)).await.status(), 204);
    assert!(world.storage.blob(&paper.id, &blob).await.unwrap().unwrap().arrived_ms.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn content_that_is_not_what_its_id_says_is_dropped() {
    let mut world = World::new().await;
    let content = noise(1000);
    let (citizen, paper, blob) = named(&mut world, &content).await;
    let upload = open(&world, &citizen, &paper.id, &blob, content.len()).await;
    let refused = patch(&world, &citizen, &upload, 0, &noise(1001)[1..], None).await;
    assert_eq!(refused.status().as_u16(), 460);
    let fault: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(fault["code"], "BLOB_MISMATCH");
    assert_eq!(offset(&world, &citizen, &upload).await, Err(404));
    assert!(world.storage.blob(&paper.id, &blob).await.unwrap().unwrap().arrived_ms.is_none());
    let path = format!("/v1/dossiers/{}/blobs/{blob}", paper.id);
    assert_eq!(world.get(&path, &citizen).send().await.unwrap().status(), 404);
    // A new attempt finds nothing in its way.
    let upload = open(&world, &citizen, &paper.id, &blob, content.len()).await;
    assert_eq!(patch(&world, &citizen, &upload, 0, &content, None).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_belong_to_their_device_and_attachments_to_their_dossier() {
    let mut world = World::new().await;
    let content = noise(1000);
    let (citizen, paper, blob) = named(&mut world, &content).await;
    let mut stranger = world.stranger();
    stranger.sync(&world, vec![]).await;
    assert_eq!(create(&world, &stranger, &paper.id, &blob, 1000).await.status(), 404);
    assert_eq!(create(&world, &citizen, &paper.id, &BlobId([1; 32]), 1000).await.status(), 404);
    let large = create(&world, &citizen, &paper.id, &blob, 3 << 30).await;
    assert_eq!(large.status(), 413);
    let fault: serde_json::Value = large.json().await.unwrap();
    assert_eq!(fault["code"], "ATTACHMENT_TOO_LARGE");
    let upload = open(&world, &citizen, &paper.id, &blob, 1000).await;
    assert_eq!(offset(&world, &stranger, &upload).await, Err(404));
    assert_eq!(patch(&world, &citizen, &upload, 0, &noise(1001), None).await.status(), 413);
    assert_eq!(offset(&world, &citizen, &upload).await, Ok(0));
    let gone = world.http.delete(format!("{}{upload}", world.url)).bearer_auth(&citizen.token);
    assert_eq!(gone.header("tus-resumable", "1.0.0").send().await.unwrap().status(), 204);
    assert_eq!(offset(&world, &citizen, &upload).await, Err(404));
    let old = world.http.head(format!("{}{upload}", world.url)).bearer_auth(&citizen.token).send().await.unwrap();
    assert_eq!(old.status(), 412);
    let options = world.http.request(reqwest::Method::OPTIONS, format!("{}/v1/uploads", world.url)).send().await;
    let options = options.unwrap();
    assert_eq!(options.headers()["tus-extension"], "creation,checksum,termination,expiration");
    assert_eq!(options.headers()["tus-max-size"], "52428800");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_says_it_will_bring_is_not_named_to_it() {
    let mut world = World::new().await;
    let (mut citizen, ..) = named(&mut world, &noise(10)).await;
    let mut batch = citizen.batch(&world, vec![]);
    batch.hello.waiting.files = 1;
    assert_eq!(citizen.send(&world, &batch).await.end().wanted, []);
    assert_eq!(citizen.sync(&world, vec![]).await.end().wanted.len(), 1);
}
