//! The window, driven by its accessible names against workspaces made of the sample.

mod catalog;
mod contracts;
mod duplicates;
mod flow;
mod guide;
mod history;
mod kit;
mod lines;
mod overview;
mod payout;
mod periods;
mod review;
mod snapshots;
mod stage;
mod statements;
