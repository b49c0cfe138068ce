//! What the rows of a statement mean, as a multiset that can be compared with that of another statement.
//!
//! Each good row becomes a hash of what it means: recording (ISRC; else the words of its title; else UPC), DSP, territory, sale period, usage,
//! currency, units and money. Separator, marks, order of rows and columns, further columns and packing do not matter. The hashes are added up to
//! a digest of all rows, and a sample of them is kept: all that are small enough, so that two samples hold the same rows where the statements do.
//!
//! Invariant: what comes out does not depend on threads or batches, and stays the same from version to version, since it is kept with the
//! statement.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use serde::{Deserialize, Serialize};

use super::dims::{DimTable, Dims};
use super::item::{Field, split_key};
use crate::ident::{Currency, Isrc, Upc, title_key};
use crate::money::{Amount, AmountOverflow};

/// Most different rows of a sample.
const MOST_SEEN: usize = 32 << 10;
/// A sample that holds fewer rows of a statement says nothing about the others.
const LEAST_SEEN: usize = 16;

// Odd numbers without a pattern (digits of √2, √3, √5, …); what is kept depends on them.
const ITEM: u64 = 0x6A09_E667_F3BC_C909;
const DIM: u64 = 0xBB67_AE85_84CA_A73B;
const UNITS: u64 = 0x3C6E_F372_FE94_F82B;
const MONEY: u64 = 0xA54F_F53A_5F1D_36F1;
const TEXT: u64 = 0x510E_527F_ADE6_82D1;
const MIX: u64 = 0x9B05_688C_2B3E_6C1F;
const WIDE: u64 = 0x1F83_D9AB_FB41_BD6B;

/// Both halves of a product of 128 bits, laid over one another.
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

/// A hash of a text, small and capital letters of ASCII being the same.
fn text_hash(seed: u64, text: &[u8]) -> u64 {
    let mut hash = fold(seed ^ text.len() as u64, TEXT);
    for piece in text.chunks(8) {
        let mut word = [0; 8];
        word[..piece.len()].copy_from_slice(piece);
        word.make_ascii_lowercase();
        hash = fold(hash ^ u64::from_le_bytes(word), MIX);
    }
    hash
}

/// The integers of an amount as two words. A zero behind the first integer says nothing, so that further digits can be added to amounts.
#[derive(Default)]
struct AmountWords {
    low: u64,
    high: u64,
}

impl Hasher for AmountWords {
    fn write(&mut self, bytes: &[u8]) {
        self.low = text_hash(self.low, bytes);
    }

    fn write_i128(&mut self, number: i128) {
        self.low ^= number as u64;
        self.high ^= (number >> 64) as u64;
    }

    fn write_u128(&mut self, number: u128) {
        if number != 0 {
            self.low = fold(
                fold(self.low ^ MIX, WIDE ^ number as u64),
                MIX ^ (number >> 64) as u64,
            );
        }
    }

    fn finish(&self) -> u64 {
        self.low ^ self.high
    }
}

fn words(amount: Amount) -> AmountWords {
    let mut words = AmountWords::default();
    amount.hash(&mut words);
    words
}

/// The hash of a row by those of its item and its dimensions.
fn row_hash(item: u64, dim: u64, quantity: Amount, amount: Amount) -> u64 {
    let units = words(quantity);
    let money = words(amount);
    let used = fold(item ^ units.low, dim ^ units.high);
    fold(used ^ money.low, MONEY ^ money.high)
}

/// The amount so many times.
pub(super) fn times(amount: Amount, mut count: u64) -> Result<Amount, AmountOverflow> {
    let mut sum = Amount::ZERO;
    let mut doubled = amount;
    while count > 0 {
        if count & 1 == 1 {
            sum = sum.plus(doubled)?;
        }
        count >>= 1;
        if count > 0 {
            doubled = doubled.plus(doubled)?;
        }
    }
    Ok(sum)
}

