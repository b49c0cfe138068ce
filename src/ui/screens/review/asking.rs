//! What the review asks of its lines: first which of them are shown, and when these are there, the counts of their values, which take
//! several times as long.

use std::sync::Arc;

use super::filter_bar::FilterBar;
use super::source::sort_key;
use crate::desk::Desk;
use crate::desk::query::{Direction, LineScope, LinesView, QueryError, Searcher, ViewQuestion};
use crate::job::{Latest, Wake};
use crate::ui::kit::table::TableState;

/// What a view was asked with; when it differs from what is wanted, a new one is asked for.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    generation: u64,
    filter: String,
    scope: LineScope,
    sort: Option<(String, bool)>,
}

/// How far the answers to the latest question are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    WaitsForLines,
    HasLines,
    FacetsAsked,
}

/// Asks on another thread, and never the same twice.
pub(super) struct Asking {
    searcher: Latest<ViewQuestion, Result<LinesView, QueryError>>,
    asked: Option<(Asked, ViewQuestion)>,
    number: u64,
    stage: Stage,
}

impl Asking {
    /// Starts the thread that answers.
    pub fn new(wake: &Wake) -> Self {
        let mut searcher = Searcher::default();
        let wake = Arc::clone(wake);
        Self {
            searcher: Latest::new(
                "review",
                move || wake(),
                move |question: ViewQuestion, is_stale: &dyn Fn() -> bool| {
                    searcher.answer(&question, is_stale)
                },
            ),
            asked: None,
            number: 0,
            stage: Stage::WaitsForLines,
        }
    }

    /// Asks for what is not there yet.
    pub fn ask(
        &mut self,
        desk: &Arc<Desk>,
        bar: &FilterBar,
        scope: LineScope,
        table: &TableState,
        wants_facets: bool,
    ) {
        let sort = table.sort().map(|s| (s.column.clone(), s.descending));
        let wanted = Asked {
            generation: desk.generation,
            filter: bar.text.clone(),
            scope,
            sort,
        };
        match &self.asked {
            Some((asked, question)) if *asked == wanted => {
                if wants_facets && self.stage == Stage::HasLines {
                    self.stage = Stage::FacetsAsked;
                    self.searcher.ask(ViewQuestion {
                        want_facets: true,
                        ..question.clone()
                    });
                }
            }
            _ => {
                self.number += 1;
                self.stage = Stage::WaitsForLines;
                let direction = |descending: bool| {
                    if descending {
                        Direction::Descending
                    } else {
                        Direction::Ascending
                    }
                };
                let sort = wanted
                    .sort
                    .iter()
                    .filter_map(|(column, descending)| {
                        Some((sort_key(column)?, direction(*descending)))
                    })
                    .collect();
                let desk = Arc::clone(desk);
                let filter = bar.filter.clone();
                let question = ViewQuestion {
                    generation: self.number,
                    desk,
                    filter,
                    scope,
                    sort,
                    want_facets: false,
                };
                self.searcher.ask(question.clone());
                self.asked = Some((wanted, question));
            }
        }
    }

    /// An answer, once; without facets when these come later.
    pub fn take(&mut self) -> Option<Result<LinesView, QueryError>> {
        let answer = self.searcher.take()?;
        if self.stage == Stage::WaitsForLines
            && answer
                .as_ref()
                .is_ok_and(|view| view.generation == self.number)
        {
            self.stage = Stage::HasLines;
        }
        Some(answer)
    }

    /// Whether the lines that are wanted are not there yet.
    pub fn is_looking(&self) -> bool {
        self.stage == Stage::WaitsForLines
    }

    /// Whether an answer is on its way.
    pub fn is_busy(&self) -> bool {
        self.searcher.is_busy()
    }
}
