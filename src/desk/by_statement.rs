//! Totals of each statement by currency and status: what became of its money.

use super::{Desk, LineId};
use crate::matching::Status;
use crate::money::AmountOverflow;
use crate::payout::{Total, Totals};

impl Desk {
    /// Totals of all statements, in their order. `is_stale` is looked at now and then; `None` when it says so.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn totals_by_statement(
        &self,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<Totals>>, AmountOverflow> {
        let mut all: Vec<Totals> = self
            .statements()
            .iter()
            .map(|s| quarantine_of(&s.quarantine))
            .collect::<Result<_, _>>()?;
        for line in 0..self.lines().len() as LineId {
            if line % 8192 == 0 && is_stale() {
                return Ok(None);
            }
            let currency = self.lines().currency(line);
            let status = self.status(line);
            for &item in self.lines().members(line) {
                let statement = self.statement(item);
                let mut sum = Total {
                    items: 1,
                    ..Total::default()
                };
                for cell in statement.cells(item.item as usize) {
                    if statement.cube.dims[cell.dim as usize].currency == currency {
                        sum.add(&Total {
                            rows: cell.rows,
                            items: 0,
                            quantity: cell.quantity,
                            amount: cell.amount,
                        })?;
                    }
                }
                all[item.statement as usize]
                    .entry((currency, status))
                    .or_default()
                    .add(&sum)?;
            }
        }
        Ok(Some(all))
    }
}

fn quarantine_of(
    rows: &[crate::statement::quarantine::Quarantined],
) -> Result<Totals, AmountOverflow> {
    let mut totals = Totals::new();
    for bad in rows {
        let total = totals
            .entry((bad.currency, Status::Quarantined))
            .or_default();
        total.add(&Total {
            rows: 1,
            items: 0,
            quantity: bad.quantity,
            amount: bad.amount,
        })?;
    }
    Ok(totals)
}
