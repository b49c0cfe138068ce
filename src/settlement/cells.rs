//! The money that is to be settled: cells by track, territory, sale period, usage type, DSP and currency, in one canonical order.
//!
//! Invariant: [`Cells`] do not depend on the order in which cells were given, nor on how often the same cell was. Sales and returns of the
//! same key stay apart, because reserves look at sales alone; each adds up exactly.

use std::cmp::Ordering;
use std::ops::Index;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::slice::ParallelSliceMut;

use crate::ident::{Currency, SalePeriod, Territory};
use crate::money::{Amount, AmountOverflow};
use crate::settlement::suspense::SuspenseReason;
use crate::terms::contracts::numbers;

/// What was used: a track, or a release as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Work {
    /// The label's id of the track; empty for money that no track is known for.
    pub track: String,
    /// Releases that it is on, parted by `;`.
    pub release: String,
    /// Label.
    pub label: String,
}

impl Work {
    /// Stands in the place of a track for money that a decision ignores.
    pub const IGNORED: &str = "(ignored)";
    /// Stands in the place of a track for money of rows in quarantine.
    pub const QUARANTINED: &str = "(quarantined)";

    /// Why its money waits whatever contracts say; `None` for works that contracts are asked about.
    pub(super) fn waits(&self) -> Option<SuspenseReason> {
        match self.track.as_str() {
            Self::IGNORED => Some(SuspenseReason::Ignored),
            Self::QUARANTINED => Some(SuspenseReason::Quarantined),
            "" if self.release.is_empty() && self.label.is_empty() => {
                Some(SuspenseReason::NotMatched)
            }
            _ => None,
        }
    }
}

/// Everything else that a cell is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dim {
    /// Currency of the amount.
    pub currency: Currency,
    /// Number of the sale period.
    pub period: u32,
    /// Number of the statement.
    pub statement: u32,
    /// Number of the DSP.
    pub dsp: u32,
    /// Number of the territory.
    pub territory: u32,
    /// Number of the usage type.
    pub usage: u32,
    /// Number of the set of flags.
    pub flags: u32,
    /// Whether amount and currency are those that reached the bank, not those that were reported.
    pub is_received: bool,
}

/// One sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Number of the work.
    pub work: u32,
    /// Number of the combination.
    pub dim: u32,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

impl Line {
    /// Whether money goes back.
    #[must_use]
    pub fn is_return(&self) -> bool {
        self.amount.is_negative()
    }
}

/// A cell as it is given.
#[derive(Debug, Clone, Copy, Default)]
pub struct CellText<'a> {
    /// Track, release, label.
    pub work: [&'a str; 3],
    /// Territory in any known spelling.
    pub territory: &'a str,
    /// Sale period.
    pub period: SalePeriod,
    /// Usage type.
    pub usage: &'a str,
    /// DSP.
    pub dsp: &'a str,
    /// Flags, parted by `;`.
    pub flags: &'a str,
    /// Statement.
    pub statement: &'a str,
}

numbers! {
    /// A line of cells, in their canonical order.
    LineNumber of Line;
}

/// All cells in canonical order: tables sorted, lines sorted by work, combination and sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// Works.
    pub works: Vec<Work>,
    /// Combinations.
    pub dims: Vec<Dim>,
    /// Alpha-2 codes, or senders' words.
    pub territories: Vec<String>,
    /// Usage types in lower case.
    pub usages: Vec<String>,
    /// DSPs.
    pub dsps: Vec<String>,
    /// Statements.
    pub statements: Vec<String>,
    /// Sets of flags in lower case, sorted, parted by `;`.
    pub flags: Vec<String>,
    /// Sale periods.
    pub periods: Vec<SalePeriod>,
    /// Sums.
    pub lines: Vec<Line>,
}

type NumberedTexts<K> = HashMap<K, u32, FixedState>;

/// Gathers cells in any order.
#[derive(Debug, Default)]
pub struct CellsBuilder {
    cells: Cells,
    works: NumberedTexts<Work>,
    dims: NumberedTexts<Dim>,
    texts: [NumberedTexts<String>; 5],
    periods: NumberedTexts<SalePeriod>,
    /// The work and combination that came last: neighbors are often alike.
    last_work: u32,
}

fn number<
    K: Clone + std::hash::Hash + Eq,
    Q: ?Sized + std::hash::Hash + hashbrown::Equivalent<K> + ToOwned<Owned = K>,
