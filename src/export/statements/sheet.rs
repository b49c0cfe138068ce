//! A statement as a sheet that its payee understands: the sums first, then the steps to them, and income by release at the end.

use super::Letterhead;
use super::words::{ReadableMoney, basis, percent, period, shares, step, units, verdict};
use crate::account::{
    AccountEntry, ContractPart, PayeeStatement, Recoupment, ReleaseIncome, Section,
};
use crate::export::paper::{
    Sheet, SheetBlock, SheetColumn, SheetLook, SheetRow, SheetSide, SheetTable,
};
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
        money: ReadableMoney::new(0),
    };
    let sheet = short.sheet()?;
    if !short.money.is_short.get() {
        return Ok(sheet);
    }
    let fine = Writer {
        statement,
        letterhead,
        money: ReadableMoney::new(FINE),
    };
    let mut sheet = fine.sheet()?;
    if fine.money.is_short.get() {
        sheet.blocks.push(SheetBlock::Note(format!("Amounts are shown to {FINE} digits more than their currency has; {csv_name} has every digit.")));
    }
    Ok(sheet)
}

struct Writer<'a> {
    statement: &'a PayeeStatement<'a>,
    letterhead: &'a Letterhead,
    money: ReadableMoney,
}

const fn words(title: &'static str, part: u8) -> SheetColumn {
    SheetColumn {
        title,
        side: SheetSide::Left(part),
    }
}

const fn numbers(title: &'static str) -> SheetColumn {
    SheetColumn {
        title,
        side: SheetSide::Right,
    }
}

fn row<const N: usize>(cells: [String; N], look: SheetLook) -> SheetRow {
    SheetRow {
        cells: cells.into(),
        look,
    }
}

