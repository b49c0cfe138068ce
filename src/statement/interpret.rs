//! One row into what it means, by the plan of its file.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::dims::{DimTable, Dims};
use super::item::push_field;
use super::layout::{ControlKind, header_key};
use super::memo::{Group, MAX_KNOWN, Memo};
use super::plan::{CurrencyRule, Plan};
use super::quarantine::Reason;
use super::records::Row;
use crate::ident::{Currency, SalePeriod, Territory};
use crate::money::{Amount, AmountError, SCALE, is_shortened, parse_amount};

/// What a row is.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing on it.
    Blank,
    /// The header again.
    Header,
    /// Not a record.
    Footer { label: String, control: Option<ControlKind>, value: String, stop: bool },
    /// A record that cannot be taken.
    Bad(Bad),
    /// A record; its item's key is in [`Interpreter::key`].
    Good { dim: u32, quantity: Amount, amount: Amount },
}

/// Why a record cannot be taken, and what could be read of it.
#[derive(Debug)]
pub(super) struct Bad {
    pub reason: Reason,
    pub column: Option<usize>,
    pub detail: String,
    pub amount: Amount,
    pub currency: Currency,
    pub quantity: Amount,
}

/// Reads rows of one file; each thread has its own.
pub(super) struct Interpreter<'a> {
    plan: &'a Plan,
    dims: DimFinder<'a>,
    item: Memo,
    key: Vec<u8>,
    key_number: u64,
    /// Whether there is any carriage return in the text that is being read.
    pub(super) may_have_cr: bool,
}

impl<'a> Interpreter<'a> {
    pub(super) fn new(plan: &'a Plan, dims: &'a DimTable) -> Self {
        let item = Memo::new(plan.fields.iter().flatten().copied());
        Self { plan, dims: DimFinder::new(plan, dims), item, key: Vec::new(), key_number: 0, may_have_cr: true }
    }

    /// The key of the last good row's item.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// Changes whenever the key may have changed.
    pub(super) fn key_number(&self) -> u64 {
        self.key_number
    }

    /// What a row means.
    pub(super) fn read(&mut self, row: &Row<'_>) -> Verdict {
        if row.is_empty() {
            return Verdict::Blank;
        }
        if let Some(footer) = self.footer(row) {
            return footer;
        }
        if row.flags.is_ragged {
            return self.not_a_record(row).unwrap_or_else(|| {
                self.bad(Reason::Ragged, None, format!("the row has {} cells, the header has {}", row.len(), self.plan.columns()))
            });
        }
        let amount = match self.amount(row.cell(self.plan.amount)) {
            Ok(amount) => amount,
            Err(error) => {
                return self.not_a_record(row).unwrap_or_else(|| self.bad_amount(row, error));
            }
        };
        let quantity = match self.quantity(row) {
            Ok(quantity) => quantity,
            Err((column, detail)) => {
                let mut bad = self.fault(Reason::QuantityUnreadable, Some(column), detail);
                bad.amount = amount;
                bad.currency = self.currency(row).unwrap_or(Currency::NONE);
                return Verdict::Bad(bad);
            }
        };
        match self.dims.number(row) {
            Ok(dim) => {
                if !self.item.is_same(row) {
                    self.build_key(row);
                    self.item.remember(row);
                }
                Verdict::Good { dim, quantity, amount }
            }
            Err(fault) => Verdict::Bad(Bad {
                reason: fault.reason,
                column: fault.column,
                detail: fault.detail,
                amount: if fault.currency == Currency::NONE { Amount::ZERO } else { amount },
                currency: fault.currency,
                quantity,
            }),
        }
    }

    fn bad(&self, reason: Reason, column: Option<usize>, detail: String) -> Verdict {
        Verdict::Bad(self.fault(reason, column, detail))
    }

    pub(super) fn fault(&self, reason: Reason, column: Option<usize>, detail: String) -> Bad {
        let currency = match self.plan.currency {
            CurrencyRule::Fixed(currency) => currency,
            CurrencyRule::Column(_) => Currency::NONE,
        };
        Bad { reason, column, detail, amount: Amount::ZERO, currency, quantity: Amount::ZERO }
    }

    fn bad_amount(&self, row: &Row<'_>, error: AmountError) -> Verdict {
        let mut bad = self.fault(error.into(), Some(self.plan.amount), error.to_string());
        bad.currency = self.currency(row).unwrap_or(bad.currency);
        bad.quantity = self.quantity(row).unwrap_or_default();
        Verdict::Bad(bad)
    }

