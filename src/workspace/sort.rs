//! Sorting more entries than fit the memory: sorted runs on disk, merged on reading.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;

/// Collects entries and gives them back in the order of their keys (equal keys in the order of
/// their values).
pub(crate) struct ExternalSorter {
    folder: PathBuf,
    budget: usize,
    arena: Vec<u8>,
    index: Vec<Slot>,
    runs: Vec<File>,
}

#[derive(Clone, Copy)]
struct Slot {
    /// Eight bytes of the key, which decide most comparisons; set before sorting.
    head: u64,
    at: usize,
    key_len: u32,
    value_len: u32,
}

impl Slot {
    fn key<'a>(&self, arena: &'a [u8]) -> &'a [u8] {
        &arena[self.at..self.at + self.key_len as usize]
    }

    fn value<'a>(&self, arena: &'a [u8]) -> &'a [u8] {
        let start = self.at + self.key_len as usize;
        &arena[start..start + self.value_len as usize]
    }
}

fn head(key: &[u8]) -> u64 {
    let mut head = [0u8; 8];
    let len = key.len().min(8);
    head[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(head)
}

/// How many bytes all keys have in common at their beginning.
fn shared_beginning(index: &[Slot], arena: &[u8]) -> usize {
    let Some(first) = index.first() else { return 0 };
    let first = first.key(arena);
    index.iter().fold(first.len(), |shared, slot| {
        first[..shared]
            .iter()
            .zip(slot.key(arena))
            .take_while(|(a, b)| a == b)
            .count()
    })
}

impl ExternalSorter {
    /// Keeps up to about `budget` bytes in memory and the rest in `folder`.
    pub(crate) fn new(folder: &Path, budget: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            budget,
            arena: Vec::new(),
            index: Vec::new(),
            runs: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.index.push(Slot {
            head: 0,
            at: self.arena.len(),
            key_len: entry_len(key)?,
            value_len: entry_len(value)?,
        });
        self.arena.extend_from_slice(key);
        self.arena.extend_from_slice(value);
        if self.arena.len() + self.index.len() * size_of::<Slot>() > self.budget {
            self.spill()?;
        }
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        // Keys mostly begin alike (ids with a common beginning): the deciding bytes are those after
        // what all share.
        let shared = shared_beginning(&self.index, arena);
        for slot in &mut self.index {
            slot.head = head(&slot.key(arena)[shared..]);
        }
        self.index.par_sort_unstable_by(|a, b| {
            a.head
                .cmp(&b.head)
                .then_with(|| a.key(arena).cmp(b.key(arena)))
                .then_with(|| a.value(arena).cmp(b.value(arena)))
        });
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile_in(&self.folder)?);
        for slot in &self.index {
            out.write_all(&slot.key_len.to_le_bytes())?;
            out.write_all(&slot.value_len.to_le_bytes())?;
            out.write_all(slot.key(&self.arena))?;
            out.write_all(slot.value(&self.arena))?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        self.arena.clear();
        self.index.clear();
        Ok(())
    }

    /// Everything in order.
    pub(crate) fn finish(mut self) -> io::Result<Sorted> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Memory {
                arena: self.arena,
                index: self.index,
                next: 0,
            });
        }
        if !self.index.is_empty() {
            self.spill()?;
        }
        let mut runs = Vec::new();
        let mut heap = BinaryHeap::new();
        for (number, file) in self.runs.into_iter().enumerate() {
            let mut run = BufReader::with_capacity(256 << 10, file);
            if let Some((key, value)) = read_entry(&mut run)? {
                heap.push(Reverse((key, value, number)));
            }
            runs.push(run);
        }
        Ok(Sorted::Merge {
            runs,
            heap,
            current: None,
        })
    }
}

type HeapEntry = Reverse<(Vec<u8>, Vec<u8>, usize)>;

/// Entries in the order of their keys.
#[allow(private_interfaces, reason = "slots are handed over whole")]
pub(crate) enum Sorted {
    Memory {
        arena: Vec<u8>,
        index: Vec<Slot>,
        next: usize,
    },
    Merge {
        runs: Vec<BufReader<File>>,
        heap: BinaryHeap<HeapEntry>,
        current: Option<(Vec<u8>, Vec<u8>)>,
    },
}

impl Sorted {
    /// The next entry.
    pub(crate) fn next_entry(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        match self {
            Self::Memory { arena, index, next } => {
                let Some(slot) = index.get(*next) else {
                    return Ok(None);
                };
                *next += 1;
                Ok(Some((slot.key(arena), slot.value(arena))))
            }
            Self::Merge {
                runs,
                heap,
                current,
            } => {
                let Some(Reverse((key, value, number))) = heap.pop() else {
                    return Ok(None);
                };
                if let Some((next_key, next_value)) = read_entry(&mut runs[number])? {
                    heap.push(Reverse((next_key, next_value, number)));
                }
                let (key, value) = current.insert((key, value));
                Ok(Some((key, value)))
            }
        }
    }
}

fn read_entry(run: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut lens = [0u8; 8];
    match run.read(&mut lens[..1])? {
        0 => return Ok(None),
        _ => run.read_exact(&mut lens[1..])?,
    }
    let [a, b, c, d, e, f, g, h] = lens;
    let mut key = vec![0; u32::from_le_bytes([a, b, c, d]) as usize];
    let mut value = vec![0; u32::from_le_bytes([e, f, g, h]) as usize];
    run.read_exact(&mut key)?;
    run.read_exact(&mut value)?;
    Ok(Some((key, value)))
}

/// Length of a key or value in bytes; an error when it does not fit the index.
fn entry_len(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(|_| io::Error::other("an entry of more than 4 GiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_depend_on_the_memory_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let mut results = Vec::new();
        for budget in [1, 500, 1 << 20] {
            let mut sorter = ExternalSorter::new(folder.path(), budget);
            let mut state = 1u64;
            for _ in 0..500 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let key = format!("{}", state >> 55);
                sorter
                    .push(key.as_bytes(), &(state >> 40).to_le_bytes())
                    .unwrap();
            }
            let mut sorted = sorter.finish().unwrap();
            let mut all = Vec::new();
            while let Some((key, value)) = sorted.next_entry().unwrap() {
                all.push((key.to_vec(), value.to_vec()));
            }
            assert!(all.is_sorted());
            assert_eq!(all.len(), 500);
            results.push(all);
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
