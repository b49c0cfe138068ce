//! What is prepared once for all questions about the same lines: folded texts in blocks, names as numbers, and the usual order.
//!
//! A line is searched by what it shows: the first spelling of its first item. Texts that differ from line to line (title, version, codes,
//! track ids) stand one after another in one piece of text for each block, so that a search runs over memory and not over lines; texts that
//! many lines share (artist, label, release, payee) are numbers of a list of names.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};
use rayon::slice::ParallelSliceMut;

use super::bits::BLOCK;
use super::field::FilterField;
use super::fold::{code_key, fold, fold_into};
use super::order;
use crate::desk::{Desk, LineId, Lines, Loaded};
use crate::ident::{Currency, Isrc, SalePeriod, Upc, is_not_given};
use crate::matching::Status;
use crate::money::Amount;
use crate::statement::item::Field;

/// What is prepared once for all questions about the same lines.
#[derive(Debug, Default)]
pub struct SearchIndex {
    pub(super) lines: Arc<Lines>,
    pub(super) statements: Arc<Vec<Arc<Loaded>>>,
    /// Folded names of payees by number.
    pub(super) payee_keys: Vec<String>,
    pub(super) blocks: Vec<LineBlock>,
    pub(super) artists: SharedTexts,
    pub(super) labels: SharedTexts,
    pub(super) releases: SharedTexts,
    /// Numbers of the payees of lines that match without a decision, otherwise [`NO_ONE`].
    pub(super) payee_of: Vec<u32>,
    /// How many tracks a line leads to without a decision; 65,535 stands for more.
    pub(super) candidates: Vec<u16>,
    /// The currencies of all lines, sorted.
    pub(super) currencies: Vec<Currency>,
    pub(super) currency_of: Vec<u8>,
    pub(super) places: Places,
    /// All lines in the usual order.
    pub(super) order: Arc<Vec<LineId>>,
    /// Numbers of labels and of DSPs, most money first.
    pub(super) rich_labels: Vec<u32>,
    pub(super) rich_dsps: Vec<u32>,
}

/// Number of no payee.
pub(super) const NO_ONE: u32 = u32::MAX;
/// Between the fields of a line.
pub(super) const FIELD_END: u8 = 0x1F;
/// Between the ids of a line's tracks.
pub(super) const TRACK_END: u8 = 0x1E;
/// Behind the fields of a line.
const LINE_END: u8 = b'\n';

/// The fields that stand in a block's text, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextField {
    Title,
    Version,
    Isrc,
    Upc,
    DspId,
    Tracks,
}

/// The texts of some lines.
#[derive(Debug, Default)]
pub(super) struct LineBlock {
    pub text: Vec<u8>,
    /// Where each line ends, its mark included.
    pub ends: Vec<u32>,
    /// Numbers of territory and period of the lines' cells, for each line upwards.
    spots: Vec<u32>,
    /// The money of those cells.
    amounts: Vec<Amount>,
    /// Where the cells of each line end.
    cell_ends: Vec<u32>,
}

impl LineBlock {
    /// The text of a line, without its mark.
    pub(super) fn line(&self, place: usize) -> &[u8] {
        &self.text[self.start(place)..self.ends[place] as usize - 1]
    }

    /// Where a line begins.
    pub(super) fn start(&self, place: usize) -> usize {
        if place == 0 {
            0
        } else {
            self.ends[place - 1] as usize
        }
    }

    /// The cells of a line: the number of their territory and period, and their money.
    pub(super) fn cells(&self, place: usize) -> impl Iterator<Item = (u32, Amount)> {
        let start = if place == 0 {
            0
        } else {
            self.cell_ends[place - 1] as usize
        };
        let cells = start..self.cell_ends[place] as usize;
        self.spots[cells.clone()]
            .iter()
            .copied()
            .zip(self.amounts[cells].iter().copied())
    }

    /// One field of a line.
    pub(super) fn field(&self, place: usize, field: TextField) -> &str {
        let mut text = self.line(place);
        for _ in 0..field as usize {
            text = memchr::memchr(FIELD_END, text).map_or(&[], |end| &text[end + 1..]);
        }
        let text = memchr::memchr(FIELD_END, text).map_or(text, |end| &text[..end]);
        std::str::from_utf8(text).expect("folded texts are parted between characters")
    }
}

/// Texts that many lines share, by number. Numbers are in the order of the folded texts.
#[derive(Debug, Default)]
pub(super) struct SharedTexts {
    /// As reported; of several spellings the first of the alphabet.
    pub shown: Vec<String>,
    /// Folded.
    pub keys: Vec<String>,
    /// The number of each line's text.
    pub of_line: Vec<u32>,
}

