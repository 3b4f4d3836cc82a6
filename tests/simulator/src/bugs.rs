//! Mistakes planted to be found. Each lies in a wrapper around a port, never in an engine.

use sync_server::storage::memory::Quirk;

/// A planted mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// The server's database answers before anything is safe.
    AcknowledgeBeforeDurable,
    /// The server takes what it has for new.
    NotIdempotent,
    /// A device takes a broken connection for a good one.
    DropOnDisconnect,
    /// Feeds follow the devices' clocks.
    WallClockOrder,
    /// A torn record counts.
    TornRecord,
    /// A batch is acknowledged whole though partly refused.
    WholeBatch,
    /// A device counts its events beside their log.
    CounterBesideLog,
    /// The cursor is safe before what it stands for.
    CursorBeforeItems,
    /// Internal notes go to everybody.
    StaffNotesShown,
    /// Devices out of use are believed.
    RevocationForgotten,
    /// What a crash left behind is never looked at.
    WaitingForgotten,
    /// Authors are not told what was kept aside.
    NoticesForgotten,
    /// Receipts do not name the one before.
    ReceiptChainForgotten,
    /// The writers of changes are not told apart.
    ActorsForgotten,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::AcknowledgeBeforeDurable,
        Self::NotIdempotent,
        Self::DropOnDisconnect,
        Self::WallClockOrder,
        Self::TornRecord,
        Self::WholeBatch,
        Self::CounterBesideLog,
        Self::CursorBeforeItems,
        Self::StaffNotesShown,
        Self::RevocationForgotten,
        Self::WaitingForgotten,
        Self::NoticesForgotten,
        Self::ReceiptChainForgotten,
        Self::ActorsForgotten,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AcknowledgeBeforeDurable => "acknowledge-before-durable",
            Self::NotIdempotent => "not-idempotent",
            Self::DropOnDisconnect => "drop-on-disconnect",
            Self::WallClockOrder => "wall-clock-order",
            Self::TornRecord => "torn-record",
            Self::WholeBatch => "whole-batch",
            Self::CounterBesideLog => "counter-beside-log",
            Self::CursorBeforeItems => "cursor-before-items",
            Self::StaffNotesShown => "staff-notes-shown",
            Self::RevocationForgotten => "revocation-forgotten",
            Self::WaitingForgotten => "waiting-forgotten",
            Self::NoticesForgotten => "notices-forgotten",
            Self::ReceiptChainForgotten => "receipt-chain-forgotten",
            Self::ActorsForgotten => "actors-forgotten",
        }
    }

    /// The mistake of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bug| bug.name() == name)
    }

    /// What it is in the server's database, if it is there.
    #[must_use]
    pub fn quirk(self) -> Option<Quirk> {
        match self {
            Self::NotIdempotent => Some(Quirk::TakesTwice),
            Self::WallClockOrder => Some(Quirk::FeedByDeviceClock),
            Self::StaffNotesShown => Some(Quirk::ShowsStaffNotes),
            Self::RevocationForgotten => Some(Quirk::ForgetsRevocations),
            Self::WaitingForgotten => Some(Quirk::ForgetsWaiting),
            Self::NoticesForgotten => Some(Quirk::ForgetsNotices),
            Self::ReceiptChainForgotten => Some(Quirk::ForgetsReceiptChain),
            Self::ActorsForgotten => Some(Quirk::ForgetsActors),
            Self::AcknowledgeBeforeDurable
            | Self::DropOnDisconnect
            | Self::TornRecord
            | Self::WholeBatch
            | Self::CounterBesideLog
            | Self::CursorBeforeItems => None,
        }
    }
}