    /// Blank cells only, or the header once more.
    fn not_a_record(&self, row: &Row<'_>) -> Option<Verdict> {
        if row.cells().all(|c| c.iter().all(u8::is_ascii_whitespace)) {
            return Some(Verdict::Blank);
        }
        let is_header = row.len() == self.plan.columns()
            && row.cells().zip(&self.plan.header).all(|(cell, name)| header_key(&String::from_utf8_lossy(cell)) == header_key(name));
        is_header.then_some(Verdict::Header)
    }

    /// A line whose first cell is a footer's label, and that names no recording (a song may be called “Total”).
    fn footer(&self, row: &Row<'_>) -> Option<Verdict> {
        let first = (0..row.len()).find(|&c| !row.cell(c).iter().all(u8::is_ascii_whitespace))?;
        let cell = row.cell(first).trim_ascii_start();
        if !self.plan.footer_first[usize::from(*cell.first()?)] {
            return None;
        }
        let label = String::from_utf8_lossy(cell).into_owned();
        let key = header_key(&label);
        let rule = self.plan.footers.iter().find(|f| f.key == key)?;
        if !row.flags.is_ragged && self.names_a_recording(row, first) {
            return None;
        }
        let value = (first + 1..row.len()).map(|c| row.cell(c)).find(|c| !c.is_empty()).unwrap_or_default();
        Some(Verdict::Footer { label, control: rule.control, value: String::from_utf8_lossy(value).trim().to_owned(), stop: rule.stop })
    }

    /// Whether ISRC, UPC, DSP id or artist is given in a cell other than the label's own.
    fn names_a_recording(&self, row: &Row<'_>, label: usize) -> bool {
        use super::item::Field;
        [Field::Isrc, Field::Upc, Field::DspId, Field::Artist]
            .into_iter()
            .any(|field| self.plan.fields[field as usize].iter().any(|&c| c != label && !row.cell(c).trim_ascii().is_empty()))
    }

    fn amount(&self, cell: &[u8]) -> Result<Amount, AmountError> {
        match self.plan.cut_to {
            Some(left) if is_shortened(cell, left) => Err(AmountError::Shortened { left }),
            _ => parse_amount(cell, self.plan.decimal),
        }
    }

    /// Units. They are kept to the twentieth digit after the point; no sender writes more of them.
    fn quantity(&self, row: &Row<'_>) -> Result<Amount, (usize, String)> {
        let Some((column, cell)) = first_given(row, &self.plan.quantity) else { return Ok(Amount::ZERO) };
        let quantity = parse_amount(cell, self.plan.decimal).map_err(|error| (column, error.to_string()))?;
        if quantity.to_narrow().is_none() {
            return Err((column, format!("more than {SCALE} digits after the point")));
        }
        Ok(quantity)
    }

    pub(super) fn currency(&self, row: &Row<'_>) -> Option<Currency> {
        match self.plan.currency {
            CurrencyRule::Fixed(currency) => Some(currency),
            CurrencyRule::Column(column) => Currency::parse(std::str::from_utf8(row.cell(column)).ok()?).ok(),
        }
    }

    /// The item's key: its fields as written, trimmed.
    fn build_key(&mut self, row: &Row<'_>) {
        self.key_number += 1;
        self.key.clear();
        for columns in &self.plan.fields {
            let cell = match columns.as_slice() {
                [] => &[][..],
                [one] => row.cell(*one).trim_ascii(),
                many => first_given(row, many).map_or(&[][..], |(_, cell)| cell),
            };
            if self.may_have_cr && memchr::memchr(b'\r', cell).is_some() {
                // A line end inside a cell is the same whether the file was converted or not.
                let unix: Vec<u8> = cell.iter().copied().filter(|b| *b != b'\r').collect();
                push_field(&mut self.key, &unix);
            } else {
                push_field(&mut self.key, cell);
            }
        }
    }
}

/// Finds the number of a row's territory, period, usage and currency by the cells as written.
struct DimFinder<'a> {
    plan: &'a Plan,
    dims: &'a DimTable,
    territory: Group,
    period: Group,
    usage: Group,
    currency: Group,
    /// Days of one month and the month are one period.
    periods: HashMap<SalePeriod, u32, FixedState>,
    known: HashMap<[u32; 4], u32, FixedState>,
    last: Option<([u32; 4], u32)>,
}

