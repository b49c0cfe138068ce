//! The money that is to be settled: cells by track, territory, sale period, usage type, DSP and currency, in one canonical order.
//!
//! Invariant: [`Cells`] do not depend on the order in which cells were given, nor on how often the same cell was. Sales and returns of the
//! same key stay apart, because reserves look at sales alone; each adds up exactly.

use std::cmp::Ordering;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::ident::{Currency, SalePeriod, Territory};
use crate::money::{Amount, AmountOverflow, DecimalMark, parse_amount};
use crate::settlement::suspense::SuspenseReason;
use crate::statement::records::{Row, RowReader};
use crate::terms::input::{Fault, Place, dialect_of, period_of, releases_of};

/// What was used: a track, or a release as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Work {
    /// The label's id of the track; empty for money that no track is known for.
    pub track: String,
    /// Releases that it is on, parted by `;`.
    pub release: String,
    /// Label.
    pub label: String,
}

impl Work {
    /// Stands in the place of a track for money that a decision ignores.
    pub const IGNORED: &str = "(ignored)";
    /// Stands in the place of a track for money of rows in quarantine.
    pub const QUARANTINED: &str = "(quarantined)";

    /// Why its money waits whatever contracts say; `None` for works that contracts are asked about.
    pub(super) fn waits(&self) -> Option<SuspenseReason> {
        match self.track.as_str() {
            Self::IGNORED => Some(SuspenseReason::Ignored),
            Self::QUARANTINED => Some(SuspenseReason::Quarantined),
            "" if self.release.is_empty() && self.label.is_empty() => {
                Some(SuspenseReason::NotMatched)
            }
            _ => None,
        }
    }
}

/// Everything else that a cell is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dim {
    /// Currency of the amount.
    pub currency: Currency,
    /// Number of the sale period.
    pub period: u32,
    /// Number of the statement.
    pub statement: u32,
    /// Number of the DSP.
    pub dsp: u32,
    /// Number of the territory.
    pub territory: u32,
    /// Number of the usage type.
    pub usage: u32,
    /// Number of the set of flags.
    pub flags: u32,
    /// Whether amount and currency are those that reached the bank, not those that were reported.
    pub is_received: bool,
}

/// One sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Number of the work.
    pub work: u32,
    /// Number of the combination.
    pub dim: u32,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
}

impl Line {
    /// Whether money goes back.
    #[must_use]
    pub fn is_return(&self) -> bool {
        self.amount.is_negative()
    }
}

/// A cell as it is given.
#[derive(Debug, Clone, Copy, Default)]
pub struct CellText<'a> {
    /// Track, release, label.
    pub work: [&'a str; 3],
    /// Territory in any known spelling.
    pub territory: &'a str,
    /// Sale period.
    pub period: SalePeriod,
    /// Usage type.
    pub usage: &'a str,
    /// DSP.
    pub dsp: &'a str,
    /// Flags, parted by `;`.
    pub flags: &'a str,
    /// Statement.
    pub statement: &'a str,
}

/// All cells in canonical order: tables sorted, lines sorted by work, combination and sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// Works.
    pub works: Vec<Work>,
    /// Combinations.
    pub dims: Vec<Dim>,
    /// Alpha-2 codes, or senders' words.
    pub territories: Vec<String>,
    /// Usage types in lower case.
    pub usages: Vec<String>,
    /// DSPs.
    pub dsps: Vec<String>,
    /// Statements.
    pub statements: Vec<String>,
    /// Sets of flags in lower case, sorted, parted by `;`.
    pub flags: Vec<String>,
    /// Sale periods.
    pub periods: Vec<SalePeriod>,
    /// Sums.
    pub lines: Vec<Line>,
}

type NumberedTexts<K> = HashMap<K, u32, FixedState>;

/// Gathers cells in any order.
#[derive(Debug, Default)]
pub struct CellsBuilder {
    cells: Cells,
    works: NumberedTexts<Work>,
    dims: NumberedTexts<Dim>,
    texts: [NumberedTexts<String>; 5],
    periods: NumberedTexts<SalePeriod>,
    /// The work and combination that came last: neighbors are often alike.
    last_work: u32,
}

fn number<
    K: Clone + std::hash::Hash + Eq,
    Q: ?Sized + std::hash::Hash + hashbrown::Equivalent<K> + ToOwned<Owned = K>,
