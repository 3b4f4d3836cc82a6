//! Answers to a device: a Centre that is not what it seems, or a line that changes bytes.

use client_core::{
    Device, ErrandReport, Exchange, Response, Submission,
    ports::{FixedClock, SeededEntropy},
};
use dossier::{
    envelope::{Namespace, Signed},
    event::SignedEvent,
    fault::Code,
    id::DeviceId,
    state::Received,
    wire::{Exception, FeedChange, FeedEvent, Frame, Receipt, SignedBatch, SignedReceipt, write_frame},
};

use super::{Target, Verdict, conversation::Crafted, sealed::all_frames};
use crate::{
    centre::{Room, at_once},
    honest::{self, DOSSIER, NOW_MS, Who},
    store::Shelf,
};

/// A device in the middle of a sync: its records before and after it asked, what it asked, and what a Centre answers.
pub(crate) struct Waiting {
    before: Shelf,
    after: Shelf,
    exchange: Exchange,
    answer: Vec<u8>,
}

fn open(shelf: &Shelf) -> Device {
    let device = Device::open(shelf.copy(), FixedClock::at(NOW_MS), SeededEntropy::new(8));
    device.expect("the records are those of a device")
}

impl Waiting {
    pub(crate) fn new() -> Self {
        let room = Room::new();
        let before = Shelf::default();
        let device = Device::init(before.clone(), FixedClock::at(NOW_MS), SeededEntropy::new(7), "http://centre");
        let mut device = device.expect("an empty shelf takes a device");
        let invited = at_once(room.operating().invite("postal", honest::UNIT, "Bưu tá", 14)).expect("an invitation");
        device.enrol(&invited.invitation.to_string()).expect("a sound invitation");
        device.new_dossier("1.001193", Some(DOSSIER)).expect("a procedure of the catalogue");
        device.set(&DOSSIER, &[("child_name", "Trần Văn Bảy")]).expect("a field of the form");
        device.submit(&DOSSIER, &Submission { channel: None, unit: Some(honest::UNIT.into()) }).expect("it may be");
        drop(device);
        // With the same randomness and the same time it asks the same.
        let after = before.copy();
        let device = Device::open(after.clone(), FixedClock::at(NOW_MS), SeededEntropy::new(8));
        let exchange = device.expect("it was made above").sync_begin().expect("something to send");
        let mut answer = Vec::new();
        let frames = room.post(exchange.body.clone()).expect("an honest request");
        frames.iter().for_each(|frame| write_frame(&mut answer, frame));
        Self { before, after, exchange, answer }
    }

    /// The receipt that the Centre would give for all of it.
    pub(crate) fn receipt(&self) -> Receipt {
        let bytes = zstd::stream::decode_all(&self.exchange.body[..]).expect("a frame");
        let batch = SignedBatch::read(&bytes).expect("the device's own batch");
        Receipt {
            device: DeviceId::of(&batch.batch().hello.device),
            batch: batch.batch().hello.batch,
            parcel_hash: batch.names()[0].hash,
            count: u32::try_from(self.exchange.items()).expect("few items"),
            ..honest::receipt()
        }
    }

    /// The code with which an answer is refused.
    pub(crate) fn code(&self, body: &[u8]) -> String {
        let outcome = open(&self.after).sync_receive(&self.exchange, body).expect("the store works");
        outcome.fault.map_or_else(|| "taken".to_owned(), |fault| fault.code.as_str().to_owned())
    }

    /// The code with which a word is refused as an invitation.
    pub(crate) fn enrol(&self, word: &str) -> String {
        open(&self.after).enrol(word).map_or_else(|fault| fault.code.as_str().to_owned(), |()| "taken".to_owned())
    }

    /// Takes an answer, and says how far it got; afterwards the device still works.
    fn take(&self, body: &[u8]) -> Verdict {
        let mut device = open(&self.after);
        let unsent = device.outbox().expect("the store reads").len();
        let outcome = device.sync_receive(&self.exchange, body).expect("the store works");
        let code = outcome.fault.as_ref().map(|fault| fault.code);
        assert_ne!(code, Some(Code::Internal), "a stranger's bytes are no fault of the device");
        let left = device.outbox().expect("the store reads").len();
        assert!(left + outcome.accepted >= unsent, "work left the outbox without a receipt");
        if outcome.removed.is_empty() {
            device.show(&DOSSIER).expect("the dossier is still there");
        }
        match (outcome.fault, outcome.skipped) {
            (None, 0) => Verdict::Accepted,
            (None, _) => Verdict::Deep,
            (Some(_), _) if outcome.received + outcome.accepted + outcome.skipped > 0 => Verdict::Deep,
            (Some(_), _) => Verdict::Refused,
        }
    }
}

