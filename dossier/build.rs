//! The catalogue's data files are part of the program: a change to one rebuilds it.

fn main() {
    println!("cargo:rerun-if-changed=../catalogue");
}
