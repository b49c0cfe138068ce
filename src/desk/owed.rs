//! A payable amount into the lines that it comes from.

use super::{Desk, LineId};
use crate::ident::Currency;
use crate::money::AmountOverflow;
use crate::payout::{Owed, StatementSums};

/// What a payee is owed for one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwedLine {
    /// The line.
    pub line: LineId,
    /// The payee's part of it.
    pub part: Owed,
}

impl Desk {
    /// The lines behind what a payee is owed in a currency, most money first. Their parts add up to the exact amount: they come from the
    /// same rule. Gives up, with nothing, when `is_stale` says so.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn owed_lines(
        &self,
        payee: &str,
        currency: Currency,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Vec<OwedLine>, AmountOverflow> {
        let mut lines = Vec::new();
        for line in 0..self.lines.len() as LineId {
            if line.is_multiple_of(4096) && is_stale() {
                return Ok(Vec::new());
            }
            if self.lines.currency(line) == currency && self.payees(line).contains(&payee) {
                lines.push(OwedLine {
                    line,
                    part: self.part_of(line, payee)?,
                });
            }
        }
        lines.sort_by_key(|l| (std::cmp::Reverse(l.part.amount.magnitude()), l.line));
        Ok(lines)
    }

    /// The part of a line that a payee is owed; a line may be split over several tracks of theirs.
    fn part_of(&self, line: LineId, payee: &str) -> Result<Owed, AmountOverflow> {
        let mut sums = StatementSums::default();
        self.owe(line, &mut sums)?;
        let mut sum = Owed::default();
        for ((number, _), owed) in &sums.owed {
            if self.payee(*number) == payee {
                sum.rows += owed.rows;
                sum.quantity = sum.quantity.plus(owed.quantity)?;
                sum.amount = sum.amount.plus(owed.amount)?;
            }
        }
        Ok(sum)
    }
}
