//! What several tests need: the program as a process, and its CSV files as rows.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The built program.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ledgerline"))
}

/// Runs the program and gives back what it printed.
pub fn run(arguments: &[&str]) -> Output {
    program()
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// Runs the program and expects success.
pub fn run_well(arguments: &[&str]) -> Output {
    let output = run(arguments);
    assert!(
        output.status.success(),
        "{arguments:?}\n{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The folder of this repository: as cargo says when it runs the tests, since a target folder that several checkouts share may hold
/// tests that were compiled in another one.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).to_owned(),
        PathBuf::from,
    )
}

/// The sample label's folder.
pub fn sample_dir() -> PathBuf {
    root().join("sample-data")
}

/// The sample's statement files, sorted.
pub fn sample_statements() -> Vec<String> {
    let folder = sample_dir().join("statements");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("the sample is there")
        .map(|e| {
            e.expect("the folder can be listed")
                .path()
                .display()
                .to_string()
        })
        .collect();
    files.sort();
    files
}

/// The rows of a CSV file below its header.
pub fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader
        .records()
        .map(|r| {
            r.expect("the program writes valid CSV")
                .iter()
                .map(str::to_owned)
                .collect()
        })
        .collect()
}

/// `summary.json` of a run.
pub fn summary(folder: &Path) -> serde_json::Value {
    let text = std::fs::read(folder.join("summary.json")).expect("the run wrote a summary");
    serde_json::from_slice(&text).expect("the summary is JSON")
}

/// Writes a file and gives back its path as text.
pub fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("the temporary folder can be written");
    path.display().to_string()
}
