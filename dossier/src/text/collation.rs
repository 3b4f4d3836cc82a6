//! Sort keys in Vietnamese dictionary order, compared byte by byte, so that any database sorts right.
//!
//! A key is: letters of the whole text, 0, tones of the whole text, 0, case of the whole text, 0. So letters decide
//! first (a ă â b c d đ e ê …), then tones (ngang huyền hỏi ngã sắc nặng), then lower case before upper. The zeros keep
//! a shorter text before its continuation and let keys be put one after another.

use super::letters::{Letter, Tone, letters, place_tones};
use super::{bounded, nfc};

/// Every letter of the Vietnamese alphabet and the four Latin ones used in names, in dictionary order.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

const SPACE: u8 = 0x01;
const DIGIT_0: u8 = 0x10;
const LETTER_A: u8 = 0x20;
/// Before the UTF-8 bytes of a character of another script; above every Vietnamese letter.
const OTHER: u8 = 0xF8;

/// The key of a text in Vietnamese dictionary order (domain §7.4). Punctuation counts as a space; both tone placements
/// sort alike.
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::new();
    push_letters_and_tones(text, &mut key);
    push_case(text, &mut key);
    key
}

/// The key of a person's name: by *tên* (the last word), then *họ* (the first), then the words between (domain §7.3).
///
/// A name of one word sorts by that word. The name itself is stored whole; only this key knows its parts.
#[must_use]
pub fn name_sort_key(full_name: &str) -> Vec<u8> {
    let words: Vec<&str> = bounded(full_name).split_whitespace().collect();
    let (given, family, middle) = match words.as_slice() {
        [] => ("", "", String::new()),
        [only] => (*only, "", String::new()),
        [family, middle @ .., given] => (*given, *family, middle.join(" ")),
    };
    let mut key = Vec::new();
    for part in [given, family, middle.as_str()] {
        push_letters_and_tones(part, &mut key);
    }
    push_case(full_name, &mut key);
    key
}

fn push_letters_and_tones(text: &str, key: &mut Vec<u8>) {
    let lower: String = nfc(bounded(text)).chars().flat_map(char::to_lowercase).collect();
    let mut letters = letters(&nfc(&lower));
    place_tones(&mut letters);
    let mut tones = Vec::with_capacity(letters.len());
    let mut gap = true;
    for letter in letters {
        if !letter.base.is_alphanumeric() {
            // One separator for any run, none at the ends: "Dĩ  An" sorts as "Dĩ An".
            if !gap {
                key.push(SPACE);
                tones.push(SPACE);
            }
            gap = true;
            continue;
        }
        gap = false;
        push_primary(letter, key);
        tones.push(tone_weight(letter.tone));
    }
    if gap && key.last() == Some(&SPACE) {
        key.pop();
        tones.pop();
    }
    key.push(0);
    key.extend(tones);
    key.push(0);
}

fn push_primary(letter: Letter, key: &mut Vec<u8>) {
    if let Some(value) = letter.base.to_digit(10) {
        key.push(DIGIT_0 + value as u8);
    } else if let Some(place) = ALPHABET.chars().position(|c| c == letter.base) {
        key.push(LETTER_A + place as u8);
    } else {
        let mut utf8 = [0; 4];
        let utf8 = letter.base.encode_utf8(&mut utf8);
        key.push(OTHER);
        key.extend(utf8.as_bytes());
    }
}

fn tone_weight(tone: Tone) -> u8 {
    match tone {
        Tone::Ngang => 2,
        Tone::Huyen => 3,
        Tone::Hoi => 4,
        Tone::Nga => 5,
        Tone::Sac => 6,
        Tone::Nang => 7,
    }
}

fn push_case(text: &str, key: &mut Vec<u8>) {
    key.extend(
        nfc(bounded(text)).chars().filter(|c| c.is_alphanumeric()).map(|c| if c.is_uppercase() { 2 } else { 1 }),
    );
    key.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted<'a>(words: &[&'a str], key: fn(&str) -> Vec<u8>) -> Vec<&'a str> {
        let mut words = words.to_vec();
        words.sort_by_key(|word| key(word));
        words
    }

    #[test]
    fn the_order_that_code_points_get_wrong() {
        assert_eq!(
            sorted(&["An", "Dũng", "Oanh", "Ánh", "Ân", "Ông", "Ăn", "Đức", "Ơn"], sort_key),
            ["An", "Ánh", "Ăn", "Ân", "Dũng", "Đức", "Oanh", "Ông", "Ơn"]
        );
    }

    #[test]
    fn tones_decide_only_between_equal_letters() {
        assert_eq!(sorted(&["mạ", "má", "mã", "mả", "mà", "ma"], sort_key), ["ma", "mà", "mả", "mã", "má", "mạ"]);
        assert!(sort_key("mạ") < sort_key("man"));
        assert!(sort_key("Hòa") == sort_key("Hoà"));
        assert!(sort_key("hoa") < sort_key("Hoa"));
    }

    #[test]
    fn words_sort_before_their_continuation() {
        assert_eq!(sorted(&["Anh", "An Bình", "An", "An Lập"], sort_key), ["An", "An Bình", "An Lập", "Anh"]);
        assert_eq!(sort_key(" Dĩ   An. "), sort_key("Dĩ An"));
        assert!(sort_key("Zulu") < sort_key("Жуков"));
    }

    #[test]
    fn names_sort_by_last_word_then_first_then_middle() {
        assert_eq!(
            sorted(
                &["Trần Văn Bình", "Nguyễn Thị Ánh", "Lê An", "Đặng Văn An", "NGUYỄN VĂN ÁNH", "Y Blơ Êban", "Sơn"],
                name_sort_key
            ),
            ["Đặng Văn An", "Lê An", "Nguyễn Thị Ánh", "NGUYỄN VĂN ÁNH", "Trần Văn Bình", "Y Blơ Êban", "Sơn"]
        );
        assert!(name_sort_key("") < name_sort_key("An"));
    }

    proptest! {
        #[test]
        fn no_zero_byte_hides_in_a_part(text in "\\PC{0,30}") {
            prop_assert_eq!(sort_key(&text).iter().filter(|byte| **byte == 0).count(), 3);
        }

        #[test]
        fn a_text_sorts_before_its_continuation(text in "[a-zăâđêôơư ]{1,20}", more in "[a-zăâđ]{1,5}") {
            let longer = format!("{text}{more}");
            prop_assert!(sort_key(&text) < sort_key(&longer));
        }
    }
}
