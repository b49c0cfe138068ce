//! The head of a file into its layout: separator, header row and preamble, found by score and never by line number.

use super::evidence::Sample;
use super::kind;
use super::layout::{Layout, LayoutColumns, Layouts};
use super::ledger::StatedTotal;
use super::names::HeaderNames;
use super::records::{Dialect, RowReader};
use super::refusal::refusal;
use super::shape::{self, OtherTable};
use super::source::HEAD_BYTES;

/// Lines in which the header is looked for.
const HEADER_LINES: usize = 200;
/// Separators that senders use.
const DELIMITERS: [u8; 4] = [b'\t', b',', b';', b'|'];

/// A file whose header has been found.
#[derive(Debug, Clone)]
pub struct Recognized {
    /// The layout that fits best.
    pub layout: Layout,
    /// How rows and cells are parted.
    pub dialect: Dialect,
    /// Header cells as written.
    pub header: Vec<String>,
    /// Rows above the header.
    pub preamble: Vec<Vec<String>>,
    /// The first rows below the header.
    pub sample: Sample,
    /// Other tables with money, above the header.
    pub tables: Vec<OtherTable>,
    /// Totals that stand above the header.
    pub(super) stated: Vec<StatedTotal>,
    /// Physical lines up to and including the header.
    pub head_lines: u64,
    /// Physical lines of the header.
    pub header_lines: u64,
    /// Rows up to and including the header, as a spreadsheet counts them.
    pub head_rows: u64,
    /// Where the first record begins.
    pub body_offset: usize,
}

/// Why no layout fits, in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognized {
    /// What was found and what is missing.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

struct HeaderRow {
    cells: Vec<String>,
    names: HeaderNames,
    line: usize,
    lines: usize,
    rows_before: usize,
    end: usize,
    dialect: Dialect,
}

/// Finds layout and header row of a file by its first bytes.
///
/// # Errors
/// [`Unrecognized`] says what was found, what is missing and how to go on.
pub fn recognize(head: &[u8], layouts: &Layouts) -> Result<Recognized, Unrecognized> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(Unrecognized {
            reason: "the file is empty".into(),
            remedy: "Download the statement again, or leave the file out".into(),
        });
    }
    if let Some(kind) = kind::of_dsr(head) {
        return Err(Unrecognized {
            reason: kind.reason(),
            remedy: kind.remedy,
        });
    }
    let candidates = header_rows(head);
    let mut best: Option<(usize, &HeaderRow, &Layout)> = None;
    for row in &candidates {
        for layout in &layouts.layouts {
            if let Some(score) = score(row, layout)
                && best.as_ref().is_none_or(|(top, _, _)| score > *top)
            {
                best = Some((score, row, layout));
            }
        }
    }
    if best.is_none() {
        for row in &candidates {
            if let Some(score) = generic_score(row, &layouts.generic)
                && best.as_ref().is_none_or(|(top, _, _)| score > *top)
            {
                best = Some((score, row, &layouts.generic));
            }
        }
    }
    let Some((_, row, layout)) = best else {
        return Err(refusal(head, layouts));
    };
    if let Some(reason) = &layout.not_income {
        return Err(Unrecognized {
            reason: format!(
                "recognized as “{}”: {}",
                layout.name,
                reason.trim_end_matches('.')
            ),
            remedy: "Leave the file out".into(),
        });
    }
    Ok(found(head, row, layout))
}

fn found(head: &[u8], row: &HeaderRow, layout: &Layout) -> Recognized {
    let preamble = rows_before(head, row);
    let mut dialect = row.dialect.clone();
    let mut header = row.cells.clone();
    let rows = shape::first_rows(&head[row.end..], &dialect, header.len());
    shape::fit_header(&mut header, &rows, layout);
    dialect.columns = Some(header.len());
    let sample = shape::sample(rows, header.len(), head.len() < HEAD_BYTES);
    let (tables, stated) = shape::tables_above(&preamble, layout);
    Recognized {
        layout: layout.clone(),
        dialect,
        header,
        preamble,
        sample,
        tables,
        stated,
        head_lines: (row.line + row.lines) as u64,
        header_lines: row.lines as u64,
        head_rows: row.rows_before as u64 + 1,
        body_offset: row.end,
    }
}

fn rows_before(head: &[u8], row: &HeaderRow) -> Vec<Vec<String>> {
    lines(head, row.dialect.line_end())
        .take(row.line)
        .map(|(start, end)| cells_of(&head[start..end], &row.dialect))
        .collect()
}

/// Bytes in which a name with a line end inside is looked for.
const HEADER_BYTES: usize = 64 << 10;

/// Every line of the head, read with every separator that occurs in it at least once. A name may go over several lines.
fn header_rows(head: &[u8]) -> Vec<HeaderRow> {
    let mut rows = Vec::new();
    for delimiter in DELIMITERS {
        let dialect = Dialect::new(delimiter).decided(head);
        for (line, (start, end)) in lines(head, dialect.line_end())
            .take(HEADER_LINES)
            .enumerate()
        {
            let content = &head[start..end];
            if content.len() > HEADER_BYTES || memchr::memchr(delimiter, content).is_none() {
                continue;
            }
            let is_open = memchr::memchr_iter(b'"', content).count() % 2 == 1;
            let text = if is_open {
                &head[start..head.len().min(start + HEADER_BYTES)]
            } else {
                content
            };
            let mut reader = RowReader::new(text, &dialect, 0);
            let Some(row) = reader.next_row() else {
                continue;
            };
            let lines = row.lines.max(1) as usize;
            let next = if lines > 1 {
                start + row.next
            } else {
                line_after(head, end, &dialect)
            };
            let cells: Vec<String> = row
                .cells()
                .map(|c| String::from_utf8_lossy(c).trim().to_owned())
                .collect();
            let names = HeaderNames::of(&cells);
            rows.push(HeaderRow {
                cells,
                names,
                line,
                lines,
                rows_before: line,
                end: next,
                dialect: dialect.clone(),
            });
        }
    }
    rows
}

