//! What was reported for a line, in full: every spelling, territory, period and usage type, with the money of each.

use std::collections::BTreeMap;

use super::{Desk, ItemRef, LineId, LineSum};
use crate::ident::SalePeriod;
use crate::money::AmountOverflow;
use crate::statement::item::Field;

/// One spelling of a line's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelling {
    /// The fields as written, in [`Field::ALL`] order.
    pub fields: Vec<String>,
    /// The statements that write it so, with the number of the item in each.
    pub items: Vec<ItemRef>,
    /// Its sums in the line's currency.
    pub sum: LineSum,
}

/// What was reported for a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Every spelling, most money first.
    pub spellings: Vec<Spelling>,
    /// By territory, most money first.
    pub territories: Vec<(String, LineSum)>,
    /// By sale period, in order of time.
    pub periods: Vec<(SalePeriod, LineSum)>,
    /// By usage type, most money first.
    pub usages: Vec<(String, LineSum)>,
    /// By statement: its place on the desk, in that order.
    pub statements: Vec<(u32, LineSum)>,
}

impl Desk {
    /// Everything that was reported for a line.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn evidence(&self, line: LineId) -> Result<Evidence, AmountOverflow> {
        let currency = self.lines.currency(line);
        let mut spellings: BTreeMap<Vec<String>, Spelling> = BTreeMap::new();
        let mut territories = BTreeMap::new();
        let mut periods = BTreeMap::new();
        let mut usages = BTreeMap::new();
        let mut statements = BTreeMap::new();
        for &item in self.lines.members(line) {
            let statement = self.statement(item);
            let fields: Vec<String> = Field::ALL
                .iter()
                .map(|f| statement.cube.field(item.item as usize, *f).to_owned())
                .collect();
            let spelling = spellings.entry(fields.clone()).or_insert_with(|| Spelling {
                fields,
                items: Vec::new(),
                sum: LineSum::default(),
            });
            spelling.items.push(item);
            for cell in statement.cells(item.item as usize) {
                let dims = &statement.cube.dims[cell.dim as usize];
                if dims.currency != currency {
                    continue;
                }
                let sum = LineSum {
                    rows: cell.rows,
                    quantity: cell.quantity,
                    amount: cell.amount,
                };
                spelling.sum.add(&sum)?;
                territories
                    .entry(dims.territory.clone())
                    .or_insert_with(LineSum::default)
                    .add(&sum)?;
                periods
                    .entry(dims.period)
                    .or_insert_with(LineSum::default)
                    .add(&sum)?;
                usages
                    .entry(dims.usage.clone())
                    .or_insert_with(LineSum::default)
                    .add(&sum)?;
                statements
                    .entry(item.statement)
                    .or_insert_with(LineSum::default)
                    .add(&sum)?;
            }
        }
        let mut spellings: Vec<Spelling> = spellings.into_values().collect();
        spellings.sort_by_key(|s| std::cmp::Reverse(s.sum.amount.magnitude()));
        Ok(Evidence {
            spellings,
            territories: most_money_first(territories),
            periods: periods.into_iter().collect(),
            usages: most_money_first(usages),
            statements: statements.into_iter().collect(),
        })
    }
}

fn most_money_first<K>(sums: BTreeMap<K, LineSum>) -> Vec<(K, LineSum)> {
    let mut sums: Vec<(K, LineSum)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.amount.magnitude()));
    sums
}
