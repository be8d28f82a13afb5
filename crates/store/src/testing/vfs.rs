//! The thin layer between SQLite and the platform's file system that lets [`Disk`] have its say.
//!
//! SQLite's file systems are tables of C functions, so this cannot be written without `unsafe`. Each function forwards to
//! the platform's own; only writes, truncations, syncs and deletions ask the disk first.

#![allow(
    unsafe_code,
    reason = "a SQLite file system is a table of C functions; this one is for tests alone"
)]
#![allow(
    non_snake_case,
    reason = "the functions are named as the members of SQLite's table"
)]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use rusqlite::ffi::{
    self, SQLITE_OK, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
};

use super::disk::Disk;

type SharedDisk = Arc<Mutex<Disk>>;

/// What a registered file system knows: it lives for ever, as SQLite may use it at any time.
struct System {
    real: *mut sqlite3_vfs,
    disk: SharedDisk,
}

/// An open file. SQLite allocates it, and behind it the room for the platform's own.
#[repr(C)]
struct File {
    base: sqlite3_file,
    path: *mut PathBuf,
    disk: *const Mutex<Disk>,
}

/// Makes the disk known to SQLite and says under which name.
pub(super) fn register(disk: SharedDisk) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test-disk-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let c_name = CString::new(name.clone()).unwrap();
    // SAFETY: the default file system always exists and is never taken away. Ours is a copy of it in which the functions
    // that use its private data are replaced; it and its name are leaked, so they outlive every connection.
    unsafe {
        assert_eq!(ffi::sqlite3_initialize(), SQLITE_OK);
        let real = ffi::sqlite3_vfs_find(std::ptr::null());
        let system = Box::leak(Box::new(System { real, disk }));
        let mut ours = std::ptr::read(real);
        ours.szOsFile += size_of::<File>() as c_int;
        ours.pNext = std::ptr::null_mut();
        ours.zName = c_name.into_raw();
        ours.pAppData = std::ptr::from_mut(system).cast();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        assert_eq!(
            ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0),
            SQLITE_OK
        );
    }
    name
}

fn lock(disk: &Mutex<Disk>) -> MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe fn path_of(name: *const c_char) -> PathBuf {
    // SAFETY: SQLite passes a path that ends with a zero.
    unsafe { CStr::from_ptr(name) }
        .to_string_lossy()
        .into_owned()
        .into()
}

/// The platform's file, right behind ours.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: `szOsFile` asked for room for both.
    unsafe { file.cast::<File>().add(1).cast() }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls this with our own table and with room for a file. The methods are set only if the platform's file is open, so that SQLite closes what was opened.
    unsafe {
        let system = &*(*vfs).pAppData.cast::<System>();
        let path = if name.is_null() {
            PathBuf::new()
        } else {
            path_of(name)
        };
        lock(&system.disk).open(path.clone());
        let ours = file.cast::<File>();
        (*ours).base.pMethods = std::ptr::null();
        (*ours).path = Box::into_raw(Box::new(path));
        (*ours).disk = Arc::as_ptr(&system.disk);
        let opened = (*system.real).xOpen.unwrap()(system.real, name, real(file), flags, out_flags);
        if opened == SQLITE_OK {
            (*ours).base.pMethods = &METHODS;
        } else {
            drop(Box::from_raw((*ours).path));
        }
        opened
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let system = &*(*vfs).pAppData.cast::<System>();
        match lock(&system.disk).delete(&path_of(name)) {
            Ok(()) => (*system.real).xDelete.unwrap()(system.real, name, sync_dir),
            Err(code) => code,
        }
    }
}

unsafe extern "C" fn xClose(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and the path was boxed when it was opened.
    unsafe {
        drop(Box::from_raw((*file.cast::<File>()).path));
        (*(*real(file)).pMethods).xClose.unwrap()(real(file))
    }
}

/// Asks the disk; what it refuses is not forwarded.
unsafe fn ask(
    file: *mut sqlite3_file,
    question: impl FnOnce(&mut Disk, &Path) -> Result<(), c_int>,
) -> c_int {
    // SAFETY: path and disk live as long as the file is open.
    unsafe {
        let ours = file.cast::<File>();
        question(&mut lock(&*(*ours).disk), &*(*ours).path)
            .err()
            .unwrap_or(SQLITE_OK)
    }
}

unsafe extern "C" fn xWrite(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes so many bytes.
    unsafe {
        let written = std::slice::from_raw_parts(bytes.cast::<u8>(), count as usize);
        match ask(file, |disk, path| {
            disk.write(path, offset as usize, written)
        }) {
            SQLITE_OK => {
                (*(*real(file)).pMethods).xWrite.unwrap()(real(file), bytes, count, offset)
            }
            code => code,
        }
    }
}

unsafe extern "C" fn xTruncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        match ask(file, |disk, path| disk.truncate(path, size as usize)) {
            SQLITE_OK => (*(*real(file)).pMethods).xTruncate.unwrap()(real(file), size),
            code => code,
        }
    }
}

unsafe extern "C" fn xSync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: the file is open. The platform's sync is left out: no real power is going to be cut.
    unsafe { ask(file, |disk, path| disk.sync(path)) }
}

/// Functions that only pass their arguments on.
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($argument: $type),*) $(-> $result)? {
            // SAFETY: the file is open, and the arguments are SQLite's own.
            unsafe { (*(*real(file)).pMethods).$name.unwrap()(real(file), $($argument),*) }
        }
    )*};
}

forward! {
    xRead(bytes: *mut c_void, count: c_int, offset: sqlite3_int64) -> c_int;
    xFileSize(size: *mut sqlite3_int64) -> c_int;
    xLock(level: c_int) -> c_int;
    xUnlock(level: c_int) -> c_int;
    xCheckReservedLock(result: *mut c_int) -> c_int;
    xFileControl(operation: c_int, argument: *mut c_void) -> c_int;
    xSectorSize() -> c_int;
    xDeviceCharacteristics() -> c_int;
    xShmMap(page: c_int, size: c_int, extend: c_int, result: *mut *mut c_void) -> c_int;
    xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    xShmBarrier();
    xShmUnmap(delete: c_int) -> c_int;
}

/// Version 2: shared memory, but no memory-mapped reads.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(xClose),
    xRead: Some(xRead),
    xWrite: Some(xWrite),
    xTruncate: Some(xTruncate),
    xSync: Some(xSync),
    xFileSize: Some(xFileSize),
    xLock: Some(xLock),
    xUnlock: Some(xUnlock),
    xCheckReservedLock: Some(xCheckReservedLock),
    xFileControl: Some(xFileControl),
    xSectorSize: Some(xSectorSize),
    xDeviceCharacteristics: Some(xDeviceCharacteristics),
    xShmMap: Some(xShmMap),
    xShmLock: Some(xShmLock),
    xShmBarrier: Some(xShmBarrier),
    xShmUnmap: Some(xShmUnmap),
    xFetch: None,
    xUnfetch: None,
};
