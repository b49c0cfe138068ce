//! Counts of lines by the values of a field, in one pass over the lines for all fields that count the same lines.

use parking_lot::Mutex;

use foldhash::{HashMap, HashMapExt};

use super::bits::{Bits, by_blocks};
use super::field::FilterField;
use super::filter::{Filter, Test};
use super::index::SearchIndex;
use super::select::Select;
use super::standing::LineStanding;
use super::view::{Facet, FacetValue, LineScope, QueryError};
use crate::desk::LineId;
use crate::ident::Currency;
use crate::matching::{Status, Why};
use crate::money::{Amount, AmountOverflow, Magnitude};

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
pub(super) fn facets(
    select: &mut Select<'_>,
    filter: &Filter,
    scope: LineScope,
    shown: &Bits,
) -> Result<Vec<Facet>, QueryError> {
    let (own, common): (Vec<FilterField>, Vec<FilterField>) =
        FACETS.into_iter().partition(|field| {
            filter
                .terms
                .iter()
                .any(|term| matches!(&term.test, Test::Field { field: f, .. } if f == field))
        });
    let mut facets = count(select, shown, &common)?;
    for field in own {
        let lines = select.lines(filter, scope, Some(field))?;
        facets.extend(count(select, &lines, &[field])?);
    }
    facets.sort_by_key(|facet| FACETS.iter().position(|field| *field == facet.field));
    Ok(facets)
}