>(
    numbers: &mut NumberedTexts<K>,
    values: &mut Vec<K>,
    key: &Q,
) -> u32 {
    if let Some(number) = numbers.get(key) {
        return *number;
    }
    let number = u32::try_from(values.len()).expect("there are fewer than 2^32 different names");
    values.push(key.to_owned());
    numbers.insert(key.to_owned(), number);
    number
}

/// Lower case and without blanks around; the usual text as it is.
fn lower(text: &str) -> std::borrow::Cow<'_, str> {
    let text = text.trim();
    if text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'/' | b'0'..=b'9'))
    {
        text.into()
    } else {
        text.to_lowercase().into()
    }
}

fn sorted_flags(text: &str) -> String {
    let mut flags: Vec<String> = text
        .split(';')
        .map(|f| f.trim().to_lowercase())
        .filter(|f| !f.is_empty())
        .collect();
    flags.sort_unstable();
    flags.dedup();
    flags.join(";")
}

impl CellsBuilder {
    /// Adds a cell. Texts are taken without blanks around them, as they are read again from a file.
    pub fn push(
        &mut self,
        text: &CellText<'_>,
        currency: Currency,
        quantity: Amount,
        amount: Amount,
    ) {
        let work = self.work(text.work.map(str::trim));
        let cells = &mut self.cells;
        let [territories, usages, dsps, statements, flags] = &mut self.texts;
        let is_code = matches!(text.territory.as_bytes(), [b'A'..=b'Z', b'A'..=b'Z']);
        let territory = match territories.get(text.territory) {
            Some(known) if is_code => *known,
            _ => number(
                territories,
                &mut cells.territories,
                Territory::parse(text.territory).as_str(),
            ),
        };
        let dim = Dim {
            currency,
            period: number(&mut self.periods, &mut cells.periods, &text.period),
            statement: number(statements, &mut cells.statements, text.statement.trim()),
            dsp: number(dsps, &mut cells.dsps, text.dsp.trim()),
            territory,
            usage: number(usages, &mut cells.usages, &*lower(text.usage)),
            flags: if text.flags.is_empty() {
                number(flags, &mut cells.flags, "")
            } else {
                number(flags, &mut cells.flags, sorted_flags(text.flags).as_str())
            },
            is_received: false,
        };
        let dim = number(&mut self.dims, &mut cells.dims, &dim);
        cells.lines.push(Line {
            work,
            dim,
            quantity,
            amount,
        });
    }

    fn work(&mut self, [track, release, label]: [&str; 3]) -> u32 {
        if let Some(last) = self.cells.works.get(self.last_work as usize)
            && (
                last.track.as_str(),
                last.release.as_str(),
                last.label.as_str(),
            ) == (track, release, label)
        {
            return self.last_work;
        }
        let work = Work {
            track: track.to_owned(),
            release: release.to_owned(),
            label: label.to_owned(),
        };
        self.last_work = number(&mut self.works, &mut self.cells.works, &work);
        self.last_work
    }

    /// The cells in canonical order.
    ///
    /// # Errors
    /// [`AmountOverflow`] when the sum of equal cells leaves the exact range.
    pub fn finish(self) -> Result<Cells, AmountOverflow> {
        canonical(vec![self.cells])
    }
}

/// Sorts values and says which number each had before becomes.
fn sort_table<K: Ord + Clone>(tables: Vec<Vec<K>>) -> (Vec<K>, Vec<Vec<u32>>) {
    let mut all: Vec<K> = tables.iter().flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    let maps = tables
        .iter()
        .map(|table| {
            table
                .iter()
                .map(|value| {
                    u32::try_from(
                        all.binary_search(value)
                            .expect("every value is in the table of all"),
                    )
                    .expect("numbers fit 32 bits")
                })
                .collect()
        })
        .collect();
    (all, maps)
}

