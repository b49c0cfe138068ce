//! Statements of any sender by a short description: the second opinion on what is a record, what a total, and what all of it comes to.
//!
//! Nothing here uses the library. Cells are read by the csv crate, amounts are fractions of big integers, and every sum is added up anew
//! for every row that is asked about. Where a statement could mean more than the rules say, this module panics: then the statement is
//! none to compare with.
//!
//! - A row that names a recording (ISRC, UPC, id or title) is a record, whatever it comes to.
//! - Any other row is a total when its amount is a sum of records: of all above it, of those since the last total or since the last one in
//!   its currency, or of all records of the file that share what it says of store, artist, label, release, territory, period and usage. It
//!   is one, too, when it has no amount and its units are such a sum; when it stands below a total and says a currency that no record has;
//!   and when a cell calls it a total and nothing else.
//! - What is left is a record without a name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use num_bigint::BigInt;
use num_rational::Ratio;

/// A number of any length.
pub type Exact = Ratio<BigInt>;

/// What a cell says about its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    Store,
    Isrc,
    Upc,
    Id,
    Title,
    Artist,
    Label,
    Release,
    Territory,
    Period,
    Usage,
    Currency,
}

/// By what totals of groups are told.
const GROUPS: [Fact; 7] = [
    Fact::Store,
    Fact::Artist,
    Fact::Label,
    Fact::Release,
    Fact::Territory,
    Fact::Period,
    Fact::Usage,
];

/// What a row says; facts that it does not say are left out.
pub type Facts = BTreeMap<Fact, String>;

/// What some records come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    pub rows: u64,
    pub units: Exact,
    pub amount: Exact,
}

impl Sum {
    pub fn add(&mut self, units: &Exact, amount: &Exact) {
        self.rows += 1;
        self.units += units;
        self.amount += amount;
    }
}

/// Records that say the same, together.
pub type Cells = BTreeMap<Facts, Sum>;

/// Which column of a file is what.
#[derive(Clone, Copy)]
pub struct Description {
    pub separator: char,
    pub mark: char,
    /// Rows above the header that are not blank.
    pub rows_above: usize,
    pub facts: &'static [(Fact, &'static str)],
    /// Empty when there is none.
    pub units: &'static str,
    pub amount: &'static str,
    /// The currency of all rows; without it a column says it.
    pub currency: Option<&'static str>,
    /// Rows with this value in this column are no sales.
    pub aside: Option<(&'static str, &'static str)>,
}

/// A statement as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    pub cells: Cells,
    pub records: u64,
    pub totals: u64,
    pub aside: u64,
}

impl Reading {
    /// All money by currency.
    pub fn money(&self) -> BTreeMap<String, Exact> {
        money(&self.cells)
    }
}

/// All money of some cells by currency.
pub fn money(cells: &Cells) -> BTreeMap<String, Exact> {
    let mut sums: BTreeMap<String, Exact> = BTreeMap::new();
    for (facts, sum) in cells {
        *sums.entry(facts[&Fact::Currency].clone()).or_default() += &sum.amount;
    }
    sums
}

struct Line {
    facts: Facts,
    units: Option<Exact>,
    amount: Option<Exact>,
    /// Cells that are no numbers.
    words: Vec<String>,
    is_aside: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Record,
    Total,
    Aside,
}

/// Reads a statement, packed or not, in whatever encoding its first bytes say.
pub fn read(bytes: &[u8], description: &Description) -> Reading {
    let lines = lines_of(bytes, description);
    let kinds = kinds_of(&lines);
    let mut reading = Reading::default();
    for (line, kind) in lines.iter().zip(kinds) {
        match kind {
            Kind::Total => reading.totals += 1,
            Kind::Aside => reading.aside += 1,
            Kind::Record => {
                let amount = line
                    .amount
                    .as_ref()
                    .expect("a record without an amount is none to compare with");
                reading.records += 1;
                reading
                    .cells
                    .entry(line.facts.clone())
                    .or_default()
                    .add(&line.units.clone().unwrap_or_default(), amount);
            }
        }
    }
    reading
}

// --------------------------------------------------------------------------------------------------- cells

fn lines_of(bytes: &[u8], description: &Description) -> Vec<Line> {
    let mut rows = rows_of(&text_of(bytes), description.separator);
    let is_wrapped = |row: &Vec<String>| {
        row[0].contains(description.separator) && row[1..].iter().all(String::is_empty)
    };
    if rows.iter().all(is_wrapped) {
        let inner: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        rows = rows_of(&inner.join("\n"), description.separator);
    }
    for cell in rows.iter_mut().flatten() {
        *cell = cell.trim().to_owned();
    }
    let header = rows[description.rows_above].clone();
    rows[description.rows_above + 1..]
        .iter()
        .map(|row| line_of(row, &header, description))
        .collect()
}

