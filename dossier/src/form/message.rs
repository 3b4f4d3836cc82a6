//! What a person reads about a field: the one place with these sentences, by code.

use super::input::{FieldError, Warning};
use super::label::Label;

impl FieldError {
    /// Stable code, for logs, translations and clients.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownField { .. } => "unknown_field",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::NotADate => "not_a_date",
            Self::NotANumber => "not_a_number",
            Self::TooSmall { .. } => "too_small",
            Self::TooLarge { .. } => "too_large",
            Self::NotAChoice { .. } => "not_a_choice",
            Self::NotABoolean => "not_a_boolean",
            Self::MustAgree => "must_agree",
            Self::NotAPersonalId => "not_a_personal_id",
            Self::NotAPhone => "not_a_phone",
            Self::NotATaxCode => "not_a_tax_code",
            Self::TaxCodeCheckDigit => "tax_code_check_digit",
            Self::NotAnEmail => "not_an_email",
            Self::UnknownUnit => "unknown_unit",
            Self::AmbiguousUnit { .. } => "ambiguous_unit",
            Self::WrongPattern { .. } => "wrong_pattern",
            Self::WrongType { .. } => "wrong_type",
            Self::TooFewRows { .. } => "too_few_rows",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyAnswers => "too_many_answers",
            Self::Schema { .. } => "schema",
        }
    }

    /// What happened and what to do, without the value itself, which may be personal.
    pub fn sentence(&self) -> Label {
        match self {
            Self::UnknownField { did_you_mean: Some(near) } => Label::new(
                format!("Biểu mẫu không có trường này. Có phải là “{near}”?"),
                format!("The form has no such field. Did you mean “{near}”?"),
            ),
            Self::UnknownField { did_you_mean: None } => {
                Label::new("Biểu mẫu không có trường này.", "The form has no such field.")
            }
            Self::Empty => Label::new("Chưa nhập nội dung.", "Nothing was typed."),
            Self::TooLong { max_chars } => {
                Label::new(format!("Nội dung dài quá {max_chars} ký tự."), format!("More than {max_chars} characters."))
            }
            Self::TooShort { min_chars } => Label::new(
                format!("Nội dung cần ít nhất {min_chars} ký tự."),
                format!("At least {min_chars} characters are needed."),
            ),
            Self::NotADate => Label::new(
                "Không phải ngày hợp lệ; nhập ngày/tháng/năm, ví dụ 21/03/1990.",
                "Not a valid date; type day/month/year, such as 21/03/1990.",
            ),
            Self::NotANumber => {
                Label::new("Không phải số nguyên; ví dụ 1.200.000.", "Not a whole number; for example 1.200.000.")
            }
            Self::TooSmall { minimum } => {
                Label::new(format!("Số phải từ {minimum} trở lên."), format!("The number must be at least {minimum}."))
            }
            Self::TooLarge { maximum } => {
                Label::new(format!("Số không được quá {maximum}."), format!("The number must be at most {maximum}."))
            }
            Self::NotAChoice { choices } => {
                let list = choices.join(", ");
                Label::new(format!("Hãy chọn một trong: {list}."), format!("Choose one of: {list}."))
            }
            Self::NotABoolean => Label::new("Hãy trả lời có hoặc không.", "Answer yes or no."),
            Self::MustAgree => {
                Label::new("Cần đồng ý nội dung này để nộp hồ sơ.", "This must be agreed to before handing in.")
            }
            Self::NotAPersonalId => {
                Label::new("Số định danh cá nhân gồm 12 chữ số.", "A personal identification number has 12 digits.")
            }
            Self::NotAPhone => Label::new(
                "Số điện thoại không hợp lệ; ví dụ 0912 345 678.",
                "Not a valid phone number; for example 0912 345 678.",
            ),
            Self::NotATaxCode => {
                Label::new("Mã số thuế gồm 10, 12 hoặc 10-3 chữ số.", "A tax code has 10, 12 or 10-3 digits.")
            }
            Self::TaxCodeCheckDigit => Label::new(
                "Mã số thuế sai chữ số kiểm tra; có thể gõ nhầm một chữ số.",
                "The tax code's check digit does not fit; one digit may be mistyped.",
            ),
            Self::NotAnEmail => Label::new(
                "Thư điện tử không hợp lệ; ví dụ an.nguyen@example.vn.",
                "Not a valid e-mail; for example an.nguyen@example.vn.",
            ),
            Self::UnknownUnit => Label::new(
                "Không tìm thấy phường, xã này; hãy chọn trong danh sách.",
                "No such commune; choose from the list.",
            ),
            Self::AmbiguousUnit { candidates } => {
                let list = candidates.join(", ");
                Label::new(
                    format!("Có nhiều phường, xã phù hợp: {list}. Hãy chọn theo mã."),
                    format!("Several communes fit: {list}. Choose by code."),
                )
            }
            Self::WrongPattern { example: Some(example) } => Label::new(
                format!("Chưa đúng cách ghi; ví dụ {example}."),
                format!("Not written as asked; for example {example}."),
            ),
            Self::WrongPattern { example: None } => Label::new("Chưa đúng cách ghi.", "Not written as asked."),
            Self::WrongType { expected } => Label::new(
                format!("Giá trị đã lưu sai kiểu (cần {expected})."),
                format!("The stored value has the wrong type ({expected} expected)."),
            ),
            Self::TooFewRows { min_rows } => {
                Label::new(format!("Cần ít nhất {min_rows} dòng."), format!("At least {min_rows} rows are needed."))
            }
            Self::TooManyRows { max_rows } => {
                Label::new(format!("Không được quá {max_rows} dòng."), format!("At most {max_rows} rows."))
            }
            Self::TooManyAnswers => Label::new("Biểu mẫu có quá nhiều ô.", "The form has too many cells."),
            Self::Schema { keyword } => Label::new(
                format!("Nội dung chưa đúng quy định của biểu mẫu ({keyword})."),
                format!("The form's rule {keyword} does not hold."),
            ),
        }
    }
}

