//! The apps' addresses, and how to get into those that need an invitation.

use fast_qr::QRBuilder;

use crate::say;

/// An app: its path, what it is, and as whom one is invited to it, if it takes an invitation.
struct App {
    path: &'static str,
    what: &'static str,
    seat: Option<(&'static str, &'static str)>,
}

const APPS: [App; 6] = [
    App { path: "/", what: "Citizen: find a procedure, fill in, photograph, submit. No account", seat: None },
    App { path: "/postal", what: "Postal worker: collect at the door", seat: Some(("postal", "Bưu tá tuyến 5")) },
    App {
        path: "/branch",
        what: "Officer at the desk: review and decide",
        seat: Some(("officer", "Cán bộ tiếp nhận")),
    },
    App { path: "/branch", what: "Head of the unit", seat: Some(("head", "Lãnh đạo đơn vị")) },
    App {
        path: "/operator", what: "Operator: invitations, devices", seat: Some(("operator", "Quản trị Trung tâm"))
    },
    App { path: "/track", what: "Anybody: where does a dossier stand?", seat: None },
];

/// Prints them; `invite` makes an invitation for a role and a name.
pub fn tell(address: &str, mut invite: impl FnMut(&str, &str) -> Result<String, String>) -> Result<(), String> {
    say::line("\nThe apps. A link with an invitation opens its app and enrols one device, once:");
    for App { path, what, seat } in APPS {
        let Some((role, name)) = seat else {
            say::line(&format!("\n  {what}\n  {address}{path}"));
            continue;
        };
        let link = format!("{address}{path}#/enrol/{}", invite(role, name)?);
        say::line(&format!("\n  {what} ({name})\n  {link}\n{}", code(&link)?));
    }
    say::line(
        "\nBrowsers give a page its store and its camera on this machine, or over HTTPS: for phones, put a proxy with a\n\
         certificate in front (docs/operators.md).",
    );
    Ok(())
}

/// A link as a QR code in characters.
fn code(link: &str) -> Result<String, String> {
    let code = QRBuilder::new(link).build().map_err(|error| format!("no QR code holds the link: {error:?}"))?;
    Ok(code.to_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_code_of_many_lines() {
        let drawn = code("http://127.0.0.1:8710/postal#/enrol/TRAM1-ABC").unwrap();
        assert!(drawn.lines().count() > 10);
    }
}
