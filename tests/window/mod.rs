//! The window, driven by its accessible names against workspaces made of the sample.

mod catalog;
mod duplicates;
mod flow;
mod history;
mod kit;
mod lines;
mod overview;
mod payout;
mod review;
mod snapshots;
mod stage;
mod statements;