#[derive(Debug)]
struct DimFault {
    reason: Reason,
    column: Option<usize>,
    detail: String,
    currency: Currency,
}

impl<'a> DimFinder<'a> {
    fn new(plan: &'a Plan, dims: &'a DimTable) -> Self {
        let currency = match plan.currency {
            CurrencyRule::Fixed(_) => Vec::new(),
            CurrencyRule::Column(column) => vec![column],
        };
        Self {
            plan,
            dims,
            territory: Group::new(plan.territory.clone()),
            period: Group::new([&plan.period[..], &plan.period_start, &plan.period_end].concat()),
            usage: Group::new([&plan.usage[..], &plan.usage_also].concat()),
            currency: Group::new(currency),
            periods: HashMap::default(),
            known: HashMap::default(),
            last: None,
        }
    }

    fn number(&mut self, row: &Row<'_>) -> Result<u32, DimFault> {
        let Some(parts) = self.parts(row) else {
            return Ok(self.dims.number(self.read_dims(row)?));
        };
        if let Some((last, number)) = self.last
            && last == parts
        {
            return Ok(number);
        }
        let number = match self.known.get(&parts) {
            Some(&number) => number,
            None => {
                let number = self.dims.number(self.read_dims(row)?);
                if self.known.len() < MAX_KNOWN {
                    self.known.insert(parts, number);
                }
                number
            }
        };
        self.last = Some((parts, number));
        Ok(number)
    }

    /// What the row says, part by part; nothing when its period cannot be read.
    fn parts(&mut self, row: &Row<'_>) -> Option<[u32; 4]> {
        let (plan, periods) = (self.plan, &mut self.periods);
        let period_number = |_| {
            let period = period(plan, row).ok()?;
            let next = periods.len() as u32;
            Some(*periods.entry(period).or_insert(next))
        };
        Some([
            self.territory.number(row, Some)?,
            self.period.number(row, period_number)?,
            self.usage.number(row, Some)?,
            self.currency.number(row, Some)?,
        ])
    }

    fn read_dims(&self, row: &Row<'_>) -> Result<Dims, DimFault> {
        let plan = self.plan;
        let currency = match plan.currency {
            CurrencyRule::Fixed(currency) => currency,
            CurrencyRule::Column(column) => {
                let text = String::from_utf8_lossy(row.cell(column));
                Currency::parse(&text).map_err(|error| DimFault {
                    reason: Reason::CurrencyUnreadable,
                    column: Some(column),
                    detail: error.to_string(),
                    currency: Currency::NONE,
                })?
            }
        };
        let period = period(plan, row).map_err(|(column, error)| DimFault {
            reason: Reason::PeriodUnreadable,
            column: Some(column),
            detail: error.to_string(),
            currency,
        })?;
        let text = |columns: &[usize]| first_given(row, columns).map(|(_, cell)| String::from_utf8_lossy(cell).into_owned()).unwrap_or_default();
        let territory = Territory::parse(&text(&plan.territory)).as_str().to_owned();
        let usage = usage(plan, &text(&plan.usage), &text(&plan.usage_also));
        Ok(Dims { currency, territory, period, usage })
    }
}

fn usage(plan: &Plan, usage: &str, also: &str) -> String {
    let parts = [usage, also].into_iter().filter(|part| !part.is_empty() && !plan.usage_blank.contains(&header_key(part)));
    parts.collect::<Vec<_>>().join("/")
}

fn period(plan: &Plan, row: &Row<'_>) -> Result<SalePeriod, (usize, crate::ident::PeriodError)> {
    let order = plan.date_order;
    if let Some((column, cell)) = first_given(row, &plan.period) {
        return SalePeriod::parse(&String::from_utf8_lossy(cell), order).map_err(|e| (column, e));
    }
    let Some((column, start)) = first_given(row, &plan.period_start) else { return Ok(plan.default_period) };
    let end = first_given(row, &plan.period_end).map_or(&[][..], |(_, cell)| cell);
    SalePeriod::parse_pair(&String::from_utf8_lossy(start), &String::from_utf8_lossy(end), order).map_err(|e| (column, e))
}

/// The first cell that is not empty among columns that mean the same, trimmed.
fn first_given<'r>(row: &'r Row<'_>, columns: &[usize]) -> Option<(usize, &'r [u8])> {
    columns.iter().map(|&column| (column, row.cell(column).trim_ascii())).find(|(_, cell)| !cell.is_empty())
}
