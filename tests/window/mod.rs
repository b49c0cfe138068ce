//! The window, driven by its accessible names against workspaces made of the sample.

mod catalog;
mod duplicates;
mod stage;
