//! Text into rows, line by line against the known number of columns, so that one stray quote never swallows its neighbours.
//!
//! The rule. A line that gives n cells under strict quoting is a row. A line whose quote stays open is joined with following lines
//! only if the whole is strictly valid with n cells and none of those lines alone is a row. Any other line is read by itself, with
//! n cells and the fewest quote faults if that is possible, and flagged. So a line that is a row by itself always begins a row,
//! which also makes every such line a safe place to cut a file for parallel reading.
//!
//! A line with another number of cells that falls into rows of n cells at lone carriage returns is these rows: some program on its
//! way has taken off line feeds.

use std::ops::Range;

use super::index::{Marks, Separators};
use super::lenient;

/// How rows and cells are parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Separator of cells, usually one byte.
    pub delimiter: Vec<u8>,
    /// Quote character, if any.
    pub quote: Option<u8>,
    /// Escape character inside quotes; the quote itself for doubled quotes.
    pub escape: Option<u8>,
    /// What ends a row.
    pub record_end: RecordEnd,
    /// Lines before the first row.
    pub preamble: usize,
    /// Cells in a row; the first row decides when it is not given.
    pub columns: Option<usize>,
}

/// What ends a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordEnd {
    /// Line feed, or carriage return when there is no line feed at all.
    Auto,
    /// Line feed, a carriage return before it belongs to it.
    Lf,
    /// Carriage return and line feed; a line feed alone ends a row too.
    CrLf,
    /// Carriage return alone.
    Cr,
}

/// All rows of a text and what was odd about them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadRows {
    /// Cells of each row, unquoted.
    pub rows: Vec<Vec<Vec<u8>>>,
    /// One entry for each oddity.
    pub flags: Vec<Flag>,
}

/// An oddity of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// 0-based index into the rows.
    pub row: u64,
    /// 1-based physical line of the row's beginning.
    pub line: u64,
    /// Offset of that line in bytes.
    pub byte_offset: u64,
    /// What it is.
    pub kind: FlagKind,
    /// A sentence.
    pub detail: String,
    /// The row as it stands in the text.
    pub raw: Vec<u8>,
}

/// Kinds of oddities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagKind {
    /// More or fewer cells than columns.
    Ragged,
    /// A quote character where strict quoting has none.
    StrayQuote,
    /// A quote that opens and never closes.
    UnclosedQuote,
}

impl FlagKind {
    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ragged => "ragged",
            Self::StrayQuote => "stray_quote",
            Self::UnclosedQuote => "unclosed_quote",
        }
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self::new(b',')
    }
}

impl Dialect {
    /// The usual quoting with this separator.
    #[must_use]
    pub fn new(delimiter: u8) -> Self {
        Self {
            delimiter: vec![delimiter],
            quote: Some(b'"'),
            escape: Some(b'"'),
            record_end: RecordEnd::Auto,
            preamble: 0,
            columns: None,
        }
    }

    /// With [`RecordEnd::Auto`] decided by a piece of the text.
    #[must_use]
    pub fn decided(mut self, sample: &[u8]) -> Self {
        if self.record_end == RecordEnd::Auto {
            let only_cr =
                memchr::memchr(b'\n', sample).is_none() && memchr::memchr(b'\r', sample).is_some();
            self.record_end = if only_cr {
                RecordEnd::Cr
            } else {
                RecordEnd::Lf
            };
        }
        self
    }

    /// The byte that ends a line.
    #[must_use]
    pub fn line_end(&self) -> u8 {
        if self.record_end == RecordEnd::Cr {
            b'\r'
        } else {
            b'\n'
        }
    }

    /// The end of the content of a line that stops before `end`.
    pub(super) fn trim_end(&self, bytes: &[u8], start: usize, end: usize) -> usize {
        if self.line_end() == b'\n' && end > start && bytes[end - 1] == b'\r' {
            end - 1
        } else {
            end
        }
    }

    /// Whether a line alone is a row of `columns` cells under strict quoting.
    #[must_use]
    pub fn is_row(&self, line: &[u8], columns: usize) -> bool {
        let mut counter = CellCounter(0);
        !line.is_empty()
            && self.strict(line, 0, Stop::AtEnd, &mut counter) == Strict::Row(line.len())
            && counter.0 == columns
    }

