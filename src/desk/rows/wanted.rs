//! Which rows are looked for: those behind a total, as items and currencies of statements.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::desk::{Desk, ItemRef, LineId, LineSum, Loaded};
use crate::ident::Currency;
use crate::matching::Status;
use crate::money::AmountOverflow;

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowsOf {
    /// Of one spelling in one statement.
    Item(ItemRef),
    /// Of a line, in all statements.
    Line(LineId),
    /// Of all lines whose money goes to a payee, wholly or in part.
    Payee {
        /// The payee's name.
        payee: String,
        /// The currency's code.
        currency: String,
    },
    /// Of all lines with a status; in one statement, by its place on the desk, or in all.
    Status {
        /// The status.
        status: Status,
        /// The statement.
        statement: Option<u32>,
    },
}

/// What is looked for in one statement.
pub(super) struct WantedRows {
    pub statement: u32,
    pub loaded: Arc<Loaded>,
    pairs: HashSet<(u32, Currency)>,
    items: HashTable<u32>,
    hasher: FixedState,
    pub with_quarantine: bool,
}

/// What is looked for in all statements, and what it must come to.
pub(super) struct RowSearch {
    pub wanted: Vec<WantedRows>,
    pub expected: BTreeMap<Currency, LineSum>,
    /// Lines that are split and counted in full.
    pub split_lines: usize,
}

impl RowSearch {
    pub(super) fn new(desk: &Desk, of: &RowsOf) -> Result<Self, AmountOverflow> {
        let mut pairs: Vec<(ItemRef, Currency)> = Vec::new();
        let mut search = Self {
            wanted: Vec::new(),
            expected: BTreeMap::new(),
            split_lines: 0,
        };
        match of {
            RowsOf::Item(item) => {
                for (currency, sum) in sums_of(desk, *item)? {
                    search.expect(currency, &sum)?;
                    pairs.push((*item, currency));
                }
            }
            RowsOf::Status {
                status,
                statement: Some(only),
            } => search.of_statement(desk, *status, *only, &mut pairs)?,
            _ => {
                for line in
                    (0..desk.lines().len() as LineId).filter(|line| belongs(desk, *line, of))
                {
                    let currency = desk.lines().currency(line);
                    search.expect(currency, desk.lines().sum(line))?;
                    search.split_lines += usize::from(desk.payees(line).len() > 1);
                    pairs.extend(
                        desk.lines()
                            .members(line)
                            .iter()
                            .map(|item| (*item, currency)),
                    );
                }
            }
        }
        search.part(desk, pairs);
        search.add_quarantine(desk, of)?;
        Ok(search)
    }

    fn expect(&mut self, currency: Currency, sum: &LineSum) -> Result<(), AmountOverflow> {
        self.expected.entry(currency).or_default().add(sum)
    }

    /// The lines of a status as far as one statement reports them.
    fn of_statement(
        &mut self,
        desk: &Desk,
        status: Status,
        only: u32,
        pairs: &mut Vec<(ItemRef, Currency)>,
    ) -> Result<(), AmountOverflow> {
        for line in (0..desk.lines().len() as LineId).filter(|line| desk.status(*line) == status) {
            let currency = desk.lines().currency(line);
            for item in desk
                .lines()
                .members(line)
                .iter()
                .filter(|item| item.statement == only)
            {
                for (_, sum) in sums_of(desk, *item)?
                    .into_iter()
                    .filter(|(c, _)| *c == currency)
                {
                    self.expect(currency, &sum)?;
                }
                pairs.push((*item, currency));
            }
        }
        Ok(())
    }

    /// Parts the pairs by statement.
    fn part(&mut self, desk: &Desk, mut pairs: Vec<(ItemRef, Currency)>) {
        pairs.sort_unstable();
        for chunk in pairs.chunk_by(|a, b| a.0.statement == b.0.statement) {
            let statement = chunk[0].0.statement;
            let items = chunk.iter().map(|(item, currency)| (item.item, *currency));
            self.wanted.push(WantedRows::new(
                statement,
                Arc::clone(&desk.statements()[statement as usize]),
                items.collect(),
            ));
        }
    }

    fn add_quarantine(&mut self, desk: &Desk, of: &RowsOf) -> Result<(), AmountOverflow> {
        let RowsOf::Status {
            status: Status::Quarantined,
            statement: only,
        } = of
        else {
            return Ok(());
        };
        let places = (0..)
            .zip(desk.statements())
            .filter(|(index, s)| only.is_none_or(|o| o == *index) && !s.quarantine.is_empty());
        for (index, loaded) in places {
            for bad in &loaded.quarantine {
                self.expect(
                    bad.currency,
                    &LineSum {
                        rows: 1,
                        quantity: bad.quantity,
                        amount: bad.amount,
                    },
                )?;
            }
            let mut wanted = WantedRows::new(index, Arc::clone(loaded), HashSet::new());
            wanted.with_quarantine = true;
            self.wanted.push(wanted);
        }
        Ok(())
    }
}

fn belongs(desk: &Desk, line: LineId, of: &RowsOf) -> bool {
    match of {
        RowsOf::Line(wanted) => line == *wanted,
        RowsOf::Payee { payee, currency } => {
            desk.lines().currency(line).code() == currency
                && desk.payees(line).iter().any(|name| name == payee)
        }
        RowsOf::Status { status, .. } => desk.status(line) == *status,
        RowsOf::Item(_) => false,
    }
}

/// Sums of an item by currency.
fn sums_of(desk: &Desk, item: ItemRef) -> Result<BTreeMap<Currency, LineSum>, AmountOverflow> {
    let statement = desk.statement(item);
    let mut sums: BTreeMap<Currency, LineSum> = BTreeMap::new();
    for cell in statement.cells(item.item as usize) {
        let sum = LineSum {
            rows: cell.rows,
            quantity: cell.quantity,
            amount: cell.amount,
        };
        sums.entry(statement.cube.dims[cell.dim as usize].currency)
            .or_default()
            .add(&sum)?;
    }
    Ok(sums)
}

impl WantedRows {
    fn new(statement: u32, loaded: Arc<Loaded>, pairs: HashSet<(u32, Currency)>) -> Self {
        let hasher = FixedState::default();
        let mut key = Vec::new();
        let mut numbers: Vec<u32> = pairs.iter().map(|(item, _)| *item).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut items = HashTable::with_capacity(numbers.len());
        let mut hashes = Vec::with_capacity(numbers.len());
        for item in numbers {
            loaded.cube.key_into(item as usize, &mut key);
            hashes.push((hasher.hash_one(key.as_slice()), item));
        }
        for (hash, item) in hashes {
            // There is room for all, so nothing is ever hashed again.
            items.insert_unique(hash, item, |_| hash);
        }
        Self {
            statement,
            loaded,
            pairs,
            items,
            hasher,
            with_quarantine: false,
        }
    }

    /// Whether a record with this key and currency is looked for.
    pub(super) fn holds(&self, key: &[u8], currency: Currency) -> bool {
        let found = self.items.find(self.hasher.hash_one(key), |item| {
            self.loaded.cube.has_key(*item as usize, key)
        });
        found.is_some_and(|item| self.pairs.contains(&(*item, currency)))
    }

    /// The items that are looked for, in order.
    pub(super) fn items(&self) -> Vec<u32> {
        let mut items: Vec<u32> = self.items.iter().copied().collect();
        items.sort_unstable();
        items
    }
}
