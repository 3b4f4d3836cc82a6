//! Settings, invitations, devices and certificates.

use std::sync::Arc;

use dossier::{
    certificate::{Certificate, Role},
    envelope::{Namespace, Signed},
    id::Digest,
    wire::Waiting,
};

use super::fixtures::{NOW_MS, Sender, device, key};
use crate::storage::{Enrolment, InvitationRow, Revocation, Storage};

/// An invitation that ends in a second.
#[must_use]
pub fn invitation(number: u8) -> InvitationRow {
    InvitationRow {
        token_hash: Digest([number; 32]),
        role: Role::Postal,
        unit: "25747".into(),
        name: "Nguyễn Thị Hạnh".into(),
        expires_ms: NOW_MS + 1_000,
        used_by: None,
    }
}

/// A certificate of a device; `unit` tells one from another.
#[must_use]
pub fn certificate(number: u8, unit: &str) -> Signed {
    let certificate = Certificate {
        centre: key(200).public(),
        device_key: key(number).public(),
        name: "Hạnh".into(),
        role: Role::Postal,
        unit: unit.into(),
        from_ms: NOW_MS,
        until_ms: NOW_MS + 1,
    };
    Signed::seal(&key(200), Namespace::Certificate, &certificate)
}

/// The first value stands.
pub async fn a_setting_is_settled_once(storage: Arc<dyn Storage>) {
    assert_eq!(storage.setting("epoch").await.unwrap(), None);
    assert_eq!(storage.settle_setting("epoch", b"1").await.unwrap(), b"1");
    assert_eq!(storage.settle_setting("epoch", b"2").await.unwrap(), b"1");
    assert_eq!(storage.setting("epoch").await.unwrap(), Some(b"1".to_vec()));
    assert_eq!(storage.setting("other").await.unwrap(), None);
}

/// An invitation is kept as given, and its token is there once.
pub async fn an_invitation_reads_back(storage: Arc<dyn Storage>) {
    let invitation = invitation(1);
    assert_eq!(storage.invitation(&invitation.token_hash).await.unwrap(), None);
    storage.invite(&invitation).await.unwrap();
    assert_eq!(storage.invitation(&invitation.token_hash).await.unwrap(), Some(invitation.clone()));
    assert!(storage.invite(&InvitationRow { role: Role::Head, ..invitation.clone() }).await.is_err());
    assert_eq!(storage.invitation(&invitation.token_hash).await.unwrap(), Some(invitation));
}

/// Once taken up, an invitation gives the same device the same certificate, and others none.
pub async fn an_invitation_enrols_one_device(storage: Arc<dyn Storage>) {
    let row = invitation(1);
    storage.invite(&row).await.unwrap();
    let (first, second) = (certificate(1, "first"), certificate(1, "second"));
    let enrolled = storage.enrol(&row.token_hash, &key(1).public(), &first, NOW_MS).await.unwrap();
    assert_eq!(enrolled, Enrolment::Enrolled(first.clone()));
    // Also after its time: the answer to the first try may have been lost on the way.
    let again = storage.enrol(&row.token_hash, &key(1).public(), &second, NOW_MS + 5_000).await.unwrap();
    assert_eq!(again, Enrolment::Enrolled(first.clone()));
    let other = storage.enrol(&row.token_hash, &key(2).public(), &certificate(2, "x"), NOW_MS).await.unwrap();
    assert_eq!(other, Enrolment::AlreadyUsed);
    let known = storage.device(&device(1)).await.unwrap().unwrap();
    assert_eq!((known.key, known.certificates), (key(1).public(), vec![first]));
    assert_eq!((known.receipts, known.last_receipt, known.last_contact_ms), (0, None, NOW_MS));
    assert_eq!(storage.device(&device(2)).await.unwrap(), None);
    assert_eq!(storage.invitation(&row.token_hash).await.unwrap().unwrap().used_by, Some(device(1)));
}

/// A token that nobody issued, or whose time is over, gives nothing.
pub async fn an_expired_or_unknown_invitation_enrols_nobody(storage: Arc<dyn Storage>) {
    let row = invitation(1);
    let signed = certificate(1, "x");
    let unknown = storage.enrol(&row.token_hash, &key(1).public(), &signed, NOW_MS).await.unwrap();
    assert_eq!(unknown, Enrolment::Unknown);
    storage.invite(&row).await.unwrap();
    let late = storage.enrol(&row.token_hash, &key(1).public(), &signed, row.expires_ms + 1).await.unwrap();
    assert_eq!(late, Enrolment::Unknown);
    assert_eq!(storage.device(&device(1)).await.unwrap(), None);
    let in_time = storage.enrol(&row.token_hash, &key(1).public(), &signed, row.expires_ms).await.unwrap();
    assert_eq!(in_time, Enrolment::Enrolled(signed));
}