/// What a row is about, and where it was used.
fn item_hash(key: &[u8], dsp_of_all: &str) -> u64 {
    let (dsp, rest) = first_field(key);
    let dsp = text_hash(
        ITEM,
        if dsp.is_empty() {
            dsp_of_all.as_bytes()
        } else {
            dsp
        },
    );
    if let Some(isrc) = isrc(first_field(rest).0) {
        return text_hash(dsp, &isrc);
    }
    let fields = split_key(key);
    let text = |field: Field| String::from_utf8_lossy(fields[field as usize]);
    let title = title_key(&text(Field::Title), &text(Field::Version));
    if !title.is_empty() {
        return text_hash(fold(dsp, UNITS), title.as_bytes());
    }
    // Spreadsheets take leading zeros off.
    let upc = Upc::digits_as_written(&text(Field::Upc));
    text_hash(fold(dsp, WIDE), upc.trim_start_matches('0').as_bytes())
}

/// The first field of a key, and what follows it. Longer fields than those with one byte for their length are not looked at.
fn first_field(key: &[u8]) -> (&[u8], &[u8]) {
    let split = key
        .split_first()
        .filter(|(length, _)| **length < 0x80)
        .and_then(|(length, rest)| rest.split_at_checked(usize::from(*length)));
    split.unwrap_or_else(|| (split_key(key)[0], &[]))
}

/// An ISRC in its usual form; most are written so.
fn isrc(cell: &[u8]) -> Option<[u8; 12]> {
    if let Ok(code) = <[u8; 12]>::try_from(cell) {
        let code = code.map(|byte| byte.to_ascii_uppercase());
        let (prefix, number) = code.split_at(5);
        if prefix[..2].iter().all(u8::is_ascii_uppercase)
            && prefix[2..].iter().all(u8::is_ascii_alphanumeric)
            && number.iter().all(u8::is_ascii_digit)
        {
            return Some(code);
        }
    }
    Isrc::parse_bytes(cell).ok().map(Isrc::to_ascii)
}

fn dim_hash(dims: &Dims, says_period: bool) -> u64 {
    let territory = text_hash(DIM, dims.territory.trim().as_bytes());
    let usage = text_hash(territory, dims.usage.trim().as_bytes());
    // What only the name of a file says is not said by its rows: the file may be renamed.
    let period = if says_period {
        dims.period.to_string()
    } else {
        String::new()
    };
    text_hash(
        text_hash(usage, period.as_bytes()),
        dims.currency.code().as_bytes(),
    )
}

/// Good rows of one file, gathered by one thread.
pub(super) struct RowTally<'a> {
    table: &'a DimTable,
    dsp: &'a str,
    says_period: bool,
    dims: Vec<(u64, Currency)>,
    /// Number and hash of the item's key that came last.
    item: (u64, u64),
    gathered: GatheredRows,
}

impl<'a> RowTally<'a> {
    /// A tally of rows whose numbers of dimensions are those of `table`; `dsp` is the DSP of rows that do not name one.
    pub(super) fn new(table: &'a DimTable, dsp: &'a str, says_period: bool) -> Self {
        Self {
            table,
            dsp,
            says_period,
            dims: Vec::new(),
            item: (u64::MAX, 0),
            gathered: GatheredRows::default(),
        }
    }

    /// Counts a row. Rows with the same key number, one after another, have the same key.
    pub(super) fn add(
        &mut self,
        (key, key_number): (&[u8], u64),
        dim: u32,
        quantity: Amount,
        amount: Amount,
    ) {
        if self.item.0 != key_number {
            self.item = (key_number, item_hash(key, self.dsp));
        }
        if self.dims.len() <= dim as usize {
            self.learn_dims();
        }
        let (dim, currency) = self.dims[dim as usize];
        self.gathered.add(
            row_hash(self.item.1, dim, quantity, amount),
            currency,
            amount,
        );
    }

    fn learn_dims(&mut self) {
        let mut new = Vec::new();
        self.table.copy_from(self.dims.len(), &mut new);
        self.dims.extend(
            new.iter()
                .map(|dims| (dim_hash(dims, self.says_period), dims.currency)),
        );
    }

    /// What was gathered.
    pub(super) fn finish(self) -> GatheredRows {
        self.gathered
    }
}

/// Rows with the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MeantRows {
    hash: u64,
    count: u64,
    currency: Currency,
    /// The money of one of them.
    amount: Amount,
}

/// Rows on their way into a [`Likeness`].
pub(super) struct GatheredRows {
    rows: u64,
    digest: u128,
    level: u8,
    /// The largest hash of the sample.
    limit: u64,
    sample: HashTable<MeantRows>,
}

