//! The second opinion: what the sample must come to, computed the slow and obvious way.
//!
//! Nothing here uses the library. Every sender's columns are written down by hand, every lookup is a scan over
//! the whole catalog, and every sum is a big integer of 10⁻²⁰ units. Where the sample could leave what the rules
//! say, this module panics: then the sample is wrong, not the reader of it.
//!
//! [`expected`] returns one JSON value:
//!
//! - `statements`: by file name, each `{file, layout, rows, totals}`; `rows` counts records, those in quarantine too;
//! - `totals`: `{currency, status, rows, items, quantity, amount}` over all statements; `items` is the sum of the statements';
//! - `payouts`: `[payee, currency, rows, quantity, exact, payable]`, all texts, in the order of `payouts.csv`;
//! - `exceptions`: `[status, reason, isrc, upc, title, artist, label, dsp, rows, quantity, amount, currency, candidates]`,
//!   all texts, sorted as texts;
//! - `quarantine`: `[file, row, reason]`, all texts, by file and then by the number of the row.
//!
//! [`described`] does the same for statements of any other sender, by a description of a few words.

pub mod described;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use num_bigint::{BigInt, Sign};
use serde_json::{Value, json};

/// Reads the sample below `sample_dir` and returns what a right answer to it looks like.
pub fn expected(sample_dir: &Path) -> Value {
    let catalog = read_catalog(&sample_dir.join("catalog.csv"));
    let mut senders: Vec<&Sender> = SENDERS.iter().collect();
    senders.sort_by_key(|sender| sender.file);
    let statements: Vec<Statement> = senders
        .into_iter()
        .map(|sender| {
            let bytes = fs::read(sample_dir.join("statements").join(sender.file))
                .expect("the sample has this statement");
            read_statement(sender, &bytes, &catalog)
        })
        .collect();
    json!({
        "statements": statements.iter().map(statement_json).collect::<Vec<_>>(),
        "totals": totals_json(&totals_over_all(&statements)),
        "payouts": payouts(&statements, &catalog),
        "exceptions": exceptions(&statements),
        "quarantine": quarantine(&statements),
    })
}

/// One row of the sample as contracts see it.
pub struct SampleSale {
    /// The track; empty when no track is matched.
    pub track: String,
    /// The release, when it was sold as a whole.
    pub album: Option<String>,
    /// `US`, `DE`, or whatever the sender calls any other.
    pub territory: String,
    pub units: String,
    pub amount: String,
    pub currency: String,
}

/// All rows of the sample, those in quarantine too, each with the track that it is matched to.
pub fn sales(sample_dir: &Path) -> Vec<SampleSale> {
    let catalog = read_catalog(&sample_dir.join("catalog.csv"));
    let mut sales = Vec::new();
    for sender in SENDERS {
        let bytes = fs::read(sample_dir.join("statements").join(sender.file))
            .expect("the sample has this statement");
        for row in read_statement(sender, &bytes, &catalog).rows {
            let matched = row
                .item
                .as_ref()
                .filter(|(_, outcome)| outcome.status == "matched");
            let track = matched
                .map(|(_, outcome)| catalog[outcome.tracks[0]].id.clone())
                .unwrap_or_default();
            // Units are whole numbers there.
            let (units, amount) = (row.quantity.to_string(), decimal_text(&row.amount));
            let album = row
                .item
                .as_ref()
                .and_then(|(item, outcome)| album(item, outcome, &catalog));
            sales.push(SampleSale {
                track,
                album,
                territory: row.territory,
                units,
                amount,
                currency: row.currency,
            });
        }
    }
    sales
}

/// The release that a line without a track is about: the line is called as the release is, in the catalog or by the line itself.
fn album(item: &Item, outcome: &Outcome, catalog: &[Track]) -> Option<String> {
    let own = if item.title.trim().is_empty() {
        item.release.clone()
    } else {
        format!("{} {}", item.title, item.version)
    };
    let (own, release) = (title_key(&own), title_key(&item.release));
    let is_called_so = !own.is_empty()
        && (own == release && !item.title.trim().is_empty()
            || outcome
                .tracks
                .iter()
                .any(|at| catalog[*at].release_key == own));
    match read_upc(&item.upc) {
        Code::Readable(gtin, _) if outcome.reason == "upc_release" && is_called_so => Some(gtin),
        _ => None,
    }
}

/// What is on each release of the catalog: ids of its tracks, with their seconds.
pub fn releases(sample_dir: &Path) -> BTreeMap<String, BTreeSet<(String, Option<i64>)>> {
    let mut releases: BTreeMap<String, BTreeSet<(String, Option<i64>)>> = BTreeMap::new();
    for track in read_catalog(&sample_dir.join("catalog.csv")) {
        for upc in track.upcs {
            releases
                .entry(upc)
                .or_default()
                .insert((track.id.clone(), track.seconds));
        }
    }
    releases
}

// ------------------------------------------------------------------------------------------------- senders

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Utf8,
    Utf16,
    Windows1252,
}

