//! The cube of a statement: its items and cells, in memory and as Parquet files.
//!
//! Everything after reading works on it, never on rows. Sums are exact: `Decimal(38, 20)` in the files, and a column of its own for money
//! beyond the twentieth digit, which only those cubes have that need it: others cost nothing for it, and their files have no such column.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use polars::prelude::{
    Column, DataFrame, DataType, Int128Chunked, IntoColumn, IntoSeries, NewChunkedArray,
    ParquetCompression, ParquetReader, ParquetWriter, PolarsError, PolarsResult, SerReader,
    StatisticsOptions, StringChunked, UInt32Chunked, UInt64Chunked,
};

use super::StatementError;
use super::dims::Dims;
use super::item::{Field, push_field, split_key};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, SCALE};

/// The distinct things reported and their exact sums.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cube {
    /// The fields of all items, one after another.
    text: String,
    /// Where each field ends in `text`; ten for each item.
    field_ends: Vec<u64>,
    /// 0-based record in which each item occurs first.
    pub first_rows: Vec<u64>,
    /// Combinations of territory, period, usage and currency, sorted.
    pub dims: Vec<Dims>,
    /// Sums by item and dimension, sorted by both.
    cells: Vec<NarrowCell>,
    /// What the money of each cell has beyond the twentieth digit, in 10^-58ths; empty when that is nothing in all of them.
    rests: Vec<u128>,
}

/// Sums of the rows of one item under one combination of dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Number of the item.
    pub item: u32,
    /// Number of the combination.
    pub dim: u32,
    /// Rows.
    pub rows: u64,
    /// Units.
    pub quantity: Amount,
    /// Money, in the currency of the combination.
    pub amount: Amount,
}

/// A cell as it is kept: sums as 10^-20ths, rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NarrowCell {
    pub item: u32,
    pub dim: u32,
    pub rows: u64,
    pub quantity: i128,
    pub amount: i128,
}

// A statement can have a hundred million cells.
const _: () = assert!(size_of::<NarrowCell>() == 48);

/// Which item and combination a cell is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Number of the item.
    pub item: u32,
    /// Number of the combination.
    pub dim: u32,
}

/// Neighboring cells of a cube.
#[derive(Debug, Clone, Copy)]
pub struct CubeCells<'a> {
    cells: &'a [NarrowCell],
    rests: &'a [u128],
}

impl<'a> CubeCells<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.cells.is_empty()
    }

    /// One after another.
    #[must_use]
    pub fn iter(self) -> CellIter<'a> {
        CellIter {
            cells: self.cells.iter(),
            rests: self.rests.iter(),
        }
    }

    /// Those from one place to another.
    #[must_use]
    pub fn part(self, places: Range<usize>) -> Self {
        Self {
            cells: &self.cells[places.clone()],
            rests: if self.rests.is_empty() {
                self.rests
            } else {
                &self.rests[places]
            },
        }
    }

    /// Runs of cells of which each is the same as the one before it, with where the first of each is.
    pub fn chunk_by(
        self,
        is_same: impl Fn(Spot, Spot) -> bool + 'a,
    ) -> impl Iterator<Item = (Spot, Self)> + 'a {
        let spot = |cell: &NarrowCell| Spot {
            item: cell.item,
            dim: cell.dim,
        };
        let mut start = 0;
        self.cells
            .chunk_by(move |a, b| is_same(spot(a), spot(b)))
            .map(move |run| {
                let places = start..start + run.len();
                start = places.end;
                (spot(&run[0]), self.part(places))
            })
    }
}

/// The cells of [`CubeCells`], one after another.
#[derive(Debug, Clone)]
pub struct CellIter<'a> {
    cells: std::slice::Iter<'a, NarrowCell>,
    /// As long as the cells, or empty.
    rests: std::slice::Iter<'a, u128>,
}

