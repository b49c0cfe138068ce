//! The desk: all statements of a workspace with what became of every line, ready to be looked at.
//!
//! A desk is a snapshot that never changes. A decision makes a new one, which shares everything with the old one except the lines that
//! the decision is about and the totals; so it takes as long as those lines are many, not as the statements are long.

mod by_statement;
pub mod candidates;
pub mod choice;
mod decided;
pub mod duplicates;
mod evidence;
pub mod history;
mod lines;
mod loaded;
pub mod open_period;
pub mod overview;
mod owed;
pub mod payout;
pub mod period;
mod preview;
pub mod query;
pub mod rows;
pub mod terms;
pub mod track_money;

use std::collections::BTreeMap;
use std::sync::Arc;

use decided::DecidedLines;
pub use evidence::{Evidence, Spelling};
pub use lines::{ItemRef, LineId, LineSum, Lines};
pub use loaded::Loaded;
pub use owed::OwedLine;
pub use preview::{Move, Preview};

use crate::catalog::CatalogState;
use crate::contents::ReadError;
use crate::ident::{Currency, Isrc, Upc};
use crate::journal::{Change, terms_in_force};
use crate::matching::{DecidedTracks, Status, Why};
use crate::money::{Amount, AmountOverflow};
use crate::payout::{NO_PAYEE, Owed, Payable, StatementSums, Total, Totals, payables, prove};
use crate::period::{ClosedPeriod, closed_periods};
use crate::review::{Decisions, Subject, Target, TermTexts};
use crate::settlement::ProofLine;
use crate::statement::item::Field;

/// What a decision made of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Why it has its status now.
    pub why: Why,
    /// The tracks that its money goes to: id, number of the payee, share.
    pub parts: Vec<(String, u32, u32)>,
    /// The entry of the journal.
    pub seq: u64,
    /// The note that was given.
    pub note: String,
}

/// A snapshot of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// Grows with every snapshot.
    pub generation: u64,
    /// Grows when line numbers get a new meaning: when statements or the catalog change.
    pub lines_generation: u64,
    /// The catalog's size and digest.
    pub catalog: CatalogState,
    statements: Arc<Vec<Arc<Loaded>>>,
    lines: Arc<Lines>,
    decided: DecidedLines,
    decisions: Arc<Decisions>,
    payees: Arc<Vec<String>>,
    totals: Totals,
    terms: Arc<TermTexts>,
    periods: Arc<Vec<ClosedPeriod>>,
}

