//! The shape of a file around its records: how many cells its rows really have, which other tables stand above the header, and
//! what they state.

use super::evidence::{SAMPLE_ROWS, Sample, names_money};
use super::layout::{ControlKind, Layout, LayoutColumns};
use super::ledger::StatedTotal;
use super::names::{HeaderNames, header_key};
use super::records::{Dialect, RowReader};
use crate::ident::{Currency, Isrc, SalePeriod};
use crate::money::{Amount, DecimalEvidence, DecimalMark, decimal_evidence, parse_amount};

/// The first rows below a header, whatever their width.
pub(super) fn first_rows(body: &[u8], dialect: &Dialect, columns: usize) -> Vec<Vec<String>> {
    let mut reader = RowReader::new(body, dialect, columns);
    let mut rows = Vec::new();
    while rows.len() < SAMPLE_ROWS
        && let Some(row) = reader.next_row()
    {
        if !row.is_empty() {
            rows.push(
                row.cells()
                    .map(|c| String::from_utf8_lossy(c).trim().to_owned())
                    .collect(),
            );
        }
    }
    rows
}

/// The header as wide as the rows below it. Some senders end each record, but not the header, with a separator; some write a number in
/// front of each record and no name above it; some end only the header with separators.
pub(super) fn fit_header(header: &mut Vec<String>, rows: &[Vec<String>], layout: &Layout) {
    let Some(width) = commonest_width(rows) else {
        return;
    };
    let named = header.len();
    if width < named
        && rows.iter().all(|row| row.len() != named)
        && header[width..].iter().all(|name| name.trim().is_empty())
    {
        header.truncate(width);
        return;
    }
    if width <= named || rows.iter().any(|row| row.len() == named) {
        return;
    }
    let wide: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == width).collect();
    let mut behind = header.clone();
    behind.resize(width, String::new());
    let mut in_front = vec![String::new(); width - named];
    in_front.extend(header.iter().cloned());
    let is_blank = wide
        .iter()
        .all(|row| row[named..].iter().all(|cell| cell.is_empty()));
    let score_behind = sense(&behind, &wide, layout);
    let score_in_front = sense(&in_front, &wide, layout);
    if is_blank || score_behind >= score_in_front {
        *header = behind;
    } else {
        *header = in_front;
    }
}

fn commonest_width(rows: &[Vec<String>]) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| row.len() > 1) {
        *counts.entry(row.len()).or_insert(0usize) += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(width, _)| width)
}

/// How many cells are what the names above them say.
fn sense(header: &[String], rows: &[&Vec<String>], layout: &Layout) -> usize {
    let names = HeaderNames::of(header);
    let find = |list: &[String]| list.iter().filter_map(|name| names.find(name)).next();
    let amount = layout
        .amount
        .iter()
        .filter_map(|a| names.find(&a.column))
        .next();
    let currency = layout
        .amount
        .iter()
        .filter_map(|a| names.find(a.currency_column.as_deref()?))
        .next();
    let LayoutColumns {
        isrc,
        period,
        period_start,
        quantity,
        ..
    } = &layout.columns;
    let isrc = find(isrc);
    let period = find(period).or(find(period_start));
    let quantity = find(quantity);
    let is_number = |cell: &str| {
        [DecimalMark::Dot, DecimalMark::Comma]
            .iter()
            .any(|mark| parse_amount(cell.as_bytes(), *mark).is_ok())
    };
    let count = |column: Option<usize>, fits: &dyn Fn(&str) -> bool| {
        column.map_or(0, |c| {
            rows.iter()
                .filter(|row| row.get(c).is_some_and(|cell| fits(cell)))
                .count()
        })
    };
    count(amount, &is_number)
        + count(quantity, &is_number)
        + count(isrc, &|cell| Isrc::parse(cell).is_ok())
        + count(currency, &|cell| Currency::parse(cell).is_ok())
        + count(period, &|cell| {
            !matches!(
                SalePeriod::parse(cell, None),
                Err(crate::ident::PeriodTextError::Form)
            )
        })
}

/// The sample of a file: rows that are as wide as the header, or only have empty cells behind it.
pub(super) fn sample(rows: Vec<Vec<String>>, columns: usize, is_whole: bool) -> Sample {
    let is_whole = is_whole && rows.len() < SAMPLE_ROWS;
    Sample {
        rows: rows
            .into_iter()
            .filter(|row| {
                row.len() == columns
                    || (row.len() > columns && row[columns..].iter().all(|cell| cell.is_empty()))
            })
            .collect(),
        is_whole,
    }
}

/// Another table of a file, in words, and the total that it states.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OtherTable {
    /// The line that stands above it by itself, or nothing.
    pub title: String,
    /// 1-based line of its names.
    pub line: u64,
    /// The names of its columns.
    pub names: Vec<String>,
    /// Its rows.
    pub rows: u64,
}

