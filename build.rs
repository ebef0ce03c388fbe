//! Builds again when a feature or a recorded transcript changes: they are embedded in the program.

fn main() {
    println!("cargo::rerun-if-changed=features");
    println!("cargo::rerun-if-changed=scenarios");
}
