//! One device: everything a shell may ask of it, in one place.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

use dossier::{
    catalogue::{Catalogue, Guide, LifeEventCount, ProcedureHit, ProcedureQuery, SectorCount},
    certificate::Certificate,
    envelope::{Signed, SigningKey},
    fault::Fault,
    form::FormView,
    id::{BlobId, DeviceId, DossierId, EventId, PublicKey},
    view::HistoryEntry,
};
use serde::Serialize;

use crate::{
    act::{ActRequest, Done, Submission, Submitted},
    blob::{Attached, NewFile},
    card::Card,
    chain::Chain,
    draft::{SetWarning, Started},
    errand::{Errand, UploadReport},
    evidence::{Evidence, Proof},
    held::WatchedStore,
    outbox::OutboxItem,
    ports::{Clock, Entropy, Proceed, Progress},
    read::{
        Board, DossierConflicts, ListQuery, Listed, ProcedureHere, ProcedureSheet, ReadFault, Shown, UnitHit, search,
    },
    record::InvitationRecord,
    store::Store,
    summary::Summary,
    sync::{Exchange, Outcome, Repairs, SyncReport},
    transport::Transport,
};

/// Who this device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The device.
    pub device: DeviceId,
    /// Its public key.
    pub key: PublicKey,
    /// Six letters for people.
    pub short: String,
    /// The address of the server, as given to `init`.
    pub server_url: String,
    /// The Centre it belongs to; `None` until an invitation or the first sync named one.
    pub centre: Option<PublicKey>,
    /// The certificate it acts under; `None` for a citizen's bare key.
    pub certificate: Option<Certificate>,
    /// Whether an invitation waits for the next sync.
    pub invitation_waiting: bool,
    /// The version of the catalogue it works with.
    pub catalogue: String,
}

/// A device: a key, a store, and what follows from them. It holds its store's lock for as long as it lives.
pub struct Device {
    pub(crate) store: WatchedStore,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) key: SigningKey,
    pub(crate) installation: [u8; 16],
    pub(crate) server_url: String,
    pub(crate) centre: Option<PublicKey>,
    pub(crate) certificate: Option<(Signed, Certificate)>,
    pub(crate) invitation: Option<InvitationRecord>,
    /// The Centre's clock minus this device's, at the last sync, in milliseconds.
    pub(crate) clock_offset_ms: i64,
    /// When an answer of the Centre was last whole, by this device's clock.
    pub(crate) last_contact_ms: Option<i64>,
    /// When the Centre revoked this device, by the Centre's clock.
    pub(crate) revoked_ms: Option<i64>,
    pub(crate) token: Option<String>,
    pub(crate) catalogue: &'static Catalogue,
    pub(crate) chain: Chain,
    /// Scopes in which this device and the Centre differ.
    pub(crate) repairs: Repairs,
    /// The highest provisional number per local date (`yyyymmdd`), as far as asked for.
    pub(crate) provisional: BTreeMap<u32, u32>,
    pub(crate) index: Option<search::Index>,
    /// Bytes of items in one request: less after a request that never arrived, until the outbox got through.
    pub(crate) request_bytes: usize,
    /// The most dossiers of one parcel.
    pub(crate) most_parcel_dossiers: usize,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({})", self.id())
    }
}

/// Setting up.
impl Device {
    /// Makes a new device in an empty store: mints its key and installation id, keeps the server's address. No network.
    ///
    /// Faults: `NOT_SAVED`, `DISK_FULL`, `IN_USE`, `STORE_UNREADABLE`; `BAD_REQUEST` if the store holds a device already
    /// or the address is not `http://…` or `https://…`.
    pub fn init(
        store: impl Store + 'static,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
        server_url: &str,
    ) -> Result<Self, Fault> {
        Ok(crate::setup::init(Box::new(store), Box::new(clock), Box::new(entropy), server_url)?)
    }

    /// Opens the device that the store holds. Faults: `NOT_SET_UP` if there is none, and those of the store.
    pub fn open(
        store: impl Store + 'static,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
    ) -> Result<Self, Fault> {
        Ok(crate::setup::open(Box::new(store), Box::new(clock), Box::new(entropy))?)
    }

    /// The device's id.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        self.key.device()
    }

    /// Who this device is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            device: self.id(),
            key: self.key.public(),
            short: self.id().short(),
            server_url: self.server_url.clone(),
            centre: self.centre,
            certificate: self.certificate.as_ref().map(|(_, certificate)| certificate.clone()),
            invitation_waiting: self.invitation.is_some(),
            catalogue: self.catalogue.version().to_owned(),
        }
    }

    /// Keeps an invitation (`TRAM1-…`) for the next sync, which takes it up, and pins the Centre it names. No network.
    ///
    /// Faults: `INVITATION_UNREADABLE`; `WRONG_CENTRE` if the device already belongs to another Centre.
    pub fn enrol(&mut self, invitation: &str) -> Result<(), Fault> {
        Ok(self.keep_invitation(invitation)?)
    }
}