fn sum(
    entries: &[AccountEntry<'_>],
    wanted: impl Fn(Section) -> bool,
) -> Result<Amount, AmountOverflow> {
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
            SheetBlock::Title("Royalty statement".to_owned()),
            SheetBlock::Facts(self.facts(&period)),
            self.summary(),
        ];
        let verdict = verdict(statement, &self.money);
        if !verdict.is_empty() {
            blocks.push(SheetBlock::Note(verdict));
        }
        for part in &statement.contracts {
            self.contract(part, &mut blocks)?;
        }
        blocks.push(SheetBlock::Heading("Your account".to_owned()));
        blocks.push(self.account()?);
        self.recoupments(&mut blocks);
        self.reserves(&mut blocks);
        for part in &statement.contracts {
            let income = part.account.income_by_release()?;
            if !income.is_empty() {
                blocks.push(SheetBlock::Heading(format!(
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
        let payee = &self.statement.settled.inputs.book.payees[self.statement.payee];
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

    fn summary(&self) -> SheetBlock {
        let summary = &self.statement.summary;
        let currency = self.statement.currency;
        let text = |amount: Amount| self.money.text(amount, currency);
        let taken = |amount: Amount| text(amount.negated());
        let mut rows = vec![
            ("Opening balance", text(summary.opening), SheetLook::Plain),
            (
                "Earned in this period",
                text(summary.earned),
                SheetLook::Plain,
            ),
        ];
        if !summary.recouped.is_zero() {
            rows.push((
                "Recouped from your share",
                taken(summary.recouped),
                SheetLook::Plain,
            ));
        }
        rows.push(("Tax withheld", taken(summary.tax), SheetLook::Plain));
        if !summary.rounding.is_zero() {
            rows.push(("Rounding", taken(summary.rounding), SheetLook::Plain));
        }
        rows.push((
            "Paid",
            self.money.paid(summary.paid, currency),
            SheetLook::Total,
        ));
        rows.push(("Closing balance", text(summary.closing), SheetLook::Total));
        let rows = rows
            .into_iter()
            .map(|(name, amount, look)| row([name.to_owned(), amount], look))
            .collect();
        SheetBlock::Table(SheetTable {
            columns: vec![words("", 1), numbers("")],
            rows,
            is_box: true,
        })
    }

    fn contract(
        &self,
        part: &ContractPart<'_>,
        blocks: &mut Vec<SheetBlock>,
    ) -> Result<(), AmountOverflow> {
        let terms = part.account.terms();
        blocks.push(SheetBlock::Heading(terms.name.to_string()));
        let shares = shares(terms, self.statement.payee);
        if !shares.is_empty() {
            blocks.push(SheetBlock::Note(format!("Your share: {shares}")));
        }
        blocks.push(self.steps(part)?);
        Ok(())
    }

    /// Income by release, and in it by DSP.
    fn income(&self, income: &[ReleaseIncome<'_>]) -> Result<SheetBlock, AmountOverflow> {
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
                SheetLook::Head,
            ));
            rows.extend(lines.iter().map(|l| {
                row(
                    [
                        l.dsp.to_owned(),
                        units(l.units),
                        self.money.text(l.amount, l.currency),
                    ],
                    SheetLook::Inner,
                )
            }));
        }
        Ok(SheetBlock::Table(SheetTable {
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
    fn steps(&self, part: &ContractPart<'_>) -> Result<SheetBlock, AmountOverflow> {
        let terms = part.account.terms();
        let mut rows = Vec::new();
        for (currency, amount) in &part.account.result.income {
            rows.push(row(
                [
                    "Income".to_owned(),
                    String::new(),
                    self.money.text(*amount, *currency),
                ],
                SheetLook::Head,
            ));
        }
        let step_row = |entry: &AccountEntry<'_>| {
            let cells = [
                step(entry),
                basis(entry, terms, self.statement.payee),
                self.money.text(entry.amount, entry.currency()),
            ];
            row(cells, SheetLook::Plain)
        };
        rows.extend(part.account.steps.iter().map(step_row));
        if !part.others.is_zero() {
            rows.push(row(
                [
                    "Shares of others".to_owned(),
                    String::new(),
                    self.money.text(part.others.negated(), terms.currency),
                ],
                SheetLook::Plain,
            ));
        }
        let mut own: Vec<SheetRow> = part.own.iter().map(step_row).collect();
        match own.as_mut_slice() {
            [only] => only.look = SheetLook::Total,
            _ => {
                let total = self.money.text(sum(&part.own, |_| true)?, terms.currency);
                own.push(row(
                    ["From this contract".to_owned(), String::new(), total],
                    SheetLook::Total,
                ));
            }
        }
        rows.extend(own);
        Ok(SheetBlock::Table(SheetTable {
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
    fn account(&self) -> Result<SheetBlock, AmountOverflow> {
        Ok(SheetBlock::Table(SheetTable {
            columns: vec![words("", 3), words("", 3), numbers("")],
            rows: self.account_rows()?,
            is_box: false,
        }))
    }

    fn account_rows(&self) -> Result<Vec<SheetRow>, AmountOverflow> {
        let statement = self.statement;
        let mut rows = Vec::new();
        let of = |section| (statement.entries.iter()).filter(move |e| e.section == section);
        let line = |name: String, source: &str, amount: Amount, currency: Currency, look| {
            row(
                [name, source.to_owned(), self.money.text(amount, currency)],
                look,
            )
        };
        let is_own = |entry: &AccountEntry<'_>| entry.currency() == statement.currency;
        if !of(Section::Opening).any(is_own) {
            rows.push(line(
                "Opening balance".to_owned(),
                "",
                Amount::ZERO,
                statement.currency,
                SheetLook::Plain,
            ));
        }
        rows.extend(
            of(Section::Opening)
                .map(|e| line(step(e), "", e.amount, e.currency(), SheetLook::Plain)),
        );
        for part in &statement.contracts {
            let terms = part.account.terms();
            rows.push(line(
                terms.name.to_string(),
                "",
                sum(&part.own, |_| true)?,
                terms.currency,
                SheetLook::Plain,
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
                SheetLook::Plain,
            ));
        }
        rows.extend(of(Section::Closing).map(|e| {
            line(
                step(e),
                "",
                e.amount.negated(),
                e.currency(),
                SheetLook::Total,
            )
        }));
        if !of(Section::Closing).any(is_own) {
            rows.push(line(
                "Closing balance".to_owned(),
                "",
                Amount::ZERO,
                statement.currency,
                SheetLook::Total,
            ));
        }
        Ok(rows)
    }

    /// Where an entry of the payee's account comes from: the rate of exchange, what a tax is taken of, the bank.
    fn source(&self, entry: &AccountEntry<'_>) -> String {
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

    fn recoupments(&self, blocks: &mut Vec<SheetBlock>) {
        let contracts = &self.statement.settled.inputs.book.contracts;
        let line = |r: &Recoupment<'_>| {
            let contract = &contracts[r.contract];
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
                SheetLook::Plain,
            )
        };
        let rows: Vec<SheetRow> = self.statement.recoupments().map(line).collect();
        if rows.is_empty() {
            return;
        }
        blocks.push(SheetBlock::Heading(
            "Advances and costs to be recouped".to_owned(),
        ));
        blocks.push(SheetBlock::Note(
            "Of each contract as a whole. Income pays them back before it is split.".to_owned(),
        ));
        let columns = vec![
            words("", 1),
            numbers("Before"),
            numbers("New"),
            numbers("Recouped"),
            numbers("Left"),
        ];
        blocks.push(SheetBlock::Table(SheetTable {
            columns,
            rows,
            is_box: false,
        }));
    }

    fn reserves(&self, blocks: &mut Vec<SheetBlock>) {
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
                    SheetLook::Plain,
                ));
            }
        }
        if rows.is_empty() {
            return;
        }
        blocks.push(SheetBlock::Heading("Reserves against returns".to_owned()));
        blocks.push(SheetBlock::Note("Of each contract as a whole. They are split among its payees on the day they are released.".to_owned()));
        let columns = vec![
            words("", 1),
            numbers("Before"),
            numbers("Held"),
            numbers("Released"),
            numbers("Still held"),
        ];
        blocks.push(SheetBlock::Table(SheetTable {
            columns,
            rows,
            is_box: false,
        }));
    }
}
