//! Good rows into items and cells, from many threads at once, with exact sums.
//!
//! Items are parted by the hash of their key; a thread folds a slice of rows group by group and holds one group's lock at a time.
//! What comes out is put into the order of the file, so that it does not depend on who came first.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};
use std::hash::BuildHasher;

use super::cube::{Cube, NarrowCell};
use super::dims::Dims;
use super::spread::{BatchIndex, BatchMask};
use crate::money::{Amount, AmountOverflow, REST_SCALE};
use parking_lot::Mutex;

const SHARDS: usize = 64;
/// Rows that are folded together: enough to spread the cost of the locks, few enough to stay in the cache.
const SLICE_ROWS: usize = 8192;
/// Items that one thread puts in order in one go.
const ORDER_ITEMS: usize = 16 << 10;
/// No cell.
const NONE: u32 = u32::MAX;
/// No rest. Rests of a slice have numbers below the number of its rows.
const NO_REST: u16 = u16::MAX;
const _: () = assert!(SLICE_ROWS < NO_REST as usize);
/// So many 10^-58ths are one of the twentieth digit.
const REST_UNIT: u128 = 10u128.pow(REST_SCALE);
/// Cells of an item that are looked through one by one; further ones are found by their hash.
const CHAIN_CELLS: u32 = 48;

/// The sums of one statement while it is read.
pub(super) struct Fold {
    shards: Vec<Mutex<Shard>>,
    hasher: FixedState,
}

/// Some of the items with their cells. The cells of an item form a chain; they are mostly found, and lie, in the order of the file.
#[derive(Default)]
struct Shard {
    slots: HashTable<ItemSlot>,
    items: Vec<FoldedItem>,
    keys: Vec<u8>,
    cells: Vec<ChainCell>,
    /// What the money of cells has beyond the twentieth digit; cells behind the last of these have nothing there. Hardly any file has such
    /// money, so it stands beside the cells.
    rests: Vec<u128>,
    long: HashTable<LongSlot>,
}

/// Where an item is; half of its key's hash tells nearly all others apart.
struct ItemSlot {
    hash: u32,
    number: u32,
}

struct FoldedItem {
    first_row: u64,
    key_end: usize,
    /// The batches that it stands in.
    spread: BatchMask,
    first_cell: u32,
    last_cell: u32,
    cells: u32,
}

struct ChainCell {
    next: u32,
    dim: u32,
    rows: u64,
    /// Both in 10^-20ths.
    quantity: i128,
    amount: i128,
}

/// A cell of an item that has many.
struct LongSlot {
    item: u32,
    dim: u32,
    cell: u32,
}

impl LongSlot {
    fn hash(&self) -> u64 {
        spread(u64::from(self.item) << 32 | u64::from(self.dim))
    }
}

/// Spreads a number over 64 bits (an odd multiplier, then the high half folded in).
fn spread(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}

/// The batch of a row, by its place.
fn batch_of(place: u64) -> u32 {
    (place >> 32) as u32
}

impl Shard {
    fn key(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 {
            0
        } else {
            self.items[number - 1].key_end
        };
        &self.keys[start..self.items[number].key_end]
    }

