//! One module for each screen. A screen has a state of its own, is shown with [`super::shared::Context`], and asks for what it wants done.

pub mod start;

use eframe::egui::Ui;

use super::shared::{Context, Screen};
use crate::session::engine::Wake;

/// All screens.
pub struct Screens {
    /// Start.
    pub start: start::StartScreen,
}
