use std::{cell::RefCell, io::Read as _};

use dossier::{
    certificate::Role,
    fault::Code,
    id::ScopeDigest,
    wire::{
        Frame, Hello, SignedBatch,
        repair::{Elements, Range},
    },
};

use super::*;
use crate::{
    MemoryStore, Proceed, Submission,
    centre::{Centre, Fate, Line, body_of},
    ports::{FixedClock, SeededEntropy},
    sync::SyncReport,
    transport::{Request, Response, Transport, TransportFault},
};

const NOW: i64 = 1_795_000_000_000;

/// A Centre whose frames are altered on the way by one who holds its key.
struct Altered<'a, F> {
    centre: &'a RefCell<Centre>,
    alter: F,
    requests: RefCell<Vec<Hello>>,
}

impl<'a, F: Fn(&Hello, &mut Vec<Frame>)> Altered<'a, F> {
    fn new(centre: &'a RefCell<Centre>, alter: F) -> Self {
        Self { centre, alter, requests: RefCell::default() }
    }
}

impl<F: Fn(&Hello, &mut Vec<Frame>)> Transport for Altered<'_, F> {
    fn send(&self, request: Request) -> Result<Response, TransportFault> {
        let mut bytes = Vec::new();
        zstd::stream::read::Decoder::new(&request.body[..]).unwrap().read_to_end(&mut bytes).unwrap();
        let hello = SignedBatch::read(&bytes).unwrap().batch().hello.clone();
        let mut frames = self.centre.borrow_mut().answer(&request.body).unwrap();
        (self.alter)(&hello, &mut frames);
        self.requests.borrow_mut().push(hello);
        Ok(Response { status: 200, headers: vec![], body: body_of(&frames) })
    }
}

fn told(frames: &mut Vec<Frame>, digest: ScopeDigest) {
    for frame in frames {
        if let Frame::Feed(feed) = frame {
            feed.digest = Some(digest);
        }
    }
}

fn before_the_end(frames: &mut Vec<Frame>, frame: Frame) {
    frames.insert(frames.len() - 1, frame);
}

fn differences(hello: &Hello, ranges: Vec<Range>) -> Option<Frame> {
    let asked = hello.repair.as_ref()?.compare.first()?;
    Some(Frame::Differences(Differences { scope: asked.scope.clone(), bits: asked.bits, ranges }))
}

/// A citizen whose one dossier a neighbour's device told them of, so that it came in a scope.
fn citizen(centre: &RefCell<Centre>) -> (Device, DossierId) {
    let init = |seed| {
        let device = Device::init(MemoryStore::new(), FixedClock::at(NOW), SeededEntropy::new(seed), "http://centre");
        device.unwrap()
    };
    let (mut neighbour, mut own) = (init(1), init(2));
    let dossier = neighbour.new_dossier("1.001193", None).unwrap().dossier;
    neighbour.submit(&dossier, &Submission { unit: None, channel: None }).unwrap();
    let honest = Altered::new(centre, |_, _| {});
    for device in [&mut neighbour, &mut own] {
        assert_eq!(sync(device, &honest).fault, None);
    }
    assert!(own.card(&dossier).unwrap().is_some());
    (own, dossier)
}

fn sync(device: &mut Device, transport: &dyn Transport) -> SyncReport {
    device.sync(transport, &mut |_| Proceed::Go)
}

fn centre() -> RefCell<Centre> {
    let mut centre = Centre::new(7, NOW);
    centre.invite(1, Role::Citizen, "");
    RefCell::new(centre)
}

#[test]
fn a_digest_that_fits_asks_for_nothing() {
    let centre = centre();
    let (mut device, _) = citizen(&centre);
    let own = device.store.elements("all").unwrap().digest().told();
    let line = Altered::new(&centre, |_, frames| told(frames, own));
    for _ in 0..2 {
        let report = sync(&mut device, &line);
        assert_eq!((report.fault, report.round_trips, report.repair.round_trips), (None, 1, 0));
    }
    assert!(line.requests.borrow().iter().all(|hello| hello.repair.is_none()));
}

