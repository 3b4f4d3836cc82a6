use crate::{
    catalogue::Catalogue,
    deadline::{self, Due, Pause, local},
    procedure::{CaseId, VersionId},
    state::{ClockFlag, State},
};

/// When a result is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueView {
    /// Local time.
    pub at: jiff::civil::DateTime,
    /// Whether it rests on days or clocks that are not final.
    pub provisional: bool,
    /// The calendar used.
    pub calendar_version: String,
}

/// The due time of an accepted dossier: a pure function of acceptance, procedure version, channel, case, pauses and
/// calendar (invariant 4). `None` before acceptance, or where the catalogue gives no term.
#[must_use]
pub fn due_of(state: &State, catalogue: &Catalogue) -> Option<DueView> {
    let acceptance = state.acceptance.as_ref()?;
    let accepted_at = local(acceptance.at.ms);
    let procedure = catalogue.procedure_of(state.procedure.as_deref()?).ok()?;
    let version = VersionId::parse(&acceptance.procedure_version)
        .ok()
        .and_then(|id| procedure.version(&id))
        .or_else(|| procedure.version_on(accepted_at.date()).ok())?;
    let channel = state.channel?;
    let case =
        CaseId::parse(&acceptance.case).ok().and_then(|id| version.case(&id)).or_else(|| version.cases.first())?;
    // What was accepted through a channel that has since closed is still due: by the term of another.
    let term = version
        .offering(channel, case)
        .ok()
        .and_then(|offering| offering.term)
        .or_else(|| case.channels.iter().find_map(|offering| offering.term))?;
    let pauses: Vec<Pause> = state
        .pauses
        .iter()
        .map(|pause| {
            let from = local(pause.from.ms);
            // Corrected clocks may put an answer before its question; such a pause gives nothing back.
            Pause { from, to: pause.until.map(|until| local(until.ms).max(from)) }
        })
        .collect();
    let Due { at, provisional, calendar_version, paused_since: _ } =
        deadline::due(accepted_at, term, &pauses, catalogue.calendar()).ok()?;
    let unconfirmed = acceptance.at.flag == ClockFlag::Unconfirmed;
    Some(DueView { at, provisional: provisional || unconfirmed, calendar_version })
}
