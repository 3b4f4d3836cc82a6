use dossier::{
    envelope::{Namespace, SigningKey},
    id::{ActorId, BatchId},
    wire::Receipt,
};

use super::*;
use crate::{
    due::Due,
    truth::{PagesSent, Truth, TruthFlag, TruthStage},
};

fn hex<R: Record>(record: &R) -> String {
    let value = record.to_value();
    assert!(R::from_value(&value).is_ok());
    data_encoding::HEXLOWER.encode(&value)
}

/// Stored bytes are read by later programs: each kind is frozen here.
#[test]
fn the_bytes_of_every_record_are_frozen() {
    let key = SigningKey::derive_from_seed(&[1; 32]);
    let signed = Signed::seal(&key, Namespace::Certificate, &1u8);
    let received = Some(Received { at_ms: 2, clock_offset_ms: -3 });
    let dossier = DossierId([4; 16]);
    let receipt = SignedReceipt::seal(
        &key,
        &Receipt {
            centre: key.public(),
            device: key.device(),
            batch: BatchId([5; 16]),
            parcel_hash: Digest([6; 32]),
            first: 0,
            count: 1,
            known: 0,
            exceptions: vec![],
            received: Received { at_ms: 2, clock_offset_ms: -3 },
            number: 1,
            previous: None,
        },
    );
    let card = Card {
        dossier,
        code: Some("H29.16-261121-0042".into()),
        provisional_code: None,
        aliases: vec!["T".into()],
        procedure: Some("1.001193".into()),
        procedure_name: "Đăng ký khai sinh".into(),
        applicant: Some("Hòa".into()),
        subject: None,
        status: Some(1),
        status_name: "Mới đăng ký".into(),
        unit: None,
        unsent: 1,
        refused: 0,
        unsealed: 2,
        conflicts: 0,
        disputed: false,
        pending_amendment: true,
        files: 5,
        files_arrived: 4,
        touched_ms: 7,
        channel: Some(3),
        submitted_ms: Some(7),
        accepted_ms: None,
        due_at: Some("2026-11-27T17:00:00+07:00".into()),
        truth: Truth {
            stage: TruthStage::Sending,
            pages: Some(PagesSent { arrived: 4, total: 5 }),
            flags: vec![TruthFlag::Amended, TruthFlag::LostValue],
        },
        collected: true,
        due: Due::default(),
    };
    let all = [
        ("identity", hex(&IdentityRecord { seed: [1; 32], installation: [2; 16], server_url: "http://c".into() })),
        (
            "centre",
            hex(&CentreRecord { token: Some("t".into()), last_contact_ms: Some(7), ..CentreRecord::met(key.public()) }),
        ),
        ("sent", hex(&SentRecord { counter: 3 })),
        ("certificate", hex(&CertificateRecord { signed: signed.clone() })),
        ("invitation", hex(&InvitationRecord { centre: key.public(), token: vec![9; 16] })),
        ("dossier", hex(&DossierRecord { provisional_code: Some("T".into()), has_waiting: false, touched_ms: 7 })),
        ("journal", hex(&JournalRecord { path: "answers/a".into(), value: Some(Scalar::from("x")), at_ms: 7 })),
        (
            "change",
            hex(&ChangeRecord { bytes: vec![1], author: key.device(), received, standing: Standing::Superseded }),
        ),
        ("text", hex(&TextRecord { field: "why".into() })),
        ("event", hex(&EventRecord { signed: SignedEvent(signed.clone()), received, standing: Standing::Counts })),
        ("chain", hex(&ChainRecord { event: EventId([3; 32]), dossier, code: Some("H".into()) })),
        ("card", hex(&card)),
        ("blob", hex(&BlobRecord { content: [1; 16], here_bytes: 3, size_bytes: Some(3) })),
        ("chunk", hex(&ChunkRecord { bytes: vec![1, 2] })),
        ("staging", hex(&StagingRecord { begun_ms: 7 })),
        ("file", hex(&FileRecord { arrived: false, ours: true })),
        ("upload", hex(&UploadRecord { path: "/v1/uploads/x".into() })),
        (
            "outbox",
            hex(&OutboxRecord { refused: Some(RefusedRecord { code: "X".into(), detail: String::new() }), resends: 1 }),
        ),
        (
            "proof",
            hex(&ProofRecord {
                receipt: Digest([6; 32]),
                item: 1,
                received: Received { at_ms: 2, clock_offset_ms: -3 },
            }),
        ),
        ("receipt", hex(&ReceiptRecord { signed: receipt })),
        ("device", hex(&DeviceRecord { key: key.public(), certificates: vec![signed.clone()] })),
        ("actor", hex(&ActorRecord { actor: ActorId([8; 16]), installation: [2; 16] })),
        ("writer", hex(&WriterRecord { device: key.device() })),
        ("lease", hex(&LeaseRecord { signed })),
        ("cursor", hex(&CursorRecord { scope: "unit:1".into(), cursor: vec![1], digest: None, settled: None })),
        ("membership", hex(&MembershipRecord { scope: "unit:1".into() })),
        ("provisional", hex(&ProvisionalRecord { dossier })),
        ("notice", hex(&NoticeRecord { code: "QUARANTINED".into(), told_ms: 7 })),
    ];
    insta::assert_snapshot!(all.map(|(name, bytes)| format!("{name}: {bytes}")).join("\n"));
}

#[test]
fn a_record_of_the_future_and_a_damaged_one_are_told_apart() {
    let value = TextRecord { field: "why".into() }.to_value();
    let mut newer = value.clone();
    newer[0] = VERSION + 1;
    assert!(matches!(TextRecord::from_value(&newer), Err(StoreFault::Newer)));
    for damaged in [&value[..1], &value[..value.len() - 1], &[]] {
        assert!(matches!(TextRecord::from_value(damaged), Err(StoreFault::Damaged("text"))));
    }
}
