//! The window: draws what the workspace contains, and sends commands. It holds no rule of the domain, and nothing slower than a frame runs on
//! its thread: questions go to `background` threads, work to the session's engine.
#![allow(
    clippy::float_arithmetic,
    reason = "places on the screen are floating point numbers; amounts never come near them"
)]

mod app;
mod background;
pub mod commands;
mod guide;
pub mod kit;
mod native;
pub mod picker;
pub mod screens;
pub mod shared;
pub mod text;

pub use app::{App, Start};
pub use native::run;