impl Default for GatheredRows {
    fn default() -> Self {
        Self {
            rows: 0,
            digest: 0,
            level: 0,
            limit: u64::MAX,
            sample: HashTable::new(),
        }
    }
}

/// Where a row lies in the table: the sample has small hashes only, so that their upper bits say little.
fn slot(hash: u64) -> u64 {
    hash.rotate_left(32)
}

impl GatheredRows {
    fn add(&mut self, hash: u64, currency: Currency, amount: Amount) {
        self.rows += 1;
        self.digest = self
            .digest
            .wrapping_add(u128::from(fold(hash ^ TEXT, WIDE)) << 64 | u128::from(hash));
        if hash <= self.limit {
            self.see(MeantRows {
                hash,
                count: 1,
                currency,
                amount,
            });
        }
    }

    fn see(&mut self, seen: MeantRows) {
        match self.sample.entry(
            slot(seen.hash),
            |known| known.hash == seen.hash,
            |known| slot(known.hash),
        ) {
            Entry::Occupied(mut known) => known.get_mut().count += seen.count,
            Entry::Vacant(place) => {
                place.insert(seen);
            }
        }
        while self.sample.len() > MOST_SEEN {
            self.coarsen(self.level + 1);
        }
    }

    fn coarsen(&mut self, level: u8) {
        self.level = level;
        self.limit = u64::MAX >> level;
        self.sample.retain(|seen| seen.hash <= self.limit);
    }

    /// Adds what another thread has gathered.
    pub(super) fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.digest = self.digest.wrapping_add(other.digest);
        if other.level > self.level {
            self.coarsen(other.level);
        }
        for seen in other.sample {
            if seen.hash <= self.limit {
                self.see(seen);
            }
        }
    }

    /// All of it, in order.
    pub(super) fn finish(self) -> Likeness {
        let mut sample: Vec<MeantRows> = self.sample.into_iter().collect();
        sample.sort_unstable_by_key(|seen| seen.hash);
        Likeness {
            rows: self.rows,
            digest: self.digest,
            level: self.level,
            sample,
        }
    }
}

/// What the good rows of a statement mean: how many there are, a digest of all, and a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    rows: u64,
    digest: u128,
    /// The sample has the rows whose hash begins with so many zero bits: all of them at level 0.
    level: u8,
    /// By hash.
    sample: Vec<MeantRows>,
}

/// Money of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// How much.
    pub amount: Amount,
}

/// Rows that are in two statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// How many.
    pub rows: u64,
    /// Their money.
    pub money: Vec<Money>,
    /// Whether both are computed from a sample of large statements, and so only about right.
    pub is_about: bool,
}

/// What a statement has in common with earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowStanding {
    /// Every row is in these earlier ones: it is they once more, or a part of them.
    Again {
        /// Their numbers.
        of: Vec<usize>,
        /// Whether a sample of the rows says so, and not all of them.
        is_about: bool,
    },
    /// More than half of the smaller one's rows are in both, for each of these; usually empty.
    Overlaps(Vec<(usize, Shared)>),
}

/// What the file of a likeness begins with: a mark and the version.
const MAGIC: &[u8; 8] = b"LLROWS01";

impl Likeness {
    /// Name of its file in a statement's folder.
    pub const FILE: &str = "rows.bin";

