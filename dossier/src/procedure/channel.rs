//! Through which door a dossier comes in.

use std::fmt;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::fee::Fee;
use super::is_false;
use crate::deadline::Term;
use crate::form::Label;

/// Channel of handing in (`KenhThucHien`), numbered as on the national data base. It decides term, fee and the bucket
/// of the indicators, and is recorded once for the channel really used. It is never absent from a submission, because
/// a lost channel is counted as a visit in person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(try_from = "u8", into = "u8")]
pub enum Channel {
    /// 1: at the one-stop desk (trực tiếp).
    #[n(1)]
    Direct,
    /// 2: from a phone or computer (trực tuyến).
    #[n(2)]
    Online,
    /// 3: by the public postal service (bưu chính công ích).
    #[n(3)]
    Postal,
}

impl Channel {
    /// All channels in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Online, Self::Postal];

    /// The national number, 1 to 3.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Direct => 1,
            Self::Online => 2,
            Self::Postal => 3,
        }
    }
}

/// The number names no channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a channel is 1 (in person), 2 (online) or 3 (public post), not {0}")]
pub struct UnknownChannel(pub u8);

impl TryFrom<u8> for Channel {
    type Error = UnknownChannel;
    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::Direct),
            2 => Ok(Self::Online),
            3 => Ok(Self::Postal),
            other => Err(UnknownChannel(other)),
        }
    }
}

impl From<Channel> for u8 {
    fn from(channel: Channel) -> Self {
        channel.code()
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())
    }
}

/// What one channel offers in one case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offering {
    /// The channel.
    pub channel: Channel,
    /// Whether a dossier may be handed in through it.
    pub allowed: bool,
    /// Legal time for handling; present whenever the channel is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// True while the term was not checked against the primary legal text.
    #[serde(default, skip_serializing_if = "is_false")]
    pub term_provisional: bool,
    /// Fees and charges; empty when the channel is closed.
    #[serde(default)]
    pub fees: Vec<Fee>,
    /// Circumstance in which an allowed channel may be used ("only when the portal is down").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Label>,
    /// Why the channel is closed, when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Label>,
}

/// The rule that closes a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelRefusal {
    /// The person must appear before the officer (NĐ 23/2015/NĐ-CP for signatures): post is closed by rule, whatever
    /// the offering says.
    #[error("the person must appear in person")]
    PresenceRequired,
    /// The procedure is not on the list of those that public post may collect (QĐ 45/2016/QĐ-TTg).
    #[error("public post may not collect this dossier")]
    NotByPost,
    /// The record closes the channel, with its reason.
    #[error("the channel is closed for this procedure")]
    Closed(Option<Label>),
    /// The record names neither permission nor closure.
    #[error("the record does not speak of this channel")]
    NotOffered,
    /// The record allows the channel but gives no term, which the catalogue check forbids.
    #[error("the record gives no term for this channel")]
    NoTerm,
}