    /// Adds rows. First all their items are found, then their cells: the look-ups of different items wait for the memory together.
    fn take<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r FoldRow> + Clone,
        (keys, rests): (&[u8], &[u128]),
        items: &mut Vec<u32>,
    ) -> Result<(), AmountOverflow> {
        items.clear();
        let mut last = ((NONE, 0), 0);
        for row in rows.clone() {
            // The same item in another batch is looked up again, so that it is marked there too.
            let here = (row.key_start, batch_of(row.place));
            if last.0 != here {
                let key = &keys[row.key_start as usize..row.key_end as usize];
                last = (here, self.item(row.hash as u32, key, row.place));
            }
            items.push(last.1);
        }
        self.fetch(items);
        let mut last = (NONE, NONE);
        for (row, &item) in rows.zip(&*items) {
            if last.0 != item {
                last = (item, NONE);
            }
            self.add(item, row, &mut last.1)?;
            if row.rest != NO_REST {
                self.add_rest(last.1, rests[usize::from(row.rest)])?;
            }
        }
        Ok(())
    }

    /// Adds what a row has beyond the twentieth digit to the cell that the row was added to.
    fn add_rest(&mut self, cell: u32, rest: u128) -> Result<(), AmountOverflow> {
        if self.rests.len() <= cell as usize {
            self.rests.resize(cell as usize + 1, 0);
        }
        add_rest(
            &mut self.rests[cell as usize],
            &mut self.cells[cell as usize].amount,
            rest,
        )
    }

    /// Reads a cell of each item for no other purpose than to have it in the cache: none of these reads has to wait for another.
    fn fetch(&self, items: &[u32]) {
        let first_cells = items
            .iter()
            .map(|&item| self.items[item as usize].first_cell);
        let sum = first_cells
            .filter_map(|cell| self.cells.get(cell as usize))
            .fold(0, |sum: u32, cell| sum.wrapping_add(cell.dim));
        std::hint::black_box(sum);
    }

    fn item(&mut self, hash: u32, key: &[u8], place: u64) -> u32 {
        let wide = spread(u64::from(hash));
        let found = self
            .slots
            .find(wide, |slot| {
                slot.hash == hash && self.key(slot.number) == key
            })
            .map(|slot| slot.number);
        if let Some(number) = found {
            let first = &mut self.items[number as usize].first_row;
            *first = (*first).min(place);
            self.items[number as usize].spread.add(batch_of(place));
            return number;
        }
        let number = u32::try_from(self.items.len())
            .expect("a shard holds fewer than 2^32 items: their keys alone would fill the memory");
        self.keys.extend_from_slice(key);
        let item = FoldedItem {
            first_row: place,
            key_end: self.keys.len(),
            spread: BatchMask::of(batch_of(place)),
            first_cell: NONE,
            last_cell: NONE,
            cells: 0,
        };
        self.items.push(item);
        self.slots
            .insert_unique(wide, ItemSlot { hash, number }, |slot| {
                spread(u64::from(slot.hash))
            });
        number
    }

    /// Adds a row to its cell; `before` is the cell of the same item that was added to last, and becomes this one.
    fn add(&mut self, item: u32, row: &FoldRow, before: &mut u32) -> Result<(), AmountOverflow> {
        let found = self.find(item, row.dim, *before);
        if found == NONE {
            *before = self.append(item, row)?;
            return Ok(());
        }
        *before = found;
        let cell = &mut self.cells[found as usize];
        cell.rows += u64::from(row.rows);
        cell.quantity = cell
            .quantity
            .checked_add(row.quantity)
            .ok_or(AmountOverflow)?;
        cell.amount = cell.amount.checked_add(row.amount).ok_or(AmountOverflow)?;
        Ok(())
    }

    /// The cell of an item and a combination of dimensions. Rows of an item mostly come in an order in which they came before, so
    /// the search begins behind the cell that was found last.
    fn find(&self, item: u32, dim: u32, before: u32) -> u32 {
        let chain = &self.items[item as usize];
        if chain.cells > CHAIN_CELLS {
            let wanted = LongSlot {
                item,
                dim,
                cell: NONE,
            };
            return self
                .long
                .find(wanted.hash(), |slot| slot.item == item && slot.dim == dim)
                .map_or(NONE, |slot| slot.cell);
        }
        if before == NONE {
            return self.search(chain.first_cell, NONE, dim);
        }
        match self.search(self.cells[before as usize].next, NONE, dim) {
            NONE => self.search(chain.first_cell, before, dim),
            found => found,
        }
    }

    /// Looks through a chain from one cell to another, both included.
    fn search(&self, from: u32, to: u32, dim: u32) -> u32 {
        let mut at = from;
        while at != NONE {
            let cell = &self.cells[at as usize];
            if cell.dim == dim {
                return at;
            }
            at = if at == to { NONE } else { cell.next };
        }
        NONE
    }

    fn append(&mut self, item: u32, row: &FoldRow) -> Result<u32, AmountOverflow> {
        let number = u32::try_from(self.cells.len())
            .ok()
            .filter(|n| *n != NONE)
            .ok_or(AmountOverflow)?;
        self.cells.push(ChainCell {
            next: NONE,
            dim: row.dim,
            rows: u64::from(row.rows),
            quantity: row.quantity,
            amount: row.amount,
        });
        let chain = &mut self.items[item as usize];
        match chain.last_cell {
            NONE => chain.first_cell = number,
            last => self.cells[last as usize].next = number,
        }
        chain.last_cell = number;
        chain.cells += 1;
        if chain.cells > CHAIN_CELLS {
            // All cells when there are one too many, then each new one.
            let first = if chain.cells == CHAIN_CELLS + 1 {
                chain.first_cell
            } else {
                number
            };
            self.index(item, first);
        }
        Ok(number)
    }

    fn index(&mut self, item: u32, first: u32) {
        let mut at = first;
        while at != NONE {
            let cell = &self.cells[at as usize];
            let slot = LongSlot {
                item,
                dim: cell.dim,
                cell: at,
            };
            self.long.insert_unique(slot.hash(), slot, LongSlot::hash);
            at = cell.next;
        }
    }
}