#[derive(Clone, Copy)]
enum Given {
    /// The same for every row of the file.
    Always(&'static str),
    Column(&'static str),
}

#[derive(Clone, Copy)]
enum DateForm {
    /// `2026-09`
    YearMonth,
    /// `2026-09-30` or `2026/09/30`
    YearMonthDay,
    /// `20260930`
    Digits,
    /// `9/30/2026`, a time may follow
    MonthDayYear,
    /// `09-2026`
    MonthYear,
}

type Columns = &'static [&'static str];

struct Sender {
    file: &'static str,
    layout: &'static str,
    encoding: Encoding,
    separator: char,
    rows_above_header: usize,
    decimal: char,
    dsp: Given,
    dsp_id_namespace: &'static str,
    isrc: Columns,
    upc: Columns,
    dsp_id: Columns,
    title: Columns,
    version: Columns,
    artist: Columns,
    label: Columns,
    release: Columns,
    duration: Columns,
    quantity: Columns,
    amount: &'static str,
    currency: Given,
    territory: &'static str,
    /// Every one of them must be readable where it is given.
    periods: Columns,
    period_form: DateForm,
}

const PLAIN: Sender = Sender {
    file: "",
    layout: "",
    encoding: Encoding::Utf8,
    separator: ',',
    rows_above_header: 0,
    decimal: '.',
    dsp: Given::Always(""),
    dsp_id_namespace: "",
    isrc: &["ISRC"],
    upc: &["UPC"],
    dsp_id: &[],
    title: &[],
    version: &[],
    artist: &[],
    label: &[],
    release: &[],
    duration: &[],
    quantity: &["Quantity"],
    amount: "",
    currency: Given::Always("USD"),
    territory: "Territory",
    periods: &[],
    period_form: DateForm::YearMonth,
};

const DISTROKID: Sender = Sender {
    layout: "distrokid",
    territory: "Country of Sale",
    dsp: Given::Column("Store"),
    title: &["Title"],
    artist: &["Artist"],
    amount: "Earnings (USD)",
    periods: &["Sale Month"],
    ..PLAIN
};

const TUNECORE: Sender = Sender {
    layout: "tunecore",
    territory: "Country Of Sale",
    dsp: Given::Column("Store Name"),
    isrc: &["Optional ISRC"],
    upc: &["UPC", "Optional UPC"],
    title: &["Song Title"],
    artist: &["Artist"],
    label: &["Label"],
    release: &["Release Title"],
    quantity: &["# Units Sold"],
    amount: "Total Earned",
    currency: Given::Column("Currency"),
    periods: &["Sales Period"],
    period_form: DateForm::YearMonthDay,
    ..PLAIN
};

const SENDERS: &[Sender] = &[
    Sender {
        file: "YouTube_HalvorsenQuill_M_20260901_20260930_asset_raw_v1-1.csv",
        layout: "youtube-asset-raw",
        dsp: Given::Always("YouTube"),
        territory: "Country",
        dsp_id_namespace: "youtube",
        dsp_id: &["Asset ID"],
        title: &["Asset Title"],
        artist: &["Artist"],
        label: &["Label"],
        release: &["Album"],
        quantity: &["Owned Views"],
        amount: "Partner Revenue",
        periods: &["Day"],
        period_form: DateForm::Digits,
        ..PLAIN
    },
    Sender {
        file: "halvorsen-quill-spotify-track-for-streaming-202609.txt",
        layout: "spotify",
        separator: '\t',
        rows_above_header: 2,
        dsp: Given::Always("Spotify"),
        territory: "Country",
        dsp_id_namespace: "spotify",
        upc: &["UPC", "EAN"],
        dsp_id: &["URI"],
        title: &["Track name"],
        artist: &["Artist name"],
        label: &["Label"],
        release: &["Album name"],
        amount: "Payable",
        currency: Given::Column("Payable currency"),
        ..PLAIN
    },
    Sender {
        file: "apple_itunes_80012345_0926_ZZ.txt",
        layout: "apple-itunes",
        separator: '\t',
        rows_above_header: 3,
        dsp: Given::Always("iTunes Store"),
        territory: "Country Of Sale",
        dsp_id_namespace: "apple",
        isrc: &["ISRC/ISBN"],
        dsp_id: &["Apple Identifier"],
        title: &["Title"],
        artist: &["Artist/Show/Developer/Author"],
        label: &["Label/Studio/Network/Developer/Publisher"],
        amount: "Extended Partner Share",
        currency: Given::Column("Partner Share Currency"),
        periods: &["Start Date", "End Date"],
        period_form: DateForm::MonthDayYear,
        ..PLAIN
    },
    Sender {
        file: "S1_80012345_0926_apple_music.txt",
        layout: "apple-music",
        separator: '\t',
        rows_above_header: 3,
        dsp: Given::Always("Apple Music"),
        territory: "Storefront Name",
        dsp_id_namespace: "apple",
        upc: &[],
        dsp_id: &["Apple Identifier"],
        title: &["Item Title"],
        artist: &["Item Artist"],
        label: &["Label/Studio/Network"],
        amount: "Net Royalty Total",
        currency: Given::Column("Currency"),
        ..PLAIN
    },
    Sender {
        file: "distrokid_2026-09.tsv",
        separator: '\t',
        encoding: Encoding::Windows1252,
        ..DISTROKID
    },
    Sender {
        file: "distrokid_2026-09_nord.csv",
        ..DISTROKID
    },
    Sender {
        file: "tunecore_2026-09.csv",
        ..TUNECORE
    },
    Sender {
        file: "tunecore_2026-09_unicode.csv",
        encoding: Encoding::Utf16,
        ..TUNECORE
    },
    Sender {
        file: "cdbaby_2026-09.txt",
        layout: "cdbaby",
        territory: "Delivery Country",
        separator: '\t',
        dsp: Given::Column("Partner Name"),
        isrc: &["Isrc"],
        upc: &["Barcode"],
        title: &["Track Name"],
        artist: &["Artist Name"],
        release: &["Album Name"],
        amount: "Subtotal",
        periods: &["Sales Date"],
        period_form: DateForm::MonthDayYear,
        ..PLAIN
    },
    Sender {
        file: "believe_2026-09.csv",
        layout: "believe",
        territory: "Country / Region",
        separator: ';',
        decimal: ',',
        dsp: Given::Column("Platform"),
        title: &["Track title"],
        artist: &["Artist Name"],
        label: &["Label Name"],
        release: &["Release title"],
        amount: "Net Revenue",
        currency: Given::Column("Client Payment Currency"),
        periods: &["Sales Month"],
        period_form: DateForm::YearMonthDay,
        ..PLAIN
    },
    Sender {
        file: "September2026StatementRun_HQ001-royalty_product_and_asset.csv",
        layout: "fuga",
        dsp: Given::Column("DSP"),
        isrc: &["Asset ISRC"],
        upc: &["Product UPC"],
        title: &["Asset Title"],
        version: &["Asset Version"],
        artist: &["Asset Artist", "Product Artist"],
        label: &["Product Label"],
        release: &["Product Title"],
        duration: &["Asset Duration"],
        quantity: &["Asset Quantity", "Product Quantity"],
        amount: "Reported Royalty",
        currency: Given::Column("Currency"),
        periods: &["Sale Start date", "Sale End date"],
        period_form: DateForm::YearMonthDay,
        ..PLAIN
    },
    Sender {
        file: "orchard_2026-09.csv",
        layout: "orchard",
        territory: "SALE COUNTRY",
        dsp: Given::Column("STORE"),
        upc: &["DISPLAY UPC"],
        title: &["TRACK"],
        version: &["TRACK VERSION"],
        artist: &["TRACK ARTIST", "PRODUCT ARTIST"],
        label: &["LABEL IMPRINT"],
        release: &["PRODUCT"],
        quantity: &["QUANTITY"],
        amount: "NET SHARE ACCOUNT CURRENCY",
        currency: Given::Column("ACCOUNT CURRENCY"),
        periods: &["TRANSACTION DATE"],
        period_form: DateForm::YearMonthDay,
        ..PLAIN
    },
    Sender {
        file: "soundcloud_2026-09.csv",
        layout: "soundcloud",
        dsp: Given::Always("SoundCloud"),
        dsp_id_namespace: "soundcloud",
        dsp_id: &["Track ID"],
        title: &["Track Name"],
        artist: &["Artist Name"],
        label: &["Label Name"],
        release: &["Album Title"],
        quantity: &["Total Plays"],
        amount: "Total Revenue",
        currency: Given::Column("Revenue Currency"),
        periods: &["Reporting Period"],
        period_form: DateForm::MonthYear,
        ..PLAIN
    },
    Sender {
        file: "nordlys_salgsrapport_2026-09.csv",
        layout: "generic",
        separator: '|',
        decimal: ',',
        dsp: Given::Column("Store"),
        title: &["Track Title"],
        artist: &["Artist"],
        label: &["Label"],
        amount: "Amount",
        currency: Given::Column("Currency"),
        periods: &["Sales Month"],
        ..PLAIN
    },
];

/// Lines that begin with one of these are not records; after the first kind nothing is.
const LAST_FOOTERS: &[&str] = &["total_rows"];
const FOOTERS: &[&str] = &[
    "total_amount",
    "total_units",
    "row count",
    "total",
    "totals:",
    "sub totals:",
    "grand total",
    "suma total",
];

/// The currencies of the sample, with the digits after the point that can be paid.
const CURRENCIES: &[(&str, u32)] = &[
    ("AUD", 2),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("JPY", 0),
    ("KWD", 3),
    ("MXN", 2),
    ("NOK", 2),
    ("SEK", 2),
    ("USD", 2),
];

// ------------------------------------------------------------------------------------------------- records

struct Line {
    text: String,
    is_badly_encoded: bool,
}

struct Record {
    /// As a spreadsheet counts: every record is one row, whatever it spans, and preamble and blank lines count.
    row: usize,
    cells: Vec<String>,
    is_badly_encoded: bool,
}

/// The header's names and the records below it, without blank lines, footers and repeated headers.
fn read_records(sender: &Sender, bytes: &[u8]) -> (Vec<String>, Vec<Record>) {
    let lines = read_lines(bytes, sender.encoding);
    let mut next = sender.rows_above_header;
    let header =
        strict_cells(&lines[next].text, sender.separator).expect("the header is well formed");
    next += 1;
    let mut row = next;
    let mut records = Vec::new();
    while next < lines.len() {
        row += 1;
        let (cells, taken) = read_record(&lines[next..], sender.separator, header.len());
        let is_badly_encoded = lines[next..next + taken]
            .iter()
            .any(|line| line.is_badly_encoded);
        next += taken;
        let Some(first) = cells
            .iter()
            .map(|cell| cell.trim())
            .find(|cell| !cell.is_empty())
        else {
            continue;
        };
        let first = first.to_lowercase();
        if LAST_FOOTERS.contains(&first.as_str()) {
            break;
        }
        if cells != header && !FOOTERS.contains(&first.as_str()) {
            records.push(Record {
                row,
                cells,
                is_badly_encoded,
            });
        }
    }
    (header, records)
}

fn read_lines(bytes: &[u8], encoding: Encoding) -> Vec<Line> {
    let mut lines: Vec<Line> = match encoding {
        Encoding::Utf8 => bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(bytes)
            .split(|&byte| byte == b'\n')
            .map(|line| Line {
                text: String::from_utf8_lossy(line).into_owned(),
                is_badly_encoded: std::str::from_utf8(line).is_err(),
            })
            .collect(),
        Encoding::Utf16 => {
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            let text = String::from_utf16(&units).expect("the sample is sound UTF-16");
            good_lines(text.trim_start_matches('\u{feff}'))
        }
        Encoding::Windows1252 => good_lines(
            &bytes
                .iter()
                .map(|&byte| from_windows_1252(byte))
                .collect::<String>(),
        ),
    };
    for line in &mut lines {
        if line.text.ends_with('\r') {
            line.text.pop();
        }
    }
    let after_the_end = lines.pop().expect("a text has at least one line");
    assert!(
        after_the_end.text.is_empty(),
        "the sample ends its last line"
    );
    lines
}

fn good_lines(text: &str) -> Vec<Line> {
    text.split('\n')
        .map(|line| Line {
            text: line.to_owned(),
            is_badly_encoded: false,
        })
        .collect()
}

fn from_windows_1252(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x8a => 'Š',
        0x8c => 'Œ',
        0x8e => 'Ž',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x96 => '–',
        0x9a => 'š',
        0x9c => 'œ',
        0x9e => 'ž',
        0x81..=0x9f => panic!("the sample does not use byte {byte:#x}"),
        _ => char::from(byte),
    }
}

