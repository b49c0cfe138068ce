//! One module for each screen. A screen has a state of its own, is shown with [`super::shared::Context`], and asks for what it wants done.

pub mod catalog;
pub mod duplicates;
pub mod review;
pub mod start;

use eframe::egui::Ui;

use super::shared::{Context, Rows, Screen};
use crate::session::engine::Wake;

/// All screens.
pub struct Screens {
    /// Start.
    pub start: start::StartScreen,
    /// The label's tracks.
    pub catalog: catalog::CatalogScreen,
    /// ISRCs that several tracks share.
    pub duplicates: duplicates::DuplicatesScreen,
    /// Items that need a person.
    pub review: review::ReviewScreen,
}

impl Screens {
    /// Starts their threads.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        Self {
            start: start::StartScreen,
            catalog: catalog::CatalogScreen::new(wake),
            duplicates: duplicates::DuplicatesScreen::new(wake),
            review: review::ReviewScreen::new(wake),
        }
    }

    /// Draws a screen.
    pub fn show_ui(&mut self, screen: Screen, ui: &mut Ui, context: &mut Context<'_>) {
        match screen {
            Screen::Catalog => self.catalog.show_ui(ui, context),
            Screen::Duplicates => self.duplicates.show_ui(ui, context),
            Screen::Review => self.review.show_ui(ui, context),
            _ => {}
        }
    }

    /// Shows rows on the lines screen.
    pub fn show_rows(&mut self, rows: Rows) {
        let _ = rows;
    }
}