impl Warning {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IdContradictsBirth => "id_contradicts_birth",
            Self::IdContradictsSex => "id_contradicts_sex",
            Self::IdUnknownProvince => "id_unknown_province",
            Self::IdCenturyAhead => "id_century_ahead",
            Self::OldMobile { .. } => "old_mobile",
            Self::LegacyEncoding { .. } => "legacy_encoding",
            Self::LettersReplaced => "letters_replaced",
            Self::HiddenAnswer => "hidden_answer",
        }
    }

    /// What to look at again. The value is kept in any case.
    pub fn sentence(&self) -> Label {
        let (vi, en) = match self {
            Self::IdContradictsBirth => (
                "Số định danh không khớp năm sinh; hãy xem lại giấy tờ. Dữ liệu vẫn được lưu.",
                "The personal number does not agree with the birth year; look at the paper again. It is kept.",
            ),
            Self::IdContradictsSex => (
                "Số định danh không khớp giới tính; hãy xem lại giấy tờ. Dữ liệu vẫn được lưu.",
                "The personal number does not agree with the sex; look at the paper again. It is kept.",
            ),
            Self::IdUnknownProvince => (
                "Ba số đầu của số định danh không phải mã tỉnh, thành đã biết.",
                "The number's first three digits are no known province.",
            ),
            Self::IdCenturyAhead => (
                "Số định danh cho biết người sinh từ năm 2100; hãy xem lại.",
                "The personal number says a birth in 2100 or later; look again.",
            ),
            Self::OldMobile { .. } => (
                "Số di động 11 số đã ngừng dùng từ năm 2018.",
                "Mobile numbers of eleven digits went out of use in 2018.",
            ),
            Self::LegacyEncoding { .. } => (
                "Văn bản có vẻ bị lỗi bảng mã cũ; hãy xem lại dấu tiếng Việt.",
                "The text looks like a broken old encoding; look at its diacritics.",
            ),
            Self::LettersReplaced => {
                ("Chữ giống đ/Đ đã được đổi thành đ/Đ.", "Letters that look like đ/Đ were replaced.")
            }
            Self::HiddenAnswer => (
                "Ô này không còn áp dụng theo các câu trả lời khác; nội dung được giữ nhưng không tính.",
                "Other answers hide this field; its content is kept but does not count.",
            ),
        };
        Label::new(vi, en)
    }
}
