//! What a person wants to know of a procedure before they begin: how, how long, how much, which papers, by which law.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Catalogue;
use crate::form::{FormError, Label};
use crate::procedure::{
    ApplicantKind, Case, CaseId, Channel, ChannelRefusal, Component, ComponentId, Fee, FeeKind, FeeUnit, Flags,
    LegalBasis, Level, LifeEventId, PhotoHints, Procedure, ResultPaper, Version, total_dong,
};

/// A procedure as a person reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guide {
    /// Its code.
    pub code: String,
    /// The version told about.
    pub version: String,
    /// Its name.
    pub name: Label,
    /// Its sector's id.
    pub sector: String,
    /// Its sector's name.
    pub sector_name: Label,
    /// Events of life under which it is found.
    pub life_events: Vec<LifeEventId>,
    /// Level that decides.
    pub level: Level,
    /// Body that decides.
    pub authority: Label,
    /// Who may apply.
    pub applicants: Vec<ApplicantKind>,
    /// What holds for it as a whole.
    pub flags: Flags,
    /// Ways to hand in, in the ordinary case (or in the first case that is open).
    pub channels: Vec<ChannelGuide>,
    /// Its cases, the ordinary one first.
    pub cases: Vec<CaseGuide>,
    /// Papers.
    pub components: Vec<ComponentGuide>,
    /// What the person receives.
    pub results: Vec<ResultPaper>,
    /// Law on which it rests.
    pub legal_bases: Vec<LegalBasis>,
    /// Whether its code or any term, amount or legal basis was not yet checked against the primary text.
    pub provisional: bool,
    /// Title of the form.
    pub form_title: Label,
    /// How many fields the form has, repeated groups counted once.
    pub fields: usize,
    /// What a person should know beside all this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Label>,
}

/// One way to hand in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelGuide {
    /// The channel, 1–3.
    pub channel: Channel,
    /// What it is called.
    pub name: Label,
    /// Whether it is open.
    pub allowed: bool,
    /// Why it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<Label>,
    /// In which circumstance it is open, if not always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Label>,
    /// Legal time for handling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<Label>,
    /// What one unit of everything comes to, without reductions; absent if nothing is said of fees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_dong: Option<i64>,
    /// The tariff.
    pub fees: Vec<FeeLine>,
}

/// One row of the tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeeLine {
    /// Fee or charge.
    pub kind: FeeKind,
    /// For one unit, in đồng.
    pub amount_dong: i64,
    /// What a person should know about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Label>,
    /// Unit it is counted by.
    pub per: FeeUnit,
    /// Whether it is for those entitled to a reduction.
    pub reduced: bool,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseGuide {
    /// Its name in records.
    pub id: CaseId,
    /// What it is called.
    pub name: Label,
    /// When it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Label>,
    /// Ways to hand in, in this case.
    pub channels: Vec<ChannelGuide>,
}

/// One paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentGuide {
    /// Its name in records.
    pub id: ComponentId,
    /// What it is called.
    pub name: Label,
    /// Originals handed in.
    pub originals: u16,
    /// Copies handed in.
    pub copies: u16,
    /// Shown and given back at once.
    pub presented: bool,
    /// Whether every dossier of the ordinary case needs it.
    pub required: bool,
    /// When it is needed, if not always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Label>,
    /// How to photograph it.
    pub photo: PhotoHints,
}

impl Catalogue {
    /// The guide to a version of a procedure. It fails only if the version's form is faulty.
    pub fn guide(&self, procedure: &Procedure, version: &Version) -> Result<Guide, FormError> {
        let form = self.form(procedure, version)?;
        let sector = self.sectors().iter().find(|sector| sector.id == procedure.sector);
        let cases: Vec<CaseGuide> = version.cases.iter().map(|case| of_case(version, case)).collect();
        Ok(Guide {
            code: procedure.code.to_string(),
            version: version.version.to_string(),
            name: procedure.name.clone(),
            sector: procedure.sector.to_string(),
            sector_name: sector.map_or_else(|| Label::new("", ""), |sector| sector.name.clone()),
            life_events: procedure.life_events.clone(),
            level: procedure.level,
            authority: procedure.authority.clone(),
            applicants: procedure.applicants.clone(),
            flags: version.flags,
            channels: Channel::ALL.into_iter().filter_map(|channel| usual(&cases, channel)).collect(),
            cases,
            components: version.components.iter().map(|component| of_component(version, component)).collect(),
            results: version.results.clone(),
            legal_bases: version.legal_bases.clone(),
            provisional: is_provisional(procedure, version),
            form_title: form.title().clone(),
            fields: form.fields().len(),
            note: version.note.clone(),
        })
    }
}

