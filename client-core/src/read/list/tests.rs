use std::collections::BTreeSet;

use dossier::text::{fold, name_sort_key};
use proptest::{prelude::*, sample::select};

use super::*;
use crate::{
    due::Due,
    ports::{FixedClock, SeededEntropy},
    read::search::Index,
    store::MemoryStore,
    truth::{Truth, TruthFlag, TruthStage},
};

/// 22 November 2026, morning.
const NOW_MS: i64 = 1_795_312_800_000;
const DAY_MS: i64 = 86_400_000;
const PEOPLE: [&str; 6] = ["Nguyễn Thị Hòa", "Nguyễn Thị Hoà Ân", "Trần Văn Đại", "Lê Ô", "Phạm Ái Vân", "Võ Thành Ý"];

fn card(at: u8) -> Card {
    Card {
        dossier: DossierId([at; 16]),
        code: None,
        provisional_code: Some(format!("T-{at:03}")),
        aliases: Vec::new(),
        procedure: Some("1.001193".into()),
        procedure_name: "Đăng ký khai sinh".into(),
        applicant: Some(PEOPLE[usize::from(at) % PEOPLE.len()].into()),
        status: None,
        status_name: String::new(),
        unit: None,
        unsent: 0,
        refused: 0,
        unsealed: 0,
        conflicts: 0,
        disputed: false,
        pending_amendment: false,
        files: 0,
        files_arrived: 0,
        touched_ms: NOW_MS,
        subject: None,
        channel: None,
        submitted_ms: None,
        accepted_ms: None,
        due_at: None,
        truth: Truth { stage: TruthStage::Draft, pages: None, flags: Vec::new() },
        collected: false,
        due: Due::default(),
    }
}

fn device(cards: &[Card]) -> Device {
    let (clock, entropy) = (FixedClock::at(NOW_MS), SeededEntropy::new(5));
    let mut device = Device::init(MemoryStore::new(), clock, entropy, "https://tram.test").unwrap();
    device.index = Some(Index::new(cards.iter().cloned()));
    device
}

fn ids(listed: &Listed) -> Vec<DossierId> {
    listed.cards.iter().map(|card| card.dossier).collect()
}

fn any_card(at: u8) -> impl Strategy<Value = Card> {
    let stage = select(vec![
        TruthStage::Draft,
        TruthStage::Kept,
        TruthStage::Received,
        TruthStage::Payment,
        TruthStage::Returned,
        TruthStage::Stopped,
    ]);
    let flags = select(vec![Vec::new(), vec![TruthFlag::Conflict], vec![TruthFlag::Unsent], vec![TruthFlag::Held]]);
    let due = select(vec![None, Some("2026-11-20T17:00:00+07:00"), Some("2026-11-23T17:00:00+07:00")]);
    let seen = (0..6_i64, proptest::option::of(0..4_i64), proptest::option::of(1..=3_u8), any::<bool>());
    (proptest::option::of(1..=10_u8), stage, flags, due, seen, 0..2_u32, 0..6_usize).prop_map(
        move |(status, stage, flags, due_at, (touched, submitted, channel, collected), conflicts, person)| Card {
            status,
            truth: Truth { stage, pages: None, flags },
            due_at: due_at.map(str::to_owned),
            touched_ms: NOW_MS - touched * DAY_MS / 2,
            submitted_ms: submitted.map(|days| NOW_MS - days * DAY_MS),
            accepted_ms: due_at.map(|_| NOW_MS - 5 * DAY_MS),
            applicant: (person > 0).then(|| PEOPLE[person].to_owned()),
            channel,
            collected,
            conflicts,
            ..card(at)
        },
    )
}

fn cards() -> impl Strategy<Value = Vec<Card>> {
    (0..40_u8).prop_flat_map(|count| (0..count).map(any_card).collect::<Vec<_>>())
}

fn queries() -> impl Strategy<Value = ListQuery> {
    let shelf = select(vec![
        (None, None),
        (Some(Board::Mine), Some("yours")),
        (Some(Board::Mine), Some("done")),
        (Some(Board::Today), Some("todo")),
        (Some(Board::Queue), None),
        (Some(Board::Queue), Some("late")),
        (Some(Board::Queue), Some("conflict")),
    ]);
    let text = select(vec![None, Some("hoa"), Some("Hòa"), Some("an"), Some("y"), Some("khai sinh"), Some("?")]);
    let order = select(vec![Order::Touched, Order::Due, Order::Submitted, Order::Name]);
    (shelf, text, order, proptest::option::of(1..=3_u8), any::<bool>()).prop_map(
        |((board, view), text, order, channel, is_late)| ListQuery {
            board,
            view: view.map(str::to_owned),
            text: text.map(str::to_owned),
            channel,
            due: is_late.then_some(DueState::Late),
            order,
            ..ListQuery::default()
        },
    )
}

