//! What was law for a procedure between two days.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::channel::{Channel, ChannelRefusal, Offering};
use super::code::{CaseId, FormId, VersionId};
use super::component::Component;
use super::is_false;
use crate::form::Label;

/// One version of a procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Name of the version, unique in the procedure.
    pub version: VersionId,
    /// First day in force.
    #[serde(with = "crate::calendar::iso_day")]
    pub effective_from: Date,
    /// Last day in force, inclusive; none while it is current.
    #[serde(default, with = "crate::calendar::iso_day::optional")]
    pub effective_to: Option<Date>,
    /// E-form of this version, one of the procedure's forms.
    pub form: FormId,
    /// What holds for the version as a whole.
    pub flags: Flags,
    /// Cases (trường hợp), the first being the ordinary one.
    pub cases: Vec<Case>,
    /// Papers.
    pub components: Vec<Component>,
    /// What the person receives at the end.
    pub results: Vec<ResultPaper>,
    /// Law on which it rests (căn cứ pháp lý).
    pub legal_bases: Vec<LegalBasis>,
    /// Internal steps (quy trình nội bộ). Their sum never replaces the legal term.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What a person should know beside all this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Label>,
}

/// What holds for a version as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flags {
    /// Decided on the day of receipt, after the cut-off on the next working day.
    pub same_day: bool,
    /// The person must appear before the officer: post is refused by rule.
    pub presence_required: bool,
    /// Public post may collect the dossier.
    pub postal_send: bool,
    /// Public post may bring the result.
    pub postal_return: bool,
    /// Handled by an agency outside the local government.
    pub vertical: bool,
    /// May be received at any desk of the province (phi địa giới).
    pub boundary_free: bool,
    /// How much of it can be done online.
    pub online_level: OnlineLevel,
}

/// Level of the online service (NĐ 42/2022/NĐ-CP).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlineLevel {
    /// Only information is online.
    Information,
    /// Một phần.
    Partial,
    /// Toàn trình.
    Full,
}

/// One case (trường hợp) with its offer on each channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Name of the case.
    pub id: CaseId,
    /// What it is called.
    pub name: Label,
    /// When it applies; absent for the ordinary case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Label>,
    /// One entry a channel.
    pub channels: Vec<Offering>,
}

/// A paper given out at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultPaper {
    /// Its name in records, a slug.
    pub id: String,
    /// What it is called.
    pub name: Label,
}

/// A legal text (văn bản).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Number, such as `123/2015/NĐ-CP`.
    pub number: String,
    /// Title in Vietnamese, as published.
    pub title: String,
    /// True while number or title was not checked against the primary text.
    #[serde(default, skip_serializing_if = "is_false")]
    pub provisional: bool,
}

/// A step of the internal process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub name: Label,
    /// Time allotted, in working hours.
    pub working_hours: u16,
}

impl Version {
    /// Whether the version is in force on a day, first and last day included.
    pub fn in_force_on(&self, date: Date) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|last| date <= last)
    }

    /// The case of this name.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.iter().find(|case| &case.id == id)
    }

    /// Papers of a case, in the order of the record.
    pub fn components<'a>(&'a self, case: &'a CaseId) -> impl Iterator<Item = &'a Component> {
        self.components.iter().filter(move |component| component.belongs_to(case))
    }

    /// Whether the channel is open in at least one case.
    pub fn channel_allowed(&self, channel: Channel) -> Result<(), ChannelRefusal> {
        let mut first_refusal = None;
        for case in &self.cases {
            match self.offering(channel, case) {
                Ok(_) => return Ok(()),
                Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
            }
        }
        Err(first_refusal.unwrap_or(ChannelRefusal::NotOffered))
    }

    /// What a channel offers in a case. The rules on presence and post stand above the offering.
    pub fn offering<'a>(&self, channel: Channel, case: &'a Case) -> Result<&'a Offering, ChannelRefusal> {
        if channel == Channel::Postal && self.flags.presence_required {
            return Err(ChannelRefusal::PresenceRequired);
        }
        if channel == Channel::Postal && !self.flags.postal_send {
            return Err(ChannelRefusal::NotByPost);
        }
        match case.channels.iter().find(|offering| offering.channel == channel) {
            None => Err(ChannelRefusal::NotOffered),
            Some(offering) if !offering.allowed => Err(ChannelRefusal::Closed(offering.reason.clone())),
            Some(offering) => Ok(offering),
        }
    }
}