    /// Good rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How this statement stands to earlier ones.
    ///
    /// # Errors
    /// [`AmountOverflow`] when the money in common leaves the exact range.
    pub fn standing(&self, earlier: &[Self]) -> Result<RowStanding, AmountOverflow> {
        if self.rows == 0 {
            return Ok(RowStanding::Overlaps(Vec::new()));
        }
        let mut common: Vec<(usize, CommonRows)> = earlier
            .iter()
            .enumerate()
            .map(|(n, other)| (n, self.common(&[other])))
            .collect();
        common.retain(|(_, common)| common.seen > 0);
        // The largest part first: few statements explain more than many.
        common.sort_by_key(|(n, common)| (std::cmp::Reverse(common.rows), *n));
        if let Some((n, common)) = common
            .iter()
            .find(|(n, common)| self.is_within(common, &[&earlier[*n]]))
        {
            return Ok(RowStanding::Again {
                of: vec![*n],
                is_about: self.is_about(common, &[&earlier[*n]]),
            });
        }
        // As many rows, and not the same ones, though the sample does not show which: further statements would only hide that.
        let is_other_version = common
            .iter()
            .any(|(n, common)| common.is_all && earlier[*n].rows == self.rows);
        let mut members: Vec<usize> = Vec::new();
        for (n, _) in common.iter().filter(|_| !is_other_version) {
            members.push(*n);
            let others: Vec<&Self> = members.iter().map(|n| &earlier[*n]).collect();
            let together = self.common(&others);
            if self.is_within(&together, &others) {
                let is_about = self.is_about(&together, &others);
                members.sort_unstable();
                return Ok(RowStanding::Again {
                    of: members,
                    is_about,
                });
            }
        }
        let mut overlaps = Vec::new();
        for (n, common) in common {
            let smaller = self.rows.min(earlier[n].rows);
            let has_evidence = common.level == 0 || common.of >= LEAST_SEEN;
            let shared = common.shared(smaller)?;
            if has_evidence && shared.rows > smaller / 2 {
                overlaps.push((n, shared));
            }
        }
        overlaps.sort_by_key(|(n, _)| *n);
        Ok(RowStanding::Overlaps(overlaps))
    }

    /// Whether every row is in the others.
    fn is_within(&self, common: &CommonRows, others: &[&Self]) -> bool {
        let rows: u64 = others.iter().map(|other| other.rows).sum();
        match rows.cmp(&self.rows) {
            std::cmp::Ordering::Less => false,
            // The same number of rows is within only what is the same.
            std::cmp::Ordering::Equal => {
                self.digest
                    == others
                        .iter()
                        .fold(0u128, |sum, other| sum.wrapping_add(other.digest))
            }
            std::cmp::Ordering::Greater => {
                common.is_all && (common.level == 0 || common.of >= LEAST_SEEN)
            }
        }
    }

    /// Whether only a sample says that every row is in the others; a digest of all rows says more.
    fn is_about(&self, common: &CommonRows, others: &[&Self]) -> bool {
        common.level > 0 && others.iter().map(|other| other.rows).sum::<u64>() != self.rows
    }

    /// What the samples have in common, as far as all of them reach.
    fn common(&self, others: &[&Self]) -> CommonRows {
        let level = others
            .iter()
            .map(|other| other.level)
            .fold(self.level, u8::max);
        let limit = u64::MAX.checked_shr(u32::from(level)).unwrap_or(0);
        let mut common = CommonRows {
            level,
            is_all: true,
            seen: 0,
            of: 0,
            rows: 0,
            parts: Vec::new(),
        };
        for seen in self.sample.iter().take_while(|seen| seen.hash <= limit) {
            common.of += 1;
            let count: u64 = others.iter().map(|other| other.count(seen.hash)).sum();
            common.is_all &= count >= seen.count;
            if count > 0 {
                let count = count.min(seen.count);
                common.seen += 1;
                common.rows += count;
                common.parts.push(MeantRows { count, ..*seen });
            }
        }
        // A statement of which the sample has fewer rows is judged by these.
        let of_others = others
            .iter()
            .map(|other| other.sample.partition_point(|seen| seen.hash <= limit))
            .sum();
        common.of = common.of.min(of_others);
        common
    }

    fn count(&self, hash: u64) -> u64 {
        self.sample
            .binary_search_by_key(&hash, |seen| seen.hash)
            .map_or(0, |index| self.sample[index].count)
    }

