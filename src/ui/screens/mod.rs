//! One module for each screen. A screen has a state of its own, is shown with [`super::shared::Context`], and asks for what it wants done.

pub mod review;
pub mod start;

use eframe::egui::Ui;

use super::shared::{Context, Rows, Screen};
use crate::session::engine::Wake;

/// All screens.
pub struct Screens {
    /// Start.
    pub start: start::StartScreen,
    /// Items that need a person.
    pub review: review::ReviewScreen,
}

impl Screens {
    /// Starts their threads.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        Self { start: start::StartScreen, review: review::ReviewScreen::new(wake) }
    }

    /// Draws a screen.
    pub fn show_ui(&mut self, screen: Screen, ui: &mut Ui, context: &mut Context<'_>) {
        match screen {
            Screen::Review => self.review.show_ui(ui, context),
            _ => {}
        }
    }

    /// Shows rows on the lines screen.
    pub fn show_rows(&mut self, rows: Rows) {
        let _ = rows;
    }
}
