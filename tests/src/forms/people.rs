//! People of the place, none of them real: names by how often families bear them, addresses in old and new units,
//! numbers that fit birth and sex.

use crate::rng::Rng;

/// Family names with their rough share in a thousand (Kinh families, then the peoples of the South-East and Highlands).
const FAMILIES: [(&str, u64); 20] = [
    ("Nguyễn", 384),
    ("Trần", 121),
    ("Lê", 95),
    ("Phạm", 70),
    ("Huỳnh", 51),
    ("Phan", 45),
    ("Vũ", 39),
    ("Võ", 39),
    ("Đặng", 21),
    ("Bùi", 20),
    ("Đỗ", 14),
    ("Hồ", 13),
    ("Ngô", 13),
    ("Dương", 10),
    ("Lý", 5),
    ("Trương", 22),
    ("Đinh", 11),
    ("Thạch", 6),
    ("Sơn", 4),
    ("Điểu", 5),
];
const MIDDLE_MALE: [&str; 8] = ["Văn", "Hữu", "Đức", "Công", "Quốc", "Minh", "Thanh", "Hoàng"];
const MIDDLE_FEMALE: [&str; 8] = ["Thị", "Thị Ngọc", "Thị Thu", "Kim", "Ngọc", "Thị Mỹ", "Bích", "Thị Hồng"];
const GIVEN_MALE: [&str; 16] = [
    "Hùng", "Dũng", "Tuấn", "Anh", "Phúc", "Khải", "Đạt", "Thắng", "Long", "Sơn", "Quý", "Hòa", "Thủy", "Trí", "Ân",
    "Phước",
];
const GIVEN_FEMALE: [&str; 16] = [
    "Hoa", "Lan", "Hương", "Hòa", "Thủy", "Oanh", "Ánh", "Yến", "Trang", "Nhung", "Duyên", "Ngân", "Mỹ", "Thúy",
    "Quyên", "Ơn",
];
/// Whole names whose shape is not family, middle, given: Êđê, Khmer, S'Tiêng, Chăm, Hoa, and single names.
const OTHER_SHAPES: [(&str, bool); 8] = [
    ("Y Blơ Êban", true),
    ("H'Hen Niê", false),
    ("Thạch Thị Sa Rinh", false),
    ("Điểu K'Rứt", true),
    ("Kim Sa Ươl", true),
    ("Thị Hạnh", false),
    ("Trượng Văn Món", true),
    ("Vòng A Sáng", true),
];
/// Present communes with quarters as people still write them: some by the new unit, some by the old.
const PLACES: [(&str, &str); 8] = [
    ("25747", "khu phố 5, phường Thủ Dầu Một"),
    ("25747", "KP 4, P. Phú Cường, TP. Thủ Dầu Một, Bình Dương"),
    ("25747", "tổ 12, KP 3, P. Chánh Nghĩa (cũ)"),
    ("25750", "khu phố 1, phường Phú Lợi"),
    ("25750", "KP 7, P. Phú Hòa, TP. Thủ Dầu Một, Bình Dương"),
    ("25760", "khu phố 2, P. Phú Mỹ (nay là phường Bình Dương)"),
    ("25771", "khu 6, phường Chánh Hiệp"),
    ("25942", "khu phố Đông Tân, phường Dĩ An"),
];
const STREETS: [&str; 8] = [
    "đường ĐX 043",
    "đường Cách Mạng Tháng Tám",
    "hẻm 12 đường Lê Hồng Phong",
    "đường Yersin",
    "đường 30 Tháng 4",
    "đường Huỳnh Văn Lũy",
    "đường ĐT 743",
    "đường Thích Quảng Đức",
];

/// Somebody who brings a dossier.
#[derive(Debug, Clone)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Whether their papers say male.
    pub is_male: bool,
    /// Birth: year, month, day.
    pub birth: (u64, u64, u64),
    /// Twelve digits that fit birth and sex.
    pub personal_id: String,
    /// As they say it.
    pub phone: String,
    /// As they write it.
    pub address: String,
    /// The code of the present commune.
    pub commune: String,
}

impl Person {
    /// The next person of a stream.
    #[must_use]
    pub fn any(rng: &mut Rng) -> Self {
        let (name, is_male) = name(rng);
        let birth = (rng.between(1941, 2007), rng.between(1, 12), rng.between(1, 28));
        // Two in three were born here, the rest came for work; codes of birth registration never change with mergers.
        let province =
            *rng.weighted(&[("074", 55), ("079", 14), ("083", 6), ("087", 6), ("038", 7), ("040", 6), ("094", 6)]);
        let century = if birth.0 >= 2000 { 2 } else { 0 };
        let digit = century + u64::from(!is_male);
        let (commune, quarter) = *rng.pick(&PLACES);
        Self {
            name,
            is_male,
            birth,
            personal_id: format!("{province}{digit}{:02}{:06}", birth.0 % 100, rng.below(1_000_000)),
            phone: phone(rng),
            address: format!("số {}/{}, {}, {quarter}", rng.between(1, 400), rng.between(1, 40), rng.pick(&STREETS)),
            commune: commune.to_owned(),
        }
    }

    /// The birth as people type it.
    #[must_use]
    pub fn birth_typed(&self) -> String {
        let (year, month, day) = self.birth;
        format!("{day:02}/{month:02}/{year}")
    }
}

fn name(rng: &mut Rng) -> (String, bool) {
    if rng.percent(4) {
        let (name, is_male) = *rng.pick(&OTHER_SHAPES);
        return (name.to_owned(), is_male);
    }
    let is_male = rng.percent(50);
    let (middle, given) = if is_male { (MIDDLE_MALE, GIVEN_MALE) } else { (MIDDLE_FEMALE, GIVEN_FEMALE) };
    (format!("{} {} {}", rng.weighted(&FAMILIES), rng.pick(&middle), rng.pick(&given)), is_male)
}

fn phone(rng: &mut Rng) -> String {
    let prefix = *rng.pick(&["032", "037", "038", "056", "070", "077", "081", "090", "091", "097", "098"]);
    let rest = rng.below(10_000_000);
    match rng.below(4) {
        0 => format!("+84 {} {:03} {:04}", &prefix[1..], rest / 10_000, rest % 10_000),
        1 => format!("{prefix}.{:03}.{:04}", rest / 10_000, rest % 10_000),
        _ => format!("{prefix}{rest:07}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_birth_and_sex() {
        let mut rng = Rng::new(9);
        for _ in 0..2_000 {
            let person = Person::any(&mut rng);
            let digits = &person.personal_id;
            assert_eq!(digits.len(), 12);
            let sex_and_century = digits[3..4].parse::<u64>().unwrap();
            assert_eq!(sex_and_century.is_multiple_of(2), person.is_male);
            assert_eq!(sex_and_century >= 2, person.birth.0 >= 2000);
            assert_eq!(digits[4..6].parse::<u64>().unwrap(), person.birth.0 % 100);
        }
    }

    #[test]
    fn most_people_are_called_nguyen_and_some_are_named_in_another_way() {
        let mut rng = Rng::new(4);
        let names: Vec<String> = (0..5_000).map(|_| Person::any(&mut rng).name).collect();
        let share = |of: &dyn Fn(&String) -> bool| names.iter().filter(|name| of(name)).count();
        assert!((1_600..2_200).contains(&share(&|name| name.starts_with("Nguyễn"))));
        assert!(share(&|name| name == "Y Blơ Êban") > 0);
    }
}
