//! Files of cells: what is settled, read from a file and written into one that reads back as the same cells.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, DecimalMark, parse_amount};
use crate::settlement::{CellText, Cells, CellsBuilder, Line};
use crate::statement::records::{Row, RowReader};
use crate::terms::input::{Fault, Place, dialect_of, period_of, releases_of};

/// Columns of a cells file, with the names that each may have.
const COLUMNS: [(&str, &[&str], bool); 12] = [
    ("track", &["track", "track_id", "trackid"], true),
    ("territory", &["territory", "country"], true),
    ("period", &["period", "sale_period"], true),
    ("usage", &["usage", "usage_type"], true),
    ("dsp", &["dsp"], true),
    ("quantity", &["quantity", "units"], true),
    ("amount", &["amount"], true),
    ("currency", &["currency"], true),
    ("flags", &["flags", "flag"], false),
    ("release", &["release", "upc"], false),
    ("label", &["label"], false),
    ("statement", &["statement", "source"], false),
];

/// Bytes of a file that one worker reads at a time.
const CHUNK_BYTES: usize = 4 << 20;
/// Faults that are listed; a file with more is wrong as a whole.
const MOST_FAULTS: usize = 20;

/// Reads a cells file: comma, semicolon or tab; columns by name in any order.
///
/// # Errors
/// The faults, with line and column; nothing is taken from a file with faults.
pub fn read_cells(file: &str, bytes: &[u8]) -> Result<Cells, Vec<Fault>> {
    let name: Arc<str> = file.into();
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let place = |line: usize| Place {
        file: Arc::clone(&name),
        line,
    };
    let dialect = dialect_of(body);
    let mut reader = RowReader::new(body, &dialect, 0);
    let Some((header, next, lines)) = reader
        .next_row()
        .map(|row| (texts(&row), row.next, row.lines as usize))
    else {
        return Err(vec![Fault::new(
            &place(1),
            "",
            "the file is empty",
            "write a header line",
        )]);
    };
    let columns = columns(&header, &place(1))?;
    let data = &body[next..];
    let chunks: Vec<(CellsBuilder, Vec<Fault>)> = chunks(data)
        .into_par_iter()
        .map(|(start, text)| {
            let mut chunk = CellChunk {
                builder: CellsBuilder::default(),
                faults: Vec::new(),
                columns,
                file: &name,
                releases: Default::default(),
            };
            chunk.read(text, &dialect, header.len(), start + lines);
            (chunk.builder, chunk.faults)
        })
        .collect();
    let mut parts = Vec::new();
    let mut faults = Vec::new();
    for (cells, found) in chunks {
        parts.push(cells);
        faults.extend(found);
    }
    if !faults.is_empty() {
        let more = faults.len().saturating_sub(MOST_FAULTS);
        faults.truncate(MOST_FAULTS);
        if more > 0 {
            faults.push(Fault::new(
                &place(1),
                "",
                format!("… and {more} more faults"),
                "correct the file",
            ));
        }
        return Err(faults);
    }
    CellsBuilder::finish_all(parts).map_err(|e| {
        vec![Fault::new(
            &place(1),
            "amount",
            e.to_string(),
            "settle parts of the file on their own",
        )]
    })
}

/// The rows of a cells file, header first. Texts stand as they are, also those that a spreadsheet would run: the file is an input, and
/// must read back as the same cells.
pub fn cell_rows(cells: &Cells) -> impl Iterator<Item = [String; COLUMNS.len()]> + '_ {
    let row = |line: &Line| {
        let work = &cells.works[line.work as usize];
        let dim = &cells.dims[line.dim as usize];
        [
            work.track.clone(),
            cells.territories[dim.territory as usize].clone(),
            cells.periods[dim.period as usize].to_string(),
            cells.usages[dim.usage as usize].clone(),
            cells.dsps[dim.dsp as usize].clone(),
            line.quantity.to_string(),
            line.amount.to_string(),
            dim.currency.code().to_owned(),
            cells.flags[dim.flags as usize].clone(),
            work.release.clone(),
            work.label.clone(),
            cells.statements[dim.statement as usize].clone(),
        ]
    };
    std::iter::once(COLUMNS.map(|(name, ..)| name.to_owned())).chain(cells.lines.iter().map(row))
}

