//! Fees of one channel.

use super::Findings;
use crate::procedure::Fee;

/// Greatest amount a row may have, in đồng. No fee of the state for one paper comes near a billion.
const AMOUNT_MAX_DONG: i64 = 1_000_000_000;

pub(super) fn check(fees: &[Fee], at: &str, findings: &mut Findings) {
    for (index, fee) in fees.iter().enumerate() {
        let here = format!("{at}/{index}");
        if !(0..=AMOUNT_MAX_DONG).contains(&fee.amount_dong) {
            findings.error(
                format!("{here}/amount_dong"),
                "mức thu âm hoặc quá lớn",
                "the amount is negative or too large",
            );
        }
        if fee.cap_dong.is_some_and(|cap| cap < fee.amount_dong) {
            findings.error(format!("{here}/cap_dong"), "mức tối đa thấp hơn mức thu", "the cap is below the amount");
        }
        if fee.first_unit == Some(0) || fee.last_unit.is_some_and(|last| last < fee.first_unit.unwrap_or(1)) {
            findings.error(
                format!("{here}/first_unit"),
                "khoảng đơn vị tính không hợp lệ",
                "the range of units is empty",
            );
        }
        if let Some(note) = &fee.note {
            findings.label(&format!("{here}/note"), note);
        }
    }
}
