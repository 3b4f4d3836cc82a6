//! One act in one line.

use dossier::{event::Act, view::Deed};

use crate::{language::Language, page};

/// What was done, with its own words: `Yêu cầu bổ sung: thiếu giấy chứng sinh`.
pub fn event_title(deed: &Deed, language: Language) -> String {
    let Some(act) = &deed.act else { return language.say("person.unknown").to_owned() };
    let name = language.look_up(&format!("act.{}", act.name())).unwrap_or(act.name());
    let more = match act {
        Act::PaymentAsked { amount_dong, reason } => joined(&[&page::dong(*amount_dong), reason]),
        Act::Paid { amount_dong, reference } => joined(&[&page::dong(*amount_dong), reference]),
        Act::Asked { reason, items } => joined(&[reason, &items.join(", ")]),
        Act::Accepted { code, .. } => joined(&[code.as_deref().unwrap_or_default()]),
        Act::CodeIssued { code, .. } => joined(&[code]),
        Act::Routed { unit } => joined(&[unit.as_deref().unwrap_or_default()]),
        Act::Decided { result: words }
        | Act::Returned { to: words }
        | Act::Commented { text: words }
        | Act::IdentityVouched { paper: words } => joined(&[words]),
        Act::WithdrawalAnswered { granted, reason } => {
            joined(&[language.say(if *granted { "value.yes" } else { "value.no" }), reason])
        }
        Act::Collected { papers, .. } => {
            let counted: Vec<String> = papers
                .iter()
                .map(|paper| format!("{} {}+{}", paper.component, paper.originals, paper.copies))
                .collect();
            joined(&[&counted.join(", ")])
        }
        other => joined(&[other.required_reason().unwrap_or_default()]),
    };
    if more.is_empty() { name.to_owned() } else { format!("{name}: {more}") }
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

/// Why the act took no effect, if so.
pub fn ineffective(deed: &Deed, language: Language) -> Option<String> {
    let code = serde_json::to_value(deed.ineffective?).ok()?;
    let why = code.as_str().and_then(|code| language.look_up(&format!("ineffective.{code}")))?;
    Some(language.fill("show.ineffective", &[("why", &why)]))
}

#[cfg(test)]
mod tests {
    use dossier::{id::EventId, state::Ineffective};

    use super::*;

    fn view(act: Act, why: Option<Ineffective>) -> Deed {
        Deed {
            event: EventId([1; 32]),
            kind: None,
            act: Some(act),
            role: None,
            unit: None,
            audience: None,
            received_ms: None,
            heads: Vec::new(),
            ineffective: why,
        }
    }

    #[test]
    fn an_act_is_told_with_its_words() {
        let title = |act| event_title(&view(act, None), Language::Vi);
        let asked = Act::Asked { reason: "Thiếu giấy chứng sinh".into(), items: vec!["giay-chung-sinh".into()] };
        assert_eq!(title(asked), "Yêu cầu bổ sung: Thiếu giấy chứng sinh · giay-chung-sinh");
        let paid = Act::Paid { amount_dong: 50_000, reference: "BL 12".into() };
        assert_eq!(title(paid), "Đã nộp tiền: 50.000 đ · BL 12");
        assert_eq!(title(Act::Adopted), "Chấp nhận phần sửa");
    }

    #[test]
    fn every_way_of_being_ineffective_has_its_sentence() {
        use Ineffective as I;
        let all = [
            I::NotInRole,
            I::NotInUnit,
            I::OutdatedAuthority,
            I::IllegalStep,
            I::ReasonMissing,
            I::Disputed,
            I::NothingToSettle,
            I::Overtaken,
            I::DidNotStand,
        ];
        for why in all {
            for language in [Language::Vi, Language::En] {
                assert!(ineffective(&view(Act::Adopted, Some(why)), language).is_some(), "{why:?}");
            }
        }
        assert_eq!(ineffective(&view(Act::Adopted, None), Language::Vi), None);
    }
}
