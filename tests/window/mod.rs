//! The window, driven by its accessible names against workspaces made of the sample.

mod history;
mod lines;
mod overview;
mod payout;
mod stage;
mod statements;
