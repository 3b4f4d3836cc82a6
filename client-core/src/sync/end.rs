//! The last frame: the Centre's clock, token, codes and notices.

use dossier::{
    certificate::{Certificate, Role},
    code::Lease,
    envelope::Namespace,
    id::DeviceId,
    wire::End,
};

use super::{CentreFault, NoticeTold, SyncFault, receive::Reading};
use crate::{
    device::Device,
    ledger::{Put, Read, key},
    record::{CentreRecord, DeviceRecord, FileRecord, LeaseRecord, NoticeRecord, hash_of},
    store::WriteBatch,
};

impl Device {
    pub(super) fn take_end(&mut self, reading: &mut Reading<'_>, end: End) -> Result<(), SyncFault> {
        let mut batch = WriteBatch::new();
        self.pin(&end.centre, &mut batch)?;
        let centre = Certificate::verify(&end.centre_certificate, &end.centre)
            .ok()
            .filter(|known| known.role == Role::Centre && known.device_key == end.centre)
            .ok_or(CentreFault::Certificate)?;
        let now_ms = self.now_ms();
        // Half of the time the exchange took is the best guess of when the Centre looked at its clock.
        let middle = reading.exchange.began_ms.midpoint(now_ms);
        let clock_offset_ms = end.now_ms.saturating_sub(middle);
        batch.record(
            CentreRecord::KEY,
            &CentreRecord {
                key: end.centre,
                clock_offset_ms,
                token: end.token.clone(),
                catalogue: Some(end.catalogue),
                last_contact_ms: Some(now_ms),
                revoked_ms: end.revoked_ms,
            },
        );
        let id = DeviceId::of(&centre.device_key);
        let known = self.store.record::<DeviceRecord>(id.as_bytes())?;
        let is_new = !known.as_ref().is_some_and(|known| known.certificates.contains(&end.centre_certificate));
        if is_new {
            let mut certificates = known.map(|known| known.certificates).unwrap_or_default();
            certificates.push(end.centre_certificate);
            batch.record(id.as_bytes(), &DeviceRecord { key: end.centre, certificates });
        }
        for signed in end.leases {
            let sound = signed.signature.verify(&end.centre, Namespace::Lease, &signed.body).is_ok()
                && Lease::from_cbor(&signed.body).is_ok();
            if sound {
                batch.record(&hash_of(&signed), &LeaseRecord { signed });
            } else {
                reading.outcome.skipped += 1;
            }
        }
        for notice in end.notices {
            let at = key(&[notice.dossier.as_bytes(), notice.item.as_bytes()]);
            let told = NoticeRecord { code: notice.code.clone(), told_ms: now_ms };
            if self.store.record::<NoticeRecord>(&at)?.is_none_or(|known| known.code != told.code) {
                batch.record(&at, &told);
            }
            reading.outcome.notices.push(NoticeTold { dossier: notice.dossier, item: notice.item, code: notice.code });
        }
        for wanted in end.wanted {
            // The Centre lacks what was thought to be there, for instance after it was restored.
            let at = Self::dossier_key(&wanted.dossier, wanted.blob.as_bytes());
            if let Some(file) = self.store.record::<FileRecord>(&at)?.filter(|file| file.arrived) {
                batch.record(&at, &FileRecord { arrived: false, ..file });
            }
        }
        self.store.commit(batch)?;
        self.centre = Some(end.centre);
        self.clock_offset_ms = clock_offset_ms;
        self.token = end.token;
        self.last_contact_ms = Some(now_ms);
        self.revoked_ms = end.revoked_ms;
        reading.outcome.more = end.more;
        reading.outcome.clock_offset_ms = Some(clock_offset_ms);
        if is_new {
            // Codes given by the Centre count only under its certificate: cards made before it came are made again.
            self.refresh_cards(&std::mem::take(&mut reading.touched))?;
        }
        Ok(self.end_repairs(reading)?)
    }

    fn refresh_cards(
        &mut self,
        dossiers: &std::collections::BTreeSet<dossier::id::DossierId>,
    ) -> Result<(), SyncFault> {
        let (mut batch, mut cards) = (WriteBatch::new(), Vec::new());
        for dossier in dossiers {
            let Ok(mut folder) = self.folder(dossier) else { continue };
            let records = self.recorded(dossier)?;
            let mut own = WriteBatch::new();
            cards.push(self.put_back(&mut folder, &records, &mut own)?);
            batch.append(own);
        }
        Ok(self.commit(batch, cards)?)
    }
}