fn texts(row: &Row<'_>) -> Vec<String> {
    row.cells()
        .map(|c| {
            String::from_utf8_lossy(c)
                .trim()
                .to_lowercase()
                .replace(' ', "_")
        })
        .collect()
}

fn columns(header: &[String], place: &Place) -> Result<[Option<usize>; COLUMNS.len()], Vec<Fault>> {
    let mut faults = Vec::new();
    let found = COLUMNS.map(|(name, names, is_needed)| {
        let mut places = header
            .iter()
            .enumerate()
            .filter(|(_, h)| names.contains(&h.as_str()))
            .map(|(at, _)| at);
        let first = places.next();
        if places.next().is_some() {
            faults.push(Fault::new(
                place,
                name,
                "two columns of the header are this one",
                "leave one of them out",
            ));
        } else if first.is_none() && is_needed {
            faults.push(Fault::new(
                place,
                name,
                "the header has no such column",
                format!("add a column {}", names.join(" or ")),
            ));
        }
        first
    });
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(faults)
    }
}

/// Parts of a text that begin at the beginning of a row, each with the lines before it. A text with quotes is one part.
fn chunks(data: &[u8]) -> Vec<(usize, &[u8])> {
    if memchr::memchr(b'"', data).is_some() || memchr::memchr(b'\n', data).is_none() {
        return vec![(0, data)];
    }
    let mut parts = Vec::new();
    let mut rest = data;
    let mut line = 0;
    while !rest.is_empty() {
        let wanted = rest.len().min(CHUNK_BYTES);
        let end = memchr::memchr(b'\n', &rest[wanted..]).map_or(rest.len(), |at| wanted + at + 1);
        let (part, after) = rest.split_at(end);
        parts.push((line, part));
        line += memchr::memchr_iter(b'\n', part).count();
        rest = after;
    }
    parts
}

struct CellChunk<'a> {
    builder: CellsBuilder,
    faults: Vec<Fault>,
    columns: [Option<usize>; COLUMNS.len()],
    file: &'a Arc<str>,
    /// Releases as they were written last, and in the form in which they are compared.
    releases: (String, String),
}

