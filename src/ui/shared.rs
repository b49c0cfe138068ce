//! What all screens are given, what they may ask of the window, and what is remembered for the next start.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use serde::{Deserialize, Serialize};

use super::kit::dialogs::Dialogs;
use super::kit::table::TableState;
use crate::desk::{Desk, LineId};
use crate::job::Wake;
use crate::journal::Change;
use crate::session::engine::{Command, Engine};
use crate::terms::pieces::TermKind;

/// The screens of the window, in the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Screen {
    /// Recent workspaces, a new one, the sample label.
    Start,
    /// The files, their control totals and quarantine.
    Statements,
    /// Items that need a person.
    Review,
    /// ISRCs that several tracks share.
    Duplicates,
    /// The label's tracks.
    Catalog,
    /// Contracts, payees, taxes, rates and balances.
    Contracts,
    /// Rows of a statement as they stand in the file.
    Lines,
    /// Who is paid what, with the proof.
    Payout,
    /// Money by status, DSP, territory and period.
    Overview,
    /// Every decision and import.
    History,
}

impl Screen {
    /// All screens.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Statements,
        Self::Review,
        Self::Duplicates,
        Self::Catalog,
        Self::Contracts,
        Self::Lines,
        Self::Payout,
        Self::Overview,
        Self::History,
    ];

    /// The chapter of the guide that is about it.
    #[must_use]
    pub fn chapter(self) -> &'static str {
        match self {
            Self::Start => "first-month",
            Self::Statements | Self::Lines => "statements",
            Self::Review => "review",
            Self::Duplicates => "duplicates",
            Self::Catalog => "catalog",
            Self::Contracts => "contracts",
            Self::Payout => "periods",
            Self::Overview | Self::History => "window",
        }
    }

    /// Its name in the navigation.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Statements => "Statements",
            Self::Review => "Review",
            Self::Duplicates => "Duplicate ISRCs",
            Self::Catalog => "Catalog",
            Self::Contracts => "Contracts",
            Self::Lines => "Lines",
            Self::Payout => "Payout",
            Self::Overview => "Overview",
            Self::History => "History",
        }
    }
}

/// Which rows the lines screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowsToShow {
    /// All rows of a statement, by its key, beginning at a row number.
    Of {
        /// Key of the statement.
        statement: String,
        /// 1-based row as a spreadsheet shows it.
        row_number: u64,
    },
    /// The rows of a line of the desk, in all statements.
    OfLine(LineId),
    /// The rows of a payee in a currency.
    OfPayee {
        /// The payee's name.
        payee: String,
        /// The currency's code.
        currency: String,
    },
}

/// What a screen asks of the window, done when the frame has been drawn.
#[derive(Debug, Clone)]
pub enum Go {
    /// Show a screen.
    To(Screen),
    /// Show rows on the lines screen: every total leads there.
    ToRows(RowsToShow),
    /// Show the review with this filter.
    ToReview(String),
    /// Show a track on the catalog screen.
    ToTrack(String),
    /// Show contracts, rates or another kind of terms, and a piece of it.
    ToTerms(TermKind, Option<String>),
    /// Show the duplicates of an ISRC.
    ToDuplicates(String),
    /// Have the engine do something.
    Send(Command),
    /// Undo the latest decisions, as Ctrl+Z does.
    UndoLatest,
    /// Take the decisions that were undone last again.
    RedoLatest,
    /// Import statement files.
    ImportStatements(Vec<PathBuf>),
    /// Show what importing catalog files would change.
    ImportCatalog(Vec<PathBuf>),
    /// Ask for statement files, then import them.
    PickStatements,
    /// Ask for catalog files, then show what importing them would change.
    PickCatalog,
    /// Ask for files of contracts, rates and balances, then import them.
    PickTerms,
    /// Ask for a folder, then write contracts, rates and balances there.
    PickTermsFolder {
        /// Whether contracts are written as CSV.
        as_csv: bool,
    },
    /// Ask for a folder, then open it as a workspace.
    PickWorkspace,
    /// Open a workspace.
    OpenWorkspace(PathBuf),
    /// Open the sample label in a workspace of its own.
    OpenSample,
    /// Tell something in passing.
    Notice(String),
    /// Show what went wrong, with the remedy.
    Fault {
        /// What was being done.
        what: String,
        /// Why it failed and what to do about it.
        cause: String,
    },
}

/// What a screen is given for one frame.
pub struct Context<'a> {
    /// The open workspace.
    pub engine: &'a Engine,
    /// Its latest snapshot.
    pub desk: &'a Arc<Desk>,
    /// All entries of the journal.
    pub history: &'a Arc<Vec<Change>>,
    /// File dialogs.
    pub dialogs: &'a mut dyn Dialogs,
    /// What is remembered.
    pub settings: &'a mut Settings,
    /// What the screen asks for.
    pub go: &'a mut Vec<Go>,
    /// Wakes the window from another thread.
    pub wake: &'a Wake,
}

impl Context<'_> {
    /// Asks the window for something.
    pub fn go(&mut self, go: Go) {
        self.go.push(go);
    }

    /// Has the engine do something.
    pub fn send(&mut self, command: impl Into<Command>) {
        self.go.push(Go::Send(command.into()));
    }

    /// Shows what went wrong; `what` says what was being done.
    pub fn fault(&mut self, what: &str, cause: impl ToString) {
        self.go(Go::Fault {
            what: what.to_owned(),
            cause: cause.to_string(),
        });
    }

    /// What another thread answered, if it did; a failure is shown.
    pub fn received<T>(
        &mut self,
        what: &str,
        answer: Option<Result<T, impl ToString>>,
    ) -> Option<T> {
        match answer? {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.fault(what, error);
                None
            }
        }
    }

    /// A table as it was left, by its name in the settings.
    #[must_use]
    pub fn table(&self, name: &str) -> TableState {
        self.settings.tables.get(name).cloned().unwrap_or_default()
    }
}

/// A filter with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The name.
    pub name: String,
    /// The filter as typed.
    pub filter: String,
}

/// What is remembered for the next start.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Workspaces, the latest first.
    pub recent: Vec<PathBuf>,
    /// The workspace that was open.
    pub workspace: Option<PathBuf>,
    /// The screen that was shown.
    pub screen: Option<Screen>,
    /// Columns of tables by their names.
    pub tables: BTreeMap<String, TableState>,
    /// Saved views of the review.
    pub views: Vec<SavedView>,
    /// Dark, light, or as the system.
    pub theme: egui::ThemePreference,
}
