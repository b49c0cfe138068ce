//! The consolidated line file: one output line for each record of each statement, in the order of the files.
//!
//! What is the same for all rows of an item or a dimension is written once and copied; a row costs two decimal numbers and a few copies.

use std::fs::File;
use std::hash::BuildHasher;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{OutFile, guarded};
use crate::ident::{Currency, Isrc, Upc};
use crate::job::Job;
use crate::matching::{Outcomes, Status};
use crate::payout::NO_PAYEE;
use crate::statement::StatementError;
use crate::statement::cube::Cube;
use crate::statement::dims::Dims;
use crate::statement::import::{Opened, RecordsEnd};
use crate::statement::item::Field;
use crate::statement::reread::{LineVerdict, reread};
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
    /// Lines of it that are no records.
    pub end: RecordsEnd,
}

/// Writes the line file.
pub(crate) struct LineFile<'a> {
    out: &'a mut OutFile,
    target: &'a Path,
    syncing: Syncing,
    unsynced_bytes: usize,
}

/// Bytes after which what was written is sent to the disk: it then writes while the next lines are made, and not only at the end.
const SYNC_BYTES: usize = 64 << 20;

impl<'a> LineFile<'a> {
    /// Begins with the header.
    pub(crate) fn new(out: &'a mut OutFile, target: &'a Path) -> Result<Self, StatementError> {
        let syncing = Syncing::of(out.handle().map_err(|source| StatementError::Output {
            file: target.to_owned(),
            source,
        })?);
        let mut file = Self {
            out,
            target,
            syncing,
            unsynced_bytes: 0,
        };
        file.write(b"file,row,status,reason,track_id,payee,isrc,upc,title,artist,territory,sale_period,usage_type,quantity,amount,currency\n")?;
        Ok(file)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StatementError> {
        self.unsynced_bytes += bytes.len();
        if self.unsynced_bytes >= SYNC_BYTES {
            self.unsynced_bytes = 0;
            self.syncing.request();
        }
        self.out
            .write_all(bytes)
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> StatementError {
        StatementError::Output {
            file: self.target.to_owned(),
            source,
        }
    }

    /// Ends writing; an error of the disk comes out here at the latest.
    pub(crate) fn finish(mut self) -> Result<(), StatementError> {
        self.syncing.finish().map_err(|source| self.failed(source))
    }

    /// Reads a statement once more and writes its lines.
    pub(crate) fn add(
        &mut self,
        source: &LineSource<'_>,
        opened: Opened,
        options: &ReadOptions,
        job: &Job,
    ) -> Result<ReadTotals, StatementError> {
        let texts = ItemTexts::new(source);
        let mut file = Vec::new();
        push_text(&mut file, source.name);
        file.push(b',');
        let stray = AtomicBool::new(false);
        let writers = || {
            let mut writer = LineWriter {
                file: &file,
                texts: &texts,
                cube: source.cube,
                item: None,
                dims: Vec::new(),
                stray: &stray,
            };
            move |row: u64, verdict: &LineVerdict<'_>, out: &mut Vec<u8>| {
                writer.write(row, verdict, out)
            }
        };
        let path = opened.source.path().to_owned();
        let read = reread(
            opened,
            options,
            (source.starts, &source.end),
            job,
            &writers,
            |bytes: &[u8]| self.write(bytes),
        )?;
        if stray.load(Ordering::Relaxed) {
            return Err(StatementError::Changed { file: path });
        }
        Ok(read)
    }
}

/// A thread that sends a file's written bytes to the disk when it is asked to.
struct Syncing {
    requests: Option<SyncSender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Syncing {
    fn of(file: File) -> Self {
        let (requests, received) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("sync".into())
            .spawn(move || received.into_iter().try_for_each(|()| file.sync_data()))
            .expect("the system gives a thread");
        Self {
            requests: Some(requests),
            thread: Some(thread),
        }
    }

    /// Asks for it; while the thread is busy, one request stands for all.
    fn request(&self) {
        if let Some(requests) = &self.requests {
            let _ = requests.try_send(());
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.requests = None;
        self.thread.take().map_or(Ok(()), |thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// Makes lines on one thread; remembers what was found for the row before.
struct LineWriter<'a> {
    file: &'a [u8],
    texts: &'a ItemTexts,
    cube: &'a Cube,
    /// Number of the key looked up last, and the text of its item.
    item: Option<(u64, &'a [u8])>,
    /// By number: the texts of territory, sale period and usage type, and the currency.
    dims: Vec<(Vec<u8>, Currency)>,
    stray: &'a AtomicBool,
}

impl<'a> LineWriter<'a> {
    fn write(&mut self, row: u64, verdict: &LineVerdict<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(self.file);
        push_integer(out, row);
        out.push(b',');
        let (quantity, amount, currency) = match verdict {
            LineVerdict::Good {
                key,
                dim,
                quantity,
                amount,
            } => {
                let Some(text) = self.item_text(*key) else {
                    self.stray.store(true, Ordering::Relaxed);
                    return;
                };
                out.extend_from_slice(text);
                let (text, currency) = self.dim_text(*dim);
                out.extend_from_slice(text);
                (quantity, amount, currency)
            }
            LineVerdict::Bad {
                reason,
                amount,
                currency,
                quantity,
            } => {
                out.extend_from_slice(Status::Quarantined.code().as_bytes());
                out.push(b',');
                out.extend_from_slice(reason.code().as_bytes());
                out.extend_from_slice(b",,,,,,,,,,");
                (quantity, amount, *currency)
            }
        };
        quantity.write_to(out);
        out.push(b',');
        amount.write_to(out);
        out.push(b',');
        out.extend_from_slice(currency.code().as_bytes());
        out.push(b'\n');
    }

    fn item_text(&mut self, (key, key_number): (&[u8], u64)) -> Option<&'a [u8]> {
        if let Some((number, text)) = self.item
            && number == key_number
        {
            return Some(text);
        }
        let text = self.texts.of(self.cube, key)?;
        self.item = Some((key_number, text));
        Some(text)
    }

    fn dim_text(&mut self, (number, dims): (u32, &Dims)) -> (&[u8], Currency) {
        let number = number as usize;
        if self.dims.len() <= number {
            self.dims.resize(number + 1, (Vec::new(), Currency::NONE));
        }
        let (text, currency) = &mut self.dims[number];
        if text.is_empty() {
            push_text(text, &dims.territory);
            text.push(b',');
            dims.period.write_to(text);
            text.push(b',');
            push_text(text, &dims.usage);
            text.push(b',');
            *currency = dims.currency;
        }
        (text, *currency)
    }
}

/// The part of a line that is the same for all rows of an item.
#[derive(Default)]
struct ItemTexts {
    table: HashTable<u32>,
    hasher: FixedState,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// Items whose texts one thread makes in one go.
const ITEMS: usize = 16 << 10;

impl ItemTexts {
    fn new(source: &LineSource<'_>) -> Self {
        let items = source.cube.items();
        let starts: Vec<usize> = (0..items).step_by(ITEMS).collect();
        let parts: Vec<(Self, Vec<u64>)> = starts
            .into_par_iter()
            .map(|start| Self::of_items(source, start..items.min(start + ITEMS)))
            .collect();
        let mut all = Self {
            table: HashTable::with_capacity(items),
            ..Self::default()
        };
        all.text
            .reserve_exact(parts.iter().map(|(part, _)| part.text.len()).sum());
        let mut item = 0;
        for (part, hashes) in parts {
            let before = all.text.len();
            all.text.extend_from_slice(&part.text);
            all.ends.extend(part.ends.iter().map(|end| end + before));
            for hash in hashes {
                // There is room for all items, so none is ever moved and hashed again.
                all.table.insert_unique(hash, item, |_| hash);
                item += 1;
            }
        }
        all
    }

    fn of_items(source: &LineSource<'_>, items: Range<usize>) -> (Self, Vec<u64>) {
        let mut part = Self::default();
        let mut hashes = Vec::with_capacity(items.len());
        let mut key = Vec::new();
        for item in items {
            part.push(&source.cube.fields(item), source, item);
            source.cube.key_into(item, &mut key);
            hashes.push(part.hasher.hash_one(key.as_slice()));
        }
        (part, hashes)
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
            let payee = |number: u32| {
                source
                    .payees
                    .get(number as usize)
                    .map(String::as_str)
                    .filter(|n| !n.is_empty())
                    .unwrap_or(NO_PAYEE)
            };
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
        let item = *self.table.find(self.hasher.hash_one(key), |&item| {
            cube.has_key(item as usize, key)
        })? as usize;
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
    if Upc::parse(text).is_ok() {
        Upc::digits_as_written(text)
    } else {
        guarded(text).into_owned()
    }
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
