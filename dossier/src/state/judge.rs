//! Which events are lawful, each in the light of what its author knew.

use serde::Serialize;

use super::{
    Recorded, Status, Territory, is_official,
    order::{Order, Set},
    resolve::{self, View},
};
use crate::{
    certificate::{Certificate, Role},
    event::{Act, Channel},
};

/// Why an event took no effect. It stays in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ineffective {
    /// The role may not do this.
    NotInRole,
    /// The dossier is another unit's.
    NotInUnit,
    /// The capacity claimed is not the certificate's, or the certificate was not valid at the time.
    OutdatedAuthority,
    /// The status its author saw does not allow this step.
    IllegalStep,
    /// A reason is required and none was given.
    ReasonMissing,
    /// Two official acts contradict each other; this waits until somebody settles it.
    Disputed,
    /// It settles nothing: there was no dispute, or the act named is not part of it.
    NothingToSettle,
    /// It was lawful when made, but an official act that did not know of it came first.
    Overtaken,
    /// It was lawful when made, but another of two contradictory acts stands.
    DidNotStand,
}

/// Judgement on every event of an [`Order`], by position.
pub struct Judged {
    pub verdicts: Vec<Option<Ineffective>>,
    /// The state right after each effective status act.
    pub after: Vec<Option<View>>,
}

impl Judged {
    pub fn of(order: &Order<'_>, territory: &dyn Territory) -> Self {
        let mut judged = Self { verdicts: Vec::new(), after: Vec::new() };
        for position in 0..order.records.len() {
            let view = resolve::view(order, &judged, &order.ancestors[position]);
            let verdict = judge(order, position, &view, territory);
            let after = match verdict {
                Ok(Some(status)) => Some(view.then(order, position, status, &judged)),
                _ => None,
            };
            judged.verdicts.push(verdict.err());
            judged.after.push(after);
        }
        judged
    }

    pub fn is_effective(&self, position: usize) -> bool {
        self.verdicts[position].is_none()
    }

    /// Effective acts in `within` that moved the status: the official ones, and those of parties.
    pub fn moves(&self, order: &Order<'_>, within: &Set) -> (Vec<usize>, Vec<usize>) {
        within
            .iter()
            .filter(|at| self.after.get(*at).is_some_and(Option::is_some))
            .partition(|at| is_official(order.act(*at)))
    }
}

/// `Ok(Some(status))` for an act that moves the status, `Ok(None)` for one that does not.
fn judge(
    order: &Order<'_>,
    position: usize,
    view: &View,
    territory: &dyn Territory,
) -> Result<Option<Status>, Ineffective> {
    let record = order.records[position];
    let act = order.act(position);
    let role = authority(record, order.time(position).ms)?;
    if !may(role, act) {
        return Err(Ineffective::NotInRole);
    }
    if act.required_reason().is_some_and(|reason| reason.trim().is_empty()) {
        return Err(Ineffective::ReasonMissing);
    }
    if (is_official(act) || matches!(act, Act::Adopted)) && role != Some(Role::Centre) {
        let own = record.certificate.as_ref().map_or("", |certificate| certificate.unit.as_str());
        if view.unit.as_deref().is_some_and(|unit| !territory.is_within(unit, own)) {
            return Err(Ineffective::NotInUnit);
        }
    }
    step(order, view, act)
}

/// The role in which an event was made, proved by its certificate.
fn authority(record: &Recorded, at_ms: i64) -> Result<Option<Role>, Ineffective> {
    let Some(acting) = &record.event.body().acting else { return Ok(None) };
    let Some(certificate) = &record.certificate else { return Err(Ineffective::OutdatedAuthority) };
    let Certificate { device_key, role, unit, .. } = certificate;
    let proved = *device_key == record.event.body().author
        && *role == acting.role
        && *unit == acting.unit
        && certificate.is_valid_at(at_ms);
    if proved { Ok(Some(acting.role)) } else { Err(Ineffective::OutdatedAuthority) }
}

