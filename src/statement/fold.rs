//! Good rows into items and cells, from many threads at once, with exact sums.
//!
//! Items are parted by the hash of their key; a thread folds a slice of rows group by group and holds one group's lock at a time.
//! What comes out is put into the order of the file, so that it does not depend on who came first.

use std::sync::Mutex;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use super::cube::{Cell, Cube};
use super::dims::Dims;
use super::spread::{BatchIndex, Spread};
use crate::money::{Amount, AmountOverflow};

const SHARDS: usize = 64;
/// Rows that are folded together: enough to spread the cost of the locks, few enough to stay in the cache.
const SLICE_ROWS: usize = 2048;

/// The sums of one statement while it is read.
pub(super) struct Fold {
    shards: Vec<Mutex<Shard>>,
    hasher: FixedState,
}

#[derive(Default)]
struct Shard {
    items: HashTable<ItemSlot>,
    keys: Vec<u8>,
    first_rows: Vec<u64>,
    spreads: Vec<Spread>,
    key_ends: Vec<usize>,
    cells: HashTable<CellSlot>,
    sums: Vec<Cell>,
}

struct ItemSlot {
    hash: u64,
    number: u32,
}

struct CellSlot {
    hash: u64,
    index: u32,
}

impl Shard {
    fn key(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.key_ends[number - 1] };
        &self.keys[start..self.key_ends[number]]
    }

    fn item(&mut self, hash: u64, key: &[u8], place: u64) -> u32 {
        let found = self.items.find(hash, |slot| slot.hash == hash && self.key(slot.number) == key).map(|slot| slot.number);
        if let Some(number) = found {
            let first = &mut self.first_rows[number as usize];
            *first = (*first).min(place);
            self.spreads[number as usize].add((place >> 32) as u32);
            return number;
        }
        let number = u32::try_from(self.first_rows.len()).expect("a shard holds fewer than 2^32 items: their keys alone would fill the memory");
        self.keys.extend_from_slice(key);
        self.key_ends.push(self.keys.len());
        self.first_rows.push(place);
        self.spreads.push(Spread::of((place >> 32) as u32));
        self.items.insert_unique(hash, ItemSlot { hash, number }, |slot| slot.hash);
        number
    }

    fn add(&mut self, item: u32, row: &FoldRow) -> Result<(), AmountOverflow> {
        let hash = cell_hash(item, row.dim);
        if let Some(slot) = self.cells.find(hash, |slot| {
            slot.hash == hash && {
                let sum = &self.sums[slot.index as usize];
                sum.item == item && sum.dim == row.dim
            }
        }) {
            let sum = &mut self.sums[slot.index as usize];
            sum.rows += u64::from(row.rows);
            sum.quantity = sum.quantity.plus(row.quantity)?;
            sum.amount = sum.amount.plus(row.amount)?;
            return Ok(());
        }
        let index = u32::try_from(self.sums.len()).map_err(|_| AmountOverflow)?;
        self.sums.push(Cell { item, dim: row.dim, rows: u64::from(row.rows), quantity: row.quantity, amount: row.amount });
        self.cells.insert_unique(hash, CellSlot { hash, index }, |slot| slot.hash);
        Ok(())
    }
}

/// Spreads the pair over 64 bits (an odd multiplier, then the high half folded in).
fn cell_hash(item: u32, dim: u32) -> u64 {
    let mixed = (u64::from(item) << 32 | u64::from(dim)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}

/// A good row on its way into the fold.
#[derive(Clone, Copy)]
struct FoldRow {
    hash: u64,
    key_start: u32,
    key_end: u32,
    dim: u32,
    /// Rows of the same item and dimension that follow one another.
    rows: u32,
    place: u64,
    quantity: Amount,
    amount: Amount,
}

/// Collects the good rows of one thread and folds them slice by slice.
pub(super) struct FoldSlice<'a> {
    fold: &'a Fold,
    keys: Vec<u8>,
    rows: Vec<FoldRow>,
    order: Vec<u32>,
}