/// A good row on its way into the fold.
#[derive(Clone, Copy)]
struct FoldRow {
    hash: u64,
    key_start: u32,
    key_end: u32,
    dim: u32,
    /// Rows of the same item and dimension that follow one another in a batch.
    rows: u16,
    /// The number among the slice's rests of what its money has beyond the twentieth digit, or [`NO_REST`].
    rest: u16,
    place: u64,
    /// Both in 10^-20ths.
    quantity: i128,
    amount: i128,
}

// One line of the cache.
const _: () = assert!(size_of::<FoldRow>() == 64);

/// Adds digits beyond the twentieth; when they make one of the twentieth, it goes to the amount.
fn add_rest(sum: &mut u128, amount: &mut i128, rest: u128) -> Result<(), AmountOverflow> {
    *sum += rest;
    if *sum >= REST_UNIT {
        *sum -= REST_UNIT;
        *amount = amount.checked_add(1).ok_or(AmountOverflow)?;
    }
    Ok(())
}

/// Collects the good rows of one thread and folds them slice by slice.
pub(super) struct FoldSlice<'a> {
    fold: &'a Fold,
    keys: Vec<u8>,
    rows: Vec<FoldRow>,
    /// What the money of some of the rows has beyond the twentieth digit.
    rests: Vec<u128>,
    order: Vec<u32>,
    /// The numbers of the items of one shard's rows.
    items: Vec<u32>,
    key_number: u64,
}

/// An item's place in the file, and where it is found.
type ItemPlace = (u64, u32, u32);

