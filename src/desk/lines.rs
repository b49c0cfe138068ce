//! Lines: what a person reviews. One line is an item at one DSP in one currency, over all statements and spellings.
//!
//! Lines stand in the order of their items' codes, so their numbers depend on nothing but what was reported. They are columns of equal
//! length: a table of ten million lines is a handful of vectors.

use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use foldhash::HashMap;
use foldhash::fast::FixedState;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};
use rayon::slice::ParallelSliceMut;

use super::Loaded;
use crate::ident::{Currency, Isrc};
use crate::matching::{Status, Why};
use crate::money::{Amount, AmountOverflow};
use crate::payout::{Total, Totals};
use crate::review::ItemCode;

/// Number of a line; it holds for one [`Lines`] only.
pub type LineId = u32;

/// An item of one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemRef {
    /// Place of the statement among those loaded.
    pub statement: u32,
    /// Number of the item in it.
    pub item: u32,
}

/// Sums of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineSum {
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

/// All lines.
#[derive(Debug, Default)]
pub struct Lines {
    codes: Vec<ItemCode>,
    dsps: Vec<u32>,
    currencies: Vec<Currency>,
    whys: Vec<Why>,
    sums: Vec<LineSum>,
    members: Vec<ItemRef>,
    member_ends: Vec<u32>,
    dsp_names: Vec<String>,
    /// Lines by their ISRC.
    by_isrc: Vec<(Isrc, LineId)>,
}

/// What makes two items one line; the order of lines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LineKey {
    code: ItemCode,
    dsp: u32,
    currency: Currency,
    why: Why,
    tracks: u64,
}

struct LineEntry {
    key: LineKey,
    item: ItemRef,
    sum: LineSum,
}