const JOINED_LINES_MAX: usize = 63;

/// The cells of the record that begins at the first line, and how many lines it takes.
///
/// A line is a record of its own if it has no quote or if it is well formed with `count` cells. Else it takes the
/// lines that complete it, but none that is a well-formed record of its own. Else its quotes are misprints.
fn read_record(lines: &[Line], separator: char, count: usize) -> (Vec<String>, usize) {
    let first = &lines[0].text;
    if !first.contains('"') {
        return (first.split(separator).map(str::to_owned).collect(), 1);
    }
    let well_formed =
        |text: &str| strict_cells(text, separator).filter(|cells| cells.len() == count);
    if let Some(cells) = well_formed(first) {
        return (cells, 1);
    }
    let mut text = first.clone();
    for (place, line) in lines.iter().enumerate().skip(1).take(JOINED_LINES_MAX) {
        if well_formed(&line.text).is_some() {
            break;
        }
        text = format!("{text}\n{}", line.text);
        if let Some(cells) = well_formed(&text) {
            return (cells, place + 1);
        }
    }
    (
        first
            .split(separator)
            .map(|cell| careless_cell(cell, separator))
            .collect(),
        1,
    )
}

/// The cells as RFC 4180 has them, or nothing where the text does not keep to it.
fn strict_cells(text: &str, separator: char) -> Option<Vec<String>> {
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => strict_quoted_cell(quoted)?,
            None => strict_bare_cell(rest, separator)?,
        };
        cells.push(cell);
        if after.is_empty() {
            return Some(cells);
        }
        rest = after.strip_prefix(separator)?;
    }
}