impl Fold {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: FixedState::default(),
        }
    }

    /// The cube: items in the order of their first rows, cells sorted by item and dimension; and the batches of its items.
    pub(super) fn finish(self, dims: Vec<Dims>, batch_rows: &[u64]) -> (Cube, BatchIndex) {
        let shards: Vec<Shard> = self.shards.into_iter().map(|s| s.into_inner()).collect();
        let mut order: Vec<ItemPlace> = shards
            .iter()
            .enumerate()
            .flat_map(|(shard, s)| {
                s.items
                    .iter()
                    .enumerate()
                    .map(move |(number, item)| (item.first_row, shard as u32, number as u32))
            })
            .collect();
        order.par_sort_unstable();
        // Dimensions in the order of their values.
        let mut dim_order: Vec<u32> = (0..dims.len() as u32).collect();
        dim_order.par_sort_unstable_by(|&a, &b| dims[a as usize].cmp(&dims[b as usize]));
        let mut dim_numbers = vec![0u32; dims.len()];
        for (new_number, &old) in dim_order.iter().enumerate() {
            dim_numbers[old as usize] = new_number as u32;
        }
        let parts: Vec<Cube> = order
            .par_chunks(ORDER_ITEMS)
            .map(|places| items_in_order(&shards, places, batch_rows))
            .collect();
        let mut cube = Cube::joined(parts);
        cube.dims = dim_order
            .iter()
            .map(|&old| dims[old as usize].clone())
            .collect();
        let (cells, rests) = cells_in_order(&shards, &order, &dim_numbers);
        cube.set_cells(cells, rests);
        let spreads = order
            .par_iter()
            .map(|&(_, shard, number)| shards[shard as usize].items[number as usize].spread)
            .collect();
        shards.into_par_iter().for_each(drop);
        (cube, BatchIndex::new(spreads))
    }

    pub(super) fn slice(&self) -> FoldSlice<'_> {
        FoldSlice {
            fold: self,
            keys: Vec::new(),
            rows: Vec::with_capacity(SLICE_ROWS),
            rests: Vec::new(),
            order: Vec::with_capacity(SLICE_ROWS),
            items: Vec::new(),
            key_number: 0,
        }
    }
}

fn items_in_order(shards: &[Shard], places: &[ItemPlace], batch_rows: &[u64]) -> Cube {
    let mut part = Cube::default();
    for &(place, shard, number) in places {
        let row_index = batch_rows[batch_of(place) as usize] + (place & 0xFFFF_FFFF);
        part.push_item(shards[shard as usize].key(number), row_index);
    }
    part
}

/// The cells of all items, in the order of the items, then of the dimensions, and what each has beyond the twentieth digit, if any has.
fn cells_in_order(
    shards: &[Shard],
    order: &[ItemPlace],
    dim_numbers: &[u32],
) -> (Vec<NarrowCell>, Vec<u128>) {
    let item_of = |&(_, shard, number): &ItemPlace| &shards[shard as usize].items[number as usize];
    let counts: Vec<usize> = order
        .par_chunks(ORDER_ITEMS)
        .map(|places| {
            places
                .iter()
                .map(|index| item_of(index).cells as usize)
                .sum()
        })
        .collect();
    let mut cells = vec![NarrowCell::default(); counts.iter().sum()];
    let has_rests = shards.iter().any(|shard| !shard.rests.is_empty());
    let mut rests = vec![0; if has_rests { cells.len() } else { 0 }];
    let mut rest = cells.as_mut_slice();
    let mut rest_of_rests = rests.as_mut_slice();
    let mut pieces = Vec::with_capacity(counts.len());
    for (number, (places, count)) in order.chunks(ORDER_ITEMS).zip(counts).enumerate() {
        let (piece, others) = rest.split_at_mut(count);
        let (piece_of_rests, other_rests) =
            rest_of_rests.split_at_mut(if has_rests { count } else { 0 });
        pieces.push((number * ORDER_ITEMS, places, piece, piece_of_rests));
        (rest, rest_of_rests) = (others, other_rests);
    }
    pieces
        .into_par_iter()
        .for_each(|(first_item, places, piece, rests)| {
            let mut filled = 0;
            for (item, index) in (first_item as u32..).zip(places) {
                let start = filled;
                let shard = &shards[index.1 as usize];
                let chain = &shard.cells;
                let mut at = item_of(index).first_cell;
                while at != NONE {
                    let ChainCell {
                        next,
                        dim,
                        rows,
                        quantity,
                        amount,
                    } = chain[at as usize];
                    piece[filled] = NarrowCell {
                        item,
                        dim: dim_numbers[dim as usize],
                        rows,
                        quantity,
                        amount,
                    };
                    filled += 1;
                    at = next;
                }
                let own = &mut piece[start..filled];
                own.sort_unstable_by_key(|cell| cell.dim);
                if has_rests {
                    place_rests(
                        shard,
                        item_of(index).first_cell,
                        dim_numbers,
                        own,
                        &mut rests[start..filled],
                    );
                }
            }
        });
    (cells, rests)
}

