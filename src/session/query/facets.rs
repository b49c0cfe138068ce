//! Counts of lines by the values of a field, in one pass over the lines for all fields that count the same lines.

use std::sync::Mutex;

use foldhash::{HashMap, HashMapExt};

use super::bits::{Bits, by_blocks};
use super::field::FilterField;
use super::filter::{Filter, Test};
use super::index::SearchIndex;
use super::select::Select;
use super::standing::Standing;
use super::view::{Facet, FacetValue, QueryError, Scope};
use crate::ident::Currency;
use crate::matching::{Status, Why};
use crate::money::{Amount, AmountOverflow};
use crate::session::desk::LineId;

/// The fields that have facets, in their order.
pub(super) const FACETS: [FilterField; 7] = [
    FilterField::Status,
    FilterField::Reason,
    FilterField::Dsp,
    FilterField::Label,
    FilterField::Territory,
    FilterField::Period,
    FilterField::Currency,
];

/// Values that are listed at most.
const LISTED: usize = 50;
/// Counts by number that stand in a vector; more are in a map.
const DENSE: usize = 1 << 20;

/// Counts all facets; `shown` are the lines that the whole filter leaves.
pub(super) fn facets(select: &mut Select<'_>, filter: &Filter, scope: Scope, shown: &Bits) -> Result<Vec<Facet>, QueryError> {
    let has_own = |field: &FilterField| filter.terms.iter().any(|term| matches!(&term.test, Test::Field { field: f, .. } if f == field));
    let (own, common): (Vec<FilterField>, Vec<FilterField>) = FACETS.into_iter().partition(has_own);
    let mut facets = count(select, shown, &common)?;
    for field in own {
        let lines = select.lines(filter, scope, Some(field))?;
        facets.extend(count(select, &lines, &[field])?);
    }
    facets.sort_by_key(|facet| FACETS.iter().position(|field| *field == facet.field));
    Ok(facets)
}

fn count(select: &Select<'_>, lines: &Bits, fields: &[FilterField]) -> Result<Vec<Facet>, QueryError> {
    let (index, standing, currencies) = (select.index, select.standing, select.index.currencies.len());
    // As many counters as threads work at once: each block takes one and puts it back.
    let idle: Mutex<Vec<Vec<Counter>>> = Mutex::default();
    let lock = || idle.lock().expect("no code panics while holding this lock");
    by_blocks(lines.lines(), select.is_stale, |block| {
        let taken = lock().pop();
        let mut counters = taken.unwrap_or_else(|| fields.iter().map(|field| Counter::new(values_of(index, *field) * currencies)).collect());
        for line in lines.block(block).iter() {
            fields.iter().zip(&mut counters).for_each(|(field, counter)| counter.add_line(index, standing, *field, line));
        }
        lock().push(counters);
    })?;
    let counted = idle.into_inner().expect("no code panics while holding this lock");
    let of_field = |(place, field): (usize, &FilterField)| {
        let mut sums: HashMap<u64, Count> = HashMap::new();
        for counters in &counted {
            counters[place].give(&mut sums)?;
        }
        facet(index, *field, sums).map_err(QueryError::from)
    };
    fields.iter().enumerate().map(of_field).collect()
}

/// Lines and money of one value in one currency.
#[derive(Clone, Copy, Default)]
struct Count {
    lines: u64,
    amount: Amount,
}

impl Count {
    fn add(&mut self, lines: u64, amount: Amount) -> Result<(), AmountOverflow> {
        self.lines += lines;
        self.amount = self.amount.plus(amount)?;
        Ok(())
    }
}

/// Counts of one field, by value and currency.
struct Counter {
    dense: Vec<Count>,
    sparse: HashMap<u64, Count>,
    /// Values of the cells of the line that is being counted.
    seen: Vec<u64>,
    overflow: Result<(), AmountOverflow>,
}

impl Counter {
    fn new(slots: usize) -> Self {
        Self { dense: vec![Count::default(); slots.min(DENSE)], sparse: HashMap::new(), seen: Vec::new(), overflow: Ok(()) }
    }

    fn add(&mut self, slot: u64, lines: u64, amount: Amount) {
        let count = match self.dense.get_mut(slot as usize) {
            Some(count) => count,
            None => self.sparse.entry(slot).or_default(),
        };
        self.overflow = self.overflow.and(count.add(lines, amount));
    }

    fn add_line(&mut self, index: &SearchIndex, standing: &Standing, field: FilterField, line: LineId) {
        let place = line as usize;
        let why = || standing.whys[place];
        let value = match field {
            FilterField::Status => why().status() as u64,
            FilterField::Reason => why() as u64,
            FilterField::Dsp => u64::from(index.lines.dsp_number(line)),
            FilterField::Label => u64::from(index.labels.of_line[place]),
            FilterField::Currency => 0,
            _ => return self.add_cells(index, usize::from(field == FilterField::Period), line),
        };
        self.add(slot(index, value, line), 1, index.lines.sum(line).amount);
    }

