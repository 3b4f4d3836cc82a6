//! Text that went through an old or wrong encoding before it came here (domain §7.4).
//!
//! A finding is a suspicion with, where the tables give one, a repaired text to *propose*: nobody's name is changed
//! without a person's yes. The judge between readings is the shape of Vietnamese syllables: a reading is proposed only
//! when it turns words that cannot be Vietnamese into words that can.

mod mojibake;
mod table;
mod viqr;

use super::bounded;
use super::syllable::is_syllable;

/// The one-byte encoding as which somebody's program read UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadAs {
    /// Windows-1252: "PhÆ°á»ng".
    Cp1252,
    /// The DOS code page 437: "Thß╗º".
    Cp437,
}

/// What a text looks like, with the text it was meant to be (in NFC) where that can be told.
#[derive(Clone, PartialEq, Eq)]
pub enum Legacy {
    /// UTF-8 that was read as a one-byte encoding. Not repairable when bytes were lost on the way.
    Mojibake {
        /// The encoding it was read as.
        read_as: ReadAs,
        /// The proposal.
        repaired: Option<String>,
    },
    /// TCVN 5712:1993 (TCVN3, "ABC", fonts named `.Vn…`), one byte a letter.
    Tcvn3 {
        /// The proposal.
        repaired: Option<String>,
    },
    /// VNI for Windows (fonts named `VNI-…`), a letter and a mark.
    Vni {
        /// The proposal.
        repaired: Option<String>,
    },
    /// VIQR (RFC 1456), marks typed as punctuation: `Vie^.t`.
    Viqr {
        /// The proposal.
        repaired: Option<String>,
    },
}

impl Legacy {
    /// The text it was meant to be, to be shown for confirmation; `None` when only a suspicion is possible.
    #[must_use]
    pub fn repaired(&self) -> Option<&str> {
        match self {
            Legacy::Mojibake { repaired, .. }
            | Legacy::Tcvn3 { repaired }
            | Legacy::Vni { repaired }
            | Legacy::Viqr { repaired } => repaired.as_deref(),
        }
    }

    /// A short name of the finding for logs: it holds nothing of the text.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Legacy::Mojibake { read_as: ReadAs::Cp1252, .. } => "mojibake-cp1252",
            Legacy::Mojibake { read_as: ReadAs::Cp437, .. } => "mojibake-cp437",
            Legacy::Tcvn3 { .. } => "tcvn3",
            Legacy::Vni { .. } => "vni",
            Legacy::Viqr { .. } => "viqr",
        }
    }
}

impl std::fmt::Debug for Legacy {
    /// Shows the kind but not the text, which may be a person's name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Legacy({}, repaired: {})", self.name(), self.repaired().is_some())
    }
}

/// Looks for signs of an old or wrong encoding in raw imported text, before [`super::clean`].
///
/// `None` means the text reads as it stands. Only the first [`super::MAX_TEXT_BYTES`] bytes are looked at, and a longer
/// text gets no repair.
#[must_use]
pub fn detect_legacy(text: &str) -> Option<Legacy> {
    let seen = bounded(text);
    let whole = seen.len() == text.len();
    let keep = |repaired: Option<String>| repaired.filter(|_| whole);
    for read_as in [ReadAs::Cp1252, ReadAs::Cp437] {
        if let Some(repaired) = mojibake::read(seen, read_as) {
            return Some(Legacy::Mojibake { read_as, repaired: keep(repaired) });
        }
    }
    let tcvn3 = Reading::of(seen, table::tcvn3(seen));
    let vni = Reading::of(seen, table::vni(seen));
    // Both use the upper half of Latin-1, so both readings exist; the one that makes more words wins.
    if tcvn3.convinces() && tcvn3.gain() >= vni.gain() {
        return Some(Legacy::Tcvn3 { repaired: keep(Some(tcvn3.text)) });
    }
    if vni.convinces() {
        return Some(Legacy::Vni { repaired: keep(Some(vni.text)) });
    }
    viqr::read(seen).map(|repaired| Legacy::Viqr { repaired: keep(Some(repaired)) })
}

/// So many words that read otherwise show what a text is; judging all of 64 kB took a tenth of a second.
const JUDGED_WORDS: usize = 1_000;

/// A candidate text and how its words compare with the raw ones.
struct Reading {
    text: String,
    changed: usize,
    plausible_before: usize,
    plausible_after: usize,
}

impl Reading {
    fn of(raw: &str, text: String) -> Reading {
        let mut reading = Reading { text: String::new(), changed: 0, plausible_before: 0, plausible_after: 0 };
        // A table never makes or removes white space, so words pair up.
        for (before, after) in raw.split_whitespace().zip(text.split_whitespace()) {
            if before != after {
                if reading.changed == JUDGED_WORDS {
                    break;
                }
                reading.changed += 1;
                reading.plausible_before += usize::from(all_syllables(before));
                reading.plausible_after += usize::from(all_syllables(after));
            }
        }
        reading.text = text;
        reading
    }

    fn gain(&self) -> usize {
        self.plausible_after.saturating_sub(self.plausible_before)
    }

