//! One sync, from compressed bytes to frames: the whole of `POST /v1/sync` without HTTP.
//!
//! ```text
//! bytes ─open─▶ greet ─▶ enrol? ─▶ for each parcel: read ─▶ facts ─▶ judge ─▶ sign ─▶ commit ─▶ receipt
//!   ▲ next                                                     ▲                       │
//!   └──────────── while the database has this one              └────── raced ──────────┘
//!       ─▶ admission (apart) ─▶ directory · feed ─▶ end
//! ```
//!
//! Decisions are pure ([`judge::judge`], [`group::ReadGroup::read`]); this shell asks the ports and obeys. A receipt
//! leaves only through the witness that [`Storage::commit`] gives, so acknowledging what is not durable cannot be
//! written. What goes out passes through a [`Sink`], so a simulator runs the same code as the HTTP handler.

mod answer;
pub mod body;
mod enrolment;
pub mod group;
mod incoming;
pub mod judge;
mod lease;
mod repair;

use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use dossier::{
    catalogue::Catalogue,
    deadline::local,
    envelope::{EnvelopeFault, Signed},
    fault::Code,
    id::{BatchId, BlobId, DeviceId, DossierId},
    state::Received,
    wire::{BatchFault, End, Frame, Hello, Notice, ParcelName, Receipt, SignedReceipt, WantedBlob, Welcome, limits},
};
use futures::future::{Either, select};
use tokio::task::JoinError;

pub use body::BodyFault;
pub use incoming::Source;
pub use lease::{LEASE_DAYS_AHEAD, LEASE_SERIALS};

use crate::{
    access::{self, Standing, device_scope},
    admission::{Admissions, notices},
    centre::Centre,
    port::{Clock, Work},
    storage::{CommitFault, Group, ItemKind, ItemRow, ItemState, Own, Revocation, Storage, StorageFault},
};
use answer::Asked;
use incoming::{Incoming, ReadParcel};
use judge::{Judgement, Rules, judge};

/// How often a group is judged anew because somebody else wrote in between. Each time somebody got on, so this many
/// losses in a row mean a crowd, and the device is better off coming back later.
const MAX_RACES: u32 = 16;
/// How long the answer waits for the admission of what was just received. What is not ready then comes with the next
/// sync; the receipt has long been sent.
const ADMISSION_WAIT: Duration = Duration::from_secs(60);
/// Wanted attachments named in one answer.
const MAX_WANTED: u32 = 1_000;

