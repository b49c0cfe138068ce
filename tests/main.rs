//! Integration tests: one binary, one module for each boundary.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::too_many_lines,
    reason = "a test may tell a whole story from top to bottom"
)]

mod accounts;
mod bad_input;
mod contracts;
mod desk;
mod gates;
mod golden;
mod guide;
mod laws;
mod oracle;
mod periods;
#[allow(
    clippy::float_arithmetic,
    clippy::print_stdout,
    reason = "scores of a public benchmark are means, and they are shown"
)]
mod pollock;
mod query;
mod real;
mod real_laws;
mod refusals;
mod reliability;
mod rows;
mod same_bytes;
mod shared_isrcs;
mod support;
mod tidy;
#[cfg(feature = "gui")]
mod window;
