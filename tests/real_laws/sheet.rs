//! Random statements as tables of plain cells, how they are written, and what they come to.

use std::io::Write;

use proptest::prelude::*;

use crate::oracle::described::{Description, Fact, Reading, number, read};

/// The columns of every random statement.
pub const COLUMNS: [&str; 11] = [
    "Sale Month",
    "Store",
    "Artist",
    "Title",
    "ISRC",
    "UPC",
    "Label",
    "Country of Sale",
    "Quantity",
    "Net Revenue",
    "Currency",
];
pub const MONTH: usize = 0;
pub const STORE: usize = 1;
pub const ARTIST: usize = 2;
pub const TITLE: usize = 3;
pub const ISRC: usize = 4;
pub const UPC: usize = 5;
pub const LABEL: usize = 6;
pub const COUNTRY: usize = 7;
pub const UNITS: usize = 8;
pub const AMOUNT: usize = 9;
pub const CURRENCY: usize = 10;

/// One line by column; numbers have a decimal point and no group marks.
pub type Row = [String; COLUMNS.len()];

const FACTS: &[(Fact, &str)] = &[
    (Fact::Period, COLUMNS[MONTH]),
    (Fact::Store, COLUMNS[STORE]),
    (Fact::Artist, COLUMNS[ARTIST]),
    (Fact::Title, COLUMNS[TITLE]),
    (Fact::Isrc, COLUMNS[ISRC]),
    (Fact::Upc, COLUMNS[UPC]),
    (Fact::Label, COLUMNS[LABEL]),
    (Fact::Territory, COLUMNS[COUNTRY]),
    (Fact::Currency, COLUMNS[CURRENCY]),
];

/// How a random statement is described to the oracle.
const DESCRIPTION: Description = Description {
    separator: ',',
    mark: '.',
    rows_above: 0,
    facts: FACTS,
    units: COLUMNS[UNITS],
    amount: COLUMNS[AMOUNT],
    currency: None,
    aside: None,
};

/// How a statement is written.
#[derive(Debug, Clone)]
pub struct Dress {
    pub separator: char,
    pub mark: char,
    /// `None` for no groups; `lakh` only where the mark is a point.
    pub group: Option<char>,
    pub is_lakh: bool,
    /// Turns the order of columns; 0 leaves it.
    pub column_order: u64,
    /// Where an empty column stands, and its name.
    pub empty_column: Option<(usize, &'static str)>,
    /// Empty cells behind every record but not behind the header.
    pub surplus: usize,
    pub is_quoted: bool,
    pub is_wrapped: bool,
    pub line_end: &'static str,
    /// This record ends in a lone carriage return.
    pub lone_cr: Option<usize>,
    pub encoding: Encoding,
    pub is_packed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8Marked,
    Utf16Little,
    Utf16Big,
}

/// As programs write a statement that is never opened by a spreadsheet.
pub const PLAIN: Dress = Dress {
    separator: ',',
    mark: '.',
    group: None,
    is_lakh: false,
    column_order: 0,
    empty_column: None,
    surplus: 0,
    is_quoted: false,
    is_wrapped: false,
    line_end: "\n",
    lone_cr: None,
    encoding: Encoding::Utf8,
    is_packed: false,
};

/// The numbers below `count` in an order that depends on the seed; 0 leaves them as they are.
pub fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    let mut state = seed;
    for place in (1..count).rev().filter(|_| seed != 0) {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        places.swap(place, (state >> 33) as usize % (place + 1));
    }
    places
}

