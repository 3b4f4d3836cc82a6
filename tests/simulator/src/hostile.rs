//! A device that wishes nobody well, and whose key the Centre has never seen.

use dossier::{
    content::genesis,
    envelope::SigningKey,
    event::{Act, Audience, EventBody, SignedEvent},
    id::{BatchId, DossierId},
    wire::{Batch, DossierItems, Hello, PROTOCOL, Waiting},
};

use crate::world::World;

/// Bad items beside one honest.
const BAD: usize = 30;

impl World {
    /// It sends a batch: noise, other people's changes and events under its own name, and one honest remark.
    pub fn hostile_batch(&mut self) {
        let Some(dossier) = self.rng.pick(&self.dossiers).copied() else { return };
        let key = SigningKey::derive_from_seed(&[self.rng.below(2) as u8 + 7; 32]);
        let mut changes: Vec<Vec<u8>> = Vec::new();
        let mut events: Vec<SignedEvent> = Vec::new();
        for _ in 0..BAD {
            match self.rng.below(4) {
                0 => changes.push(self.rng.next().to_be_bytes().repeat(6)),
                1 => {
                    let other = self.rng.pick(&self.overheard.changes).cloned();
                    changes.extend(other.filter(|(of, _)| *of == dossier).map(|(_, bytes)| bytes));
                }
                2 => {
                    let other = self.rng.pick(&self.overheard.changes).map(|(_, bytes)| bytes.clone());
                    let mut bytes = other.unwrap_or_else(|| vec![0; 40]);
                    let at = self.rng.below(bytes.len());
                    bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1);
                    changes.push(bytes);
                }
                _ => events.extend(self.rng.pick(&self.overheard.events).map(|(_, event)| event.clone())),
            }
        }
        let bad = changes.len() + events.len();
        let remark = self.remark(dossier, &key);
        events.push(remark);
        let body = self.batch(dossier, &key, changes, events);
        self.trace.note("hostile batch", format_args!("{bad} bad items and an honest one for {dossier}"));
        self.overhear_hostile(&body);
        let mut body = body;
        if self.rng.percent(15) {
            let at = self.rng.below(body.len());
            body.get_mut(at).into_iter().for_each(|byte| *byte ^= 1);
            self.trace.note("forged batch", format_args!("byte {at}"));
        }
        self.send(body);
    }

    /// Its batches are known to the judge, yet nobody repeats what it lies about others.
    fn overhear_hostile(&mut self, body: &[u8]) {
        let (events, changes) = (self.overheard.events.len(), self.overheard.changes.len());
        self.overhear(body);
        self.overheard.events.truncate(events);
        self.overheard.changes.truncate(changes);
    }

    fn remark(&mut self, dossier: DossierId, key: &SigningKey) -> SignedEvent {
        self.typed += 1;
        let body = EventBody {
            dossier,
            act: Act::Commented { text: format!("lời lạ {}", self.typed) },
            audience: Audience::Parties,
            author: key.public(),
            acting: None,
            heads: vec![genesis::skeleton(&dossier).hash],
            seen: Vec::new(),
            at_ms: self.now_ms,
            // It lies about its chain: every remark is its first.
            counter: 1,
            previous: None,
        };
        body.sign(key).signed().clone()
    }

    fn batch(
        &mut self,
        dossier: DossierId,
        key: &SigningKey,
        changes: Vec<Vec<u8>>,
        events: Vec<SignedEvent>,
    ) -> Vec<u8> {
        let mut id = [0; 16];
        for part in id.chunks_mut(8) {
            part.copy_from_slice(&self.rng.next().to_be_bytes());
        }
        let hello = Hello {
            protocol: PROTOCOL,
            batch: BatchId(id),
            centre: None,
            device: key.public(),
            now_ms: self.now_ms,
            invitation: None,
            catalogue: String::new(),
            cursors: Vec::new(),
            leases: Vec::new(),
            waiting: Waiting::default(),
            repair: None,
        };
        let changes = changes.into_iter().map(Into::into).collect();
        let batch = Batch { hello, dossiers: vec![DossierItems { dossier, texts: Vec::new(), changes, events }] };
        let batch = batch.sign(key);
        zstd::stream::encode_all(&batch.bytes()[..], 1).unwrap_or_default()
    }
}
