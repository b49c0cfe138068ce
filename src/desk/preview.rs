//! What a decision would move, before it is taken.

use std::collections::BTreeMap;

use super::{Desk, LineId, LineSum};
use crate::ident::Currency;
use crate::journal::{Change, standing_if};
use crate::matching::Status;
use crate::money::AmountOverflow;
use crate::review::{Action, Decision, Decisions};

/// What decisions would move.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// Lines whose outcome would change.
    pub lines: u64,
    /// Items of those lines.
    pub items: u64,
    /// Their rows.
    pub rows: u64,
    /// Their money by currency and by the status before and after.
    pub moves: Vec<Move>,
    /// Lines that a narrower decision keeps from changing.
    pub kept: u64,
}

/// Money that would move from one status to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Currency.
    pub currency: Currency,
    /// Status now.
    pub from: Status,
    /// Status then.
    pub to: Status,
    /// Rows, units and money.
    pub sum: LineSum,
}

impl Desk {
    /// What these decisions would move, over all statements.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn preview(&self, decisions: &[Decision]) -> Result<Preview, AmountOverflow> {
        let mut then = (*self.decisions).clone();
        decisions.iter().for_each(|d| then.apply(d, u64::MAX));
        let lines = self.lines_of_all(decisions.iter().map(|d| &d.target));
        let mut preview = self.preview_under(&then, &lines)?;
        preview.kept = lines
            .iter()
            .filter(|line| {
                then.of(&self.subject(**line))
                    .is_some_and(|r| r.seq != u64::MAX)
            })
            .count() as u64;
        Ok(preview)
    }

    /// What undoing an entry of the journal would move, or taking it again when it is undone.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn preview_reversal(
        &self,
        history: &[Change],
        seq: u64,
    ) -> Result<Preview, AmountOverflow> {
        let then = standing_if(history, |change| {
            change.is_undone == (change.entry.seq == seq)
        });
        let targets = history
            .iter()
            .filter(|c| c.entry.seq == seq)
            .flat_map(Change::decisions)
            .map(|d| &d.target);
        self.preview_under(&then, &self.lines_of_all(targets))
    }

    fn preview_under(&self, then: &Decisions, lines: &[LineId]) -> Result<Preview, AmountOverflow> {
        let mut preview = Preview::default();
        let mut moves: BTreeMap<(Currency, Status, Status), LineSum> = BTreeMap::new();
        for &line in lines {
            let action = then.of(&self.subject(line)).map(|r| &r.action);
            if !self.would_change(line, action) {
                continue;
            }
            let sum = self.lines.sum(line);
            preview.lines += 1;
            preview.items += self.lines.members(line).len() as u64;
            preview.rows += sum.rows;
            moves
                .entry((
                    self.lines.currency(line),
                    self.status(line),
                    self.status_under(line, action),
                ))
                .or_default()
                .add(sum)?;
        }
        preview.moves = moves
            .into_iter()
            .map(|((currency, from, to), sum)| Move {
                currency,
                from,
                to,
                sum,
            })
            .collect();
        Ok(preview)
    }

    fn status_under(&self, line: LineId, action: Option<&Action>) -> Status {
        match action {
            None | Some(Action::Clear | Action::Leave) => self.lines.base_why(line).status(),
            Some(Action::Ignore) => Status::Ignored,
            Some(Action::Hold) => Status::Held,
            Some(Action::Assign { .. } | Action::Split { .. }) => Status::Matched,
        }
    }

    /// Whether the line's status would be another, or its money would go elsewhere.
    fn would_change(&self, line: LineId, action: Option<&Action>) -> bool {
        let status = self.status_under(line, action);
        status != self.status(line)
            || (status == Status::Matched && self.parts_now(line) != self.parts_under(line, action))
    }

    /// Where a matched line's money goes: tracks with their shares.
    fn parts_now(&self, line: LineId) -> Vec<(&str, u32)> {
        match self.decided(line) {
            Some(decided) => decided
                .parts
                .iter()
                .map(|(id, _, share)| (id.as_str(), *share))
                .collect(),
            None => self.base_part(line),
        }
    }

    fn parts_under<'a>(&'a self, line: LineId, action: Option<&'a Action>) -> Vec<(&'a str, u32)> {
        match action {
            Some(Action::Assign { track }) => vec![(track, 1)],
            Some(Action::Split { parts }) => {
                parts.iter().map(|p| (p.track.as_str(), p.share)).collect()
            }
            _ => self.base_part(line),
        }
    }

    fn base_part(&self, line: LineId) -> Vec<(&str, u32)> {
        let item = self.lines.first(line);
        let base = &self.statement(item).base;
        base.matched(item.item as usize)
            .map(|hit| (base.id(hit), 1))
            .into_iter()
            .collect()
    }
}
