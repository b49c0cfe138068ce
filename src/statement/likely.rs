//! The line of a text that looks most like a header, whatever the layouts say: for refusals, and for layouts that are proposed.

use std::collections::HashSet;

use super::layout::{Layout, LayoutColumns, Layouts, header_key};
use super::records::{Dialect, RowReader};
use crate::ident::{Currency, Isrc, PeriodTextError, SalePeriod};

/// Lines in which the header is looked for.
const LINES: usize = 200;
/// Lines below a header that are compared with it.
const FOLLOWERS: usize = 30;
/// Lines that a header may go over, when its names have line ends inside.
const HEADER_LINES: usize = 12;
/// A longer line is no header.
const MAX_BYTES: usize = 64 << 10;

/// A header as it was found.
#[derive(Debug, Clone)]
pub(super) struct Likely {
    /// How rows and cells are parted; the number of columns is set.
    pub dialect: Dialect,
    /// Its cells.
    pub header: Vec<String>,
    /// Rows above it.
    pub preamble: Vec<Vec<String>>,
    /// Its first line, 0-based.
    pub line: usize,
    /// Where the first record begins.
    pub body: usize,
    /// Cells that are names: not empty, and no number, date or code.
    pub names: usize,
    /// Lines right below it that have as many cells.
    pub followers: usize,
    /// Cells whose name some layout knows.
    pub known: usize,
    score: i64,
}

impl Likely {
    /// Why this line was taken for the header.
    pub fn why(&self) -> String {
        let mut reasons = vec![format!(
            "{} of its {} cells are names and no numbers, dates or codes",
            self.names,
            self.header.len()
        )];
        match self.followers {
            0 => reasons.push("no line with as many cells follows it".into()),
            1 => reasons.push("one line with as many cells follows it".into()),
            n => reasons.push(format!("{n} lines with as many cells follow it")),
        }
        reasons.push(match self.known {
            0 => "none of its names is known".into(),
            1 => "one of its names is known".into(),
            n => format!("{n} of its names are known"),
        });
        let last = reasons.pop().unwrap_or_default();
        format!("{}, and {last}", reasons.join(", "))
    }

    /// The header's names as they are compared.
    pub fn keys(&self) -> Vec<String> {
        self.header.iter().map(|name| header_key(name)).collect()
    }
}

/// The likeliest header of a text; `None` when no line has any separator.
pub(super) fn likely_header(head: &[u8], layouts: &Layouts) -> Option<Likely> {
    let known = known_names(layouts);
    let mut best: Option<Likely> = None;
    for delimiter in [b'\t', b',', b';', b'|'] {
        let dialect = Dialect::new(delimiter).decided(head);
        let lines = lines_of(head, &dialect);
        for at in 0..lines.len().min(LINES) {
            if let Some(found) = candidate(head, &lines, at, &dialect, &known)
                && best.as_ref().is_none_or(|b| found.score > b.score)
            {
                best = Some(found);
            }
        }
    }
    let mut best = best?;
    let lines = lines_of(head, &best.dialect);
    best.preamble = lines[..best.line]
        .iter()
        .map(|line| cells_of(head, line, &best.dialect))
        .collect();
    best.dialect.columns = Some(best.header.len());
    Some(best)
}

fn known_names(layouts: &Layouts) -> HashSet<String> {
    let mut known = HashSet::new();
    for layout in layouts.layouts.iter().chain([&layouts.generic]) {
        let money = layout
            .amount
            .iter()
            .flat_map(|a| [Some(&a.column), a.currency_column.as_ref()])
            .flatten();
        let names = fields_of(&layout.columns)
            .into_iter()
            .flat_map(|(_, names)| names)
            .chain(money);
        known.extend(
            names
                .chain(layout.require.iter())
                .map(|name| header_key(name)),
        );
    }
    known
}

/// The fields of a layout, with the words in which messages and layouts name them.
pub(super) fn fields_of(c: &LayoutColumns) -> [(&'static str, &Vec<String>); 18] {
    [
        ("isrc", &c.isrc),
        ("upc", &c.upc),
        ("dsp_id", &c.dsp_id),
        ("title", &c.title),
        ("version", &c.version),
        ("artist", &c.artist),
        ("label", &c.label),
        ("release", &c.release),
        ("duration", &c.duration),
        ("dsp", &c.dsp),
        ("territory", &c.territory),
        ("usage", &c.usage),
        ("usage_also", &c.usage_also),
        ("quantity", &c.quantity),
        ("period", &c.period),
        ("period_start", &c.period_start),
        ("period_end", &c.period_end),
        ("period_in", &c.period_in),
    ]
}

/// The money column of a header by a layout's list, with its currency column.
pub(super) fn amount_by_name<'l>(
    keys: &[String],
    layout: &'l Layout,
) -> Option<&'l super::layout::AmountColumn> {
    let has = |name: &String| keys.contains(&header_key(name));
    layout
        .amount
        .iter()
        .find(|a| has(&a.column) && a.currency_column.as_ref().is_none_or(has))
}

