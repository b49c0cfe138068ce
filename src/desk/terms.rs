//! Contracts, payees, rates and balances for people: a summary of each piece, which rates are missing, and a rate by hand.

use std::collections::{BTreeMap, BTreeSet};

use crate::contents::terms::pieces;
use crate::export::write_rows;
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::period::OpenPeriod;
use crate::review::{TermText, TermTexts, TermsChange};
use crate::settlement::{Account, PayableState, SettleError, SuspenseReason};
use crate::terms::form::{FormRecord, TermForm};
use crate::terms::language::{Clause, Key};
use crate::terms::pieces::{TermKind, file_rows, place_name};
use crate::terms::{Book, Rates};

/// Name of the piece that holds rates which a person has typed.
pub const BY_HAND: &str = "by hand.csv";
const RATE_COLUMNS: [&str; 6] = ["period", "from", "to", "rate", "source", "date"];

/// A summary of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermRow {
    /// Its name.
    pub name: String,
    /// What it says, in the order of the columns of its kind: a contract's profile, currency, what it covers, splits and advances; a
    /// payee's currency, residence, minimum and bank; a tax's rate, territories and residences; members or steps of others; of
    /// rates pairs, periods and rows; of balances rows.
    pub cells: Vec<String>,
}

/// Summaries of all pieces.
#[derive(Debug, Clone, Default)]
pub struct TermsView {
    rows: BTreeMap<TermKind, Vec<TermRow>>,
    /// Profiles that contracts may name, with their steps: those that ship and those of the workspace.
    pub profiles: Vec<(String, Vec<&'static str>)>,
}

impl TermsView {
    /// Summarizes the pieces.
    #[must_use]
    pub fn of(texts: &TermTexts) -> Self {
        let mut view = Self {
            profiles: profiles(texts),
            ..Self::default()
        };
        for (kind, name, text) in pieces(texts) {
            view.rows.entry(kind).or_default().push(TermRow {
                name: name.to_owned(),
                cells: cells(kind, name, text),
            });
        }
        view
    }

    /// The pieces of a kind, sorted by name.
    #[must_use]
    pub fn rows(&self, kind: TermKind) -> &[TermRow] {
        self.rows.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }
}

fn profiles(texts: &TermTexts) -> Vec<(String, Vec<&'static str>)> {
    let own = pieces(texts).filter(|(kind, ..)| *kind == TermKind::Profile);
    let own: Vec<(String, Vec<u8>)> = own
        .map(|(kind, name, text)| (place_name(kind, name), text.as_bytes().to_vec()))
        .collect();
    // Profiles that ship can always be read.
    let book = Book::read(&own)
        .or_else(|_| Book::read(&[]))
        .unwrap_or_default();
    book.profiles
        .iter()
        .map(|p| (p.name.clone(), p.steps.iter().map(|s| s.word()).collect()))
        .collect()
}

fn cells(kind: TermKind, name: &str, text: &str) -> Vec<String> {
    if kind.is_file() {
        return file_cells(kind, name, text);
    }
    let Ok(form) = TermForm::read(kind, name, text) else {
        return vec!["see the text".to_owned()];
    };
    let record = &form.records[0];
    let texts = |keys: &[Key]| {
        keys.iter()
            .map(|key| record.text(*key).to_owned())
            .collect()
    };
    match kind {
        TermKind::Contract => {
            vec![
                record.text(Key::Profile).to_owned(),
                record.text(Key::Currency).to_owned(),
                coverage(record),
                splits(&form),
                advances(&form),
            ]
        }
        TermKind::Payee => texts(&[Key::Currency, Key::Residence, Key::Minimum, Key::Bank]),
        TermKind::Tax => texts(&[
            Key::Rate,
            Key::Territories,
            Key::Residences,
            Key::NotResidences,
            Key::WithoutForm,
        ]),
        TermKind::Group => texts(&[Key::Members]),
        TermKind::Profile => texts(&[Key::Steps, Key::About]),
        TermKind::Release => vec![
            record.text(Key::Label).to_owned(),
            pairs(record.map(Key::Tracks)),
        ],
        TermKind::Rates | TermKind::Balances => Vec::new(),
    }
}

/// What a contract covers, in words.
#[must_use]
pub fn coverage(contract: &FormRecord) -> String {
    let mut words = Vec::new();
    if matches!(contract.text(Key::Everything), "true" | "yes") {
        words.push("everything".to_owned());
    }
    for (key, one, many) in [
        (Key::Tracks, "track", "tracks"),
        (Key::Releases, "release", "releases"),
        (Key::Labels, "label", "labels"),
    ] {
        let list: Vec<&str> = contract
            .text(key)
            .split(';')
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .collect();
        match list.as_slice() {
            [] => {}
            [only] => words.push(format!("{one} {only}")),
            [first, second] => words.push(format!("{many} {first}, {second}")),
            [first, rest @ ..] => words.push(format!("{many} {first} and {} more", rest.len())),
        }
    }
    for (key, before) in [
        (Key::From, "from"),
        (Key::To, "until"),
        (Key::Territories, "in"),
        (Key::NotTerritories, "without"),
        (Key::Usages, "for"),
        (Key::Dsps, "at"),
    ] {
        let text = contract.text(key);
        if !text.trim().is_empty() {
            words.push(format!("{before} {text}"));
        }
    }
    words.join(", ")
}

fn splits(form: &TermForm) -> String {
    let all: Vec<String> = form
        .clauses(Clause::Split)
        .map(|(_, split)| pairs(split.map(Key::Shares)))
        .collect();
    match all.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} · and {} more", rest.len()),
    }
}

