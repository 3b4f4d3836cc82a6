//! The port through which bytes leave the device: one request, one answer.

/// The methods used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Read headers only.
    Head,
    /// Send.
    Post,
    /// Continue an upload.
    Patch,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with a leading slash; the transport knows the server.
    pub path: String,
    /// Header names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// One answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of a name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportFault {
    /// Nobody was reached. The request did not arrive, as far as can be known.
    #[error("nobody was reached")]
    Offline,
    /// The connection broke after the request went out: what came of the answer stands here.
    #[error("the connection broke")]
    CutOff {
        /// The status, if it came; `None` if nothing of the answer did.
        status: Option<u16>,
        /// As much of the body as came.
        received: Vec<u8>,
    },
    /// The answer is larger than any may be.
    #[error("the answer is too large")]
    TooLarge,
}

/// Carries requests to the device's server. Calls block.
pub trait Transport {
    /// Sends one request and reads the whole answer.
    fn send(&self, request: Request) -> Result<Response, TransportFault>;
}