>(
    numbers: &mut NumberedTexts<K>,
    values: &mut Vec<K>,
    key: &Q,
) -> u32 {
    if let Some(number) = numbers.get(key) {
        return *number;
    }
    let number = u32::try_from(values.len()).expect("there are fewer than 2^32 different names");
    values.push(key.to_owned());
    numbers.insert(key.to_owned(), number);
    number
}

/// Lower case and without blanks around; the usual text as it is.
fn lower(text: &str) -> std::borrow::Cow<'_, str> {
    let text = text.trim();
    if text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'/' | b'0'..=b'9'))
    {
        text.into()
    } else {
        text.to_lowercase().into()
    }
}

fn sorted_flags(text: &str) -> String {
    let mut flags: Vec<String> = text
        .split(';')
        .map(|f| f.trim().to_lowercase())
        .filter(|f| !f.is_empty())
        .collect();
    flags.sort_unstable();
    flags.dedup();
    flags.join(";")
}

impl CellsBuilder {
    /// Adds a cell. Texts are taken without blanks around them, as they are read again from a file.
    pub fn push(
        &mut self,
        text: &CellText<'_>,
        currency: Currency,
        quantity: Amount,
        amount: Amount,
    ) {
        let work = self.work(text.work.map(str::trim));
        let cells = &mut self.cells;
        let [territories, usages, dsps, statements, flags] = &mut self.texts;
        let is_code = matches!(text.territory.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z']);
        let territory = match territories.get(text.territory) {
            Some(known) if is_code => *known,
            _ => number(
                territories,
                &mut cells.territories,
                Territory::parse(text.territory).as_str(),
            ),
        };
        let dim = Dim {
            currency,
            period: number(&mut self.periods, &mut cells.periods, &text.period),
            statement: number(statements, &mut cells.statements, text.statement.trim()),
            dsp: number(dsps, &mut cells.dsps, text.dsp.trim()),
            territory,
            usage: number(usages, &mut cells.usages, &*lower(text.usage)),
            flags: if text.flags.is_empty() {
                number(flags, &mut cells.flags, "")
            } else {
                number(flags, &mut cells.flags, sorted_flags(text.flags).as_str())
            },
            is_received: false,
        };
        let dim = number(&mut self.dims, &mut cells.dims, &dim);
        cells.lines.push(Line {
            work,
            dim,
            quantity,
            amount,
        });
    }

    fn work(&mut self, [track, release, label]: [&str; 3]) -> u32 {
        if let Some(last) = self.cells.works.get(self.last_work as usize)
            && (
                last.track.as_str(),
                last.release.as_str(),
                last.label.as_str(),
            ) == (track, release, label)
        {
            return self.last_work;
        }
        let work = Work {
            track: track.to_owned(),
            release: release.to_owned(),
            label: label.to_owned(),
        };
        self.last_work = number(&mut self.works, &mut self.cells.works, &work);
        self.last_work
    }

    /// The cells in canonical order.
    ///
    /// # Errors
    /// [`AmountOverflow`] when the sum of equal cells leaves the exact range.
    pub fn finish(self) -> Result<Cells, AmountOverflow> {
        Self::finish_all([self])
    }

    /// The cells of several builders, as if one had gathered them.
    ///
    /// # Errors
    /// As for [`CellsBuilder::finish`].
    pub fn finish_all(builders: impl IntoIterator<Item = Self>) -> Result<Cells, AmountOverflow> {
        canonical(builders.into_iter().map(|builder| builder.cells).collect())
    }
}

/// Sorts values and says which number each had before becomes.
fn sort_table<K: Ord + Clone>(tables: Vec<Vec<K>>) -> (Vec<K>, Vec<Vec<u32>>) {
    let mut all: Vec<K> = tables.iter().flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    let maps = tables
        .iter()
        .map(|table| {
            table
                .iter()
                .map(|value| {
                    u32::try_from(
                        all.binary_search(value)
                            .expect("every value is in the table of all"),
                    )
                    .expect("numbers fit 32 bits")
                })
                .collect()
        })
        .collect();
    (all, maps)
}

/// Joins parts that were read apart, and puts everything in order.
fn canonical(mut parts: Vec<Cells>) -> Result<Cells, AmountOverflow> {
    fn take<T>(parts: &mut [Cells], table: impl Fn(&mut Cells) -> &mut Vec<T>) -> Vec<Vec<T>> {
        parts
            .iter_mut()
            .map(|part| std::mem::take(table(part)))
            .collect()
    }
    let (works, work_maps) = sort_table(take(&mut parts, |c| &mut c.works));
    let (territories, territory_maps) = sort_table(take(&mut parts, |c| &mut c.territories));
    let (usages, usage_maps) = sort_table(take(&mut parts, |c| &mut c.usages));
    let (dsps, dsp_maps) = sort_table(take(&mut parts, |c| &mut c.dsps));
    let (statements, statement_maps) = sort_table(take(&mut parts, |c| &mut c.statements));
    let (flags, flag_maps) = sort_table(take(&mut parts, |c| &mut c.flags));
    let (periods, period_maps) = sort_table(take(&mut parts, |c| &mut c.periods));
    for (at, part) in parts.iter_mut().enumerate() {
        for dim in &mut part.dims {
            dim.period = period_maps[at][dim.period as usize];
            dim.statement = statement_maps[at][dim.statement as usize];
            dim.dsp = dsp_maps[at][dim.dsp as usize];
            dim.territory = territory_maps[at][dim.territory as usize];
            dim.usage = usage_maps[at][dim.usage as usize];
            dim.flags = flag_maps[at][dim.flags as usize];
        }
    }
    let (dims, dim_maps) = sort_table(take(&mut parts, |c| &mut c.dims));
    let mut lines = Vec::with_capacity(parts.iter().map(|p| p.lines.len()).sum());
    for (at, part) in parts.into_iter().enumerate() {
        lines.extend(part.lines.into_iter().map(|l| Line {
            work: work_maps[at][l.work as usize],
            dim: dim_maps[at][l.dim as usize],
            ..l
        }));
    }
    // Amounts are part of the order: sums of the same cells in another order could leave the exact range on the way.
    lines.par_sort_unstable_by(|a, b| {
        by_key(a, b).then_with(|| (a.amount, a.quantity).cmp(&(b.amount, b.quantity)))
    });
    let mut merged: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        match merged.last_mut() {
            Some(last) if by_key(last, &line) == Ordering::Equal => {
                last.amount = last.amount.plus(line.amount)?;
                last.quantity = last.quantity.plus(line.quantity)?;
            }
            _ => merged.push(line),
        }
    }
    Ok(Cells {
        works,
        dims,
        territories,
        usages,
        dsps,
        statements,
        flags,
        periods,
        lines: merged,
    })
}

