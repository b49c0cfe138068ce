//! Terms as texts: each payee, tax, group and contract is one piece of TOML under its kind and name; rates and balances are whole files.
//!
//! A workspace keeps terms in this form. The pieces put together are a contracts file, so what is kept, what is exported and what a
//! person writes by hand are one format with one reader.
//!
//! Invariant: a piece says what the records of its file said, and is always written in the same way ([`split_file`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::terms::balances::{BALANCE_COLUMNS, Balances};
use crate::terms::contracts::Book;
use crate::terms::input::{CsvTable, Fault, Place, Record, contract_records};
use crate::terms::language::{Clause, RecordKind};
use crate::terms::rates::Rates;

/// What a piece is about. Pieces of a file stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermKind {
    /// Who is paid.
    Payee,
    /// A tax.
    Tax,
    /// An order of steps.
    Profile,
    /// The tracks of a release.
    Release,
    /// A contract with its clauses.
    Contract,
    /// Contracts whose accounts are joined.
    Group,
    /// A file of exchange rates, or of money that reached the bank.
    Rates,
    /// A file of balances that the first period opens with.
    Balances,
}

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What it is about.
    pub kind: TermKind,
    /// Its name; of files the name of the file.
    pub name: String,
    /// TOML; of files CSV.
    pub text: String,
}

/// All terms, read and checked together.
#[derive(Debug, Clone, Default)]
pub struct CheckedTerms {
    /// Contracts with their parties.
    pub book: Book,
    /// Exchange rates.
    pub rates: Rates,
    /// What the first period opens with.
    pub opening: Balances,
}

impl TermKind {
    /// All, with the words used in files and commands.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Payee, "payee"),
        (Self::Tax, "tax"),
        (Self::Profile, "profile"),
        (Self::Release, "release"),
        (Self::Contract, "contract"),
        (Self::Group, "group"),
        (Self::Rates, "rates"),
        (Self::Balances, "balances"),
    ];

    /// The word used in files and commands.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The kind of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, w)| *w == word)
            .map(|(kind, _)| *kind)
    }

    /// The kind of record that it is; `None` for a whole CSV file.
    #[must_use]
    pub fn record(self) -> Option<RecordKind> {
        match self {
            Self::Payee => Some(RecordKind::Payee),
            Self::Tax => Some(RecordKind::Tax),
            Self::Profile => Some(RecordKind::Profile),
            Self::Release => Some(RecordKind::Release),
            Self::Contract => Some(RecordKind::Contract),
            Self::Group => Some(RecordKind::Group),
            Self::Rates | Self::Balances => None,
        }
    }

    /// Whether it is a whole CSV file.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::Rates | Self::Balances)
    }
}

/// How faults call the text of a piece.
#[must_use]
pub fn place_name(kind: TermKind, name: &str) -> String {
    format!("{} {name:?}", kind.word())
}

