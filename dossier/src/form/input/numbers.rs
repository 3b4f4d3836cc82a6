//! Numbers that have their own rules: persons, phones, taxpayers.

use super::{FieldError, Warning};
use crate::identity::{self, PersonalId, Phone, PhoneKind, TaxCode, TaxCodeError};

/// Twelve digits without the blanks people put between them.
pub fn personal_id(text: &str, warnings: &mut Vec<Warning>) -> Result<String, FieldError> {
    let id = PersonalId::parse(text).map_err(|_| FieldError::NotAPersonalId)?;
    warnings.extend(id.check_against(None, None).into_iter().map(Warning::from));
    Ok(id.as_str().to_owned())
}

/// E.164. An eleven-digit mobile number of before 2018 is kept as written, with its successor as a proposal.
pub fn phone(text: &str, warnings: &mut Vec<Warning>) -> Result<String, FieldError> {
    let phone = Phone::parse(text).map_err(|_| FieldError::NotAPhone)?;
    if phone.kind() == PhoneKind::OldMobile {
        warnings.push(Warning::OldMobile { replacement: phone.replacement().and_then(|new| new.e164()) });
    }
    phone.e164().ok_or(FieldError::NotAPhone)
}

/// Ten digits, ten and three with a dash, or twelve.
pub fn tax_code(text: &str) -> Result<String, FieldError> {
    TaxCode::parse(text).map(|code| code.as_str().to_owned()).map_err(|error| match error {
        TaxCodeError::Shape => FieldError::NotATaxCode,
        TaxCodeError::CheckDigit => FieldError::TaxCodeCheckDigit,
    })
}

impl From<identity::Warning> for Warning {
    fn from(warning: identity::Warning) -> Self {
        match warning {
            identity::Warning::UnknownProvince => Self::IdUnknownProvince,
            identity::Warning::CenturyAhead => Self::IdCenturyAhead,
            identity::Warning::SexDiffers => Self::IdContradictsSex,
            identity::Warning::BirthYearDiffers => Self::IdContradictsBirth,
        }
    }
}