/// Who may do what (`None` is a citizen with a bare key).
fn may(role: Option<Role>, act: &Act) -> bool {
    let role = role.unwrap_or(Role::Citizen);
    match act {
        Act::Submitted { channel, .. } => match role {
            Role::Citizen => *channel == Channel::Online,
            Role::Postal => *channel == Channel::Postal,
            Role::Officer | Role::Head => true,
            Role::Operator | Role::Centre => false,
        },
        Act::Collected { .. } => role == Role::Postal,
        Act::Supplemented | Act::WithdrawalAsked { .. } | Act::Paid { .. } | Act::Commented { .. } => {
            !matches!(role, Role::Operator | Role::Centre)
        }
        Act::IdentityVouched { .. } | Act::Returned { .. } => {
            matches!(role, Role::Postal | Role::Officer | Role::Head)
        }
        Act::Accepted { .. }
        | Act::Refused { .. }
        | Act::Asked { .. }
        | Act::Routed { .. }
        | Act::PaymentAsked { .. }
        | Act::Decided { .. }
        | Act::WithdrawalAnswered { .. }
        | Act::Stopped { .. }
        | Act::Adopted => matches!(role, Role::Officer | Role::Head),
        Act::Settled { .. } | Act::Corrected { .. } => role == Role::Head,
        Act::CodeIssued { .. } => role == Role::Centre,
    }
}

/// Which status an act leads to from a view: the one its author had, or the one it meets.
pub fn step(order: &Order<'_>, view: &View, act: &Act) -> Result<Option<Status>, Ineffective> {
    if let Act::Settled { stands, .. } = act {
        let chosen = order.position(stands).filter(|chosen| view.disputed.contains(chosen));
        return if chosen.is_some() {
            Ok(view.status.or(Some(Status::Registered)))
        } else {
            Err(Ineffective::NothingToSettle)
        };
    }
    let target = match act {
        Act::Submitted { .. } => match view.status {
            // Two people submitting the same dossier agree.
            None | Some(Status::Registered) => return Ok(Some(Status::Registered)),
            Some(_) => return Err(Ineffective::IllegalStep),
        },
        Act::Accepted { .. } => Status::Accepted,
        Act::Refused { .. } => Status::Refused,
        Act::Asked { .. } => Status::SupplementAsked,
        Act::Supplemented => match (view.status, view.resume) {
            (Some(Status::SupplementAsked), Some(resume)) => resume,
            _ => return Err(Ineffective::IllegalStep),
        },
        Act::Routed { .. } => Status::Processing,
        Act::PaymentAsked { .. } => Status::PaymentAsked,
        Act::Paid { .. } => match view.status {
            Some(Status::PaymentAsked) => Status::Processing,
            _ => return Ok(None),
        },
        Act::Decided { .. } => Status::Decided,
        Act::Returned { .. } => Status::Returned,
        Act::WithdrawalAsked { .. } => Status::WithdrawalAsked,
        Act::WithdrawalAnswered { granted, .. } => match (view.status, view.resume) {
            (Some(Status::WithdrawalAsked), _) if *granted => Status::Stopped,
            (Some(Status::WithdrawalAsked), Some(resume)) => resume,
            _ => return Err(Ineffective::IllegalStep),
        },
        Act::Stopped { .. } => Status::Stopped,
        Act::Corrected { .. } => Status::Processing,
        Act::Adopted => {
            return if view.status.is_some_and(|status| status != Status::Registered) {
                Ok(None)
            } else {
                Err(Ineffective::IllegalStep)
            };
        }
        Act::Collected { .. } | Act::Commented { .. } | Act::CodeIssued { .. } | Act::IdentityVouched { .. } => {
            return Ok(None);
        }
        Act::Settled { .. } => return Err(Ineffective::NothingToSettle),
    };
    if !view.disputed.is_empty() {
        return Err(Ineffective::Disputed);
    }
    // A routing inside the specialists' phase moves the dossier without moving the status.
    let stays = matches!(act, Act::Routed { .. }) && view.status == Some(Status::Processing);
    // Only a correction takes a result back; only answers leave a pause towards where it began.
    let by_its_own_act = match (view.status, act) {
        (Some(Status::Decided), Act::Routed { .. }) => false,
        (
            Some(Status::SupplementAsked | Status::WithdrawalAsked | Status::PaymentAsked),
            Act::Accepted { .. } | Act::Routed { .. },
        ) => false,
        (Some(Status::Decided), Act::Corrected { .. }) => true,
        (_, Act::Corrected { .. }) => false,
        _ => true,
    };
    match view.status {
        Some(status) if stays || (by_its_own_act && status.may_become(target)) => Ok(Some(target)),
        _ => Err(Ineffective::IllegalStep),
    }
}
