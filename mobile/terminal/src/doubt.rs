//! Doubts about what was typed: said, never in the way.

use client_core::SetWarning;
use dossier::form::Warning;

use crate::page::Page;

/// Each doubt in one line, with what it seems to have been where that can be told.
pub fn tell(page: &mut Page, warnings: &[SetWarning]) {
    let language = page.language();
    for SetWarning { field, warning } in warnings {
        let sentence = warning.sentence();
        page.under(format_args!("⚠ {field}: {}", language.label(&sentence)));
        let proposal = match warning {
            Warning::LegacyEncoding { repaired, .. } => repaired.as_ref(),
            Warning::OldMobile { replacement } => replacement.as_ref(),
            _ => None,
        };
        if let Some(proposal) = proposal {
            page.under(format_args!("    {}", language.fill("doubt.proposal", &[("text", proposal)])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn what_it_seems_to_have_been_is_proposed() {
        let warning = Warning::LegacyEncoding { read_as: "tcvn3".into(), repaired: Some("Phường".into()) };
        let mut page = Page::new(Language::En);
        tell(&mut page, &[SetWarning { field: "home_town".into(), warning }]);
        assert!(page.finish().ends_with("perhaps: Phường\n"));
    }
}