/// A channel as most people meet it: in the first case where it is open, the ordinary one before others.
fn usual(cases: &[CaseGuide], channel: Channel) -> Option<ChannelGuide> {
    let offers = || cases.iter().flat_map(|case| &case.channels).filter(|offer| offer.channel == channel);
    offers().find(|offer| offer.allowed).or_else(|| offers().next()).cloned()
}

fn of_case(version: &Version, case: &Case) -> CaseGuide {
    CaseGuide {
        id: case.id.clone(),
        name: case.name.clone(),
        condition: case.condition.clone(),
        channels: Channel::ALL.into_iter().map(|channel| of_channel(version, case, channel)).collect(),
    }
}

fn of_channel(version: &Version, case: &Case, channel: Channel) -> ChannelGuide {
    let offering = version.offering(channel, case);
    let fees: &[Fee] = offering.as_ref().map_or(&[], |offering| &offering.fees);
    ChannelGuide {
        channel,
        name: channel.label(),
        allowed: offering.is_ok(),
        why_not: offering.as_ref().err().map(ChannelRefusal::sentence),
        condition: offering.as_ref().ok().and_then(|offering| offering.condition.clone()),
        term: offering.as_ref().ok().and_then(|offering| offering.term).map(|term| term.label()),
        fee_dong: (!fees.is_empty()).then(|| one_of_each(fees)),
        fees: fees.iter().map(FeeLine::from).collect(),
    }
}

impl From<&Fee> for FeeLine {
    fn from(fee: &Fee) -> Self {
        let Fee { kind, amount_dong, per, reduced, ref note, .. } = *fee;
        Self { kind, amount_dong, note: note.clone(), per, reduced }
    }
}

fn one_of_each(fees: &[Fee]) -> i64 {
    let units: BTreeSet<FeeUnit> = fees.iter().map(|fee| fee.per).collect();
    units.into_iter().map(|per| total_dong(fees, per, 1, false)).fold(0, i64::saturating_add)
}

fn of_component(version: &Version, component: &Component) -> ComponentGuide {
    let ordinary = component.belongs_to(&CaseId::normal());
    let cases = || {
        let names: Vec<&Label> =
            component.cases.iter().filter_map(|id| version.case(id)).map(|case| &case.name).collect();
        let joined = |of: fn(&Label) -> &str| names.iter().map(|name| of(name)).collect::<Vec<_>>().join("; ");
        Label::new(joined(|name| &name.vi), joined(|name| &name.en))
    };
    ComponentGuide {
        id: component.id.clone(),
        name: component.name.clone(),
        originals: component.originals,
        copies: component.copies,
        presented: component.presented,
        required: ordinary && component.is_unconditional(),
        when: component.condition.clone().or_else(|| (!ordinary).then(cases)),
        photo: component.photo,
    }
}

fn is_provisional(procedure: &Procedure, version: &Version) -> bool {
    let mut offerings = version.cases.iter().flat_map(|case| &case.channels);
    procedure.code_provisional
        || version.legal_bases.iter().any(|basis| basis.provisional)
        || offerings.any(|offering| offering.term_provisional || offering.fees.iter().any(|fee| fee.provisional))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn guide(code: &str) -> Guide {
        let shipped = Catalogue::shipped();
        let procedure = shipped.procedure_of(code).unwrap();
        shipped.guide(procedure, procedure.version_on(date(2026, 11, 22)).unwrap()).unwrap()
    }

    #[test]
    fn a_real_guide_is_whole() {
        insta::assert_json_snapshot!(guide("1.001193"));
    }

    #[test]
    fn every_guide_tells_why_what_is_closed_is_closed() {
        for procedure in Catalogue::shipped().procedures() {
            let guide = guide(procedure.code.as_str());
            assert_eq!(guide.channels.len(), Channel::ALL.len(), "{}", guide.code);
            for offer in guide.channels.iter().chain(guide.cases.iter().flat_map(|case| &case.channels)) {
                assert_eq!(offer.allowed, offer.why_not.is_none(), "{} {}", guide.code, offer.channel);
                assert_eq!(offer.allowed, offer.term.is_some(), "{} {}", guide.code, offer.channel);
            }
            assert!(guide.components.iter().all(|paper| paper.required == paper.when.is_none()), "{}", guide.code);
            assert!(!guide.sector_name.vi.is_empty() && guide.fields > 0);
        }
    }

    #[test]
    fn presence_closes_the_post_with_its_reason() {
        let closed = Catalogue::shipped()
            .procedures()
            .map(|one| guide(one.code.as_str()))
            .find(|guide| guide.flags.presence_required);
        let post = closed.unwrap().channels.into_iter().find(|offer| offer.channel == Channel::Postal).unwrap();
        assert!(!post.allowed && post.why_not.unwrap().vi.contains("có mặt"));
    }
}