/// Where the line after the one that ends at `end` begins.
fn line_after(head: &[u8], end: usize, dialect: &Dialect) -> usize {
    // A carriage return that was trimmed belongs to the line end.
    let line_end = if head.get(end) == Some(&b'\r') && dialect.line_end() == b'\n' {
        2
    } else {
        1
    };
    (end + line_end).min(head.len())
}

fn lines(head: &[u8], line_end: u8) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= head.len() {
            return None;
        }
        let end = memchr::memchr(line_end, &head[start..]).map_or(head.len(), |n| start + n);
        let trimmed = if line_end == b'\n' && end > start && head[end - 1] == b'\r' {
            end - 1
        } else {
            end
        };
        let line = (start, trimmed);
        start = end + 1;
        Some(line)
    })
}

fn cells_of(line: &[u8], dialect: &Dialect) -> Vec<String> {
    let mut reader = RowReader::new(line, dialect, 0);
    reader
        .next_row()
        .map(|row| {
            row.cells()
                .map(|c| String::from_utf8_lossy(c).trim().to_owned())
                .collect()
        })
        .unwrap_or_default()
}

impl HeaderRow {
    fn has(&self, name: &str) -> bool {
        self.names.find(name).is_some()
    }
}

/// Whether one of the alternatives of a `require` entry is there.
fn has_any(row: &HeaderRow, alternatives: &str) -> bool {
    alternatives.split('|').any(|name| row.has(name))
}

/// Whether a layout's money can be read from this header.
fn has_amount(row: &HeaderRow, layout: &Layout) -> bool {
    layout
        .amount
        .iter()
        .any(|a| row.has(&a.column) && a.currency_column.as_ref().is_none_or(|c| row.has(c)))
}

fn score(row: &HeaderRow, layout: &Layout) -> Option<usize> {
    let fits = layout.require.iter().all(|r| has_any(row, r))
        && !layout.refuse_if.iter().any(|r| row.has(r));
    if !fits || (layout.not_income.is_none() && !has_amount(row, layout)) {
        return None;
    }
    let known = all_names(&layout.columns)
        .filter(|name| row.has(name))
        .count();
    Some(1 + known + 2 * layout.require.len())
}

fn generic_score(row: &HeaderRow, generic: &Layout) -> Option<usize> {
    let columns = &generic.columns;
    let names_a_thing = [&columns.isrc, &columns.upc, &columns.title, &columns.dsp_id]
        .into_iter()
        .any(|names| names.iter().any(|n| row.has(n)));
    if !names_a_thing || !has_amount(row, generic) || generic.refuse_if.iter().any(|r| row.has(r)) {
        return None;
    }
    let fields = fields_of(columns)
        .filter(|names| names.iter().any(|n| row.has(n)))
        .count();
    // Of several tables of the same money the one that goes down to recordings is read.
    let detail = [(&columns.isrc, 4), (&columns.title, 2)]
        .into_iter()
        .filter(|(names, _)| names.iter().any(|n| row.has(n)));
    Some(1 + fields + detail.map(|(_, weight)| weight).sum::<usize>())
}

fn fields_of(columns: &LayoutColumns) -> impl Iterator<Item = &Vec<String>> {
    [
        &columns.isrc,
        &columns.upc,
        &columns.dsp_id,
        &columns.title,
        &columns.version,
        &columns.artist,
        &columns.label,
        &columns.release,
        &columns.duration,
        &columns.dsp,
        &columns.territory,
        &columns.usage,
        &columns.usage_also,
        &columns.quantity,
        &columns.period,
        &columns.period_start,
        &columns.period_end,
        &columns.period_in,
    ]
    .into_iter()
}

fn all_names(columns: &LayoutColumns) -> impl Iterator<Item = &String> {
    fields_of(columns).flatten()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn recognize_text(text: &str) -> Result<Recognized, Unrecognized> {
        let own: [&Path; 0] = [];
        recognize(text.as_bytes(), &Layouts::load(&own).unwrap())
    }

    #[test]
    fn headers_are_found_below_preambles() {
        let spotify = "Format version\tStart date\tEnd date\n1\t2026-09-01\t2026-09-30\nCountry\tProduct\tURI\tUPC\tEAN\tISRC\tTrack name\tArtist name\tComposer name\tAlbum name\tQuantity\tLabel\tPayable\tPayable currency\nDE\tP\tspotify:track:1\t\t\t\tx\ty\t\tz\t1\tl\t0.1\tEUR\n";
        let found = recognize_text(spotify).unwrap();
        assert_eq!(
            (
                found.layout.id.as_str(),
                found.head_lines,
                found.dialect.delimiter.as_slice()
            ),
            ("spotify", 3, &b"\t"[..])
        );
        assert_eq!(found.preamble.len(), 2);
        assert!(spotify[found.body_offset..].starts_with("DE"));
    }

    #[test]
    fn what_cannot_be_placed_is_refused_with_reason_and_remedy() {
        assert_eq!(
            recognize_text(" \n\n").unwrap_err().reason,
            "the file is empty"
        );
        let refused = recognize_text("colour,shape\nred,round\n").unwrap_err();
        assert!(
            refused.reason.contains("“colour”, “shape”"),
            "{}",
            refused.reason
        );
        assert!(refused.remedy.contains("--layout"));
        assert!(
            recognize_text("just prose\n")
                .unwrap_err()
                .reason
                .contains("no columns")
        );
    }
}