impl Iterator for CellIter<'_> {
    type Item = Cell;

    fn next(&mut self) -> Option<Cell> {
        Some(wide(self.cells.next()?, self.rests.next()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.cells.size_hint()
    }
}

impl DoubleEndedIterator for CellIter<'_> {
    fn next_back(&mut self) -> Option<Cell> {
        Some(wide(self.cells.next_back()?, self.rests.next_back()))
    }
}

impl ExactSizeIterator for CellIter<'_> {}

fn wide(cell: &NarrowCell, rest: Option<&u128>) -> Cell {
    let amount = match rest {
        Some(rest) => Amount::from_parts(cell.amount, *rest)
            .expect("rests are looked at when a cube is made or read"),
        None => Amount::from_raw(cell.amount),
    };
    Cell {
        item: cell.item,
        dim: cell.dim,
        rows: cell.rows,
        quantity: Amount::from_raw(cell.quantity),
        amount,
    }
}

impl<'a> IntoIterator for CubeCells<'a> {
    type Item = Cell;
    type IntoIter = CellIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Cube {
    /// Appends an item by its key. Keys are made of cells that were checked to be UTF-8; anything else would be a fault of the program.
    pub(super) fn push_item(&mut self, key: &[u8], first_row: u64) {
        for field in split_key(key) {
            self.text.push_str(
                std::str::from_utf8(field)
                    .expect("cells are checked to be UTF-8 before they become part of a key"),
            );
            self.field_ends.push(self.text.len() as u64);
        }
        self.first_rows.push(first_row);
    }

    /// A cube from its parts, for measurements and tests: fields of items in [`Field::ALL`] order; combinations sorted; cells sorted by item
    /// and combination. Units have at most twenty digits after the point, as those of statements do.
    #[must_use]
    pub fn of_parts<'a>(
        items: impl Iterator<Item = [&'a str; FIELDS]>,
        dims: Vec<Dims>,
        cells: Vec<Cell>,
    ) -> Self {
        let mut cube = Self {
            dims,
            ..Self::default()
        };
        cube.set_cells(
            cells
                .iter()
                .map(|cell| NarrowCell {
                    item: cell.item,
                    dim: cell.dim,
                    rows: cell.rows,
                    quantity: cell
                        .quantity
                        .to_narrow()
                        .expect("units have at most twenty digits after the point"),
                    amount: cell.amount.floor_raw(),
                })
                .collect(),
            cells.iter().map(|cell| cell.amount.rest()).collect(),
        );
        for (row, fields) in items.enumerate() {
            for field in fields {
                cube.text.push_str(field);
                cube.field_ends.push(cube.text.len() as u64);
            }
            cube.first_rows.push(row as u64);
        }
        cube
    }

    /// One cube of items that were put together apart.
    pub(super) fn joined(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        all.text
            .reserve_exact(parts.iter().map(|part| part.text.len()).sum());
        all.field_ends
            .reserve_exact(parts.iter().map(|part| part.field_ends.len()).sum());
        all.first_rows
            .reserve_exact(parts.iter().map(|part| part.first_rows.len()).sum());
        for part in parts {
            let before = all.text.len() as u64;
            all.text.push_str(&part.text);
            all.field_ends
                .extend(part.field_ends.iter().map(|end| end + before));
            all.first_rows.extend_from_slice(&part.first_rows);
        }
        all
    }

    /// Sums by item and dimension, sorted by both.
    #[must_use]
    pub fn cells(&self) -> CubeCells<'_> {
        CubeCells {
            cells: &self.cells,
            rests: &self.rests,
        }
    }

    /// Takes cells, sorted by item and dimension, and what each has beyond the twentieth digit, if any has.
    pub(super) fn set_cells(&mut self, cells: Vec<NarrowCell>, rests: Vec<u128>) {
        assert!(
            rests.is_empty() || rests.len() == cells.len(),
            "each cell has a rest, or none has"
        );
        self.cells = cells;
        self.rests = if rests.iter().all(|rest| *rest == 0) {
            Vec::new()
        } else {
            rests
        };
    }

