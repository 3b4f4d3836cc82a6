//! A real server on a real socket, with a database in a directory of its own, and devices that speak the wire by hand.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use dossier::{
    catalogue::Catalogue,
    certificate::{Certificate, Role},
    content::{Content, ContentPath, Edit, FileNote, Root, Scalar},
    envelope::{Signed, SigningKey},
    event::{Act, ActingFor, Audience, Channel, Event, EventBody},
    id::{ActorId, BatchId, BlobId, Digest, DossierId, EventId, PublicKey, sha256},
    wire::{
        Batch, DossierItems, End, Feed, Frame, FrameFault, Hello, PROTOCOL, Receipt, ScopeCursor, SignedReceipt,
        Waiting, read_frames,
    },
};
use sync_server::{
    centre::Centre,
    port::{Clock, Entropy, SystemEntropy},
    server::{Place, Server},
    storage::{InvitationRow, Storage},
    web::Web,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// 21 November 2026, 14:53 in Vietnam.
pub const NOW_MS: i64 = 1_795_247_600_000;
pub const DAY_MS: i64 = 86_400_000;
pub const MEDIA: &str = "application/vnd.tram.sync+zstd";

pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub struct World {
    pub dir: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub http: reqwest::Client,
    pub url: String,
    pub storage: Arc<dyn Storage>,
    pub centre: PublicKey,
    /// The web apps to serve instead of those in the program.
    pub web: Option<Web>,
    /// How many may listen for pokes.
    pub listeners: Option<usize>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    next: u8,
}

impl World {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = Place { data: dir.path().to_owned(), database_url: None };
        let storage = place.open_storage().await.unwrap();
        let centre = Centre::open(storage.as_ref(), &SystemEntropy::default(), Catalogue::shipped(), NOW_MS).await;
        let mut world = Self {
            clock: Arc::new(TestClock(AtomicI64::new(NOW_MS))),
            http: reqwest::Client::new(),
            url: String::new(),
            centre: centre.unwrap().public(),
            storage,
            dir,
            web: None,
            listeners: None,
            running: None,
            next: 0,
        };
        world.start().await;
        world
    }

    pub async fn start(&mut self) {
        let place = Place { data: self.dir.path().to_owned(), database_url: None };
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let server = Server::open(&place, Catalogue::shipped(), clock, Arc::<SystemEntropy>::default()).await.unwrap();
        let server = match &self.web {
            Some(web) => server.with_web(web.clone()),
            None => server,
        };
        let server = match self.listeners {
            Some(most) => server.with_listeners(most),
            None => server,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            server.serve(listener, stop).await.unwrap();
        });
        self.running = Some((stop, task));
    }

    /// The process dies without a word.
    pub async fn kill(&mut self) {
        let (_stop, task) = self.running.take().unwrap();
        task.abort();
        let _ = task.await;
    }

    /// The process is asked to stop, and does.
    pub async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.send(()).unwrap();
        task.await.unwrap();
    }

    pub fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// A device with a bare key.
    pub fn stranger(&mut self) -> Device {
        self.next += 1;
        Device {
            key: SigningKey::derive_from_seed(&[self.next; 32]),
            name: self.next,
            acting: None,
            certificate: None,
            counter: 0,
            previous: None,
            cursors: BTreeMap::new(),
            batches: 0,
            token: String::new(),
            centre: self.centre,
        }
    }

    pub async fn invite(&self, role: Role, unit: &str) -> Vec<u8> {
        let mut token = [0; 16];
        SystemEntropy::default().fill(&mut token);
        let row = InvitationRow {
            token_hash: Digest(sha256(&[&token])),
            role,
            unit: unit.into(),
            name: format!("{} of {unit}", role.name()),
            expires_ms: self.clock.now_ms() + 14 * DAY_MS,
            used_by: None,
        };
        self.storage.invite(&row).await.unwrap();
        token.to_vec()
    }

    /// A device that took up an invitation.
    pub async fn staff(&mut self, role: Role, unit: &str) -> Device {
        let mut device = self.stranger();
        let token = self.invite(role, unit).await;
        let mut batch = device.batch(self, vec![]);
        batch.hello.invitation = Some(token);
        let answer = device.send(self, &batch).await;
        let welcome = answer.welcome.expect("the invitation is good");
        let certificate = Certificate::verify(&welcome, &self.centre).unwrap();
        device.acting = Some(ActingFor { role: certificate.role, unit: certificate.unit.clone() });
        device.certificate = Some(certificate);
        device
    }

    pub async fn post(&self, body: Vec<u8>) -> Answer {
        let request = self.http.post(format!("{}/v1/sync", self.url)).header("content-type", MEDIA).body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        if status != 200 {
            let fault: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            return Answer { status, fault: Some(fault), ..Answer::default() };
        }
        Answer::read(&zstd::stream::decode_all(&bytes[..]).unwrap(), &self.centre)
    }

    pub fn get(&self, path: &str, device: &Device) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", self.url)).bearer_auth(&device.token)
    }
}