fn count(
    select: &Select<'_>,
    lines: &Bits,
    fields: &[FilterField],
) -> Result<Vec<Facet>, QueryError> {
    let index = select.index;
    let standing = select.standing;
    // As many tallies as threads work at once: each block takes one and puts it back.
    let idle: Mutex<Vec<Tally>> = Mutex::default();
    let lock = || idle.lock();
    by_blocks(lines.lines(), select.is_stale, |block| {
        let taken = lock().pop();
        let mut tally = taken.unwrap_or_else(|| Tally::new(index, fields));
        lines
            .block(block)
            .iter()
            .for_each(|line| tally.add_line(index, standing, line));
        lock().push(tally);
    })?;
    let tallies = idle.into_inner();
    fields
        .iter()
        .map(|field| {
            let mut sums: HashMap<u64, Count> = HashMap::new();
            tallies
                .iter()
                .try_for_each(|tally| tally.give(index, *field, &mut sums))?;
            facet(index, *field, sums).map_err(QueryError::from)
        })
        .collect()
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

/// What one thread counts.
struct Tally {
    /// Counts of the fields of lines.
    fields: Vec<(FilterField, Counter)>,
    /// Money by territory and period together, and lines by each of them.
    spots: Option<[Counter; 3]>,
    /// Periods of the line that is being counted.
    seen: Vec<u32>,
}

impl Tally {
    fn new(index: &SearchIndex, fields: &[FilterField]) -> Self {
        let counter = |values: usize| Counter::new(values * index.currencies.len());
        let of_cells =
            |field: &&FilterField| matches!(field, FilterField::Territory | FilterField::Period);
        let places = &index.places;
        let spots = || {
            [
                counter(places.spots.len()),
                counter(places.territories.len()),
                counter(places.periods.len()),
            ]
        };
        Self {
            fields: fields
                .iter()
                .filter(|f| !of_cells(f))
                .map(|field| (*field, counter(values_of(index, *field))))
                .collect(),
            spots: fields.iter().any(|field| of_cells(&field)).then(spots),
            seen: Vec::new(),
        }
    }

    fn add_line(&mut self, index: &SearchIndex, standing: &LineStanding, line: LineId) {
        let place = line as usize;
        let amount = index.lines.sum(line).amount;
        for (field, counter) in &mut self.fields {
            let value = match field {
                FilterField::Status => standing.whys[place].status() as u32,
                FilterField::Reason => standing.whys[place] as u32,
                FilterField::Dsp => index.lines.dsp_number(line),
                FilterField::Label => index.labels.of_line[place],
                _ => 0,
            };
            counter.add(slot(index, value, line), 1, amount);
        }
        if let Some(spots) = &mut self.spots {
            add_spots(index, line, spots, &mut self.seen);
        }
    }

    /// Adds what was counted for a field.
    fn give(
        &self,
        index: &SearchIndex,
        field: FilterField,
        sums: &mut HashMap<u64, Count>,
    ) -> Result<(), AmountOverflow> {
        if let Some((_, counter)) = self.fields.iter().find(|(other, _)| *other == field) {
            return counter.counts()?.try_for_each(|(slot, count)| {
                sums.entry(slot).or_default().add(count.lines, count.amount)
            });
        }
        let Some([spots, territories, periods]) = &self.spots else {
            return Ok(());
        };
        let (part, lines) = if field == FilterField::Period {
            (1, periods)
        } else {
            (0, territories)
        };
        let currencies = index.currencies.len() as u64;
        for (slot, count) in spots.counts()? {
            let value = u64::from(index.places.spots[(slot / currencies) as usize][part]);
            sums.entry(value * currencies + slot % currencies)
                .or_default()
                .add(0, count.amount)?;
        }
        lines.counts()?.try_for_each(|(slot, count)| {
            sums.entry(slot).or_default().add(count.lines, Amount::ZERO)
        })
    }
}

/// Adds the cells of a line: their money, and the line once for each territory and for each period.
fn add_spots(
    index: &SearchIndex,
    line: LineId,
    [spots, territories, periods]: &mut [Counter; 3],
    seen: &mut Vec<u32>,
) {
    let (block, place) = index.place(line);
    let mut last = u32::MAX;
    seen.clear();
    for (spot, amount) in block.cells(place) {
        spots.add(slot(index, spot, line), 1, amount);
        // Cells are sorted by territory first.
        let [territory, period] = index.places.spots[spot as usize];
        if territory != last {
            territories.add(slot(index, territory, line), 1, Amount::ZERO);
            last = territory;
        }
        if !seen.contains(&period) {
            periods.add(slot(index, period, line), 1, Amount::ZERO);
            seen.push(period);
        }
    }
}

/// Counts of one field, by value and currency.
struct Counter {
    dense: Vec<Count>,
    sparse: HashMap<u64, Count>,
    overflow: Result<(), AmountOverflow>,
}

impl Counter {
    fn new(slots: usize) -> Self {
        Self {
            dense: vec![Count::default(); slots.min(DENSE)],
            sparse: HashMap::new(),
            overflow: Ok(()),
        }
    }

    fn add(&mut self, slot: u64, lines: u64, amount: Amount) {
        let count = match self.dense.get_mut(slot as usize) {
            Some(count) => count,
            None => self.sparse.entry(slot).or_default(),
        };
        if count.add(lines, amount).is_err() {
            self.overflow = Err(AmountOverflow);
        }
    }

    /// All counts that are not empty.
    fn counts(&self) -> Result<impl Iterator<Item = (u64, &Count)>, AmountOverflow> {
        self.overflow?;
        let dense = self
            .dense
            .iter()
            .enumerate()
            .map(|(slot, count)| (slot as u64, count));
        Ok(dense
            .chain(self.sparse.iter().map(|(slot, count)| (*slot, count)))
            .filter(|(_, count)| count.lines > 0))
    }
}

fn slot(index: &SearchIndex, value: u32, line: LineId) -> u64 {
    u64::from(value) * index.currencies.len() as u64 + u64::from(index.currency_of[line as usize])
}

/// How many values a field of lines has.
fn values_of(index: &SearchIndex, field: FilterField) -> usize {
    match field {
        FilterField::Status => Status::ALL.len(),
        FilterField::Reason => Why::ALL.len(),
        FilterField::Dsp => index.lines.dsp_names().len(),
        FilterField::Label => index.labels.shown.len(),
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
        FilterField::Period => index.places.period_names[value].clone(),
        _ => String::new(),
    }
}

fn facet(
    index: &SearchIndex,
    field: FilterField,
    sums: HashMap<u64, Count>,
) -> Result<Facet, AmountOverflow> {
    let mut values: HashMap<u64, FacetSums> = HashMap::new();
    for (slot, count) in sums {
        let currency = slot % index.currencies.len() as u64;
        // The values of the facet of currencies are the currencies themselves.
        let value = if field == FilterField::Currency {
            currency
        } else {
            slot / index.currencies.len() as u64
        };
        values.entry(value).or_default().add(
            index.currencies[currency as usize],
            count.lines,
            count.amount,
        )?;
    }
    let name = |value: u64| match field {
        FilterField::Currency => index.currencies[value as usize].to_string(),
        _ => shown(index, field, value as usize),
    };
    let mut ranked: Vec<(Magnitude, u64, FacetSums)> = values
        .into_iter()
        .map(|(value, sums)| (sums.largest(), value, sums))
        .collect();
    // Values have their numbers in the order of the alphabet, so ties are the same everywhere.
    ranked.sort_unstable_by_key(|(largest, value, _)| (std::cmp::Reverse(*largest), *value));
    let rest = ranked.split_off(ranked.len().min(LISTED));
    let mut others = FacetSums::default();
    for (_, _, sums) in &rest {
        others.lines += sums.lines;
        sums.money
            .iter()
            .try_for_each(|(currency, amount)| others.add(*currency, 0, *amount))?;
    }
    let values = ranked
        .into_iter()
        .map(|(_, value, sums)| sums.into_value(name(value)))
        .collect();
    Ok(Facet {
        field,
        values,
        more: rest.len() as u64,
        rest: others.into_value(String::new()),
    })
}

/// Lines and money of one value.
#[derive(Default)]
struct FacetSums {
    lines: u64,
    money: Vec<(Currency, Amount)>,
}

impl FacetSums {
    fn add(
        &mut self,
        currency: Currency,
        lines: u64,
        amount: Amount,
    ) -> Result<(), AmountOverflow> {
        self.lines += lines;
        match self.money.iter_mut().find(|(c, _)| *c == currency) {
            Some((_, sum)) => *sum = sum.plus(amount)?,
            None => self.money.push((currency, amount)),
        }
        Ok(())
    }

    fn largest(&self) -> Magnitude {
        self.money
            .iter()
            .map(|(_, amount)| amount.magnitude())
            .max()
            .unwrap_or_default()
    }

    fn into_value(mut self, value: String) -> FacetValue {
        self.money.sort_unstable_by_key(|(currency, amount)| {
            (std::cmp::Reverse(amount.magnitude()), *currency)
        });
        FacetValue {
            value,
            lines: self.lines,
            money: self.money,
        }
    }
}
