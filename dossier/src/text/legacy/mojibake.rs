//! UTF-8 that was read as a one-byte encoding, turned back.

use super::ReadAs;
use crate::text::canonical::Canonical;

/// Windows-1252 from 0x80 to 0x9F. The five bytes it leaves undefined are read as C1 controls, as browsers do.
const CP1252_80: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Code page 437 from 0x80 to 0xFF.
const CP437_80: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// `None`: no sign of it. `Some(None)`: broken letters with lost bytes. `Some(Some(text))`: a repair.
pub(super) fn read(text: &str, read_as: ReadAs) -> Option<Option<String>> {
    let mut out = String::with_capacity(text.len());
    let mut run = Vec::new();
    let mut raw = String::new();
    let mut repaired_any = false;
    let mut lost = false;
    for c in text.chars().chain(std::iter::once('\0')) {
        if let Some(byte) = byte_of(c, read_as) {
            run.push(byte);
            raw.push(c);
            continue;
        }
        match std::str::from_utf8(&run) {
            Ok("") => {}
            Ok(decoded) => {
                repaired_any = true;
                out.push_str(decoded);
            }
            Err(_) => {
                // A letter by itself ("Hà") is genuine; a lead byte with a continuation is a broken letter.
                lost |= run.windows(2).any(|pair| broken(pair, read_as));
                out.push_str(&raw);
            }
        }
        run.clear();
        raw.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    match (repaired_any, lost) {
        (false, false) => None,
        (_, true) => Some(None),
        (true, false) => Some(Some(out.chars().nfc().collect())),
    }
}

/// The byte above 0x7F that the encoding shows as `c`.
fn byte_of(c: char, read_as: ReadAs) -> Option<u8> {
    // Most of a text is ASCII, which stands for itself in both pages.
    if c.is_ascii() {
        return None;
    }
    let place = match read_as {
        ReadAs::Cp1252 if ('\u{a0}'..='\u{ff}').contains(&c) => Some(usize::from(c as u8) - 0x80),
        ReadAs::Cp1252 => CP1252_80.iter().position(|known| *known == c),
        // Some programs show the Greek letters of this page for the German and the micro sign.
        ReadAs::Cp437 => {
            CP437_80.chars().position(|known| known == c || (known == 'ß' && c == 'β') || (known == 'µ' && c == 'μ'))
        }
    };
    place.and_then(|place| u8::try_from(place + 0x80).ok())
}

/// Whether two bytes begin a Vietnamese letter in UTF-8 and look like nothing that is written on purpose.
fn broken(pair: &[u8], read_as: ReadAs) -> bool {
    let lead_and_next = match pair {
        // á, ă, đ, ĩ, ũ, ơ, ư: U+00C0 to U+01BF.
        [0xC3..=0xC6, 0x80..=0xBF] => true,
        // Letters with two marks: U+1EA0 to U+1EF9.
        [0xE1, 0xBA | 0xBB] => true,
        _ => false,
    };
    // In code page 437 the first group is line drawing, which menus of old programs are made of.
    lead_and_next && (read_as == ReadAs::Cp1252 || pair[0] == 0xE1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(CP437_80.chars().count(), 128);
        for read_as in [ReadAs::Cp1252, ReadAs::Cp437] {
            let known = (0..=0x10_FFFF).filter_map(char::from_u32).filter_map(|c| byte_of(c, read_as));
            let mut bytes: Vec<u8> = known.collect();
            bytes.sort_unstable();
            bytes.dedup();
            assert_eq!(bytes, (0x80..=0xFF).collect::<Vec<u8>>());
        }
    }

    proptest! {
        #[test]
        fn every_break_is_repaired(text in "[a-z ]{0,5}[ăâđêôơưáàảãạấầẩẫậếềểễệứừửữựĐƯỜ][a-zăâđêôơưáàảãạấầẩẫậ ]{0,20}") {
            for (read_as, table) in [
                (ReadAs::Cp1252, CP1252_80.into_iter().chain('\u{a0}'..='\u{ff}').collect::<Vec<char>>()),
                (ReadAs::Cp437, CP437_80.chars().collect()),
            ] {
                let shown: String = text
                    .bytes()
                    .map(|byte| if byte < 0x80 { byte as char } else { table[usize::from(byte) - 0x80] })
                    .collect();
                prop_assert_eq!(read(&shown, read_as), Some(Some(text.clone())));
            }
        }
    }
}
