//! Integration tests: one binary, one module for each boundary.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_input;
mod golden;
mod laws;
mod oracle;
mod pollock;
mod reliability;
mod same_bytes;
mod support;
mod tidy;
