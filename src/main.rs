//! The program: see [`ledgerline::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ledgerline::cli::run(std::env::args_os(), open_window)
}

#[cfg(feature = "gui")]
fn open_window(workspace: Option<std::path::PathBuf>, files: Vec<std::path::PathBuf>) -> ExitCode {
    ledgerline::ui::run(workspace, files)
}

#[cfg(not(feature = "gui"))]
fn open_window(_: Option<std::path::PathBuf>, _: Vec<std::path::PathBuf>) -> ExitCode {
    eprintln!(
        "error: this program was built without its window; see ledgerline help for its commands"
    );
    ExitCode::from(2)
}
