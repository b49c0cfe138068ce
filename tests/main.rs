//! Integration tests: one binary, one module for each boundary.

mod golden;
mod oracle;
mod pollock;
mod support;