fn pairs(rows: &[(String, String)]) -> String {
    rows.iter()
        .map(|(name, value)| format!("{name} {value}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}

fn advances(form: &TermForm) -> String {
    form.clauses(Clause::Advance)
        .map(|(_, a)| format!("{} {}", a.text(Key::Name), a.text(Key::Amount)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn file_cells(kind: TermKind, name: &str, text: &str) -> Vec<String> {
    let rows = file_rows(name, text)
        .map_or(0, |rows| rows.len().saturating_sub(1))
        .to_string();
    if kind == TermKind::Balances {
        return vec![rows];
    }
    let quotes = rate_rows(name, text).unwrap_or_default();
    let pairs: BTreeSet<String> = quotes
        .iter()
        .map(|q| format!("{} {}", q.from, q.to))
        .collect();
    let shown = match pairs.len() {
        0..=3 => pairs.into_iter().collect::<Vec<_>>().join(", "),
        many => format!(
            "{} and {} more",
            pairs.first().cloned().unwrap_or_default(),
            many - 1
        ),
    };
    let periods: BTreeSet<&str> = quotes
        .iter()
        .filter(|q| !q.is_received)
        .map(|q| q.period.as_str())
        .collect();
    let periods = match (periods.first(), periods.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} – {last}"),
        (Some(only), _) => (*only).to_owned(),
        _ => String::new(),
    };
    vec![shown, periods, quotes.len().to_string()]
}

/// A rate, or money that reached the bank, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// For which period; of received money for which statement.
    pub period: String,
    /// For one unit of this currency …
    pub from: Currency,
    /// … one gets so many of that.
    pub to: Currency,
    /// The rate, or the money received.
    pub rate: String,
    /// Who says so.
    pub source: String,
    /// Of which day.
    pub date: String,
    /// Whether it is money received.
    pub is_received: bool,
}

/// The rates of a file.
///
/// # Errors
/// [`SettleError::Faults`] when it cannot be read.
pub fn rate_rows(name: &str, text: &str) -> Result<Vec<RateRow>, SettleError> {
    let rates = Rates::read(&[(place_name(TermKind::Rates, name), text.as_bytes().to_vec())])?;
    let period = |first, last| {
        SalePeriod::range(first, last)
            .map(|p| p.to_string())
            .unwrap_or_default()
    };
    let quotes = rates.quotes().map(|((first, last), quote)| RateRow {
        period: period(*first, *last),
        from: quote.from,
        to: quote.to,
        rate: quote.rate.to_string(),
        source: quote.source.to_string(),
        date: quote.date.to_string(),
        is_received: false,
    });
    let received = rates.received.iter().map(|r| RateRow {
        period: r.statement.clone(),
        from: r.from,
        to: r.to,
        rate: r.amount.to_string(),
        source: r.source.clone(),
        date: String::new(),
        is_received: true,
    });
    let mut rows: Vec<RateRow> = quotes.chain(received).collect();
    rows.sort_by(|a, b| (&b.period, a.from, a.to).cmp(&(&a.period, b.from, b.to)));
    Ok(rows)
}

/// A rate that the open period lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRate {
    /// From.
    pub from: Currency,
    /// To.
    pub to: Currency,
    /// For sales of which period.
    pub period: String,
    /// How much waits for it, in the first currency.
    pub waits: Amount,
}

/// Rates that the open period lacks: of contracts into the currencies of their accounts, and of payees into theirs.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn missing_rates(open: &OpenPeriod) -> Result<Vec<MissingRate>, AmountOverflow> {
    let settled = &open.settled;
    let book = &open.settled.inputs.book;
    let mut sums: BTreeMap<(Currency, Currency, String), Amount> = BTreeMap::new();
    let mut add = |key, amount| {
        let sum = sums.entry(key).or_default();
        *sum = sum.plus(amount)?;
        Ok::<(), AmountOverflow>(())
    };
    for result in &settled.contracts {
        let to = book.contracts[result.contract].currency;
        for transfer in result
            .transfers
            .iter()
            .filter(|t| t.credit == Account::Suspense(SuspenseReason::NoRate))
        {
            add(
                (transfer.currency, to, transfer.reason.clause.to_string()),
                transfer.amount,
            )?;
        }
    }
    for line in settled
        .payables
        .iter()
        .filter(|l| l.state == PayableState::WaitsForRate)
    {
        add(
            (
                line.currency,
                book.payees[line.payee].currency,
                settled.period.to_string(),
            ),
            line.exact,
        )?;
    }
    Ok(sums
        .into_iter()
        .map(|((from, to, period), waits)| MissingRate {
            from,
            to,
            period,
            waits,
        })
        .collect())
}

/// A rate as a person types it: period, from, to, rate, source, date.
pub type TypedRate = [String; 6];

/// Adds a rate to those that were typed by hand; one for the same pair and period is replaced.
///
/// # Errors
/// [`SettleError::Faults`] when the rates typed by hand cannot be read. Whether the new one can be is found out with all others.
pub fn with_rate(texts: &TermTexts, rate: &TypedRate) -> Result<TermsChange, SettleError> {
    let mut rows: Vec<Vec<String>> = vec![RATE_COLUMNS.map(str::to_owned).into()];
    if let Some(text) = texts.get(&(TermKind::Rates.word().to_owned(), BY_HAND.to_owned())) {
        rows = file_rows(&place_name(TermKind::Rates, BY_HAND), text)?;
    }
    let header = rows[0].clone();
    let index = |column: &str| header.iter().position(|h| h == column);
    let cell = |row: &[String], column: &str| {
        index(column)
            .map(|at| row[at].trim().to_lowercase())
            .unwrap_or_default()
    };
    let new: Vec<String> = header
        .iter()
        .map(|h| {
            RATE_COLUMNS
                .iter()
                .position(|c| c == h)
                .map_or_else(String::new, |at| rate[at].trim().to_owned())
        })
        .collect();
    let is_same = |row: &[String]| {
        ["period", "from", "to"]
            .iter()
            .all(|column| cell(row, column) == cell(&new, column))
    };
    let kept = rows.split_off(1).into_iter().filter(|row| !is_same(row));
    let mut all: Vec<Vec<String>> = kept.chain([new.clone()]).collect();
    rows.append(&mut all);
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = write_rows(&mut bytes, rows.into_iter());
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(TermsChange {
        set: vec![TermText {
            kind: TermKind::Rates.word().to_owned(),
            name: BY_HAND.to_owned(),
            text,
        }],
        ..TermsChange::default()
    })
}
