use proptest::prelude::*;

use super::{
    stream::{Out, Stream},
    *,
};
use crate::{
    certificate::Role,
    content::{Content, ContentPath, Edit, Root, Scalar},
    envelope::{Namespace, Signed, SigningKey},
    event::{Act, ActingFor, Audience, EventBody},
    id::{ActorId, EventId},
};

const MOST: Most = Most { dossiers: 100, items: 1_000 };

fn items(dossier: &DossierItems) -> Items<'_> {
    Items {
        dossier: dossier.dossier,
        texts: &dossier.texts,
        changes: dossier.changes.iter().map(|bytes| &bytes[..]).collect(),
        events: dossier.events.iter().collect(),
    }
}

fn written(dossiers: &[DossierItems]) -> Vec<u8> {
    write(&dossiers.iter().map(items).collect::<Vec<_>>())
}

fn plain(dossiers: &[DossierItems]) -> usize {
    dossiers.iter().map(|dossier| crate::envelope::encode(dossier).len()).sum()
}

fn edit(root: Root, key: &str, value: Scalar) -> Edit {
    Edit { path: ContentPath::new(root, key).unwrap(), value: Some(value) }
}

/// A device's day: dossiers with answers, a text, attachments and two events each, in turns.
fn day(words: &[String]) -> Vec<DossierItems> {
    let key = SigningKey::derive_from_seed(&[7; 32]);
    let (mut counter, mut previous) = (0u64, None);
    let mut all: Vec<DossierItems> = Vec::new();
    for (nth, words) in (1u8..).zip(words) {
        let dossier = DossierId([nth; 16]);
        let mut content = Content::new(dossier);
        let actor = ActorId([nth; 16]);
        let name = format!("don/files/{}", data_encoding::HEXLOWER.encode(&[nth.wrapping_mul(37); 32]));
        let first = content
            .seal(
                &actor,
                &[
                    edit(Root::Answers, "name", Scalar::Text(words.clone())),
                    edit(Root::Answers, "count", Scalar::Integer(i64::from(nth) - 3)),
                    edit(Root::Components, &name, Scalar::Text("{}".into())),
                    edit(Root::Texts, "why", Scalar::Text(format!("Lý do: {words}"))),
                ],
                1_784_073_600,
            )
            .unwrap()
            .unwrap();
        let second = content
            .seal(&actor, &[edit(Root::Answers, "name", Scalar::Boolean(true))], 1_784_073_700)
            .unwrap()
            .unwrap();
        let mut events = Vec::new();
        let mut seen: Vec<EventId> = Vec::new();
        for text in ["Đã gọi điện", "Đã hẹn"] {
            counter += 1;
            let body = EventBody {
                dossier,
                act: Act::Commented { text: text.into() },
                audience: Audience::Staff,
                author: key.public(),
                acting: Some(ActingFor { role: Role::Officer, unit: "25747".into() }),
                heads: content.heads(),
                seen: seen.clone(),
                at_ms: 1_784_073_600_000 + counter.cast_signed() * 1_000,
                counter,
                previous,
            };
            let event = body.sign(&key);
            previous = Some(event.id());
            seen = vec![event.id()];
            events.push(event.signed().clone());
        }
        all.push(DossierItems {
            dossier,
            texts: first.texts,
            changes: [first.change, second.change].map(|change| change.into_bytes().into()).into(),
            events,
        });
    }
    // Their chain crosses the dossiers: the reader meets some before what they name.
    all.reverse();
    all
}

#[test]
fn a_day_comes_back_byte_for_byte_and_says_nothing_twice() {
    let day = day(&["Nguyễn Thị An".to_owned(), "Trần Văn Bình 🙂".to_owned(), String::new()]);
    let columns = written(&day);
    assert_eq!(read(&columns, MOST), Ok(day.clone()));
    // Nothing that the reader can work out travels: heads, dependencies, chains, attachments' names as text.
    assert!(columns.len() * 2 < plain(&day), "{} of {}", columns.len(), plain(&day));
    let known = |hash: &[u8]| columns.windows(hash.len()).any(|window| window == hash);
    assert!(!day.iter().flat_map(|dossier| &dossier.events).any(|event| known(event.id().as_bytes())));
}

#[test]
fn no_dossiers_are_no_bytes() {
    assert_eq!(written(&[]), Vec::<u8>::new());
    assert_eq!(read(&[], MOST), Ok(Vec::new()));
}

