//! Where statements with what became of their items come from: read from the workspace, or already at hand.

use super::PeriodError;
use super::cells::{ItemOutcome, StatementCells, Works};
use crate::contents::{Contents, StatementRecord};
use crate::journal;
use crate::matching::{Outcomes, Status, match_items};
use crate::review::Decisions;

/// Statements whose cells can be had.
pub(crate) trait StatementSource {
    /// What is known of them.
    fn records(&self) -> Vec<StatementRecord>;

    /// Adds the cells of one, by its place among them, under a name: that which it had when its period was closed, or has now.
    fn add(
        &self,
        place: usize,
        name: &str,
        works: &mut Works,
        out: &mut StatementCells,
    ) -> Result<(), PeriodError>;
}

/// All statements of a workspace, read when they are asked for.
pub(crate) struct WorkspaceSource<'a> {
    contents: &'a Contents,
    records: Vec<StatementRecord>,
    decisions: Decisions,
}

impl<'a> WorkspaceSource<'a> {
    pub(crate) fn new(contents: &'a Contents) -> Result<Self, PeriodError> {
        let records = contents.statements()?;
        let decisions = journal::standing(&contents.history()?);
        Ok(Self {
            contents,
            records,
            decisions,
        })
    }
}

impl StatementSource for WorkspaceSource<'_> {
    fn records(&self) -> Vec<StatementRecord> {
        self.records.clone()
    }

    fn add(
        &self,
        place: usize,
        name: &str,
        works: &mut Works,
        out: &mut StatementCells,
    ) -> Result<(), PeriodError> {
        let record = &self.records[place];
        let (cube, quarantine) = self.contents.load(record)?;
        out.count(&cube, &quarantine)?;
        out.add_quarantine(record, name, &quarantine);
        let outcomes = match_items(
            self.contents.workspace(),
            &cube,
            record.origin(),
            &self.decisions,
        )?;
        let outcome = |item: usize| matched_outcome(&outcomes, item);
        works.learn(self.contents.workspace(), &cube, outcome)?;
        Ok(out.add(works, record, name, &cube, outcome)?)
    }
}

/// The outcome of an item with decisions in it.
pub(crate) fn matched_outcome(outcomes: &Outcomes, item: usize) -> ItemOutcome<'_> {
    let why = outcomes.why(item);
    if why.status() != Status::Matched {
        return (why, Vec::new());
    }
    let shares = outcomes.shares(item);
    let parts = outcomes
        .tracks(item)
        .iter()
        .enumerate()
        .map(|(at, hit)| (outcomes.id(*hit), shares.map_or(1, |s| s[at])));
    (
        why,
        if shares.is_some() {
            parts.collect()
        } else {
            parts.take(1).collect()
        },
    )
}
