//! Numbers, days and yes or no as people in Vietnam type them.

use jiff::civil::Date;

use crate::text::fold;

/// Earliest year a typed date may have: nobody alive, no paper in use is older.
pub const YEAR_MIN: i16 = 1850;
/// Latest year a typed date may have.
pub const YEAR_MAX: i16 = 2150;

/// Reads a day: `21/03/1990`, `21-3-1990`, `21.3.1990` or `1990-03-21`. Day before month, as in Vietnam.
pub fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (day, month, year) = if a.len() == 4 { (c, b, a) } else { (a, b, c) };
    Date::new(year_of(year)?, number(month, 2)?.try_into().ok()?, number(day, 2)?.try_into().ok()?).ok()
}

/// Reads a day, a month (`03/1990`, `1990-03`) or a year (`1990`) and gives the stored text.
pub fn year_or_date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [year] => Some(format!("{:04}", year_of(year)?)),
        [a, b] => {
            let (month, year) = if a.len() == 4 { (b, a) } else { (a, b) };
            let month = number(month, 2).filter(|month| (1..=12).contains(month))?;
            Some(format!("{:04}-{month:02}", year_of(year)?))
        }
        _ => date(text).map(|day| day.to_string()),
    }
}

fn year_of(text: &str) -> Option<i16> {
    let year = if text.len() == 4 { number(text, 4)? } else { return None };
    i16::try_from(year).ok().filter(|year| (YEAR_MIN..=YEAR_MAX).contains(year))
}

fn number(text: &str, most_digits: usize) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= most_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Reads a whole number: `1200`, `1.200.000`, `1,200,000`, `1 200 000`. Separators part groups of three, one kind at a
/// time, so that `1.5` is refused rather than read as fifteen.
pub fn integer(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let separators: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    if let Some(first) = separators.first() {
        let one_kind = matches!(first, '.' | ',' | ' ') && separators.iter().all(|other| other == first);
        let groups: Vec<&str> = text.split(*first).collect();
        let (head, tail) = groups.split_first()?;
        if !one_kind || !(1..=3).contains(&head.len()) || tail.iter().any(|group| group.len() != 3) {
            return None;
        }
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let value: i64 = digits.parse().ok()?;
    Some(if negative { -value } else { value })
}

/// Reads an amount of đồng: a whole number with or without `đ`, `₫`, `đồng`, `VND`.
pub fn money(text: &str) -> Option<i64> {
    let lower = text.to_lowercase();
    let bare = ["việt nam đồng", "đồng", "vnđ", "vnd", "dong", "₫", "đ", "d"]
        .iter()
        .find_map(|suffix| lower.strip_suffix(suffix))
        .unwrap_or(&lower);
    integer(bare.trim_end())
}

/// Reads a yes or no in Vietnamese or English, with or without diacritics.
pub fn boolean(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "co" | "dung" | "yes" | "y" | "true" | "1" | "x" => Some(true),
        "khong" | "sai" | "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// Reads an e-mail address: one `@`, a domain with a dot, no blanks. The domain is lowered, the rest kept.
pub fn email(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    let labels = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
    (sound(local) && sound(domain) && labels).then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_read_day_first() {
        for text in ["3/4/2026", "03/04/2026", "03-04-2026", "3.4.2026", "2026-04-03"] {
            assert_eq!(date(text).map(|day| day.to_string()).as_deref(), Some("2026-04-03"), "{text}");
        }
        for text in ["31/02/2026", "2026/13/01", "3/4/26", "", "hôm nay", "3/4", "1/1/0001", "１/1/2026"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_or_month_is_enough_where_allowed() {
        assert_eq!(year_or_date("1955").as_deref(), Some("1955"));
        assert_eq!(year_or_date("03/1955").as_deref(), Some("1955-03"));
        assert_eq!(year_or_date("21/3/1955").as_deref(), Some("1955-03-21"));
        assert_eq!(year_or_date("13/1955"), None);
        assert_eq!(year_or_date("55"), None);
    }

    #[test]
    fn amounts_with_separators_and_units() {
        for text in ["1200000", "1.200.000", "1,200,000 đ", "1 200 000 VNĐ", "1.200.000₫", "1.200.000 đồng"] {
            assert_eq!(money(text), Some(1_200_000), "{text}");
        }
        for text in ["1.5", "1,5 triệu", "1.200,000", "", "đ", "1..200", "99999999999999999999"] {
            assert_eq!(money(text), None, "{text}");
        }
        assert_eq!(integer("-20"), Some(-20));
    }

    #[test]
    fn yes_and_no_in_both_languages() {
        for (text, value) in
            [("Có", true), ("co", true), ("KHÔNG", false), ("khong", false), ("yes", true), ("false", false)]
        {
            assert_eq!(boolean(text), Some(value), "{text}");
        }
        assert_eq!(boolean("có lẽ"), None);
    }

    #[test]
    fn addresses_of_mail() {
        assert_eq!(email("An.Nguyen@Example.VN").as_deref(), Some("An.Nguyen@example.vn"));
        for text in ["an", "an@", "@x.vn", "an@x", "a n@x.vn", "an@@x.vn", "an@x..vn"] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_printed_with_dots_is_read_back(amount in 0_i64..1_000_000_000_000_000) {
            let digits = amount.to_string();
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at).is_multiple_of(3) { grouped.push('.'); }
                grouped.push(digit);
            }
            prop_assert_eq!(money(&format!("{grouped} đ")), Some(amount));
        }

        #[test]
        fn every_day_is_read_back_in_both_writings(days in 0_i32..100_000) {
            let day = jiff::civil::date(1860, 1, 1).saturating_add(jiff::Span::new().days(days));
            prop_assert_eq!(date(&day.to_string()), Some(day));
            prop_assert_eq!(date(&format!("{}/{}/{}", day.day(), day.month(), day.year())), Some(day));
        }

        #[test]
        fn no_text_breaks_a_reader(text in "\\PC{0,30}") {
            let _ = (date(&text), year_or_date(&text), money(&text), boolean(&text), email(&text));
        }
    }
}