fn strict_bare_cell(text: &str, separator: char) -> Option<(String, &str)> {
    let end = text.find(separator).unwrap_or(text.len());
    let (cell, rest) = text.split_at(end);
    if cell.contains(['"', '\n']) {
        None
    } else {
        Some((cell.to_owned(), rest))
    }
}

/// The inner text up to the closing quote, and what comes after it.
fn strict_quoted_cell(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some((cell, rest)),
        }
    }
}

/// A cell of a row whose quotes do not fit: what is quoted by itself is unquoted, an opening quote that
/// nothing closes is dropped, an inch mark stays.
fn careless_cell(cell: &str, separator: char) -> String {
    match strict_cells(cell, separator) {
        Some(cells) if cells.len() == 1 => cells[0].clone(),
        _ => cell.strip_prefix('"').unwrap_or(cell).to_owned(),
    }
}

// -------------------------------------------------------------------------------------------------- values

const DIGITS_AFTER_POINT: usize = 20;

/// The amount in 10⁻²⁰ units, or why there is none.
fn read_amount(cell: &str, decimal: char) -> Result<BigInt, &'static str> {
    let text = cell.trim();
    if text.is_empty() {
        return Err("amount_missing");
    }
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let is_in_parentheses = inner.is_some();
    let text = without_currency(inner.unwrap_or(text));
    let (is_minus, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, text),
    };
    let units = read_digits(&text, decimal).ok_or("amount_unreadable")?;
    if units > BigInt::from(i128::MAX) {
        return Err("amount_too_large");
    }
    Ok(if is_minus || is_in_parentheses {
        -units
    } else {
        units
    })
}

fn without_currency(text: &str) -> String {
    let mut text = text.replace(['$', '€', '£'], "");
    for (code, _) in CURRENCIES {
        text = text.trim().to_owned();
        text = text.strip_prefix(code).unwrap_or(&text).to_owned();
        text = text.strip_suffix(code).unwrap_or(&text).to_owned();
    }
    text.replace([' ', '\u{a0}'], "")
}

fn read_digits(text: &str, decimal: char) -> Option<BigInt> {
    if let Some((digits, exponent)) = text.split_once(['E', 'e']) {
        let shift = exponent.parse::<i32>().ok()?;
        let (whole, fraction) = digits.split_once(decimal).unwrap_or((digits, ""));
        let all: BigInt = format!("{whole}{fraction}").parse().ok()?;
        // Fewer digits than the number has before its point: a spreadsheet has cut the others.
        if shift > fraction.len() as i32 && all != BigInt::from(0) {
            return None;
        }
        let places = DIGITS_AFTER_POINT as i32 + shift - fraction.len() as i32;
        if places >= 0 {
            return Some(all * BigInt::from(10).pow(places as u32));
        }
        let divisor = BigInt::from(10).pow(places.unsigned_abs());
        assert!(
            &all % &divisor == BigInt::from(0),
            "the sample keeps to {DIGITS_AFTER_POINT} decimals: {text}"
        );
        return Some(all / divisor);
    }
    let (whole, fraction) = text.split_once(decimal).unwrap_or((text, ""));
    let thousands = if decimal == '.' { ',' } else { '.' };
    let groups: Vec<&str> = whole.split(thousands).collect();
    let is_grouped_by_three = groups.len() == 1
        || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let whole = groups.concat();
    let all_digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_grouped_by_three || !all_digits(&whole) || !all_digits(fraction) {
        return None;
    }
    assert!(
        fraction.len() <= DIGITS_AFTER_POINT,
        "the sample keeps to {DIGITS_AFTER_POINT} decimals: {text}"
    );
    format!("{whole}{fraction:0<DIGITS_AFTER_POINT$}")
        .parse()
        .ok()
}

fn read_quantity(cell: &str) -> Result<BigInt, &'static str> {
    if cell.is_empty() {
        return Ok(BigInt::from(0));
    }
    cell.parse::<i64>()
        .map(BigInt::from)
        .map_err(|_| "quantity_unreadable")
}

fn minor_digits(currency: &str) -> Option<u32> {
    CURRENCIES
        .iter()
        .find(|known| known.0 == currency)
        .map(|known| known.1)
}

fn is_date(text: &str, form: DateForm) -> bool {
    let numbers = |text: &str, separator: char| -> Option<Vec<u32>> {
        text.split(separator)
            .map(|part| part.parse().ok())
            .collect()
    };
    match form {
        DateForm::YearMonth => {
            numbers(text, '-').is_some_and(|part| part.len() == 2 && is_day(part[0], part[1], 1))
        }
        DateForm::MonthYear => {
            numbers(text, '-').is_some_and(|part| part.len() == 2 && is_day(part[1], part[0], 1))
        }
        DateForm::YearMonthDay => numbers(&text.replace('/', "-"), '-')
            .is_some_and(|part| part.len() == 3 && is_day(part[0], part[1], part[2])),
        DateForm::MonthDayYear => {
            let day = text.split(' ').next().unwrap_or_default();
            numbers(day, '/')
                .is_some_and(|part| part.len() == 3 && is_day(part[2], part[0], part[1]))
        }
        DateForm::Digits => {
            let number: u32 = if text.len() == 8 {
                text.parse().unwrap_or(0)
            } else {
                0
            };
            is_day(number / 10_000, number / 100 % 100, number % 100)
        }
    }
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1990..2100).contains(&year) && (1..=days).contains(&day)
}

