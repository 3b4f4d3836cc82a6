//! Who asks, from the token of the last sync.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use dossier::fault::Code;

use super::{App, refusal::Refusal};
use crate::access::{Reader, Standing};

/// A device that showed a valid token.
pub(super) struct Bearer(pub Reader);

impl FromRequestParts<App> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let unknown = || Refusal::new(Code::NotAuthenticated);
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(unknown)?;
        let now_ms = app.0.clock.now_ms();
        let device = app.0.centre.bearer(token.trim(), now_ms).ok_or_else(unknown)?;
        let units = app.0.catalogue.units();
        let reader = Reader::of(app.0.storage.as_ref(), &app.0.centre, units, &device, now_ms).await?;
        // The token was given before the device was taken out of use.
        if reader.standing == Standing::Revoked { Err(Refusal::new(Code::DeviceRevoked)) } else { Ok(Self(reader)) }
    }
}
