//! A question about a desk into the lines that answer it, in order, with their sums.

use std::sync::Arc;

use thiserror::Error;

use super::bits::{Bits, by_blocks};
use super::facets::facets;
use super::field::FilterField;
use super::filter::Filter;
use super::index::SearchIndex;
use super::order::{USUAL, follows_decisions, sorted};
use super::select::{Cache, Select};
use super::standing::{LineStanding, in_order};
use super::sums::{clears, totals};
use crate::desk::{Desk, LineId};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};

/// What a review asks.
#[derive(Debug, Clone)]
pub struct ViewQuestion {
    /// Names the question; the answer carries it.
    pub generation: u64,
    /// What is asked about.
    pub desk: Arc<Desk>,
    /// Which lines.
    pub filter: Filter,
    /// Of which lines.
    pub scope: LineScope,
    /// In which order; without any, most money first by size, ties by currency. The last tie is broken by the line's number.
    pub sort: Vec<(SortKey, Direction)>,
    /// Whether facets are counted.
    pub want_facets: bool,
}

/// Which lines are looked at before any filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LineScope {
    /// Unmatched, ambiguous and held lines.
    #[default]
    NeedsPerson,
    /// All lines.
    All,
}

/// By what lines are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortKey {
    /// Money by size, whatever the sign and currency.
    Amount,
    /// Money with its sign.
    SignedAmount,
    /// Rows.
    Rows,
    /// Units.
    Quantity,
    /// Title.
    Title,
    /// Artist.
    Artist,
    /// Label.
    Label,
    /// Title of the release.
    Release,
    /// ISRC.
    Isrc,
    /// Release code.
    Upc,
    /// DSP.
    Dsp,
    /// Currency.
    Currency,
    /// Status, in the order in which they are shown.
    Status,
    /// Reason, by its code.
    Reason,
    /// How many tracks could be meant.
    Candidates,
}

/// Upwards or downwards. What is empty comes last either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct LinesView {
    /// Of the question.
    pub generation: u64,
    /// The desk whose lines these are.
    pub desk: Arc<Desk>,
    /// The lines in order.
    pub rows: Arc<Vec<LineId>>,
    /// What they add up to, by currency.
    pub totals: Vec<(Currency, ViewTotal)>,
    /// Counts by value, when asked for.
    pub facets: Vec<Facet>,
    /// Lines of the whole desk that need a person.
    pub open_total: u64,
    /// By currency, how few of the shown lines that need a person hold nearly all of their money.
    pub clears: Vec<(Currency, Clears)>,
    /// What completion takes values from.
    pub index: Arc<SearchIndex>,
}

/// Sums of lines in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ViewTotal {
    /// Lines.
    pub lines: u64,
    /// Items of the statements.
    pub items: u64,
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

/// How few lines hold nearly all of the money that needs a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clears {
    /// The lines with most money by size that hold 99 % of it.
    pub lines: u64,
    /// Of how many.
    pub of: u64,
}

/// Counts of lines by the values of a field. The filter's own terms about the field are passed over, so that alternatives stay visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The field.
    pub field: FilterField,
    /// Its values, most money first.
    pub values: Vec<FacetValue>,
    /// How many values are not listed.
    pub more: u64,
    /// What those stand for together; `lines` counts a line for each value.
    pub rest: FacetValue,
}

