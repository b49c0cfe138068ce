//! A statement as a sheet that its payee understands: the sums first, then the steps to them, and income by release at the end.

use super::Letterhead;
use super::words::{Money, basis, percent, period, shares, step, units, verdict};
use crate::account::{ContractPart, Entry, PayeeStatement, Recoupment, ReleaseIncome, Section};
use crate::export::paper::{Block, Column, Look, Row, Sheet, Side, Table};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Ratio};
use crate::settlement::Account;

/// Digits that are shown more than the currency has, when it needs them: single streams pay fractions of a cent.
const FINE: u32 = 2;

/// The sheet. Amounts have as many digits as their currency; if that is not all of one of them, all have [`FINE`] more, and if that is not
/// either, the sheet says so.
pub(super) fn sheet(
    statement: &PayeeStatement<'_>,
    letterhead: &Letterhead,
    csv_name: &str,
) -> Result<Sheet, AmountOverflow> {
    let short = Writer {
        statement,
        letterhead,
        money: Money::new(0),
    };
    let sheet = short.sheet()?;
    if !short.money.is_short.get() {
        return Ok(sheet);
    }
    let fine = Writer {
        statement,
        letterhead,
        money: Money::new(FINE),
    };
    let mut sheet = fine.sheet()?;
    if fine.money.is_short.get() {
        sheet.blocks.push(Block::Note(format!("Amounts are shown to {FINE} digits more than their currency has; {csv_name} has every digit.")));
    }
    Ok(sheet)
}

struct Writer<'a> {
    statement: &'a PayeeStatement<'a>,
    letterhead: &'a Letterhead,
    money: Money,
}

const fn words(title: &'static str, part: u8) -> Column {
    Column {
        title,
        side: Side::Left(part),
    }
}

const fn numbers(title: &'static str) -> Column {
    Column {
        title,
        side: Side::Right,
    }
}

fn row<const N: usize>(cells: [String; N], look: Look) -> Row {
    Row {
        cells: cells.into(),
        look,
    }
}

