//! Submitting: sealed, checked against the form and the channels, signed.

use dossier::{
    certificate::Role as Office,
    event::{Act, Audience, Channel},
    form::{FieldError, Role},
    id::{ChangeHash, DossierId, EventId},
    procedure::{self, Procedure},
    state::{self, Status},
    wire::limits::MAX_BLOBS_PER_DOSSIER,
};
use serde::Serialize;

use super::ActFault;
use crate::{
    card::{answers, effective},
    device::Device,
    draft::SetWarning,
    shelf::Folder,
    store::WriteBatch,
};

/// How submitting is called among the acts.
pub(super) const NAME: &str = "submit";

/// How to submit; everything has a sensible default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submission {
    /// By which way; by default postal for a postal worker, direct for an officer, online for anybody else.
    pub channel: Option<Channel>,
    /// The unit that is to receive it; by default the certificate's, else the one named in the form, else the Centre's
    /// to say.
    pub unit: Option<String>,
}

/// A dossier that is submitted, or supplemented, and durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Submitted {
    /// The event.
    pub event: EventId,
    /// The version that was submitted.
    pub heads: Vec<ChangeHash>,
    /// By which way, unless it was a supplement.
    pub channel: Option<Channel>,
    /// The unit that is to receive it, if one was named.
    pub unit: Option<String>,
    /// Whether this answered a supplement request instead.
    pub supplemented: bool,
    /// What there is to say about it.
    #[serde(flatten)]
    pub doubts: Doubts,
}

/// What there is to say about a dossier that is handed in. None of it blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubts {
    /// Values that are possible but unlikely.
    pub warnings: Vec<SetWarning>,
    /// Answers that the form asks for and that are empty here. They block nothing: at the door the rest may be on the
    /// applicant's own phone, and what is then still missing the desk asks for by a supplement request.
    pub answers_missing: Vec<String>,
    /// Answers whose values do not fit their fields, such as another form's; they are kept as they are.
    pub answers_invalid: Vec<String>,
    /// Papers that every dossier of the case needs and that were neither counted nor attached. They may follow in
    /// another way, so they block nothing.
    pub papers_missing: Vec<String>,
}

impl Device {
    pub(crate) fn submit_dossier(
        &mut self,
        dossier: &DossierId,
        submission: &Submission,
    ) -> Result<Submitted, ActFault> {
        let mut folder = self.folder(dossier)?;
        let mut batch = WriteBatch::new();
        self.seal(&mut folder, &mut batch)?;
        let procedure = self.procedure_of(&folder)?;
        let doubts = self.doubts(&folder, procedure)?;
        let status = state::fold(&self.recorded(dossier)?, self.catalogue).status;
        if status == Some(Status::SupplementAsked) {
            let done = self.perform(folder, Act::Supplemented, Audience::Parties, batch)?;
            let (event, heads) = (done.event, done.heads);
            return Ok(Submitted { event, heads, channel: None, unit: None, supplemented: true, doubts });
        }
        let channel = submission.channel.unwrap_or_else(|| self.usual_channel());
        self.check_channel(procedure, channel)?;
        let unit = submission.unit.clone().or_else(|| self.usual_unit(&folder, procedure));
        let act = self.submission(&folder, procedure, channel, unit.clone());
        let done = self.perform(folder, act, Audience::Parties, batch)?;
        let (event, heads) = (done.event, done.heads);
        Ok(Submitted { event, heads, channel: Some(channel), unit, supplemented: false, doubts })
    }

    pub(super) fn submission(
        &self,
        folder: &Folder,
        procedure: &Procedure,
        channel: Channel,
        unit: Option<String>,
    ) -> Act {
        Act::Submitted {
            channel,
            unit,
            provisional_code: folder.record.provisional_code.clone().unwrap_or_default(),
            procedure: procedure.code.base().to_owned(),
            catalogue: self.catalogue.version().to_owned(),
        }
    }

    fn doubts(&self, folder: &Folder, procedure: &Procedure) -> Result<Doubts, ActFault> {
        let form = self.form_of(procedure)?;
        let report = form.validate(&answers(&effective(&folder.content, &folder.journal)));
        // A field that another version of the form has is somebody's honest work, and no reason to keep the rest back.
        let invalid: Vec<String> = report
            .errors
            .into_iter()
            .filter(|reported| !matches!(reported.what, FieldError::UnknownField { .. }))
            .map(|reported| reported.path)
            .collect();
        let warnings = report.warnings.into_iter();
        Ok(Doubts {
            warnings: warnings.map(|reported| SetWarning { field: reported.path, warning: reported.what }).collect(),
            answers_missing: report.missing,
            answers_invalid: invalid,
            papers_missing: self.papers_missing(folder, procedure),
        })
    }

    fn papers_missing(&self, folder: &Folder, procedure: &Procedure) -> Vec<String> {
        let Some(version) = self.version_of(procedure) else { return Vec::new() };
        let cells = effective(&folder.content, &folder.journal);
        let present = |component: &str| {
            cells.keys().any(|path| {
                path.root() == dossier::content::Root::Components
                    && path.key().strip_prefix(component).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        version
            .components(&procedure::CaseId::normal())
            .filter(|paper| paper.is_unconditional() && !paper.presented && paper.originals + paper.copies > 0)
            .map(|paper| paper.id.to_string())
            .filter(|id| !present(id))
            .take(MAX_BLOBS_PER_DOSSIER)
            .collect()
    }

    fn usual_channel(&self) -> Channel {
        match self.certificate.as_ref().map(|(_, own)| own.role) {
            Some(Office::Postal) => Channel::Postal,
            Some(Office::Officer | Office::Head) => Channel::Direct,
            _ => Channel::Online,
        }
    }

    fn usual_unit(&self, folder: &Folder, procedure: &Procedure) -> Option<String> {
        let own = self.certificate.as_ref().map(|(_, own)| own.unit.clone()).filter(|unit| !unit.is_empty());
        own.or_else(|| {
            let form = self.form_of(procedure).ok()?;
            let field = form.role(Role::ReceivingCommune)?;
            answers(&effective(&folder.content, &folder.journal)).get(&field.id).map(ToString::to_string)
        })
    }

    pub(super) fn check_channel(&self, procedure: &Procedure, channel: Channel) -> Result<(), ActFault> {
        let Some(version) = self.version_of(procedure) else { return Ok(()) };
        version.channel_allowed(channel).map_err(|refusal| {
            let reason = match &refusal {
                procedure::ChannelRefusal::PresenceRequired => "presence_required",
                procedure::ChannelRefusal::NotByPost => "not_by_post",
                procedure::ChannelRefusal::Closed(_) => "closed",
                procedure::ChannelRefusal::NotOffered => "not_offered",
                procedure::ChannelRefusal::NoTerm => "no_term",
            };
            ActFault::Channel { channel: channel.code(), reason: reason.to_owned() }
        })
    }
}