impl CellChunk<'_> {
    fn read(
        &mut self,
        text: &[u8],
        dialect: &crate::statement::records::Dialect,
        width: usize,
        lines_before: usize,
    ) {
        let mut reader = RowReader::new(text, dialect, width);
        let mut period = (Vec::new(), SalePeriod::UNKNOWN);
        while let Some(row) = reader.next_row() {
            if row.is_empty() {
                continue;
            }
            if let Err((column, problem, remedy)) = self.take(&row, &mut period) {
                let line = lines_before + usize::try_from(row.line).unwrap_or(usize::MAX) + 1;
                let place = Place {
                    file: Arc::clone(self.file),
                    line,
                };
                self.faults
                    .push(Fault::new(&place, column, problem, remedy));
            }
        }
    }

    fn take(
        &mut self,
        row: &Row<'_>,
        period: &mut (Vec<u8>, SalePeriod),
    ) -> Result<(), (&'static str, String, &'static str)> {
        if row.flags.is_ragged || row.flags.has_stray_quote || row.flags.has_unclosed_quote {
            return Err((
                "",
                "the row has more or fewer cells than the header, or a quote that is not closed"
                    .into(),
                "correct the row",
            ));
        }
        let raw = |column: usize| self.columns[column].map_or(&[][..], |at| row.cell(at));
        let text = |column: usize| {
            let utf8 = std::str::from_utf8(raw(column)).map(str::trim);
            utf8.map_err(|_| {
                (
                    COLUMNS[column].0,
                    "the text is not UTF-8".to_owned(),
                    "save the file as UTF-8",
                )
            })
        };
        let number = |column: usize, empty: Option<Amount>| match parse_amount(
            raw(column),
            DecimalMark::Dot,
        ) {
            Ok(_) if raw(column).contains(&b',') => Err((
                COLUMNS[column].0,
                format!("{:?} has a comma", text(column)?),
                "write a plain number such as 1234.56",
            )),
            Ok(amount) => Ok(amount),
            Err(crate::money::AmountError::Missing) if empty.is_some() => {
                Ok(empty.unwrap_or_default())
            }
            Err(e) => Err((
                COLUMNS[column].0,
                format!("{:?}: {e}", text(column)?),
                "write a plain number such as 1234.56",
            )),
        };
        let quantity = number(5, Some(Amount::ZERO))?;
        let amount = number(6, None)?;
        let currency = Currency::parse(text(7)?)
            .map_err(|e| ("currency", e.to_string(), "write its code, such as EUR"))?;
        if period.0 != raw(2) || period.0.is_empty() {
            period.1 =
                period_of(text(2)?).map_err(|e| ("period", e, "write a month as 2026-09"))?;
            period.0.clear();
            period.0.extend_from_slice(raw(2));
        }
        if self.releases.0 != text(9)? {
            self.releases = (text(9)?.to_owned(), releases_of(text(9)?));
        }
        let releases = self.releases.1.as_str();
        let cell = CellText {
            work: [text(0)?, releases, text(10)?],
            territory: text(1)?,
            period: period.1,
            usage: text(3)?,
            dsp: text(4)?,
            flags: text(8)?,
            statement: text(11)?,
        };
        self.builder.push(&cell, currency, quantity, amount);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "track,territory,period,usage,dsp,quantity,amount,currency\n";

    #[test]
    fn the_order_of_rows_does_not_matter_and_returns_stay_apart() {
        let rows = [
            "T1,US,2026-09,stream,A,1,2.5,USD\n",
            "T1,usa,2026-09,Stream,A,2,1.5,USD\n",
            "T1,US,2026-09,stream,A,-1,-1,USD\n",
            "T0,DE,2026-08,,A,,3,EUR\n",
        ];
        let forward = read_cells("c", (HEADER.to_owned() + &rows.concat()).as_bytes()).unwrap();
        let backward = read_cells(
            "c",
            (HEADER.to_owned() + &rows.iter().rev().copied().collect::<String>()).as_bytes(),
        )
        .unwrap();
        assert_eq!(forward, backward);
        let amounts: Vec<String> = forward.lines.iter().map(|l| l.amount.to_string()).collect();
        assert_eq!(amounts, ["3", "4", "-1"]);
    }

    #[test]
    fn what_is_written_is_read_again_whatever_blanks_a_report_has() {
        let mut builder = CellsBuilder::default();
        let texts = [
            ("Deezer\u{a0}", "stream "),
            ("\u{3000}Deezer", " Stream"),
            ("Deezer", "stream"),
        ];
        for (dsp, usage) in texts {
            let text = CellText {
                work: ["T1\u{a0}", " R", ""],
                territory: "US",
                usage,
                dsp,
                statement: "a.csv\u{2003}",
                ..CellText::default()
            };
            builder.push(
                &text,
                Currency::parse("EUR").unwrap(),
                Amount::from_integer(1),
                Amount::from_integer(2),
            );
        }
        let cells = builder.finish().unwrap();
        assert_eq!(
            (cells.dsps.as_slice(), cells.lines.len()),
            (["Deezer".to_owned()].as_slice(), 1)
        );
        let written: String = cell_rows(&cells).map(|row| row.join(",") + "\n").collect();
        assert_eq!(read_cells("c", written.as_bytes()).unwrap(), cells);
    }

    #[test]
    fn faults_name_line_and_column() {
        let text = HEADER.to_owned()
            + "T1,US,2026-09,stream,A,1,2.5,USD\nT1,US,2026-13,stream,A,1,2.5,USD\nT1,US,2026-09,stream,A,1,1234567890123456,USD\nT1,US\n";
        let faults: Vec<String> = read_cells("cells.csv", text.as_bytes())
            .unwrap_err()
            .iter()
            .map(Fault::to_string)
            .collect();
        assert_eq!(faults.len(), 3);
        assert!(
            faults[0].starts_with("cells.csv, line 3, period: "),
            "{}",
            faults[0]
        );
        assert!(
            faults[1].starts_with("cells.csv, line 4, amount: ") && faults[1].contains("15 digits"),
            "{}",
            faults[1]
        );
        assert!(
            faults[2].starts_with("cells.csv, line 5: "),
            "{}",
            faults[2]
        );
        let missing = read_cells("cells.csv", b"track,amount\n").unwrap_err();
        assert!(missing.iter().any(|f| f.column == "currency"));
    }
}
