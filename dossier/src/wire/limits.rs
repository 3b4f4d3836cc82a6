//! How much of everything one message may hold. The server advertises these; exceeding one is a typed error.

/// A request or answer body, decompressed. A phone's summer of 8,000 dossiers with 3 kB each fits.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// A request body as it travels.
pub const MAX_COMPRESSED_BYTES: usize = 16 << 20;
/// How many times larger than its compressed form a body may be. Batches of like forms reach 12; bombs reach thousands.
pub const MAX_RATIO: usize = 200;
/// The zstd window, as a power of two: 8 MB, the most that every decoder must support.
pub const MAX_WINDOW_LOG: u32 = 23;
/// Dossiers in one batch.
pub const MAX_DOSSIERS: usize = 20_000;
/// Items in one batch.
pub const MAX_ITEMS: usize = 100_000;
/// Changes that one dossier may have in all.
pub const MAX_CHANGES_PER_DOSSIER: usize = 10_000;
/// Events that one dossier may have in all; the national process has about a dozen steps.
pub const MAX_EVENTS_PER_DOSSIER: usize = 1_000;
/// Text objects of one dossier: the most long-text fields a form may have.
pub const MAX_TEXTS_PER_DOSSIER: usize = 64;
/// Dossiers of one parcel, whose items are made durable and receipted together.
pub const PARCEL_DOSSIERS: usize = 256;
/// Items of one parcel: all that one dossier may have.
pub const PARCEL_ITEMS: usize = 12_000;
/// Scopes a device may ask for.
pub const MAX_SCOPES: usize = 16;
/// Items of feed in one answer, in bytes; the rest follows in the next.
pub const FEED_BYTES: usize = 32 << 20;
/// One attachment. A phone's photo is 5 MB, a scanned contract 20; a video is no paper.
pub const MAX_BLOB_BYTES: u64 = 50 << 20;
/// Attachments of one dossier.
pub const MAX_BLOBS_PER_DOSSIER: usize = 500;
