//! A report file into items, cells, quarantine and control totals.
//!
//! Invariants: every physical line of the file is accounted for (the line ledger), sums are exact, and the result is the same
//! for any size of batch and any number of threads.

mod assembly;
mod batch;
pub mod cube;
pub mod dims;
mod error;
mod evidence;
mod fold;
mod guess;
pub mod import;
mod index;
pub mod interpret;
pub mod item;
pub mod kind;
pub mod layout;
pub mod ledger;
mod lenient;
mod likely;
pub mod likeness;
pub mod loss;
mod memo;
pub mod names;
mod peel;
pub mod plan;
pub mod propose;
pub mod quarantine;
pub mod recognize;
pub mod records;
mod refusal;
pub(crate) mod reread;
mod resolve;
pub mod shape;
pub mod source;
mod splitter;
pub mod spread;
pub(crate) mod stored;
pub mod sums;
pub(crate) mod view;

pub use error::{Again, NotTaken, StatementError};

use crate::ident::{Currency, DateOrder, SalePeriod};
use crate::money::DecimalMark;

/// What guards against hostile or broken files.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many times its size a packed file may grow.
    pub max_expansion: u64,
    /// Most bytes a packed file may unpack to.
    pub max_unpacked_bytes: u64,
    /// Longest line, in bytes.
    pub max_line_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_expansion: 250,
            max_unpacked_bytes: 1 << 40,
            max_line_bytes: 16 << 20,
        }
    }
}

/// What a person said about files that cannot say it themselves.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Decimal mark of amounts.
    pub decimal: Option<DecimalMark>,
    /// Order of day and month.
    pub date_order: Option<DateOrder>,
    /// Currencies for layouts that ask: by layout id, or for all.
    pub currencies: Vec<(Option<String>, Currency)>,
    /// Sale periods of files that do not say theirs: by layout id, or for all.
    pub periods: Vec<(Option<String>, SalePeriod)>,
    /// Encoding of the text.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Limits.
    pub limits: Limits,
    /// Rows in a batch; the result does not depend on it.
    pub batch_rows: Option<usize>,
    /// What is taken all the same.
    pub accept: Accept,
}

/// What a person takes on purpose although it looks wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accept {
    /// Statements that lose much in quarantine.
    pub quarantine: bool,
    /// Statements whose rows are those of others.
    pub duplicate: bool,
}

/// Rows that are read together: few enough to stay in the processor's cache from reading to folding.
pub const BATCH_ROWS: usize = 4096;