#[test]
fn what_cannot_be_split_travels_as_it_is() {
    let mut day = day(&["An".to_owned()]);
    let whole = day[0].changes[0].to_vec();
    let mut altered = whole.clone();
    altered[20] ^= 1;
    day[0].changes = vec![altered.into(), whole[..whole.len() - 1].to_vec().into(), Vec::new().into(), whole.into()];
    let key = SigningKey::derive_from_seed(&[7; 32]);
    day[0].events.push(SignedEvent(Signed::seal(&key, Namespace::Event, &"no event")));
    assert_eq!(read(&written(&day), MOST), Ok(day));
}

#[test]
fn more_items_than_are_allowed_are_refused_before_they_are_read() {
    let day = day(&["An".to_owned()]);
    assert_eq!(read(&written(&day), Most { items: 4, ..MOST }), Err(ColumnsFault::OverLimit("items")));
}

#[test]
fn more_than_a_stranger_may_make_anybody_work_out_is_refused() {
    let mut day = day(&["An".to_owned(), "Bình".to_owned()]);
    assert_eq!(read(&written(&day), Most { dossiers: 1, ..MOST }), Err(ColumnsFault::OverLimit("dossiers")));
    day[0].texts = vec![String::new(); limits::MAX_TEXTS_PER_DOSSIER + 1];
    assert_eq!(read(&written(&day), MOST), Err(ColumnsFault::OverLimit("texts")));
}

#[test]
fn events_that_wait_for_each_other_are_refused() {
    let mut out = Out::default();
    // One dossier with one event, whose list of events seen says "the first of this dossier": itself.
    for count in [1, 0, 0, 1] {
        out.number(Stream::Counts, count);
    }
    out.bytes(Stream::Dossiers, &[1; 16]);
    out.bytes(Stream::Signatures, &[0; 64]);
    for number in [1, 0, 0, 0, 1, 1, 0] {
        out.number(Stream::Events, number);
    }
    out.bytes(Stream::Hashes, &[2; 32]);
    out.bytes(Stream::Acts, &crate::envelope::encode(&None::<ActingFor>));
    out.bytes(Stream::Acts, &crate::envelope::encode(&Act::Adopted));
    out.signed(Stream::Counters, 1);
    out.signed(Stream::Moments, 1);
    assert_eq!(read(&out.finish(), MOST), Err(ColumnsFault::Damaged));
}

/// A head that names the change after next would be a hash that nobody can know.
#[test]
fn places_beyond_what_came_are_refused() {
    let day = day(&["An".to_owned()]);
    let columns = written(&day);
    for at in 0..columns.len() {
        let mut altered = columns.clone();
        altered[at] = 0x7f;
        if let Ok(read) = read(&altered, MOST) {
            assert!(plain(&read) < 1 << 21);
        }
    }
}

proptest! {
    #[test]
    fn any_words_come_back(words in prop::collection::vec("\\PC{0,40}", 0..6)) {
        let day = day(&words);
        prop_assert_eq!(read(&written(&day), MOST), Ok(day));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, MOST);
    }

    #[test]
    fn any_items_come_back(
        changes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..4),
        texts in prop::collection::vec("[a-z]{0,8}", 0..3),
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..4),
    ) {
        let key = SigningKey::derive_from_seed(&[7; 32]);
        let events = bodies
            .into_iter()
            .map(|body| SignedEvent(Signed { signature: key.sign(Namespace::Event, &body), body }))
            .collect();
        let changes = changes.into_iter().map(Into::into).collect();
        let all = vec![DossierItems { dossier: DossierId([3; 16]), texts, changes, events }];
        prop_assert_eq!(read(&written(&all), MOST), Ok(all));
    }

    #[test]
    fn changed_columns_are_read_or_refused(at in 0usize..2_000, to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut columns = written(&day(&["Nguyễn Thị An".to_owned(), "Bình".to_owned()]));
        let length = columns.len();
        columns[at % length] = to;
        let _ = read(&columns, MOST);
        let _ = read(&columns[..cut.index(length)], MOST);
    }
}

#[test]
fn the_columns_are_frozen() {
    insta::assert_snapshot!(data_encoding::HEXLOWER.encode(&written(&day(&["Nguyễn Thị An".to_owned()]))));
}
