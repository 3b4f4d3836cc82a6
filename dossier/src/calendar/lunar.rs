//! The Vietnamese lunar calendar at UTC+7, by the algorithm of Hồ Ngọc Đức (after Meeus, *Astronomical Algorithms*).
//!
//! It checks announced dates of Tết and Giỗ Tổ, and estimates those of years that are not announced. Published tables
//! are not trusted: some are wrong by a day (domain §4.1).

use jiff::civil::Date;
use std::f64::consts::PI;

/// Julian day number of 1 January 1970.
const JULIAN_DAY_1970: i64 = 2_440_588;
const TIME_ZONE_DAYS: f64 = 7.0 / 24.0;
/// Years for which the formulas hold to well under a day.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2199;

/// Mùng 1 Tết of a year; `None` outside 1800–2199.
#[must_use]
pub fn lunar_new_year(year: i16) -> Option<Date> {
    lunar_to_solar(1, 1, year)
}

/// Giỗ Tổ Hùng Vương, the tenth day of the third lunar month; `None` outside 1800–2199.
#[must_use]
pub fn hung_kings_day(year: i16) -> Option<Date> {
    lunar_to_solar(10, 3, year)
}

/// The date of a day in a lunar month that is not a leap month. `None` when the day is outside 1–30, the month outside
/// 1–12, the month has only 29 days, or the year is outside 1800–2199.
#[must_use]
pub fn lunar_to_solar(day: u8, month: u8, year: i16) -> Option<Date> {
    if !(1..=30).contains(&day) || !(1..=12).contains(&month) || !YEARS.contains(&year) {
        return None;
    }
    let year = i64::from(year);
    let month = i64::from(month);
    let (from, to) =
        if month < 11 { (month_11(year - 1), month_11(year)) } else { (month_11(year), month_11(year + 1)) };
    let k = (0.5 + (from as f64 - 2_415_021.076_998_695) / 29.530_588_853).floor();
    let mut offset = (month - 11).rem_euclid(12);
    // Thirteen new moons between two eleventh months mean a leap month, which shifts those after it.
    if to - from > 365 && offset >= leap_month_offset(from) {
        offset += 1;
    }
    let first = new_moon_day(k + offset as f64);
    let next = new_moon_day(k + offset as f64 + 1.0);
    let julian_day = first + i64::from(day) - 1;
    if julian_day >= next {
        return None;
    }
    let unix_days = i32::try_from(julian_day - JULIAN_DAY_1970).ok()?;
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(unix_days).ok()?).ok()
}

/// The Julian date (fraction of a day from noon UTC) of the k-th new moon after 1 January 1900.
fn new_moon(k: f64) -> f64 {
    let t = k / 1236.85;
    let t2 = t * t;
    let t3 = t2 * t;
    let dr = PI / 180.0;
    let mean = 2_415_020.759_33 + 29.530_588_68 * k + 0.000_117_8 * t2 - 0.000_000_155 * t3
        + 0.000_33 * ((166.56 + 132.87 * t - 0.009_173 * t2) * dr).sin();
    let sun = 359.2242 + 29.105_356_08 * k - 0.000_033_3 * t2 - 0.000_003_47 * t3;
    let moon = 306.0253 + 385.816_918_06 * k + 0.010_730_6 * t2 + 0.000_012_36 * t3;
    let latitude = 21.2964 + 390.670_506_46 * k - 0.001_652_8 * t2 - 0.000_002_39 * t3;
    let correction = (0.1734 - 0.000_393 * t) * (sun * dr).sin() + 0.0021 * (2.0 * dr * sun).sin()
        - 0.4068 * (moon * dr).sin()
        + 0.0161 * (dr * 2.0 * moon).sin()
        - 0.0004 * (dr * 3.0 * moon).sin()
        + 0.0104 * (dr * 2.0 * latitude).sin()
        - 0.0051 * (dr * (sun + moon)).sin()
        - 0.0074 * (dr * (sun - moon)).sin()
        + 0.0004 * (dr * (2.0 * latitude + sun)).sin()
        - 0.0004 * (dr * (2.0 * latitude - sun)).sin()
        - 0.0006 * (dr * (2.0 * latitude + moon)).sin()
        + 0.0010 * (dr * (2.0 * latitude - moon)).sin()
        + 0.0005 * (dr * (2.0 * moon + sun)).sin();
    let delta_t = if t < -11.0 {
        0.001 + 0.000_839 * t + 0.000_226_1 * t2 - 0.000_008_45 * t3 - 0.000_000_081 * t * t3
    } else {
        -0.000_278 + 0.000_265 * t + 0.000_262 * t2
    };
    mean + correction - delta_t
}

