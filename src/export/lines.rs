//! The consolidated line file: one output line for each record of each statement, in the order of the files.
//!
//! What is the same for all rows of an item or a dimension is written once and copied; a row costs two decimal numbers and a few copies.

use std::hash::BuildHasher;
use std::io::Write;
use std::path::Path;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::{OutFile, guarded};
use crate::ident::{Isrc, Upc};
use crate::job::Job;
use crate::matching::{Outcomes, Status};
use crate::payout::NO_PAYEE;
use crate::statement::StatementError;
use crate::statement::cube::Cube;
use crate::statement::import::{LineVerdict, Opened, reread};
use crate::statement::item::Field;
use crate::statement::source::ReadTotals;
use crate::statement::{ReadOptions, import::BatchStarts};

/// One statement whose lines are written.
pub(crate) struct LineSource<'a> {
    /// Name in the first column.
    pub name: &'a str,
    /// Its cube.
    pub cube: &'a Cube,
    /// Outcomes of its items.
    pub outcomes: &'a Outcomes,
    /// Names of payees by number.
    pub payees: &'a [String],
    /// Where its batches begin.
    pub starts: &'a BatchStarts,
    /// Where its records end.
    pub stop_line: u64,
}

/// Writes the line file.
pub(crate) struct LineFile<'a> {
    out: &'a mut OutFile,
    target: &'a Path,
}

impl<'a> LineFile<'a> {
    /// Begins with the header.
    pub(crate) fn new(out: &'a mut OutFile, target: &'a Path) -> Result<Self, StatementError> {
        let mut file = Self { out, target };
        file.write(b"file,row,status,reason,track_id,payee,isrc,upc,title,artist,territory,sale_period,usage_type,quantity,amount,currency\n")?;
        Ok(file)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StatementError> {
        self.out.write_all(bytes).map_err(|source| StatementError::Output { file: self.target.to_owned(), source })
    }

    /// Reads a statement once more and writes its lines.
    pub(crate) fn add(&mut self, source: &LineSource<'_>, opened: Opened, options: &ReadOptions, job: &Job) -> Result<ReadTotals, StatementError> {
        let texts = ItemTexts::new(source);
        let mut file = Vec::new();
        push_text(&mut file, source.name);
        let stray = std::sync::atomic::AtomicBool::new(false);
        let write = |row: u64, verdict: &LineVerdict<'_>, out: &mut Vec<u8>| {
            out.extend_from_slice(&file);
            out.push(b',');
            push_integer(out, row);
            out.push(b',');
            match verdict {
                LineVerdict::Good { key, dims, quantity, amount } => {
                    let Some(text) = texts.of(source.cube, key) else {
                        stray.store(true, std::sync::atomic::Ordering::Relaxed);
                        return;
                    };
                    out.extend_from_slice(text);
                    push_text(out, &dims.territory);
                    out.push(b',');
                    dims.period.write_to(out);
                    out.push(b',');
                    push_text(out, &dims.usage);
                    out.push(b',');
                    quantity.write_to(out);
                    out.push(b',');
                    amount.write_to(out);
                    out.push(b',');
                    out.extend_from_slice(dims.currency.code().as_bytes());
                }
                LineVerdict::Bad { reason, amount, currency, quantity } => {
                    out.extend_from_slice(Status::Quarantined.code().as_bytes());
                    out.push(b',');
                    out.extend_from_slice(reason.code().as_bytes());
                    out.extend_from_slice(b",,,,,,,,,,");
                    quantity.write_to(out);
                    out.push(b',');
                    amount.write_to(out);
                    out.push(b',');
                    out.extend_from_slice(currency.code().as_bytes());
                }
            }
            out.push(b'\n');
        };
        let path = opened.source.path().to_owned();
        let read = reread(opened, options, (source.starts, source.stop_line), job, &write, |bytes: &[u8]| self.write(bytes))?;
        if stray.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(StatementError::Changed { file: path });
        }
        Ok(read)
    }
}

/// The part of a line that is the same for all rows of an item.
struct ItemTexts {
    table: HashTable<u32>,
    hasher: FixedState,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl ItemTexts {
    fn new(source: &LineSource<'_>) -> Self {
        let cube = source.cube;
        let mut texts = Self {
            table: HashTable::with_capacity(cube.items()),
            hasher: FixedState::default(),
            text: Vec::new(),
            ends: Vec::with_capacity(cube.items()),
        };
        let mut key = Vec::new();
        for item in 0..cube.items() {
            texts.push(&cube.fields(item), source, item);
            cube.key_into(item, &mut key);
            let hash = texts.hasher.hash_one(key.as_slice());
            // There is room for all items, so none is ever moved and hashed again.
            texts.table.insert_unique(hash, item as u32, |_| hash);
        }
        texts
    }

    fn push(&mut self, fields: &[&str; Field::ALL.len()], source: &LineSource<'_>, item: usize) {
        let why = source.outcomes.why(item);
        let out = &mut self.text;
        out.extend_from_slice(why.status().code().as_bytes());
        out.push(b',');
        out.extend_from_slice(why.code().as_bytes());
        out.push(b',');
        if why.status() == Status::Matched {
            // An item that is split names all its tracks and payees, in the order of the decision.
            let hits = source.outcomes.tracks(item);
            let ids: Vec<&str> = hits.iter().map(|hit| source.outcomes.id(*hit)).collect();
            push_quoted(out, &ids.join(";"));
            out.push(b',');
            let payee = |number: u32| source.payees.get(number as usize).map(String::as_str).filter(|n| !n.is_empty()).unwrap_or(NO_PAYEE);
            let payees: Vec<&str> = hits.iter().map(|hit| payee(hit.payee)).collect();
            push_text(out, &payees.join(";"));
        } else {
            out.push(b',');
        }
        out.push(b',');
        push_quoted(out, &shown_isrc(fields[Field::Isrc as usize]));
        out.push(b',');
        push_quoted(out, &shown_upc(fields[Field::Upc as usize]));
        for field in [Field::Title, Field::Artist] {
            out.push(b',');
            push_text(out, fields[field as usize]);
        }
        out.push(b',');
        self.ends.push(self.text.len());
    }

    fn of(&self, cube: &Cube, key: &[u8]) -> Option<&[u8]> {
        let item = *self.table.find(self.hasher.hash_one(key), |&item| cube.has_key(item as usize, key))? as usize;
        let start = if item == 0 { 0 } else { self.ends[item - 1] };
        Some(&self.text[start..self.ends[item]])
    }
}

/// The ISRC in its normal form when it can be read, else as reported (and then guarded: it may be anything).
pub(crate) fn shown_isrc(text: &str) -> String {
    Isrc::parse(text).map_or_else(|_| guarded(text).into_owned(), |isrc| isrc.to_string())
}

/// The digits of a release code that can be read, else what was reported.
pub(crate) fn shown_upc(text: &str) -> String {
    if Upc::parse(text).is_ok() { Upc::digits_as_written(text) } else { guarded(text).into_owned() }
}

/// A text cell, guarded against running as a formula and quoted where needed.
fn push_text(out: &mut Vec<u8>, text: &str) {
    push_quoted(out, &guarded(text));
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    if memchr::memchr3(b',', b'"', b'\n', text.as_bytes()).is_none() && !text.contains('\r') {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn push_integer(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}