/// Tables with money above the header, and what they and lines such as `Total Royalties;48.99` state.
pub(super) fn tables_above(
    preamble: &[Vec<String>],
    layout: &Layout,
) -> (Vec<OtherTable>, Vec<StatedTotal>) {
    let mark = mark_of(preamble);
    let mut tables = Vec::new();
    let mut stated = Vec::new();
    let mut at = 0;
    let mut title = String::new();
    while at < preamble.len() {
        let row = &preamble[at];
        let filled = row.iter().filter(|c| !c.trim().is_empty()).count();
        let is_table = filled > 1
            && row.iter().all(|cell| !is_number(cell, mark))
            && preamble.get(at + 1).is_some_and(|next| {
                next.len() >= filled && next.iter().any(|cell| is_number(cell, mark))
            });
        let own = controls_of(row, layout);
        let Some(money) = own
            .first()
            .map(|(column, _)| *column)
            .or_else(|| {
                row.iter()
                    .position(|name| names_money(name) && currency_name(name).is_none())
            })
            .filter(|_| is_table)
        else {
            if filled == 1 {
                title = row
                    .iter()
                    .find(|c| !c.trim().is_empty())
                    .cloned()
                    .unwrap_or_default();
            } else if let Some(total) = stated_in_line(row, mark, layout) {
                stated.push(total);
            }
            at += 1;
            continue;
        };
        let rows = preamble[at + 1..]
            .iter()
            .take_while(|row| row.iter().any(|cell| is_number(cell, mark)) && row.len() > money)
            .count();
        let below = &preamble[at + 1..at + 1 + rows];
        let name = if title.is_empty() {
            row[money].clone()
        } else {
            format!("{title}: {}", row[money])
        };
        if own.is_empty() {
            stated.extend(
                sum_of(below, money, mark).map(|sum| stated_sum(name, ControlKind::Amount, sum)),
            );
        }
        for (column, kind) in own {
            stated.extend(
                sum_of(below, column, mark).map(|sum| stated_sum(row[column].clone(), kind, sum)),
            );
        }
        let names = row
            .iter()
            .filter(|c| !c.trim().is_empty())
            .cloned()
            .collect();
        tables.push(OtherTable {
            title: std::mem::take(&mut title),
            line: at as u64 + 1,
            names,
            rows: rows as u64,
        });
        at += 1 + rows;
    }
    (tables, stated)
}

/// Columns of a table above the header that the layout knows as totals, and what they count.
fn controls_of(row: &[String], layout: &Layout) -> Vec<(usize, ControlKind)> {
    let column = |label: &str| {
        row.iter()
            .position(|name| header_key(name) == header_key(label))
    };
    layout
        .control
        .iter()
        .filter_map(|total| Some((column(&total.label)?, total.control)))
        .collect()
}

/// The sum of a column; nothing when a cell is no number.
fn sum_of(rows: &[Vec<String>], column: usize, mark: DecimalMark) -> Option<Amount> {
    let cells = rows
        .iter()
        .filter_map(|row| row.get(column))
        .filter(|cell| !cell.trim().is_empty());
    cells
        .map(|cell| parse_amount(cell.trim().as_bytes(), mark).ok())
        .try_fold(Amount::ZERO, |sum, amount| sum.plus(amount?).ok())
}

fn stated_sum(label: String, kind: ControlKind, sum: Amount) -> StatedTotal {
    StatedTotal {
        label,
        kind,
        text: sum.to_string(),
        value: Some(sum),
    }
}

/// A table below the records, and the sum of its money.
pub(super) fn table_below(
    line: u64,
    names: Vec<String>,
    below: &[Vec<String>],
    mark: DecimalMark,
) -> (OtherTable, Option<StatedTotal>) {
    let money = names
        .iter()
        .position(|name| names_money(name) && currency_name(name).is_none());
    let rows: Vec<&Vec<String>> = below
        .iter()
        .take_while(|row| row.iter().any(|cell| is_number(cell, mark)))
        .collect();
    let sum = money.and_then(|money| {
        let amounts = rows.iter().map(|row| {
            row.get(money)
                .filter(|c| !c.is_empty())
                .map(|c| parse_amount(c.as_bytes(), mark))
        });
        amounts
            .flatten()
            .try_fold(Amount::ZERO, |sum, amount| sum.plus(amount.ok()?).ok())
    });
    let stated = sum
        .zip(money)
        .filter(|_| !rows.is_empty())
        .map(|(sum, money)| StatedTotal {
            label: format!("table in line {line}: {}", names[money]),
            kind: ControlKind::Amount,
            text: sum.to_string(),
            value: Some(sum),
        });
    (
        OtherTable {
            title: String::new(),
            line,
            names,
            rows: rows.len() as u64,
        },
        stated,
    )
}

fn currency_name(name: &str) -> Option<()> {
    super::evidence::names_a_currency(&header_key(name)).then_some(())
}

