//! One pass over the lines of a currency into all sums of the overview.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::{ByPeriod, ByStatus, Dimension, NO_TRACK, NOT_GIVEN, NOT_READ, Overview};
use crate::desk::{Desk, LineId, LineSum};
use crate::ident::{Currency, SalePeriod};
use crate::matching::Status;
use crate::money::{Amount, AmountOverflow, split};
use crate::statement::item::Field;

/// Sums on their way. Labels and tracks are known by references into the desk, so that nothing is copied for each line.
pub(super) struct Collector<'a> {
    desk: &'a Desk,
    currency: Currency,
    dsps: HashMap<&'a str, (ByStatus, ByPeriod)>,
    /// For each statement and combination of dimensions.
    by_dim: Vec<Vec<ByStatus>>,
    labels: HashMap<&'a str, ByPeriod>,
    tracks: HashMap<&'a str, (LineId, ByPeriod)>,
    not_read: BTreeMap<String, LineSum>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(desk: &'a Desk, currency: Currency) -> Self {
        let by_dim = desk
            .statements()
            .iter()
            .map(|s| vec![ByStatus::default(); s.cube.dims.len()])
            .collect();
        let dsps = HashMap::new();
        let labels = HashMap::new();
        let tracks = HashMap::new();
        let not_read = BTreeMap::new();
        Self {
            desk,
            currency,
            dsps,
            by_dim,
            labels,
            tracks,
            not_read,
        }
    }

    /// Takes the cells of a line, which is in the collector's currency.
    pub(super) fn take(&mut self, line: LineId) -> Result<(), AmountOverflow> {
        let desk = self.desk;
        let status = desk.status(line);
        let parts = parts_of(desk, line, status);
        let shares: Vec<u32> = parts.iter().map(|(_, share)| *share).collect();
        for item in desk.lines().members(line) {
            let statement = &desk.statements()[item.statement as usize];
            let label = given(statement.cube.field(item.item as usize, Field::Label));
            for cell in statement.cells(item.item as usize) {
                let dims = &statement.cube.dims[cell.dim as usize];
                if dims.currency != self.currency {
                    continue;
                }
                let sum = LineSum {
                    rows: cell.rows,
                    quantity: cell.quantity,
                    amount: cell.amount,
                };
                self.by_dim[item.statement as usize][cell.dim as usize].add(status, &sum)?;
                let (by_status, by_period) =
                    self.dsps.entry(given(desk.lines().dsp(line))).or_default();
                by_status.add(status, &sum)?;
                add(by_period, dims.period, cell.amount)?;
                add(
                    self.labels.entry(label).or_default(),
                    dims.period,
                    cell.amount,
                )?;
                for ((track, _), amount) in parts.iter().zip(split(cell.amount, &shares)) {
                    let (_, by_period) = self
                        .tracks
                        .entry(track)
                        .or_insert_with(|| (line, ByPeriod::new()));
                    add(by_period, dims.period, amount)?;
                }
            }
        }
        Ok(())
    }

    /// Rows in quarantine: their statement may say the DSP; territory and period are not read.
    pub(super) fn take_quarantine(&mut self) -> Result<(), AmountOverflow> {
        for statement in self.desk.statements() {
            for bad in statement
                .quarantine
                .iter()
                .filter(|bad| bad.currency == self.currency)
            {
                let dsp = if statement.record.dsp.is_empty() {
                    NOT_READ
                } else {
                    &statement.record.dsp
                };
                self.not_read
                    .entry(dsp.to_owned())
                    .or_default()
                    .add(&LineSum {
                        rows: 1,
                        quantity: bad.quantity,
                        amount: bad.amount,
                    })?;
            }
        }
        Ok(())
    }

    pub(super) fn end(self) -> Result<Overview, AmountOverflow> {
        let mut dsps: BTreeMap<String, ByStatus> = BTreeMap::new();
        let mut territories: BTreeMap<String, (ByStatus, ByPeriod)> = BTreeMap::new();
        let mut periods: BTreeMap<SalePeriod, ByStatus> = BTreeMap::new();
        for (name, (by_status, _)) in &self.dsps {
            dsps.insert((*name).to_owned(), *by_status);
        }
        for (statement, by_dim) in self.desk.statements().iter().zip(&self.by_dim) {
            for (dims, sums) in statement
                .cube
                .dims
                .iter()
                .zip(by_dim)
                .filter(|(dims, _)| dims.currency == self.currency)
            {
                let (by_status, by_period) = territories
                    .entry(given(&dims.territory).to_owned())
                    .or_default();
                for (status, sum) in Status::ALL.into_iter().zip(&sums.0) {
                    by_status.add(status, sum)?;
                    add(by_period, dims.period, sum.amount)?;
                    periods.entry(dims.period).or_default().add(status, sum)?;
                }
            }
        }
        for (dsp, sum) in &self.not_read {
            dsps.entry(dsp.clone())
                .or_default()
                .add(Status::Quarantined, sum)?;
            territories
                .entry(NOT_READ.to_owned())
                .or_default()
                .0
                .add(Status::Quarantined, sum)?;
            periods
                .entry(SalePeriod::UNKNOWN)
                .or_default()
                .add(Status::Quarantined, sum)?;
        }
        let moving = Dimension::ALL.map(|dimension| match dimension {
            Dimension::Dsp => self
                .dsps
                .iter()
                .map(|(name, (_, sums))| named(name, sums))
                .collect(),
            Dimension::Territory => territories
                .iter()
                .map(|(name, (_, sums))| named(name, sums))
                .collect(),
            Dimension::Label => self
                .labels
                .iter()
                .map(|(name, sums)| named(name, sums))
                .collect(),
            Dimension::Track => self
                .tracks
                .iter()
                .map(|(id, (line, sums))| (title(self.desk, id, *line), sums))
                .map(with_title)
                .collect(),
        });
        let territories = territories
            .into_iter()
            .map(|(name, (by_status, _))| (name, by_status))
            .collect();
        Ok(Overview {
            dsps: most_first(dsps)?,
            territories: most_first(territories)?,
            periods: periods.into_iter().collect(),
            moving,
        })
    }
}

