//! One module for each screen. A screen has a state of its own, is shown with [`super::shared::Context`], and asks for what it wants done.

pub mod catalog;
pub mod contracts;
mod decide;
pub mod duplicates;
mod effect;
pub mod history;
pub mod lines;
pub mod overview;
pub mod payout;
pub mod review;
pub mod start;
pub mod statements;

use eframe::egui::Ui;

use super::kit::widgets;
use super::shared::{Context, RowsToShow, Screen};
use crate::desk::open_period::KnownPeriod;
use crate::job::Wake;
use crate::matching;

/// All screens.
pub struct Screens {
    /// Start.
    pub start: start::StartScreen,
    /// The label's tracks.
    pub catalog: catalog::CatalogScreen,
    /// Contracts, rates and balances.
    pub contracts: contracts::ContractsScreen,
    /// ISRCs that several tracks share.
    pub duplicates: duplicates::DuplicatesScreen,
    /// Items that need a person.
    pub review: review::ReviewScreen,
    /// Who is paid what, with the proof.
    pub payout: payout::PayoutScreen,
    /// Money by status, DSP, territory and period.
    pub overview: overview::OverviewScreen,
    /// Every entry of the journal.
    pub history: history::HistoryScreen,
    /// The files.
    pub statements: statements::StatementsScreen,
    /// Rows as they stand in the file.
    pub lines: lines::LinesScreen,
}

impl Screens {
    /// Starts their threads.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        // Several screens look at the open period; it is settled once.
        let known = KnownPeriod::default();
        Self {
            start: start::StartScreen,
            catalog: catalog::CatalogScreen::new(wake),
            contracts: contracts::ContractsScreen::new(wake, &known),
            duplicates: duplicates::DuplicatesScreen::new(wake, &known),
            review: review::ReviewScreen::new(wake, &known),
            payout: payout::PayoutScreen::new(wake, &known),
            overview: overview::OverviewScreen::new(wake),
            history: history::HistoryScreen::new(wake),
            statements: statements::StatementsScreen::new(wake),
            lines: lines::LinesScreen::new(wake),
        }
    }

    /// Draws a screen.
    pub fn show_ui(&mut self, screen: Screen, ui: &mut Ui, context: &mut Context<'_>) {
        match screen {
            Screen::Catalog => self.catalog.show_ui(ui, context),
            Screen::Contracts => self.contracts.show_ui(ui, context),
            Screen::Duplicates => self.duplicates.show_ui(ui, context),
            Screen::Review => self.review.show_ui(ui, context),
            Screen::Payout => self.payout.show_ui(ui, context),
            Screen::Overview => self.overview.show_ui(ui, context),
            Screen::History => self.history.show_ui(ui, context),
            Screen::Statements => self.statements.show_ui(ui, context),
            Screen::Lines => self.lines.show_ui(ui, context),
            Screen::Start => {}
        }
    }

    /// Shows rows on the lines screen.
    pub fn show_rows(&mut self, rows: RowsToShow) {
        self.lines.show_rows(rows);
    }
}

/// How a status is shown: its sign, its word and its tone, the same on every screen.
pub(crate) fn status_of(status: matching::Status) -> widgets::PillStatus<'static> {
    let (sign, word) = match status {
        matching::Status::Matched => ("✓", "Matched"),
        matching::Status::Ambiguous => ("▲", "Ambiguous"),
        matching::Status::Unmatched => ("✗", "Unmatched"),
        matching::Status::Ignored => ("–", "Ignored"),
        matching::Status::Held => ("▲", "Held"),
        matching::Status::Quarantined => ("✗", "Quarantined"),
    };
    widgets::PillStatus {
        sign,
        word,
        tone: review::status_tone(status),
    }
}