    /// Reads cells under strict quoting from `start`, up to the end of the bytes or of the first line that ends outside of quotes.
    fn strict(&self, bytes: &[u8], start: usize, stop: Stop, cells: &mut impl CellSink) -> Strict {
        let delimiter = self.delimiter.as_slice();
        let mut at = start;
        loop {
            let is_quoted = self.quote.is_some_and(|q| bytes.get(at) == Some(&q));
            if is_quoted {
                match self.quoted(bytes, at + 1, cells) {
                    Some(end) => at = end,
                    None => return Strict::Open,
                }
            } else {
                let end = self.plain_end(bytes, at, stop);
                if self
                    .quote
                    .is_some_and(|q| memchr::memchr(q, &bytes[at..end]).is_some())
                {
                    return Strict::Fault;
                }
                let cell_end = if self.ends_line(bytes, end, stop) {
                    self.trim_end(bytes, at, end)
                } else {
                    end
                };
                cells.cell(&bytes[at..cell_end]);
                at = end;
            }
            if self.ends_line(bytes, at, stop) {
                return Strict::Row(at);
            }
            if bytes[at..].starts_with(delimiter) {
                at += delimiter.len();
            } else if bytes[at] == b'\r' && self.ends_line(bytes, at + 1, stop) {
                return Strict::Row(at + 1);
            } else {
                return Strict::Fault;
            }
        }
    }

    fn ends_line(&self, bytes: &[u8], at: usize, stop: Stop) -> bool {
        at >= bytes.len() || (stop == Stop::AtLineEnd && bytes[at] == self.line_end())
    }

    /// The end of an unquoted cell.
    fn plain_end(&self, bytes: &[u8], at: usize, stop: Stop) -> usize {
        let rest = &bytes[at..];
        let cell = match self.delimiter.as_slice() {
            [one] => memchr::memchr(*one, rest),
            many => memchr::memmem::find(rest, many),
        };
        let cell = cell.unwrap_or(rest.len());
        let line = if stop == Stop::AtLineEnd {
            memchr::memchr(self.line_end(), &rest[..cell])
        } else {
            None
        };
        at + line.unwrap_or(cell)
    }