    /// How many items there are.
    #[must_use]
    pub fn items(&self) -> usize {
        self.first_rows.len()
    }

    /// One field of an item, as the DSP wrote it.
    #[must_use]
    pub fn field(&self, item: usize, field: Field) -> &str {
        let index = item * FIELDS + field as usize;
        let start = if index == 0 {
            0
        } else {
            self.field_ends[index - 1] as usize
        };
        &self.text[start..self.field_ends[index] as usize]
    }

    /// The fields of an item, in [`Field::ALL`] order.
    #[must_use]
    pub fn fields(&self, item: usize) -> [&str; FIELDS] {
        Field::ALL.map(|field| self.field(item, field))
    }

    /// The key by which rows find their item.
    pub(crate) fn key_into(&self, item: usize, key: &mut Vec<u8>) {
        key.clear();
        for field in Field::ALL {
            push_field(key, self.field(item, field).as_bytes());
        }
    }

    /// Whether an item has this key.
    pub(crate) fn has_key(&self, item: usize, key: &[u8]) -> bool {
        split_key(key)
            .into_iter()
            .zip(Field::ALL)
            .all(|(part, field)| part == self.field(item, field).as_bytes())
    }

    /// Writes the three files of the cube into a folder and gives their hashes. On several threads it takes two, and leaves the
    /// others to whatever else is to be done meanwhile.
    ///
    /// # Errors
    /// [`StatementError::Cube`] when a file cannot be written.
    pub fn write(
        &self,
        folder: &Path,
        threads: usize,
    ) -> Result<Vec<(&'static str, blake3::Hash)>, StatementError> {
        let write = |name: &'static str,
                     rows: usize,
                     frame: &dyn Fn(Range<usize>) -> PolarsResult<DataFrame>| {
            let path = folder.join(name);
            let hash = write_parquet(&path, rows, frame).map_err(|e| StatementError::Cube {
                file: path,
                reason: e.to_string(),
            })?;
            Ok((name, hash))
        };
        let items = || write(ITEMS, self.items(), &|rows| self.items_frame(rows));
        let others = || {
            [
                write(CELLS, self.cells.len(), &|rows| self.cells_frame(rows)),
                write(DIMS, self.dims.len(), &|rows| self.dims_frame(rows)),
            ]
        };
        if threads == 1 {
            return std::iter::once(items()).chain(others()).collect();
        }
        std::thread::scope(|scope| {
            let items = scope.spawn(items);
            let others = others();
            let items = items
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            std::iter::once(items).chain(others).collect()
        })
    }

    /// Reads a cube that was written.
    ///
    /// # Errors
    /// [`StatementError::Cube`] when a file is missing or damaged.
    pub fn read(folder: &Path) -> Result<Self, StatementError> {
        let read = |name: &str| {
            let path = folder.join(name);
            read_parquet(&path).map_err(|e| StatementError::Cube {
                file: path,
                reason: e.to_string(),
            })
        };
        let mut cube = Self::default();
        let fail = |name: &str, e: PolarsError| StatementError::Cube {
            file: folder.join(name),
            reason: e.to_string(),
        };
        cube.take_items(&read(ITEMS)?).map_err(|e| fail(ITEMS, e))?;
        cube.take_dims(&read(DIMS)?).map_err(|e| fail(DIMS, e))?;
        cube.take_cells(&read(CELLS)?).map_err(|e| fail(CELLS, e))?;
        let is_sound = cube
            .cells
            .iter()
            .all(|c| (c.item as usize) < cube.items() && (c.dim as usize) < cube.dims.len());
        if !is_sound {
            return Err(StatementError::Cube {
                file: folder.join(CELLS),
                reason: "a cell names an item or dimension that does not exist".into(),
            });
        }
        Ok(cube)
    }

