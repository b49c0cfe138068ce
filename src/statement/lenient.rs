//! The best reading of one line that strict quoting cannot read: the known number of cells, and the fewest quote faults.
//!
//! A cell that a fault touches keeps a quote character, so that a damaged cell can never be taken for an amount.

use super::records::{CellStore, Dialect};

/// Readings that are compared at most; beyond it a line is split at every separator.
const MAX_STEPS: usize = 1_000_000;

/// Reads a faulty line into `store`; says whether a quote stayed open. `columns` is 0 when it is not known.
pub(super) fn read(line: &[u8], dialect: &Dialect, columns: usize, store: &mut CellStore) -> bool {
    match QuoteSearch::new(line, dialect).run(columns) {
        Some(best) => {
            for cell in &best.cells {
                store.push(cell);
            }
            best.is_open
        }
        None => {
            split_blindly(line, dialect, store);
            false
        }
    }
}

fn split_blindly(line: &[u8], dialect: &Dialect, store: &mut CellStore) {
    let mut at = 0;
    while let Some(next) = memchr::memmem::find(&line[at..], &dialect.delimiter) {
        store.push(&line[at..at + next]);
        at += next + dialect.delimiter.len();
    }
    store.push(&line[at..]);
}

struct Best {
    cells: Vec<Vec<u8>>,
    is_open: bool,
}

/// One way to read one cell.
struct Reading {
    /// Where it ends: at a separator or at the end of the line.
    end: usize,
    faults: u32,
    /// Tells readings with equally many faults apart: plain before quoted before junk before unclosed.
    rank: u32,
    cell: Vec<u8>,
    is_open: bool,
}

/// The cheapest way so far to have read `cells` cells up to some place.
struct QuoteStep {
    cost: (u32, u32),
    from: usize,
    reading: usize,
}

struct QuoteSearch<'a> {
    line: &'a [u8],
    dialect: &'a Dialect,
    quote: u8,
}

/// The cheapest way to each start of a cell with each number of cells.
type StepTable = Vec<Vec<Option<QuoteStep>>>;

/// How many cells a line has: as many as there are columns, if it can be read so; else as many as give
/// the fewest faults.
fn cheapest(finals: &[Option<QuoteStep>], columns: usize) -> Option<usize> {
    if columns > 0 && finals.get(columns).is_some_and(Option::is_some) {
        return Some(columns);
    }
    let possible = (1..finals.len()).filter(|&cells| finals[cells].is_some());
    possible.min_by_key(|&cells| {
        let faults = finals[cells].as_ref().map_or(u32::MAX, |s| s.cost.0);
        let distance = if columns > 0 {
            cells.abs_diff(columns)
        } else {
            0
        };
        (faults, distance, cells)
    })
}

/// Follows the steps back from the end of the line.
fn read_back(table: &StepTable, readings: &[Vec<Reading>], cells: usize) -> Option<Best> {
    let mut best = Best {
        cells: Vec::with_capacity(cells),
        is_open: false,
    };
    let mut start = table.len() - 1;
    for number in (1..=cells).rev() {
        let step = table[start][number].as_ref()?;
        let reading = &readings[step.from][step.reading];
        best.is_open |= reading.is_open;
        best.cells.push(reading.cell.clone());
        start = step.from;
    }
    best.cells.reverse();
    Some(best)
}

impl<'a> QuoteSearch<'a> {
    fn new(line: &'a [u8], dialect: &'a Dialect) -> Self {
        Self {
            line,
            dialect,
            quote: dialect.quote.unwrap_or(b'"'),
        }
    }

    fn run(&self, columns: usize) -> Option<Best> {
        let starts = self.starts();
        let quotes = memchr::memchr_iter(self.quote, self.line).count();
        let has_quoted_start = starts.iter().any(|&s| self.opening_quote(s).is_some());
        if !has_quoted_start || starts.len() * starts.len().saturating_mul(quotes + 1) > MAX_STEPS {
            return None;
        }
        let readings: Vec<Vec<Reading>> =
            starts.iter().map(|&start| self.readings(start)).collect();
        let table = self.steps(&starts, &readings);
        let chosen = cheapest(&table[starts.len()], columns)?;
        read_back(&table, &readings, chosen)
    }