    /// A quoted cell from after its opening quote: its end after the closing one, or `None` when it never closes.
    fn quoted(&self, bytes: &[u8], start: usize, cells: &mut impl CellSink) -> Option<usize> {
        let quote = self.quote?;
        let escape = self.escape.filter(|e| *e != quote);
        let mut at = start;
        cells.begin();
        loop {
            let next = match escape {
                Some(escape) => memchr::memchr2(quote, escape, &bytes[at..]),
                None => memchr::memchr(quote, &bytes[at..]),
            }?;
            cells.part(&bytes[at..at + next]);
            at += next;
            let follower = bytes.get(at + 1).copied();
            if Some(bytes[at]) == escape
                && follower.is_some_and(|f| f == quote || Some(f) == escape)
            {
                cells.part(&bytes[at + 1..at + 2]);
                at += 2;
            } else if bytes[at] == quote && self.escape == Some(quote) && follower == Some(quote) {
                cells.part(&bytes[at..=at]);
                at += 2;
            } else if bytes[at] == quote {
                cells.end();
                return Some(at + 1);
            } else {
                cells.part(&bytes[at..=at]);
                at += 1;
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    AtEnd,
    AtLineEnd,
}

#[derive(Debug, PartialEq, Eq)]
enum Strict {
    /// A row that ends before this position.
    Row(usize),
    /// A quote where strict quoting has none.
    Fault,
    /// A quote opened and did not close.
    Open,
}

/// Takes the cells of a row as they are read.
trait CellSink {
    fn cell(&mut self, bytes: &[u8]) {
        self.begin();
        self.part(bytes);
        self.end();
    }
    fn begin(&mut self);
    fn part(&mut self, bytes: &[u8]);
    fn end(&mut self);
}

struct CellCounter(usize);

impl CellSink for CellCounter {
    fn begin(&mut self) {}
    fn part(&mut self, _: &[u8]) {}
    fn end(&mut self) {
        self.0 += 1;
    }
}

/// Counts cells, and looks whether anything stands behind those of the header.
#[derive(Default)]
struct WideCounter {
    columns: usize,
    count: usize,
    has_more: bool,
}

impl CellSink for WideCounter {
    fn begin(&mut self) {}
    fn part(&mut self, bytes: &[u8]) {
        self.has_more |= self.count >= self.columns && !bytes.trim_ascii().is_empty();
    }
    fn end(&mut self) {
        self.count += 1;
    }
}

/// Cells of one row that had to be unquoted.
#[derive(Debug, Default)]
pub(super) struct CellStore {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl CellStore {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(super) fn push(&mut self, cell: &[u8]) {
        CellSink::cell(self, cell);
    }
}

impl CellSink for CellStore {
    fn begin(&mut self) {}
    fn part(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
    }
    fn end(&mut self) {
        self.ends.push(self.text.len() as u32);
    }
}

/// What was odd about a row, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowFlags {
    /// See [`FlagKind::Ragged`].
    pub is_ragged: bool,
    /// See [`FlagKind::StrayQuote`].
    pub has_stray_quote: bool,
    /// See [`FlagKind::UnclosedQuote`].
    pub has_unclosed_quote: bool,
}

impl RowFlags {
    fn kinds(self) -> impl Iterator<Item = FlagKind> {
        [
            (self.has_unclosed_quote, FlagKind::UnclosedQuote),
            (self.has_stray_quote, FlagKind::StrayQuote),
            (self.is_ragged, FlagKind::Ragged),
        ]
        .into_iter()
        .filter_map(|(is_set, kind)| is_set.then_some(kind))
    }
}

/// One row of a text: its place and its cells.
#[derive(Debug)]
pub struct Row<'r> {
    /// Bytes of the row without its line end.
    pub span: Range<usize>,
    /// Where the next row begins.
    pub next: usize,
    /// 0-based line of its beginning.
    pub line: u64,
    /// Physical lines it takes; 0 when it begins within a line, behind a lone carriage return.
    pub lines: u32,
    /// Oddities.
    pub flags: RowFlags,
    cells: LineCells<'r>,
}

#[derive(Debug)]
enum LineCells<'r> {
    /// Nothing to unquote: the cells are parts of the text.
    Plain {
        line: &'r [u8],
        first: u32,
        ends: &'r [u32],
    },
    /// Unquoted copies.
    Stored { text: &'r [u8], ends: &'r [u32] },
}

impl Row<'_> {
    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.cells {
            LineCells::Plain { ends, .. } | LineCells::Stored { ends, .. } => ends.len(),
        }
    }

    /// Whether the line is blank.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.span.is_empty()
    }

    /// A cell; empty when the row has fewer.
    #[must_use]
    pub fn cell(&self, index: usize) -> &[u8] {
        match self.cells {
            LineCells::Plain { line, first, ends } => {
                let Some(&end) = ends.get(index) else {
                    return &[];
                };
                let start = if index == 0 {
                    first
                } else {
                    ends[index - 1] + 1
                };
                // The end of the last cell may lie behind a carriage return that was cut off.
                let end = ((end - first) as usize).min(line.len());
                line.get((start - first) as usize..end).unwrap_or_default()
            }
            LineCells::Stored { text, ends } => {
                let Some(&end) = ends.get(index) else {
                    return &[];
                };
                let start = if index == 0 { 0 } else { ends[index - 1] };
                &text[start as usize..end as usize]
            }
        }
    }

    /// The text from the beginning of one cell to the end of another, separators included; nothing for a row that had to be unquoted.
    /// Two rows that have the same text there have the same cells.
    pub(super) fn run(&self, first: usize, last: usize) -> Option<&[u8]> {
        let LineCells::Plain {
            line,
            first: line_start,
            ends,
        } = self.cells
        else {
            return None;
        };
        let start = if first == 0 {
            line_start
        } else {
            *ends.get(first - 1)? + 1
        };
        let end = ((*ends.get(last)? - line_start) as usize).min(line.len());
        line.get((start - line_start) as usize..end)
    }

    /// All cells in order.
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.cell(index))
    }
}