impl Desk {
    /// Builds a desk from nothing but its inputs.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn new(
        statements: Vec<Arc<Loaded>>,
        payees: Vec<String>,
        catalog: CatalogState,
        decisions: Decisions,
        tracks: &DecidedTracks,
    ) -> Result<Self, AmountOverflow> {
        let mut desk = Self {
            statements: Arc::new(statements),
            payees: Arc::new(payees),
            catalog,
            ..Self::default()
        };
        desk.lines = Arc::new(Lines::of(&desk.statements)?);
        desk.totals = desk.lines.totals()?;
        for bad in desk.statements.iter().flat_map(|s| &s.quarantine) {
            let total = desk
                .totals
                .entry((bad.currency, Status::Quarantined))
                .or_default();
            total.add(&Total {
                rows: 1,
                items: 0,
                quantity: bad.quantity,
                amount: bad.amount,
            })?;
        }
        let all: Vec<LineId> = if decisions.is_empty() {
            Vec::new()
        } else {
            (0..desk.lines.len() as LineId).collect()
        };
        desk.rule(decisions, tracks, &all)?;
        Ok(desk)
    }

    /// The desk after decisions have changed: only lines that `touched` names are looked at again.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn with_decisions(
        &self,
        decisions: Decisions,
        tracks: &DecidedTracks,
        touched: &[Target],
    ) -> Result<Self, AmountOverflow> {
        let mut desk = self.clone();
        let lines = self.lines_of_all(touched.iter());
        desk.rule(decisions, tracks, &lines)?;
        desk.generation += 1;
        Ok(desk)
    }

    fn rule(
        &mut self,
        decisions: Decisions,
        tracks: &DecidedTracks,
        lines: &[LineId],
    ) -> Result<(), AmountOverflow> {
        for &line in lines {
            let new = self.decided_by(line, &decisions, tracks);
            if self.decided.of(line) == new.as_ref() {
                continue;
            }
            let before = self.status(line);
            self.decided.set(line, new);
            let after = self.status(line);
            self.uncount(line, before)?;
            self.count(line, after)?;
        }
        self.decisions = Arc::new(decisions);
        Ok(())
    }

    fn decided_by(
        &self,
        line: LineId,
        decisions: &Decisions,
        tracks: &DecidedTracks,
    ) -> Option<Decided> {
        let ruling = decisions.of(&self.subject(line))?;
        let (why, parts) = tracks.outcome(&ruling.action)?;
        let parts = parts
            .into_iter()
            .map(|p| (p.track.to_owned(), p.payee, p.share))
            .collect();
        Some(Decided {
            why,
            parts,
            seq: ruling.seq,
            note: ruling.note.clone(),
        })
    }

    fn count(&mut self, line: LineId, status: Status) -> Result<(), AmountOverflow> {
        let total = self.lines.total(line);
        self.totals
            .entry((self.lines.currency(line), status))
            .or_default()
            .add(&total)
    }

    fn uncount(&mut self, line: LineId, status: Status) -> Result<(), AmountOverflow> {
        let key = (self.lines.currency(line), status);
        let total = self.lines.total(line);
        let sum = self.totals.entry(key).or_default();
        sum.subtract(&total)?;
        if sum.rows == 0 {
            self.totals.remove(&key);
        }
        Ok(())
    }

    /// All statements, sorted by name.
    #[must_use]
    pub fn statements(&self) -> &[Arc<Loaded>] {
        &self.statements
    }

    /// The statement of an item.
    #[must_use]
    pub fn statement(&self, item: ItemRef) -> &Loaded {
        &self.statements[item.statement as usize]
    }

    /// All lines.
    #[must_use]
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// All lines, to be kept longer than the desk.
    pub(crate) fn shared_lines(&self) -> &Arc<Lines> {
        &self.lines
    }

    /// All statements, to be kept longer than the desk.
    pub(crate) fn shared_statements(&self) -> &Arc<Vec<Arc<Loaded>>> {
        &self.statements
    }

    /// Names of payees by number.
    pub(crate) fn shared_payees(&self) -> &Arc<Vec<String>> {
        &self.payees
    }

    /// All lines that a decision made something of, in order.
    pub fn decided_lines(&self) -> impl Iterator<Item = (LineId, &Decided)> {
        self.decided.iter()
    }

    /// The decisions that hold.
    #[must_use]
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Contracts, rates and balances of the workspace.
    #[must_use]
    pub fn terms(&self) -> &Arc<TermTexts> {
        &self.terms
    }

    /// Closed periods, oldest first.
    #[must_use]
    pub fn periods(&self) -> &Arc<Vec<ClosedPeriod>> {
        &self.periods
    }

    /// Takes terms and periods from a history; what is as it was before is shared.
    ///
    /// # Errors
    /// The number of an entry that cannot be understood.
    pub(super) fn take_terms(&mut self, before: &Self, history: &[Change]) -> Result<(), u64> {
        let terms = terms_in_force(history, None);
        self.terms = if terms == *before.terms {
            Arc::clone(&before.terms)
        } else {
            Arc::new(terms)
        };
        let periods = closed_periods(history)?;
        self.periods = if periods == *before.periods {
            Arc::clone(&before.periods)
        } else {
            Arc::new(periods)
        };
        Ok(())
    }

    /// Totals by currency and status.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// What a decision made of a line.
    #[must_use]
    pub fn decided(&self, line: LineId) -> Option<&Decided> {
        self.decided.of(line)
    }

    /// Why a line has its status.
    #[must_use]
    pub fn why(&self, line: LineId) -> Why {
        self.decided(line)
            .map_or_else(|| self.lines.base_why(line), |d| d.why)
    }

    /// The status of a line.
    #[must_use]
    pub fn status(&self, line: LineId) -> Status {
        self.why(line).status()
    }

    /// One field of a line as the DSP wrote it, in its first spelling.
    #[must_use]
    pub fn field(&self, line: LineId, field: Field) -> &str {
        let item = self.lines.first(line);
        self.statement(item).cube.field(item.item as usize, field)
    }

    /// The line's ISRC, when it can be read.
    #[must_use]
    pub fn isrc(&self, line: LineId) -> Option<Isrc> {
        Isrc::parse(self.field(line, Field::Isrc)).ok()
    }

    /// The line's release code, when it can be read.
    #[must_use]
    pub fn upc(&self, line: LineId) -> Option<Upc> {
        Upc::parse(self.field(line, Field::Upc)).ok()
    }

    /// What decisions about a line are looked up by.
    #[must_use]
    pub fn subject(&self, line: LineId) -> Subject<'_> {
        Subject {
            item: self.lines.code(line),
            isrc: self.isrc(line),
            upc: self.upc(line),
            dsp: self.lines.dsp(line),
        }
    }

    /// Ids of the tracks that a matched line's money goes to, otherwise of its candidates.
    #[must_use]
    pub fn track_ids(&self, line: LineId) -> Vec<&str> {
        if let Some(decided) = self.decided(line).filter(|d| !d.parts.is_empty()) {
            return decided.parts.iter().map(|(id, _, _)| id.as_str()).collect();
        }
        let item = self.lines.first(line);
        let base = &self.statement(item).base;
        base.tracks(item.item as usize)
            .iter()
            .map(|hit| base.id(*hit))
            .collect()
    }

    /// Who a matched line's money goes to; several when it is split.
    #[must_use]
    pub fn payees(&self, line: LineId) -> Vec<&str> {
        self.payee_numbers(line)
            .into_iter()
            .map(|(number, _)| self.payee(number))
            .collect()
    }

    /// A payee's name by its number.
    #[must_use]
    pub fn payee(&self, number: u32) -> &str {
        self.payees
            .get(number as usize)
            .map(String::as_str)
            .filter(|n| !n.is_empty())
            .unwrap_or(NO_PAYEE)
    }

    /// Payees of a matched line with their shares.
    fn payee_numbers(&self, line: LineId) -> Vec<(u32, u32)> {
        if self.status(line) != Status::Matched {
            return Vec::new();
        }
        if let Some(decided) = self.decided(line) {
            return decided
                .parts
                .iter()
                .map(|(_, payee, share)| (*payee, *share))
                .collect();
        }
        let item = self.lines.first(line);
        self.statement(item)
            .base
            .matched(item.item as usize)
            .map(|hit| (hit.payee, 1))
            .into_iter()
            .collect()
    }

    /// The lines that a target is about.
    #[must_use]
    pub fn lines_of(&self, target: &Target) -> Vec<LineId> {
        let at_dsp = |line: &LineId, dsp: &Option<String>| {
            dsp.as_deref()
                .is_none_or(|dsp| dsp == self.lines.dsp(*line))
        };
        match target {
            Target::Item { item, dsp } => self
                .lines
                .of_code(*item)
                .filter(|line| at_dsp(line, dsp))
                .collect(),
            Target::Isrc { isrc, dsp, upc } => {
                let with_upc = |line: &LineId| upc.is_none_or(|upc| self.upc(*line) == Some(upc));
                self.lines
                    .of_isrc(*isrc)
                    .filter(|line| at_dsp(line, dsp) && with_upc(line))
                    .collect()
            }
        }
    }

    /// The lines of all targets, each once, in order.
    pub(crate) fn lines_of_all<'a>(
        &self,
        targets: impl Iterator<Item = &'a Target>,
    ) -> Vec<LineId> {
        let mut lines: Vec<LineId> = targets.flat_map(|target| self.lines_of(target)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// How much of each currency's money is settled: matched to a track or known not to be the label's.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn progress(&self) -> Result<Vec<ReviewProgress>, AmountOverflow> {
        let mut all: BTreeMap<Currency, ReviewProgress> = BTreeMap::new();
        for ((currency, status), total) in &self.totals {
            let progress = all.entry(*currency).or_insert(ReviewProgress {
                currency: *currency,
                reported: Amount::ZERO,
                settled: Amount::ZERO,
            });
            progress.reported = progress.reported.plus(total.amount)?;
            if matches!(status, Status::Matched | Status::Ignored) {
                progress.settled = progress.settled.plus(total.amount)?;
            }
        }
        Ok(all.into_values().collect())
    }

    /// What each payee is owed, and the proof that no money was lost on the way.
    ///
    /// # Errors
    /// [`ReadError::Overflow`] when a sum leaves the exact range.
    pub fn payout(&self) -> Result<Payout, ReadError> {
        let mut sums = StatementSums {
            totals: self.totals.clone(),
            ..StatementSums::default()
        };
        for line in 0..self.lines.len() as LineId {
            self.owe(line, &mut sums)?;
        }
        for (currency, total) in self.statements.iter().flat_map(|s| &s.reported) {
            sums.reported.entry(*currency).or_default().add(total)?;
        }
        let payables = payables(&sums, &self.payees)?;
        let proof = prove(&sums, &payables)?;
        Ok(Payout { payables, proof })
    }

    fn owe(&self, line: LineId, sums: &mut StatementSums) -> Result<(), AmountOverflow> {
        let currency = self.lines.currency(line);
        match self.payee_numbers(line).as_slice() {
            [] => Ok(()),
            [(payee, _)] => {
                let sum = self.lines.sum(line);
                sums.owe(
                    *payee,
                    currency,
                    &Owed {
                        rows: sum.rows,
                        quantity: sum.quantity,
                        amount: sum.amount,
                    },
                )
            }
            several => {
                // Cell by cell, as the export does it, so that both come to the same last digit.
                let (payees, shares): (Vec<u32>, Vec<u32>) = several.iter().copied().unzip();
                for item in self.lines.members(line) {
                    let statement = self.statement(*item);
                    let cells = statement.cells(item.item as usize).iter();
                    for cell in
                        cells.filter(|c| statement.cube.dims[c.dim as usize].currency == currency)
                    {
                        sums.owe_parts(&payees, &shares, currency, &cell)?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// How much of a currency's money is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewProgress {
    /// Currency.
    pub currency: Currency,
    /// All that was reported.
    pub reported: Amount,
    /// What is matched or ignored.
    pub settled: Amount,
}

impl ReviewProgress {
    /// The settled part in thousandths, rounded down; 1000 only when everything is settled.
    #[must_use]
    pub fn per_mille(&self) -> u32 {
        let all = self.reported.magnitude();
        let part = self.settled.magnitude();
        if self.reported.is_zero() || all == part {
            return 1000;
        }
        let most = if part < all { 999 } else { 1000 };
        let reported = all.units();
        let settled = part.units();
        // Hundreds of digits are not needed for thousandths: shift both into a range where the product fits.
        let shift = (128 - reported.leading_zeros()).saturating_sub(100);
        let part = (settled >> shift).saturating_mul(1000) / (reported >> shift).max(1);
        u32::try_from(part.min(most)).unwrap_or(1000)
    }
}

/// What is paid, and the proof.
#[derive(Debug, Clone, Default)]
pub struct Payout {
    /// One line for each payee and currency, sorted.
    pub payables: Vec<Payable>,
    /// The conservation proof.
    pub proof: Vec<ProofLine>,
}