/// Why a sync is not answered, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeFault {
    /// The body does not open.
    #[error("the body does not open")]
    Body(#[from] BodyFault),
    /// The batch is not believed.
    #[error("the batch is not believed")]
    Batch(#[from] BatchFault),
    /// The batch is meant for another Centre.
    #[error("the batch is meant for another Centre")]
    WrongCentre,
    /// The request broke off on its way.
    #[error("the request broke off")]
    CutOff,
    /// Too many are being answered.
    #[error("too many are being answered")]
    Busy,
    /// The batch id was used for other bytes.
    #[error("the batch id was used for other bytes")]
    BatchReused,
    /// The invitation is unknown, used up or too old. Nothing of the batch was processed.
    #[error("the invitation is refused")]
    InvitationRefused,
    /// Others wrote to the same dossiers all the time.
    #[error("the group was raced too often")]
    Crowded,
    /// The database failed.
    #[error("the database failed")]
    Storage(#[from] StorageFault),
    /// A background task was cut down.
    #[error("a task was cut down")]
    CutDown(#[from] JoinError),
    /// Nobody reads the answer any more.
    #[error("the reader is gone")]
    Gone(#[from] Gone),
}

/// Nobody reads the answer any more. What was committed stands; the device's next sync gets the receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reader is gone")]
pub struct Gone;

/// Where an answer's frames go.
#[async_trait]
pub trait Sink: Send {
    /// Takes a frame; it is on its way when this returns.
    async fn put(&mut self, frame: Frame) -> Result<(), Gone>;
}

#[async_trait]
impl Sink for Vec<Frame> {
    async fn put(&mut self, frame: Frame) -> Result<(), Gone> {
        self.push(frame);
        Ok(())
    }
}

/// The acceptance of syncs, with everything it needs.
#[derive(Clone)]
pub struct Exchange {
    /// The database.
    pub storage: Arc<dyn Storage>,
    /// Who the Centre is.
    pub centre: Arc<Centre>,
    /// The catalogue in force.
    pub catalogue: &'static Catalogue,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What follows reception.
    pub admissions: Admissions,
    /// Limits per dossier.
    pub rules: Arc<Rules>,
    /// Where heavy work is done.
    pub work: Work,
}

/// What a device is in this sync.
struct Greeting {
    hello: Hello,
    device: DeviceId,
    now_ms: i64,
    received: Received,
    standing: Standing,
    revocation: Option<Revocation>,
    welcome: Option<Signed>,
    /// Receipts that this very batch got before its answer broke off.
    stored: Vec<SignedReceipt>,
    /// The same, read.
    given: Vec<Receipt>,
}

impl Exchange {
    /// Opens, judges and answers one request while it comes in. Faults before the first frame are the request's answer; a
    /// fault after it leaves the answer without its end, and what was receipted stands.
    pub async fn run(&self, source: &mut dyn Source, sink: &mut dyn Sink) -> Result<(), ExchangeFault> {
        let mut incoming = Incoming::from(source, self.work, self.centre.device())?;
        let mut at_hand = incoming.next().await?;
        let opening = at_hand.as_ref().and_then(|parcel| parcel.hello.clone().map(|hello| (hello, parcel.name)));
        let (hello, name) = opening.ok_or(BatchFault::Envelope(EnvelopeFault::Malformed))?;
        let greeting = self.greet(hello, &name).await?;
        for receipt in greeting.stored.clone() {
            sink.put(Frame::Receipt(receipt)).await?;
        }
        if let Some(certificate) = greeting.welcome.clone() {
            sink.put(Frame::Welcome(Welcome { certificate })).await?;
        }
        let mut touched = BTreeSet::new();
        let mut own = Own { device: greeting.device, carried: BTreeSet::new() };
        while let Some(parcel) = at_hand.take() {
            own.carried.extend(parcel.group.hashes());
            if parcel.name.count == 0 || covering(&greeting.given, &parcel.name)?.is_some() {
                at_hand = incoming.next().await?;
                continue;
            }
            // The next parcel comes in while the database has this one; the receipt of this one does not wait for it.
            let taking = pin!(self.take_parcel(&parcel, &greeting, &mut touched));
            at_hand = match select(taking, pin!(incoming.next())).await {
                Either::Left((receipt, next)) => {
                    sink.put(Frame::Receipt(receipt?)).await?;
                    next.await?
                }
                Either::Right((next, taking)) => {
                    sink.put(Frame::Receipt(taking.await?)).await?;
                    next?
                }
            };
        }
        let is_settled = self.work.within(ADMISSION_WAIT, self.admissions.admit_all(touched)).await;
        if !is_settled {
            tracing::warn!("admission is slow; the rest follows");
        }
        self.tell(&greeting, &own, is_settled, sink).await
    }

    /// Everything that can refuse the whole request, before anything of it is kept.
    async fn greet(&self, hello: Hello, first: &ParcelName) -> Result<Greeting, ExchangeFault> {
        let device = DeviceId::of(&hello.device);
        let now_ms = self.clock.now_ms();
        if hello.centre.is_some_and(|centre| centre != self.centre.public()) {
            return Err(ExchangeFault::WrongCentre);
        }
        let (stored, given) = self.given(&device, &hello.batch).await?;
        covering(&given, first)?;
        let welcome = match &hello.invitation {
            Some(token) => {
                // A device that was taken out of use does not come back by another invitation; a person takes a new key.
                if self.storage.device(&device).await?.is_some_and(|row| row.revocation.is_some()) {
                    return Err(ExchangeFault::InvitationRefused);
                }
                let enrolled = enrolment::enrol(self.storage.as_ref(), &self.centre, &hello.device, token, now_ms);
                Some(enrolled.await?.ok_or(ExchangeFault::InvitationRefused)?)
            }
            None => None,
        };
        let row = self.storage.device(&device).await?;
        let standing = access::standing_of(&self.centre, row.as_ref(), now_ms);
        let revocation = row.and_then(|row| row.revocation);
        let received = Received { at_ms: now_ms, clock_offset_ms: now_ms.saturating_sub(hello.now_ms) };
        Ok(Greeting { hello, device, now_ms, received, standing, revocation, welcome, stored, given })
    }

    /// The receipts that a batch has already, as they were signed and as they read.
    async fn given(
        &self,
        device: &DeviceId,
        batch: &BatchId,
    ) -> Result<(Vec<SignedReceipt>, Vec<Receipt>), ExchangeFault> {
        let stored = self.storage.receipts(device, batch).await?;
        let damaged = |_: EnvelopeFault| StorageFault::Damaged("receipt");
        let read = stored.iter().map(|receipt| receipt.verify(&self.centre.public()).map_err(damaged));
        let read = read.collect::<Result<_, _>>()?;
        Ok((stored, read))
    }

    /// Judges and commits one parcel, as often as somebody writes in between.
    async fn take_parcel(
        &self,
        parcel: &ReadParcel,
        greeting: &Greeting,
        touched: &mut BTreeSet<DossierId>,
    ) -> Result<SignedReceipt, ExchangeFault> {
        let read = &parcel.group;
        let device = greeting.device;
        let needs = read.needs(device);
        for _ in 0..MAX_RACES {
            let facts = self.storage.facts(&needs).await?;
            let mut judgement = judge(read, &facts, &self.rules, &device, greeting.received);
            if greeting.revocation.is_some() {
                // The notice comes first, as with every item that is kept aside: it may be repeated, never lost.
                let notices = keep_aside(&mut judgement.new, &device);
                notices::keep(self.storage.as_ref(), &[(device, notices)].into()).await?;
            }
            let group = self.sign(parcel, judgement, facts.receipts, facts.last_receipt, greeting);
            match self.storage.commit(&group).await {
                Ok(committed) => {
                    let waiting = group.items.iter().filter(|item| item.state == ItemState::Received);
                    touched.extend(waiting.map(|item| item.dossier));
                    return Ok(committed.release());
                }
                Err(CommitFault::Storage(fault)) => return Err(fault.into()),
                Err(CommitFault::Raced) => {
                    // Perhaps it was this very batch, sent twice at once: then its receipt is there already.
                    let (stored, given) = self.given(&device, &greeting.hello.batch).await?;
                    if let Some(receipt) = covering(&given, &parcel.name)?.and_then(|at| stored.get(at).cloned()) {
                        return Ok(receipt);
                    }
                }
            }
        }
        Err(ExchangeFault::Crowded)
    }

    fn sign(
        &self,
        parcel: &ReadParcel,
        judgement: Judgement,
        receipts: u64,
        previous: Option<dossier::id::Digest>,
        greeting: &Greeting,
    ) -> Group {
        let Judgement { new, known, exceptions } = judgement;
        let number = receipts + 1;
        let receipt = Receipt {
            centre: self.centre.public(),
            device: greeting.device,
            batch: greeting.hello.batch,
            parcel_hash: parcel.name.hash,
            first: parcel.name.first,
            count: parcel.name.count,
            known,
            exceptions,
            received: greeting.received,
            number,
            previous,
        };
        Group {
            device: greeting.hello.device,
            batch: greeting.hello.batch,
            parcel_hash: parcel.name.hash,
            items: new,
            receipt: SignedReceipt::seal(self.centre.key(), &receipt),
            receipt_number: number,
            now_ms: greeting.now_ms,
        }
    }

    /// What is new, and the end.
    async fn tell(
        &self,
        greeting: &Greeting,
        own: &Own,
        is_settled: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), ExchangeFault> {
        let storage = self.storage.as_ref();
        let Greeting { hello, device, standing, .. } = greeting;
        let units = self.catalogue.units();
        self.note_contact(hello, greeting).await;
        let scopes = standing.scopes(device, units, greeting.now_ms);
        let asked = Asked { hello, own, scopes: &scopes, is_settled, max_bytes: limits::FEED_BYTES };
        let news = answer::news(storage, &self.centre, &self.work, asked).await?;
        if !news.directory.devices.is_empty() {
            sink.put(Frame::Directory(news.directory)).await?;
        }
        for feed in news.feeds {
            sink.put(Frame::Feed(feed)).await?;
        }
        for differences in news.differences {
            sink.put(Frame::Differences(differences)).await?;
        }
        for whole in news.wholes {
            sink.put(Frame::Whole(whole)).await?;
        }
        let is_revoked = greeting.revocation.is_some();
        let wanted = match is_revoked {
            true => Vec::new(),
            false => self.wanted(device, hello.waiting.files).await?,
        };
        let leases = self.leases(standing, hello, greeting.now_ms).await?;
        let end = End {
            now_ms: self.clock.now_ms(),
            centre: self.centre.public(),
            centre_certificate: self.centre.signed_certificate().clone(),
            catalogue: self.catalogue.version().to_owned(),
            more: news.more,
            wanted: wanted.into_iter().map(|(dossier, blob)| WantedBlob { dossier, blob }).collect(),
            notices: notices::of(storage, device).await?,
            leases,
            token: (!is_revoked).then(|| self.centre.token(*device, greeting.now_ms)),
            revoked_ms: greeting.revocation.as_ref().map(|revocation| revocation.at_ms),
        };
        sink.put(Frame::End(end)).await?;
        Ok(())
    }

    /// Keeps what the device says it still holds. Nothing of the answer rests on it, so a full disk does not stop one.
    async fn note_contact(&self, hello: &Hello, greeting: &Greeting) {
        let noted = self.storage.heard_from(&greeting.device, hello.waiting, greeting.now_ms).await;
        if let Err(fault) = noted {
            tracing::warn!(error = &fault as &dyn std::error::Error, "a contact was not noted");
        }
    }

    /// Attachments to name to a device that says it has so many to bring. It knows of those, so they are named only if more
    /// are missing than it will bring: otherwise a phone with a day's photos would be told of each at every sync.
    async fn wanted(&self, device: &DeviceId, to_bring: u32) -> Result<Vec<(DossierId, BlobId)>, StorageFault> {
        if to_bring >= MAX_WANTED {
            return Ok(Vec::new());
        }
        let missing = self.storage.wanted_blobs(&device_scope(device), MAX_WANTED).await?;
        let is_known = usize::try_from(to_bring).is_ok_and(|to_bring| missing.len() <= to_bring);
        Ok(if is_known { Vec::new() } else { missing })
    }

    async fn leases(&self, standing: &Standing, hello: &Hello, now_ms: i64) -> Result<Vec<Signed>, StorageFault> {
        let Some(certificate) = standing.desk() else { return Ok(Vec::new()) };
        let today = local(now_ms).date();
        let units = self.catalogue.units();
        let storage = self.storage.as_ref();
        lease::leases(storage, &self.centre, units, &certificate.unit, &hello.leases, today).await
    }
}

/// Marks what a revoked device brings as kept aside, and says so to it. What is not its own is no less true for that.
///
/// The making of a text is taken as from anybody: it holds nothing of the device, and every device makes the same one, so
/// that keeping it aside would keep the text from everybody.
fn keep_aside(items: &mut [ItemRow], device: &DeviceId) -> Vec<Notice> {
    let mut notices = Vec::new();
    let is_theirs = |item: &&mut ItemRow| item.author == *device && !matches!(item.kind, ItemKind::Text { .. });
    for item in items.iter_mut().filter(is_theirs) {
        item.state = ItemState::Revoked;
        let code = Code::DeviceRevoked.as_str().to_owned();
        notices.push(Notice { dossier: item.dossier, item: item.hash, code });
    }
    notices
}

/// Which of a batch's receipts covers a parcel, if one does. One for other items under the same numbers means that the
/// batch's id was used before.
fn covering(given: &[Receipt], parcel: &ParcelName) -> Result<Option<usize>, ExchangeFault> {
    let end = parcel.first.saturating_add(parcel.count.max(1));
    let mut covering = None;
    for (at, receipt) in given.iter().enumerate().filter(|(_, receipt)| (parcel.first..end).contains(&receipt.first)) {
        if receipt.parcel_hash != parcel.hash {
            return Err(ExchangeFault::BatchReused);
        }
        covering = Some(at);
    }
    Ok(covering)
}