/// A number of a row in a dress; exponents are written in the plain one only.
fn number_in(text: &str, dress: &Dress) -> String {
    if text.is_empty()
        || !text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
    {
        return text.to_owned();
    }
    let (sign, size) = text
        .strip_prefix('-')
        .map_or(("", text), |size| ("-", size));
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        let is_start = if dress.is_lakh {
            left == 3 || left > 3 && left % 2 == 1
        } else {
            left % 3 == 0
        };
        if let Some(group) = dress.group.filter(|_| place > 0 && is_start) {
            out.push(group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(dress.mark);
        out.push_str(fraction);
    }
    format!("{sign}{out}")
}

fn csv_line(cells: &[String], separator: char, is_quoted: bool) -> String {
    let style = if is_quoted {
        csv::QuoteStyle::Always
    } else {
        csv::QuoteStyle::Necessary
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator as u8)
        .quote_style(style)
        .terminator(csv::Terminator::Any(b'\n'))
        .flexible(true)
        .from_writer(Vec::new());
    writer.write_record(cells).unwrap();
    String::from_utf8(writer.into_inner().unwrap())
        .unwrap()
        .trim_end_matches('\n')
        .to_owned()
}

/// The bytes of a statement in a dress.
pub fn written(rows: &[Row], dress: &Dress) -> Vec<u8> {
    let order = shuffled(COLUMNS.len(), dress.column_order);
    let line = |mut cells: Vec<String>, surplus: usize, empty: &str| {
        if let Some((place, _)) = dress.empty_column {
            cells.insert(place.min(cells.len()), empty.to_owned());
        }
        cells.extend(std::iter::repeat_n(String::new(), surplus));
        let line = csv_line(&cells, dress.separator, dress.is_quoted);
        if dress.is_wrapped {
            format!("\"{}\"", line.replace('"', "\"\""))
        } else {
            line
        }
    };
    let mut text = line(
        order.iter().map(|c| COLUMNS[*c].to_owned()).collect(),
        0,
        dress.empty_column.map_or("", |(_, name)| name),
    );
    text.push_str(dress.line_end);
    for (place, row) in rows.iter().enumerate() {
        let cell = |c: &usize| {
            if matches!(*c, UNITS | AMOUNT) {
                number_in(&row[*c], dress)
            } else {
                row[*c].clone()
            }
        };
        text.push_str(&line(order.iter().map(cell).collect(), dress.surplus, ""));
        let is_lone = dress.lone_cr == Some(place) && place + 1 < rows.len();
        text.push_str(if is_lone { "\r" } else { dress.line_end });
    }
    let bytes = match dress.encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf8Marked => format!("\u{FEFF}{text}").into_bytes(),
        Encoding::Utf16Little => format!("\u{FEFF}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect(),
        Encoding::Utf16Big => format!("\u{FEFF}{text}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect(),
    };
    if !dress.is_packed {
        return bytes;
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    gzip.finish().unwrap()
}

/// What the oracle makes of bytes in a dress.
pub fn read_back(bytes: &[u8], dress: &Dress) -> Reading {
    read(
        bytes,
        &Description {
            separator: dress.separator,
            mark: dress.mark,
            ..DESCRIPTION
        },
    )
}

/// What rows come to that all are records, beside so many totals.
pub fn make(records: &[Row], totals: u64) -> Reading {
    let mut reading = Reading {
        records: records.len() as u64,
        totals,
        ..Reading::default()
    };
    let place = |name: &str| COLUMNS.iter().position(|column| *column == name).unwrap();
    for row in records {
        let facts = FACTS
            .iter()
            .map(|(fact, name)| (*fact, row[place(name)].clone()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let units = number(&row[UNITS], '.').unwrap_or_default();
        reading
            .cells
            .entry(facts)
            .or_default()
            .add(&units, &number(&row[AMOUNT], '.').unwrap());
    }
    reading
}

/// A record of track number `n`.
pub fn named(n: usize, currency: &str, amount: &str) -> Row {
    let texts = [
        "2025-07",
        "Spotify",
        "Mara Ellis",
        "Tidewater",
        "",
        "724384960650",
        "Northline",
        "NL",
        "10",
        amount,
        currency,
    ];
    let mut row = texts.map(str::to_owned);
    row[ISRC] = format!("NLA1Z26{:05}", n % 97);
    row
}

const STORES: &[&str] = &["Spotify", "Deezer", "Apple Music", "Beatport"];
const ARTISTS: &[&str] = &["Mara Ellis", "Jon Aske", "Åse & Co; Live", "初音"];
const TITLES: &[&str] = &[
    "Tidewater",
    "Low Sun",
    "Café del Mar",
    "12\" Mix, \"live\"",
    "\"Heroes\"",
    "a;b|c",
    "Don’t Go",
    "Total",
    "Total Eclipse",
    "1,234.5",
    "EUR",
];
const LABELS: &[&str] = &["Northline", "Skjær & Sønn", "X"];
const COUNTRIES: &[&str] = &["NL", "US", "DE", "JP"];

/// An amount without an exponent, with two to twelve digits after the point.
pub fn amount() -> impl Strategy<Value = String> {
    (
        1..1_000_000_000_000u64,
        2..=12usize,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(digits, places, is_negative)| {
            let digits = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = digits.split_at(digits.len() - places);
            format!("{}{whole}.{fraction}", if is_negative { "-" } else { "" })
        })
}

/// A record that names its recording in one of the ways that senders do.
fn record() -> impl Strategy<Value = Row> {
    let places = (
        0..STORES.len(),
        0..ARTISTS.len(),
        0..TITLES.len(),
        0..LABELS.len(),
        0..COUNTRIES.len(),
    );
    (places, 1..=12u32, 0..5u8, 0..30u32, 1..5_000u32, amount()).prop_map(
        |((store, artist, title, label, country), month, named_by, track, units, amount)| {
            let has = |wanted: bool, text: &str| {
                if wanted {
                    text.to_owned()
                } else {
                    String::new()
                }
            };
            [
                format!("2025-{month:02}"),
                STORES[store].to_owned(),
                has(named_by != 1, ARTISTS[artist]),
                has(named_by != 1, TITLES[title]),
                has(named_by < 3, &format!("NLA1Z26{track:05}")),
                has(
                    matches!(named_by, 0 | 3),
                    &format!("7243849606{:02}", 50 + track),
                ),
                LABELS[label].to_owned(),
                COUNTRIES[country].to_owned(),
                units.to_string(),
                amount,
                "USD".to_owned(),
            ]
        },
    )
}

/// A row that names nothing but its store and country and is the sum of nothing.
pub fn nameless() -> impl Strategy<Value = Row> {
    (0..STORES.len(), 0..COUNTRIES.len(), 1..5_000u32, amount()).prop_map(
        |(store, country, units, amount)| {
            let mut row = Row::default();
            (row[STORE], row[COUNTRY]) = (STORES[store].to_owned(), COUNTRIES[country].to_owned());
            (row[UNITS], row[AMOUNT], row[CURRENCY]) =
                (units.to_string(), amount, "USD".to_owned());
            row
        },
    )
}

/// The records of a statement in one currency. Its decimal mark is certain: the first amount has four digits after the point.
pub fn records(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Row>> {
    (prop::collection::vec(record(), count), 0..100_000u32).prop_map(|(mut rows, first)| {
        rows[0][AMOUNT] = format!("{}.{:04}", first / 7, 1 + first % 9_000);
        rows
    })
}