    /// At least three quarters of the touched words are Vietnamese now, and more than before.
    fn convinces(&self) -> bool {
        self.gain() > 0 && self.plausible_after * 4 >= self.changed * 3
    }
}

/// Whether a word without its punctuation consists of syllables ("Bình-Dương," does).
fn all_syllables(word: &str) -> bool {
    let mut parts = word.split(|c: char| c.is_ascii_punctuation()).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(is_syllable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn repaired(raw: &str) -> String {
        detect_legacy(raw).unwrap_or_else(|| panic!("not detected: {raw}")).repaired().unwrap().to_owned()
    }

    #[test]
    fn genuine_text_is_left_alone() {
        for text in [
            "Nguyễn Thị Hòa, số 12/3, KP 4, đường ĐX 043, phường Thủ Dầu Một",
            "Cộng hòa xã hội chủ nghĩa Việt Nam",
            "toà án, hoà giải, cà phê, lúc nào cũng có mì, té ngã",
            "Nguyen Van A, 12/3 Tran Hung Dao, TP. HCM. Co ai khong?",
            "Jürgen Müller, François Noël, Señor Muñoz",
            "a@b.vn (0274) 3822 000, C++, o.k. 5'6\" ~3 m^2",
            "Y Blơ Êban",
            "",
        ] {
            assert_eq!(detect_legacy(text), None, "{text}");
        }
    }

    #[test]
    fn utf8_read_as_windows_1252_is_repaired() {
        assert_eq!(repaired("Thá»§ Dáº§u Má»™t"), "Thủ Dầu Một");
        assert_eq!(repaired("PhÆ°á»\u{9d}ng HÃ²a Lá»£i"), "Phường Hòa Lợi");
        assert_eq!(repaired("Äáº·ng VÄƒn".replace("Äáº", "\u{c4}\u{90}áº").as_str()), "Đặng Văn");
    }

    #[test]
    fn mojibake_with_a_lost_byte_is_suspected_only() {
        let found = detect_legacy("PhÆ°á»ng").unwrap();
        assert_eq!(found, Legacy::Mojibake { read_as: ReadAs::Cp1252, repaired: None });
    }

    #[test]
    fn utf8_read_as_cp437_is_repaired() {
        assert_eq!(repaired("Thß╗º Dß║ºu Mß╗Öt"), "Thủ Dầu Một");
        assert_eq!(detect_legacy("Thß╗º").unwrap().name(), "mojibake-cp437");
    }

    #[test]
    fn tcvn3_is_repaired() {
        assert_eq!(repaired("Céng hßa x· héi chñ nghÜa ViÖt Nam"), "Cộng hòa xã hội chủ nghĩa Việt Nam");
        assert_eq!(repaired("§éc lËp - Tù do - H¹nh phóc"), "Độc lập - Tự do - Hạnh phúc");
        assert_eq!(repaired("Thñ DÇu Mét"), "Thủ Dầu Một");
        assert_eq!(repaired("NGUYÔN V¡N HïNG"), "NGUYỄN VĂN HÙNG");
        assert_eq!(repaired("ph\u{ad}êng B×nh D\u{ad}¬ng"), "phường Bình Dương");
        assert_eq!(detect_legacy("Thñ DÇu Mét").unwrap().name(), "tcvn3");
    }

    #[test]
    fn vni_is_repaired() {
        assert_eq!(repaired("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"), "Cộng hòa xã hội chủ nghĩa Việt Nam");
        assert_eq!(repaired("Ñoäc laäp - Töï do - Haïnh phuùc"), "Độc lập - Tự do - Hạnh phúc");
        assert_eq!(repaired("phöôøng Thuû Daàu Moät"), "phường Thủ Dầu Một");
        assert_eq!(repaired("NGUYEÃN VAÊN HUØNG"), "NGUYỄN VĂN HÙNG");
        assert_eq!(detect_legacy("Thuû Daàu Moät").unwrap().name(), "vni");
    }

    #[test]
    fn viqr_is_repaired() {
        assert_eq!(repaired("Co^.ng ho`a xa~ ho^.i chu? nghi~a Vie^.t Nam"), "Cộng hòa xã hội chủ nghĩa Việt Nam");
        assert_eq!(repaired("ddu+o+`ng Nguye^~n Va(n A, Bi`nh Du+o+ng."), "đường Nguyễn Văn A, Bình Dương.");
        assert_eq!(detect_legacy("Vie^.t Nam").unwrap().name(), "viqr");
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", detect_legacy("Thñ DÇu Mét").unwrap()), "Legacy(tcvn3, repaired: true)");
    }

    #[test]
    fn an_overlong_text_gets_no_repair() {
        let long = "Thñ DÇu Mét ".repeat(6000);
        assert_eq!(detect_legacy(&long).unwrap().repaired(), None);
    }

    proptest! {
        #[test]
        fn any_input_is_survived(text in "\\PC{0,60}|[aeouydD^(+'`?~.\\\\ ]{0,40}|[\u{80}-\u{ff}a-z ]{0,40}") {
            let _ = detect_legacy(&text).map(|found| found.repaired().map(str::len));
        }
    }
}
