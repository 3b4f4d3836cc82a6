//! SQLite's interface to files (a VFS) that passes everything on to the system's own, and on the way writes down what was
//! written, cut, flushed and deleted, and fails when told to.
//!
//! It becomes the default of the process, so the real stores run over it without knowing. The shared memory beside a log
//! is passed on and not written down: SQLite makes it anew after a crash.
#![allow(unsafe_code, reason = "SQLite calls files through a table of C functions")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    mem::size_of,
    ptr::null_mut,
    sync::{Once, OnceLock},
};

use rusqlite::ffi::{
    SQLITE_OK, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register,
};

use crate::tape::{self, Op};

/// A file of ours: SQLite's part first, then ours, then (right behind, in the same memory) the system's.
#[repr(C)]
struct File {
    base: sqlite3_file,
    /// The file's name without its directory, from `Box::into_raw`; null for a file that has none.
    name: *mut String,
}

struct Base(*mut sqlite3_vfs);

// SAFETY: the system's VFS lives as long as the process and is made for all threads.
unsafe impl Send for Base {}
// SAFETY: as above.
unsafe impl Sync for Base {}

static BASE: OnceLock<Base> = OnceLock::new();

fn base() -> *mut sqlite3_vfs {
    BASE.get().map_or(null_mut(), |base| base.0)
}

/// Makes this the way to files of every database opened from now on.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the default VFS is asked for, copied field by field, and the copy is leaked, so it lives for ever.
        unsafe {
            let system = sqlite3_vfs_find(std::ptr::null());
            assert!(!system.is_null(), "SQLite has a default way to files");
            let _ = BASE.set(Base(system));
            let mut ours = *system;
            ours.szOsFile = (*system).szOsFile + size_of::<File>() as c_int;
            ours.zName = c"recorded".as_ptr();
            ours.pNext = null_mut();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            let registered = sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1);
            assert_eq!(registered, SQLITE_OK, "SQLite takes another way to files");
        }
    });
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Without memory maps: every byte passes through `read` and `write`.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// The system's file behind ours.
///
/// # Safety
/// `file` must be one that [`open`] made.
unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite gives as much memory as `szOsFile` says, which is ours and then the system's.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// Our name of the file; empty for one without a name, which is nobody's to keep.
///
/// # Safety
/// As [`inner`].
unsafe fn name<'a>(file: *mut sqlite3_file) -> &'a str {
    // SAFETY: the name is set by `open` and freed by `close` only.
    unsafe { (*file.cast::<File>()).name.as_ref().map_or("", String::as_str) }
}

/// The last part of a path; null gives nothing.
///
/// # Safety
/// `path` must be null or a C string.
unsafe fn last_part(path: *const c_char) -> Option<String> {
    if path.is_null() {
        return None;
    }
    // SAFETY: said above.
    let path = unsafe { CStr::from_ptr(path) }.to_string_lossy();
    Some(path.rsplit('/').next().unwrap_or_default().to_owned())
}

/// Calls a method of the system's file.
macro_rules! pass_on {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: the file was opened by `open`, so the system's part has its methods, and the arguments are SQLite's own.
        unsafe {
            let inner = inner($file);
            match (*(*inner).pMethods).$method {
                Some(method) => method(inner $(, $argument)*),
                None => rusqlite::ffi::SQLITE_IOERR,
            }
        }
    }};
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    path: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives memory of `szOsFile` bytes for the file and its own arguments for the rest.
    unsafe {
        (*file).pMethods = std::ptr::null();
        let Some(method) = (*base()).xOpen else { return rusqlite::ffi::SQLITE_CANTOPEN };
        let opened = method(base(), path, inner(file), flags, out);
        if opened != SQLITE_OK {
            return opened;
        }
        let known = last_part(path).map(Box::new);
        if let Some(name) = &known {
            tape::note(Op::Open(name.to_string()));
        }
        (*file.cast::<File>()).name = known.map_or(null_mut(), Box::into_raw);
        (*file).pMethods = &raw const METHODS;
        SQLITE_OK
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, path: *const c_char, sync_dir: c_int) -> c_int {
    if let Some(code) = tape::fails(tape::Kind::Delete) {
        return code;
    }
    // SAFETY: SQLite's own arguments.
    unsafe {
        let Some(method) = (*base()).xDelete else { return rusqlite::ffi::SQLITE_IOERR };
        let deleted = method(base(), path, if tape::flushes() { sync_dir } else { 0 });
        if deleted == SQLITE_OK
            && let Some(name) = last_part(path)
        {
            tape::note(Op::Delete(name));
        }
        deleted
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let closed = pass_on!(file, xClose);
    // SAFETY: made by `Box::into_raw` in `open`, and SQLite closes a file once.
    unsafe {
        let name = (*file.cast::<File>()).name;
        if !name.is_null() {
            drop(Box::from_raw(name));
        }
    }
    closed
}

unsafe extern "C" fn read(file: *mut sqlite3_file, out: *mut c_void, count: c_int, at: sqlite3_int64) -> c_int {
    if let Some(code) = tape::fails(tape::Kind::Read) {
        return code;
    }
    pass_on!(file, xRead, out, count, at)
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, count: c_int, at: sqlite3_int64) -> c_int {
    if let Some(code) = tape::fails(tape::Kind::Write) {
        return code;
    }
    let written = pass_on!(file, xWrite, from, count, at);
    if written == SQLITE_OK {
        // SAFETY: SQLite gives `count` bytes at `from`.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(count).unwrap_or(0)) };
        // SAFETY: the file is one of ours.
        let name = unsafe { name(file) };
        tape::note(Op::Write(name.to_owned(), usize::try_from(at).unwrap_or(0), bytes.to_vec()));
    }
    written
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    if let Some(code) = tape::fails(tape::Kind::Truncate) {
        return code;
    }
    let cut = pass_on!(file, xTruncate, size);
    if cut == SQLITE_OK {
        // SAFETY: the file is one of ours.
        let name = unsafe { name(file) };
        tape::note(Op::Truncate(name.to_owned(), usize::try_from(size).unwrap_or(0)));
    }
    cut
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    if let Some(code) = tape::fails(tape::Kind::Sync) {
        return code;
    }
    // What is under this process is no medium that keeps anything: the tape is.
    let flushed = if tape::flushes() { pass_on!(file, xSync, flags) } else { SQLITE_OK };
    if flushed == SQLITE_OK {
        // SAFETY: the file is one of ours.
        let name = unsafe { name(file) };
        tape::note(Op::Sync(name.to_owned()));
    }
    flushed
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    pass_on!(file, xFileSize, out)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass_on!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass_on!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    pass_on!(file, xCheckReservedLock, out)
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    pass_on!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn sector_size(_: *mut sqlite3_file) -> c_int {
    512
}

unsafe extern "C" fn device_characteristics(_: *mut sqlite3_file) -> c_int {
    // Nothing is promised: a sector may be torn from its neighbours.
    0
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    pass_on!(file, xShmMap, page, size, extend, out)
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    pass_on!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: as everywhere here.
    unsafe {
        let inner = inner(file);
        if let Some(method) = (*(*inner).pMethods).xShmBarrier {
            method(inner);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    pass_on!(file, xShmUnmap, delete)
}