/// The list by the longest way: every rule said again, in plain words.
fn naive(cards: &[Card], query: &ListQuery) -> BTreeSet<DossierId> {
    let stage = |card: &Card, stages: &[TruthStage]| stages.contains(&card.truth.stage);
    let flag = |card: &Card, flag| card.truth.flags.contains(&flag);
    let is_late = |card: &Card| {
        let ended = matches!(card.status, Some(3 | 8..=10));
        let stands = matches!(card.status, Some(5..=7)) && card.accepted_ms.is_some();
        !ended && !stands && card.due_at.as_deref().is_some_and(|due| due < "2026-11-22")
    };
    let yours = |card: &Card| stage(card, &[TruthStage::Draft, TruthStage::Payment]) || flag(card, TruthFlag::Conflict);
    let in_view = |card: &Card| match (query.board, query.view.as_deref()) {
        (Some(Board::Mine), Some("yours")) => yours(card),
        (Some(Board::Mine), _) => !yours(card) && stage(card, &[TruthStage::Returned, TruthStage::Stopped]),
        (Some(Board::Today), _) => {
            stage(card, &[TruthStage::Draft])
                || flag(card, TruthFlag::Conflict)
                || flag(card, TruthFlag::Held)
                || card.channel == Some(3) && !card.collected && card.submitted_ms == Some(NOW_MS)
        }
        (Some(Board::Queue), view) => {
            card.status.is_some()
                && match view {
                    Some("late") => is_late(card),
                    Some(_) => card.conflicts > 0,
                    None => true,
                }
        }
        (None, _) => true,
    };
    let holds = |card: &Card, text: &str| {
        let words = |text: &str| fold(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let known = words(&format!(
            "{} {} 1.001193 {}",
            card.applicant.as_deref().unwrap_or(""),
            card.provisional_code.as_deref().unwrap_or(""),
            card.procedure_name
        ));
        let asked = words(text);
        !asked.is_empty() && asked.iter().all(|word| known.iter().any(|known| known.starts_with(word)))
    };
    let fits = |card: &&Card| {
        in_view(card)
            && query.channel.is_none_or(|channel| card.channel == Some(channel))
            && (query.due.is_none() || is_late(card))
            && query.text.as_deref().is_none_or(|text| holds(card, text))
    };
    cards.iter().filter(fits).map(|card| card.dossier).collect()
}

proptest! {
    #[test]
    fn windows_laid_together_are_the_whole_list(cards in cards(), query in queries(), size in 1..9_usize) {
        let mut device = device(&cards);
        let whole = device.list_cards(&query).unwrap();
        let mut laid = Vec::new();
        for from in (0..whole.total.max(1)).step_by(size) {
            let near = whole.cards.get(from).map(|card| card.dossier);
            let part = device.list_cards(&ListQuery { from, count: Some(size), near, ..query.clone() }).unwrap();
            prop_assert_eq!((part.total, part.from, &part.counts), (whole.total, from, &whole.counts));
            prop_assert_eq!(part.at, near.map(|_| from));
            laid.extend(part.cards);
        }
        prop_assert_eq!(laid, whole.cards);
    }

    #[test]
    fn a_list_holds_what_the_longest_way_finds(cards in cards(), query in queries()) {
        let listed = device(&cards).list_cards(&query).unwrap();
        prop_assert_eq!(listed.total, listed.cards.len());
        prop_assert_eq!(ids(&listed).into_iter().collect::<BTreeSet<_>>(), naive(&cards, &query));
        if query.text.is_none() {
            let name = |card: &Card| card.applicant.as_deref().map(name_sort_key);
            for pair in listed.cards.windows(2) {
                let (one, other) = (&pair[0], &pair[1]);
                let in_order = match query.order {
                    Order::Touched => one.touched_ms >= other.touched_ms,
                    Order::Due => one.due_at.as_deref().unwrap_or("9") <= other.due_at.as_deref().unwrap_or("9"),
                    Order::Submitted => one.submitted_ms >= other.submitted_ms,
                    Order::Name => other.applicant.is_none() || one.applicant.is_some() && name(one) <= name(other),
                };
                prop_assert!(in_order, "{:?} before {:?}", one, other);
            }
        }
    }

    #[test]
    fn every_dossier_is_in_one_view_of_a_citizen_and_at_most_one_of_a_postal_worker(cards in cards()) {
        let mut device = device(&cards);
        let mut counts = |board| {
            device.list_cards(&ListQuery { board: Some(board), count: Some(0), ..ListQuery::default() }).unwrap().counts
        };
        let mine = counts(Board::Mine);
        prop_assert_eq!(mine["yours"] + mine["theirs"] + mine["done"], cards.len());
        let today = counts(Board::Today);
        prop_assert!(today["todo"] + today["unsent"] + today["done"] <= cards.len());
    }
}

#[test]
fn names_are_ordered_as_a_register_lists_them_and_organisations_as_written() {
    let named = |at: u8, name: &str| Card { applicant: Some(name.into()), ..card(at) };
    let cards = [
        named(1, "Trần Văn Bình"),
        named(2, "Công ty TNHH Dừa"),
        Card { applicant: Some("Lê An".into()), subject: Some("Lê Thị Đào".into()), ..card(3) },
        named(4, "Nguyễn Thị Ánh"),
        Card { applicant: None, ..card(5) },
        named(6, "Bùi Văn Bình"),
    ];
    let listed = device(&cards).list_cards(&ListQuery { order: Order::Name, ..ListQuery::default() }).unwrap();
    let order: Vec<u8> = listed.cards.iter().map(|card| card.dossier.as_bytes()[0]).collect();
    assert_eq!(order, [4, 6, 1, 2, 3, 5]);
}

#[test]
fn a_window_beyond_the_end_is_empty_and_says_where_the_end_is() {
    let listed = device(&[card(1), card(2)])
        .list_cards(&ListQuery { from: 9, count: Some(5), near: Some(DossierId([7; 16])), ..ListQuery::default() })
        .unwrap();
    assert_eq!((listed.total, listed.from, listed.cards.len(), listed.at), (2, 2, 0, None));
}