#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub fault: Option<serde_json::Value>,
    pub signed: Vec<SignedReceipt>,
    pub receipts: Vec<Receipt>,
    pub welcome: Option<Signed>,
    pub directory: Option<dossier::wire::Directory>,
    pub feeds: Vec<Feed>,
    pub differences: Vec<dossier::wire::repair::Differences>,
    pub wholes: Vec<dossier::wire::Whole>,
    pub end: Option<End>,
}

impl Answer {
    fn read(bytes: &[u8], centre: &PublicKey) -> Self {
        let mut answer = Self { status: 200, ..Self::default() };
        read_frames(bytes, |frame| {
            match frame {
                Frame::Receipt(receipt) => {
                    answer.receipts.push(receipt.verify(centre).unwrap());
                    answer.signed.push(receipt);
                }
                Frame::Welcome(welcome) => answer.welcome = Some(welcome.certificate),
                Frame::Directory(directory) => answer.directory = Some(directory),
                Frame::Feed(feed) => answer.feeds.push(feed),
                Frame::Differences(differences) => answer.differences.push(differences),
                Frame::Whole(whole) => answer.wholes.push(whole),
                Frame::End(end) => answer.end = Some(end),
            }
            Ok::<(), FrameFault>(())
        })
        .unwrap();
        answer
    }

    pub fn code(&self) -> &str {
        self.fault.as_ref().and_then(|fault| fault["code"].as_str()).unwrap_or("")
    }

    pub fn end(&self) -> &End {
        self.end.as_ref().expect("the answer is whole")
    }

    /// Codes of exceptions by item.
    pub fn exceptions(&self) -> Vec<(u32, String)> {
        let all = self.receipts.iter().flat_map(|receipt| &receipt.exceptions);
        all.map(|exception| (exception.item, exception.code.clone())).collect()
    }

    pub fn scope(&self, scope: &str) -> Option<&Feed> {
        self.feeds.iter().find(|feed| feed.cursor.scope == scope)
    }

    /// Acts in the feed of a scope, by name.
    pub fn acts(&self, scope: &str, dossier: &DossierId) -> Vec<String> {
        let Some(feed) = self.scope(scope) else { return vec![] };
        let of = feed.dossiers.iter().filter(|of| of.dossier == *dossier);
        of.flat_map(|of| &of.events)
            .map(|event| event.event.verify(dossier).unwrap().body().act.name().to_owned())
            .collect()
    }
}

pub struct Device {
    pub key: SigningKey,
    pub name: u8,
    pub acting: Option<ActingFor>,
    pub certificate: Option<Certificate>,
    pub counter: u64,
    pub previous: Option<EventId>,
    pub cursors: BTreeMap<String, ScopeCursor>,
    pub batches: u8,
    pub token: String,
    pub centre: PublicKey,
}

impl Device {
    pub fn scope(&self) -> String {
        format!("device:{}", self.key.device())
    }

    pub fn batch(&mut self, world: &World, dossiers: Vec<DossierItems>) -> Batch {
        self.batches += 1;
        let mut id = [0; 16];
        (id[0], id[1]) = (self.name, self.batches);
        Batch {
            hello: Hello {
                protocol: PROTOCOL,
                batch: BatchId(id),
                centre: Some(self.centre),
                device: self.key.public(),
                now_ms: world.clock.now_ms(),
                invitation: None,
                catalogue: "2026.11.1".into(),
                cursors: self.cursors.values().cloned().collect(),
                leases: vec![],
                waiting: Waiting::default(),
                repair: None,
            },
            dossiers,
        }
    }

