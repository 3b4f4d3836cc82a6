//! A file of the origin (OPFS) behind its synchronous access handle.

use std::{fmt, io};

use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

/// What a store asks of a file.
pub trait File: fmt::Debug + Send + Sync {
    /// Its length in bytes.
    fn size_bytes(&self) -> io::Result<u64>;

    /// Fills `out` with what stands from `offset` on; an error if the file ends before.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes all of `data` from `offset` on, making the file longer if need be. It is durable after the next flush.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()>;

    /// Cuts the file to this length.
    fn cut(&self, size_bytes: u64) -> io::Result<()>;

    /// Makes everything written so far durable.
    fn flush(&self) -> io::Result<()>;
}

/// A file of the origin. It stays on the worker's thread, which is the only one that may touch the handle.
#[derive(Debug)]
pub struct OriginFile(SendWrapper<FileSystemSyncAccessHandle>);

impl OriginFile {
    /// The file behind a handle, which nobody else uses from here on.
    #[must_use]
    pub fn new(handle: FileSystemSyncAccessHandle) -> Self {
        Self(SendWrapper::new(handle))
    }

    /// Lets the file go, so that another worker may open it.
    pub fn close(&self) {
        self.0.close();
    }
}

/// What the browser said, as an error of the standard library: no room is told apart from everything else.
fn failed(told: &JsValue) -> io::Error {
    let name = told.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    let kind = match name.as_str() {
        "QuotaExceededError" => io::ErrorKind::StorageFull,
        "NotFoundError" => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, name)
}

#[expect(clippy::cast_precision_loss, reason = "a browser's file is far below 2^53 bytes")]
fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(offset as f64);
    options
}

/// How many bytes a call says it moved.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of bytes below 2^53")]
fn moved(count: Result<f64, JsValue>) -> io::Result<usize> {
    match count {
        Ok(count) if count > 0.0 => Ok(count as usize),
        Ok(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(told) => Err(failed(&told)),
    }
}

impl File for OriginFile {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size below 2^53")]
    fn size_bytes(&self) -> io::Result<u64> {
        self.0.get_size().map(|size| size as u64).map_err(|told| failed(&told))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while done < out.len() {
            let options = at(offset + done as u64);
            done += moved(self.0.read_with_u8_array_and_options(&mut out[done..], &options))?;
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut done = 0;
        while done < data.len() {
            let options = at(offset + done as u64);
            done += moved(self.0.write_with_u8_array_and_options(&data[done..], &options))?;
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "a browser's file is far below 2^53 bytes")]
    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.0.truncate_with_f64(size_bytes as f64).map_err(|told| failed(&told))
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush().map_err(|told| failed(&told))
    }
}