    fn items_frame(&self, items: Range<usize>) -> PolarsResult<DataFrame> {
        let mut columns: Vec<Column> = Field::ALL
            .iter()
            .map(|field| {
                StringChunked::from_iter_values(
                    field.name().into(),
                    items.clone().map(|i| self.field(i, *field)),
                )
                .into_series()
                .into_column()
            })
            .collect();
        columns.push(
            UInt64Chunked::from_slice("first_row".into(), &self.first_rows[items.clone()])
                .into_series()
                .into_column(),
        );
        DataFrame::new(items.len(), columns)
    }

    fn dims_frame(&self, dims: Range<usize>) -> PolarsResult<DataFrame> {
        let dims = &self.dims[dims];
        let text = |name: &str, value: fn(&Dims) -> String| {
            StringChunked::from_iter_values(name.into(), dims.iter().map(value))
                .into_series()
                .into_column()
        };
        let columns = vec![
            text("currency", |d| d.currency.to_string()),
            text("territory", |d| d.territory.clone()),
            text("sale_period", |d| d.period.to_string()),
            text("usage_type", |d| d.usage.clone()),
        ];
        DataFrame::new(dims.len(), columns)
    }

    fn cells_frame(&self, cells: Range<usize>) -> PolarsResult<DataFrame> {
        let rests = if self.rests.is_empty() {
            &[]
        } else {
            &self.rests[cells.clone()]
        };
        let cells = &self.cells[cells];
        let decimal = |name: &str, value: fn(&NarrowCell) -> i128| -> PolarsResult<Column> {
            let raw = Int128Chunked::from_iter_values(name.into(), cells.iter().map(value));
            Ok(raw
                .into_decimal(38, SCALE as usize)?
                .into_series()
                .into_column())
        };
        let mut columns = vec![
            UInt32Chunked::from_iter_values("item".into(), cells.iter().map(|c| c.item))
                .into_series()
                .into_column(),
            UInt32Chunked::from_iter_values("dim".into(), cells.iter().map(|c| c.dim))
                .into_series()
                .into_column(),
            UInt64Chunked::from_iter_values("rows".into(), cells.iter().map(|c| c.rows))
                .into_series()
                .into_column(),
            decimal("quantity", |c| c.quantity)?,
            decimal("amount", |c| c.amount)?,
        ];
        if !self.rests.is_empty() {
            let raw = Int128Chunked::from_iter_values(
                AMOUNT_REST.into(),
                rests.iter().map(|rest| *rest as i128),
            );
            columns.push(raw.into_decimal(38, 0)?.into_series().into_column());
        }
        DataFrame::new(cells.len(), columns)
    }

    fn take_items(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let columns = Field::ALL
            .iter()
            .map(|f| frame.column(f.name())?.str())
            .collect::<PolarsResult<Vec<_>>>()?;
        let mut values: Vec<_> = columns.iter().map(|c| c.iter()).collect();
        let first_rows = frame.column("first_row")?.u64()?;
        self.field_ends.reserve_exact(frame.height() * FIELDS);
        for first_row in first_rows.iter() {
            for value in &mut values {
                self.text
                    .push_str(value.next().flatten().unwrap_or_default());
                self.field_ends.push(self.text.len() as u64);
            }
            self.first_rows.push(first_row.unwrap_or_default());
        }
        Ok(())
    }

    fn take_dims(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let column = |name: &str| frame.column(name)?.str();
        let currency = column("currency")?;
        let territory = column("territory")?;
        let period = column("sale_period")?;
        let usage = column("usage_type")?;
        for row in 0..frame.height() {
            let bad =
                |what: &str| PolarsError::ComputeError(format!("{what} cannot be read").into());
            self.dims.push(Dims {
                currency: Currency::parse(currency.get(row).unwrap_or_default())
                    .map_err(|_| bad("a currency"))?,
                territory: territory.get(row).unwrap_or_default().to_owned(),
                period: SalePeriod::from_canonical(period.get(row).unwrap_or_default())
                    .ok_or_else(|| bad("a sale period"))?,
                usage: usage.get(row).unwrap_or_default().to_owned(),
            });
        }
        Ok(())
    }

