//! Packing: the outbox as one signed, compressed batch.

use std::{collections::BTreeMap, io::Write};

use dossier::{
    content::chunk,
    deadline::local,
    envelope,
    event::EventBody,
    id::{BatchId, DossierId},
    wire::{Batch, DossierItems, Hello, PROTOCOL, ScopeCursor, SignedBatch, Waiting, limits, repair::Repair},
};

use super::{CentreFault, Exchange, SyncFault};
use crate::{
    device::Device,
    ledger::{Put, Read, key},
    outbox::{ItemKey, OutboxKind},
    ports::draw,
    record::{ChangeRecord, CursorRecord, EventRecord, LeaseRecord, SentRecord, TextRecord},
    store::{StoreFault, WriteBatch},
};

/// Unused official codes below which a branch device asks for more.
const FEW_SERIALS: usize = 5;
/// Days for which codes are held: today and the next two, so that a weekend without network can be worked.
const LEASE_DAYS: i64 = 3;
/// The compression level. On a day of 1,000 dossiers 6 sends 7 % less than 3, two seconds at 256 kbit/s, for some 30 ms
/// of work.
const LEVEL: i32 = 6;

/// Codes that are tried again by the next sync; any other refusal waits for a person.
fn goes_again(code: &str) -> bool {
    use dossier::fault::{Code, Retry};
    Code::from_text(code).is_some_and(|code| code.retry() == Retry::Later)
}

impl Device {
    pub(crate) fn begin_exchange(&mut self) -> Result<Exchange, SyncFault> {
        self.seal_all()?;
        let mut most_bytes = self.request_bytes;
        loop {
            let (exchange, last_event) = self.pack(most_bytes)?;
            if exchange.body.len() <= limits::MAX_COMPRESSED_BYTES || exchange.items.len() < 2 {
                self.note_packed(last_event)?;
                return Ok(exchange);
            }
            most_bytes /= 2;
        }
    }

    /// Keeps how far the chain has been packed, before anybody holds the bytes: from now on they may have left, whatever
    /// becomes of the request.
    fn note_packed(&mut self, counter: u64) -> Result<(), StoreFault> {
        let before = self.store.record::<SentRecord>(SentRecord::KEY)?.map_or(0, |sent| sent.counter);
        if counter <= before {
            return Ok(());
        }
        let mut batch = WriteBatch::new();
        batch.record(SentRecord::KEY, &SentRecord { counter });
        self.store.commit(batch)
    }

    /// An exchange, and the highest counter of an own event in it; 0 if there is none.
    fn pack(&mut self, most_bytes: usize) -> Result<(Exchange, u64), SyncFault> {
        let mut waiting: BTreeMap<DossierId, Vec<ItemKey>> = BTreeMap::new();
        let outbox = self.outbox_entries()?;
        let all = outbox.len();
        for (item, entry) in outbox {
            if entry.refused.is_none_or(|refused| goes_again(&refused.code)) {
                waiting.entry(item.dossier).or_default().push(item);
            }
        }
        let (mut dossiers, mut items, mut bytes, mut more, mut last_event) = (Vec::new(), Vec::new(), 0, false, 0);
        for (dossier, keys) in waiting {
            let full = dossiers.len() >= limits::MAX_DOSSIERS
                || items.len() + keys.len() > limits::MAX_ITEMS
                || (bytes >= most_bytes && !items.is_empty());
            if full {
                more = true;
                break;
            }
            let (group, order, last) = self.group(dossier, keys)?;
            last_event = last_event.max(last);
            bytes += group.changes.iter().map(|change| change.len()).sum::<usize>()
                + group.events.iter().map(|event| event.0.body.len()).sum::<usize>();
            items.extend(order);
            dossiers.push(group);
        }
        let began_ms = self.now_ms();
        let batch_id = BatchId(draw(self.entropy.as_mut()));
        let repair = self.repair_ask(&batch_id)?;
        let batch = Batch { hello: self.hello(batch_id, began_ms, all - items.len(), repair)?, dossiers };
        let signed = batch.sign_in_parcels(&self.key, self.parcel_dossiers());
        let body = compress(&signed).map_err(|_| CentreFault::Damaged("compression"))?;
        let Hello { invitation, repair, .. } = batch.hello;
        let exchange = Exchange {
            body,
            batch: batch_id,
            parcels: signed.names(),
            items,
            item_bytes: bytes,
            more,
            began_ms,
            repair,
            invitation,
        };
        Ok((exchange, last_event))
    }

