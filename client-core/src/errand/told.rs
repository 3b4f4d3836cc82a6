//! Why there is no good answer, as a fault.

use dossier::fault::{Code, Fault};

use crate::transport::{Response, TransportFault};

/// The fault that an answer other than 200 carries.
pub fn fault_of(response: &Response) -> Fault {
    let told: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
    let code = told
        .as_ref()
        .and_then(|told| told.get("code"))
        .and_then(serde_json::Value::as_str)
        .and_then(Code::from_text)
        .unwrap_or(match response.status {
            401 => Code::NotAuthenticated,
            403 => Code::NotAllowed,
            404 => Code::NotFound,
            413 => Code::OverLimit,
            429 | 502..=504 => Code::Busy,
            400..=499 => Code::BadRequest,
            _ => Code::Internal,
        });
    let mut fault = Fault::new(code).with("status", response.status);
    let details = told.as_ref().and_then(|told| told.get("details")).and_then(serde_json::Value::as_object);
    for (name, value) in details.into_iter().flatten().take(20) {
        if let Some(value) = value.as_str() {
            fault = fault.with(name, value.chars().take(200).collect::<String>());
        }
    }
    fault
}

pub fn fault_of_transport(fault: &TransportFault) -> Fault {
    match fault {
        TransportFault::Offline => Code::Offline.into(),
        TransportFault::CutOff { .. } => Code::CutOff.into(),
        TransportFault::TooLarge => Fault::new(Code::Damaged).with("what", "size"),
    }
}