fn is_not_given(text: &str) -> bool {
    [
        "", "n/a", "na", "none", "null", "nan", "-", "--", "unknown", "no isrc", "no upc", "0",
        "#n/a",
    ]
    .contains(&text.trim().to_lowercase().as_str())
}

enum Code {
    NotGiven,
    /// As compared, and as shown.
    Readable(String, String),
    Damaged,
    Unreadable,
}

fn read_isrc(text: &str) -> Code {
    if is_not_given(text) {
        return Code::NotGiven;
    }
    let code = text.to_uppercase().replace([' ', '-'], "");
    let code = code.strip_prefix("ISRC").unwrap_or(&code);
    let code = code.strip_prefix(':').unwrap_or(code);
    let has_form = code.len() == 12
        && code.bytes().enumerate().all(|(place, byte)| match place {
            0..=1 => byte.is_ascii_uppercase(),
            2..=4 => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            _ => byte.is_ascii_digit(),
        });
    if has_form {
        Code::Readable(code.to_owned(), code.to_owned())
    } else {
        Code::Unreadable
    }
}

fn read_upc(text: &str) -> Code {
    let unwrapped = text.trim().trim_start_matches('=').replace('"', "");
    let bare = if unwrapped.to_lowercase().starts_with("empty:") {
        &unwrapped[6..]
    } else {
        &unwrapped
    };
    if is_not_given(text) || is_not_given(bare) {
        return Code::NotGiven;
    }
    let is_exponent = bare.contains(['E', 'e'])
        && bare
            .chars()
            .all(|letter| "0123456789.,+Ee".contains(letter));
    if is_exponent {
        return Code::Damaged;
    }
    let digits = bare
        .strip_suffix(".0")
        .unwrap_or(bare)
        .replace([' ', '-'], "");
    if !digits.chars().all(|digit| digit.is_ascii_digit())
        || ![8, 11, 12, 13, 14].contains(&digits.len())
    {
        return Code::Unreadable;
    }
    let gtin = format!("{digits:0>14}");
    if digits.len() >= 12 && digits.ends_with("00000") && !has_right_check_digit(&gtin) {
        return Code::Damaged;
    }
    Code::Readable(gtin, digits)
}

fn has_right_check_digit(gtin: &str) -> bool {
    let weighted = gtin
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 3 } else { 1 });
    weighted.sum::<u32>().is_multiple_of(10)
}

/// Seconds from `206`, `3:26` or `PT3M26S`.
fn read_duration(text: &str) -> Option<i64> {
    let text = text.strip_prefix("PT").map_or_else(
        || text.to_owned(),
        |text| text.trim_end_matches('S').replace('M', ":"),
    );
    match text.split_once(':') {
        Some((minutes, seconds)) => {
            Some(minutes.parse::<i64>().ok()? * 60 + seconds.parse::<i64>().ok()?)
        }
        None => text.parse().ok(),
    }
}

/// Letters of the sample that are a base letter and a mark, each followed by its base.
const MARKED_LETTERS: &str = "\
    áaàaâaäaåaãaéeèeêeëeíiîiïiñnóoôoöoõoőoúuûuüuůuýyřršsčcçcžzěeŠSČCŽZÁAÀAÄAÅAÉEÊEÖOŐOÜUÇCÓOÍIÎIŘRĚEÃAÏIÚUÝYÔOÕOÑNÈE\
    йиёеЙИЁЕآاأاإاؤوئي\
    がかぎきぐくげけごこざさじしずすぜせぞそだただたぢちづつでてどとばはびひぶふべへぼほぱはぴひぷふぺへぽほ\
    ガカギキグクゲケゴコザサジシズスゼセゾソダタヂチヅツデテドトバハビヒブフベヘボホパハピヒプフペヘポホ";