fn sum(entries: &[Entry<'_>], wanted: impl Fn(Section) -> bool) -> Result<Amount, AmountOverflow> {
    Amount::sum(
        entries
            .iter()
            .filter(|e| wanted(e.section))
            .map(|e| e.amount),
    )
}

impl Writer<'_> {
    fn sheet(&self) -> Result<Sheet, AmountOverflow> {
        let statement = self.statement;
        let period = period(statement.settled.period);
        let mut blocks = vec![
            Block::Title("Royalty statement".to_owned()),
            Block::Facts(self.facts(&period)),
            self.summary(),
        ];
        let verdict = verdict(statement, &self.money);
        if !verdict.is_empty() {
            blocks.push(Block::Note(verdict));
        }
        for part in &statement.contracts {
            self.contract(part, &mut blocks)?;
        }
        blocks.push(Block::Heading("Your account".to_owned()));
        blocks.push(self.account()?);
        self.recoupments(&mut blocks);
        self.reserves(&mut blocks);
        for part in &statement.contracts {
            let income = part.account.income_by_release()?;
            if !income.is_empty() {
                blocks.push(Block::Heading(format!(
                    "Income of {}",
                    part.account.terms().name
                )));
                blocks.push(self.income(&income)?);
            }
        }
        let name = statement.name();
        let from = if self.letterhead.sender.is_empty() {
            String::new()
        } else {
            format!("{} · ", self.letterhead.sender)
        };
        let foot = format!("{from}{name} · {period} · {}", statement.currency);
        Ok(Sheet {
            title: format!(
                "Royalty statement, {name}, {period}, {}",
                statement.currency
            ),
            foot,
            blocks,
        })
    }

    fn facts(&self, period: &str) -> Vec<(String, String)> {
        let payee = &self.statement.settled.inputs.book.payees[self.statement.payee as usize];
        let facts = [
            ("From", self.letterhead.sender.as_str()),
            ("To", &payee.name),
            ("Period", period),
            ("Currency", self.statement.currency.code()),
            ("Account", &payee.bank),
        ];
        facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn summary(&self) -> Block {
        let (summary, currency) = (&self.statement.summary, self.statement.currency);
        let text = |amount: Amount| self.money.text(amount, currency);
        let taken = |amount: Amount| text(amount.negated());
        let mut rows = vec![
            ("Opening balance", text(summary.opening), Look::Plain),
            ("Earned in this period", text(summary.earned), Look::Plain),
        ];
        if !summary.recouped.is_zero() {
            rows.push((
                "Recouped from your share",
                taken(summary.recouped),
                Look::Plain,
            ));
        }
        rows.push(("Tax withheld", taken(summary.tax), Look::Plain));
        if !summary.rounding.is_zero() {
            rows.push(("Rounding", taken(summary.rounding), Look::Plain));
        }
        rows.push(("Paid", self.money.paid(summary.paid, currency), Look::Total));
        rows.push(("Closing balance", text(summary.closing), Look::Total));
        let rows = rows
            .into_iter()
            .map(|(name, amount, look)| row([name.to_owned(), amount], look))
            .collect();
        Block::Table(Table {
            columns: vec![words("", 1), numbers("")],
            rows,
            is_box: true,
        })
    }

    fn contract(
        &self,
        part: &ContractPart<'_>,
        blocks: &mut Vec<Block>,
    ) -> Result<(), AmountOverflow> {
        let terms = part.account.terms();
        blocks.push(Block::Heading(terms.name.to_string()));
        let shares = shares(terms, self.statement.payee);
        if !shares.is_empty() {
            blocks.push(Block::Note(format!("Your share: {shares}")));
        }
        blocks.push(self.steps(part)?);
        Ok(())
    }

    /// Income by release, and in it by DSP.
    fn income(&self, income: &[ReleaseIncome<'_>]) -> Result<Block, AmountOverflow> {
        let mut rows = Vec::new();
        for lines in income.chunk_by(|a, b| (a.release, a.track) == (b.release, b.track)) {
            let total = Amount::sum(lines.iter().map(|l| l.units))?;
            let is_one_currency = lines.iter().all(|l| l.currency == lines[0].currency);
            let money = if is_one_currency {
                self.money.text(
                    Amount::sum(lines.iter().map(|l| l.amount))?,
                    lines[0].currency,
                )
            } else {
                String::new()
            };
            rows.push(row(
                [self.title(&lines[0]), units(total), money],
                Look::Head,
            ));
            let line = |l: &ReleaseIncome<'_>| {
                row(
                    [
                        l.dsp.to_owned(),
                        units(l.units),
                        self.money.text(l.amount, l.currency),
                    ],
                    Look::Inner,
                )
            };
            rows.extend(lines.iter().map(line));
        }
        Ok(Block::Table(Table {
            columns: vec![
                words("Release and DSP", 1),
                numbers("Units"),
                numbers("Income"),
            ],
            rows,
            is_box: false,
        }))
    }

    /// The name of a release, or of a track that is on none, as far as it is known.
    fn title(&self, line: &ReleaseIncome<'_>) -> String {
        let titles = &self.letterhead.titles;
        if line.release.is_empty() {
            return match titles.track(line.track) {
                Some(track) => format!("{} ({})", track.title, line.track),
                None if line.track.is_empty() => "Without a track".to_owned(),
                None => line.track.to_owned(),
            };
        }
        let name = titles.releases(line.release);
        if name.is_empty() {
            line.release.to_owned()
        } else {
            format!("{name} ({})", line.release)
        }
    }

    /// From income to what the payee gets of a contract.
    fn steps(&self, part: &ContractPart<'_>) -> Result<Block, AmountOverflow> {
        let terms = part.account.terms();
        let mut rows = Vec::new();
        for (currency, amount) in &part.account.result.income {
            rows.push(row(
                [
                    "Income".to_owned(),
                    String::new(),
                    self.money.text(*amount, *currency),
                ],
                Look::Head,
            ));
        }
        let step_row = |entry: &Entry<'_>| {
            let cells = [
                step(entry),
                basis(entry, terms, self.statement.payee),
                self.money.text(entry.amount, entry.currency()),
            ];
            row(cells, Look::Plain)
        };
        rows.extend(part.account.steps.iter().map(step_row));
        if !part.others.is_zero() {
            rows.push(row(
                [
                    "Shares of others".to_owned(),
                    String::new(),
                    self.money.text(part.others.negated(), terms.currency),
                ],
                Look::Plain,
            ));
        }
        let mut own: Vec<Row> = part.own.iter().map(step_row).collect();
        match own.as_mut_slice() {
            [only] => only.look = Look::Total,
            _ => {
                let total = self.money.text(sum(&part.own, |_| true)?, terms.currency);
                own.push(row(
                    ["From this contract".to_owned(), String::new(), total],
                    Look::Total,
                ));
            }
        }
        rows.extend(own);
        Ok(Block::Table(Table {
            columns: vec![
                words("From income to your share", 3),
                words("", 2),
                numbers("Amount"),
            ],
            rows,
            is_box: false,
        }))
    }

    /// The payee's own account.
    fn account(&self) -> Result<Block, AmountOverflow> {
        let statement = self.statement;
        let mut rows = Vec::new();
        let of = |section| (statement.entries.iter()).filter(move |e| e.section == section);
        let line = |name: String, source: &str, amount: Amount, currency: Currency, look| {
            row(
                [name, source.to_owned(), self.money.text(amount, currency)],
                look,
            )
        };
        let is_own = |entry: &Entry<'_>| entry.currency() == statement.currency;
        if !of(Section::Opening).any(is_own) {
            rows.push(line(
                "Opening balance".to_owned(),
                "",
                Amount::ZERO,
                statement.currency,
                Look::Plain,
            ));
        }
        rows.extend(
            of(Section::Opening).map(|e| line(step(e), "", e.amount, e.currency(), Look::Plain)),
        );
        for part in &statement.contracts {
            let terms = part.account.terms();
            rows.push(line(
                terms.name.to_string(),
                "",
                sum(&part.own, |_| true)?,
                terms.currency,
                Look::Plain,
            ));
        }
        for entry in [
            Section::Exchange,
            Section::Tax,
            Section::Rounding,
            Section::Paid,
        ]
        .into_iter()
        .flat_map(of)
        {
            rows.push(line(
                step(entry),
                &self.source(entry),
                entry.amount,
                entry.currency(),
                Look::Plain,
            ));
        }
        rows.extend(
            of(Section::Closing)
                .map(|e| line(step(e), "", e.amount.negated(), e.currency(), Look::Total)),
        );
        if !of(Section::Closing).any(is_own) {
            rows.push(line(
                "Closing balance".to_owned(),
                "",
                Amount::ZERO,
                statement.currency,
                Look::Total,
            ));
        }
        Ok(Block::Table(Table {
            columns: vec![words("", 3), words("", 3), numbers("")],
            rows,
            is_box: false,
        }))
    }

    /// Where an entry of the payee's account comes from: the rate of exchange, what a tax is taken of, the bank.
    fn source(&self, entry: &Entry<'_>) -> String {
        let reason = &entry.transfer.reason;
        match entry.section {
            Section::Exchange if entry.transfer.credit == Account::Exchange => String::new(),
            Section::Tax => {
                let rate = reason
                    .arithmetic
                    .split(" of ")
                    .next()
                    .and_then(|rate| Ratio::parse(rate).ok())
                    .map(percent);
                format!("{} of {}", rate.unwrap_or_default(), reason.source)
            }
            _ => reason.source.clone(),
        }
    }

    fn recoupments(&self, blocks: &mut Vec<Block>) {
        let contracts = &self.statement.settled.inputs.book.contracts;
        let line = |r: &Recoupment<'_>| {
            let contract = &contracts[r.contract as usize];
            let [opening, added, recouped, closing] =
                [r.opening, r.added, r.recouped.negated(), r.closing]
                    .map(|amount| self.money.text(amount, contract.currency));
            row(
                [
                    format!("{}: {}", contract.name, r.clause.name),
                    opening,
                    added,
                    recouped,
                    closing,
                ],
                Look::Plain,
            )
        };
        let rows: Vec<Row> = self.statement.recoupments().map(line).collect();
        if rows.is_empty() {
            return;
        }
        blocks.push(Block::Heading(
            "Advances and costs to be recouped".to_owned(),
        ));
        blocks.push(Block::Note(
            "Of each contract as a whole. Income pays them back before it is split.".to_owned(),
        ));
        let columns = vec![
            words("", 1),
            numbers("Before"),
            numbers("New"),
            numbers("Recouped"),
            numbers("Left"),
        ];
        blocks.push(Block::Table(Table {
            columns,
            rows,
            is_box: false,
        }));
    }

    fn reserves(&self, blocks: &mut Vec<Block>) {
        let mut rows = Vec::new();
        for part in &self.statement.contracts {
            let terms = part.account.terms();
            for (day, r) in &part.account.reserves {
                let [opening, held, released, closing] =
                    [r.opening, r.held, r.released.negated(), r.closing]
                        .map(|amount| self.money.text(amount, terms.currency));
                rows.push(row(
                    [
                        format!("{}, until {day}", terms.name),
                        opening,
                        held,
                        released,
                        closing,
                    ],
                    Look::Plain,
                ));
            }
        }
        if rows.is_empty() {
            return;
        }
        blocks.push(Block::Heading("Reserves against returns".to_owned()));
        blocks.push(Block::Note("Of each contract as a whole. They are split among its payees on the day they are released.".to_owned()));
        let columns = vec![
            words("", 1),
            numbers("Before"),
            numbers("Held"),
            numbers("Released"),
            numbers("Still held"),
        ];
        blocks.push(Block::Table(Table {
            columns,
            rows,
            is_box: false,
        }));
    }
}