/// Joins parts that were read apart, and puts everything in order.
fn canonical(mut parts: Vec<Cells>) -> Result<Cells, AmountOverflow> {
    fn take<T>(parts: &mut [Cells], table: impl Fn(&mut Cells) -> &mut Vec<T>) -> Vec<Vec<T>> {
        parts
            .iter_mut()
            .map(|part| std::mem::take(table(part)))
            .collect()
    }
    let (works, work_maps) = sort_table(take(&mut parts, |c| &mut c.works));
    let (territories, territory_maps) = sort_table(take(&mut parts, |c| &mut c.territories));
    let (usages, usage_maps) = sort_table(take(&mut parts, |c| &mut c.usages));
    let (dsps, dsp_maps) = sort_table(take(&mut parts, |c| &mut c.dsps));
    let (statements, statement_maps) = sort_table(take(&mut parts, |c| &mut c.statements));
    let (flags, flag_maps) = sort_table(take(&mut parts, |c| &mut c.flags));
    let (periods, period_maps) = sort_table(take(&mut parts, |c| &mut c.periods));
    for (at, part) in parts.iter_mut().enumerate() {
        for dim in &mut part.dims {
            dim.period = period_maps[at][dim.period as usize];
            dim.statement = statement_maps[at][dim.statement as usize];
            dim.dsp = dsp_maps[at][dim.dsp as usize];
            dim.territory = territory_maps[at][dim.territory as usize];
            dim.usage = usage_maps[at][dim.usage as usize];
            dim.flags = flag_maps[at][dim.flags as usize];
        }
    }
    let (dims, dim_maps) = sort_table(take(&mut parts, |c| &mut c.dims));
    let mut lines = Vec::with_capacity(parts.iter().map(|p| p.lines.len()).sum());
    for (at, part) in parts.into_iter().enumerate() {
        lines.extend(part.lines.into_iter().map(|l| Line {
            work: work_maps[at][l.work as usize],
            dim: dim_maps[at][l.dim as usize],
            ..l
        }));
    }
    // Amounts are part of the order: sums of the same cells in another order could leave the exact range on the way.
    lines.par_sort_unstable_by(|a, b| {
        by_key(a, b).then_with(|| (a.amount, a.quantity).cmp(&(b.amount, b.quantity)))
    });
    let mut merged: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        match merged.last_mut() {
            Some(last) if by_key(last, &line) == Ordering::Equal => {
                last.amount = last.amount.plus(line.amount)?;
                last.quantity = last.quantity.plus(line.quantity)?;
            }
            _ => merged.push(line),
        }
    }
    Ok(Cells {
        works,
        dims,
        territories,
        usages,
        dsps,
        statements,
        flags,
        periods,
        lines: merged,
    })
}

fn by_key(a: &Line, b: &Line) -> Ordering {
    (a.work, a.dim, a.is_return()).cmp(&(b.work, b.dim, b.is_return()))
}

/// Columns of a cells file, with the names that each may have.
pub(super) const COLUMNS: [(&str, &[&str], bool); 12] = [
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

impl Cells {
    /// The currency of a line.
    pub(crate) fn currency(&self, line: u32) -> Currency {
        self.dims[self.lines[line as usize].dim as usize].currency
    }

    /// Codes of releases that were sold as a whole.
    pub fn album_releases(&self) -> impl Iterator<Item = &str> {
        self.works
            .iter()
            .filter(|w| w.track.is_empty() && !w.release.is_empty())
            .map(|w| w.release.as_str())
    }

    /// Reads a cells file: comma, semicolon or tab; columns by name in any order.
    ///
    /// # Errors
    /// The faults, with line and column; nothing is taken from a file with faults.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, Vec<Fault>> {
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
        let chunks: Vec<(Cells, Vec<Fault>)> = chunks(data)
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
                (chunk.builder.cells, chunk.faults)
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
        canonical(parts).map_err(|e| {
            vec![Fault::new(
                &place(1),
                "amount",
                e.to_string(),
                "settle parts of the file on their own",
            )]
        })
    }

    /// The last day of the sale periods.
    #[must_use]
    pub fn last_day(&self) -> Option<crate::ident::Day> {
        self.periods
            .iter()
            .filter_map(|p| p.days())
            .map(|(_, last)| last)
            .max()
    }
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
        let forward = Cells::read("c", (HEADER.to_owned() + &rows.concat()).as_bytes()).unwrap();
        let backward = Cells::read(
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
        let written: String = cells.rows().map(|row| row.join(",") + "\n").collect();
        assert_eq!(Cells::read("c", written.as_bytes()).unwrap(), cells);
    }

    #[test]
    fn faults_name_line_and_column() {
        let text = HEADER.to_owned()
            + "T1,US,2026-09,stream,A,1,2.5,USD\nT1,US,2026-13,stream,A,1,2.5,USD\nT1,US,2026-09,stream,A,1,1234567890123456,USD\nT1,US\n";
        let faults: Vec<String> = Cells::read("cells.csv", text.as_bytes())
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
        let missing = Cells::read("cells.csv", b"track,amount\n").unwrap_err();
        assert!(missing.iter().any(|f| f.column == "currency"));
    }
}
