//! The batches of a file put together, in order: ledger, quarantine, totals among the records, and the
//! statement that they come to.

use std::collections::{BTreeMap, HashSet};

use super::batch::{BatchCount, BatchReader};
use super::cube::Cube;
use super::import::{AsideRows, BatchStarts, FoundTotals, Imported};
use super::layout::ControlKind;
use super::ledger::{ControlTotal, LineLedger, StatedTotal};
use super::likeness::Likeness;
use super::plan::Plan;
use super::quarantine::Quarantined;
use super::shape::table_below;
use super::source::ReadTotals;
use super::spread::BatchIndex;
use super::sums::{RecordSums, RowRole, TotalFinder, Unnamed, group_totals};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow, Sums as AmountSums};

/// Rows that name no recording, of one batch.
struct UnnamedRows {
    rows: Vec<Unnamed>,
    /// Sums of the batch's other records.
    sums: RecordSums,
    /// Rows of the file before the batch.
    rows_before: u64,
}

/// What batches came to so far.
pub(super) struct Assembly {
    pub quarantine: Vec<Quarantined>,
    /// Number of the first record of each batch.
    pub first_records: Vec<u64>,
    ledger: LineLedger,
    batch_starts: BatchStarts,
    batch_offsets: Vec<u64>,
    stated: Vec<StatedTotal>,
    flagged_rows: u64,
    records: u64,
    rows: u64,
    records_and_unnamed: u64,
    footing: TotalFinder,
    unnamed: Vec<UnnamedRows>,
    /// Unnamed rows that count as records until the whole file says otherwise, by batch and index.
    undecided: Vec<(usize, usize)>,
    late_rows: u64,
    /// Rows set aside and their money, by rule and currency.
    aside: BTreeMap<(usize, Currency), (u64, Amount)>,
    other_table: Option<(u64, Vec<String>)>,
    below: Vec<Vec<String>>,
}

/// What is known of a file beside its batches.
pub(super) struct Read {
    pub name: String,
    pub plan: Plan,
    pub cube: Cube,
    pub batch_index: BatchIndex,
    pub likeness: Likeness,
    pub read: ReadTotals,
    pub encoding: &'static str,
    pub stop_line: u64,
    /// Totals among the records, when an earlier pass has found them.
    pub found: Option<FoundTotals>,
}

impl Assembly {
    pub fn new(ledger: LineLedger, stated: Vec<StatedTotal>, head_rows: u64) -> Self {
        Self {
            quarantine: Vec::new(),
            first_records: Vec::new(),
            ledger,
            batch_starts: Vec::new(),
            batch_offsets: Vec::new(),
            stated,
            flagged_rows: 0,
            records: 0,
            rows: head_rows,
            records_and_unnamed: 0,
            footing: TotalFinder::default(),
            unnamed: Vec::new(),
            undecided: Vec::new(),
            late_rows: 0,
            aside: BTreeMap::new(),
            other_table: None,
            below: Vec::new(),
        }
    }

    /// Adds the next batch of the file. Its unnamed rows that are records are folded by `late`.
    pub fn add(
        &mut self,
        mut count: BatchCount,
        late: &mut BatchReader<'_>,
    ) -> Result<(), AmountOverflow> {
        self.decide_unnamed(&mut count, late)?;
        count.bad.sort_by_key(|(row, _)| *row);
        self.ledger.add(&count.ledger);
        self.first_records.push(self.records_and_unnamed);
        self.records_and_unnamed += count.places;
        for ((rule, currency), (rows, amount)) in count.aside {
            let sum = self.aside.entry((rule, currency)).or_default();
            *sum = (sum.0 + rows, sum.1.plus(amount)?);
        }
        if self.other_table.is_none() {
            self.other_table = count.other_table;
        }
        self.below.extend(count.below);
        self.batch_starts.push((count.first_line, self.rows));
        self.batch_offsets.push(count.file_offset);
        for (row, mut bad) in count.bad {
            bad.row_number = self.rows + row + 1;
            self.quarantine.push(bad);
        }
        self.rows += count.rows;
        self.records += count.records;
        self.flagged_rows += count.flagged;
        self.stated.extend(count.stated);
        Ok(())
    }

    fn decide_unnamed(
        &mut self,
        count: &mut BatchCount,
        late: &mut BatchReader<'_>,
    ) -> Result<(), AmountOverflow> {
        let rows = std::mem::take(&mut count.unnamed);
        let standings = self.footing.batch(&rows, &count.sums, self.rows)?;
        for (index, (row, standing)) in rows.iter().zip(standings).enumerate() {
            self.late_rows += 1;
            // Keys of late rows count down, so that they never meet those of other rows.
            place_unnamed(row, standing, count, late, u64::MAX - self.late_rows)?;
            if standing == RowRole::Record {
                self.undecided.push((self.unnamed.len(), index));
            }
        }
        self.unnamed.push(UnnamedRows {
            rows,
            sums: std::mem::take(&mut count.sums),
            rows_before: self.rows,
        });
        Ok(())
    }

