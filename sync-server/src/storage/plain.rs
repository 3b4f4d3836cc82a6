//! Queries that both databases understand word for word, written once.
//!
//! The macros make the same functions for either kind of connection. What locks, or works on many rows at once, is
//! written per database instead. Whoever calls decides on the transaction: a function of several statements that needs
//! one says so.

mod attachments;
mod devices;
mod digest;
mod record;

pub(crate) use {
    attachments::attachments_queries, devices::devices_queries, digest::digest_queries, record::record_queries,
};

/// Makes the functions for a connection type.
macro_rules! plain_queries {
    ($connection:ty) => {
        use dossier::{
            id::{BatchId, BlobId, DeviceId, Digest, DossierId, PublicKey},
            wire::{SignedReceipt, Waiting, repair::Sum},
        };
        use sqlx::{query, query_as, query_scalar};

        use crate::storage::{columns::*, page::*, types::*, *};

        type Connection = $connection;

        crate::storage::plain::devices_queries!();
        crate::storage::plain::record_queries!();
        crate::storage::plain::attachments_queries!();
        crate::storage::plain::digest_queries!();
    };
}

pub(crate) use plain_queries;