    /// The cheapest way to each start with each number of cells: `table[start][cells]`. The last
    /// start stands for the end of the line.
    fn steps(&self, starts: &[usize], readings: &[Vec<Reading>]) -> StepTable {
        let end_place = starts.len();
        let most = starts.len() + 1;
        let mut table: StepTable = (0..=end_place)
            .map(|_| (0..=most).map(|_| None).collect())
            .collect();
        table[0][0] = Some(QuoteStep {
            cost: (0, 0),
            from: 0,
            reading: 0,
        });
        for index in 0..end_place {
            for (number, reading) in readings[index].iter().enumerate() {
                let target = if reading.end >= self.line.len() {
                    end_place
                } else {
                    match starts.binary_search(&(reading.end + self.dialect.delimiter.len())) {
                        Ok(target) => target,
                        Err(_) => continue,
                    }
                };
                for cells in 0..most {
                    let Some(cost) = table[index][cells]
                        .as_ref()
                        .map(|s| (s.cost.0 + reading.faults, s.cost.1 + reading.rank))
                    else {
                        continue;
                    };
                    let slot = &mut table[target][cells + 1];
                    if slot.as_ref().is_none_or(|s| cost < s.cost) {
                        *slot = Some(QuoteStep {
                            cost,
                            from: index,
                            reading: number,
                        });
                    }
                }
            }
        }
        table
    }

    /// Every place where a cell could begin.
    fn starts(&self) -> Vec<usize> {
        let len = self.dialect.delimiter.len();
        std::iter::once(0)
            .chain(memchr::memmem::find_iter(self.line, &self.dialect.delimiter).map(|at| at + len))
            .collect()
    }

    fn is_end(&self, at: usize) -> bool {
        at >= self.line.len() || self.line[at..].starts_with(&self.dialect.delimiter)
    }

    /// Skips blanks that are not the separator.
    fn skip_blanks(&self, mut at: usize) -> usize {
        while at < self.line.len() && matches!(self.line[at], b' ' | b'\t') && !self.is_end(at) {
            at += 1;
        }
        at
    }

    fn opening_quote(&self, start: usize) -> Option<usize> {
        let at = self.skip_blanks(start);
        (self.line.get(at) == Some(&self.quote)).then_some(at)
    }

    fn next_delimiter(&self, at: usize) -> usize {
        memchr::memmem::find(&self.line[at..], &self.dialect.delimiter)
            .map_or(self.line.len(), |n| at + n)
    }

    fn count_quotes(&self, from: usize, to: usize) -> u32 {
        memchr::memchr_iter(self.quote, &self.line[from..to]).count() as u32
    }

    fn readings(&self, start: usize) -> Vec<Reading> {
        let plain_end = self.next_delimiter(start);
        let plain = Reading {
            end: plain_end,
            faults: self.count_quotes(start, plain_end),
            rank: 0,
            cell: self.line[start..plain_end].to_vec(),
            is_open: false,
        };
        let mut readings = vec![plain];
        if let Some(opening) = self.opening_quote(start) {
            self.quoted_readings(start, opening, &mut readings);
        }
        readings
    }

    fn quoted_readings(&self, start: usize, opening: usize, readings: &mut Vec<Reading>) {
        let pad = u32::from(opening > start);
        let mut content = Vec::new();
        let mut faults = 0;
        let mut junk = None;
        let before = readings.len();
        let mut at = opening + 1;
        while at < self.line.len() {
            let byte = self.line[at];
            let next = self.line.get(at + 1).copied();
            let is_escape = self.dialect.escape == Some(byte)
                && next.is_some_and(|n| {
                    n == self.quote
                        || (self.dialect.escape != self.dialect.quote
                            && Some(n) == self.dialect.escape)
                });
            if is_escape {
                let after = self.skip_blanks(at + 2);
                if byte == self.quote && self.is_end(after) {
                    // A stray quote and the closing one, as in `"Round 48"",`.
                    let mut cell = content.clone();
                    cell.push(self.quote);
                    readings.push(Reading {
                        end: after,
                        faults: faults + 1 + u32::from(pad > 0 || after > at + 2),
                        rank: 1,
                        cell,
                        is_open: false,
                    });
                }
                content.extend(next);
                at += 2;
                continue;
            }
            if byte == self.quote {
                let after = self.skip_blanks(at + 1);
                if self.is_end(after) {
                    readings.push(Reading {
                        end: after,
                        faults: faults + u32::from(pad > 0 || after > at + 1),
                        rank: 1,
                        cell: content.clone(),
                        is_open: false,
                    });
                } else if junk.is_none() && readings.len() == before {
                    let end = self.next_delimiter(at + 1);
                    junk = Some((end, faults + 1 + self.count_quotes(at + 1, end) + pad));
                }
                faults += 1;
            }
            content.push(byte);
            at += 1;
        }
        let has_closing = readings.len() > before;
        if let Some((end, faults)) = junk {
            readings.push(Reading {
                end,
                faults,
                rank: 2,
                cell: self.line[start..end].to_vec(),
                is_open: false,
            });
        }
        if !has_closing {
            readings.push(Reading {
                end: self.line.len(),
                faults: faults + 1 + pad,
                rank: 3,
                cell: self.line[start..].to_vec(),
                is_open: true,
            });
        }
    }
}
