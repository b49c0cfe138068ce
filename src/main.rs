//! The program: see [`ledgerline::cli`].

fn main() -> std::process::ExitCode {
    ledgerline::cli::run(std::env::args_os())
}
