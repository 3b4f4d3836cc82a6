//! The one conversion from what went wrong to what a caller is told.
//!
//! A caller gets a stable code, a sentence and whether trying again helps. What is internal goes to the log, under the
//! request's id, and nowhere else.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use dossier::{
    envelope::EnvelopeFault,
    fault::{Code, Fault},
    wire::BatchFault,
};

use crate::{
    exchange::{BodyFault, ExchangeFault},
    operating::OperatorFault,
    reading::ReadFault,
    storage::StorageFault,
    upload::UploadFault,
};

/// When to come back, in seconds, if the server is only busy. Clients add their own jitter.
const RETRY_AFTER_S: u32 = 5;

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    fault: Fault,
    retry_after_s: Option<u32>,
}

/// tus: the part or the whole does not fit its checksum.
pub(super) fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

impl Refusal {
    /// A refusal with the status that belongs to its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let retry_after_s = matches!(code, Code::Busy | Code::NotStored).then_some(RETRY_AFTER_S);
        Self { status: status_of(code), fault: Fault::new(code), retry_after_s }
    }

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.fault.code
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds a detail: a limit, a hash, a number.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.fault = self.fault.with(name, value);
        self
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Logs what happened inside; the caller learns only the code.
    fn internal(code: Code, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "request failed");
        Self::new(code)
    }
}

/// The status that goes with a code; every code that the server sends has its own line.
fn status_of(code: Code) -> StatusCode {
    match code {
        Code::NotAuthenticated => StatusCode::UNAUTHORIZED,
        Code::InvitationRefused | Code::NotAllowed | Code::CertificateRefused | Code::DeviceRevoked => {
            StatusCode::FORBIDDEN
        }
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::BatchReused | Code::UploadOffset => StatusCode::CONFLICT,
        Code::OverLimit | Code::AttachmentTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::WrongCentre => StatusCode::MISDIRECTED_REQUEST,
        Code::BlobMismatch => checksum_mismatch(),
        Code::Busy | Code::NotStored => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self.fault)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<StorageFault> for Refusal {
    fn from(fault: StorageFault) -> Self {
        match &fault {
            StorageFault::Database(_) => Self::internal(Code::NotStored, &fault),
            StorageFault::Damaged(_) => Self::internal(Code::Internal, &fault),
        }
    }
}

impl From<ExchangeFault> for Refusal {
    fn from(fault: ExchangeFault) -> Self {
        match fault {
            ExchangeFault::Body(BodyFault::OverLimit(what)) | ExchangeFault::Batch(BatchFault::OverLimit(what)) => {
                Self::new(Code::OverLimit).with("limit", what)
            }
            ExchangeFault::Body(BodyFault::Damaged(_)) => Self::new(Code::Damaged),
            ExchangeFault::Batch(BatchFault::Envelope(EnvelopeFault::BadSignature)) => Self::new(Code::BadSignature),
            ExchangeFault::Batch(BatchFault::Envelope(_) | BatchFault::Repair(_)) => Self::new(Code::Damaged),
            ExchangeFault::Batch(BatchFault::Protocol(version)) => Self::new(Code::Protocol).with("protocol", version),
            ExchangeFault::WrongCentre => Self::new(Code::WrongCentre),
            ExchangeFault::BatchReused => Self::new(Code::BatchReused),
            ExchangeFault::InvitationRefused => Self::new(Code::InvitationRefused),
            ExchangeFault::Crowded | ExchangeFault::Busy => Self::new(Code::Busy),
            ExchangeFault::Storage(fault) => fault.into(),
            ExchangeFault::CutDown(fault) => Self::internal(Code::Internal, &fault),
            ExchangeFault::Gone(_) | ExchangeFault::CutOff => Self::new(Code::CutOff),
        }
    }
}

impl From<ReadFault> for Refusal {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Storage(fault) => fault.into(),
            ReadFault::CutDown(fault) => Self::internal(Code::Internal, &fault),
            ReadFault::NotFound | ReadFault::NotADesk | ReadFault::Lapsed => Self::new(fault.code()),
        }
    }
}

impl From<OperatorFault> for Refusal {
    fn from(fault: OperatorFault) -> Self {
        match fault {
            OperatorFault::Storage(fault) => fault.into(),
            OperatorFault::UnknownDevice => Self::new(Code::NotFound),
            OperatorFault::Wrong { field, .. } => Self::new(Code::BadRequest).with("field", field),
        }
    }
}

impl From<UploadFault> for Refusal {
    fn from(fault: UploadFault) -> Self {
        match fault {
            UploadFault::NotFound => Self::new(Code::NotFound),
            UploadFault::TooLarge => Self::new(Code::AttachmentTooLarge),
            UploadFault::TooLong => Self::new(Code::OverLimit).with("limit", "the announced length"),
            UploadFault::Offset { at } => Self::new(Code::UploadOffset).with("offset", at),
            UploadFault::Checksum => Self::new(Code::Damaged).status(checksum_mismatch()),
            UploadFault::Mismatch => Self::new(Code::BlobMismatch),
            UploadFault::Broken => Self::new(Code::CutOff),
            UploadFault::Blob(fault) => Self::internal(Code::NotStored, &fault),
            UploadFault::Storage(fault) => fault.into(),
        }
    }
}

/// No route has this address.
pub(super) async fn no_such_address() -> Refusal {
    Refusal::new(Code::NotFound)
}

/// The address takes other methods.
pub(super) async fn no_such_method() -> Refusal {
    Refusal::new(Code::BadRequest).status(StatusCode::METHOD_NOT_ALLOWED)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of what the server answers, for whoever writes another client.
    #[test]
    fn the_list_of_refusals_is_known() {
        let list: Vec<String> = Code::ALL
            .iter()
            .map(|code| {
                let refusal = Refusal::new(*code);
                let again = refusal.retry_after_s.map(|seconds| format!(" Retry-After {seconds}")).unwrap_or_default();
                format!("{code} {} {:?}{again}", refusal.status.as_u16(), code.retry())
            })
            .collect();
        insta::assert_snapshot!(list.join("\n"));
    }
}
