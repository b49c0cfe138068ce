//! The window: views and commands drawn with egui. It holds no rule of the domain, and nothing else of the library knows it.
#![allow(clippy::float_arithmetic, reason = "pixels")]

pub mod kit;