    fn take_cells(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let decimal = |name: &str| -> PolarsResult<Int128Chunked> {
            let column = frame.column(name)?;
            if column.dtype() != &DataType::Decimal(38, SCALE as usize) {
                return Err(PolarsError::ComputeError(
                    "a sum is no Decimal(38, 20)".into(),
                ));
            }
            Ok(column.decimal()?.physical().clone())
        };
        let item = frame.column("item")?.u32()?;
        let dim = frame.column("dim")?.u32()?;
        let rows = frame.column("rows")?.u64()?;
        let quantity = decimal("quantity")?;
        let amount = decimal("amount")?;
        let missing = [
            item.null_count(),
            dim.null_count(),
            rows.null_count(),
            quantity.null_count(),
            amount.null_count(),
        ]
        .iter()
        .any(|n| *n > 0);
        if missing {
            return Err(PolarsError::ComputeError(
                "a cell has an empty value".into(),
            ));
        }
        let sums = quantity.into_no_null_iter().zip(amount.into_no_null_iter());
        let heads = item
            .into_no_null_iter()
            .zip(dim.into_no_null_iter())
            .zip(rows.into_no_null_iter());
        let cells = heads
            .zip(sums)
            .map(|(((item, dim), rows), (quantity, amount))| NarrowCell {
                item,
                dim,
                rows,
                quantity,
                amount,
            })
            .collect();
        self.set_cells(cells, rests_of(frame)?);
        Ok(())
    }
}

/// Fields of an item.
const FIELDS: usize = Field::ALL.len();

/// Name of the items' file in a cube's folder.
pub const ITEMS: &str = "items.parquet";
/// Name of the cells' file.
pub const CELLS: &str = "cells.parquet";
/// Name of the dimensions' file.
pub const DIMS: &str = "dims.parquet";

/// The column of what money has beyond the twentieth digit, in 10^-58ths. Files of cubes without such money do not have it.
const AMOUNT_REST: &str = "amount_rest";

/// What each cell of a file has beyond the twentieth digit; nothing when the file has no column for it.
fn rests_of(frame: &DataFrame) -> PolarsResult<Vec<u128>> {
    let Ok(column) = frame.column(AMOUNT_REST) else {
        return Ok(Vec::new());
    };
    let bad = || PolarsError::ComputeError("a rest is no Decimal(38, 0) from 0 to 10^38".into());
    if column.dtype() != &DataType::Decimal(38, 0) || column.null_count() > 0 {
        return Err(bad());
    }
    let rests = column.decimal()?.physical().clone();
    rests
        .into_no_null_iter()
        .map(|rest| {
            u128::try_from(rest)
                .ok()
                .filter(|rest| Amount::from_parts(0, *rest).is_some())
                .ok_or_else(bad)
        })
        .collect()
}

/// Rows that are put into columns and written together.
const ROW_GROUP: usize = 256 << 10;

fn write_parquet(
    path: &Path,
    rows: usize,
    frame: &dyn Fn(Range<usize>) -> PolarsResult<DataFrame>,
) -> PolarsResult<blake3::Hash> {
    let mut file = HashedFile {
        file: File::create(path)?,
        hasher: blake3::Hasher::new(),
    };
    let mut out = BufWriter::with_capacity(1 << 20, &mut file);
    let writer = ParquetWriter::new(&mut out)
        .with_compression(ParquetCompression::Lz4Raw)
        .with_statistics(StatisticsOptions::empty())
        .set_parallel(false);
    let mut writer = writer.batched(frame(0..0)?.schema())?;
    for start in (0..rows).step_by(ROW_GROUP) {
        writer.write_batch(&frame(start..rows.min(start + ROW_GROUP))?)?;
    }
    writer.finish()?;
    drop(writer);
    out.flush()?;
    drop(out);
    file.file.sync_all()?;
    Ok(file.hasher.finalize())
}