/// Titles and labels as they are compared: no marks, no case, no apostrophes, single blanks between words.
fn title_key(text: &str) -> String {
    let mut key = String::new();
    for letter in text.chars() {
        let letter = base_letter(letter);
        match letter {
            '\'' | '’' | 'ʼ' | '‘' | '`' | '´' => {}
            '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{64b}'..='\u{655}' => {}
            _ if letter.is_alphanumeric() => key.extend(letter.to_lowercase()),
            _ => key.push(' '),
        }
    }
    key.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn base_letter(letter: char) -> char {
    let letters: Vec<char> = MARKED_LETTERS
        .chars()
        .filter(|letter| *letter != ' ')
        .collect();
    if let Some(pair) = letters.chunks(2).find(|pair| pair[0] == letter) {
        return pair[1];
    }
    let is_whole = letter.is_ascii()
        || "æøðłßœØÆÐŁŒþÞ".contains(letter)
        || "’ʼ“”–«»・€".contains(letter)
        || ('\u{300}'..='\u{36f}').contains(&letter)
        || ('а'..='я').contains(&letter)
        || ('А'..='Я').contains(&letter)
        || ('\u{621}'..='\u{655}').contains(&letter)
        || ('\u{3041}'..='\u{30ff}').contains(&letter)
        || ('\u{4e00}'..='\u{9fff}').contains(&letter);
    assert!(
        is_whole,
        "the sample has a letter that this module does not know: {letter:?} ({:04x})",
        u32::from(letter)
    );
    letter
}

// ----------------------------------------------------------------------------------------------- catalog

struct Track {
    id: String,
    isrc: String,
    upcs: Vec<String>,
    title_key: String,
    label_key: String,
    release_key: String,
    seconds: Option<i64>,
    payee: String,
    /// Namespace and id.
    dsp_ids: Vec<(&'static str, String)>,
}

fn read_catalog(path: &Path) -> Vec<Track> {
    let text = fs::read_to_string(path).expect("the sample has a catalog");
    let mut lines = text
        .lines()
        .map(|line| strict_cells(line, ',').expect("the catalog is well formed"));
    let header = lines.next().expect("the catalog has a header");
    lines
        .map(|cells| {
            let cell = |name: &str| {
                cells[header
                    .iter()
                    .position(|header| header == name)
                    .expect("a known column")]
                .as_str()
            };
            let title = if cell("version").is_empty() {
                cell("title").to_owned()
            } else {
                format!("{} {}", cell("title"), cell("version"))
            };
            Track {
                id: cell("track_id").to_owned(),
                isrc: if let Code::Readable(isrc, _) = read_isrc(cell("isrc")) {
                    isrc
                } else {
                    String::new()
                },
                upcs: cell("upc")
                    .split(';')
                    .filter_map(|upc| {
                        if let Code::Readable(gtin, _) = read_upc(upc) {
                            Some(gtin)
                        } else {
                            None
                        }
                    })
                    .collect(),
                title_key: title_key(&title),
                label_key: title_key(cell("label")),
                release_key: title_key(cell("release_title")),
                seconds: read_duration(cell("duration")),
                payee: if cell("payee").is_empty() {
                    "(no payee)".to_owned()
                } else {
                    cell("payee").to_owned()
                },
                dsp_ids: [
                    ("apple", "apple_id"),
                    ("spotify", "spotify_uri"),
                    ("youtube", "youtube_asset_id"),
                    ("deezer", "deezer_id"),
                    ("soundcloud", "soundcloud_id"),
                ]
                .into_iter()
                .flat_map(|(namespace, column)| {
                    cell(column)
                        .split(';')
                        .map(move |id| (namespace, id.to_owned()))
                })
                .filter(|(_, id)| !id.is_empty())
                .collect(),
            }
        })
        .collect()
}

// ------------------------------------------------------------------------------------------------ matching

/// What a sender reports, cell by cell as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    dsp: String,
    isrc: String,
    upc: String,
    dsp_id: String,
    title: String,
    version: String,
    artist: String,
    label: String,
    release: String,
    duration: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    status: &'static str,
    reason: &'static str,
    /// The track when matched, else the candidates; places in the catalog.
    tracks: Vec<usize>,
}

fn outcome(status: &'static str, reason: &'static str, tracks: Vec<usize>) -> Outcome {
    Outcome {
        status,
        reason,
        tracks,
    }
}

fn resolve(item: &Item, namespace: &str, catalog: &[Track]) -> Outcome {
    let title = title_key(&format!("{} {}", item.title, item.version));
    let all = || (0..catalog.len()).collect::<Vec<usize>>();
    let keep = |places: &[usize], fits: &dyn Fn(&Track) -> bool| -> Vec<usize> {
        places
            .iter()
            .copied()
            .filter(|&place| fits(&catalog[place]))
            .collect()
    };
    let upc = read_upc(&item.upc);
    let of_upc = match &upc {
        Code::Readable(gtin, _) => keep(&all(), &|track| track.upcs.contains(gtin)),
        _ => Vec::new(),
    };
    let of_upc_and_title = keep(&of_upc, &|track| track.title_key == title);

    let isrc = read_isrc(&item.isrc);
    if let Code::Readable(code, _) = &isrc {
        let of_isrc = keep(&all(), &|track| track.isrc == *code);
        match of_isrc.len() {
            0 => {}
            1 => return outcome("matched", "isrc", of_isrc),
            _ => return resolve_shared(item, &of_isrc, &of_upc, &title, catalog),
        }
    }
    if !is_not_given(&item.dsp_id) {
        let of_id = keep(&all(), &|track| {
            track
                .dsp_ids
                .iter()
                .any(|id| id.0 == namespace && id.1 == item.dsp_id)
        });
        match of_id.len() {
            0 => {}
            1 => return outcome("matched", "dsp_id", of_id),
            _ => return outcome("ambiguous", "dsp_id_shared", of_id),
        }
    }
    match (isrc, upc) {
        (Code::Readable(..), _) => outcome("unmatched", "isrc_unknown", of_upc_and_title),
        (Code::Unreadable | Code::Damaged, _) => {
            outcome("unmatched", "isrc_unreadable", of_upc_and_title)
        }
        (Code::NotGiven, Code::Readable(..)) => match (of_upc.len(), of_upc_and_title.len()) {
            (0, _) => outcome("unmatched", "upc_unknown", Vec::new()),
            (_, 0) => outcome("unmatched", "upc_release", of_upc),
            (_, 1) => outcome("matched", "upc_title", of_upc_and_title),
            _ => outcome("ambiguous", "upc_title_shared", of_upc_and_title),
        },
        (Code::NotGiven, Code::Damaged) => outcome("unmatched", "upc_damaged", Vec::new()),
        (Code::NotGiven, Code::NotGiven) => outcome("unmatched", "no_identifier", Vec::new()),
        (Code::NotGiven, Code::Unreadable) => panic!(
            "the rules do not say what an unreadable UPC alone is: {:?}",
            item.upc
        ),
    }
}

/// Several tracks carry the ISRC: each fact in turn keeps those that it fits, if it fits any.
fn resolve_shared(
    item: &Item,
    of_isrc: &[usize],
    of_upc: &[usize],
    title: &str,
    catalog: &[Track],
) -> Outcome {
    let seconds = read_duration(&item.duration);
    let label = title_key(&item.label);
    let has_upc = |place: usize| of_upc.contains(&place);
    let has_title = |place: usize| catalog[place].title_key == title;
    let has_duration = |place: usize| match (seconds, catalog[place].seconds) {
        (Some(reported), Some(cataloged)) => (reported - cataloged).abs() <= 2,
        _ => false,
    };
    let has_label = |place: usize| !label.is_empty() && catalog[place].label_key == label;
    let facts: [(&'static str, &dyn Fn(usize) -> bool); 4] = [
        ("isrc_upc", &has_upc),
        ("isrc_title", &has_title),
        ("isrc_duration", &has_duration),
        ("isrc_label", &has_label),
    ];
    let mut left = of_isrc.to_vec();
    for (reason, fits) in facts {
        let fitting: Vec<usize> = left.iter().copied().filter(|&place| fits(place)).collect();
        if fitting.len() == 1 {
            return outcome("matched", reason, fitting);
        }
        if !fitting.is_empty() {
            left = fitting;
        }
    }
    outcome("ambiguous", "isrc_shared", left)
}

// ---------------------------------------------------------------------------------------------- statements

struct Row {
    row: usize,
    /// Nothing where the row is in quarantine.
    item: Option<(Item, Outcome)>,
    /// Why it is in quarantine.
    fault: Option<&'static str>,
    quantity: BigInt,
    amount: BigInt,
    currency: String,
    /// `US`, `DE`, or whatever the sender calls any other.
    territory: String,
}

struct Statement {
    file: &'static str,
    layout: &'static str,
    rows: Vec<Row>,
}

fn read_statement(sender: &Sender, bytes: &[u8], catalog: &[Track]) -> Statement {
    let (header, records) = read_records(sender, bytes);
    let rows = records
        .iter()
        .map(|record| read_row(sender, &header, record, catalog))
        .collect();
    Statement {
        file: sender.file,
        layout: sender.layout,
        rows,
    }
}

fn read_row(sender: &Sender, header: &[String], record: &Record, catalog: &[Track]) -> Row {
    let mut row = Row {
        row: record.row,
        item: None,
        fault: None,
        quantity: BigInt::from(0),
        amount: BigInt::from(0),
        currency: "XXX".to_owned(),
        territory: String::new(),
    };
    if let Given::Always(currency) = sender.currency {
        row.currency = currency.to_owned();
    }
    if record.cells.len() != header.len() {
        row.fault = Some("ragged");
        return row;
    }
    let cell = |name: &str| {
        let place = header
            .iter()
            .position(|header| header == name)
            .unwrap_or_else(|| panic!("{}: no column {name}", sender.file));
        record.cells[place].trim().to_owned()
    };
    let first_of = |names: Columns| {
        names
            .iter()
            .map(|name| cell(name))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    };

    let amount = read_amount(&cell(sender.amount), sender.decimal);
    let quantity = read_quantity(&first_of(sender.quantity));
    let currency = match sender.currency {
        Given::Always(currency) => Ok(currency.to_owned()),
        Given::Column(name) => Some(cell(name))
            .filter(|code| minor_digits(code).is_some())
            .ok_or("currency_unreadable"),
    };
    let period = if sender
        .periods
        .iter()
        .map(|name| cell(name))
        .all(|text| text.is_empty() || is_date(&text, sender.period_form))
    {
        Ok(())
    } else {
        Err("period_unreadable")
    };
    let encoding = if record.is_badly_encoded {
        Err("bad_encoding")
    } else {
        Ok(())
    };
    let faults: Vec<&'static str> = [
        amount.as_ref().err(),
        quantity.as_ref().err(),
        currency.as_ref().err(),
        period.as_ref().err(),
        encoding.as_ref().err(),
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect();
    assert!(
        faults.len() <= 1,
        "{} row {}: the sample has one fault a row, not {faults:?}",
        sender.file,
        record.row
    );
    row.fault = faults.first().copied();
    if let Ok(quantity) = quantity {
        row.quantity = quantity;
    }
    if let Ok(currency) = currency {
        row.currency = currency;
        row.amount = amount.unwrap_or_default();
    }
    if row.fault.is_none() {
        let item = Item {
            dsp: match sender.dsp {
                Given::Always(dsp) => dsp.to_owned(),
                Given::Column(name) => cell(name),
            },
            isrc: first_of(sender.isrc),
            upc: first_of(sender.upc),
            dsp_id: first_of(sender.dsp_id),
            title: first_of(sender.title),
            version: first_of(sender.version),
            artist: first_of(sender.artist),
            label: first_of(sender.label),
            release: first_of(sender.release),
            duration: first_of(sender.duration),
        };
        let outcome = resolve(&item, sender.dsp_id_namespace, catalog);
        row.item = Some((item, outcome));
        row.territory = match cell(sender.territory).as_str() {
            "United States" => "US".to_owned(),
            "Germany" => "DE".to_owned(),
            other => other.to_owned(),
        };
    }
    row
}

// ------------------------------------------------------------------------------------------------- results

const STATUSES: &[&str] = &[
    "matched",
    "ambiguous",
    "unmatched",
    "ignored",
    "held",
    "quarantined",
];

#[derive(Clone, Default)]
struct Tally {
    rows: usize,
    items: usize,
    quantity: BigInt,
    amount: BigInt,
}

/// By currency and the status's place in [`STATUSES`].
type Totals = BTreeMap<(String, usize), Tally>;

fn totals_of(statement: &Statement) -> Totals {
    let mut totals = Totals::new();
    let mut items: BTreeMap<(String, usize), BTreeSet<&Item>> = BTreeMap::new();
    for row in &statement.rows {
        let status = row
            .item
            .as_ref()
            .map_or("quarantined", |(_, outcome)| outcome.status);
        let place = STATUSES
            .iter()
            .position(|known| *known == status)
            .expect("a known status");
        let key = (row.currency.clone(), place);
        let tally = totals.entry(key.clone()).or_default();
        tally.rows += 1;
        tally.quantity += &row.quantity;
        tally.amount += &row.amount;
        if let Some((item, _)) = &row.item {
            items.entry(key).or_default().insert(item);
        }
    }
    for (key, items) in items {
        totals.entry(key).or_default().items = items.len();
    }
    totals
}

fn totals_over_all(statements: &[Statement]) -> Totals {
    let mut sum = Totals::new();
    for (key, tally) in statements.iter().flat_map(totals_of) {
        let into = sum.entry(key).or_default();
        into.rows += tally.rows;
        into.items += tally.items;
        into.quantity += tally.quantity;
        into.amount += tally.amount;
    }
    sum
}

fn totals_json(totals: &Totals) -> Value {
    totals
        .iter()
        .map(|((currency, status), tally)| {
            json!({
                "currency": currency,
                "status": STATUSES[*status],
                "rows": tally.rows,
                "items": tally.items,
                "quantity": tally.quantity.to_string(),
                "amount": decimal_text(&tally.amount),
            })
        })
        .collect()
}

fn statement_json(statement: &Statement) -> Value {
    json!({
        "file": statement.file,
        "layout": statement.layout,
        "rows": statement.rows.len(),
        "totals": totals_json(&totals_of(statement)),
    })
}

fn quarantine(statements: &[Statement]) -> Vec<[String; 3]> {
    let mut lines = Vec::new();
    for statement in statements {
        for row in &statement.rows {
            if let Some(reason) = row.fault {
                lines.push([
                    statement.file.to_owned(),
                    row.row.to_string(),
                    reason.to_owned(),
                ]);
            }
        }
    }
    lines
}

fn exceptions(statements: &[Statement]) -> Vec<[String; 13]> {
    let mut found: BTreeMap<(Item, String), (Outcome, Tally)> = BTreeMap::new();
    for row in statements.iter().flat_map(|statement| &statement.rows) {
        let Some((item, outcome)) = &row.item else {
            continue;
        };
        if outcome.status == "matched" {
            continue;
        }
        let entry = found
            .entry((item.clone(), row.currency.clone()))
            .or_insert_with(|| (outcome.clone(), Tally::default()));
        assert!(
            entry.0 == *outcome,
            "one item has one outcome, not {:?} and {outcome:?}",
            entry.0
        );
        entry.1.rows += 1;
        entry.1.quantity += &row.quantity;
        entry.1.amount += &row.amount;
    }
    let mut lines: Vec<[String; 13]> = found
        .iter()
        .map(|((item, currency), (outcome, tally))| exception_line(item, currency, outcome, tally))
        .collect();
    lines.sort();
    lines
}

fn exception_line(item: &Item, currency: &str, outcome: &Outcome, tally: &Tally) -> [String; 13] {
    // The catalog numbers its tracks in order, so that places and ids sort alike.
    let candidates: Vec<String> = outcome
        .tracks
        .iter()
        .map(|&place| track_id(place))
        .collect();
    [
        outcome.status.to_owned(),
        outcome.reason.to_owned(),
        shown(read_isrc(&item.isrc), &item.isrc),
        shown(read_upc(&item.upc), &item.upc),
        item.title.clone(),
        item.artist.clone(),
        item.label.clone(),
        item.dsp.clone(),
        tally.rows.to_string(),
        tally.quantity.to_string(),
        decimal_text(&tally.amount),
        currency.to_owned(),
        candidates.join(";"),
    ]
}

fn shown(code: Code, as_reported: &str) -> String {
    if let Code::Readable(_, shown) = code {
        shown
    } else {
        as_reported.to_owned()
    }
}

fn track_id(place: usize) -> String {
    format!("HQ-{:05}", place + 1)
}

// ------------------------------------------------------------------------------------------------- payouts

fn payouts(statements: &[Statement], catalog: &[Track]) -> Vec<[String; 6]> {
    for (place, track) in catalog.iter().enumerate() {
        assert_eq!(
            track.id,
            track_id(place),
            "the catalog numbers its tracks in order"
        );
    }
    let mut earned: BTreeMap<String, BTreeMap<String, Tally>> = BTreeMap::new();
    for row in statements.iter().flat_map(|statement| &statement.rows) {
        let Some((_, outcome)) = &row.item else {
            continue;
        };
        if outcome.status != "matched" {
            continue;
        }
        let payee = catalog[outcome.tracks[0]].payee.clone();
        let tally = earned
            .entry(row.currency.clone())
            .or_default()
            .entry(payee)
            .or_default();
        tally.rows += 1;
        tally.quantity += &row.quantity;
        tally.amount += &row.amount;
    }
    let mut lines: Vec<[String; 6]> = earned
        .iter()
        .flat_map(|(currency, payees)| payouts_in(currency, payees))
        .collect();
    lines.sort_by(|one, other| (&one[0], &one[1]).cmp(&(&other[0], &other[1])));
    lines
}

/// The payees of one currency: whole minor units each, and a line for what rounding leaves over.
fn payouts_in(currency: &str, payees: &BTreeMap<String, Tally>) -> Vec<[String; 6]> {
    let minor = minor_digits(currency).expect("a known currency");
    let unit = BigInt::from(10).pow(20 - minor);
    let total: BigInt = payees.values().map(|tally| &tally.amount).sum();
    // A negative total is paid out as its mirror image.
    let mirror = BigInt::from(if total.sign() == Sign::Minus { -1 } else { 1 });
    let payable_units = (&total * &mirror + &unit / 2) / &unit;

    let mut shares: Vec<Share> = payees
        .iter()
        .map(|(payee, tally)| {
            let exact = &tally.amount * &mirror;
            let units = floor_div(&exact, &unit);
            Share {
                payee: payee.clone(),
                remainder: exact - &units * &unit,
                units,
            }
        })
        .collect();
    let mut missing: BigInt =
        &payable_units - shares.iter().map(|share| &share.units).sum::<BigInt>();
    shares.sort_by(|one, other| {
        other
            .remainder
            .cmp(&one.remainder)
            .then(one.payee.cmp(&other.payee))
    });
    for share in &mut shares {
        if missing.sign() == Sign::Plus {
            share.units += 1;
            missing -= 1;
        }
    }
    assert!(
        missing == BigInt::from(0),
        "{currency}: no payee takes more than one extra unit"
    );

    let mut lines: Vec<[String; 6]> = shares
        .into_iter()
        .map(|share| {
            let tally = &payees[&share.payee];
            let payable = share.units * &unit * &mirror;
            [
                share.payee,
                currency.to_owned(),
                tally.rows.to_string(),
                tally.quantity.to_string(),
                decimal_text(&tally.amount),
                decimal_text(&payable),
            ]
        })
        .collect();
    let left_over = &total - payable_units * &unit * &mirror;
    let zero = "0".to_owned();
    lines.push([
        "(rounding)".to_owned(),
        currency.to_owned(),
        zero.clone(),
        zero.clone(),
        zero,
        decimal_text(&left_over),
    ]);
    lines
}

struct Share {
    payee: String,
    units: BigInt,
    remainder: BigInt,
}

fn floor_div(value: &BigInt, unit: &BigInt) -> BigInt {
    let quotient = value / unit;
    if &quotient * unit > *value {
        quotient - 1
    } else {
        quotient
    }
}

/// 10⁻²⁰ units as a decimal without an exponent and without zeros at its end.
fn decimal_text(units: &BigInt) -> String {
    let digits = format!("{:0>21}", units.magnitude().to_string());
    let (whole, fraction) = digits.split_at(digits.len() - DIGITS_AFTER_POINT);
    let fraction = fraction.trim_end_matches('0');
    let sign = if units.sign() == Sign::Minus { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}
