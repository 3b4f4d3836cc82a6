//! What a procedure costs. Amounts are integer đồng; postage and taxes are not here.

use serde::{Deserialize, Serialize};

use super::is_false;
use crate::form::Label;

/// Legal nature of an amount (Luật Phí và lệ phí 97/2015/QH13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// Lệ phí: paid for a paper of the state.
    Fee,
    /// Phí: paid for a service that the law prices.
    Charge,
}

/// What the amount is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeUnit {
    /// Once a dossier.
    Dossier,
    /// Each copy (bản).
    Copy,
    /// Each page (trang) of one copy.
    Page,
    /// Each certificate (giấy).
    Certificate,
    /// Each person each time.
    Person,
    /// Each case (trường hợp) of certification.
    Case,
    /// Each licence card.
    Licence,
    /// Each permit.
    Permit,
    /// Each vehicle.
    Vehicle,
}

/// One row of a tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Legal nature.
    pub kind: FeeKind,
    /// Amount for one unit, in đồng, never negative.
    pub amount_dong: i64,
    /// Unit the amount is counted by.
    pub per: FeeUnit,
    /// First unit the row counts for (1 when absent): "from the third page" is 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_unit: Option<u32>,
    /// Last unit the row counts for (no end when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_unit: Option<u32>,
    /// Most that all rows of this unit may come to, in đồng.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_dong: Option<i64>,
    /// True when the row stands in place of the ordinary one for those entitled to a reduction (see the note).
    #[serde(default, skip_serializing_if = "is_false")]
    pub reduced: bool,
    /// What a person should know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Label>,
    /// True while the amount was not checked against the primary legal text.
    #[serde(default, skip_serializing_if = "is_false")]
    pub provisional: bool,
}

impl Fee {
    /// How many of `units` this row counts for.
    fn units_counted(&self, units: u32) -> i64 {
        let first = self.first_unit.unwrap_or(1).max(1);
        let last = self.last_unit.unwrap_or(u32::MAX).min(units);
        i64::from(last) - i64::from(first) + 1
    }
}

/// What `units` of one unit cost by a tariff, in đồng: the sum over its ordinary (or reduced) rows, held to the lowest
/// cap. A reduced row that the tariff lacks leaves the ordinary rows in force. Saturates rather than overflows.
pub fn total_dong(fees: &[Fee], per: FeeUnit, units: u32, reduced: bool) -> i64 {
    let has_reduced = fees.iter().any(|fee| fee.per == per && fee.reduced);
    let rows = || fees.iter().filter(|fee| fee.per == per && fee.reduced == (reduced && has_reduced));
    let sum = rows()
        .map(|fee| fee.amount_dong.saturating_mul(fee.units_counted(units).max(0)))
        .fold(0_i64, i64::saturating_add);
    rows().filter_map(|fee| fee.cap_dong).min().map_or(sum, |cap| sum.min(cap))
}
