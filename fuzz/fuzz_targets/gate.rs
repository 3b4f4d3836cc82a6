//! One gate of `hostile::target::GATES`, named by the variable `TRAM_GATE` (`change mended` if there is none).
#![no_main]

use std::cell::RefCell;

use hostile::target::{GATES, Target};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static TARGET: RefCell<Target> = RefCell::new(make());
}

fn make() -> Target {
    let name = std::env::var("TRAM_GATE").unwrap_or_else(|_| "change mended".to_owned());
    let gate = GATES.iter().find(|gate| gate.name == name);
    let names = || GATES.map(|gate| gate.name).join(", ");
    (gate.unwrap_or_else(|| panic!("no gate {name}; there are: {}", names())).make)()
}

fuzz_target!(|input: &[u8]| {
    TARGET.with_borrow_mut(|target| {
        let _ = (target.feed)(input);
    });
});
