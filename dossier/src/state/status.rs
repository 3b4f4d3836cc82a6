use serde::Serialize;

/// The national business status of a dossier, codes 1 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 1: submitted, awaiting the desk.
    Registered,
    /// 2: accepted; the clock runs.
    Accepted,
    /// 3: not accepted.
    Refused,
    /// 4: with the specialists.
    Processing,
    /// 5: papers asked for; the clock stands.
    SupplementAsked,
    /// 6: payment owed; the clock stands.
    PaymentAsked,
    /// 7: the applicant wants to withdraw.
    WithdrawalAsked,
    /// 8: stopped.
    Stopped,
    /// 9: the result is there.
    Decided,
    /// 10: the result was handed over.
    Returned,
}

impl Status {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Registered,
        Self::Accepted,
        Self::Refused,
        Self::Processing,
        Self::SupplementAsked,
        Self::PaymentAsked,
        Self::WithdrawalAsked,
        Self::Stopped,
        Self::Decided,
        Self::Returned,
    ];

    /// The national code, 1 to 10.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The status of a national code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code.checked_sub(1)?)).copied()
    }

    /// The exact national name.
    #[must_use]
    pub fn name_vi(self) -> &'static str {
        match self {
            Self::Registered => "Mới đăng ký",
            Self::Accepted => "Được tiếp nhận",
            Self::Refused => "Không được tiếp nhận",
            Self::Processing => "Đang xử lý",
            Self::SupplementAsked => "Yêu cầu bổ sung giấy tờ",
            Self::PaymentAsked => "Yêu cầu thực hiện nghĩa vụ tài chính",
            Self::WithdrawalAsked => "Công dân yêu cầu rút hồ sơ",
            Self::Stopped => "Dừng xử lý",
            Self::Decided => "Đã xử lý xong",
            Self::Returned => "Đã trả kết quả",
        }
    }

    /// In English.
    #[must_use]
    pub fn name_en(self) -> &'static str {
        match self {
            Self::Registered => "Registered",
            Self::Accepted => "Accepted",
            Self::Refused => "Not accepted",
            Self::Processing => "In process",
            Self::SupplementAsked => "Supplement asked for",
            Self::PaymentAsked => "Payment owed",
            Self::WithdrawalAsked => "Withdrawal asked for",
            Self::Stopped => "Stopped",
            Self::Decided => "Decided",
            Self::Returned => "Result returned",
        }
    }

    /// Whether nothing on the merits can follow.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Refused | Self::Stopped | Self::Returned)
    }

    /// Whether the clock stands.
    #[must_use]
    pub fn is_pause(self) -> bool {
        matches!(self, Self::SupplementAsked | Self::PaymentAsked | Self::WithdrawalAsked)
    }

    /// Whether the national list knows this step.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use Status as S;
        match self {
            S::Registered => {
                matches!(next, S::Accepted | S::Refused | S::SupplementAsked | S::WithdrawalAsked)
            }
            S::Accepted => {
                matches!(next, S::Processing | S::SupplementAsked | S::WithdrawalAsked | S::Stopped | S::Decided)
            }
            S::Processing => {
                matches!(next, S::SupplementAsked | S::PaymentAsked | S::WithdrawalAsked | S::Stopped | S::Decided)
            }
            S::SupplementAsked => {
                matches!(next, S::Registered | S::Accepted | S::Processing | S::WithdrawalAsked | S::Stopped)
            }
            S::PaymentAsked => matches!(next, S::Processing | S::WithdrawalAsked | S::Stopped | S::Decided),
            S::WithdrawalAsked => {
                matches!(
                    next,
                    S::Stopped | S::Registered | S::Accepted | S::Processing | S::SupplementAsked | S::PaymentAsked
                )
            }
            S::Decided => matches!(next, S::Returned | S::Processing),
            S::Refused | S::Stopped | S::Returned => false,
        }
    }
}
