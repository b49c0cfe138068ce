//! Integration tests: one binary, one module for each boundary.

mod pollock;