fn given(text: &str) -> &str {
    if text.is_empty() { NOT_GIVEN } else { text }
}

fn add<K: Ord + Copy + Hash>(
    sums: &mut BTreeMap<K, Amount>,
    key: K,
    amount: Amount,
) -> Result<(), AmountOverflow> {
    let sum = sums.entry(key).or_insert(Amount::ZERO);
    *sum = sum.plus(amount)?;
    Ok(())
}

/// The tracks that a line's money goes to, with their shares.
fn parts_of(desk: &Desk, line: LineId, status: Status) -> Vec<(&str, u32)> {
    if status != Status::Matched {
        return vec![(NO_TRACK, 1)];
    }
    match desk.decided(line) {
        Some(decided) => decided
            .parts
            .iter()
            .map(|(id, _, share)| (id.as_str(), *share))
            .collect(),
        None => desk
            .track_ids(line)
            .into_iter()
            .take(1)
            .map(|id| (id, 1))
            .collect(),
    }
}

fn named(name: &str, sums: &ByPeriod) -> (String, String, ByPeriod) {
    (name.to_owned(), name.to_owned(), sums.clone())
}

/// Id and name of a track: the title as the first line that leads to it reports it.
fn title(desk: &Desk, id: &str, line: LineId) -> (String, String) {
    let title = desk.field(line, Field::Title);
    let name = if id == NO_TRACK || title.is_empty() {
        id.to_owned()
    } else {
        format!("{title} ({id})")
    };
    (id.to_owned(), name)
}

fn with_title(((id, name), sums): ((String, String), &ByPeriod)) -> (String, String, ByPeriod) {
    (id, name, sums.clone())
}

fn most_first(sums: BTreeMap<String, ByStatus>) -> Result<Vec<(String, ByStatus)>, AmountOverflow> {
    let mut all = sums
        .into_iter()
        .map(|(name, sums)| Ok((sums.all()?.amount.magnitude(), name, sums)))
        .collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    Ok(all
        .into_iter()
        .map(|(_, name, sums)| (name, sums))
        .collect())
}
