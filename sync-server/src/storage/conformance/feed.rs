//! Reading feeds in stretches.

use std::sync::Arc;

use dossier::wire::repair::Sum;

use super::fixtures::{NOW_MS, Sender, admit, blob, change, device, dossier, outline, rows};
use crate::storage::{FeedPage, FeedRow, ItemRow, News, Own, Storage};

/// An item of the fixtures with what a row counts besides.
const ROW: usize = 100 + 64;

/// Pages follow each other without gap or overlap, whatever their size, and only the last says that there is no more.
pub async fn a_feed_is_read_in_pages(storage: Arc<dyn Storage>) {
    let items = (1..=10).map(|seq| change(dossier(1), 1, seq)).collect();
    Sender::new(1).send(&*storage, items).await;
    admit(&*storage, dossier(1), &["a", "b"]).await;
    let whole = rows(&*storage, "a", 0).await;
    assert_eq!(whole.len(), 11);
    for max_bytes in [0, 1, ROW, 3 * ROW, 3 * ROW - 1, 100 * ROW] {
        let (mut after, mut read, mut pages) = (0, Vec::new(), 0);
        loop {
            let page = storage.feed("a", after, max_bytes, None).await.unwrap();
            assert_eq!(page.upto, after + page.rows.len() as u64);
            after = page.upto;
            pages += 1;
            read.extend(page.rows);
            assert!(read.len() <= whole.len(), "the feed must end");
            if !page.more {
                break;
            }
        }
        assert_eq!(read, whole);
        assert!(max_bytes >= 100 * ROW || pages > 3, "{max_bytes} bytes took {pages} pages");
    }
    let end = storage.feed("a", 11, usize::MAX, None).await.unwrap();
    assert_eq!((end.rows.len(), end.upto, end.more, end.head), (0, 11, false, 11));
    let beyond = storage.feed("a", u64::MAX, usize::MAX, None).await.unwrap();
    assert!(beyond.rows.is_empty() && !beyond.more);
}

/// An item larger than the page is sent by itself, or its reader would never get past it.
pub async fn a_page_is_never_empty_while_there_is_more(storage: Arc<dyn Storage>) {
    let mut large = change(dossier(1), 1, 1);
    large.bytes = vec![7; 1 << 20];
    Sender::new(1).send(&*storage, vec![large, change(dossier(1), 1, 2)]).await;
    admit(&*storage, dossier(1), &["a"]).await;
    let mut after = 0;
    for expected in ["enter", "item 1", "item 2"] {
        let page = storage.feed("a", after, ROW, None).await.unwrap();
        assert_eq!(outline(&page.rows), [expected]);
        assert_eq!(page.more, expected != "item 2");
        after = page.upto;
    }
}

/// What the reader just brought is passed over; what its device brought in another life is not.
pub async fn own_rows_are_counted_not_sent(storage: Arc<dyn Storage>) {
    let items = vec![change(dossier(1), 1, 1), change(dossier(1), 2, 1), change(dossier(1), 1, 2)];
    Sender::new(1).send(&*storage, items.clone()).await;
    admit(&*storage, dossier(1), &["a"]).await;
    let brought = |number, items: &[&ItemRow]| Own {
        device: device(number),
        carried: items.iter().map(|item| item.hash).collect(),
    };
    let both = brought(1, &[&items[0], &items[2]]);
    let page = storage.feed("a", 0, usize::MAX, Some(&both)).await.unwrap();
    assert_eq!(outline(&page.rows), ["enter", "item 2"]);
    assert_eq!((page.upto, page.more), (4, false));
    let page = storage.feed("a", 0, usize::MAX, Some(&brought(1, &[&items[2]]))).await.unwrap();
    assert_eq!(outline(&page.rows), ["enter", "item 1", "item 2"]);
    assert_eq!((page.upto, page.more), (4, false));
    let page = storage.feed("a", 2, usize::MAX, Some(&brought(2, &[&items[1]]))).await.unwrap();
    assert_eq!(outline(&page.rows), ["item 3"]);
    let own = storage.feed("a", 3, 0, Some(&both)).await.unwrap();
    assert_eq!((own.rows.len(), own.upto, own.more, own.head), (0, 4, false, 4));
}

/// A stretch longer than one look into the database is still one page.
pub async fn a_long_feed_is_read_whole(storage: Arc<dyn Storage>) {
    let count = u32::try_from(crate::storage::page::LOOK_AHEAD_ROWS).unwrap() + 10;
    let mut sender = Sender::new(1);
    let items: Vec<ItemRow> = (1..=u64::from(count)).map(|seq| change(dossier(1), 1, seq)).collect();
    let brought = Own { device: device(1), carried: items.iter().map(|item| item.hash).collect() };
    sender.send(&*storage, items).await;
    admit(&*storage, dossier(1), &["a"]).await;
    let rows = rows(&*storage, "a", 0).await;
    assert_eq!(rows.len() as u64, u64::from(count) + 1);
    for (position, row) in (1..).zip(&rows[1..]) {
        let FeedRow::Item(item) = row else { panic!("an item was expected") };
        assert_eq!(item.position, position);
    }
    let own = storage.feed("a", 0, 0, Some(&brought)).await.unwrap();
    assert_eq!((own.rows.len(), own.upto, own.more), (1, u64::from(count) + 1, false));
}

/// A scope nobody wrote to has no rows.
pub async fn an_unknown_scope_is_empty(storage: Arc<dyn Storage>) {
    let page = storage.feed("nowhere", 0, usize::MAX, None).await.unwrap();
    assert_eq!(page, FeedPage { rows: vec![], upto: 0, more: false, head: 0, digest: Sum::default() });
}

/// Whoever listens hears of every scope that got rows, once they can be read; of nothing else; and only from then on.
pub async fn news_are_told_when_they_are_durable(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    admit(&*storage, dossier(1), &["old"]).await;
    let mut news = storage.news().await.unwrap();
    let mut second = storage.news().await.unwrap();
    sender.send(&*storage, vec![change(dossier(2), 1, 1)]).await;
    admit(&*storage, dossier(2), &["a", "unit:b"]).await;
    let told = |names: &[&str]| News::In(Arc::new(names.iter().map(|name| (*name).to_owned()).collect()));
    assert_eq!(news.recv().await.unwrap(), told(&["a", "unit:b"]));
    assert_eq!(rows(&*storage, "a", 0).await.len(), 2);
    // Nothing is new in any feed.
    admit(&*storage, dossier(2), &["a", "unit:b"]).await;
    storage.blob_arrived(&dossier(2), &blob(1), 7, NOW_MS).await.unwrap();
    storage.blob_arrived(&dossier(2), &blob(1), 7, NOW_MS).await.unwrap();
    admit(&*storage, dossier(2), &["a"]).await;
    assert_eq!(news.recv().await.unwrap(), told(&["a", "unit:b"]), "an attachment arrived");
    assert_eq!(news.recv().await.unwrap(), told(&["unit:b"]), "the dossier left");
    assert!(news.is_empty());
    assert_eq!(second.recv().await.unwrap(), told(&["a", "unit:b"]));
}