/// `Total Royalties;48.99`: a total that stands above the header.
fn stated_in_line(row: &[String], mark: DecimalMark, layout: &Layout) -> Option<StatedTotal> {
    let index = row.iter().position(|c| !c.trim().is_empty())?;
    let label = row[index].trim();
    let own = layout
        .control
        .iter()
        .find(|c| header_key(&c.label) == header_key(label))
        .map(|c| c.control);
    let is_total = own.is_some()
        || (header_key(label).starts_with("total")
            && names_money(label.get(5..).unwrap_or_default()));
    let text = row[index + 1..]
        .iter()
        .find(|c| !c.trim().is_empty())
        .filter(|cell| is_total && is_number(cell, mark))?;
    let value = parse_amount(text.trim().as_bytes(), mark).ok();
    Some(StatedTotal {
        label: label.to_owned(),
        kind: own.unwrap_or(ControlKind::Amount),
        text: text.trim().to_owned(),
        value,
    })
}

fn is_number(cell: &str, mark: DecimalMark) -> bool {
    cell.bytes().any(|b| b.is_ascii_digit()) && parse_amount(cell.trim().as_bytes(), mark).is_ok()
}

fn mark_of(rows: &[Vec<String>]) -> DecimalMark {
    let votes = |mark| {
        rows.iter()
            .flatten()
            .filter(|cell| decimal_evidence(cell.as_bytes()) == DecimalEvidence::Only(mark))
            .count()
    };
    if votes(DecimalMark::Comma) > votes(DecimalMark::Dot) {
        DecimalMark::Comma
    } else {
        DecimalMark::Dot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.lines()
            .map(|l| l.split(';').map(str::to_owned).collect())
            .collect()
    }

    fn layout() -> Layout {
        let text = "id = \"x\"\nname = \"x\"\nsender = \"x\"\n[columns]\nisrc = [\"ISRC\"]\nquantity = [\"Qty\"]\n[[amount]]\ncolumn = \"Net\"\ncurrency = \"EUR\"\n";
        Layout::from_toml(text, std::path::Path::new("x.toml")).unwrap()
    }

    #[test]
    fn a_header_becomes_as_wide_as_its_rows() {
        let fit = |header: &str, body: &str| {
            let mut header: Vec<String> = header.split(';').map(str::to_owned).collect();
            fit_header(&mut header, &rows(body), &layout());
            header.join(";")
        };
        assert_eq!(
            fit("ISRC;Qty;Net", "NLA1Z2600123;3;1.5;\nNLA1Z2600124;1;0.5;"),
            "ISRC;Qty;Net;"
        );
        assert_eq!(
            fit("ISRC;Qty;Net", "0;NLA1Z2600123;3;1.5\n1;NLA1Z2600124;1;0.5"),
            ";ISRC;Qty;Net"
        );
        assert_eq!(
            fit("ISRC;Qty;Net;;", "NLA1Z2600123;3;1.5\nNLA1Z2600124;1;0.5"),
            "ISRC;Qty;Net"
        );
        assert_eq!(
            fit("ISRC;Qty;Net", "NLA1Z2600123;3;1.5\nNLA1Z2600124;1;0.5;"),
            "ISRC;Qty;Net"
        );
    }

    #[test]
    fn tables_above_are_named_with_what_they_state() {
        let text = "Northline;\nTotal Royalties;48.99\nPlatform Breakdown;\nPlatform;Revenue;Streams\nSpotify;41.27;12000\nApple Music;7.72;3902\nTop Tracks;";
        let (tables, stated) = tables_above(&rows(text), &layout());
        assert_eq!(tables.len(), 1);
        assert_eq!(
            (tables[0].title.as_str(), tables[0].line, tables[0].rows),
            ("Platform Breakdown", 4, 2)
        );
        let stated: Vec<(&str, &str)> = stated
            .iter()
            .map(|s| (s.label.as_str(), s.text.as_str()))
            .collect();
        assert_eq!(
            stated,
            [
                ("Total Royalties", "48.99"),
                ("Platform Breakdown: Revenue", "48.99")
            ]
        );
        let mut known = layout();
        let control = |label: &str, control| crate::statement::layout::Control {
            label: label.into(),
            control,
        };
        known.control = vec![
            control("Money Due", ControlKind::Amount),
            control("Units", ControlKind::Quantity),
        ];
        let (_, stated) = tables_above(
            &rows("Gross_Revenue;Units;Money_Due\n9.00;100;0.50\n1.00;40;0.30"),
            &known,
        );
        let stated: Vec<_> = stated
            .iter()
            .map(|s| (s.label.as_str(), s.kind, s.text.as_str()))
            .collect();
        assert_eq!(
            stated,
            [
                ("Money_Due", ControlKind::Amount, "0.8"),
                ("Units", ControlKind::Quantity, "140")
            ]
        );
        let (tables, stated) = tables_above(
            &rows("Start date;End date\n2026-09-01;2026-09-30"),
            &layout(),
        );
        assert!(tables.is_empty() && stated.is_empty());
    }
}
