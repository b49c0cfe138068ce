//! The open period of what lies on a desk, so that what decisions or other terms would do is seen before they are taken.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Decided, Desk};
use crate::contents::terms::read_terms;
use crate::contents::{Contents, StatementRecord};
use crate::ident::{Day, SalePeriod};
use crate::matching::{DecidedTracks, Status};
use crate::period::{
    ClosedPeriod, OpenPeriod, PeriodError, StatementCells, StatementSource, WhatIf, Works,
    matched_outcome, month_of, settle_open,
};
use crate::review::{Decision, Target, TermTexts};
use crate::terms::pieces::CheckedTerms;
use crate::workspace::Workspace;

/// The months that can be settled next: those in which sales of open statements end, and the one after the last closed period.
#[must_use]
pub fn open_months(desk: &Desk) -> Vec<SalePeriod> {
    let closed = desk.periods();
    let last_end = closed.last().and_then(|p| Some(p.days()?.1));
    let is_open = |hash: &str| !closed.iter().any(|p| p.owns(hash));
    let of_sales = desk
        .statements()
        .iter()
        .filter(|s| is_open(&s.record.text_hash));
    let ends = of_sales
        .filter_map(|s| SalePeriod::from_canonical(&s.record.sale_period)?.days())
        .map(|(_, last)| last);
    let next = last_end.and_then(Day::day_after);
    let mut months: Vec<SalePeriod> = ends
        .filter(|day| last_end.is_none_or(|end| end < *day))
        .chain(next)
        .filter_map(month_of)
        .collect();
    months.sort_unstable();
    months.dedup();
    months
}

/// What is known: of which desk and period.
struct SettledPeriod {
    generation: u64,
    wanted: Option<SalePeriod>,
    open: Arc<OpenPeriod>,
}

/// Keeps the open period of the latest desk that was asked for.
#[derive(Clone, Default)]
pub struct KnownPeriod(Arc<Mutex<Option<SettledPeriod>>>);

impl KnownPeriod {
    /// The open period of a desk, settled when it is not known yet. Waits while another thread settles it.
    ///
    /// # Errors
    /// As for [`Contents::open_period`].
    pub fn open(
        &self,
        contents: &Contents,
        desk: &Desk,
        wanted: Option<SalePeriod>,
    ) -> Result<Arc<OpenPeriod>, PeriodError> {
        let mut known = self.0.lock();
        if let Some(known) = known
            .as_ref()
            .filter(|k| k.generation == desk.generation && k.wanted == wanted)
        {
            return Ok(Arc::clone(&known.open));
        }
        // Both at once would take twice the memory.
        *known = None;
        let open = Arc::new(contents.open_period_of(desk, desk.terms(), desk.periods(), wanted)?);
        *known = Some(SettledPeriod {
            generation: desk.generation,
            wanted,
            open: Arc::clone(&open),
        });
        Ok(open)
    }
}

impl Contents {
    /// The same of the statements and decisions on a desk, by terms that need not be those of the workspace: what if.
    ///
    /// # Errors
    /// As for [`Contents::open_period`].
    pub fn open_period_of(
        &self,
        desk: &Desk,
        texts: &TermTexts,
        closed: &[ClosedPeriod],
        period: Option<SalePeriod>,
    ) -> Result<OpenPeriod, PeriodError> {
        settle_open(
            self,
            &DeskSource::new(desk, self.workspace()),
            texts,
            closed,
            period,
        )
    }

    /// The open period as other contracts would settle it: what if. Where nothing is closed yet and only contracts differ, contracts that are
    /// as they were are not settled again.
    ///
    /// # Errors
    /// As for [`Contents::open_period`].
    pub fn open_period_with(
        &self,
        open: &OpenPeriod,
        desk: &Desk,
        texts: &TermTexts,
        closed: &[ClosedPeriod],
    ) -> Result<OpenPeriod, PeriodError> {
        let CheckedTerms {
            book,
            rates,
            opening,
        } = read_terms(texts)?;
        let inputs = &open.settled.inputs;
        if !closed.is_empty()
            || rates != inputs.rates
            || opening != inputs.opening
            || book.contracts.is_empty()
        {
            return self.open_period_of(desk, texts, closed, Some(open.settled.period));
        }
        open.with_contracts(book, texts)
    }

    /// What decisions would do to the payables of the open period, before they are taken.
    ///
    /// # Errors
    /// As for [`Contents::open_period`].
    pub fn what_if_decided(
        &self,
        desk: &Desk,
        open: &OpenPeriod,
        decisions: &[Decision],
    ) -> Result<WhatIf, PeriodError> {
        let mut all = desk.decisions().clone();
        decisions
            .iter()
            .for_each(|decision| all.apply(decision, u64::MAX));
        let tracks = DecidedTracks::read(self.workspace(), &all)?;
        let targets: Vec<Target> = decisions.iter().map(|d| d.target.clone()).collect();
        let decided = desk.with_decisions(all, &tracks, &targets)?;
        let after = self.open_period_of(
            &decided,
            desk.terms(),
            desk.periods(),
            Some(open.settled.period),
        )?;
        Ok(WhatIf::of(open, &after)?)
    }
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
        Self {
            desk,
            workspace,
            decided: desk
                .decided_lines()
                .flat_map(|(line, decided)| {
                    desk.lines()
                        .members(line)
                        .iter()
                        .map(move |item| ((item.statement, item.item), decided))
                })
                .collect(),
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
        &self,
        place: usize,
        name: &str,
        works: &mut Works,
        out: &mut StatementCells,
    ) -> Result<(), PeriodError> {
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
