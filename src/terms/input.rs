//! Texts of contracts, rates and balances into records with places, so that every fault can name file, line and column.
//!
//! Contracts come as TOML or as CSV. Both become the same [`Record`]s; what a record means is for [`super::book`].
//!
//! Invariant: numbers are taken from the digits as written, never through binary floating point.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::ident::{Currency, Day, SalePeriod, Upc};
use crate::money::{Amount, DecimalMark, Ratio, parse_amount};
use crate::statement::records::{Dialect, RowReader};
use crate::terms::language::{Key, KeyShape, RecordKind, Shape};

/// A file and a line in it, from 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was given.
    pub file: Arc<str>,
    /// The line, as an editor counts.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What is wrong with an input: where, in which column or key, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// The column or key; empty when it is about the whole record.
    pub column: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    pub(crate) fn new(
        place: &Place,
        column: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            place: place.clone(),
            column: column.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            column,
            problem,
            remedy,
        } = self;
        if column.is_empty() {
            write!(f, "{place}: {problem}; {remedy}")
        } else {
            write!(f, "{place}, {column}: {problem}; {remedy}")
        }
    }
}

/// One payee, contract, clause, … as written.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// `payee`, `contract`, `fee`, …
    pub kind: String,
    /// The contract that a clause belongs to.
    pub owner: String,
    /// Where it begins.
    pub place: Place,
    /// Keys with what stands there, and where.
    pub fields: BTreeMap<String, (Written, Place)>,
}

