//! What can be wrong in a form definition.

use super::super::label::Label;

/// One fault, with its place as a JSON pointer within the form definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFault {
    /// Where, such as `/schema/required/3`.
    pub pointer: String,
    /// What.
    pub kind: FormFaultKind,
    /// The name it is about.
    pub name: String,
}

/// Kinds of fault; see [`FormFaultKind::sentence`] for what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the sentence of each kind is its documentation")]
pub enum FormFaultKind {
    NoProperties,
    OpenObject,
    BadName,
    UnknownKeyword,
    BadKeyword,
    UnknownType,
    TypeDisagrees,
    NoVietnamese,
    NoEnglish,
    ChoicesDisagree,
    LongTextDisagrees,
    TooManyFields,
    RequiredUnknown,
    RequiredThoughHidden,
    ConditionDiffers,
    ConditionUnknown,
    ConditionCircle,
    OrderUnknown,
    OrderTwice,
    OrderMissing,
    HintUnknown,
    RoleUnknown,
    IdentityUnknown,
    NoApplicantName,
}

impl FormFaultKind {
    /// What is wrong, in both languages; the name it is about is added by the caller.
    pub fn sentence(self) -> Label {
        let (vi, en) = match self {
            Self::NoProperties => ("không có phần mô tả các trường", "no properties are described"),
            Self::OpenObject => {
                ("phải cấm trường ngoài danh mục (additionalProperties: false)", "additionalProperties must be false")
            }
            Self::BadName => (
                "tên trường phải gồm a-z, 0-9, _ và bắt đầu bằng chữ",
                "a field name is a-z, 0-9, _ and starts with a letter",
            ),
            Self::UnknownKeyword => ("từ khóa không biết", "unknown keyword"),
            Self::BadKeyword => ("giá trị của từ khóa không hợp lệ", "the keyword's value is invalid"),
            Self::UnknownType => ("kiểu trường x-type không biết", "unknown x-type"),
            Self::TypeDisagrees => ("kiểu JSON không khớp với x-type", "the JSON type does not agree with x-type"),
            Self::NoVietnamese => ("thiếu nhãn tiếng Việt", "the Vietnamese label is missing"),
            Self::NoEnglish => ("thiếu nhãn tiếng Anh", "the English label is missing"),
            Self::ChoicesDisagree => (
                "danh sách lựa chọn thiếu, trùng hoặc không hợp kiểu",
                "choices are missing, repeated or do not fit the type",
            ),
            Self::LongTextDisagrees => ("long_text không khớp với x-type", "long_text does not agree with x-type"),
            Self::TooManyFields => ("quá nhiều trường", "too many fields"),
            Self::RequiredUnknown => {
                ("trường bắt buộc không có trong properties", "a required field is not in properties")
            }
            Self::RequiredThoughHidden => (
                "trường có điều kiện hiển thị không được bắt buộc vô điều kiện",
                "a field shown under a condition may not be required without it",
            ),
            Self::ConditionDiffers => {
                ("điều kiện if của lược đồ khác với visible_when", "the schema's if differs from visible_when")
            }
            Self::ConditionUnknown => {
                ("điều kiện hiển thị nhắc đến trường không có", "the condition speaks of an unknown field")
            }
            Self::ConditionCircle => {
                ("điều kiện hiển thị quá sâu hoặc vòng tròn", "conditions are too deep or run in a circle")
            }
            Self::OrderUnknown => ("thứ tự hiển thị nhắc đến trường không có", "the order names an unknown field"),
            Self::OrderTwice => ("trường xuất hiện hai lần trong thứ tự hiển thị", "the order names a field twice"),
            Self::OrderMissing => ("thứ tự hiển thị thiếu trường", "the order leaves a field out"),
            Self::HintUnknown => ("gợi ý hiển thị cho trường không có", "hints for an unknown field"),
            Self::RoleUnknown => ("vai trò chỉ đến trường không có", "a role names an unknown field"),
            Self::IdentityUnknown => {
                ("cặp số định danh chỉ đến trường không có", "an identity pair names an unknown field")
            }
            Self::NoApplicantName => ("không trường nào là họ tên người nộp", "no field is the applicant's name"),
        };
        Label::new(vi, en)
    }
}
