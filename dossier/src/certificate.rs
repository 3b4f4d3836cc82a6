//! Who a device belongs to, signed by the Centre, checked offline by anybody.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    envelope::{EnvelopeFault, Namespace, Signed},
    id::{DeviceId, PublicKey},
};

/// What a person may do. The order carries no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A citizen or enterprise: sees and changes what they took part in.
    #[n(0)]
    Citizen,
    /// A postal worker: captures facts and hands over; never decides on merits.
    #[n(1)]
    Postal,
    /// A desk or case officer of a unit.
    #[n(2)]
    Officer,
    /// The head of a unit: everything an officer may, and settles disputes.
    #[n(3)]
    Head,
    /// Runs the server; sees no dossier.
    #[n(4)]
    Operator,
    /// The Centre itself: issues codes.
    #[n(5)]
    Centre,
}

impl Role {
    /// The name used in commands and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Postal => "postal",
            Self::Officer => "officer",
            Self::Head => "head",
            Self::Operator => "operator",
            Self::Centre => "centre",
        }
    }

    /// The role of that name, as an invitation may give it (the Centre's own role is nobody's to give).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Citizen, Self::Postal, Self::Officer, Self::Head, Self::Operator]
            .into_iter()
            .find(|role| role.name() == name)
    }

    /// Whether this role decides on dossiers for its unit.
    #[must_use]
    pub fn is_official(self) -> bool {
        matches!(self, Self::Officer | Self::Head | Self::Centre)
    }
}

/// A device certificate: this key speaks for this person in this role at this unit, for this long.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Certificate {
    /// The Centre that signed.
    #[n(0)]
    pub centre: PublicKey,
    /// The device's key.
    #[n(1)]
    pub device_key: PublicKey,
    /// The person's name as colleagues know it.
    #[n(2)]
    pub name: String,
    /// What they may do.
    #[n(3)]
    pub role: Role,
    /// The unit for which they act: a commune code such as `25747`, or an organisation id.
    #[n(4)]
    pub unit: String,
    /// Valid from this moment (Unix milliseconds, the Centre's clock).
    #[n(5)]
    pub from_ms: i64,
    /// Valid up to and without this moment (Unix milliseconds).
    #[n(6)]
    pub until_ms: i64,
}

impl Certificate {
    /// The device it speaks for.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::of(&self.device_key)
    }

    /// Whether it is valid at that moment.
    #[must_use]
    pub fn is_valid_at(&self, at_ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&at_ms)
    }

    /// Checks the Centre's signature, and that the certificate names that Centre.
    pub fn verify(signed: &Signed, centre: &PublicKey) -> Result<Self, EnvelopeFault> {
        let certificate: Self = signed.open(centre, Namespace::Certificate)?;
        if certificate.centre == *centre { Ok(certificate) } else { Err(EnvelopeFault::BadSignature) }
    }
}