/// A file, and the hash of what is written into it.
struct HashedFile {
    file: File,
    hasher: blake3::Hasher,
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn read_parquet(path: &Path) -> PolarsResult<DataFrame> {
    ParquetReader::new(File::open(path)?).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube_with(amounts: &[&str]) -> Cube {
        let dims = vec![Dims {
            currency: Currency::NONE,
            territory: "DE".into(),
            period: SalePeriod::UNKNOWN,
            usage: String::new(),
        }];
        let items = (0..amounts.len()).map(|_| [""; FIELDS]);
        let cell = |(item, amount): (u32, &&str)| {
            let amount = Amount::from_canonical(amount).unwrap();
            Cell {
                item,
                dim: 0,
                rows: 1,
                quantity: Amount::from_integer(2),
                amount,
            }
        };
        Cube::of_parts(items, dims, (0u32..).zip(amounts).map(cell).collect())
    }

    fn columns_of(folder: &Path) -> Vec<String> {
        read_parquet(&folder.join(CELLS))
            .unwrap()
            .get_column_names()
            .iter()
            .map(|name| name.to_string())
            .collect()
    }

    #[test]
    fn every_digit_is_read_back_and_only_cubes_that_need_it_have_the_column() {
        let narrow = ["item", "dim", "rows", "quantity", "amount"];
        let cases: [(&[&str], bool); 3] = [
            (&["1.5", "-0.00000000000000000001", "0"], false),
            (
                &[
                    "1.5",
                    "-0.0000000000000000000000000000000000000000000000000000000001",
                    "0",
                ],
                true,
            ),
            (
                &[
                    "0.0186728975848186227451855789361133903342",
                    "-7.123456789012345678901",
                    "3",
                ],
                true,
            ),
        ];
        for (amounts, has_rests) in cases {
            let folder = tempfile::tempdir().unwrap();
            let cube = cube_with(amounts);
            cube.write(folder.path(), 1).unwrap();
            let again = Cube::read(folder.path()).unwrap();
            assert!(again == cube, "{amounts:?}");
            let forwards: Vec<String> = again
                .cells()
                .iter()
                .map(|cell| cell.amount.to_string())
                .collect();
            assert_eq!(forwards, amounts);
            let backwards: Vec<String> = again
                .cells()
                .iter()
                .rev()
                .map(|cell| cell.amount.to_string())
                .collect();
            assert!(backwards.iter().rev().eq(&forwards));
            assert_eq!(
                again
                    .cells()
                    .part(1..2)
                    .iter()
                    .next()
                    .map(|cell| cell.amount.to_string())
                    .as_deref(),
                Some(amounts[1])
            );
            let runs: Vec<(u32, usize)> = again
                .cells()
                .chunk_by(|a, b| a.dim == b.dim)
                .map(|(spot, run)| (spot.item, run.len()))
                .collect();
            assert_eq!(runs, [(0, 3)]);
            let alone = again.cells().chunk_by(|a, b| a.item == b.item);
            assert!(
                alone
                    .map(|(spot, run)| run.iter().all(|cell| cell.item == spot.item))
                    .eq([true; 3])
            );
            let want: Vec<&str> = narrow
                .into_iter()
                .chain(has_rests.then_some(AMOUNT_REST))
                .collect();
            assert_eq!(columns_of(folder.path()), want);
        }
    }

    #[test]
    fn a_rest_that_is_none_is_no_cube() {
        let folder = tempfile::tempdir().unwrap();
        let mut cube = cube_with(&["1", "2"]);
        cube.rests = vec![0, 10u128.pow(crate::money::REST_SCALE)];
        // 10^38 has one digit more than the column, and written past it would be read as one of the twentieth digit.
        assert!(cube.write(folder.path(), 1).is_err() || Cube::read(folder.path()).is_err());
    }
}
