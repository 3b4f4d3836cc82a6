//! Reading a stretch of a feed: two range queries, the same for both databases.
//!
//! The first tells what the rows are and how heavy, without the items' bytes; it decides where the page ends. The second
//! reads the items of exactly that stretch. Rows of a scope become visible in the order of their numbers (see
//! [`super::Storage::admit`]), so what either query sees has no gaps, whoever writes meanwhile.

use dossier::id::{BlobId, DossierId};

use super::{
    StorageFault,
    columns::{self, ItemColumns},
    plan::{BLOB, ENTER, ITEM, LEAVE},
    types::{FeedPage, FeedRow, ItemRow},
};

/// How many rows one query looks at. 8,192 rows of about 100 bytes are under a megabyte.
pub const LOOK_AHEAD_ROWS: i64 = 8_192;

/// What a row counts for besides its item's bytes: hash, author, times and their framing.
const ROW_BYTES: usize = 64;

/// A row of the feed, without its item.
#[derive(Debug, sqlx::FromRow)]
pub struct FeedColumns {
    pub seq: i64,
    pub kind: i16,
    pub dossier: Vec<u8>,
    pub position: Option<i64>,
    pub blob: Option<Vec<u8>>,
    /// Of an attachment.
    pub size_bytes: Option<i64>,
    /// How many bytes the item has; below zero if it is the reader's own.
    pub weight: i64,
}

/// Where a page ends, found row by row.
#[derive(Debug)]
pub struct Page {
    rows: Vec<FeedColumns>,
    upto: i64,
    bytes: usize,
    max_bytes: usize,
    more: bool,
}

impl Page {
    /// A page that begins after a number.
    pub fn after(after: i64, max_bytes: usize) -> Self {
        Self { rows: Vec::new(), upto: after, bytes: 0, max_bytes, more: false }
    }

    /// The number up to which rows were taken.
    pub fn upto(&self) -> i64 {
        self.upto
    }

    /// Takes rows as long as they fit; the first always does, or a reader would never get past it. Answers whether
    /// more are wanted.
    pub fn take(&mut self, rows: Vec<FeedColumns>) -> bool {
        let whole = i64::try_from(rows.len()).is_ok_and(|count| count < LOOK_AHEAD_ROWS);
        for row in rows {
            if let Ok(weight) = usize::try_from(row.weight) {
                let bytes = self.bytes + weight + ROW_BYTES;
                if bytes > self.max_bytes && !self.rows.is_empty() {
                    self.more = true;
                    return false;
                }
                self.bytes = bytes;
                self.upto = row.seq;
                self.rows.push(row);
            } else {
                self.upto = row.seq;
            }
        }
        !whole
    }

    /// Puts the items, which come in the order of the rows that name them, where they belong.
    pub fn fill(self, items: Vec<ItemColumns>) -> Result<FeedPage, StorageFault> {
        const DAMAGED: StorageFault = StorageFault::Damaged("feed row");
        let mut items = items.into_iter();
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let dossier = DossierId(columns::id(&row.dossier, "feed row")?);
            rows.push(match (row.kind, row.position, row.blob) {
                (ENTER, None, None) => FeedRow::Enter(dossier),
                (LEAVE, None, None) => FeedRow::Leave(dossier),
                (ITEM, Some(position), None) => {
                    let item = items.next().filter(|item| item.dossier == row.dossier && item.position == position);
                    FeedRow::Item(Box::new(ItemRow::try_from(item.ok_or(DAMAGED)?)?))
                }
                (BLOB, None, Some(blob)) => FeedRow::Blob {
                    dossier,
                    blob: BlobId(columns::id(&blob, "feed row")?),
                    size_bytes: row.size_bytes.ok_or(DAMAGED)?.cast_unsigned(),
                },
                _ => return Err(DAMAGED),
            });
        }
        Ok(FeedPage { rows, upto: columns::count(self.upto, "feed row")?, more: self.more })
    }
}
