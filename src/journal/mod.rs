//! What entries of the journal mean: each kind is one variant of [`JournalEvent`], written and read
//! in one place.
//!
//! The workspace below keeps entries as bytes and knows nothing of their kinds; the session above
//! is the only one that records them.
//!
//! Invariants: an event reads back from its entry as it was written, in every version since the
//! first; what an entry puts into the database is a function of the entry alone, so that one which
//! a crash kept from the database can be put there later.

mod effects;
mod event;
mod history;

pub use effects::{catalog_change, effects, imported_record};
pub(crate) use event::record;
pub use event::{
    CatalogImported, EventKind, JournalEvent, PeriodClosed, RecordFacts, StatementImported,
    StatementRemoved, TrackEdited,
};
pub use history::{Change, history, standing, standing_if, terms_in_force, understand};
