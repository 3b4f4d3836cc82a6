use super::*;

fn truth(facts: Facts) -> (TruthStage, Option<(u32, u32)>, Vec<TruthFlag>) {
    let Truth { stage, pages, flags } = Truth::of(&facts);
    (stage, pages.map(|pages| (pages.arrived, pages.total)), flags)
}

#[test]
fn a_stage_never_says_more_than_receipts_prove() {
    use TruthFlag as F;
    use TruthStage as S;
    let submitted = Facts { status: Some(Status::Registered), files: 5, files_arrived: 4, ..Facts::default() };
    let table = [
        (Facts::default(), S::Draft, None, vec![]),
        (Facts { unsealed: 2, ..Facts::default() }, S::Draft, None, vec![F::Unsent]),
        (Facts { unsent: 1, ..Facts::default() }, S::Draft, None, vec![F::Unsent]),
        (Facts { unsent: 2, ..submitted }, S::Kept, None, vec![F::Unsent]),
        (Facts { unsent: 2, refused: 1, ..submitted }, S::Kept, None, vec![F::Held, F::Unsent]),
        (submitted, S::Sending, Some((4, 5)), vec![]),
        (Facts { files_arrived: 5, ..submitted }, S::Received, None, vec![]),
        (Facts { files_arrived: 5, unsealed: 1, ..submitted }, S::Kept, None, vec![F::Unsent]),
        (Facts { is_quarantined: true, files: 0, files_arrived: 0, ..submitted }, S::Received, None, vec![F::Held]),
        (
            Facts { status: Some(Status::Accepted), is_amended: true, conflicts: 1, ..submitted },
            S::Accepted,
            Some((4, 5)),
            vec![F::Conflict, F::Amended],
        ),
        (
            Facts { status: Some(Status::SupplementAsked), has_lost: true, is_disputed: true, ..Facts::default() },
            S::Supplement,
            None,
            vec![F::NeedsSupplement, F::Disputed, F::LostValue],
        ),
    ];
    for (facts, stage, pages, flags) in table {
        assert_eq!(truth(facts), (stage, pages, flags), "{facts:?}");
    }
}

#[test]
fn every_status_has_its_stage() {
    let stages: Vec<TruthStage> =
        Status::ALL.iter().map(|status| truth(Facts { status: Some(*status), ..Facts::default() }).0).collect();
    let names = serde_json::to_value(&stages).unwrap();
    let wanted = [
        "received",
        "accepted",
        "refused",
        "processing",
        "supplement",
        "payment",
        "withdrawing",
        "stopped",
        "decided",
        "returned",
    ];
    assert_eq!(names, serde_json::json!(wanted));
}

#[test]
fn what_is_held_back_is_said_once_and_in_its_place() {
    let mut truth = Truth::of(&Facts { has_lost: true, is_amended: true, ..Facts::default() });
    truth.hold();
    truth.hold();
    assert_eq!(truth.flags, [TruthFlag::Amended, TruthFlag::Held, TruthFlag::LostValue]);
}
