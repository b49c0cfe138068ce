//! The CSV of a statement: one long, plain table with every cell of income and every digit.

use std::io::{self, Write};

use crate::account::{AccountEntry, ContractPart, IncomeLine, PayeeStatement, Section};
use crate::export::guarded;
use crate::export::tables::writer;
use crate::money::Amount;
use crate::terms::PayeeNumber;

use super::Letterhead;

/// Columns of a statement.
pub const STATEMENT_COLUMNS: [&str; 17] = [
    "section",
    "contract",
    "release",
    "release_title",
    "track",
    "title",
    "artist",
    "dsp",
    "sale_period",
    "territory",
    "usage",
    "share",
    "units",
    "amount",
    "currency",
    "name",
    "note",
];

/// Still to be recouped at the end; a row of this is a balance of its own.
const UNRECOUPED: &str = "unrecouped";
/// Still held back at the end; a row of this is a balance of its own.
const RESERVED: &str = "reserved";

/// The file. The rows of a contract from `income` to `others` come to its rows of `share`; `opening` and everything from `share` to `paid`
/// come to `closing`, each currency by itself.
#[must_use]
pub fn statement_csv(statement: &PayeeStatement<'_>, letterhead: &Letterhead) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    StatementTable {
        csv: writer(&mut out),
        letterhead,
        number: Vec::new(),
    }
    .write(statement);
    out
}

/// Columns of the list of statements.
pub const INDEX_COLUMNS: [&str; 9] = [
    "payee",
    "currency",
    "state",
    "payable_amount",
    "closing_balance",
    "csv",
    "csv_blake3",
    "pdf",
    "pdf_blake3",
];

/// Writes the list of statements with the names of their files, which stand in the folder `statements`, and their hashes.
///
/// # Errors
/// The error of the writer.
pub fn write_statement_index(
    out: &mut impl Write,
    statements: &[(&PayeeStatement<'_>, &String)],
    hash: impl Fn(&str) -> String,
) -> io::Result<()> {
    let mut csv = writer(out);
    csv.write_record(INDEX_COLUMNS)?;
    for (statement, stem) in statements {
        let state = statement.line.map_or("nothing", |line| line.state.code());
        let amounts = [statement.summary.paid, statement.summary.closing].map(|a| a.to_string());
        let [csv_name, pdf_name] = ["csv", "pdf"].map(|ending| format!("{stem}.{ending}"));
        let csv_hash = hash(&csv_name);
        let pdf_hash = hash(&pdf_name);
        let files = [
            format!("statements/{csv_name}"),
            csv_hash,
            format!("statements/{pdf_name}"),
            pdf_hash,
        ];
        let first = [
            guarded(statement.name()),
            statement.currency.code().into(),
            state.into(),
        ];
        csv.write_record(
            first
                .iter()
                .map(|t| t.as_bytes())
                .chain(amounts.iter().chain(&files).map(String::as_bytes)),
        )?;
    }
    csv.flush()
}

struct StatementTable<'a, W: Write> {
    csv: csv::Writer<W>,
    letterhead: &'a Letterhead,
    /// Room for the digits of a number.
    number: Vec<u8>,
}

/// The cells of a row that is not income.
struct Plain<'a> {
    section: &'a str,
    contract: &'a str,
    amount: Amount,
    currency: crate::ident::Currency,
    name: &'a str,
    note: &'a str,
}

/// What is written into memory is written.
fn written(result: Result<(), csv::Error>) {
    result.expect("memory can be written, and all rows have as many cells");
}