/// Standing with the Centre.
impl Device {
    /// What to show the Centre as `authorization: Bearer …` outside of errands; `None` before the first sync.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

/// The catalogue.
impl Device {
    /// Procedures that answer a query, best first; all of them, by code, if the words are empty.
    #[must_use]
    pub fn procedures(&self, query: &ProcedureQuery) -> Vec<ProcedureHit> {
        self.catalogue.find(query)
    }

    /// Sectors with how many procedures each has, those without any left out.
    #[must_use]
    pub fn sectors(&self) -> Vec<SectorCount> {
        self.catalogue.count_sectors()
    }

    /// Events of life with how many procedures each has, those without any left out.
    #[must_use]
    pub fn life_events(&self) -> Vec<LifeEventCount> {
        self.catalogue.count_life_events()
    }

    /// What a person wants to know of a procedure before they begin, by the version in force today. Fault:
    /// `UNKNOWN_PROCEDURE` (`did_you_mean`).
    pub fn guide(&self, code: &str) -> Result<Guide, Fault> {
        Ok(self.catalogue.guide_of(code, self.today()).map_err(ReadFault::from)?)
    }

    /// Present units whose name, or whose former name, answers the query, best first.
    #[must_use]
    pub fn find_units(&self, query: &str) -> Vec<UnitHit> {
        self.search_units(query)
    }

    /// The unit of an id, code or identifier, a former one too.
    #[must_use]
    pub fn unit(&self, id: &str) -> Option<UnitHit> {
        self.one_unit(id)
    }

    /// A procedure's fields and papers, of the version in force today. Fault: `UNKNOWN_PROCEDURE` (`did_you_mean`).
    pub fn procedure(&self, code: &str) -> Result<ProcedureSheet, Fault> {
        Ok(self.procedure_sheet(code)?)
    }
}

/// Writing, with no network.
impl Device {
    /// Starts a dossier. With an `id` that is already on this device, answers that one as it is.
    ///
    /// Faults: `UNKNOWN_PROCEDURE` (`did_you_mean`), and those of the store.
    pub fn new_dossier(&mut self, procedure: &str, id: Option<DossierId>) -> Result<Started, Fault> {
        Ok(self.start_dossier(procedure, id)?)
    }

    /// Sets fields to what was typed; an empty text clears the field. All of them or none, durable with one fsync.
    ///
    /// A path is a field id of the e-form (`child_name`), a cell of a repeated group (`members/k3f9/name`), or
    /// `members/+/name`, which makes a new row; the same group's `+` within one call means the same row, and `*`, as the
    /// procedure's sheet writes it, means the same as `+`.
    /// Faults name the field: `UNKNOWN_FIELD` (`field`, `did_you_mean`), `WRONG_TYPE` and `VALUE_REFUSED` (`field`,
    /// `reason`, more by reason), `UNKNOWN_DOSSIER`, and those of the store. Doubts come back as warnings.
    pub fn set(&mut self, dossier: &DossierId, edits: &[(&str, &str)]) -> Result<Vec<SetWarning>, Fault> {
        Ok(self.set_fields(dossier, edits)?)
    }

    /// Clears every cell of a row of a repeated group (`members`, `k3f9`), in one commit; a row that is gone already is
    /// no fault. Faults: `UNKNOWN_FIELD` if the form repeats no such group, `UNKNOWN_DOSSIER`, and those of the store.
    pub fn remove_row(&mut self, dossier: &DossierId, group: &str, row: &str) -> Result<(), Fault> {
        Ok(self.clear_row(dossier, group, row)?)
    }

    /// Says how many originals and copies of a component are there. Fault: `UNKNOWN_COMPONENT` (`did_you_mean`).
    pub fn count(&mut self, dossier: &DossierId, component: &str, originals: u32, copies: u32) -> Result<(), Fault> {
        Ok(self.count_papers(dossier, component, originals, copies)?)
    }

    /// Attaches a file to a component, reading it as a stream. Durable, and named by its content, when it returns.
    ///
    /// Faults: `ATTACHMENT_TOO_LARGE` (`limit_bytes`; by the declared size before anything is read, or when the reader
    /// gives more than it said), `FILE_UNREADABLE`, `UNKNOWN_COMPONENT`, `UNKNOWN_DOSSIER`, and those of the store.
    pub fn attach(
        &mut self,
        dossier: &DossierId,
        component: &str,
        file: &NewFile<'_>,
        content: &mut dyn Read,
    ) -> Result<Attached, Fault> {
        Ok(self.attach_file(dossier, component, file, content)?)
    }