impl Lines {
    /// Groups the items of all statements.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn of(statements: &[Arc<Loaded>]) -> Result<Self, AmountOverflow> {
        let (dsp_names, dsp_numbers) = dsp_names(statements);
        let mut entries: Vec<LineEntry> = Vec::new();
        for (index, statement) in statements.iter().enumerate() {
            let items = statement.cube.items();
            let parts: Vec<Vec<LineEntry>> = (0..items.div_ceil(CHUNK))
                .into_par_iter()
                .map(|start| {
                    entries_of(
                        statement,
                        index as u32,
                        start * CHUNK..items.min((start + 1) * CHUNK),
                        &dsp_numbers,
                    )
                })
                .collect::<Result<_, _>>()?;
            entries.reserve_exact(parts.iter().map(Vec::len).sum());
            entries.extend(parts.into_iter().flatten());
        }
        let mut lines = Self {
            dsp_names,
            ..Self::default()
        };
        lines.reserve(entries.len());
        let mut last: Option<LineKey> = None;
        for index in order_of(&entries) {
            let entry = &entries[index as usize];
            if last != Some(entry.key) {
                lines.begin(entry.key);
                last = Some(entry.key);
            }
            lines.add(entry)?;
        }
        lines.index(statements);
        Ok(lines)
    }

    fn reserve(&mut self, lines: usize) {
        self.codes.reserve_exact(lines);
        self.dsps.reserve_exact(lines);
        self.currencies.reserve_exact(lines);
        self.whys.reserve_exact(lines);
        self.sums.reserve_exact(lines);
        self.members.reserve_exact(lines);
        self.member_ends.reserve_exact(lines);
    }

    /// Totals by currency and status before anybody decides.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub(super) fn totals(&self) -> Result<Totals, AmountOverflow> {
        let currencies = self.distinct_currencies();
        let mut sums = vec![[Total::default(); Status::ALL.len()]; currencies.len()];
        for line in 0..self.len() as LineId {
            let currency = currencies
                .binary_search(&self.currency(line))
                .expect("every line's currency is among the distinct ones");
            sums[currency][self.base_why(line).status() as usize].add(&self.total(line))?;
        }
        Ok(currencies
            .into_iter()
            .zip(sums)
            .flat_map(|(currency, sums)| {
                Status::ALL
                    .into_iter()
                    .zip(sums)
                    .map(move |(s, t)| ((currency, s), t))
            })
            .filter(|(_, total)| total.rows > 0)
            .collect())
    }

    /// The currencies of all lines, sorted.
    #[must_use]
    pub fn distinct_currencies(&self) -> Vec<Currency> {
        let mut all: Vec<Currency> = Vec::new();
        for &currency in &self.currencies {
            if let Err(place) = all.binary_search(&currency) {
                all.insert(place, currency);
            }
        }
        all
    }

    /// What a line adds to totals.
    pub(super) fn total(&self, line: LineId) -> Total {
        let sum = self.sum(line);
        Total {
            rows: sum.rows,
            items: self.members(line).len() as u64,
            quantity: sum.quantity,
            amount: sum.amount,
        }
    }

    fn begin(&mut self, key: LineKey) {
        self.codes.push(key.code);
        self.dsps.push(key.dsp);
        self.currencies.push(key.currency);
        self.whys.push(key.why);
        self.sums.push(LineSum::default());
        self.member_ends.push(self.members.len() as u32);
    }

    fn add(&mut self, entry: &LineEntry) -> Result<(), AmountOverflow> {
        self.members.push(entry.item);
        let line = self.sums.len() - 1;
        self.member_ends[line] =
            u32::try_from(self.members.len()).expect("fewer than 2^32 items are loaded");
        self.sums[line].add(&entry.sum)
    }

    fn index(&mut self, statements: &[Arc<Loaded>]) {
        let mut by_isrc: Vec<(Isrc, LineId)> = (0..self.len() as LineId)
            .into_par_iter()
            .with_min_len(4096)
            .filter_map(|line| {
                let item = self.first(line);
                statements[item.statement as usize]
                    .isrc(item.item as usize)
                    .map(|isrc| (isrc, line))
            })
            .collect();
        by_isrc.par_sort_unstable();
        self.by_isrc = by_isrc;
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The item's code.
    #[must_use]
    pub fn code(&self, line: LineId) -> ItemCode {
        self.codes[line as usize]
    }

    /// The DSP, as written in reports.
    #[must_use]
    pub fn dsp(&self, line: LineId) -> &str {
        &self.dsp_names[self.dsps[line as usize] as usize]
    }

    /// The number of the DSP in [`Self::dsp_names`].
    #[must_use]
    pub fn dsp_number(&self, line: LineId) -> u32 {
        self.dsps[line as usize]
    }

    /// All DSPs, sorted.
    #[must_use]
    pub fn dsp_names(&self) -> &[String] {
        &self.dsp_names
    }

    /// The currency of the sums.
    #[must_use]
    pub fn currency(&self, line: LineId) -> Currency {
        self.currencies[line as usize]
    }

    /// Why it has its status before anybody decides.
    #[must_use]
    pub fn base_why(&self, line: LineId) -> Why {
        self.whys[line as usize]
    }

    /// Why all lines have their status before anybody decides.
    pub(crate) fn base_whys(&self) -> &[Why] {
        &self.whys
    }

    /// Rows, units and money.
    #[must_use]
    pub fn sum(&self, line: LineId) -> &LineSum {
        &self.sums[line as usize]
    }

    /// Its items: one for each statement and spelling.
    #[must_use]
    pub fn members(&self, line: LineId) -> &[ItemRef] {
        let start = if line == 0 {
            0
        } else {
            self.member_ends[line as usize - 1] as usize
        };
        &self.members[start..self.member_ends[line as usize] as usize]
    }

    /// The item that stands for it: the first of the first statement.
    #[must_use]
    pub fn first(&self, line: LineId) -> ItemRef {
        self.members(line)[0]
    }

    /// The lines of an item, at all DSPs.
    #[must_use]
    pub fn of_code(&self, code: ItemCode) -> std::ops::Range<LineId> {
        let start = self.codes.partition_point(|c| *c < code);
        let end = start + self.codes[start..].partition_point(|c| *c == code);
        start as LineId..end as LineId
    }

    /// The lines that are reported with an ISRC.
    pub fn of_isrc(&self, isrc: Isrc) -> impl Iterator<Item = LineId> {
        let start = self.by_isrc.partition_point(|(i, _)| *i < isrc);
        self.by_isrc[start..]
            .iter()
            .take_while(move |(i, _)| *i == isrc)
            .map(|(_, line)| *line)
    }
}