/// Beginnings and ends of lines, the first [`LINES`] and those that are compared with the last of them.
fn lines_of(head: &[u8], dialect: &Dialect) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < head.len() && lines.len() < LINES + FOLLOWERS + HEADER_LINES {
        let end = memchr::memchr(dialect.line_end(), &head[at..]).map_or(head.len(), |n| at + n);
        lines.push((at, end));
        at = end + 1;
    }
    lines
}

fn cells_of(head: &[u8], &(start, end): &(usize, usize), dialect: &Dialect) -> Vec<String> {
    RowReader::new(&head[start..end], dialect, 0)
        .next_row()
        .map(|row| text_of(&row))
        .unwrap_or_default()
}

fn text_of(row: &super::records::Row<'_>) -> Vec<String> {
    row.cells()
        .map(|cell| {
            String::from_utf8_lossy(cell)
                .trim()
                .trim_start_matches('\u{FEFF}')
                .to_owned()
        })
        .collect()
}

fn candidate(
    head: &[u8],
    lines: &[(usize, usize)],
    at: usize,
    dialect: &Dialect,
    known: &HashSet<String>,
) -> Option<Likely> {
    let (start, end) = lines[at];
    let line = &head[start..end];
    if line.len() > MAX_BYTES || memchr::memchr(dialect.delimiter[0], line).is_none() {
        return None;
    }
    // A name with a line end inside: the row goes on below.
    let is_open = memchr::memchr_iter(b'"', line).count() % 2 == 1;
    let reach = if is_open {
        lines[(at + HEADER_LINES).min(lines.len() - 1)].1
    } else {
        end
    };
    let mut reader = RowReader::new(&head[start..reach], dialect, 0);
    let row = reader.next_row()?;
    let header = text_of(&row);
    let next = at + row.lines as usize;
    if header.len() < 2 {
        return None;
    }
    let keys: Vec<String> = header.iter().map(|cell| header_key(cell)).collect();
    let is_name = |cell: &String| !cell.is_empty() && !is_value(cell);
    let below: Vec<Vec<String>> = lines
        .iter()
        .skip(next)
        .take(FOLLOWERS)
        .map(|line| cells_of(head, line, dialect))
        .collect();
    let fits = |cells: &Vec<String>| {
        cells.len() == header.len()
            || (cells.len() > header.len() && cells[header.len()..].iter().all(String::is_empty))
    };
    let rows: Vec<&Vec<String>> = below.iter().take_while(|cells| fits(cells)).collect();
    let names = header.iter().filter(|cell| is_name(cell)).count();
    let empty = header.iter().filter(|cell| cell.is_empty()).count();
    let twice = keys
        .iter()
        .enumerate()
        .filter(|(i, key)| !key.is_empty() && keys[..*i].contains(key))
        .count();
    let contrast = (0..header.len())
        .filter(|&column| is_name(&header[column]) && holds_values(&rows, column))
        .count();
    let known = keys.iter().filter(|key| known.contains(*key)).count();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX / 64);
    let values = header.len() - names - empty;
    let mut score =
        4 * count(known) + 2 * count(names) + 3 * count(contrast) + count(rows.len().min(10));
    score -= 4 * count(values) + count(empty) + 2 * count(twice);
    if rows.is_empty() {
        score -= count(header.len());
    }
    let body = lines.get(next).map_or(head.len(), |line| line.0);
    let dialect = dialect.clone();
    let followers = rows.len();
    Some(Likely {
        dialect,
        preamble: Vec::new(),
        line: at,
        body,
        names,
        followers,
        known,
        score,
        header,
    })
}

/// Whether at least half of what stands in a column below is numbers, dates or codes.
fn holds_values(rows: &[&Vec<String>], column: usize) -> bool {
    let cells: Vec<&String> = rows
        .iter()
        .map(|row| &row[column])
        .filter(|cell| !cell.is_empty())
        .collect();
    !cells.is_empty() && cells.iter().filter(|cell| is_value(cell)).count() * 2 >= cells.len()
}

/// Whether a cell is a number, a date or a code rather than a name.
pub(super) fn is_value(cell: &str) -> bool {
    let has_digit = cell.bytes().any(|b| b.is_ascii_digit());
    let is_number = has_digit
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || c.is_whitespace() || ".,-+%()'’/:$€£¥".contains(c));
    let is_code = cell.len() == 3
        && cell.bytes().all(|b| b.is_ascii_uppercase())
        && Currency::parse(cell).is_ok();
    is_number || is_code || (has_digit && (Isrc::parse(cell).is_ok() || is_period(cell)))
}

/// Whether a cell is a date or a period.
pub(super) fn is_period(cell: &str) -> bool {
    match SalePeriod::parse(cell, None) {
        Ok(period) => period.days().is_some(),
        Err(error) => error == PeriodTextError::Undecided,
    }
}