/// The territories, periods and usage types of all statements, as numbers for each statement and combination.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub territories: Vec<String>,
    pub periods: Vec<SalePeriod>,
    /// The periods as they are shown.
    pub period_names: Vec<String>,
    pub usages: Vec<String>,
    /// For each statement, for each combination: territory, period, usage, currency.
    pub of_dims: Vec<Vec<[u32; 4]>>,
    /// Territory and period of all combinations, sorted.
    pub spots: Vec<[u32; 2]>,
    /// For each statement, for each combination: the number of its territory and period.
    spots_of_dims: Vec<Vec<u32>>,
}

impl SearchIndex {
    /// Prepares a desk's lines, on all threads.
    #[must_use]
    pub fn of(desk: &Desk) -> Self {
        let lines = Arc::clone(desk.shared_lines());
        let blocks = lines.len().div_ceil(BLOCK);
        let currencies = lines.distinct_currencies();
        let places = Places::of(desk.statements(), &currencies);
        let mut parts: Vec<BlockPart<'_>> = (0..blocks)
            .into_par_iter()
            .map(|block| BlockPart::of(desk, &places, block))
            .collect();
        let artists: Vec<Local<'_>> = parts
            .iter_mut()
            .map(|p| std::mem::take(&mut p.artists))
            .collect();
        let labels: Vec<Local<'_>> = parts
            .iter_mut()
            .map(|p| std::mem::take(&mut p.labels))
            .collect();
        let releases: Vec<Local<'_>> = parts
            .iter_mut()
            .map(|p| std::mem::take(&mut p.releases))
            .collect();
        let (artists, (labels, releases)) = rayon::join(
            || SharedTexts::merge(artists),
            || {
                rayon::join(
                    || SharedTexts::merge(labels),
                    || SharedTexts::merge(releases),
                )
            },
        );
        let mut index = Self {
            statements: Arc::clone(desk.shared_statements()),
            payee_keys: (0..desk.shared_payees().len() as u32)
                .map(|payee| fold(desk.payee(payee)))
                .collect(),
            artists,
            labels,
            releases,
            payee_of: parts
                .iter()
                .flat_map(|p| p.payees.iter().copied())
                .collect(),
            candidates: parts
                .iter()
                .flat_map(|p| p.candidates.iter().copied())
                .collect(),
            currency_of: numbers_of(&lines, &currencies),
            places,
            currencies,
            blocks: parts.into_iter().map(|p| p.block).collect(),
            lines,
            ..Self::default()
        };
        index.order = Arc::new(order::usual(&index));
        index.rich_labels = index.most_money_first(index.labels.keys.len(), |line| {
            index.labels.of_line[line as usize]
        });
        index.rich_dsps = index.most_money_first(index.lines.dsp_names().len(), |line| {
            index.lines.dsp_number(line)
        });
        index
    }

    /// Whether it is about the lines of this desk.
    #[must_use]
    pub fn fits(&self, desk: &Desk) -> bool {
        Arc::ptr_eq(&self.lines, desk.shared_lines())
    }

    /// The values that a field has on the desk, the most important first.
    pub(super) fn values(&self, field: FilterField) -> Box<dyn Iterator<Item = &str> + '_> {
        match field {
            FilterField::Dsp => Box::new(
                self.rich_dsps
                    .iter()
                    .map(|dsp| self.lines.dsp_names()[*dsp as usize].as_str()),
            ),
            FilterField::Label => Box::new(
                self.rich_labels
                    .iter()
                    .map(|label| self.labels.shown[*label as usize].as_str()),
            ),
            FilterField::Artist => Box::new(self.artists.shown.iter().map(String::as_str)),
            FilterField::Release => Box::new(self.releases.shown.iter().map(String::as_str)),
            FilterField::Currency => Box::new(self.currencies.iter().map(Currency::code)),
            FilterField::Territory => Box::new(self.places.territories.iter().map(String::as_str)),
            FilterField::Usage => Box::new(self.places.usages.iter().map(String::as_str)),
            FilterField::Period => Box::new(self.places.period_names.iter().map(String::as_str)),
            FilterField::File => Box::new(
                self.statements
                    .iter()
                    .map(|statement| statement.record.name.as_str()),
            ),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The block and the place in it of a line.
    pub(super) fn place(&self, line: LineId) -> (&LineBlock, usize) {
        (&self.blocks[line as usize / BLOCK], line as usize % BLOCK)
    }

    /// Names by number, those with most money in any one currency first.
    fn most_money_first(&self, names: usize, number: impl Fn(LineId) -> u32) -> Vec<u32> {
        let mut money: HashMap<(u32, u8), u128> = HashMap::new();
        for line in 0..self.lines.len() as LineId {
            let sum = money
                .entry((number(line), self.currency_of[line as usize]))
                .or_default();
            *sum = sum.saturating_add(self.lines.sum(line).amount.magnitude().units());
        }
        let mut most = vec![0u128; names];
        for ((name, _), sum) in money {
            most[name as usize] = most[name as usize].max(sum);
        }
        let mut order: Vec<u32> = (0..names as u32).collect();
        order.par_sort_by_key(|name| std::cmp::Reverse(most[*name as usize]));
        order
    }
}

fn numbers_of(lines: &Lines, currencies: &[Currency]) -> Vec<u8> {
    (0..lines.len() as LineId)
        .into_par_iter()
        .with_min_len(BLOCK)
        .map(|line| {
            let index = currencies
                .binary_search(&lines.currency(line))
                .expect("every line's currency is among the distinct ones");
            u8::try_from(index).expect("ISO 4217 has fewer than 256 currencies in its tables")
        })
        .collect()
}

/// What one thread prepares of one block.
struct BlockPart<'a> {
    block: LineBlock,
    artists: Local<'a>,
    labels: Local<'a>,
    releases: Local<'a>,
    payees: Vec<u32>,
    candidates: Vec<u16>,
}