impl LineSum {
    /// Adds another sum.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn add(&mut self, other: &Self) -> Result<(), AmountOverflow> {
        self.rows += other.rows;
        self.quantity = self.quantity.plus(other.quantity)?;
        self.amount = self.amount.plus(other.amount)?;
        Ok(())
    }
}

fn dsp_names(statements: &[Arc<Loaded>]) -> (Vec<String>, HashMap<String, u32>) {
    let mut names: Vec<String> = Vec::new();
    for statement in statements {
        let mut own: Vec<&str> = Vec::new();
        for item in 0..statement.cube.items() {
            // Reports name few DSPs, mostly the same as the row before.
            let dsp = statement.dsp(item);
            if own.last() != Some(&dsp) {
                own.push(dsp);
                if own.len() > 4096 {
                    own.sort_unstable();
                    own.dedup();
                }
            }
        }
        names.extend(own.into_iter().map(str::to_owned));
    }
    names.sort_unstable();
    names.dedup();
    let numbers = names.iter().cloned().zip(0..).collect();
    (names, numbers)
}

/// Items that one thread takes in one go.
const CHUNK: usize = 4096;

/// The entries of some items: one for each currency in which an item is reported.
fn entries_of(
    statement: &Loaded,
    place: u32,
    items: Range<usize>,
    dsps: &HashMap<String, u32>,
) -> Result<Vec<LineEntry>, AmountOverflow> {
    let mut entries: Vec<LineEntry> = Vec::with_capacity(items.len());
    for item in items {
        let first = entries.len();
        let mut key = LineKey {
            code: statement.codes[item],
            dsp: dsps[statement.dsp(item)],
            currency: Currency::NONE,
            why: statement.base.why(item),
            tracks: tracks_hash(statement, item),
        };
        for cell in statement.cells(item) {
            key.currency = statement.cube.dims[cell.dim as usize].currency;
            let sum = LineSum {
                rows: cell.rows,
                quantity: cell.quantity,
                amount: cell.amount,
            };
            // Cells are sorted by dimension, and dimensions by currency first.
            match entries[first..].last_mut() {
                Some(last) if last.key.currency == key.currency => last.sum.add(&sum)?,
                _ => entries.push(LineEntry {
                    key,
                    item: ItemRef {
                        statement: place,
                        item: item as u32,
                    },
                    sum,
                }),
            }
        }
    }
    Ok(entries)
}

/// The places of the entries in the order of lines. Codes are nearly always different, so only they and the places are moved.
fn order_of(entries: &[LineEntry]) -> impl Iterator<Item = u32> {
    assert!(
        u32::try_from(entries.len()).is_ok(),
        "fewer than 2^32 items are loaded"
    );
    let mut order: Vec<(ItemCode, u32)> = entries
        .par_iter()
        .with_min_len(CHUNK)
        .enumerate()
        .map(|(place, e)| (e.key.code, place as u32))
        .collect();
    let rest = |place: u32| (&entries[place as usize].key, entries[place as usize].item);
    order.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rest(a.1).cmp(&rest(b.1))));
    order.into_iter().map(|(_, place)| place)
}

/// Items with the same code can lead to different tracks, for label and duration are not part of the code.
fn tracks_hash(statement: &Loaded, item: usize) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    for hit in statement.base.tracks(item) {
        statement.base.id(*hit).hash(&mut hasher);
    }
    hasher.finish()
}