impl<W: Write> StatementTable<'_, W> {
    fn write(mut self, statement: &PayeeStatement<'_>) {
        written(self.csv.write_record(STATEMENT_COLUMNS));
        let of = |section| {
            statement
                .entries
                .iter()
                .filter(move |e| e.section == section)
        };
        self.balances(statement, Section::Opening, of(Section::Opening));
        for part in &statement.contracts {
            self.contract(part, statement.payee);
        }
        for section in [
            Section::Exchange,
            Section::Tax,
            Section::Rounding,
            Section::Paid,
        ] {
            of(section).for_each(|entry| self.entry("", entry, entry.amount));
        }
        self.balances(statement, Section::Closing, of(Section::Closing));
        self.left(statement);
        let flushed: io::Result<()> = self.csv.flush();
        flushed.expect("memory can be written");
    }

    /// Opening or closing balances; a statement without one says that it is nothing.
    fn balances<'e>(
        &mut self,
        statement: &PayeeStatement<'_>,
        section: Section,
        entries: impl Iterator<Item = &'e AccountEntry<'e>>,
    ) {
        let code = section.code();
        let is_closing = section == Section::Closing;
        let mut has_own = false;
        for entry in entries {
            has_own |= entry.currency() == statement.currency;
            self.entry(
                "",
                entry,
                if is_closing {
                    entry.amount.negated()
                } else {
                    entry.amount
                },
            );
        }
        if !has_own {
            let currency = statement.currency;
            let name = "carried forward";
            self.plain(&Plain {
                section: code,
                contract: "",
                amount: Amount::ZERO,
                currency,
                name,
                note: "",
            });
        }
    }

    fn contract(&mut self, part: &ContractPart<'_>, payee: PayeeNumber) {
        let terms = part.account.terms();
        let name = &*terms.name;
        for line in part.account.income() {
            self.income(name, &line, payee);
        }
        for entry in &part.account.steps {
            self.entry(name, entry, entry.amount);
        }
        if !part.others.is_zero() {
            let section = Section::Others.code();
            let amount = part.others.negated();
            self.plain(&Plain {
                section,
                contract: name,
                amount,
                currency: terms.currency,
                name: "other payees",
                note: "",
            });
        }
        for entry in &part.own {
            self.entry(name, entry, entry.amount);
        }
    }

    fn income(&mut self, contract: &str, line: &IncomeLine<'_>, payee: PayeeNumber) {
        let titles = &self.letterhead.titles;
        let release_title = titles.releases(line.release);
        let track = titles.track(line.track);
        let (title, artist) = track.map_or(("", ""), |t| (t.title.as_str(), t.artist.as_str()));
        let share = line
            .split
            .and_then(|split| split.payees.iter().find(|(p, _)| *p == payee))
            .map(|(_, share)| share.to_string());
        let period = line.period.to_string();
        let texts = [
            Section::Income.code(),
            contract,
            line.release,
            &release_title,
            line.track,
            title,
            artist,
            line.dsp,
        ];
        for text in texts
            .iter()
            .copied()
            .chain([period.as_str(), line.territory, line.usage])
        {
            written(self.csv.write_field(&*guarded(text)));
        }
        written(self.csv.write_field(share.unwrap_or_default()));
        self.amount(line.units);
        self.amount(line.amount);
        for text in [line.currency.code(), "", ""] {
            written(self.csv.write_field(text));
        }
        written(self.csv.write_record(None::<&[u8]>));
    }

    fn amount(&mut self, amount: Amount) {
        self.number.clear();
        amount.write_to(&mut self.number);
        written(self.csv.write_field(&self.number));
    }

    fn entry(&mut self, contract: &str, entry: &AccountEntry<'_>, amount: Amount) {
        let reason = &entry.transfer.reason;
        let mut note = reason.arithmetic.clone();
        if !reason.source.is_empty() {
            note = if note.is_empty() {
                reason.source.clone()
            } else {
                format!("{note} ({})", reason.source)
            };
        }
        self.plain(&Plain {
            section: entry.section.code(),
            contract,
            amount,
            currency: entry.currency(),
            name: entry.name(),
            note: &note,
        });
    }

    fn plain(&mut self, row: &Plain<'_>) {
        written(self.csv.write_field(row.section));
        written(self.csv.write_field(&*guarded(row.contract)));
        for _ in 2..13 {
            written(self.csv.write_field(""));
        }
        self.amount(row.amount);
        for text in [row.currency.code(), row.name, row.note] {
            written(self.csv.write_field(&*guarded(text)));
        }
        written(self.csv.write_record(None::<&[u8]>));
    }

    /// What is still to be recouped, and what is still held back.
    fn left(&mut self, statement: &PayeeStatement<'_>) {
        let contracts = &statement.settled.inputs.book.contracts;
        for r in statement.recoupments() {
            let contract = &contracts[r.contract];
            let note = format!(
                "{} + {} new - {} recouped = {}",
                r.opening, r.added, r.recouped, r.closing
            );
            let amount = r.closing;
            let currency = contract.currency;
            let name = &*r.clause.name;
            self.plain(&Plain {
                section: UNRECOUPED,
                contract: &contract.name,
                amount,
                currency,
                name,
                note: &note,
            });
        }
        for part in &statement.contracts {
            let terms = part.account.terms();
            for (day, r) in &part.account.reserves {
                let note = format!(
                    "{} + {} held - {} released = {}",
                    r.opening, r.held, r.released, r.closing
                );
                let name = format!("until {day}");
                self.plain(&Plain {
                    section: RESERVED,
                    contract: &terms.name,
                    amount: r.closing,
                    currency: terms.currency,
                    name: &name,
                    note: &note,
                });
            }
        }
    }
}