/// Most lines that one row may take.
const MAX_LINES_PER_ROW: u32 = 100;
/// Bytes that are indexed at a time; small enough to stay in the processor's cache.
const WINDOW_BYTES: usize = 64 << 10;

/// Reads the rows of a text that begins at the beginning of a row.
#[derive(Debug)]
pub struct RowReader<'a> {
    bytes: &'a [u8],
    dialect: &'a Dialect,
    columns: usize,
    at: usize,
    line: u64,
    marks: Marks,
    window_start: usize,
    window_line: usize,
    quote_cursor: usize,
    store: CellStore,
    /// The end of a line that falls into several rows, while they are handed out.
    pieces_end: Option<usize>,
}

impl<'a> RowReader<'a> {
    /// A reader of `bytes`; `columns` is 0 when the first row decides.
    #[must_use]
    pub fn new(bytes: &'a [u8], dialect: &'a Dialect, columns: usize) -> Self {
        Self {
            bytes,
            dialect,
            columns,
            at: 0,
            line: 0,
            marks: Marks::default(),
            window_start: 0,
            window_line: 0,
            quote_cursor: 0,
            store: CellStore::default(),
            pieces_end: None,
        }
    }

    /// The next row, blank lines included.
    pub fn next_row(&mut self) -> Option<Row<'_>> {
        if self.window_line == self.marks.lines() && !self.index_next_window() {
            return None;
        }
        if let Some(line_end) = self.pieces_end {
            return Some(self.piece(line_end, 0));
        }
        let line = self.window_line;
        let start = self.window_start + self.marks.line_start(line);
        debug_assert_eq!(start, self.at, "lines are read in order");
        let ends = self.marks.cells_of(line);
        let line_end = self.window_start + ends[ends.len() - 1] as usize;
        let needs_care = self.dialect.delimiter.len() != 1
            || self.marks.has_quote(
                &mut self.quote_cursor,
                start - self.window_start,
                line_end - self.window_start,
            );
        let content_end = self.dialect.trim_end(self.bytes, start, line_end);
        if needs_care && content_end > start {
            return Some(self.careful_row(start, line_end, content_end));
        }
        if self.columns > 1
            && ends.len() != self.columns
            && self.falls_into_rows(start, content_end)
        {
            return Some(self.piece(line_end, 1));
        }
        self.at = (line_end + 1).min(self.bytes.len());
        self.window_line += 1;
        let row_line = self.line;
        self.line += 1;
        let ends = self.marks.cells_of(line);
        if self.columns == 0 && content_end > start {
            self.columns = ends.len();
        }
        Some(Row {
            span: start..content_end,
            next: self.at,
            line: row_line,
            lines: 1,
            flags: RowFlags {
                is_ragged: content_end > start && ends.len() != self.columns,
                ..RowFlags::default()
            },
            cells: LineCells::Plain {
                line: &self.bytes[start..content_end],
                first: (start - self.window_start) as u32,
                ends,
            },
        })
    }

    /// Whether a line is several rows that are parted by lone carriage returns.
    fn falls_into_rows(&self, start: usize, end: usize) -> bool {
        let line = &self.bytes[start..end];
        self.dialect.line_end() == b'\n'
            && memchr::memchr(b'\r', line).is_some()
            && line
                .split(|b| *b == b'\r')
                .all(|piece| piece.is_empty() || self.is_wide_row(piece))
    }

    /// Whether a line is a row, perhaps with empty cells behind it.
    fn is_wide_row(&self, line: &[u8]) -> bool {
        let mut cells = WideCounter {
            columns: self.columns,
            ..WideCounter::default()
        };
        self.dialect.strict(line, 0, Stop::AtEnd, &mut cells) == Strict::Row(line.len())
            && cells.count >= self.columns
            && !cells.has_more
    }

    /// The next row of a line that falls into several; `line_end` is where the line ends.
    fn piece(&mut self, line_end: usize, lines: u32) -> Row<'_> {
        let start = self.at;
        let content_end = self.dialect.trim_end(self.bytes, start, line_end);
        let end = memchr::memchr(b'\r', &self.bytes[start..content_end])
            .map_or(content_end, |at| start + at);
        let mut next = end;
        while next < content_end && self.bytes[next] == b'\r' {
            next += 1;
        }
        if next >= content_end {
            next = (line_end + 1).min(self.bytes.len());
            self.window_line += 1;
            self.pieces_end = None;
        } else {
            self.pieces_end = Some(line_end);
        }
        self.store.clear();
        // Each piece has been found to be a row.
        self.dialect
            .strict(&self.bytes[start..end], 0, Stop::AtEnd, &mut self.store);
        let line = if lines == 0 { self.line - 1 } else { self.line };
        self.line += u64::from(lines);
        self.at = next;
        let flags = RowFlags {
            is_ragged: self.store.ends.len() != self.columns,
            ..RowFlags::default()
        };
        let cells = LineCells::Stored {
            text: &self.store.text,
            ends: &self.store.ends,
        };
        Row {
            span: start..end,
            next,
            line,
            lines,
            flags,
            cells,
        }
    }

    fn index_next_window(&mut self) -> bool {
        if self.at >= self.bytes.len() {
            return false;
        }
        let line_end = self.dialect.line_end();
        let wanted = (self.at + WINDOW_BYTES).min(self.bytes.len());
        let end = if wanted == self.bytes.len() {
            wanted
        } else if let Some(last) = memchr::memrchr(line_end, &self.bytes[self.at..wanted]) {
            self.at + last + 1
        } else {
            memchr::memchr(line_end, &self.bytes[wanted..])
                .map_or(self.bytes.len(), |next| wanted + next + 1)
        };
        self.window_start = self.at;
        self.window_line = 0;
        self.quote_cursor = 0;
        let delimiter = match self.dialect.delimiter.as_slice() {
            [one] => *one,
            _ => line_end,
        };
        let quote = self.dialect.quote.unwrap_or(delimiter);
        self.marks.find(
            &self.bytes[self.at..end],
            Separators {
                delimiter,
                line_end,
                quote,
            },
        );
        true
    }

    fn careful_row(&mut self, start: usize, line_end: usize, content_end: usize) -> Row<'_> {
        let line = &self.bytes[start..content_end];
        self.store.clear();
        let strict = self.dialect.strict(line, 0, Stop::AtEnd, &mut self.store);
        let mut flags = RowFlags::default();
        let mut row_end = content_end;
        let mut next = (line_end + 1).min(self.bytes.len());
        let mut lines = 1;
        match strict {
            Strict::Row(_)
                if self.columns > 1
                    && self.store.ends.len() != self.columns
                    && self.falls_into_rows(start, content_end) =>
            {
                return self.piece(line_end, 1);
            }
            Strict::Row(_) => {}
            // A lone carriage return behind a closing quote is a fault of the line, and none of its rows.
            Strict::Open | Strict::Fault
                if self.columns > 1 && self.falls_into_rows(start, content_end) =>
            {
                return self.piece(line_end, 1);
            }
            Strict::Open if let Some(end) = self.joined(start) => {
                row_end = self.dialect.trim_end(self.bytes, start, end);
                next = (end + 1).min(self.bytes.len());
                lines =
                    1 + memchr::memchr_iter(self.dialect.line_end(), &self.bytes[start..row_end])
                        .count() as u32;
            }
            Strict::Open | Strict::Fault => {
                self.store.clear();
                let is_open = lenient::read(line, self.dialect, self.columns, &mut self.store);
                flags.has_unclosed_quote = is_open;
                flags.has_stray_quote = !is_open;
            }
        }
        if self.columns == 0 {
            self.columns = self.store.ends.len();
        }
        flags.is_ragged = self.store.ends.len() != self.columns;
        let row_line = self.line;
        self.line += u64::from(lines);
        self.at = next;
        self.skip_lines(lines as usize);
        Row {
            span: start..row_end,
            next,
            line: row_line,
            lines,
            flags,
            cells: LineCells::Stored {
                text: &self.store.text,
                ends: &self.store.ends,
            },
        }
    }

    fn skip_lines(&mut self, lines: usize) {
        self.window_line += lines;
        if self.window_line > self.marks.lines() {
            // The row went on behind the window: index anew from its end.
            self.marks.clear();
            self.window_line = 0;
        }
    }

    /// The end of a row that begins at `start` and goes on over several lines, with its cells in the store.
    fn joined(&mut self, start: usize) -> Option<usize> {
        let columns = self.columns;
        let line_end = self.dialect.line_end();
        let limit = self.join_limit(start, columns, line_end)?;
        self.store.clear();
        match self.dialect.strict(
            &self.bytes[..limit],
            start,
            Stop::AtLineEnd,
            &mut self.store,
        ) {
            Strict::Row(end) if columns == 0 || self.store.ends.len() == columns => Some(end),
            _ => None,
        }
    }

    /// How far a row that begins at `start` could reach: to the next line that is a row by itself, or a hundred lines.
    fn join_limit(&self, start: usize, columns: usize, line_end: u8) -> Option<usize> {
        let first_end = start + memchr::memchr(line_end, &self.bytes[start..])?;
        let first_fits = self.blind_cells(&self.bytes[start..first_end]) == columns;
        let mut limit = first_end;
        for _ in 1..MAX_LINES_PER_ROW {
            if limit >= self.bytes.len() {
                break;
            }
            let line_start = limit + 1;
            let end = memchr::memchr(line_end, &self.bytes[line_start..])
                .map_or(self.bytes.len(), |n| line_start + n);
            let content_end = self.dialect.trim_end(self.bytes, line_start, end);
            if self.begins_a_row(&self.bytes[line_start..content_end], first_fits, columns) {
                break;
            }
            limit = end;
        }
        (limit > first_end).then_some(limit)
    }

    /// Whether a line must not be swallowed: it is a row by itself, or it and the first line have the right number of separators
    /// when quotes are not looked at (two rows that each end in a stray quote would otherwise read as one).
    fn begins_a_row(&self, line: &[u8], first_fits: bool, columns: usize) -> bool {
        columns > 0
            && !line.is_empty()
            && (self.dialect.is_row(line, columns)
                || (first_fits && self.blind_cells(line) == columns))
    }

    fn blind_cells(&self, line: &[u8]) -> usize {
        memchr::memmem::find_iter(line, &self.dialect.delimiter).count() + 1
    }
}

