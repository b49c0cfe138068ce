//! Builds again when a file changes that is part of the program: without this, cargo would not notice a changed layout or sample.

fn main() {
    for folder in ["assets", "sample-data"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
