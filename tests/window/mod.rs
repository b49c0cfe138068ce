//! The window, driven by its accessible names against workspaces made of the sample.

mod lines;
mod stage;
mod statements;