fn by_key(a: &Line, b: &Line) -> Ordering {
    (a.work, a.dim, a.is_return()).cmp(&(b.work, b.dim, b.is_return()))
}

impl Cells {
    /// The currency of a line.
    pub(crate) fn currency(&self, line: LineNumber) -> Currency {
        self.dims[self.lines[line].dim as usize].currency
    }

    /// Codes of releases that were sold as a whole.
    pub fn album_releases(&self) -> impl Iterator<Item = &str> {
        self.works
            .iter()
            .filter(|w| w.track.is_empty() && !w.release.is_empty())
            .map(|w| w.release.as_str())
    }

    /// Stands for all that the cells say.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        self.works
            .iter()
            .flat_map(|w| [&w.track, &w.release, &w.label])
            .for_each(|t| text(t));
        for table in [
            &self.territories,
            &self.usages,
            &self.dsps,
            &self.statements,
            &self.flags,
        ] {
            text(&table.len().to_string());
            table.iter().for_each(|t| text(t));
        }
        self.periods.iter().for_each(|p| text(&p.to_string()));
        for dim in &self.dims {
            text(dim.currency.code());
            let numbers = [
                dim.period,
                dim.statement,
                dim.dsp,
                dim.territory,
                dim.usage,
                dim.flags,
                u32::from(dim.is_received),
            ];
            numbers.into_iter().for_each(|n| text(&n.to_string()));
        }
        for line in &self.lines {
            hasher.update(&line.work.to_le_bytes());
            hasher.update(&line.dim.to_le_bytes());
            hasher.update(&line.quantity.floor_raw().to_le_bytes());
            hasher.update(&line.amount.floor_raw().to_le_bytes());
        }
        // Digits beyond the twentieth are rare; cells without them keep the digest that they had before such digits were kept.
        for (number, line) in (0u64..).zip(&self.lines) {
            if line.quantity.to_narrow().is_none() || line.amount.to_narrow().is_none() {
                hasher.update(&number.to_le_bytes());
                hasher.update(&line.quantity.rest().to_le_bytes());
                hasher.update(&line.amount.rest().to_le_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The last day of the sale periods.
    #[must_use]
    pub fn last_day(&self) -> Option<crate::ident::Day> {
        self.periods
            .iter()
            .filter_map(|p| p.days())
            .map(|(_, last)| last)
            .max()
    }
}
