//! The papers that make up a dossier.

use serde::{Deserialize, Serialize};

use super::code::{CaseId, ComponentId};
use super::is_false;
use crate::form::Label;

/// One component (thành phần hồ sơ, `GIAYTO`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name in content documents and attachments.
    pub id: ComponentId,
    /// What the paper is called.
    pub name: Label,
    /// Originals (bản chính) handed in.
    pub originals: u16,
    /// Copies (bản sao) handed in.
    pub copies: u16,
    /// Shown and given back at once (xuất trình).
    #[serde(default, skip_serializing_if = "is_false")]
    pub presented: bool,
    /// When the paper is needed at all; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Label>,
    /// Name of the printed form, if the law gives one (`TENMAUDON`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_template: Option<String>,
    /// Cases it belongs to; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseId>,
    /// How a phone should photograph it.
    pub photo: PhotoHints,
}

impl Component {
    /// Whether the paper belongs to a case.
    pub fn belongs_to(&self, case: &CaseId) -> bool {
        self.cases.is_empty() || self.cases.contains(case)
    }

    /// Whether every dossier of its case needs it.
    pub fn is_unconditional(&self) -> bool {
        self.condition.is_none()
    }
}

/// How small a photograph may be made and still be read by the officer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoHints {
    /// Long edge after scaling, in pixels. 2,000 reads A4 text at about 170 dpi; drawings ask for more.
    pub long_edge_px: u16,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
}
