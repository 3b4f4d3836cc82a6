//! The door-to-door story as three lines to paste.

use crate::programs::root;

/// Cấp bản sao từ sổ gốc: short, and the post may bring it.
const PROCEDURE: &str = "2.000908";
/// What the postal worker asks at the door.
const ANSWERS: [&str; 14] = [
    "applicant_name=Nguyễn Thị Hòa",
    "applicant_birth=02/09/1985",
    "applicant_id=074185001234",
    "applicant_address=số 12/3, KP 5, đường ĐX 043",
    "applicant_commune=25747",
    "applicant_phone=0974111222",
    "capacity=holder",
    "document_title=Bằng tốt nghiệp trung học phổ thông",
    "issued_on=2003",
    "issuer=Sở Giáo dục và Đào tạo Bình Dương",
    "copy_count=2",
    "result_delivery=desk",
    "purpose=Bổ sung hồ sơ xin việc",
    "declared_true=true",
];
/// A grey picture of one pixel, PNG; what follows a picture is nobody's concern, so a number makes it another file.
const PIXEL: [u8; 67] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x38, 0x01, 0x00, 0x00, 0xca, 0x00, 0xc9, 0x34, 0x42, 0x27, 0xf3, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// The invitations of those who play.
pub struct Seats<'a> {
    /// The citizen's.
    pub citizen: &'a str,
    /// The postal worker's.
    pub postal: &'a str,
    /// The officer's.
    pub officer: &'a str,
}

/// A new dossier's id, so that each run plays with a dossier and devices of its own.
pub fn new_id() -> Result<String, String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/uuid").map_err(|error| error.to_string())?;
    Ok(id.trim().to_owned())
}

/// The play's directory, as typed in the project's directory.
fn place(id: &str) -> String {
    format!("demo/{}", &id[..8])
}

/// Lays four photos ready.
pub fn lay_photos(id: &str) -> std::io::Result<()> {
    let directory = root().join(place(id));
    std::fs::create_dir_all(&directory)?;
    for number in 1..=4u8 {
        std::fs::write(directory.join(format!("photo-{number}.png")), [&PIXEL[..], &[number]].concat())?;
    }
    Ok(())
}

/// The lines, each with what it shows. `tram` is the program as typed in the project's directory.
pub fn lines(tram: &str, address: &str, seats: &Seats<'_>, id: &str) -> [(&'static str, String); 3] {
    let play = place(id);
    let on = |who: &str, command: &str| format!("{tram} --home {play}/{who} {command}");
    let begin = |who: &str, invitation: &str| {
        [on(who, &format!("init --server {address}")), on(who, &format!("enrol {invitation}"))].join(" && ")
    };
    let start = |who: &str| on(who, &format!("new {PROCEDURE} --id {id}"));
    let attach =
        |who: &str, component: &str, number: u8| on(who, &format!("attach {id} {component} {play}/photo-{number}.png"));
    let answers = ANSWERS.map(|answer| format!("'{answer}'")).join(" ");
    let collect = [
        begin("postal", seats.postal),
        start("postal"),
        on("postal", &format!("set {id} {answers}")),
        attach("postal", "yeu-cau", 1),
        attach("postal", "giay-to-tuy-than", 2),
        on("postal", &format!("submit {id}")),
        begin("citizen", seats.citizen),
        start("citizen"),
        on("citizen", &format!("set {id} applicant_phone=0905333444 'document_number=B 123456'")),
        attach("citizen", "giay-to-tuy-than", 3),
        attach("citizen", "giay-to-quan-he", 4),
    ];
    let sync = [on("postal", "sync"), on("citizen", "sync"), on("postal", "sync"), on("postal", &format!("show {id}"))];
    let accept = [
        begin("officer", seats.officer),
        on("officer", "sync"),
        on("officer", "conflicts"),
        on("officer", &format!("event {id} accept")),
        on("officer", "sync"),
        on("officer", &format!("show {id}")),
        on("officer", &format!("history {id}")),
    ];
    [
        ("At the door, with no network: postal worker and citizen write on their own devices", collect.join(" && ")),
        ("Both sync: what they wrote merges, and both phone numbers stay", sync.join(" && ")),
        ("At the desk: the officer sees the conflict with its authors, and accepts this version", accept.join(" && ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_line_of_commands_that_name_their_device() {
        let seats = Seats { citizen: "C", postal: "P", officer: "O" };
        for (_, line) in lines("tram", "http://127.0.0.1:1", &seats, "0123456789") {
            assert!(!line.contains('\n'));
            assert!(line.split(" && ").all(|command| command.starts_with("tram --home demo/")), "{line}");
        }
    }
}