/// A value as written.
#[derive(Debug, Clone)]
pub(super) enum Written {
    Text(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

impl Written {
    /// The value as it stands, whatever shape its key wants.
    fn to_toml(&self) -> String {
        match self {
            Self::Text(text) => toml_value(text),
            Self::List(list) => toml_list(list),
            Self::Map(map) => toml_map(map),
        }
    }
}

impl Record {
    /// The fault of a record whose kind the language does not know.
    pub(super) fn unknown_kind(&self) -> Fault {
        Fault::new(
            &self.place,
            "record",
            format!("{:?} is not a kind of record", self.kind),
            "see: ledgerline help contracts",
        )
    }

    /// Its name, which stays in it.
    pub(super) fn name(&self) -> Result<&str, Fault> {
        match self.fields.get("name") {
            Some((Written::Text(name), _)) if !name.trim().is_empty() => Ok(name),
            _ => Err(Fault::new(
                &self.place,
                "name",
                format!("a {} needs it", self.kind),
                "add name",
            )),
        }
    }

    /// Balances know things by their names, and CSV does not keep blanks around them.
    fn odd_name(&self) -> Option<Fault> {
        let (written, place) = self.fields.get("name")?;
        let Written::Text(name) = written else {
            return None;
        };
        (name.trim() != name).then(|| {
            Fault::new(
                place,
                "name",
                format!("{name:?} has blanks around it"),
                "remove them",
            )
        })
    }

    /// Whether it has a key.
    pub(super) fn has(&self, key: Key) -> bool {
        self.fields.contains_key(key.word())
    }

    /// Its keys and values as TOML, always in the same order: those that its kind knows, then others.
    pub(super) fn to_toml(&self) -> Result<String, Fault> {
        let known = RecordKind::of_word(&self.kind).map_or(&[][..], RecordKind::keys);
        let rank = |word: &str| known.iter().position(|known| known.key.word() == word);
        let mut words: Vec<&String> = self.fields.keys().collect();
        words.sort_by_key(|word| rank(word).unwrap_or(known.len()));
        let mut text = String::new();
        for word in words {
            let value = match rank(word) {
                Some(index) => self.known_to_toml(known[index])?,
                None => self.fields[word].0.to_toml(),
            };
            text.push_str(&format!("{} = {value}\n", toml_key(word)));
        }
        Ok(text)
    }

    /// The value of a key that is there, in the shape of the key.
    fn known_to_toml(&self, known: KeyShape) -> Result<String, Fault> {
        let key = known.key;
        let written = &self.fields[key.word()].0;
        let mut taken = self.clone();
        match (known.shape, written) {
            // A name stays a text, whatever it looks like.
            (_, Written::Text(name)) if key == Key::Name => Ok(toml_text(name)),
            (Shape::List, _) => Ok(toml_list(&taken.list(key)?.unwrap_or_default())),
            (Shape::Names, _) => {
                let names = taken.clone().names(key)?;
                if names.iter().any(|(_, value)| value.is_some()) {
                    return Ok(toml_map(&taken.map(key)?));
                }
                let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
                Ok(toml_list(&names))
            }
            (Shape::Map, Written::Text(_) | Written::Map(_)) => Ok(toml_map(&taken.map(key)?)),
            (Shape::Map, Written::List(_)) | (Shape::One, _) => Ok(written.to_toml()),
        }
    }

    /// A value as a cell of CSV.
    pub(super) fn csv_cell(&self, key: &str) -> Result<String, Fault> {
        let Some((written, place)) = self.fields.get(key) else {
            return Ok(String::new());
        };
        let parts: Vec<String> = match written {
            Written::Text(text) if text.trim() == text && !text.is_empty() => {
                return Ok(text.clone());
            }
            Written::Text(text) => {
                return Err(Fault::new(
                    place,
                    key,
                    format!("{text:?} cannot stand in CSV"),
                    "export as TOML",
                ));
            }
            Written::List(list) => list.clone(),
            Written::Map(map) => map
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        };
        // What CSV cannot hold must not become something else: an empty part of a condition would be no condition.
        match parts
            .iter()
            .find(|part| part.contains(';') || part.is_empty() || part.trim() != part.as_str())
        {
            Some(part) => Err(Fault::new(
                place,
                key,
                format!("{part:?} cannot stand in a list in CSV"),
                "export as TOML",
            )),
            None if parts.is_empty() => Err(Fault::new(
                place,
                key,
                "an empty list cannot stand in CSV",
                "export as TOML",
            )),
            None => Ok(parts.join(";")),
        }
    }

    /// Takes a text; what is not there is `None`.
    pub(super) fn text(&mut self, key: Key) -> Result<Option<String>, Fault> {
        match self.fields.remove(key.word()) {
            None => Ok(None),
            Some((Written::Text(text), _)) => Ok(Some(text)),
            Some((_, place)) => Err(Fault::new(
                &place,
                key.word(),
                "one value belongs here",
                "write it without brackets",
            )),
        }
    }

    /// Takes a text that must be there.
    pub(super) fn needed(&mut self, key: Key) -> Result<String, Fault> {
        let found = self.text(key)?.filter(|t| !t.trim().is_empty());
        found.ok_or_else(|| {
            Fault::new(
                &self.place,
                key.word(),
                format!("a {} needs it", self.kind),
                format!("add {}", key.word()),
            )
        })
    }

    /// Takes a list; a text is parted at `;`.
    pub(super) fn list(&mut self, key: Key) -> Result<Option<Vec<String>>, Fault> {
        match self.fields.remove(key.word()) {
            None => Ok(None),
            Some((Written::Text(text), _)) => Ok(Some(
                text.split(';')
                    .map(|t| t.trim().to_owned())
                    .filter(|t| !t.is_empty())
                    .collect(),
            )),
            Some((Written::List(list), _)) => Ok(Some(list)),
            Some((Written::Map(_), place)) => Err(Fault::new(
                &place,
                key.word(),
                "a list belongs here",
                "write [\"A\", \"B\"], in CSV A;B",
            )),
        }
    }

    /// Takes names with values; a text is parted at `;` and `=`.
    pub(super) fn map(&mut self, key: Key) -> Result<Vec<(String, String)>, Fault> {
        let Some((written, place)) = self.fields.remove(key.word()) else {
            return Ok(Vec::new());
        };
        let fault = || {
            Fault::new(
                &place,
                key.word(),
                "names with values belong here",
                "write { \"A\" = \"0.5\", \"B\" = \"0.5\" }, in CSV A=0.5;B=0.5",
            )
        };
        match written {
            Written::Map(map) => Ok(map),
            Written::Text(text) => {
                let pairs = text
                    .split(';')
                    .filter(|t| !t.trim().is_empty())
                    .map(|pair| pair.rsplit_once('=').ok_or_else(fault));
                pairs
                    .map(|pair| {
                        pair.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                    })
                    .collect()
            }
            Written::List(_) => Err(fault()),
        }
    }

    /// Takes names of which each may have a value; a text is parted as lists and maps are.
    pub(super) fn names(&mut self, key: Key) -> Result<Vec<(String, Option<String>)>, Fault> {
        let is_list = match self.fields.get(key.word()) {
            Some((Written::List(_), _)) => true,
            Some((Written::Text(text), _)) => !text.contains('='),
            _ => false,
        };
        if is_list {
            return Ok(self
                .list(key)?
                .unwrap_or_default()
                .into_iter()
                .map(|name| (name, None))
                .collect());
        }
        Ok(self
            .map(key)?
            .into_iter()
            .map(|(name, value)| (name, Some(value)))
            .collect())
    }

    /// Takes a value and reads it.
    fn read<T>(
        &mut self,
        key: Key,
        read: impl FnOnce(&str) -> Result<T, String>,
        remedy: &str,
    ) -> Result<Option<T>, Fault> {
        let place = self.place_of(key);
        let Some(text) = self.text(key)?.filter(|t| !t.trim().is_empty()) else {
            return Ok(None);
        };
        read(text.trim())
            .map(Some)
            .map_err(|problem| Fault::new(&place, key.word(), problem, remedy))
    }

    pub(super) fn place_of(&self, key: Key) -> Place {
        self.fields
            .get(key.word())
            .map_or_else(|| self.place.clone(), |(_, place)| place.clone())
    }

    pub(super) fn ratio(&mut self, key: Key) -> Result<Option<Ratio>, Fault> {
        self.read(
            key,
            |t| Ratio::parse(t).map_err(|e| e.to_string()),
            "write it as 0.25, 25 % or 1/4",
        )
    }

    pub(super) fn amount(&mut self, key: Key) -> Result<Option<Amount>, Fault> {
        self.read(key, amount_of, "write it as 1234.56")
    }

    pub(super) fn currency(&mut self, key: Key) -> Result<Option<Currency>, Fault> {
        self.read(
            key,
            |t| Currency::parse(t).map_err(|e| e.to_string()),
            "write its code, such as EUR",
        )
    }

    pub(super) fn day(&mut self, key: Key) -> Result<Option<Day>, Fault> {
        self.read(key, day_of, "write it as 2026-09-30")
    }

    pub(super) fn number(&mut self, key: Key) -> Result<Option<u32>, Fault> {
        self.read(
            key,
            |t| {
                t.parse()
                    .map_err(|_| format!("{t:?} is not a whole number"))
            },
            "write 1, 2, …",
        )
    }

    pub(super) fn flag(&mut self, key: Key) -> Result<bool, Fault> {
        Ok(self
            .read(
                key,
                |t: &str| match t {
                    "true" | "yes" => Ok(true),
                    "false" | "no" => Ok(false),
                    _ => Err(format!("{t:?} is neither true nor false")),
                },
                "write true or false",
            )?
            .unwrap_or(false))
    }

    /// Refuses keys that nobody has taken: a misspelled key must not be a clause that is never applied.
    pub(super) fn end(self) -> Result<(), Fault> {
        match self.fields.into_iter().next() {
            None => Ok(()),
            Some((key, (_, place))) => Err(Fault::new(
                &place,
                &key,
                format!("a {} has no such key", self.kind),
                "correct or remove it",
            )),
        }
    }
}

fn toml_key(key: &str) -> String {
    let is_bare = !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if is_bare {
        key.to_owned()
    } else {
        toml_text(key)
    }
}

pub(super) fn toml_text(text: &str) -> String {
    // The escapes of JSON are those of TOML; one more character must be escaped there.
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// Numbers, dates and truths stand without quotes, as people write them.
fn toml_value(text: &str) -> String {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        // Zeros in front are digits of a code.
        all_digits(whole)
            && all_digits(part)
            && (whole == "0" || !whole.starts_with('0'))
            && whole.len() <= 15
    };
    let is_plain = matches!(text, "true" | "false")
        || is_number(text)
        || day_of(text).is_ok_and(|day| day.to_string() == text);
    if is_plain {
        text.to_owned()
    } else {
        toml_text(text)
    }
}

fn toml_list(list: &[String]) -> String {
    format!(
        "[{}]",
        list.iter()
            .map(|t| toml_text(t))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

pub(super) fn toml_map(map: &[(String, String)]) -> String {
    format!(
        "{{ {} }}",
        map.iter()
            .map(|(name, value)| format!("{} = {}", toml_key(name), toml_value(value)))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

/// Reads an amount in the program's own convention.
pub(super) fn amount_of(text: &str) -> Result<Amount, String> {
    // 1,234 is a thousand to one reader and one and a bit to another.
    if text.contains(',') {
        return Err(format!(
            "{text:?} has a comma; write a point before the decimals, and no other mark"
        ));
    }
    parse_amount(text.as_bytes(), DecimalMark::Dot).map_err(|e| format!("{text:?}: {e}"))
}

/// Reads a day; nothing else is guessed to be one.
pub(super) fn day_of(text: &str) -> Result<Day, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |index: usize| parts.get(index).and_then(|t: &&str| t.parse::<u32>().ok());
    match (parts.len(), number(0), number(1), number(2)) {
        (3, Some(y), Some(m), Some(d)) => {
            Day::new(i32::try_from(y).unwrap_or(0), m, d).map_err(|e| format!("{text:?}: {e}"))
        }
        _ => Err(format!("{text:?} is not a date")),
    }
}

/// Codes of releases, parted by `;`, each in the form in which codes are compared: a UPC as 14 digits, any other as it is.
pub(crate) fn releases_of(text: &str) -> String {
    let code =
        |code: &str| Upc::parse(code).map_or_else(|_| code.to_owned(), |upc| upc.to_string());
    text.split(';')
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(code)
        .collect::<Vec<_>>()
        .join(";")
}

/// Reads a sale period.
pub(crate) fn period_of(text: &str) -> Result<SalePeriod, String> {
    if text.is_empty() {
        return Ok(SalePeriod::UNKNOWN);
    }
    SalePeriod::from_canonical(text).map_or_else(
        || SalePeriod::parse(text, None).map_err(|e| format!("{text:?}: {e}")),
        Ok,
    )
}

/// The records of a contracts file: CSV when it begins with a header that has a column `record`, else TOML.
pub(super) fn contract_records(file: &str, bytes: &[u8]) -> Result<Vec<Record>, Vec<Fault>> {
    let file: Arc<str> = file.into();
    let text =
        std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).map_err(|e| {
            let line = 1 + bytes[..e.valid_up_to()]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            vec![Fault::new(
                &Place {
                    file: Arc::clone(&file),
                    line,
                },
                "",
                "the text is not UTF-8",
                "save the file as UTF-8",
            )]
        })?;
    let first = text.lines().next().unwrap_or_default();
    let is_csv = first
        .split([',', ';', '\t'])
        .any(|cell| cell.trim().trim_matches('"') == "record");
    let records = if is_csv {
        csv_records(&file, bytes)
    } else {
        toml_records(&file, text)
    }?;
    let faults: Vec<Fault> = records.iter().filter_map(Record::odd_name).collect();
    if faults.is_empty() {
        Ok(records)
    } else {
        Err(faults)
    }
}

fn csv_records(file: &Arc<str>, bytes: &[u8]) -> Result<Vec<Record>, Vec<Fault>> {
    let table = CsvTable::read(file, bytes)?;
    let mut records = Vec::new();
    for (place, cells) in &table.rows {
        let mut record = Record {
            kind: String::new(),
            owner: String::new(),
            place: place.clone(),
            fields: BTreeMap::new(),
        };
        for (name, cell) in table.header.iter().zip(cells) {
            let cell = cell.trim();
            match name.as_str() {
                "record" => cell.clone_into(&mut record.kind),
                "contract" => cell.clone_into(&mut record.owner),
                _ if cell.is_empty() => {}
                _ => {
                    record.fields.insert(
                        name.clone(),
                        (Written::Text(cell.to_owned()), place.clone()),
                    );
                }
            }
        }
        if record.kind == "contract" && !record.owner.is_empty() {
            let owner = std::mem::take(&mut record.owner);
            record
                .fields
                .insert("name".into(), (Written::Text(owner), place.clone()));
        }
        records.push(record);
    }
    Ok(records)
}

/// A text, number, date or truth, as it is written.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        _ => None,
    }
}

struct TomlText {
    file: Arc<str>,
    /// Where the line ends are: counting them anew for each of thousands of clauses would take half a minute.
    line_ends: Vec<usize>,
}

impl TomlText {
    fn place(&self, offset: usize) -> Place {
        Place {
            file: Arc::clone(&self.file),
            line: 1 + self.line_ends.partition_point(|end| *end < offset),
        }
    }

    fn written(&self, key: &str, value: &DeValue<'_>, place: &Place) -> Result<Written, Fault> {
        let fault = || {
            Fault::new(
                place,
                key,
                "texts and numbers belong here",
                "see: ledgerline help contracts",
            )
        };
        match value {
            DeValue::Array(items) => Ok(Written::List(
                items
                    .iter()
                    .map(|i| scalar(i.get_ref()).ok_or_else(fault))
                    .collect::<Result<_, _>>()?,
            )),
            DeValue::Table(table) => {
                let pairs = table.iter().map(|(name, value)| {
                    Some((name.get_ref().to_string(), scalar(value.get_ref())?))
                });
                Ok(Written::Map(
                    pairs
                        .map(|pair| pair.ok_or_else(fault))
                        .collect::<Result<_, _>>()?,
                ))
            }
            other => scalar(other).map(Written::Text).ok_or_else(fault),
        }
    }

    /// A table of `[[kind]]`; arrays of tables in it are records of their own, with `owner` as what they belong to.
    fn record(
        &self,
        kind: &str,
        owner: &str,
        table: &DeTable<'_>,
        place: Place,
        out: &mut Vec<Record>,
    ) -> Result<(), Fault> {
        let mut record = Record {
            kind: kind.to_owned(),
            owner: owner.to_owned(),
            place,
            fields: BTreeMap::new(),
        };
        let name = table
            .iter()
            .find(|(key, _)| key.get_ref() == "name")
            .and_then(|(_, v)| scalar(v.get_ref()))
            .unwrap_or_default();
        let mut inner = Vec::new();
        for (key, value) in table {
            let (key, place) = (key.get_ref(), self.place(key.span().start));
            match value.get_ref() {
                DeValue::Array(items) if items.iter().any(|i| i.get_ref().is_table()) => {
                    if !owner.is_empty() {
                        return Err(Fault::new(
                            &place,
                            key,
                            "only a contract has clauses",
                            "write [[contract.NAME]] for each of them",
                        ));
                    }
                    for item in items {
                        let Some(table) = item.get_ref().as_table() else {
                            return Err(Fault::new(
                                &place,
                                key,
                                "tables and other values stand in one list",
                                "write them apart",
                            ));
                        };
                        self.record(key, &name, table, self.place(item.span().start), &mut inner)?;
                    }
                }
                other => {
                    let written = self.written(key, other, &place)?;
                    record.fields.insert(key.to_string(), (written, place));
                }
            }
        }
        out.push(record);
        out.extend(inner);
        Ok(())
    }
}

fn toml_records(file: &Arc<str>, text: &str) -> Result<Vec<Record>, Vec<Fault>> {
    let toml = TomlText {
        file: Arc::clone(file),
        line_ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
    };
    let table = DeTable::parse(text).map_err(|e| {
        let place = toml.place(e.span().map_or(0, |s| s.start));
        vec![Fault::new(
            &place,
            "",
            format!("this is not TOML: {}", e.message()),
            "correct the line",
        )]
    })?;
    let mut records = Vec::new();
    let mut faults = Vec::new();
    for (key, value) in table.get_ref() {
        let place = toml.place(key.span().start);
        let Some(items) = value.get_ref().as_array() else {
            faults.push(Fault::new(
                &place,
                key.get_ref(),
                "records stand in lists",
                format!("write [[{}]]", key.get_ref()),
            ));
            continue;
        };
        for item in items {
            let place = toml.place(item.span().start);
            let result = match item.get_ref().as_table() {
                Some(table) => toml.record(key.get_ref(), "", table, place, &mut records),
                None => Err(Fault::new(
                    &place,
                    key.get_ref(),
                    "a table belongs here",
                    format!("write [[{}]]", key.get_ref()),
                )),
            };
            faults.extend(result.err());
        }
    }
    // Tables of one kind keep their order; kinds are sorted by the parser, so records are put in the order of the file.
    records.sort_by_key(|r| r.place.line);
    if faults.is_empty() {
        Ok(records)
    } else {
        Err(faults)
    }
}

/// A small CSV file: its header in lower case, and its rows with their places.
pub(super) struct CsvTable {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Cells of each row, as many as there are columns.
    pub rows: Vec<(Place, Vec<String>)>,
}

impl CsvTable {
    pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let file: Arc<str> = file.into();
        let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let place = |line: u64| Place {
            file: Arc::clone(&file),
            line: usize::try_from(line).unwrap_or(usize::MAX) + 1,
        };
        let dialect = dialect_of(body);
        let mut reader = RowReader::new(body, &dialect, 0);
        let mut faults = Vec::new();
        let mut table = Self {
            header: Vec::new(),
            rows: Vec::new(),
        };
        while let Some(row) = reader.next_row() {
            if row.is_empty() || row.cells().all(<[u8]>::is_empty) {
                continue;
            }
            let place = place(row.line);
            if row.flags.is_ragged || row.flags.has_stray_quote || row.flags.has_unclosed_quote {
                let problem = format!(
                    "the row has {} cells, the header {}, or a quote that is not closed",
                    row.len(),
                    table.header.len()
                );
                faults.push(Fault::new(
                    &place,
                    "",
                    problem,
                    "put cells that hold separators or quotes into quotes",
                ));
                continue;
            }
            let cells: Result<Vec<String>, _> = row
                .cells()
                .map(|c| std::str::from_utf8(c).map(|t| t.trim().to_owned()))
                .collect();
            match cells {
                Ok(cells) if table.header.is_empty() => {
                    table.header = cells
                        .into_iter()
                        .map(|c| c.to_lowercase().replace(' ', "_"))
                        .collect();
                }
                Ok(cells) => table.rows.push((place, cells)),
                Err(_) => faults.push(Fault::new(
                    &place,
                    "",
                    "the text is not UTF-8",
                    "save the file as UTF-8",
                )),
            }
        }
        faults.extend(table.header_fault(&place(0)));
        if faults.is_empty() {
            Ok(table)
        } else {
            Err(faults)
        }
    }

    /// What is wrong with the header.
    fn header_fault(&self, place: &Place) -> Option<Fault> {
        if self.header.is_empty() {
            let remedy = "write a header line";
            return Some(Fault::new(place, "", "the file is empty", remedy));
        }
        let mut names = self.header.iter().enumerate();
        let is_twice =
            |index: usize, name: &String| !name.is_empty() && self.header[..index].contains(name);
        let (_, name) = names.find(|(index, name)| is_twice(*index, name))?;
        let problem = "the header names this column twice";
        Some(Fault::new(place, name, problem, "name it once"))
    }

    /// The place of a column.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.header.iter().position(|h| h == name))
    }
}

