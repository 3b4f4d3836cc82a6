//! What a person reads about terms, channels and closures: the one place with these words.

use super::{Channel, ChannelRefusal};
use crate::deadline::Term;
use crate::form::Label;

impl Term {
    /// The term in words: "3 ngày làm việc".
    #[must_use]
    pub fn label(&self) -> Label {
        let counted = |amount: u32, vi: &str, one: &str, many: &str| {
            Label::new(format!("{amount} {vi}"), format!("{amount} {}", if amount == 1 { one } else { many }))
        };
        match self {
            Self::Hours { amount } => counted(*amount, "giờ làm việc", "working hour", "working hours"),
            Self::Days { amount } => counted(*amount, "ngày", "day", "days"),
            Self::WorkingDays { amount } => counted(*amount, "ngày làm việc", "working day", "working days"),
            Self::Months { amount } => counted(*amount, "tháng", "month", "months"),
            Self::SameDay { cutoff } => {
                let cutoff = format!("{:02}:{:02}", cutoff.hour(), cutoff.minute());
                Label::new(
                    format!("trong ngày, nếu nhận trước {cutoff}"),
                    format!("the same day, if received before {cutoff}"),
                )
            }
        }
    }
}

impl Channel {
    /// What the channel is called.
    #[must_use]
    pub fn label(self) -> Label {
        match self {
            Self::Direct => Label::new("Trực tiếp", "In person"),
            Self::Online => Label::new("Trực tuyến", "Online"),
            Self::Postal => Label::new("Bưu chính công ích", "Public post"),
        }
    }
}

impl ChannelRefusal {
    /// Why the channel is closed.
    #[must_use]
    pub fn sentence(&self) -> Label {
        match self {
            Self::PresenceRequired => Label::new(
                "Người yêu cầu phải có mặt trước cán bộ tiếp nhận.",
                "The person must appear before the officer.",
            ),
            Self::NotByPost => Label::new(
                "Thủ tục không thuộc danh mục nhận hồ sơ qua bưu chính công ích.",
                "The procedure is not on the list of those that public post collects.",
            ),
            Self::Closed(Some(reason)) => reason.clone(),
            Self::Closed(None) | Self::NotOffered | Self::NoTerm => {
                Label::new("Thủ tục không nhận hồ sơ theo cách này.", "The procedure is not received in this way.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_told_in_both_languages() {
        let told = |term: Term| (term.label().vi, term.label().en);
        let said = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        assert_eq!(told(Term::WorkingDays { amount: 3 }), said("3 ngày làm việc", "3 working days"));
        assert_eq!(told(Term::Days { amount: 1 }), said("1 ngày", "1 day"));
        assert_eq!(told(Term::Hours { amount: 8 }), said("8 giờ làm việc", "8 working hours"));
        assert_eq!(told(Term::Months { amount: 2 }), said("2 tháng", "2 months"));
        let cutoff = jiff::civil::time(15, 0, 0, 0);
        let same_day = said("trong ngày, nếu nhận trước 15:00", "the same day, if received before 15:00");
        assert_eq!(told(Term::SameDay { cutoff }), same_day);
    }
}