fn text_of(bytes: &[u8]) -> String {
    let mut unpacked = Vec::new();
    let bytes = match bytes {
        [0x1F, 0x8B, ..] => {
            flate2::read::GzDecoder::new(bytes)
                .read_to_end(&mut unpacked)
                .expect("it is sound gzip");
            &unpacked[..]
        }
        _ => bytes,
    };
    let wide = |units: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = units.chunks(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16(&units).expect("it is sound UTF-16")
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8(
            bytes
                .strip_prefix(b"\xEF\xBB\xBF")
                .unwrap_or(bytes)
                .to_vec(),
        )
        .expect("it is sound UTF-8"),
    }
}

/// Rows that are not blank.
fn rows_of(text: &str, separator: char) -> Vec<Vec<String>> {
    let separator = u8::try_from(separator).expect("separators are ASCII");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| {
        row.expect("it is sound CSV")
            .iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
        .collect()
}

fn line_of(row: &[String], header: &[String], description: &Description) -> Line {
    assert!(
        row.len() >= header.len() && row[header.len()..].iter().all(String::is_empty),
        "{row:?} is not as wide as {header:?}"
    );
    let cell = |name: &str| {
        let place = header
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| panic!("{header:?} has no {name}"));
        row[place].as_str()
    };
    let mut facts: Facts = description
        .facts
        .iter()
        .filter(|(_, name)| !cell(name).is_empty())
        .map(|(fact, name)| (*fact, cell(name).to_owned()))
        .collect();
    if let Some(currency) = description.currency {
        facts.insert(Fact::Currency, currency.to_owned());
    }
    Line {
        facts,
        units: if description.units.is_empty() {
            None
        } else {
            number(cell(description.units), description.mark)
        },
        amount: number(cell(description.amount), description.mark),
        words: row
            .iter()
            .filter(|cell| !cell.is_empty() && number(cell, description.mark).is_none())
            .cloned()
            .collect(),
        is_aside: description
            .aside
            .is_some_and(|(name, value)| cell(name) == value),
    }
}