impl Fold {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: FixedState::default() }
    }

    /// The cube: items in the order of their first rows, cells sorted by item and dimension; and the batches of its items.
    pub(super) fn finish(self, dims: Vec<Dims>, batch_rows: &[u64]) -> Result<(Cube, BatchIndex), AmountOverflow> {
        let shards: Vec<Shard> = self.shards.into_iter().map(|s| s.into_inner().expect("no code panics while holding this lock")).collect();
        // Items in the order of their first rows.
        let mut order: Vec<(u64, u32, u32)> = shards
            .iter()
            .enumerate()
            .flat_map(|(shard, s)| s.first_rows.iter().enumerate().map(move |(number, &place)| (place, shard as u32, number as u32)))
            .collect();
        order.sort_unstable();
        let mut numbers: Vec<Vec<u32>> = shards.iter().map(|s| vec![0; s.first_rows.len()]).collect();
        let mut cube = Cube::default();
        cube.reserve(order.len(), shards.iter().map(|s| s.keys.len()).sum());
        for (new_number, &(place, shard, number)) in order.iter().enumerate() {
            numbers[shard as usize][number as usize] = new_number as u32;
            let row_index = batch_rows[(place >> 32) as usize] + (place & 0xFFFF_FFFF);
            cube.push_item(shards[shard as usize].key(number), row_index);
        }
        let spreads = order.iter().map(|&(_, shard, number)| shards[shard as usize].spreads[number as usize]).collect();
        drop(order);
        // Dimensions in the order of their values.
        let mut dim_order: Vec<u32> = (0..dims.len() as u32).collect();
        dim_order.sort_unstable_by(|&a, &b| dims[a as usize].cmp(&dims[b as usize]));
        let mut dim_numbers = vec![0u32; dims.len()];
        for (new_number, &old) in dim_order.iter().enumerate() {
            dim_numbers[old as usize] = new_number as u32;
        }
        cube.dims = dim_order.iter().map(|&old| dims[old as usize].clone()).collect();
        cube.cells = in_order(shards, &numbers, &dim_numbers, cube.items());
        Ok((cube, BatchIndex::new(spreads)))
    }

    pub(super) fn slice(&self) -> FoldSlice<'_> {
        FoldSlice { fold: self, keys: Vec::new(), rows: Vec::with_capacity(SLICE_ROWS), order: Vec::with_capacity(SLICE_ROWS) }
    }
}

/// The cells of all shards by item and dimension: each into the place of its item, then sorted within the item.
fn in_order(shards: Vec<Shard>, numbers: &[Vec<u32>], dim_numbers: &[u32], items: usize) -> Vec<Cell> {
    let mut next = vec![0u32; items + 1];
    for (shard, numbers) in shards.iter().zip(numbers) {
        for cell in &shard.sums {
            next[numbers[cell.item as usize] as usize + 1] += 1;
        }
    }
    for item in 0..items {
        next[item + 1] += next[item];
    }
    let starts = next.clone();
    let empty = Cell { item: 0, dim: 0, rows: 0, quantity: Amount::ZERO, amount: Amount::ZERO };
    let mut cells = vec![empty; *starts.last().unwrap_or(&0) as usize];
    for (shard, numbers) in shards.into_iter().zip(numbers) {
        for cell in shard.sums {
            let item = numbers[cell.item as usize];
            let place = &mut next[item as usize];
            cells[*place as usize] = Cell { item, dim: dim_numbers[cell.dim as usize], ..cell };
            *place += 1;
        }
    }
    for item in 0..items {
        cells[starts[item] as usize..starts[item + 1] as usize].sort_unstable_by_key(|c| c.dim);
    }
    cells
}

impl FoldSlice<'_> {
    /// Takes a row; `place` is its batch in the upper and its row in the lower half.
    pub(super) fn push(&mut self, key: &[u8], dim: u32, place: u64, quantity: Amount, amount: Amount) -> Result<(), AmountOverflow> {
        // Reports are mostly in the order of their items: a row often has the key of the row before.
        let (hash, key_start) = match self.rows.last_mut() {
            Some(last) if self.keys[last.key_start as usize..] == *key => {
                if last.dim == dim {
                    last.rows += 1;
                    last.quantity = last.quantity.plus(quantity)?;
                    last.amount = last.amount.plus(amount)?;
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
        self.rows.push(FoldRow { hash, key_start, key_end: self.keys.len() as u32, dim, rows: 1, place, quantity, amount });
        if self.rows.len() >= SLICE_ROWS || self.keys.len() > 8 << 20 {
            return self.flush();
        }
        Ok(())
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
            let mut shard = self.fold.shards[shard].lock().expect("no code panics while holding this lock");
            let mut last = (u32::MAX, 0);
            for &index in members {
                let row = &self.rows[index as usize];
                if last.0 != row.key_start {
                    let key = &self.keys[row.key_start as usize..row.key_end as usize];
                    last = (row.key_start, shard.item(row.hash, key, row.place));
                }
                shard.add(last.1, row)?;
            }
        }
        self.rows.clear();
        self.keys.clear();
        Ok(())
    }
}