/// One value of a facet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FacetValue {
    /// The value as it is shown; empty when it is not given.
    pub value: String,
    /// Lines. A line that was sold in several territories or periods counts in each.
    pub lines: u64,
    /// Their money by currency; by territory and period only the money from there.
    pub money: Vec<(Currency, Amount)>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QueryError {
    /// A newer question waits.
    #[error("a newer question waits")]
    Stale,
    /// A sum left the exact range.
    #[error(transparent)]
    Overflow(#[from] AmountOverflow),
}

/// Answers questions, and remembers what makes the next answer fast. Give it a thread of its own (`job::Latest`).
#[derive(Debug, Default)]
pub struct Searcher {
    index: Option<Arc<SearchIndex>>,
    standing: Option<(Arc<Desk>, LineStanding)>,
    cache: Cache,
    /// What was put in order before, the latest last.
    orders: Vec<Ordered>,
}

/// How many orders are remembered; ten million lines take forty megabytes.
const ORDERS: usize = 6;

impl Searcher {
    /// A searcher that begins with an index that is there already.
    #[must_use]
    pub fn with_index(index: Arc<SearchIndex>) -> Self {
        Self {
            index: Some(index),
            ..Self::default()
        }
    }

    /// Answers a question. The first one about new lines prepares the index, which takes some seconds for ten million lines.
    ///
    /// # Errors
    /// [`QueryError::Stale`] when `is_stale` says that a newer question waits, [`QueryError::Overflow`] when a sum leaves the exact range.
    pub fn answer(
        &mut self,
        question: &ViewQuestion,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<LinesView, QueryError> {
        let index = self.index_of(&question.desk);
        let (_, standing) = match self
            .standing
            .take()
            .filter(|(desk, _)| Arc::ptr_eq(desk, &question.desk))
        {
            Some(known) => self.standing.insert(known),
            None => self.standing.insert((
                Arc::clone(&question.desk),
                LineStanding::of(&index, &question.desk, is_stale)?,
            )),
        };
        let mut select = Select {
            index: &index,
            standing,
            cache: &mut self.cache,
            is_stale,
        };
        let shown = select.lines(&question.filter, question.scope, None)?;
        let facets = if question.want_facets {
            facets(&mut select, &question.filter, question.scope, &shown)?
        } else {
            Vec::new()
        };
        let mut open = standing.open.clone();
        let open_total = open.count() as u64;
        open.keep(&shown);
        let totals = totals(&index, &shown, is_stale)?;
        let clears = clears(&index, &open, is_stale)?;
        let rows = rows(
            &mut self.orders,
            (&index, standing),
            question,
            &shown,
            is_stale,
        )?;
        Ok(LinesView {
            generation: question.generation,
            desk: Arc::clone(&question.desk),
            rows,
            totals,
            facets,
            open_total,
            clears,
            index,
        })
    }

    /// The index of a desk's lines; what was remembered of other lines is forgotten.
    fn index_of(&mut self, desk: &Desk) -> Arc<SearchIndex> {
        if let Some(index) = self.index.as_ref().filter(|index| index.fits(desk)) {
            return Arc::clone(index);
        }
        *self = Self::default();
        Arc::clone(self.index.insert(Arc::new(SearchIndex::of(desk))))
    }
}

/// Lines that were put in order.
#[derive(Debug)]
struct Ordered {
    sort: Vec<(SortKey, Direction)>,
    /// The desk whose decisions the order follows, if it follows any.
    desk: Option<Arc<Desk>>,
    set: Bits,
    rows: Arc<Vec<LineId>>,
}

impl Ordered {
    /// Whether these lines stand in it in the order that is asked for.
    fn holds(&self, question: &ViewQuestion, shown: &Bits) -> bool {
        let follows_same = self
            .desk
            .as_ref()
            .is_none_or(|desk| Arc::ptr_eq(desk, &question.desk));
        self.sort == question.sort && follows_same && self.set.has_all(shown)
    }
}

/// The shown lines in order. What is part of something that was put in order before is not sorted again: a filter that is being typed leaves
/// ever fewer lines, and so does the work of a person.
fn rows(
    orders: &mut Vec<Ordered>,
    (index, standing): (&SearchIndex, &LineStanding),
    question: &ViewQuestion,
    shown: &Bits,
    is_stale: &dyn Fn() -> bool,
) -> Result<Arc<Vec<LineId>>, QueryError> {
    let sort = &question.sort;
    let count = shown.count();
    let is_usual = sort.is_empty() || *sort == USUAL;
    let known = orders
        .iter()
        .rev()
        .find(|order| order.holds(question, shown))
        .map(|order| &order.rows);
    match if is_usual { Some(&index.order) } else { known } {
        Some(order) if order.len() == count => return Ok(Arc::clone(order)),
        Some(order) => return in_order(order, shown, is_stale).map(Arc::new),
        None => {}
    }
    let lines = by_blocks(shown.lines(), is_stale, |block| {
        shown.block(block).iter().collect::<Vec<_>>()
    })?
    .concat();
    let rows = Arc::new(sorted(index, Some(standing), lines, sort));
    if orders.len() == ORDERS {
        orders.remove(0);
    }
    let desk = sort
        .iter()
        .any(|(key, _)| follows_decisions(*key))
        .then(|| Arc::clone(&question.desk));
    orders.push(Ordered {
        sort: sort.clone(),
        desk,
        set: shown.clone(),
        rows: Arc::clone(&rows),
    });
    Ok(rows)
}