/// The names of one block, numbered as they come.
#[derive(Default)]
struct Local<'a> {
    numbers: HashMap<&'a str, u32>,
    names: Vec<&'a str>,
    of_line: Vec<u32>,
}

impl<'a> Local<'a> {
    fn push(&mut self, name: &'a str) {
        let next = self.names.len() as u32;
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
        }
        self.of_line.push(number);
    }
}

impl<'a> BlockPart<'a> {
    fn of(desk: &'a Desk, places: &Places, block: usize) -> Self {
        let lines = block * BLOCK..desk.lines().len().min((block + 1) * BLOCK);
        let mut part = Self {
            block: LineBlock {
                text: Vec::with_capacity(lines.len() * 64),
                ends: Vec::with_capacity(lines.len()),
                ..LineBlock::default()
            },
            artists: Local::default(),
            labels: Local::default(),
            releases: Local::default(),
            payees: Vec::with_capacity(lines.len()),
            candidates: Vec::with_capacity(lines.len()),
        };
        for line in lines {
            part.push(desk, line as LineId);
            part.push_cells(desk, places, line as LineId);
        }
        part.block.text.shrink_to_fit();
        part.block.spots.shrink_to_fit();
        part.block.amounts.shrink_to_fit();
        part
    }

    fn push(&mut self, desk: &'a Desk, line: LineId) {
        let first = desk.lines().first(line);
        let statement = desk.statement(first);
        let item = first.item as usize;
        let field = |field: Field| statement.cube.field(item, field);
        self.artists.push(field(Field::Artist));
        self.labels.push(field(Field::Label));
        self.releases.push(field(Field::Release));
        let base = &statement.base;
        let tracks = base.tracks(item);
        let is_matched = base.why(item).status() == Status::Matched;
        self.payees.push(
            tracks
                .first()
                .filter(|_| is_matched)
                .map_or(NO_ONE, |hit| hit.payee),
        );
        self.candidates
            .push(u16::try_from(tracks.len()).unwrap_or(u16::MAX));
        let text = &mut self.block.text;
        fold_into(field(Field::Title), text);
        text.push(FIELD_END);
        fold_into(field(Field::Version), text);
        text.push(FIELD_END);
        push_isrc(field(Field::Isrc), text);
        text.push(FIELD_END);
        push_upc(field(Field::Upc), text);
        text.push(FIELD_END);
        fold_into(field(Field::DspId), text);
        text.push(FIELD_END);
        push_tracks(tracks.iter().map(|hit| base.id(*hit)), text);
        text.push(LINE_END);
        self.block.ends.push(
            u32::try_from(text.len())
                .expect("a block of lines has less than four gigabytes of text"),
        );
    }
}

impl BlockPart<'_> {
    fn push_cells(&mut self, desk: &Desk, places: &Places, line: LineId) {
        let currency = desk.lines().currency(line);
        let mut cells = Vec::new();
        for member in desk.lines().members(line) {
            let statement = desk.statement(*member);
            let spots = &places.spots_of_dims[member.statement as usize];
            let own = statement
                .cells(member.item as usize)
                .iter()
                .filter(|c| statement.cube.dims[c.dim as usize].currency == currency);
            cells.extend(own.map(|cell| (spots[cell.dim as usize], cell.amount)));
        }
        cells.sort_unstable_by_key(|(spot, _)| *spot);
        self.block.spots.extend(cells.iter().map(|(spot, _)| *spot));
        self.block
            .amounts
            .extend(cells.iter().map(|(_, amount)| *amount));
        self.block.cell_ends.push(
            u32::try_from(self.block.spots.len())
                .expect("a block of lines has fewer than 2^32 cells"),
        );
    }
}