/// The rows of a small CSV of the program's own, when it has these columns; `None` when it is something else.
pub(crate) fn rows_of(bytes: &[u8], columns: &[&str]) -> Option<Vec<Vec<String>>> {
    let table = CsvTable::read("", bytes).ok()?;
    (table.header == columns).then(|| table.rows.into_iter().map(|(_, cells)| cells).collect())
}

/// The separator is the one that the header has most of.
pub(crate) fn dialect_of(bytes: &[u8]) -> Dialect {
    let header = bytes
        .split(|b| matches!(b, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let best = [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|d| memchr::memchr_iter(*d, header).count());
    Dialect::new(best.unwrap_or(b',')).decided(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_csv_give_the_same_records() {
        let toml = "[[payee]]\nname = \"Ada\"\ncurrency = \"EUR\"\n\n[[contract]]\nname = \"A\"\ntracks = [\"T1\", \"T2\"]\n\n[[contract.fee]]\nname = \"f\"\nrate = 0.10\n\n[[contract.split]]\nshares = { Ada = \"1/3\", Ben = \"2/3\" }\n";
        let csv = "record,contract,name,currency,tracks,rate,shares\npayee,,Ada,EUR,,,\ncontract,A,,,T1;T2,,\nfee,A,f,,,0.10,\nsplit,A,,,,,Ada=1/3;Ben=2/3\n";
        for (file, text) in [("c.toml", toml), ("c.csv", csv)] {
            let mut records = contract_records(file, text.as_bytes()).unwrap();
            let kinds: Vec<&str> = records.iter().map(|r| r.kind.as_str()).collect();
            assert_eq!(kinds, ["payee", "contract", "fee", "split"], "{file}");
            assert_eq!(records[1].list(Key::Tracks).unwrap().unwrap(), ["T1", "T2"]);
            assert_eq!(records[2].owner, "A");
            assert_eq!(
                records[2].ratio(Key::Rate).unwrap().unwrap().to_string(),
                "0.1"
            );
            assert_eq!(
                records[3].map(Key::Shares).unwrap(),
                [("Ada".into(), "1/3".into()), ("Ben".into(), "2/3".into())]
            );
        }
    }

    #[test]
    fn a_fault_names_file_line_and_key() {
        let mut records =
            contract_records("c.toml", b"[[payee]]\nname = \"Ada\"\nminimum = \"x\"\n").unwrap();
        let fault = records[0].amount(Key::Minimum).unwrap_err();
        assert!(
            fault.to_string().starts_with("c.toml, line 3, minimum: "),
            "{fault}"
        );
        let record = records.remove(0);
        assert!(
            record
                .end()
                .unwrap_err()
                .to_string()
                .contains("no such key")
        );
        let faults = contract_records("c.toml", b"[[payee]\n").unwrap_err();
        assert!(
            faults[0].to_string().starts_with("c.toml, line 1"),
            "{}",
            faults[0]
        );
    }
}