#[test]
fn a_difference_about_which_nothing_can_be_done_is_asked_about_once() {
    let centre = centre();
    let (mut device, dossier) = citizen(&centre);
    // The Centre says that there is another dossier, and never tells it.
    let other = Elements::of([(DossierId([5; 16]), Default::default())]);
    let line = Altered::new(&centre, |hello, frames| {
        told(frames, ScopeDigest([3; 8]));
        let asked = hello.repair.as_ref().and_then(|repair| repair.compare.first());
        if let Some(asked) = asked {
            before_the_end(frames, Frame::Differences(other.differences(asked, &hello.batch).unwrap()));
        }
        if let Some(wants) = hello.repair.as_ref().and_then(|repair| repair.want.first()) {
            before_the_end(frames, Frame::Whole(Whole { scope: wants.scope.clone(), dossiers: vec![] }));
        }
    });
    let report = sync(&mut device, &line);
    assert_eq!(report.fault, None);
    assert!((2..=6).contains(&report.round_trips), "{report:?}");
    // It holds what the Centre did not know: the copy may be the last, and stays.
    assert!(device.card(&dossier).unwrap().is_some());
    let report = sync(&mut device, &line);
    assert_eq!((report.fault, report.round_trips), (None, 1));
}

#[test]
fn a_centre_that_passes_over_the_question_is_not_asked_for_ever() {
    let centre = centre();
    let (mut device, _) = citizen(&centre);
    let line = Altered::new(&centre, |_, frames| told(frames, ScopeDigest([3; 8])));
    let report = sync(&mut device, &line);
    assert_eq!((report.fault, report.round_trips, report.repair.round_trips), (None, 2, 1));
    assert_eq!(sync(&mut device, &line).round_trips, 1);
}

#[test]
fn what_nobody_asked_for_is_not_taken() {
    let centre = centre();
    let (mut device, dossier) = citizen(&centre);
    let blank = |enters| FeedDossier {
        dossier,
        enters: Some(enters),
        texts: vec![],
        changes: vec![],
        events: vec![],
        blobs: vec![],
    };
    let gone = Frame::Whole(Whole { scope: "all".into(), dossiers: vec![blank(false)] });
    let named = Frame::Differences(Differences { scope: "all".into(), bits: 0, ranges: vec![] });
    for frame in [gone, named] {
        let line = Altered::new(&centre, |_, frames| before_the_end(frames, frame.clone()));
        assert_eq!(sync(&mut device, &line).fault.unwrap().code, Code::Damaged);
        assert!(device.card(&dossier).unwrap().is_some());
    }
    // Nor is a dossier gone that was not in doubt.
    let line = Altered::new(&centre, |hello, frames| {
        told(frames, ScopeDigest([3; 8]));
        let listed = vec![Range { index: 0, entries: vec![1; 6] }];
        differences(hello, listed).into_iter().for_each(|frame| before_the_end(frames, frame));
        if hello.repair.as_ref().is_some_and(|repair| !repair.want.is_empty()) {
            before_the_end(frames, Frame::Whole(Whole { scope: "all".into(), dossiers: vec![blank(false)] }));
        }
    });
    let report = sync(&mut device, &line);
    assert!(device.card(&dossier).unwrap().is_some() || report.fault.is_none(), "{report:?}");
}

#[test]
fn ranges_that_make_no_sense_are_refused_and_harm_nothing() {
    let centre = centre();
    let (mut device, dossier) = citizen(&centre);
    for (index, bytes) in [(u16::MAX, 6), (0, 5), (0, 7), (9_000, 12)] {
        let line = Altered::new(&centre, |hello, frames| {
            told(frames, ScopeDigest([3; 8]));
            let listed = vec![Range { index, entries: vec![1; bytes] }];
            differences(hello, listed).into_iter().for_each(|frame| before_the_end(frames, frame));
        });
        let report = sync(&mut device, &line);
        assert_eq!(report.fault.unwrap().code, Code::Damaged, "{index} {bytes}");
        assert!(device.card(&dossier).unwrap().is_some());
    }
}

/// A device that heard the receipt of what it brought, and nothing after it.
fn cut_short(centre: &RefCell<Centre>) -> (crate::store::MemoryDisk, Device, DossierId) {
    let store = MemoryStore::new();
    let disk = store.disk();
    let mut device = Device::init(store, FixedClock::at(NOW), SeededEntropy::new(3), "http://centre").unwrap();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    device.submit(&dossier, &Submission { unit: None, channel: None }).unwrap();
    let report = sync(&mut device, &Line::with(centre, [Fate::CutAfter(1)]));
    assert_eq!((report.fault.unwrap().code, report.pending), (Code::CutOff, 0));
    assert!(report.accepted > 0);
    (disk, device, dossier)
}