    pub fn body(&self, batch: &Batch) -> Vec<u8> {
        zstd::stream::encode_all(&batch.sign(&self.key).bytes()[..], 3).unwrap()
    }

    pub async fn send(&mut self, world: &World, batch: &Batch) -> Answer {
        let answer = world.post(self.body(batch)).await;
        for feed in &answer.feeds {
            self.cursors.insert(feed.cursor.scope.clone(), feed.cursor.clone());
        }
        if let Some(token) = answer.end.as_ref().and_then(|end| end.token.as_ref()) {
            self.token.clone_from(token);
        }
        answer
    }

    pub async fn sync(&mut self, world: &World, dossiers: Vec<DossierItems>) -> Answer {
        let batch = self.batch(world, dossiers);
        let answer = self.send(world, &batch).await;
        assert_eq!(answer.status, 200, "{:?}", answer.fault);
        answer
    }

    pub fn event(&mut self, world: &World, on: &Paper, act: Act, audience: Audience) -> Event {
        self.counter += 1;
        let event = EventBody {
            dossier: on.id,
            act,
            audience,
            author: self.key.public(),
            acting: self.acting.clone(),
            heads: on.content.heads(),
            seen: on.seen.clone(),
            at_ms: world.clock.now_ms(),
            counter: self.counter,
            previous: self.previous,
        }
        .sign(&self.key);
        self.previous = Some(event.id());
        event
    }
}

/// A dossier as one device has it.
pub struct Paper {
    pub id: DossierId,
    pub content: Content,
    pub actor: ActorId,
    pub seen: Vec<EventId>,
}

impl Paper {
    pub fn new(number: u8, device: &Device) -> Self {
        let id = DossierId::mint(NOW_MS, &[number; 10]);
        let mut actor = [number; 16];
        actor[0] = device.name;
        Self { id, content: Content::new(id), actor: ActorId(actor), seen: vec![] }
    }

    pub fn answer(&mut self, field: &str, value: &str) -> Vec<u8> {
        self.put(ContentPath::new(Root::Answers, field).unwrap(), value)
    }

    pub fn attach(&mut self, component: &str, content: &[u8]) -> (BlobId, Vec<u8>) {
        let blob = BlobId::of(content);
        let note = FileNote { bytes: content.len() as u64, media: "image/jpeg".into(), page: 1 };
        let change = self.put(ContentPath::file(component, &blob).unwrap(), &note.to_text());
        (blob, change)
    }

    fn put(&mut self, path: ContentPath, value: &str) -> Vec<u8> {
        let edit = Edit { path, value: Some(Scalar::from(value)) };
        let sealed = self.content.seal(&self.actor, &[edit], NOW_MS / 1000).unwrap().unwrap();
        sealed.change.into_bytes()
    }

    pub fn submitted(&self, unit: Option<&str>, channel: Channel) -> Act {
        Act::Submitted {
            channel,
            unit: unit.map(str::to_owned),
            provisional_code: format!("T-{}", self.id),
            procedure: "1.001193".into(),
            catalogue: "2026.11.1".into(),
        }
    }

    pub fn items(&self, changes: Vec<Vec<u8>>, events: &[&Event]) -> DossierItems {
        DossierItems {
            dossier: self.id,
            texts: vec![],
            changes: changes.into_iter().map(Into::into).collect(),
            events: events.iter().map(|event| event.signed().clone()).collect(),
        }
    }

    /// Takes over everything that a feed says.
    pub fn learn(&mut self, feed: &Feed) {
        for of in feed.dossiers.iter().filter(|of| of.dossier == self.id) {
            self.content.make_texts(of.texts.iter().map(String::as_str));
            let scan = |change: &dossier::wire::FeedChange| dossier::content::chunk::scan(&change.bytes).unwrap();
            self.content.apply(&of.changes.iter().map(scan).collect::<Vec<_>>()).unwrap();
            self.seen.extend(of.events.iter().map(|event| event.event.id()));
            self.seen.sort_unstable();
            self.seen.dedup();
        }
    }

    pub fn accepted(&self) -> Act {
        Act::Accepted {
            code: None,
            procedure_version: "2026-01".into(),
            catalogue: "2026.11.1".into(),
            case: "default".into(),
        }
    }
}