/// Appends an ISRC as twelve small letters and digits, and any other text as its letters and digits.
fn push_isrc(text: &str, out: &mut Vec<u8>) {
    match Isrc::parse(text) {
        Ok(isrc) => out.extend(isrc.to_ascii().map(|b| b.to_ascii_lowercase())),
        Err(_) if is_not_given(text) => {}
        Err(_) => out.extend_from_slice(code_key(text).as_bytes()),
    }
}

/// Appends a release code as fourteen digits, and any other text as its letters and digits.
fn push_upc(text: &str, out: &mut Vec<u8>) {
    match Upc::parse(text) {
        Ok(upc) => {
            let mut rest = upc.to_u64();
            let start = out.len();
            out.extend_from_slice(&[b'0'; 14]);
            for digit in out[start..].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        Err(_) if is_not_given(text) => {}
        Err(_) => out.extend_from_slice(code_key(text).as_bytes()),
    }
}

/// Appends ids of tracks, parted from one another.
pub(super) fn push_tracks<'a>(ids: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    for (index, id) in ids.enumerate() {
        if index > 0 {
            out.push(TRACK_END);
        }
        fold_into(id, out);
    }
}

impl SharedTexts {
    fn merge(parts: Vec<Local<'_>>) -> Self {
        let (spellings, places) = distinct(parts.iter().flat_map(|p| p.names.iter().copied()));
        let keys: Vec<String> = spellings
            .par_iter()
            .with_min_len(1024)
            .map(|name| fold(name))
            .collect();
        let mut order: Vec<u32> = (0..spellings.len() as u32).collect();
        order.par_sort_unstable_by_key(|index| {
            (keys[*index as usize].as_str(), spellings[*index as usize])
        });
        let mut names = Self::default();
        let mut number_of = vec![0u32; spellings.len()];
        for index in order {
            let key = &keys[index as usize];
            if names.keys.last() != Some(key) {
                names.keys.push(key.clone());
                names.shown.push(spellings[index as usize].to_owned());
            }
            number_of[index as usize] = (names.keys.len() - 1) as u32;
        }
        let starts: Vec<usize> = parts
            .iter()
            .scan(0, |end, part| {
                Some(std::mem::replace(end, *end + part.names.len()))
            })
            .collect();
        names.of_line = parts
            .par_iter()
            .zip(&starts)
            .map(|(part, start)| -> Vec<u32> {
                part.of_line
                    .iter()
                    .map(|local| number_of[places[start + *local as usize] as usize])
                    .collect()
            })
            .collect::<Vec<_>>()
            .concat();
        names
    }
}

/// Distinct texts in the order in which they come first, and for each text its place among them.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<&'a str>, Vec<u32>) {
    let mut all = Vec::new();
    let mut numbers = HashMap::new();
    let mut places = Vec::new();
    for text in texts {
        let number = *numbers.entry(text).or_insert_with(|| {
            all.push(text);
            all.len() as u32 - 1
        });
        places.push(number);
    }
    (all, places)
}

impl Places {
    fn of(statements: &[Arc<Loaded>], currencies: &[Currency]) -> Self {
        let dims = || statements.iter().flat_map(|s| s.cube.dims.iter());
        let sorted = |values: &mut dyn Iterator<Item = &str>| {
            let mut values: Vec<String> = values.map(str::to_owned).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let territories = sorted(&mut dims().map(|d| d.territory.as_str()));
        let usages = sorted(&mut dims().map(|d| d.usage.as_str()));
        let mut periods: Vec<_> = dims().map(|d| d.period).collect();
        periods.sort_unstable();
        periods.dedup();
        let number = |found: Result<usize, usize>| found.map_or(u32::MAX, |place| place as u32);
        let of_dims = |statement: &Arc<Loaded>| {
            statement
                .cube
                .dims
                .iter()
                .map(|d| {
                    [
                        number(territories.binary_search(&d.territory)),
                        number(periods.binary_search(&d.period)),
                        number(usages.binary_search(&d.usage)),
                        number(currencies.binary_search(&d.currency)),
                    ]
                })
                .collect()
        };
        let of_dims: Vec<Vec<[u32; 4]>> = statements.iter().map(of_dims).collect();
        let period_names = periods.iter().map(SalePeriod::to_string).collect();
        let spot = |dim: &[u32; 4]| [dim[0], dim[1]];
        let mut spots: Vec<[u32; 2]> = of_dims.iter().flatten().map(spot).collect();
        spots.sort_unstable();
        spots.dedup();
        let spots_of_dims = of_dims
            .iter()
            .map(|dims| {
                dims.iter()
                    .map(|dim| number(spots.binary_search(&spot(dim))))
                    .collect()
            })
            .collect();
        Self {
            territories,
            periods,
            period_names,
            usages,
            of_dims,
            spots,
            spots_of_dims,
        }
    }
}