/// Reads all rows of a text; blank lines are left out.
#[must_use]
pub fn read_rows(bytes: &[u8], dialect: &Dialect) -> ReadRows {
    let bom = if bytes.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    let dialect = dialect.clone().decided(bytes);
    let body = skip_lines(bytes, dialect.preamble, dialect.line_end()).max(bom);
    let mut reader = RowReader::new(&bytes[body..], &dialect, dialect.columns.unwrap_or(0));
    let mut read = ReadRows::default();
    while let Some(row) = reader.next_row() {
        if row.is_empty() {
            continue;
        }
        let index = read.rows.len() as u64;
        for kind in row.flags.kinds() {
            read.flags.push(Flag {
                row: index,
                line: row.line + dialect.preamble as u64 + 1,
                byte_offset: (body + row.span.start) as u64,
                kind,
                detail: detail(kind, row.len()),
                raw: bytes[body..][row.span.clone()].to_vec(),
            });
        }
        read.rows.push(row.cells().map(<[u8]>::to_vec).collect());
    }
    read
}

fn detail(kind: FlagKind, cells: usize) -> String {
    match kind {
        FlagKind::Ragged => format!("the row has {cells} cells, not as many as there are columns"),
        FlagKind::StrayQuote => {
            "a quote stands inside a cell; it was read as a character of the text".into()
        }
        FlagKind::UnclosedQuote => "a quote opens a cell and is never closed".into(),
    }
}

