//! Ledgerline turns streaming reports into royalty payments that add up to the last digit.
//!
//! The library knows nothing of windows and terminals; see `ARCHITECTURE.md` for its layers.

pub mod ident;
pub mod job;
pub mod money;
pub mod statement;