/// A Centre in whose scope of the device there is nothing. It knows what it is asked about if `knows` says so, and tells
/// the digest whenever the device names no cursor, or always.
fn with_nothing_in(own: String, knows: bool, always: bool) -> impl Fn(&Hello, &mut Vec<Frame>) {
    move |hello, frames| {
        let nothing = Elements::default();
        let has_read = hello.cursors.iter().any(|named| named.scope == own && !named.cursor.is_empty());
        let asks = hello.cursors.iter().any(|named| named.scope == own);
        if asks && (always || !has_read) {
            let cursor = dossier::wire::ScopeCursor { scope: own.clone(), cursor: vec![1] };
            let digest = Some(nothing.digest().told());
            before_the_end(frames, Frame::Feed(dossier::wire::Feed { cursor, dossiers: vec![], digest }));
        }
        let Some(repair) = &hello.repair else { return };
        for asked in repair.compare.iter().filter(|asked| asked.scope == own) {
            before_the_end(frames, Frame::Differences(nothing.differences(asked, &hello.batch).unwrap()));
        }
        for wants in repair.want.iter().filter(|wants| wants.scope == own) {
            let gone = |doubt: &Doubt| FeedDossier {
                dossier: doubt.dossier,
                enters: Some(false),
                texts: vec![],
                changes: vec![],
                events: vec![],
                blobs: vec![],
            };
            let dossiers = wants.doubts.iter().filter(|_| knows).map(gone).collect();
            before_the_end(frames, Frame::Whole(Whole { scope: own.clone(), dossiers }));
        }
    }
}

#[test]
fn what_only_a_receipt_tells_of_goes_again_to_a_centre_that_lost_it() {
    for is_reopened in [false, true] {
        let centre = centre();
        let (disk, mut device, dossier) = cut_short(&centre);
        let items: Vec<Vec<u8>> = device.store.keys::<crate::record::ProofRecord>(dossier.as_bytes()).unwrap();
        let held = |centre: &RefCell<Centre>| {
            let centre = centre.borrow();
            items.iter().filter(|at| centre.holds(&dossier, &ItemKey::read(at).unwrap().hash)).count()
        };
        assert_eq!(held(&centre), items.len());
        centre.borrow_mut().forget_changes();
        assert_eq!(held(&centre), 0);
        if is_reopened {
            drop(device);
            device = Device::open(disk.open().unwrap(), FixedClock::at(NOW), SeededEntropy::new(4)).unwrap();
        }
        let own = format!("device:{}", device.id());
        let line = Altered::new(&centre, with_nothing_in(own, false, false));
        let report = sync(&mut device, &line);
        assert_eq!((report.fault, report.pending), (None, 0));
        assert_eq!(held(&centre), items.len(), "reopened: {is_reopened}");
    }
}

#[test]
fn whoever_added_to_a_dossier_that_they_may_not_read_keeps_their_copy_and_asks_once() {
    let centre = centre();
    let (disk, mut device, dossier) = cut_short(&centre);
    let own = format!("device:{}", device.id());
    let line = Altered::new(&centre, with_nothing_in(own.clone(), true, false));
    let report = sync(&mut device, &line);
    assert_eq!((report.fault, report.round_trips, report.removed), (None, 3, vec![]));
    assert!(device.card(&dossier).unwrap().is_some());
    assert_eq!(sync(&mut device, &line).round_trips, 1);
    // A Centre that was put back speaks of no dossiers, and then it is looked at again: so after a start.
    let told = Altered::new(&centre, with_nothing_in(own, true, true));
    assert_eq!(sync(&mut device, &told).round_trips, 3);
    drop(device);
    let mut device = Device::open(disk.open().unwrap(), FixedClock::at(NOW), SeededEntropy::new(4)).unwrap();
    let report = sync(&mut device, &line);
    assert_eq!((report.fault, report.round_trips, report.removed), (None, 2, vec![]));
    assert_eq!(sync(&mut device, &line).round_trips, 1);
    assert!(device.card(&dossier).unwrap().is_some());
}
