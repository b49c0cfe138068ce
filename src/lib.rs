//! Ledgerline turns streaming reports into royalty payments that add up to the last digit.
//!
//! The library knows nothing of windows and terminals; see `ARCHITECTURE.md` for its layers.

pub mod account;
pub mod catalog;
pub mod cli;
pub mod contents;
pub mod desk;
pub mod export;
pub mod fonts;
pub mod guide;
pub mod ident;
pub mod job;
pub mod journal;
pub mod matching;
pub mod money;
pub mod payout;
pub mod period;
pub mod results;
pub mod review;
pub mod session;
pub mod settlement;
pub mod statement;
pub mod terms;
#[cfg(feature = "gui")]
pub mod ui;
pub mod workspace;
