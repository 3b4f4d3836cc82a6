//! What a device holds: durable store, drafts, outbox, sync engine and search.
