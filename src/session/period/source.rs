//! Where statements with what became of their items come from: read from the workspace, or already on a desk.

use std::collections::HashMap;

use super::cells::{ItemOutcome, StatementCells, Works};
use crate::journal;
use crate::matching::{Outcomes, Status, match_items};
use crate::review::Decisions;
use crate::session::desk::{Decided, Desk};
use crate::session::{Session, SessionError, StatementRecord};
use crate::workspace::Workspace;

/// Statements whose cells can be had.
pub(crate) trait StatementSource {
    /// What is known of them.
    fn records(&self) -> Vec<StatementRecord>;

    /// Adds the cells of one, by its place among them, under a name: that which it had when its period was closed, or has now.
    fn add(
        &mut self,
        place: usize,
        name: &str,
        works: &mut Works,
        out: &mut StatementCells,
    ) -> Result<(), SessionError>;
}

/// All statements of a workspace, read when they are asked for.
pub(crate) struct WorkspaceSource<'a> {
    session: &'a mut Session,
    records: Vec<StatementRecord>,
    decisions: Decisions,
}

impl<'a> WorkspaceSource<'a> {
    pub(crate) fn new(session: &'a mut Session) -> Result<Self, SessionError> {
        let records = session.statements()?;
        let decisions = journal::standing(&session.history()?);
        Ok(Self {
            session,
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
        &mut self,
        place: usize,
        name: &str,
        works: &mut Works,
        out: &mut StatementCells,
    ) -> Result<(), SessionError> {
        let record = &self.records[place];
        let (cube, quarantine) = self.session.load(record)?;
        out.count(&cube, &quarantine)?;
        out.add_quarantine(record, name, &quarantine);
        let outcomes = match_items(
            self.session.workspace(),
            &cube,
            record.origin(),
            &self.decisions,
        )?;
        let outcome = |item: usize| matched_outcome(&outcomes, item);
        works.learn(self.session.workspace(), &cube, outcome)?;
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

/// The statements of a desk.
pub(crate) struct DeskSource<'a> {
    desk: &'a Desk,
    workspace: &'a Workspace,
    /// What decisions made of items, by statement and item.
    decided: HashMap<(u32, u32), &'a Decided>,
}

impl<'a> DeskSource<'a> {
    pub(crate) fn new(desk: &'a Desk, workspace: &'a Workspace) -> Self {
        let of_line = |(line, decided)| {
            desk.lines()
                .members(line)
                .iter()
                .map(move |item| ((item.statement, item.item), decided))
        };
        Self {
            desk,
            workspace,
            decided: desk.decided_lines().flat_map(of_line).collect(),
        }
    }
}

impl StatementSource for DeskSource<'_> {
    fn records(&self) -> Vec<StatementRecord> {
        self.desk
            .statements()
            .iter()
            .map(|s| s.record.clone())
            .collect()
    }

    fn add(
        &mut self,
        place: usize,
        name: &str,
        works: &mut Works,
        out: &mut StatementCells,
    ) -> Result<(), SessionError> {
        let loaded = &self.desk.statements()[place];
        out.count(&loaded.cube, &loaded.quarantine)?;
        out.add_quarantine(&loaded.record, name, &loaded.quarantine);
        let outcome = |item: usize| match self.decided.get(&(place as u32, item as u32)) {
            Some(decided) if decided.why.status() == Status::Matched => (
                decided.why,
                decided
                    .parts
                    .iter()
                    .map(|(track, _, share)| (track.as_str(), *share))
                    .collect(),
            ),
            Some(decided) => (decided.why, Vec::new()),
            None => matched_outcome(&loaded.base, item),
        };
        works.learn(self.workspace, &loaded.cube, outcome)?;
        Ok(out.add(works, &loaded.record, name, &loaded.cube, outcome)?)
    }
}