    /// Takes a page out of a component, in one commit. The content goes with it if no change ever named it and no other
    /// dossier does.
    ///
    /// Faults: `UNKNOWN_DOSSIER`, `UNKNOWN_COMPONENT`, `NOT_FOUND` if the component has no such page, and those of the
    /// store.
    pub fn detach(&mut self, dossier: &DossierId, component: &str, blob: &BlobId) -> Result<(), Fault> {
        Ok(self.detach_file(dossier, component, blob)?)
    }

    /// Numbers a component's pages from 1 in this order, in one commit; pages that are not named follow in their old
    /// order. Faults as [`Device::detach`].
    pub fn arrange(&mut self, dossier: &DossierId, component: &str, order: &[BlobId]) -> Result<(), Fault> {
        Ok(self.arrange_pages(dossier, component, order)?)
    }

    /// Submits: seals, checks, signs. A dossier that was asked for a supplement is supplemented instead.
    ///
    /// What is missing is told and blocks nothing. Faults: `CHANNEL_REFUSED` (`channel`, `reason`), `STEP_REFUSED`,
    /// `NOT_ALLOWED`, `UNKNOWN_DOSSIER`, and those of the store. What was typed is kept in any case.
    pub fn submit(&mut self, dossier: &DossierId, submission: &Submission) -> Result<Submitted, Fault> {
        Ok(self.submit_dossier(dossier, submission)?)
    }

    /// Does what the request says, if the rules allow it now. Nothing is kept of an act that they do not.
    ///
    /// Faults: `STEP_REFUSED` and `NOT_ALLOWED` (`reason`), `REASON_MISSING`, `UNKNOWN_DOSSIER`, `OVER_LIMIT`.
    pub fn act(&mut self, dossier: &DossierId, request: ActRequest) -> Result<Done, Fault> {
        Ok(self.do_act(dossier, request)?)
    }

    /// Takes acts back that nobody else can know of: all of them or none, in one commit. They must be the latest of this
    /// device, in whatever dossiers, and no request may ever have carried one. What they sealed stays; official codes
    /// they used are free again. Answers how many acts went.
    ///
    /// Faults: `STEP_REFUSED` (`reason`: `already_sent` or `not_latest`), and those of the store.
    pub fn undo(&mut self, events: &[EventId]) -> Result<usize, Fault> {
        Ok(self.take_back(events)?)
    }
}

/// Reading. Reading may refresh caches, hence `&mut`.
impl Device {
    /// The dossier that a person means: its id, an unambiguous beginning of it (8 characters or more), an official or a
    /// provisional code. Faults: `BAD_DOSSIER_ID`, `UNKNOWN_DOSSIER`.
    pub fn resolve(&mut self, text: &str) -> Result<DossierId, Fault> {
        Ok(self.resolve_dossier(text)?)
    }

    /// A part of a list of dossiers, and what is to be said of the whole.
    ///
    /// Faults: `BAD_REQUEST` for a view that the board does not have.
    pub fn list(&mut self, query: &ListQuery) -> Result<Listed, Fault> {
        Ok(self.list_cards(query)?)
    }

    /// The card of one dossier, if it is here.
    pub fn card(&mut self, dossier: &DossierId) -> Result<Option<Card>, Fault> {
        Ok(self.card_here(dossier)?)
    }

    /// The procedures of which a board has dossiers, by name.
    pub fn procedures_on(&mut self, board: Board) -> Result<Vec<ProcedureHere>, Fault> {
        Ok(self.procedures_of(board)?)
    }

    /// Everything about one dossier, with this device's unsealed edits in it.
    pub fn show(&mut self, dossier: &DossierId) -> Result<Shown, Fault> {
        Ok(self.show_dossier(dossier)?)
    }

    /// The dossier's form as a screen shows it, with this device's unsealed edits in it.
    ///
    /// Faults: `UNKNOWN_DOSSIER`, `UNKNOWN_PROCEDURE` if the catalogue on this device does not know its procedure.
    pub fn form(&mut self, dossier: &DossierId) -> Result<FormView, Fault> {
        Ok(self.dossier_form(dossier)?)
    }

    /// Who did and wrote what, in causal order. What is typed and not yet sealed is not history.
    pub fn history(&mut self, dossier: &DossierId) -> Result<Vec<HistoryEntry>, Fault> {
        Ok(self.dossier_history(dossier)?)
    }