/// Parts a file of any kind of terms into pieces: contracts by their records; a file of rates or balances is one piece of the name.
///
/// # Errors
/// The faults, with their places in the file; also when it is neither contracts, rates nor balances. What the pieces say together is checked by [`check`].
pub fn split_file(name: &str, bytes: &[u8]) -> Result<Vec<Term>, Vec<Fault>> {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = body
        .split(|b| matches!(b, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    let first = String::from_utf8_lossy(first).to_lowercase();
    // A table has been checked to be UTF-8.
    let whole = |kind: TermKind| {
        vec![Term {
            kind,
            name: name.to_owned(),
            text: String::from_utf8_lossy(body).into_owned(),
        }]
    };
    let has = |column: &str| {
        first
            .split([',', ';', '\t'])
            .any(|cell| cell.trim_matches(['"', ' ']) == column)
    };
    if has("record") || first.trim_start().starts_with(['[', '#']) || first.is_empty() {
        return pieces(contract_records(name, bytes)?);
    }
    if has("kind") && has("amount") {
        return CsvTable::read(name, bytes).map(|_| whole(TermKind::Balances));
    }
    if has("rate") || has("received") || first.starts_with("date") {
        return CsvTable::read(name, bytes).map(|_| whole(TermKind::Rates));
    }
    let place = Place {
        file: name.into(),
        line: 1,
    };
    let problem = "this is neither contracts, nor rates, nor balances";
    let remedy = format!(
        "begin contracts with [[contract]], or a column record; rates with period,from,to,rate,source,date; balances with {}",
        BALANCE_COLUMNS.join(",")
    );
    Err(vec![Fault::new(&place, "", problem, remedy)])
}

/// The cells of a file of rates or balances, header first.
///
/// # Errors
/// Faults, when it is no such file.
pub fn file_rows(name: &str, text: &str) -> Result<Vec<Vec<String>>, Vec<Fault>> {
    let table = CsvTable::read(name, text.as_bytes())?;
    Ok(std::iter::once(table.header)
        .chain(table.rows.into_iter().map(|(_, cells)| cells))
        .collect())
}

/// Parts records into pieces.
fn pieces(records: Vec<Record>) -> Result<Vec<Term>, Vec<Fault>> {
    let mut parties: Vec<(TermKind, Record)> = Vec::new();
    let mut clauses: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    let mut faults = Vec::new();
    for record in records {
        match TermKind::parse(&record.kind).filter(|kind| !kind.is_file()) {
            Some(kind) => parties.push((kind, record)),
            None if Clause::of_word(&record.kind).is_some() => {
                let of_contract = clauses.entry(record.owner.clone()).or_default();
                of_contract.push(record);
            }
            None => faults.push(record.unknown_kind()),
        }
    }
    let mut terms = Vec::new();
    for (kind, record) in parties {
        match piece(kind, &record, &mut clauses) {
            Ok(term) => terms.push(term),
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(clauses.into_values().flatten().map(ownerless));
    faults.extend(named_twice(&terms));
    faults.sort();
    if faults.is_empty() {
        Ok(terms)
    } else {
        Err(faults)
    }
}

/// One record, and when it is a contract its clauses, which are taken out.
fn piece(
    kind: TermKind,
    record: &Record,
    clauses: &mut BTreeMap<String, Vec<Record>>,
) -> Result<Term, Fault> {
    let name = record.name()?.to_owned();
    let mut text = format!("[[{}]]\n{}", kind.word(), record.to_toml()?);
    let own = match kind {
        TermKind::Contract => clauses.remove(&name).unwrap_or_default(),
        _ => Vec::new(),
    };
    for clause in in_order(own) {
        let written = clause.to_toml()?;
        text.push_str(&format!("\n[[contract.{}]]\n{written}", clause.kind));
    }
    Ok(Term { kind, name, text })
}

fn ownerless(clause: Record) -> Fault {
    let problem = format!(
        "the contract {:?} of this {} is not in the file",
        clause.owner, clause.kind
    );
    let remedy = "write the contract with all its clauses into one file";
    Fault::new(&clause.place, "contract", problem, remedy)
}

fn named_twice(terms: &[Term]) -> Option<Fault> {
    let mut names = BTreeSet::new();
    let term = terms.iter().find(|t| !names.insert((t.kind, &t.name)))?;
    let place = Place {
        file: place_name(term.kind, &term.name).into(),
        line: 1,
    };
    let remedy = "give each a name of its own";
    Some(Fault::new(&place, "name", "it stands there twice", remedy))
}

/// Clauses of one kind keep their order: the first that holds counts, and fees are taken one after
/// the other.
fn in_order(mut clauses: Vec<Record>) -> Vec<Record> {
    clauses.sort_by_key(|record| Clause::of_word(&record.kind));
    clauses
}

/// Reads texts of terms, each under the name by which faults call it, and checks them as a whole.
///
/// # Errors
/// All faults, with their lines in the texts.
pub fn check<'a>(
    texts: impl Iterator<Item = (TermKind, String, &'a [u8])>,
) -> Result<CheckedTerms, Vec<Fault>> {
    let mut contracts = Vec::new();
    let mut rates = Vec::new();
    let mut balances = Vec::new();
    for (kind, name, text) in texts {
        let list = match kind {
            TermKind::Rates => &mut rates,
            TermKind::Balances => &mut balances,
            _ => &mut contracts,
        };
        list.push((name, text.to_vec()));
    }
    let book = Book::read(&contracts)?;
    let rates = Rates::read(&rates)?;
    let opening = Balances::read(&balances, &book)?;
    Ok(CheckedTerms {
        book,
        rates,
        opening,
    })
}

/// The pieces that are records, as one contracts file.
#[must_use]
pub fn to_toml<'a>(pieces: impl Iterator<Item = (TermKind, &'a str, &'a str)>) -> String {
    let mut texts: Vec<(TermKind, &str, &str)> =
        pieces.filter(|(kind, ..)| !kind.is_file()).collect();
    texts.sort_unstable();
    texts
        .iter()
        .map(|(_, _, text)| *text)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The pieces that are records, as the rows of a CSV contracts file, header first: `record`, `contract`, and a column for each key that any
/// of them has.
///
/// # Errors
/// Faults for what CSV cannot hold: a name or value of a list that has a `;`.
pub fn csv_rows<'a>(
    pieces: impl Iterator<Item = (TermKind, &'a str, &'a str)>,
) -> Result<Vec<Vec<String>>, Vec<Fault>> {
    let records = contract_records("contracts", to_toml(pieces).as_bytes())?;
    let mut columns: Vec<&str> = Vec::new();
    for known in RecordKind::all().flat_map(RecordKind::keys) {
        let word = known.key.word();
        if !columns.contains(&word) && records.iter().any(|r| r.has(known.key)) {
            columns.push(word);
        }
    }
    let mut rows = vec![
        ["record", "contract"]
            .iter()
            .chain(&columns)
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
    ];
    for record in &records {
        let mut row = vec![record.kind.clone(), record.owner.clone()];
        for column in &columns {
            row.push(record.csv_cell(column).map_err(|fault| vec![fault])?);
        }
        rows.push(row);
    }
    Ok(rows)
}