/// A number with any sign, currency, group marks and exponent.
pub fn number(text: &str, mark: char) -> Option<Exact> {
    let mut bare = text.trim().to_owned();
    for sign in ["US$", "$", "€", "£", "USD", "EUR", "GBP"] {
        bare = bare.replace(sign, "");
    }
    let is_negative = bare.contains('(') || bare.starts_with('-') || bare.ends_with('-');
    let bare = bare
        .trim_matches(['(', ')', ' ', '\u{A0}'])
        .trim_end_matches('-')
        .trim_start_matches(['-', '+']);
    let (mantissa, exponent) = bare.split_once(['e', 'E']).unwrap_or((bare, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let group = if mark == '.' { ',' } else { '.' };
    let (whole, fraction) = mantissa.split_once(mark).unwrap_or((mantissa, ""));
    let whole = whole.replace(
        [group, '\'', '’', ' ', '\u{A0}', '\u{202F}', '\u{2009}'],
        "",
    );
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power = exponent - i32::try_from(fraction.len()).ok()?;
    let ten = BigInt::from(10).pow(power.unsigned_abs());
    let digits: BigInt = digits.parse().ok()?;
    let size = if power < 0 {
        Ratio::new(digits, ten)
    } else {
        Ratio::from_integer(digits * ten)
    };
    Some(if is_negative { -size } else { size })
}

// -------------------------------------------------------------------------------------------------- totals

fn kinds_of(lines: &[Line]) -> Vec<Kind> {
    let named: Vec<&Line> = lines
        .iter()
        .filter(|line| !line.is_aside && names_a_recording(&line.facts))
        .collect();
    let mut kinds: Vec<Kind> = Vec::new();
    for line in lines {
        let kind = if line.is_aside {
            Kind::Aside
        } else if names_a_recording(&line.facts) || !is_total(line, lines, &kinds, &named) {
            Kind::Record
        } else {
            Kind::Total
        };
        kinds.push(kind);
    }
    kinds
}

/// Whether a row that names nothing, behind those whose kinds are known, is a total.
fn is_total(line: &Line, lines: &[Line], kinds: &[Kind], named: &[&Line]) -> bool {
    let records_from = |start: usize| -> Vec<&Line> {
        (start..kinds.len())
            .filter(|p| kinds[*p] == Kind::Record)
            .map(|p| &lines[p])
            .collect()
    };
    let said = line.words.iter().find_map(|word| currency_in(word));
    let behind = |is_last: &dyn Fn(usize) -> bool| {
        (0..kinds.len())
            .rfind(|p| kinds[*p] == Kind::Total && is_last(*p))
            .map_or(0, |p| p + 1)
    };
    let of_currency = |p: usize| lines[p].words.iter().find_map(|word| currency_in(word)) == said;
    let mut sums = vec![
        records_from(0),
        records_from(behind(&|_| true)),
        records_from(behind(&of_currency)),
    ];
    let group: Vec<(&Fact, &String)> = line
        .facts
        .iter()
        .filter(|(fact, text)| {
            GROUPS.contains(fact)
                && named
                    .iter()
                    .any(|other| other.facts.get(fact) == Some(text))
        })
        .collect();
    if !group.is_empty() {
        sums.push(
            named
                .iter()
                .copied()
                .filter(|other| {
                    group
                        .iter()
                        .all(|(fact, text)| other.facts.get(fact) == Some(text))
                })
                .collect(),
        );
    }
    let zero = Exact::default();
    let amount = line.amount.as_ref().filter(|amount| **amount != zero);
    let units = line.units.as_ref().filter(|units| **units != zero);
    let has_units = sums.iter().any(|records| {
        !records.is_empty() && units == Some(&records.iter().filter_map(|r| r.units.as_ref()).sum())
    });
    let has_amount = amount.is_some_and(|amount| {
        sums.iter()
            .any(|records| has_sum(records, amount, said.as_deref()))
    });
    let is_foreign = said.as_ref().is_some_and(|said| {
        !records_from(0)
            .iter()
            .any(|record| record.facts.get(&Fact::Currency) == Some(said))
    });
    let is_converted =
        amount.is_some() && is_foreign && (kinds.last() == Some(&Kind::Total) || has_units);
    has_amount
        || is_converted
        || amount.is_none() && has_units
        || line.words.iter().any(|word| is_total_word(word))
}

/// Whether the records come to an amount in the currency that is said, or in any.
fn has_sum(records: &[&Line], amount: &Exact, said: Option<&str>) -> bool {
    let mut sums: BTreeMap<&str, Exact> = BTreeMap::new();
    for record in records {
        let currency = record.facts.get(&Fact::Currency).map_or("", String::as_str);
        *sums.entry(currency).or_default() +=
            record.amount.as_ref().expect("a record has an amount");
    }
    sums.iter()
        .any(|(currency, sum)| sum == amount && said.is_none_or(|said| said == *currency))
}

/// Whether a row says which recording or release it is about. Codes must have the form of codes; songs may be called “Total”, and then
/// they are somebody's.
fn names_a_recording(facts: &Facts) -> bool {
    let given = |fact: Fact| {
        facts
            .get(&fact)
            .map(String::as_str)
            .filter(|text| !is_total_word(text))
    };
    let bare = |fact: Fact| given(fact).map(|text| text.replace([' ', '-'], ""));
    let has_isrc = bare(Fact::Isrc).is_some_and(|code| {
        code.len() == 12 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let has_upc = bare(Fact::Upc)
        .is_some_and(|code| code.len() >= 8 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let has_title = given(Fact::Title).is_some()
        || facts.contains_key(&Fact::Title) && given(Fact::Artist).is_some();
    has_isrc || has_upc || given(Fact::Id).is_some() || has_title
}

const TOTALS: &[&str] = &[
    "total",
    "totals",
    "gesamt",
    "gesamtsumme",
    "summe",
    "suma",
    "subtotal",
    "totale",
    "razem",
    "итого",
    "合計",
    "somme",
];
const BESIDE: &[&str] = &[
    "grand", "sub", "general", "earnings", "revenue", "due", "amount", "usd", "eur", "gbp", "jpy",
];

/// Whether a text calls its row a total and nothing else.
pub fn is_total_word(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: BTreeSet<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().any(|word| TOTALS.contains(word))
        && words
            .iter()
            .all(|word| TOTALS.contains(word) || BESIDE.contains(word))
}

const CURRENCIES: &[&str] = &["USD", "EUR", "GBP", "JPY", "AUD", "SEK", "CHF"];

/// The currency that a cell is, or that the name of a total ends with.
fn currency_in(cell: &str) -> Option<String> {
    if cell == "Euro" || cell == "€" {
        return Some("EUR".to_owned());
    }
    let code = if is_total_word(cell) {
        cell.rsplit([' ', '(']).next()?.trim_end_matches(')')
    } else {
        cell
    };
    CURRENCIES.contains(&code).then(|| code.to_owned())
}