    /// As it is kept: a mark, rows, digest, level, and the sample in the order of its hashes, each as the difference to the one before.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        push_number(&mut out, self.rows);
        out.extend_from_slice(&self.digest.to_le_bytes());
        out.push(self.level);
        push_number(&mut out, self.sample.len() as u64);
        let mut before = 0;
        for seen in &self.sample {
            push_number(&mut out, seen.hash - before);
            before = seen.hash;
            push_number(&mut out, seen.count);
            out.extend_from_slice(seen.currency.code().as_bytes());
            let mut amount = Vec::new();
            seen.amount.write_to(&mut amount);
            out.push(
                u8::try_from(amount.len()).expect("an amount has fewer than a hundred digits"),
            );
            out.extend_from_slice(&amount);
        }
        out
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` when it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let rows = take_number(&mut rest)?;
        let digest = u128::from_le_bytes(take(&mut rest, 16)?.try_into().ok()?);
        let level = take(&mut rest, 1)?[0];
        let count = usize::try_from(take_number(&mut rest)?)
            .ok()
            .filter(|count| *count <= MOST_SEEN)?;
        let mut sample: Vec<MeantRows> = Vec::with_capacity(count);
        for _ in 0..count {
            let step = take_number(&mut rest)?;
            let hash = sample.last().map_or(Some(step), |last| {
                last.hash.checked_add(step).filter(|_| step > 0)
            })?;
            let count = take_number(&mut rest)?;
            let currency = Currency::parse(std::str::from_utf8(take(&mut rest, 3)?).ok()?).ok()?;
            let length = usize::from(take(&mut rest, 1)?[0]);
            let amount =
                Amount::from_canonical(std::str::from_utf8(take(&mut rest, length)?).ok()?)?;
            sample.push(MeantRows {
                hash,
                count,
                currency,
                amount,
            });
        }
        (rest.is_empty() && level < 64).then_some(Self {
            rows,
            digest,
            level,
            sample,
        })
    }
}

/// What samples have in common.
struct CommonRows {
    level: u8,
    /// Whether nothing of the sample is missing in the others.
    is_all: bool,
    /// Different rows in common.
    seen: usize,
    /// Different rows of the smaller sample.
    of: usize,
    /// Rows in common.
    rows: u64,
    parts: Vec<MeantRows>,
}

impl CommonRows {
    /// What it comes to in all rows, of which there are `most`.
    fn shared(&self, most: u64) -> Result<Shared, AmountOverflow> {
        let factor = 1u64 << self.level;
        let mut money: BTreeMap<Currency, Amount> = BTreeMap::new();
        for part in &self.parts {
            let sum = money.entry(part.currency).or_default();
            *sum = sum.plus(times(part.amount, part.count)?)?;
        }
        let money = money
            .into_iter()
            .map(|(currency, sum)| {
                Ok(Money {
                    currency,
                    amount: times(sum, factor)?,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Shared {
            rows: self.rows.saturating_mul(factor).min(most),
            money,
            is_about: self.level > 0,
        })
    }
}

fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = take(rest, 1)?[0];
        let part = u64::from(byte & 0x7F);
        if shift == 63 && part > 1 {
            return None;
        }
        number |= part << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::item::push_field;
    use super::*;
    use crate::ident::SalePeriod;

    type Row = (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        i64,
        i64,
    );

    fn key(row: &Row) -> Vec<u8> {
        let mut key = Vec::new();
        for field in [row.0, row.1, row.2, "", row.3, "", "Artist", "", "", ""] {
            push_field(&mut key, field.as_bytes());
        }
        key
    }

    fn dims(currency: &str, territory: &str, period: &str) -> Dims {
        Dims {
            currency: Currency::parse(currency).unwrap(),
            territory: territory.into(),
            period: SalePeriod::parse(period, None).unwrap(),
            usage: "Stream".into(),
        }
    }

    /// The likeness of numbered rows: all of one item, each with its own money.
    fn of_numbers(numbers: impl Iterator<Item = u64>, threads: u64) -> Likeness {
        let table = DimTable::default();
        let dim = table.number(dims("USD", "DE", "2026-09"));
        let key = key(&("Spotify", "NLA1Z2600123", "", "", 0, 0));
        let mut tallies: Vec<RowTally<'_>> = (0..threads)
            .map(|_| RowTally::new(&table, "", true))
            .collect();
        for number in numbers {
            let amount = Amount::from_raw(i128::from(number) * 1_000_003);
            tallies[(number.wrapping_mul(0x9E37_79B9) >> 16) as usize % threads as usize].add(
                (&key, 1),
                dim,
                Amount::from_integer(1),
                amount,
            );
        }
        let mut all = GatheredRows::default();
        tallies
            .into_iter()
            .for_each(|tally| all.join(tally.finish()));
        all.finish()
    }

    fn of_rows(rows: &[Row]) -> Likeness {
        let table = DimTable::default();
        let mut tally = RowTally::new(&table, "Spotify", true);
        for (number, row) in rows.iter().enumerate() {
            let dim = table.number(dims("USD", "DE", "2026-09"));
            tally.add(
                (&key(row), number as u64),
                dim,
                Amount::from_integer(row.4),
                Amount::from_raw(row.5.into()),
            );
        }
        tally.finish().finish()
    }

    fn is_again(new: &Likeness, earlier: &[Likeness]) -> Option<Vec<usize>> {
        match new.standing(earlier).unwrap() {
            RowStanding::Again { of, .. } => Some(of),
            RowStanding::Overlaps(_) => None,
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn rows_that_mean_the_same_are_the_same() {
        let base: Row = (
            "Spotify",
            "NLA1Z2600123",
            "0724384960650",
            "Tidewater",
            10,
            125,
        );
        let same: [Row; 5] = [
            ("", "NLA1Z2600123", "0724384960650", "Tidewater", 10, 125),
            (
                "SPOTIFY",
                "nl-a1z-26-00123",
                "0724384960650",
                "Tidewater",
                10,
                125,
            ),
            ("Spotify", "NLA1Z2600123", "7.24E+11", "Tidewater", 10, 125),
            ("Spotify", "NLA1Z2600123", "", "Tidewater (Live)", 10, 125),
            base,
        ];
        let other: [Row; 5] = [
            (
                "Deezer",
                "NLA1Z2600123",
                "0724384960650",
                "Tidewater",
                10,
                125,
            ),
            (
                "Spotify",
                "NLA1Z2600124",
                "0724384960650",
                "Tidewater",
                10,
                125,
            ),
            (
                "Spotify",
                "NLA1Z2600123",
                "0724384960650",
                "Tidewater",
                11,
                125,
            ),
            (
                "Spotify",
                "NLA1Z2600123",
                "0724384960650",
                "Tidewater",
                10,
                126,
            ),
            (
                "Spotify",
                "NLA1Z2600123",
                "0724384960650",
                "Tidewater",
                10,
                -125,
            ),
        ];
        for row in same {
            assert_eq!(of_rows(&[row]), of_rows(&[base]), "{row:?}");
        }
        for row in other {
            assert_eq!(
                is_again(&of_rows(&[row]), &[of_rows(&[base])]),
                None,
                "{row:?}"
            );
        }
        // Units and money do not pass for one another, and neither do title and UPC.
        assert_ne!(
            of_rows(&[("", "", "5", "", 3, 0)]),
            of_rows(&[("", "", "5", "", 0, 3)])
        );
        assert_ne!(
            of_rows(&[("", "", "", "5", 3, 0)]),
            of_rows(&[("", "", "5", "", 3, 0)])
        );
        assert_eq!(
            of_rows(&[("", "", "0085", "", 3, 0)]),
            of_rows(&[("", "", "85", "", 3, 0)])
        );
        assert_eq!(
            of_rows(&[("", "N/A", "1", "Don\u{2019}t Go", 3, 0)]),
            of_rows(&[("", "", "2", "DON'T GO", 3, 0)])
        );
    }

    #[test]
    fn what_is_kept_stays_the_same_from_version_to_version() {
        let kept = of_rows(&[
            ("Spotify", "NLA1Z2600123", "", "Tidewater", 10, 125),
            ("Deezer", "", "", "Low Sun", 1, -7),
        ]);
        assert_eq!(
            blake3::hash(&kept.to_bytes()).to_hex().as_str(),
            "f3f4e93b04bbb5d9c7ba99464ec4348c52c1f5bebc539703721d2c183664e6a6"
        );
    }

    #[test]
    fn it_does_not_depend_on_threads_or_order() {
        let want = of_numbers(0..200_000, 1);
        assert!(
            want.level > 0 && want.sample.len() > MOST_SEEN / 3,
            "{} at level {}",
            want.sample.len(),
            want.level
        );
        assert_eq!(of_numbers(0..200_000, 7), want);
        assert_eq!(of_numbers((0..200_000).rev(), 3), want);
        assert_eq!(Likeness::from_bytes(&want.to_bytes()), Some(want));
    }

    #[test]
    fn what_is_written_reads_back_and_damage_does_not() {
        let bytes = of_rows(&[
            ("a", "NLA1Z2600123", "", "", 1, -125),
            ("b", "", "", "t", 1, 0),
        ])
        .to_bytes();
        assert!(Likeness::from_bytes(&bytes).is_some());
        for length in 0..bytes.len() {
            assert_eq!(Likeness::from_bytes(&bytes[..length]), None);
        }
        assert_eq!(Likeness::from_bytes(&[&bytes[..], b"x"].concat()), None);
    }

    #[test]
    fn the_whole_a_part_and_a_union_are_recognized_also_by_samples() {
        for size in [100, 300_000] {
            let whole = of_numbers(0..size, 2);
            let (head, tail) = (of_numbers(0..size / 3, 2), of_numbers(size / 3..size, 2));
            let other = of_numbers(size * 5..size * 6, 2);
            assert_eq!(
                is_again(&whole, &[other.clone(), whole.clone()]),
                Some(vec![1])
            );
            assert_eq!(
                is_again(&head, &[other.clone(), whole.clone()]),
                Some(vec![1])
            );
            assert_eq!(
                is_again(&whole, &[head.clone(), other.clone(), tail.clone()]),
                Some(vec![0, 2])
            );
            assert_eq!(is_again(&whole, std::slice::from_ref(&head)), None);
            assert_eq!(is_again(&whole, &[other, head]), None);
        }
    }

    #[test]
    fn one_row_that_differs_makes_another_statement() {
        for size in [3, 100, 300_000] {
            let whole = of_numbers(0..size, 2);
            let changed = of_numbers((1..size).chain([size * 9]), 2);
            assert_eq!(
                is_again(&changed, std::slice::from_ref(&whole)),
                None,
                "{size}"
            );
            let RowStanding::Overlaps(overlaps) = changed.standing(&[whole]).unwrap() else {
                panic!()
            };
            assert_eq!(overlaps.len(), 1, "{size}");
            assert!(
                overlaps[0].1.rows.abs_diff(size - 1) <= size / 50,
                "{size}: {}",
                overlaps[0].1.rows
            );
        }
    }

    #[test]
    fn the_same_row_twice_is_not_once() {
        let row: Row = ("Spotify", "NLA1Z2600123", "", "", 1, 5);
        assert_eq!(is_again(&of_rows(&[row, row]), &[of_rows(&[row])]), None);
        assert_eq!(
            is_again(&of_rows(&[row]), &[of_rows(&[row, row])]),
            Some(vec![0])
        );
        assert_eq!(
            is_again(&of_rows(&[row, row]), &[of_rows(&[row]), of_rows(&[row])]),
            Some(vec![0, 1])
        );
    }

    #[test]
    fn more_than_half_of_the_smaller_is_an_overlap_with_its_money() {
        let overlap =
            |new: std::ops::Range<u64>, old: std::ops::Range<u64>| match of_numbers(new, 1)
                .standing(&[of_numbers(old, 1)])
                .unwrap()
            {
                RowStanding::Overlaps(overlaps) => {
                    overlaps.into_iter().map(|(_, shared)| shared).next()
                }
                RowStanding::Again { .. } => panic!("not the same"),
            };
        assert_eq!(overlap(0..10, 5..100), None);
        let shared = overlap(0..10, 4..100).unwrap();
        let money = Amount::from_raw((4..10).sum::<i128>() * 1_000_003);
        assert_eq!(
            shared,
            Shared {
                rows: 6,
                money: vec![Money {
                    currency: Currency::parse("USD").unwrap(),
                    amount: money
                }],
                is_about: false
            }
        );
        // An earlier one that is wholly within the new one.
        assert_eq!(overlap(0..10, 3..6).unwrap().rows, 3);
        // A small part of a large statement is too little to say anything of.
        assert_eq!(
            is_again(&of_numbers(0..20, 1), &[of_numbers(0..400_000, 2)]),
            None
        );
    }

    #[test]
    fn an_amount_many_times_is_its_sum() {
        let amount = Amount::from_raw(-123_456_789);
        for count in [0, 1, 2, 3, 7, 1000] {
            assert_eq!(
                times(amount, count),
                Amount::sum(std::iter::repeat_n(amount, count as usize))
            );
        }
        assert_eq!(
            times(Amount::from_integer(i64::MAX / 16), 1 << 40),
            Err(AmountOverflow)
        );
    }
}