    /// Every dossier on this device with a field in conflict or a dispute.
    pub fn conflicts(&mut self) -> Result<Vec<DossierConflicts>, Fault> {
        Ok(self.all_conflicts()?)
    }

    /// Dossiers whose codes, applicant or procedure hold every word, with or without diacritics, best first.
    pub fn search(&mut self, text: &str) -> Result<Vec<Card>, Fault> {
        Ok(self.search_cards(text)?)
    }

    /// What was made here and the Centre has not signed for.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>, Fault> {
        Ok(self.outbox_items()?)
    }

    /// What waits, and when the Centre was last spoken to.
    pub fn summary(&mut self) -> Result<Summary, Fault> {
        self.sum_up()
    }

    /// What the Centre signed for of a dossier's items made on this device; empty if nothing was.
    pub fn proof(&self, dossier: &DossierId) -> Result<Proof, Fault> {
        self.proof_of(dossier)
    }

    /// The receipts of this device, their signatures checked again; of one dossier its proofs, too, and only the receipts
    /// that they name. Fault: `STORE_UNREADABLE` if a receipt is not the Centre's.
    pub fn evidence(&self, dossier: Option<&DossierId>) -> Result<Evidence, Fault> {
        self.read_evidence(dossier)
    }

    /// Writes an attachment's content out. Fault: `NOT_FOUND` if it is not wholly here; `FILE_UNREADABLE` if `out` fails.
    pub fn read_blob(&self, blob: &BlobId, out: &mut dyn Write) -> Result<u64, Fault> {
        Ok(self.write_blob_to(blob, out)?)
    }

    /// Makes every cache anew from changes and events: cards, outbox, search. Answers how many dossiers.
    pub fn rebuild(&mut self) -> Result<usize, Fault> {
        Ok(self.rebuild_caches()?)
    }
}

/// Talking to the Centre.
impl Device {
    /// Seals what is typed and packs what goes out: the body of one `POST /v1/sync`.
    pub fn sync_begin(&mut self) -> Result<Exchange, Fault> {
        Ok(self.begin_exchange()?)
    }

    /// Takes in an answer (its body, perhaps cut off), frame by frame, each frame's effects in one commit.
    ///
    /// Frames before a cut or a fault stand; the outcome's `fault` says why reading ended early. An `Err` is a fault of
    /// this device's own store.
    pub fn sync_receive(&mut self, exchange: &Exchange, response: &[u8]) -> Result<Outcome, Fault> {
        Ok(self.receive_answer(exchange, response)?)
    }

    /// An errand that syncs. It is driven by [`Device::errand_next`] and [`Device::errand_take`]; meanwhile everything
    /// else may be asked of the device.
    #[must_use]
    pub fn errand_sync(&self) -> Errand {
        Errand::Sync(Box::new(self.begin_sync()))
    }

    /// An errand that sends the attachments which the Centre lacks now.
    #[must_use]
    pub fn errand_upload(&self) -> Errand {
        Errand::Upload(self.begin_upload())
    }

    /// An errand that fetches an attachment of a dossier. Its report's fault is `UNKNOWN_DOSSIER` if the dossier is not
    /// here, or leaves while the errand is under way.
    #[must_use]
    pub fn errand_fetch(&self, dossier: &DossierId, blob: &BlobId) -> Errand {
        Errand::Fetch(self.begin_fetch(dossier, blob))
    }

    /// Syncs: as many round trips as needed, usually one. It always answers a report; `report.fault` says why it ended
    /// early, if it did (`OFFLINE`, `CUT_OFF`, …). Attachments travel apart: see [`Device::upload`].
    pub fn sync(&mut self, transport: &dyn Transport, progress: &mut dyn FnMut(Progress) -> Proceed) -> SyncReport {
        self.run_sync(transport, progress)
    }

    /// Sends attachments that the Centre lacks, resuming at the byte. It always answers a report, as `sync` does.
    pub fn upload(&mut self, transport: &dyn Transport, progress: &mut dyn FnMut(Progress) -> Proceed) -> UploadReport {
        self.run_upload(transport, progress)
    }

    /// Fetches an attachment of a dossier, resuming at the byte; checks its hash. Then [`Device::read_blob`] reads it.
    /// Answers its size in bytes. Faults: `OFFLINE`, `NOT_FOUND`, `NOT_AUTHENTICATED`, `BLOB_MISMATCH`, `CUT_OFF`
    /// (what arrived is kept; also when `progress` said stop).
    pub fn fetch_blob(
        &mut self,
        dossier: &DossierId,
        blob: &BlobId,
        transport: &dyn Transport,
        progress: &mut dyn FnMut(Progress) -> Proceed,
    ) -> Result<u64, Fault> {
        self.run_fetch(dossier, blob, transport, progress)
    }
}