/// A device that is enrolled again holds both certificates, the older first.
pub async fn certificates_stand_in_their_order(storage: Arc<dyn Storage>) {
    let signed: Vec<_> = ["z", "a", "m"].map(|unit| certificate(1, unit)).into();
    for (number, signed) in (1..).zip(&signed) {
        storage.invite(&invitation(number)).await.unwrap();
        storage.enrol(&Digest([number; 32]), &key(1).public(), signed, NOW_MS).await.unwrap();
    }
    assert_eq!(storage.device(&device(1)).await.unwrap().unwrap().certificates, signed);
    Sender::new(2).send(&*storage, vec![]).await;
    let enrolled = storage.enrolled_devices().await.unwrap();
    assert_eq!(enrolled.len(), 1, "a bare key is not enrolled");
    assert_eq!(enrolled[0].certificates, signed);
}

/// Asking for several devices answers those that are known.
pub async fn unknown_devices_are_left_out(storage: Arc<dyn Storage>) {
    assert_eq!(storage.device(&device(1)).await.unwrap(), None);
    Sender::new(1).send(&*storage, vec![]).await;
    storage.invite(&invitation(1)).await.unwrap();
    storage.enrol(&Digest([1; 32]), &key(2).public(), &certificate(2, "x"), NOW_MS).await.unwrap();
    let mut known = storage.devices(&[device(3), device(2), device(1)]).await.unwrap();
    known.sort_by_key(|row| row.certificates.len());
    assert_eq!(known.iter().map(|row| row.key).collect::<Vec<_>>(), [key(1).public(), key(2).public()]);
    assert_eq!(known[1].certificates, [certificate(2, "x")]);
    assert_eq!(storage.devices(&[]).await.unwrap(), []);
}

/// Those whose time is not over, taken up or not, by the end of their time.
pub async fn open_invitations_are_listed(storage: Arc<dyn Storage>) {
    assert_eq!(storage.open_invitations(NOW_MS).await.unwrap(), []);
    for (number, expires_ms) in [(1, NOW_MS + 30), (2, NOW_MS + 10), (3, NOW_MS + 20)] {
        storage.invite(&InvitationRow { expires_ms, ..invitation(number) }).await.unwrap();
    }
    storage.enrol(&Digest([3; 32]), &key(1).public(), &certificate(1, "x"), NOW_MS).await.unwrap();
    let open = storage.open_invitations(NOW_MS + 11).await.unwrap();
    let listed: Vec<_> = open.iter().map(|row| (row.token_hash.0[0], row.used_by)).collect();
    assert_eq!(listed, [(3, Some(device(1))), (1, None)]);
    assert_eq!(storage.open_invitations(NOW_MS + 30).await.unwrap().len(), 1);
}

/// The latest word counts; since when it holds something is when it last held nothing before.
pub async fn what_a_device_holds_is_kept_with_its_time(storage: Arc<dyn Storage>) {
    storage.heard_from(&device(1), Waiting { items: 1, files: 0 }, NOW_MS).await.unwrap();
    assert_eq!(storage.device(&device(1)).await.unwrap(), None, "hearing of a device makes none");
    Sender::new(1).send(&*storage, vec![]).await;
    let minute = 60_000;
    for (at_ms, items, files, contact_ms, since_ms) in [
        (NOW_MS + 1, 0, 0, NOW_MS, None),
        (NOW_MS + 2, 5, 0, NOW_MS + 2, Some(NOW_MS + 2)),
        (NOW_MS + 3, 5, 0, NOW_MS + 2, Some(NOW_MS + 2)),
        (NOW_MS + 4, 0, u32::MAX, NOW_MS + 4, Some(NOW_MS + 2)),
        (NOW_MS + 4 + minute, 0, u32::MAX, NOW_MS + 4 + minute, Some(NOW_MS + 2)),
        (NOW_MS + 5 + minute, 0, 0, NOW_MS + 5 + minute, None),
    ] {
        storage.heard_from(&device(1), Waiting { items, files }, at_ms).await.unwrap();
        let known = storage.device(&device(1)).await.unwrap().unwrap();
        assert_eq!(known.waiting, Waiting { items, files });
        assert_eq!((known.last_contact_ms, known.waiting_since_ms), (contact_ms, since_ms), "at {}", at_ms - NOW_MS);
    }
}

/// A device is taken out of use once; who was never seen cannot be.
pub async fn the_first_revocation_stands(storage: Arc<dyn Storage>) {
    assert_eq!(storage.revoke(&device(1), "mất máy", NOW_MS).await.unwrap(), None);
    Sender::new(1).send(&*storage, vec![]).await;
    Sender::new(2).send(&*storage, vec![]).await;
    let first = Revocation { at_ms: NOW_MS, reason: "mất máy".into() };
    assert_eq!(storage.revoke(&device(1), "mất máy", NOW_MS).await.unwrap(), Some(first.clone()));
    assert_eq!(storage.revoke(&device(1), "khác\0", NOW_MS + 1).await.unwrap(), Some(first.clone()));
    let known = storage.devices(&[device(1), device(2)]).await.unwrap();
    let mut revoked: Vec<_> = known.into_iter().filter_map(|row| row.revocation.map(|why| (row.key, why))).collect();
    assert_eq!(revoked.pop(), Some((key(1).public(), first)));
    assert_eq!(revoked, []);
}