fn skip_lines(bytes: &[u8], lines: usize, line_end: u8) -> usize {
    if lines == 0 {
        return 0;
    }
    memchr::memchr_iter(line_end, bytes)
        .nth(lines - 1)
        .map_or(bytes.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Vec<String>>, Vec<&'static str>) {
        let read = read_rows(text.as_bytes(), &Dialect::default());
        let rows = read
            .rows
            .iter()
            .map(|r| {
                r.iter()
                    .map(|c| String::from_utf8_lossy(c).into_owned())
                    .collect()
            })
            .collect();
        (rows, read.flags.iter().map(|f| f.kind.code()).collect())
    }

    #[test]
    fn quoting_line_ends_and_blanks() {
        let cases: [(&str, &[&[&str]]); 7] = [
            ("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]),
            ("a,b\r\n1,\"2\"\r\n\r\n", &[&["a", "b"], &["1", "2"]]),
            (
                "a,b\n\"x, y\",\"say \"\"hi\"\"\"",
                &[&["a", "b"], &["x, y", "say \"hi\""]],
            ),
            (
                "a,b\n\"one\ntwo\",3\n4,5",
                &[&["a", "b"], &["one\ntwo", "3"], &["4", "5"]],
            ),
            (
                "a,b\n\"one\r\ntwo\",3\r\n4,5\r\n",
                &[&["a", "b"], &["one\r\ntwo", "3"], &["4", "5"]],
            ),
            ("a\rb,c\r", &[&["a"], &["b", "c"]]),
            ("a,b\n,\n", &[&["a", "b"], &["", ""]]),
        ];
        for (text, want) in cases {
            assert_eq!(read(text).0, want, "{text:?}");
        }
    }

    #[test]
    fn a_line_falls_into_rows_at_lone_carriage_returns() {
        let rows = |text: &str| {
            let dialect = Dialect {
                columns: Some(3),
                ..Dialect::default()
            }
            .decided(text.as_bytes());
            let mut reader = RowReader::new(text.as_bytes(), &dialect, 3);
            let mut seen = Vec::new();
            while let Some(row) = reader.next_row() {
                let cells: Vec<String> = row
                    .cells()
                    .map(|c| String::from_utf8_lossy(c).into_owned())
                    .collect();
                seen.push((
                    cells.join("|"),
                    row.line,
                    row.lines,
                    row.next - row.span.start,
                ));
            }
            assert_eq!(
                seen.iter().map(|row| row.3).sum::<usize>(),
                text.len(),
                "every byte is accounted for"
            );
            seen.into_iter()
                .map(|(cells, line, lines, _)| (cells, line, lines))
                .collect::<Vec<_>>()
        };
        let row = |cells: &str, line, lines| (cells.to_owned(), line, lines);
        assert_eq!(
            rows("1,2,3\r\n4,5,6\r7,\"8,\",9\n0,0,0"),
            [
                row("1|2|3", 0, 1),
                row("4|5|6", 1, 1),
                row("7|8,|9", 1, 0),
                row("0|0|0", 2, 1)
            ]
        );
        assert_eq!(
            rows("1,2,3\r4,5,6\r\r7,8,9\r\n"),
            [row("1|2|3", 0, 1), row("4|5|6", 0, 0), row("7|8|9", 0, 0)]
        );
        // A carriage return inside a cell of a row that is right is text.
        assert_eq!(rows("1,2\rx,3\n"), [row("1|2\rx|3", 0, 1)]);
        assert_eq!(rows("1,2\rx\n"), [row("1|2\rx", 0, 1)]);
    }

    #[test]
    fn one_stray_quote_costs_no_neighbour() {
        let mut text = String::from("a,b,c\n");
        for row in 0..1000 {
            text.push_str(if row == 500 { "500,\"x,y\n" } else { "1,2,3\n" });
        }
        let (rows, flags) = read(&text);
        assert_eq!(rows.len(), 1001);
        assert_eq!(flags.len(), 1);
        assert!(
            rows.iter()
                .skip(1)
                .enumerate()
                .all(|(i, r)| i == 500 || r == &["1", "2", "3"])
        );
    }

    #[test]
    fn inch_marks_are_text() {
        let (rows, flags) = read("a,b,c\nS,Song (12\" mix),1\n");
        assert_eq!(rows[1], ["S", "Song (12\" mix)", "1"]);
        assert_eq!(flags, ["stray_quote"]);
    }
}
