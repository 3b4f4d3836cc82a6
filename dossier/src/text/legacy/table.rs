//! TCVN3 and VNI: fonts that show other letters for the upper half of Latin-1.

use std::{collections::HashMap, sync::LazyLock};

/// TCVN 5712:1993 (ABC): the character as which Latin-1 shows the byte, and the letter it stands for. The standard has
/// capitals only for letters without a tone; for the others, capital fonts reuse the small letter's byte.
const TCVN3: &str = "µà ¶ả ·ã ¸á ¹ạ ¨ă »ằ ¼ẳ ½ẵ ¾ắ Æặ ©â Çầ Èẩ Éẫ Êấ Ëậ ®đ Ìè Îẻ Ïẽ Ðé Ñẹ ªê Òề Óể Ôễ Õế Öệ ×ì Øỉ Üĩ Ýí Þị \
    ßò áỏ âõ ãó äọ «ô åồ æổ çỗ èố éộ ¬ơ êờ ëở ìỡ íớ îợ ïù ñủ òũ óú ôụ \u{ad}ư õừ öử ÷ữ øứ ùự úỳ ûỷ üỹ ýý þỵ \
    ¡Ă ¢Â £Ê ¤Ô ¥Ơ ¦Ư §Đ";

/// VNI marks after a vowel, as small letters: the vowel, the mark and the letter they make.
const VNI_PAIRS: &str = "aøà aùá aûả aõã aïạ aêă aèằ aéắ aúẳ aüẵ aëặ aââ aàầ aáấ aåẩ aãẫ aäậ \
    eøè eùé eûẻ eõẽ eïẹ eâê eàề eáế eåể eãễ eäệ oøò oùó oûỏ oõõ oïọ oâô oàồ oáố oåổ oãỗ oäộ \
    ôøờ ôùớ ôûở ôõỡ ôïợ uøù uùú uûủ uõũ uïụ öøừ öùứ öûử öõữ öïự yøỳ yùý yûỷ yõỹ";

/// VNI letters of one character, as small letters. `í` and `ì` stand for themselves.
const VNI_SINGLES: &str = "ôơ öư ñđ æỉ óĩ òị îỵ";

// Looked up for every character of a text that may have 64 kB, so found by one step and not by reading a table.
static TCVN3_LETTERS: LazyLock<HashMap<char, char>> = LazyLock::new(|| singles(TCVN3));
static VNI_SINGLE_LETTERS: LazyLock<HashMap<char, char>> = LazyLock::new(|| singles(VNI_SINGLES));
static VNI_PAIR_LETTERS: LazyLock<HashMap<(char, char), char>> = LazyLock::new(|| {
    let entries = VNI_PAIRS.split_whitespace().map(str::chars);
    entries.filter_map(|mut entry| Some(((entry.next()?, entry.next()?), entry.next()?))).collect()
});

fn singles(table: &str) -> HashMap<char, char> {
    table.split_whitespace().map(str::chars).filter_map(|mut entry| Some((entry.next()?, entry.next()?))).collect()
}

/// The text read as TCVN3.
pub(super) fn tcvn3(text: &str) -> String {
    by_word(text, |word, out| {
        // A capital font was used when every plain letter is a capital.
        let plain = || word.chars().filter(char::is_ascii_alphabetic);
        let shout = plain().count() >= 2 && plain().all(|c| c.is_ascii_uppercase());
        for c in word.chars() {
            match TCVN3_LETTERS.get(&c).copied() {
                Some(letter) if shout => out.extend(letter.to_uppercase()),
                Some(letter) => out.push(letter),
                None => out.push(c),
            }
        }
    })
}

/// The text read as VNI.
pub(super) fn vni(text: &str) -> String {
    by_word(text, |word, out| {
        let mut rest = word.chars().peekable();
        while let Some(c) = rest.next() {
            let small = lower(c);
            let pair = rest.peek().and_then(|mark| VNI_PAIR_LETTERS.get(&(small, lower(*mark))).copied());
            if pair.is_some() {
                rest.next();
            }
            match pair.or_else(|| VNI_SINGLE_LETTERS.get(&small).copied()) {
                Some(letter) if c.is_uppercase() => out.extend(letter.to_uppercase()),
                Some(letter) => out.push(letter),
                None => out.push(c),
            }
        }
    })
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Reads each word by itself and keeps the white space between as it is.
fn by_word(text: &str, read: impl Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        read(word, &mut out);
        out.push_str(&piece[word.len()..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every small Vietnamese letter that is not plain ASCII.
    const LETTERS: &str = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ";

    #[test]
    fn tcvn3_has_every_letter_once() {
        let entries: Vec<&str> = TCVN3.split_whitespace().collect();
        assert!(entries.iter().all(|entry| entry.chars().count() == 2));
        let from: BTreeSet<char> = entries.iter().filter_map(|entry| entry.chars().next()).collect();
        assert_eq!(from.len(), entries.len());
        let to: BTreeSet<char> = entries.iter().filter_map(|entry| entry.chars().nth(1)).collect();
        assert!(LETTERS.chars().all(|letter| to.contains(&letter)));
        assert_eq!(to.len(), entries.len());
    }

    #[test]
    fn vni_has_every_letter_once() {
        let pairs: Vec<&str> = VNI_PAIRS.split_whitespace().collect();
        assert!(pairs.iter().all(|entry| entry.chars().count() == 3));
        let mut made: Vec<char> = pairs.iter().filter_map(|entry| entry.chars().nth(2)).collect();
        made.extend(VNI_SINGLES.split_whitespace().filter_map(|entry| entry.chars().nth(1)));
        made.extend(['í', 'ì']);
        let set: BTreeSet<char> = made.iter().copied().collect();
        assert_eq!(set.len(), made.len());
        assert_eq!(set, LETTERS.chars().collect());
    }

    #[test]
    fn white_space_is_kept() {
        assert_eq!(tcvn3("Thñ \t DÇu\n"), "Thủ \t Dầu\n");
        assert_eq!(vni("\u{3000}Thuû  Daàu"), "\u{3000}Thủ  Dầu");
    }
}
