//! Which acts the rules allow now: every one is tried in the fold and none is done, so there is no second table of rules.

use std::collections::BTreeMap;

use dossier::{
    event::{Act, Audience, Channel, Event},
    id::EventId,
    state::{self, Recorded, State},
};

use super::{ActRequest, submit};
use crate::{device::Device, shelf::Folder, store::StoreFault};

impl Device {
    /// Names of the requests that would be done now, `submit` first. Words that a request needs are taken as given.
    pub(crate) fn acts_allowed(
        &self,
        folder: &Folder,
        records: &[Recorded],
        state: &State,
    ) -> Result<Vec<&'static str>, StoreFault> {
        let requests = ActRequest::one_of_each(state.disputed.first().copied()).into_iter();
        let acts = requests.filter_map(|request| Some((request.name(), self.act_of(folder, request).ok()?)));
        let trials: Vec<(&'static str, Act)> =
            self.submissions(folder).into_iter().map(|act| (submit::NAME, act)).chain(acts).collect();
        let (mut all, mut tried) = (records.to_vec(), Vec::new());
        for (name, act) in trials {
            let Ok(event) = self.sign(folder, act, Audience::Parties, State::frontier(records, Audience::Parties))
            else {
                continue;
            };
            tried.push((name, event.id()));
            all.push(self.tried(event)?);
        }
        let verdicts = state::verdicts(&all, self.catalogue);
        Ok(allowed(&tried, &verdicts))
    }

    fn tried(&self, event: Event) -> Result<Recorded, StoreFault> {
        let at = self.trial_time(&event);
        self.recorded_as(event, at)
    }

    /// Every way of submitting that the procedure is open for.
    fn submissions(&self, folder: &Folder) -> Vec<Act> {
        let Ok(procedure) = self.procedure_of(folder) else { return Vec::new() };
        let open = Channel::ALL.into_iter().filter(|channel| self.check_channel(procedure, *channel).is_ok());
        open.map(|channel| self.submission(folder, procedure, channel, None)).collect()
    }
}

/// The names whose trial is lawful, each once, in the order tried. Where a supplement is owed, submitting gives it.
fn allowed(
    tried: &[(&'static str, EventId)],
    verdicts: &BTreeMap<EventId, Option<state::Ineffective>>,
) -> Vec<&'static str> {
    let is_lawful = |event: &EventId| matches!(verdicts.get(event), Some(None));
    let mut names: Vec<&'static str> = Vec::new();
    for (name, _) in tried.iter().filter(|(_, event)| is_lawful(event)) {
        if *name == "supplement" && !names.contains(&submit::NAME) {
            names.insert(0, submit::NAME);
        }
        if !names.contains(name) {
            names.push(name);
        }
    }
    names
}