    /// Only the whole file tells which rows are totals of a part of its records, and which totals are
    /// those of all then. Compares the footer with them; where undecided rows are such totals and
    /// `may_read_again`, gives back what the next pass has to know.
    pub fn totals_of_parts(
        &mut self,
        cube: &Cube,
        may_read_again: bool,
    ) -> Result<Option<FoundTotals>, AmountOverflow> {
        let unmatched: HashSet<u64> = self
            .footing
            .unmatched
            .iter()
            .map(|(line, _)| *line)
            .collect();
        let undecided: Vec<&Unnamed> = self
            .undecided
            .iter()
            .map(|&(batch, index)| &self.unnamed[batch].rows[index])
            .collect();
        let named_totals = self
            .unnamed
            .iter()
            .flat_map(|batch| &batch.rows)
            .filter(|row| unmatched.contains(&row.line));
        let candidates: Vec<&Unnamed> = undecided.iter().copied().chain(named_totals).collect();
        let groups = group_totals(&candidates, cube)?;
        self.footing.compare_with(&groups);
        let changes = undecided.iter().any(|row| groups.contains_key(&row.line));
        if !may_read_again || !changes {
            return Ok(None);
        }
        let mut anew = TotalFinder::with_groups(groups);
        for batch in &self.unnamed {
            anew.batch(&batch.rows, &batch.sums, batch.rows_before)?;
        }
        Ok(Some(FoundTotals {
            lines: anew.lines,
            totals: anew.totals,
        }))
    }

    /// The statement.
    pub fn finish(mut self, read: Read) -> Result<Imported, AmountOverflow> {
        let mut tables = read.plan.tables.clone();
        if let Some((line, names)) = self.other_table {
            let (table, total) = table_below(line + 1, names, &self.below, read.plan.decimal);
            self.stated.extend(total);
            tables.push(table);
        }
        let cube = read.cube;
        let mut control_totals = compare(self.stated, &cube, &self.quarantine, self.records)?;
        let found = read.found.unwrap_or(FoundTotals {
            lines: self.footing.lines,
            totals: self.footing.totals,
        });
        control_totals.extend(found.totals);
        let without_period = cube
            .cells()
            .iter()
            .filter(|c| cube.dims[c.dim as usize].period == SalePeriod::UNKNOWN)
            .map(|c| c.rows)
            .sum();
        let periods = cube.dims.iter().map(|dims| dims.period);
        let sale_period = periods.fold(SalePeriod::UNKNOWN, SalePeriod::union);
        Ok(Imported {
            name: read.name,
            cube,
            quarantine: self.quarantine,
            records: self.records,
            ledger: self.ledger,
            control_totals,
            read: read.read,
            sale_period,
            flagged_rows: self.flagged_rows,
            encoding: read.encoding,
            stop_line: read.stop_line,
            sum_lines: found.lines,
            aside: aside_rows(&read.plan, self.aside),
            tables,
            without_period,
            batch_starts: self.batch_starts,
            batch_offsets: self.batch_offsets,
            rows: self.rows,
            batch_index: read.batch_index,
            likeness: read.likeness,
            plan: read.plan,
        })
    }
}

/// Puts an unnamed row where it belongs.
fn place_unnamed(
    row: &Unnamed,
    standing: RowRole,
    count: &mut BatchCount,
    late: &mut BatchReader<'_>,
    key_number: u64,
) -> Result<(), AmountOverflow> {
    if standing == RowRole::Footer {
        count.ledger.footer += row.lines;
        return Ok(());
    }
    count.records += 1;
    if let Some(bad) = &row.bad {
        count.ledger.quarantined += row.lines;
        count.bad.push((row.row, bad.clone()));
        return Ok(());
    }
    let Some(dim) = row.dim else { return Ok(()) };
    let quantity = row.quantity.unwrap_or_default();
    let amount = row.amount.unwrap_or_default();
    late.slice
        .push((&row.key, key_number), dim, row.place, quantity, amount)?;
    late.tally
        .add((&row.key, key_number), dim, quantity, amount);
    count.ledger.records += 1;
    count.ledger.continuation += row.lines - 1;
    count.flagged += u64::from(row.is_flagged);
    Ok(())
}

fn aside_rows(plan: &Plan, sums: BTreeMap<(usize, Currency), (u64, Amount)>) -> Vec<AsideRows> {
    let mut all: Vec<AsideRows> = Vec::new();
    for ((rule, currency), (rows, amount)) in sums {
        let because = &plan.rows[rule].because;
        let index = all
            .iter()
            .position(|a| a.because == *because)
            .unwrap_or_else(|| {
                all.push(AsideRows {
                    because: because.clone(),
                    rows: 0,
                    amounts: Vec::new(),
                });
                all.len() - 1
            });
        all[index].rows += rows;
        all[index].amounts.push((currency, amount));
    }
    all
}

/// Compares what the file states with what was read; sums of several currencies are not comparable.
fn compare(
    stated: Vec<StatedTotal>,
    cube: &Cube,
    quarantine: &[Quarantined],
    records: u64,
) -> Result<Vec<ControlTotal>, AmountOverflow> {
    if stated.is_empty() {
        return Ok(Vec::new());
    }
    let mut amounts: AmountSums<Currency> = AmountSums::new();
    let mut quantity = Amount::ZERO;
    for cell in cube.cells() {
        amounts.add(cube.dims[cell.dim as usize].currency, cell.amount)?;
        quantity = quantity.plus(cell.quantity)?;
    }
    for bad in quarantine {
        if !bad.amount.is_zero() {
            amounts.add(bad.currency, bad.amount)?;
        }
        quantity = quantity.plus(bad.quantity)?;
    }
    let single = if amounts.len() <= 1 {
        Some(amounts.amounts().next().unwrap_or_default())
    } else {
        None
    };
    let records = i64::try_from(records).unwrap_or(i64::MAX);
    Ok(stated
        .into_iter()
        .map(|total| {
            let read = match total.kind {
                ControlKind::Rows => Some(Amount::from_integer(records)),
                ControlKind::Quantity => Some(quantity),
                ControlKind::Amount => single,
            };
            ControlTotal {
                agrees: read.zip(total.value).map(|(read, stated)| read == stated),
                read: read.map(|r| r.to_string()),
                stated: total.value.map_or(total.text, |v| v.to_string()),
                label: total.label,
                kind: total.kind,
            }
        })
        .collect())
}