/// The compressed answer.
pub fn answer() -> Target {
    let waiting = Waiting::new();
    let honest = vec![honest::compress(&waiting.answer)];
    Target::bytes(honest, move |input| waiting.take(input))
}

/// The frames of an answer, compressed afterwards.
pub fn frames() -> Target {
    let waiting = Waiting::new();
    let mut all = Vec::new();
    all_frames().iter().skip(2).for_each(|frame| write_frame(&mut all, frame));
    Target::bytes(vec![waiting.answer.clone(), all], move |input| waiting.take(&honest::compress(input)))
}

/// A receipt of a stranger's making under the Centre's signature: what a Centre may say that turned bad.
pub fn receipt() -> Target {
    let waiting = Waiting::new();
    let key = honest::key(Who::Centre);
    let receipt = waiting.receipt();
    let fork = Receipt {
        exceptions: ["ACTOR_FORK", "DEPENDENCY_MISSING"]
            .into_iter()
            .zip(0..)
            .map(|(code, item)| Exception { item, code: code.into(), detail: String::new() })
            .collect(),
        ..receipt.clone()
    };
    let honest = [receipt, fork].iter().map(dossier::envelope::encode).collect();
    let end = all_frames().pop().expect("there are frames");
    Target::bytes(honest, move |input| {
        let signature = key.sign(Namespace::Receipt, input);
        let signed = SignedReceipt(Signed { body: input.to_vec(), signature });
        let mut out = Vec::new();
        write_frame(&mut out, &Frame::Receipt(signed));
        write_frame(&mut out, &end);
        waiting.take(&honest::compress(&out))
    })
}

/// A feed with crafted things in it beside honest ones.
pub fn feed() -> Target {
    let waiting = Waiting::new();
    let frames = all_frames();
    Target::bytes(Crafted::honest(), move |input| {
        let Crafted { change, event, text } = Crafted::read(input);
        let received = Received { at_ms: NOW_MS, clock_offset_ms: 0 };
        let mut out = Vec::new();
        for frame in frames.iter().skip(2) {
            let mut frame = frame.clone();
            if let Frame::Feed(feed) = &mut frame {
                let of = &mut feed.dossiers[0];
                of.texts.push(text.clone());
                of.changes.push(FeedChange { bytes: change.clone(), author: 0, received });
                of.events.push(FeedEvent { event: SignedEvent(event.0.clone()), received });
            }
            write_frame(&mut out, &frame);
        }
        waiting.take(&honest::compress(&out))
    })
}

/// An answer as HTTP brings it: a status in two bytes, headers as lines, an empty line, a body.
pub fn errand() -> Target {
    let waiting = Waiting::new();
    let fault = br#"{"code":"OVER_LIMIT","message":{"vi":"a","en":"b"},"details":{"limit":"items"},"retry":"never"}"#;
    let honest = [(413, fault.to_vec()), (503, fault.to_vec()), (200, honest::compress(&waiting.answer))].map(
        |(status, body): (u16, Vec<u8>)| {
            let head = b"content-type: application/json\nretry-after: 5\n\n";
            [&status.to_be_bytes()[..], head, &body].concat()
        },
    );
    Target::bytes(honest.to_vec(), move |input| {
        let (status, rest) =
            input.split_first_chunk::<2>().map_or((0, input), |(status, rest)| (u16::from_be_bytes(*status), rest));
        let at = rest.windows(2).position(|two| two == b"\n\n").unwrap_or(0);
        let head = String::from_utf8_lossy(&rest[..at]).into_owned();
        let headers = head.lines().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = rest[(at + 2).min(rest.len())..].to_vec();
        let mut device = open(&waiting.before);
        let mut errand = device.errand_sync();
        assert!(device.errand_next(&mut errand).expect("it asks something").is_some());
        let taken = device.errand_take(&mut errand, Ok(Response { status, headers, body }));
        let ErrandReport::Sync(report) = errand.report() else { unreachable!("a sync stays one") };
        // A feed may say that a dossier leaves, and it goes if the Centre signed for all of it.
        if report.removed.is_empty() {
            device.show(&DOSSIER).expect("the dossier is still there");
        }
        match (taken.is_ok(), report.fault) {
            (true, None) => Verdict::Accepted,
            (true, Some(_)) => Verdict::Deep,
            (false, _) => Verdict::Refused,
        }
    })
}
