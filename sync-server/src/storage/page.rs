//! Reading a stretch of a feed: two range queries, the same for both databases.
//!
//! The first tells what the rows are and how heavy, without the items' bytes; it decides where the page ends. The second
//! reads the items of exactly that stretch. Rows of a scope become visible in the order of their numbers (see
//! [`super::Storage::admit`]), so what either query sees has no gaps, whoever writes meanwhile.

use dossier::{
    id::{BlobId, Digest, DossierId},
    wire::repair::Sum,
};

use super::{
    StorageFault,
    columns::{self, ItemColumns},
    plan::{BLOB, ENTER, ITEM, LEAVE},
    types::{FeedPage, FeedRow, ItemRow, Own},
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
    /// How many bytes the item has.
    pub weight: i64,
    /// Of an item that the reader's device made.
    pub own_hash: Option<Vec<u8>>,
}

/// Where a page ends, found row by row.
#[derive(Debug)]
pub struct Page<'a> {
    own: Option<&'a Own>,
    tells_of_own: bool,
    rows: Vec<FeedColumns>,
    upto: i64,
    bytes: usize,
    max_bytes: usize,
    more: bool,
}

impl<'a> Page<'a> {
    /// A page that begins after a number.
    pub fn after(after: i64, max_bytes: usize, own: Option<&'a Own>) -> Self {
        Self { own, tells_of_own: false, rows: Vec::new(), upto: after, bytes: 0, max_bytes, more: false }
    }

    /// Whether it holds items that the reader's device made, in another life than the reader's.
    pub fn tells_of_own(&self) -> bool {
        self.tells_of_own
    }

    /// Whether the reader just brought it.
    fn is_carried(&self, row: &FeedColumns) -> bool {
        let (Some(own), Some(hash)) = (self.own, row.own_hash.as_deref()) else { return false };
        hash.try_into().is_ok_and(|hash| own.carried.contains(&Digest(hash)))
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
            if self.is_carried(&row) {
                self.upto = row.seq;
                continue;
            }
            let bytes = self.bytes + usize::try_from(row.weight).unwrap_or(usize::MAX / 2) + ROW_BYTES;
            if bytes > self.max_bytes && !self.rows.is_empty() {
                self.more = true;
                return false;
            }
            self.bytes = bytes;
            self.upto = row.seq;
            self.tells_of_own |= row.own_hash.is_some();
            self.rows.push(row);
        }
        !whole
    }

    /// Puts the items, which come in the order of the rows that name them, where they belong. Items of rows that were
    /// passed over may be among them.
    pub fn fill(self, items: Vec<ItemColumns>, head: u64, digest: Sum) -> Result<FeedPage, StorageFault> {
        const DAMAGED: StorageFault = StorageFault::Damaged("feed row");
        let mut items = items.into_iter();
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let dossier = DossierId(columns::id(&row.dossier, "feed row")?);
            rows.push(match (row.kind, row.position, row.blob) {
                (ENTER, None, None) => FeedRow::Enter(dossier),
                (LEAVE, None, None) => FeedRow::Leave(dossier),
                (ITEM, Some(position), None) => {
                    let item = items.find(|item| item.dossier == row.dossier && item.position == position);
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
        Ok(FeedPage { rows, upto: columns::count(self.upto, "feed row")?, more: self.more, head, digest })
    }
}
