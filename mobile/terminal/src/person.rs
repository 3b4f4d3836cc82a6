//! How people are named on a page.

use dossier::certificate::Role;

use crate::language::Language;

/// `Nguyễn Thị Lan (Cán bộ)`; a device without a certificate goes by its six letters.
pub fn named(by: &str, role: Option<Role>, language: Language) -> String {
    match role.and_then(|role| language.look_up(&format!("role.{}", role.name()))) {
        Some(role) if by.is_empty() => role.to_owned(),
        Some(role) => format!("{by} ({role})"),
        None if by.is_empty() => language.say("person.unknown").to_owned(),
        None => by.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_with_their_role() {
        assert_eq!(named("Lan", Some(Role::Officer), Language::Vi), "Lan (Cán bộ)");
        assert_eq!(named("K3TEFQ", None, Language::Vi), "K3TEFQ");
        assert_eq!(named("", Some(Role::Centre), Language::En), "Centre");
        assert!(!named("", None, Language::En).is_empty());
    }
}
