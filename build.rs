//! Builds again when a feature, a recorded transcript or a body of the fake Vinted changes: they are embedded in the program.

fn main() {
    println!("cargo::rerun-if-changed=features");
    println!("cargo::rerun-if-changed=fixtures/vinted");
    println!("cargo::rerun-if-changed=scenarios");
}
