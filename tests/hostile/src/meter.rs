//! What an input costs: memory at its peak, and time.
//!
//! Memory is counted by the allocator of the program, for each thread by itself, so that what one thread does is not
//! charged to another. The C library's own memory (the window of zstd, at most 8 MiB by the limit on windows) does not
//! pass through it.
#![allow(unsafe_code, reason = "an allocator's interface is unsafe; this one passes everything on and only counts")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    time::{Duration, Instant},
};

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, with a count of what each thread holds.
#[derive(Debug)]
pub struct Counting;

fn grow(by: isize) {
    // A thread that is ending has no counters any more, and needs none.
    let _ = HELD.try_with(|held| {
        let now = held.get() + by;
        held.set(now);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now)));
    });
}

fn size(layout: Layout) -> isize {
    isize::try_from(layout.size()).unwrap_or(isize::MAX)
}

// SAFETY: every call goes to the system's allocator with the arguments it came with, and its answer is passed on; the
// counters are cells of the thread that allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(size(layout));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        grow(-size(layout));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(size(layout));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // While it is copied, both are there.
        grow(isize::try_from(new_size).unwrap_or(isize::MAX));
        grow(-size(layout));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(at, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What some work cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Bytes held at the peak, beyond what was held before.
    pub peak_bytes: usize,
    /// Wall-clock time.
    pub time: Duration,
}

/// Does some work on this thread and says what it cost.
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let before = HELD.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    let begun = Instant::now();
    let answer = work();
    let time = begun.elapsed();
    let peak_bytes = usize::try_from(PEAK.with(Cell::get) - before).unwrap_or(0);
    (answer, Cost { peak_bytes, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_seen_after_it_is_gone() {
        let (kept, cost) = measure(|| {
            drop(std::hint::black_box(vec![1u8; 3 << 20]));
            vec![1u8; 1 << 20]
        });
        assert!((3 << 20..4 << 20).contains(&cost.peak_bytes), "{}", cost.peak_bytes);
        drop(kept);
    }
}