/// The Julian day number, in local time, of the k-th new moon.
fn new_moon_day(k: f64) -> i64 {
    (new_moon(k) + 0.5 + TIME_ZONE_DAYS).floor() as i64
}

/// The sun's longitude at local midnight of a Julian day, in twelfths of the circle from the spring equinox.
fn sun_longitude(julian_day: i64) -> i64 {
    let t = (julian_day as f64 - 0.5 - TIME_ZONE_DAYS - 2_451_545.0) / 36_525.0;
    let t2 = t * t;
    let dr = PI / 180.0;
    let anomaly = 357.529_10 + 35_999.050_30 * t - 0.000_155_9 * t2 - 0.000_000_48 * t * t2;
    let mean = 280.464_5 + 36_000.769_83 * t + 0.000_303_2 * t2;
    let centre = (1.9146 - 0.004_817 * t - 0.000_014 * t2) * (dr * anomaly).sin()
        + (0.019_993 - 0.000_101 * t) * (dr * 2.0 * anomaly).sin()
        + 0.000_29 * (dr * 3.0 * anomaly).sin();
    let longitude = (mean + centre) * dr;
    (longitude.rem_euclid(2.0 * PI) / PI * 6.0).floor() as i64
}

/// The first day of the lunar month that holds the winter solstice of a year.
fn month_11(year: i64) -> i64 {
    // 31 December of the year, counted from 1900 in the Gregorian calendar.
    let last_day = Date::new(year as i16, 12, 31).unwrap_or(Date::MAX);
    let since_1970 = last_day.since(Date::constant(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()));
    let offset = (since_1970 + JULIAN_DAY_1970 - 2_415_021) as f64;
    let k = (offset / 29.530_588_853).floor();
    let day = new_moon_day(k);
    if sun_longitude(day) >= 9 { new_moon_day(k - 1.0) } else { day }
}

/// How many months after month 11 the leap month stands: the first without a principal term.
fn leap_month_offset(month_11: i64) -> i64 {
    let k = ((month_11 as f64 - 2_415_021.076_998_695) / 29.530_588_853 + 0.5).floor();
    let mut last;
    let mut i = 1;
    let mut arc = sun_longitude(new_moon_day(k + 1.0));
    loop {
        last = arc;
        i += 1;
        arc = sun_longitude(new_moon_day(k + i as f64));
        if arc == last || i >= 14 {
            return i - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn tet_and_gio_to_of_six_years() {
        let expected = [
            (date(2025, 1, 29), date(2025, 4, 7)),
            (date(2026, 2, 17), date(2026, 4, 26)),
            (date(2027, 2, 6), date(2027, 4, 16)),
            (date(2028, 1, 26), date(2028, 4, 4)),
            (date(2029, 2, 13), date(2029, 4, 23)),
            (date(2030, 2, 2), date(2030, 4, 12)),
        ];
        for (tet, gio_to) in expected {
            assert_eq!(lunar_new_year(tet.year()), Some(tet));
            assert_eq!(hung_kings_day(tet.year()), Some(gio_to));
        }
    }

    #[test]
    fn years_where_vietnam_and_china_differ() {
        // 1985: Vietnam kept Tết a month before China. 2007: a day before.
        assert_eq!(lunar_new_year(1985), Some(date(1985, 1, 21)));
        assert_eq!(lunar_new_year(2007), Some(date(2007, 2, 17)));
    }

    #[test]
    fn a_leap_month_shifts_those_after_it() {
        // 2023 had a leap second month, 2025 a leap sixth.
        assert_eq!(hung_kings_day(2023), Some(date(2023, 4, 29)));
        assert_eq!(lunar_to_solar(15, 8, 2025), Some(date(2025, 10, 6)));
    }

    #[test]
    fn outside_the_calendar_there_is_nothing() {
        assert_eq!(lunar_to_solar(31, 1, 2026), None);
        assert_eq!(lunar_to_solar(0, 1, 2026), None);
        assert_eq!(lunar_to_solar(1, 13, 2026), None);
        assert_eq!(lunar_new_year(1799), None);
        assert_eq!(lunar_new_year(i16::MAX), None);
        assert_eq!(lunar_to_solar(30, 12, 2024), None);
    }

    #[test]
    fn every_tet_lies_between_20_january_and_21_february() {
        for year in 1900..=2199 {
            let tet = lunar_new_year(year).unwrap();
            assert!(tet >= date(year, 1, 20) && tet <= date(year, 2, 22), "{tet}");
        }
    }
}