    /// Adds the cells of a line by one part of their combinations; a value that several cells have counts the line once.
    fn add_cells(&mut self, index: &SearchIndex, part: usize, line: LineId) {
        let currency = u32::from(index.currency_of[line as usize]);
        self.seen.clear();
        for member in index.lines.members(line) {
            let statement = &index.statements[member.statement as usize];
            let dims = &index.places.of_dims[member.statement as usize];
            for cell in statement.cells(member.item as usize) {
                let dim = dims[cell.dim as usize];
                if dim[3] != currency {
                    continue;
                }
                let value = u64::from(dim[part]);
                let is_new = !self.seen.contains(&value);
                if is_new {
                    self.seen.push(value);
                }
                self.add(slot(index, value, line), u64::from(is_new), cell.amount);
            }
        }
    }

    fn give(&self, sums: &mut HashMap<u64, Count>) -> Result<(), AmountOverflow> {
        self.overflow?;
        let dense = self.dense.iter().enumerate().map(|(slot, count)| (slot as u64, count));
        let counts = dense.chain(self.sparse.iter().map(|(slot, count)| (*slot, count)));
        counts.filter(|(_, count)| count.lines > 0).try_for_each(|(slot, count)| sums.entry(slot).or_default().add(count.lines, count.amount))
    }
}

fn slot(index: &SearchIndex, value: u64, line: LineId) -> u64 {
    value * index.currencies.len() as u64 + u64::from(index.currency_of[line as usize])
}

/// How many values a field has.
fn values_of(index: &SearchIndex, field: FilterField) -> usize {
    match field {
        FilterField::Status => Status::ALL.len(),
        FilterField::Reason => Why::ALL.len(),
        FilterField::Dsp => index.lines.dsp_names().len(),
        FilterField::Label => index.labels.shown.len(),
        FilterField::Territory => index.places.territories.len(),
        FilterField::Period => index.places.periods.len(),
        _ => 1,
    }
}

/// A value as it is shown.
fn shown(index: &SearchIndex, field: FilterField, value: usize) -> String {
    match field {
        FilterField::Status => Status::ALL[value].code().to_owned(),
        FilterField::Reason => Why::ALL[value].code().to_owned(),
        FilterField::Dsp => index.lines.dsp_names()[value].clone(),
        FilterField::Label => index.labels.shown[value].clone(),
        FilterField::Territory => index.places.territories[value].clone(),
        FilterField::Period => index.places.periods[value].to_string(),
        _ => String::new(),
    }
}

fn facet(index: &SearchIndex, field: FilterField, sums: HashMap<u64, Count>) -> Result<Facet, AmountOverflow> {
    let mut values: HashMap<u64, Sums> = HashMap::new();
    for (slot, count) in sums {
        let currency = slot % index.currencies.len() as u64;
        // The values of the facet of currencies are the currencies themselves.
        let value = if field == FilterField::Currency { currency } else { slot / index.currencies.len() as u64 };
        values.entry(value).or_default().add(index.currencies[currency as usize], count.lines, count.amount)?;
    }
    let name = |value: u64| match field {
        FilterField::Currency => index.currencies[value as usize].to_string(),
        _ => shown(index, field, value as usize),
    };
    let mut ranked: Vec<(u128, u64, Sums)> = values.into_iter().map(|(value, sums)| (sums.largest(), value, sums)).collect();
    // Values have their numbers in the order of the alphabet, so ties are the same everywhere.
    ranked.sort_unstable_by_key(|(largest, value, _)| (std::cmp::Reverse(*largest), *value));
    let rest = ranked.split_off(ranked.len().min(LISTED));
    let mut others = Sums::default();
    for (_, _, sums) in &rest {
        others.lines += sums.lines;
        sums.money.iter().try_for_each(|(currency, amount)| others.add(*currency, 0, *amount))?;
    }
    let values = ranked.into_iter().map(|(_, value, sums)| sums.into_value(name(value))).collect();
    Ok(Facet { field, values, more: rest.len() as u64, rest: others.into_value(String::new()) })
}

/// Lines and money of one value.
#[derive(Default)]
struct Sums {
    lines: u64,
    money: Vec<(Currency, Amount)>,
}

impl Sums {
    fn add(&mut self, currency: Currency, lines: u64, amount: Amount) -> Result<(), AmountOverflow> {
        self.lines += lines;
        match self.money.iter_mut().find(|(c, _)| *c == currency) {
            Some((_, sum)) => *sum = sum.plus(amount)?,
            None => self.money.push((currency, amount)),
        }
        Ok(())
    }

    fn largest(&self) -> u128 {
        self.money.iter().map(|(_, amount)| amount.magnitude()).max().unwrap_or(0)
    }

    fn into_value(mut self, value: String) -> FacetValue {
        self.money.sort_unstable_by_key(|(currency, amount)| (std::cmp::Reverse(amount.magnitude()), *currency));
        FacetValue { value, lines: self.lines, money: self.money }
    }
}