/// Puts the rests of an item's cells where the cells are after they were sorted by dimension.
fn place_rests(
    shard: &Shard,
    first_cell: u32,
    dim_numbers: &[u32],
    cells: &[NarrowCell],
    rests: &mut [u128],
) {
    let mut at = first_cell;
    while at != NONE {
        let ChainCell { next, dim, .. } = shard.cells[at as usize];
        if let Some(rest) = shard.rests.get(at as usize).filter(|rest| **rest > 0) {
            let place = cells.binary_search_by_key(&dim_numbers[dim as usize], |cell| cell.dim);
            rests[place.expect("all cells of the item are there")] = *rest;
        }
        at = next;
    }
}

impl FoldSlice<'_> {
    /// Takes a row; `place` is its batch in the upper and its row in the lower half. Rows with the same key number have the same key.
    pub(super) fn push(
        &mut self,
        (key, key_number): (&[u8], u64),
        dim: u32,
        place: u64,
        quantity: Amount,
        amount: Amount,
    ) -> Result<(), AmountOverflow> {
        // Units have no more than twenty digits after the point: others are in quarantine.
        let quantity = quantity.to_narrow().ok_or(AmountOverflow)?;
        // Reports are mostly in the order of their items: a row often has the key of the row before.
        let (hash, key_start) = match self.rows.last_mut() {
            Some(last)
                if self.key_number == key_number
                    || self.keys[last.key_start as usize..] == *key =>
            {
                self.key_number = key_number;
                if last.dim == dim
                    && batch_of(last.place) == batch_of(place)
                    && last.rows < u16::MAX
                {
                    last.rows += 1;
                    last.quantity = last.quantity.checked_add(quantity).ok_or(AmountOverflow)?;
                    last.amount = last
                        .amount
                        .checked_add(amount.floor_raw())
                        .ok_or(AmountOverflow)?;
                    if amount.rest() > 0 {
                        return self.add_rest(amount.rest());
                    }
                    return Ok(());
                }
                (last.hash, last.key_start)
            }
            _ => {
                let key_start = self.keys.len() as u32;
                self.keys.extend_from_slice(key);
                (self.fold.hasher.hash_one(key), key_start)
            }
        };
        self.key_number = key_number;
        let key_end = self.keys.len() as u32;
        self.rows.push(FoldRow {
            hash,
            key_start,
            key_end,
            dim,
            rows: 1,
            rest: NO_REST,
            place,
            quantity,
            amount: amount.floor_raw(),
        });
        if amount.rest() > 0 {
            self.add_rest(amount.rest())?;
        }
        if self.rows.len() >= SLICE_ROWS || self.keys.len() > 8 << 20 {
            return self.flush();
        }
        Ok(())
    }

    /// Adds digits beyond the twentieth to the last row.
    fn add_rest(&mut self, rest: u128) -> Result<(), AmountOverflow> {
        let Some(last) = self.rows.last_mut() else {
            return Ok(());
        };
        if last.rest == NO_REST {
            last.rest = self.rests.len() as u16;
            self.rests.push(0);
        }
        add_rest(
            &mut self.rests[usize::from(last.rest)],
            &mut last.amount,
            rest,
        )
    }

    /// Folds what has been collected.
    pub(super) fn flush(&mut self) -> Result<(), AmountOverflow> {
        // Counting sort by shard: the rows of one shard one after another, in their order.
        let shard_of = |hash: u64| (hash >> 32) as usize % SHARDS;
        let mut starts = [0u32; SHARDS + 1];
        for row in &self.rows {
            starts[shard_of(row.hash) + 1] += 1;
        }
        for shard in 0..SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts;
        self.order.clear();
        self.order.resize(self.rows.len(), 0);
        for (index, row) in self.rows.iter().enumerate() {
            let slot = &mut next[shard_of(row.hash)];
            self.order[*slot as usize] = index as u32;
            *slot += 1;
        }
        for shard in 0..SHARDS {
            let members = &self.order[starts[shard] as usize..starts[shard + 1] as usize];
            if members.is_empty() {
                continue;
            }
            let shard = &mut self.fold.shards[shard].lock();
            shard.take(
                members.iter().map(|&index| &self.rows[index as usize]),
                (&self.keys, &self.rests),
                &mut self.items,
            )?;
        }
        self.rows.clear();
        self.keys.clear();
        self.rests.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_batch_of_an_item_is_marked_also_within_a_slice() {
        let fold = Fold::new();
        let mut slice = fold.slice();
        // Ten fields, of which the first names the item.
        let key = |item: u8| {
            (0..10u8).fold(Vec::new(), |mut key, field| {
                super::super::item::push_field(&mut key, &[b'a' + item, b'a' + field]);
                key
            })
        };
        for (item, batch, dim) in [
            (0, 0, 0),
            (0, 3, 0),
            (0, 3, 1),
            (0, 5, 1),
            (1, 5, 0),
            (0, 6, 0),
        ] {
            slice
                .push(
                    (&key(item), u64::from(item) + 1),
                    dim,
                    batch << 32,
                    Amount::from_integer(1),
                    Amount::from_integer(2),
                )
                .unwrap();
        }
        slice.flush().unwrap();
        let dims = ["DE", "FR"].map(|territory| Dims {
            territory: territory.into(),
            ..no_dims()
        });
        let (cube, index) = fold.finish(dims.to_vec(), &[0; 7]);
        assert_eq!(
            cube.cells()
                .iter()
                .map(|cell| (cell.item, cell.dim, cell.rows))
                .collect::<Vec<_>>(),
            [(0, 0, 3), (0, 1, 2), (1, 0, 1)]
        );
        assert_eq!(
            (index.batches_of([0], 8), index.batches_of([1], 8)),
            (vec![0, 3, 5, 6], vec![5])
        );
    }

    fn no_dims() -> Dims {
        Dims {
            currency: crate::ident::Currency::NONE,
            territory: String::new(),
            period: Default::default(),
            usage: String::new(),
        }
    }

    #[test]
    fn cells_are_found_in_chains_short_and_long() {
        let fold = Fold::new();
        let mut slice = fold.slice();
        let mut want = std::collections::BTreeMap::new();
        let mut state = 1u64;
        for row in 0..60_000u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // Item 0 has many cells, the others few; some rows repeat the row before.
            let item = (state >> 33) as u32 % 40;
            let dim = (state >> 40) as u32 % if item == 0 { 300 } else { 1 + item * 2 };
            let mut key = Vec::new();
            for field in 0..10u8 {
                super::super::item::push_field(&mut key, format!("{item}-{field}").as_bytes());
            }
            for _ in 0..1 + (state >> 50) % 3 {
                slice
                    .push(
                        (&key, row + 1),
                        dim,
                        row,
                        Amount::from_integer(1),
                        Amount::from_raw(i128::from(row)),
                    )
                    .unwrap();
                let sum: &mut (u64, i128) = want.entry((item, dim)).or_default();
                *sum = (sum.0 + 1, sum.1 + i128::from(row));
            }
        }
        slice.flush().unwrap();
        let dims: Vec<Dims> = (0..300)
            .map(|dim| Dims {
                currency: crate::ident::Currency::NONE,
                territory: format!("{dim:03}"),
                period: Default::default(),
                usage: String::new(),
            })
            .collect();
        let (cube, _) = fold.finish(dims, &[0]);
        assert!(
            cube.cells()
                .iter()
                .is_sorted_by(|a, b| (a.item, a.dim) < (b.item, b.dim))
        );
        assert!(cube.first_rows.is_sorted());
        let got: std::collections::BTreeMap<_, _> = cube
            .cells()
            .iter()
            .map(|cell| {
                let item: u32 = cube.fields(cell.item as usize)[0]
                    .trim_end_matches("-0")
                    .parse()
                    .unwrap();
                assert_eq!(cell.quantity, Amount::from_integer(cell.rows as i64));
                (
                    (item, cell.dim),
                    (cell.rows, cell.amount.to_narrow().unwrap()),
                )
            })
            .collect();
        assert_eq!(got, want);
    }

    /// A cube of rows that are folded in this order, in slices of so many rows.
    fn cube_of(rows: &[(u32, u32, Amount)], order: &[usize], slice_rows: usize) -> Cube {
        let fold = Fold::new();
        for (number, part) in order.chunks(slice_rows).enumerate() {
            let mut slice = fold.slice();
            for &row in part {
                let (item, dim, amount) = rows[row];
                let mut key = Vec::new();
                (0..10u8).for_each(|field| {
                    super::super::item::push_field(&mut key, format!("{item}-{field}").as_bytes())
                });
                slice
                    .push(
                        (&key, u64::MAX - (number * rows.len() + row) as u64),
                        dim,
                        row as u64,
                        Amount::from_integer(1),
                        amount,
                    )
                    .unwrap();
            }
            slice.flush().unwrap();
        }
        let dims = (0..90)
            .map(|dim| Dims {
                territory: format!("{:03}", 999 - dim),
                ..no_dims()
            })
            .collect();
        fold.finish(dims, &[0]).0
    }

    #[test]
    fn digits_beyond_the_twentieth_add_up_in_any_order_and_slices() {
        let mut state = 7u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let mut rows = Vec::new();
        let mut want: std::collections::BTreeMap<(u32, u32), Amount> =
            std::collections::BTreeMap::new();
        for _ in 0..20_000 {
            let (item, dim) = ((next() % 9) as u32, (next() % 90) as u32);
            let raw = i128::from(next()) - (1 << 30);
            // One amount in three has no digits there; the others nearly fill them, so that sums carry.
            let rest = if next().is_multiple_of(3) {
                0
            } else {
                REST_UNIT - 1 - u128::from(next())
            };
            let amount = Amount::from_parts(raw, rest).unwrap();
            for _ in 0..1 + next() % 3 {
                rows.push((item, dim, amount));
                let sum = want.entry((item, 89 - dim)).or_default();
                *sum = sum.plus(amount).unwrap();
            }
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let cube = cube_of(&rows, &order, usize::MAX);
        let got: std::collections::BTreeMap<_, _> = cube
            .cells()
            .iter()
            .map(|cell| {
                (
                    (
                        cube.fields(cell.item as usize)[0]
                            .trim_end_matches("-0")
                            .parse()
                            .unwrap(),
                        cell.dim,
                    ),
                    cell.amount,
                )
            })
            .collect();
        assert_eq!(got, want);
        assert!(want.values().any(|sum| sum.to_narrow().is_none()));
        assert!(cube_of(&rows, &order, 100) == cube);
        order.sort_by_key(|row| super::spread(*row as u64));
        assert!(cube_of(&rows, &order, 777) == cube);
        assert!(cube_of(&rows, &order, usize::MAX) == cube);
    }

    #[test]
    fn rests_that_cancel_leave_a_cube_like_any_other() {
        let amount = Amount::from_canonical("0.0000000000000000000000000001").unwrap();
        let with = cube_of(
            &[(0, 0, amount), (0, 0, amount.negated()), (1, 0, amount)],
            &[0, 1, 2],
            9,
        );
        assert_eq!(
            with.cells()
                .iter()
                .map(|cell| cell.amount)
                .collect::<Vec<_>>(),
            [Amount::ZERO, amount]
        );
        let without = cube_of(&[(0, 0, amount), (0, 0, amount.negated())], &[0, 1], 9);
        assert!(without == cube_of(&[(0, 0, Amount::ZERO), (0, 0, Amount::ZERO)], &[0, 1], 9));
    }
}
