//! The questions that a review asks of a desk: which lines fit a filter, in which order, and what they add up to.
//!
//! [`Filter`] is what stands in the search box; a [`Searcher`] turns a [`ViewQuestion`] into a [`LinesView`] and remembers what makes the next
//! answer fast; [`complete()`] offers what can be typed next; [`write_view_csv`] and [`tsv`] write the lines that are shown.
//!
//! Invariants: no text that is typed can fail or panic, it has [`Issue`]s; an answer is a function of desk, filter, scope and order,
//! whatever was asked before; money of different currencies is never added.

mod bits;
mod complete;
mod facets;
mod field;
mod file;
mod filter;
mod fold;
mod index;
mod order;
mod output;
mod parse;
mod select;
mod standing;
mod sums;
mod view;

pub use complete::{Completion, Suggestion, complete};
pub use field::{FieldHelp, FilterField, LineColumn, ValueKind, help};
pub use file::export_view;
pub use filter::{Filter, FilterTerm, Issue, Op, Pattern, Test, Value};
pub use index::SearchIndex;
pub use output::{tsv, write_view_csv};
pub use view::{
    Clears, Direction, Facet, FacetValue, LineScope, LinesView, QueryError, Searcher, SortKey,
    ViewQuestion, ViewTotal,
};
