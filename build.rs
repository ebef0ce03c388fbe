//! Builds again when a feature, a recorded transcript, a behaviour or a fixture changes: they are embedded in the program.

fn main() {
    println!("cargo::rerun-if-changed=features");
    println!("cargo::rerun-if-changed=scenarios");
    println!("cargo::rerun-if-changed=fixtures/answers");
    println!("cargo::rerun-if-changed=fixtures/vinted");
}