    /// One dossier's items in the order of their numbers: texts, changes in causal order, events in the chain's. With the
    /// highest counter among its own events.
    fn group(&self, dossier: DossierId, keys: Vec<ItemKey>) -> Result<(DossierItems, Vec<ItemKey>, u64), StoreFault> {
        let (mut texts, mut changes, mut events, mut last_event) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for item in keys {
            let at = key(&[dossier.as_bytes(), &item.hash]);
            match item.kind {
                OutboxKind::Text => {
                    let text = self.store.record::<TextRecord>(&at)?.ok_or(StoreFault::Damaged("outbox entry"))?;
                    texts.push((text.field, item));
                }
                OutboxKind::Change => {
                    let change = self.store.record::<ChangeRecord>(&at)?.ok_or(StoreFault::Damaged("outbox entry"))?;
                    let scanned = chunk::scan(&change.bytes).map_err(|_| StoreFault::Damaged("change"))?;
                    // Operation numbers grow along every causal path, so they are a causal order.
                    changes.push(((scanned.start_op, item.hash), change.bytes, item));
                }
                OutboxKind::Event => {
                    let event = self.store.record::<EventRecord>(&at)?.ok_or(StoreFault::Damaged("outbox entry"))?;
                    // Its own signature was checked when it was made and will be by whoever receives it.
                    let body: EventBody =
                        envelope::decode(&event.signed.0.body).map_err(|_| StoreFault::Damaged("event"))?;
                    // The Centre's own events are numbered apart.
                    last_event = last_event.max(if self.is_own(&body) { body.counter } else { 0 });
                    events.push((body.counter, event.signed, item));
                }
            }
        }
        texts.sort();
        changes.sort_by_key(|(order, ..)| *order);
        events.sort_by_key(|(counter, ..)| *counter);
        let order = (texts.iter().map(|(_, item)| *item))
            .chain(changes.iter().map(|(.., item)| *item))
            .chain(events.iter().map(|(.., item)| *item))
            .collect();
        let group = DossierItems {
            dossier,
            texts: texts.into_iter().map(|(field, _)| field).collect(),
            changes: changes.into_iter().map(|(_, bytes, _)| bytes.into()).collect(),
            events: events.into_iter().map(|(_, event, _)| event).collect(),
        };
        Ok((group, order, last_event))
    }

    fn hello(
        &mut self,
        batch: BatchId,
        now_ms: i64,
        staying: usize,
        repair: Option<Repair>,
    ) -> Result<Hello, StoreFault> {
        let cursors = self.store.records::<CursorRecord>(&[])?;
        // A cursor of no bytes is none, and is answered with the scope's digest even if the scope holds nothing.
        let untold = self.untold_scope()?.map(|scope| ScopeCursor { scope, cursor: Vec::new() });
        Ok(Hello {
            protocol: PROTOCOL,
            batch,
            centre: self.centre,
            device: self.key.public(),
            now_ms,
            invitation: self.invitation.as_ref().map(|invitation| invitation.token.clone()),
            catalogue: self.catalogue.version().to_owned(),
            cursors: cursors
                .into_iter()
                .map(|(_, CursorRecord { scope, cursor, .. })| ScopeCursor { scope, cursor })
                .chain(untold)
                .take(limits::MAX_SCOPES)
                .collect(),
            leases: self.wanted_leases()?,
            waiting: Waiting { items: count(staying), files: count(self.files_to_bring()?.len()) },
            repair,
        })
    }

    /// The local dates for which this branch device has too few official codes left.
    fn wanted_leases(&self) -> Result<Vec<String>, StoreFault> {
        if !self.certificate.as_ref().is_some_and(|(_, own)| own.role.is_official()) {
            return Ok(Vec::new());
        }
        let leases: Vec<_> = self
            .store
            .records::<LeaseRecord>(&[])?
            .into_iter()
            .filter_map(|(_, record)| dossier::code::Lease::from_cbor(&record.signed.body).ok())
            .collect();
        let today = local(self.now_ms().saturating_add(self.clock_offset_ms)).date();
        Ok((0..LEASE_DAYS)
            .filter_map(|ahead| today.checked_add(jiff::Span::new().days(ahead)).ok())
            .filter(|day| {
                let codes = leases.iter().filter(|lease| lease.date() == *day).flat_map(|lease| lease.codes());
                codes.filter(|code| !self.chain.has_used(code.as_str())).take(FEW_SERIALS).count() < FEW_SERIALS
            })
            .map(|day| day.to_string())
            .collect())
    }
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

/// One frame over all parcels, with a seam after each: the Centre opens what came before a line broke.
fn compress(batch: &SignedBatch) -> std::io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
    encoder.window_log(limits::MAX_WINDOW_LOG)?;
    encoder.include_checksum(true)?;
    for parcel in batch.pieces() {
        encoder.write_all(parcel)?;
        encoder.flush()?;
    }
    encoder.finish()
}
