//! What is carried from one settlement to the next: a CSV of balances in, one of the same form out.
//!
//! Invariant: the closing balances of a settlement are valid opening balances of the next.

use std::collections::BTreeMap;

use crate::ident::{Currency, Day, Territory};
use crate::money::{Amount, AmountOverflow};
use crate::terms::contracts::Book;
use crate::terms::input::{Fault, Place, Table, amount_of, day_of, rows_of};

/// Kinds of accounts that postings about a period may be corrected in. What payees are paid, and what is carried on for them, is none of
/// them: that was paid and carried as it was.
const CORRECTED_KINDS: [&str; 12] = [
    "receivable",
    "suspense",
    "fee income",
    "retained",
    "reserve",
    "unrecouped",
    "spent",
    "adjustment",
    "earned",
    "tax withheld",
    "waiting",
    "exchange",
];

/// Of these there is one each.
pub(crate) const NAMELESS: [&str; 2] = ["spent", "exchange"];

/// Kind and name of an account that can be corrected, from its label.
pub(crate) fn corrected_account(label: &str) -> Option<(&'static str, &str)> {
    let (kind, name) = match label.split_once(':') {
        Some((kind, name)) if !NAMELESS.contains(&kind) => (kind, name),
        None if NAMELESS.contains(&label) => (label, ""),
        _ => return None,
    };
    Some((CORRECTED_KINDS.into_iter().find(|k| *k == kind)?, name))
}

/// What a reserve is kept under, so that it is released to those for whom it was held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReserveKey {
    /// Contract.
    pub contract: String,
    /// When it is released.
    pub release: Day,
    /// The split by which it is released.
    pub split: String,
    /// Territory, where a tax asks for it; else empty.
    pub territory: String,
    /// Currency of the account.
    pub currency: Currency,
}

/// Earnings, taxable earnings and tax of a year, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct YearToDate {
    /// Earnings from the tax's territories.
    pub source: Amount,
    /// All earnings.
    pub all: Amount,
    /// What was withheld.
    pub withheld: Amount,
}

/// Balances, opening or closing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances {
    /// Advances and costs that are not paid back yet, by contract and name.
    pub unrecouped: BTreeMap<(String, String), (Currency, Amount)>,
    /// Reserves.
    pub reserves: BTreeMap<ReserveKey, Amount>,
    /// What payees did not get yet, or got too much (below zero), by payee and currency. What is not in the currency in which they are paid
    /// is exchanged when it is settled, or waits for a rate.
    pub carried: BTreeMap<(String, Currency), Amount>,
    /// What corrections of closed periods come to, by payee, currency and the period that is corrected. A closing balance has none: they
    /// are settled with what is carried forward.
    pub corrections: BTreeMap<(String, Currency, String), Amount>,
    /// The accounts behind corrections: what postings about a closed period come to more (or, below zero, less) now, by period, label of the
    /// account and currency. They sum to zero, with what payees have earned among them. What is still to be recouped, held in reserve or
    /// waiting is above as it is now.
    pub corrected: BTreeMap<(String, String, Currency), Amount>,
    /// Earnings that wait for a rate, by payee, currency and territory.
    pub waiting: BTreeMap<(String, Currency, String), Amount>,
    /// Units or income that a rate with tiers has counted, by contract and rate.
    pub counted: BTreeMap<(String, String), Amount>,
    /// Taxes by payee, tax, currency and year.
    pub taxes: BTreeMap<(String, String, Currency, i32), YearToDate>,
    /// The last day that was settled before, where months lie between it and the period: adjustments dated in them belong to the period.
    /// A closing balance has none.
    pub settled_until: Option<Day>,
}

/// Columns of the file.
pub const BALANCE_COLUMNS: [&str; 8] = [
    "kind",
    "contract",
    "payee",
    "name",
    "territory",
    "currency",
    "amount",
    "date",
];

/// The kind of a row about an account behind a correction.
const CORRECTED: &str = "corrected";

struct Row<'a> {
    place: &'a Place,
    cells: [&'a str; BALANCE_COLUMNS.len()],
}

impl<'a> Row<'a> {
    fn fault(&self, column: usize, problem: impl Into<String>, remedy: &str) -> Fault {
        Fault::new(self.place, BALANCE_COLUMNS[column], problem, remedy)
    }

    fn needed(&self, column: usize) -> Result<String, Fault> {
        if self.cells[column].is_empty() {
            return Err(self.fault(
                column,
                format!("{} needs it", self.cells[0]),
                "fill the cell",
            ));
        }
        Ok(self.cells[column].to_owned())
    }

    fn amount(&self) -> Result<Amount, Fault> {
        amount_of(self.cells[6]).map_err(|p| self.fault(6, p, "write it as 1234.56"))
    }

    fn positive(&self, remedy: &str) -> Result<Amount, Fault> {
        let amount = self.amount()?;
        if amount.is_negative() {
            Err(self.fault(6, format!("{} is below zero", self.cells[0]), remedy))
        } else {
            Ok(amount)
        }
    }

    fn currency(&self) -> Result<Currency, Fault> {
        Currency::parse(self.cells[5])
            .map_err(|e| self.fault(5, e.to_string(), "write its code, such as EUR"))
    }

    fn day(&self) -> Result<Day, Fault> {
        day_of(self.cells[7]).map_err(|p| self.fault(7, p, "write it as 2027-03-31"))
    }

    fn territory(&self) -> String {
        Territory::parse(self.cells[4]).as_str().to_owned()
    }

    fn twice(&self) -> Fault {
        self.fault(
            0,
            "this balance stands there twice",
            "leave one row of them",
        )
    }

    fn known(&self, book: &Book) -> Result<(), Fault> {
        let (contract, payee) = (self.cells[1], self.cells[2]);
        if !contract.is_empty() && book.contract(contract).is_none() {
            return Err(self.fault(
                1,
                format!("there is no contract {contract:?}"),
                "give the file that has it, so that its balance goes on",
            ));
        }
        if !payee.is_empty() && book.payee(payee).is_none() {
            return Err(self.fault(
                2,
                format!("there is no payee {payee:?}"),
                "give the file that has them, so that their balance goes on",
            ));
        }
        Ok(())
    }
}

impl Balances {
    /// Reads files of balances.
    ///
    /// # Errors
    /// All faults, each with its place.
    pub fn read(files: &[(String, Vec<u8>)], book: &Book) -> Result<Self, Vec<Fault>> {
        let (mut balances, mut faults) = (Self::default(), Vec::new());
        for (name, bytes) in files {
            let table = match Table::read(name, bytes) {
                Ok(table) => table,
                Err(found) => {
                    faults.extend(found);
                    continue;
                }
            };
            let columns = BALANCE_COLUMNS.map(|name| table.column(&[name]));
            let place = Place {
                file: name.as_str().into(),
                line: 1,
            };
            if let Some(missing) = [0, 5, 6].into_iter().find(|at| columns[*at].is_none()) {
                faults.push(Fault::new(
                    &place,
                    BALANCE_COLUMNS[missing],
                    "the header has no such column",
                    "add it",
                ));
                continue;
            }
            for (place, cells) in &table.rows {
                let row = Row {
                    place,
                    cells: columns.map(|at| at.map_or("", |at| cells[at].as_str())),
                };
                if let Err(fault) = balances.take(&row, book) {
                    faults.push(fault);
                }
            }
        }
        if let (true, Some((name, _))) = (faults.is_empty(), files.first()) {
            faults.extend(balances.check_corrected(name));
        }
        faults.sort();
        if faults.is_empty() {
            Ok(balances)
        } else {
            Err(faults)
        }
    }

    /// The rows about corrected accounts of what was written as balances: period, account, currency and amount. `None` when it is something
    /// else.
    pub(crate) fn corrected_in(bytes: &[u8]) -> Option<Vec<((String, String, Currency), Amount)>> {
        let rows = rows_of(bytes, &BALANCE_COLUMNS)?
            .into_iter()
            .filter(|row| row[0] == CORRECTED);
        let read = |row: Vec<String>| {
            let [_, _, _, account, _, currency, amount, period] = row.try_into().ok()?;
            Some((
                (period, account, Currency::parse(&currency).ok()?),
                Amount::from_canonical(&amount)?,
            ))
        };
        rows.map(read).collect()
    }

    /// What is corrected in a period has two sides, and what it says of payees is what they get.
    fn check_corrected(&self, file: &str) -> Option<Fault> {
        let place = Place {
            file: file.into(),
            line: 1,
        };
        let fault = |period: &str, problem: String| {
            Fault::new(
                &place,
                "",
                format!("what is corrected of {period} {problem}"),
                "give the rows as they were written, or none of that period",
            )
        };
        let mut sums: BTreeMap<(&str, Currency), Amount> = BTreeMap::new();
        for ((period, _, currency), amount) in &self.corrected {
            let sum = sums.entry((period, *currency)).or_default();
            match sum.plus(*amount) {
                Ok(total) => *sum = total,
                Err(overflow) => return Some(fault(period, overflow.to_string())),
            }
        }
        if let Some(((period, currency), sum)) = sums.iter().find(|(_, sum)| !sum.is_zero()) {
            return Some(fault(
                period,
                format!("leaves {sum} {currency} without another side"),
            ));
        }
        let earned = |(period, account, currency): &(String, String, Currency)| {
            let payee = account.strip_prefix("earned:")?;
            Some((payee.to_owned(), *currency, period.clone()))
        };
        let of_accounts: BTreeMap<_, Amount> = self
            .corrected
            .iter()
            .filter_map(|(key, amount)| Some((earned(key)?, amount.negated())))
            .filter(|(_, amount)| !amount.is_zero())
            .collect();
        let is_known = |period: &str| sums.keys().any(|(p, _)| *p == period);
        let of_payees = self
            .corrections
            .iter()
            .filter(|((_, _, period), amount)| is_known(period) && !amount.is_zero());
        let of_payees: BTreeMap<_, Amount> = of_payees
            .map(|(key, amount)| (key.clone(), *amount))
            .collect();
        let key = of_accounts
            .keys()
            .chain(of_payees.keys())
            .find(|key| of_accounts.get(key) != of_payees.get(key))?;
        let amount = |side: &BTreeMap<(String, Currency, String), Amount>| {
            side.get(key).copied().unwrap_or_default()
        };
        let (said, earned) = (amount(&of_payees), amount(&of_accounts));
        Some(fault(
            &key.2,
            format!(
                "is {said} {} for {} and {earned} in their account",
                key.1, key.0
            ),
        ))
    }

    /// Adds what others carry on.
    pub(crate) fn extend(&mut self, other: &Self) {
        fn copy<K: Ord + Clone, V: Clone>(to: &mut BTreeMap<K, V>, from: &BTreeMap<K, V>) {
            to.extend(from.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        copy(&mut self.unrecouped, &other.unrecouped);
        copy(&mut self.reserves, &other.reserves);
        copy(&mut self.carried, &other.carried);
        copy(&mut self.corrections, &other.corrections);
        copy(&mut self.corrected, &other.corrected);
        copy(&mut self.waiting, &other.waiting);
        copy(&mut self.counted, &other.counted);
        copy(&mut self.taxes, &other.taxes);
        self.settled_until = self.settled_until.or(other.settled_until);
    }

    /// Whether they can open a settlement by these contracts: everything that a balance is about is still there.
    ///
    /// # Errors
    /// All faults; their lines are those of the balances as they are written.
    pub fn check(&self, book: &Book) -> Result<(), Vec<Fault>> {
        let mut checked = Self::default();
        let fault = |(line, row): (usize, [String; BALANCE_COLUMNS.len()])| {
            let place = Place {
                file: "opening balances".into(),
                line,
            };
            checked
                .take(
                    &Row {
                        place: &place,
                        cells: row.each_ref().map(String::as_str),
                    },
                    book,
                )
                .err()
        };
        let mut faults: Vec<Fault> = (2..).zip(self.rows()).filter_map(fault).collect();
        faults.extend(self.check_corrected("opening balances"));
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    fn take(&mut self, row: &Row<'_>, book: &Book) -> Result<(), Fault> {
        row.known(book)?;
        let is_new = match row.cells[0] {
            "unrecouped" => {
                let value = (row.currency()?, row.positive("write what is still to be recouped; what a payee owes is carried_forward below zero")?);
                self.take_unrecouped(row, value, book)?
            }
            "reserve" => {
                let key = ReserveKey {
                    contract: row.needed(1)?,
                    release: row.day()?,
                    split: row.needed(3)?,
                    territory: row.territory(),
                    currency: row.currency()?,
                };
                check_reserve(row, &key, book)?;
                self.reserves
                    .insert(
                        key,
                        row.positive(
                            "write what is held; what a payee owes is carried_forward below zero",
                        )?,
                    )
                    .is_none()
            }
            "carried_forward" => self
                .carried
                .insert((row.needed(2)?, row.currency()?), row.amount()?)
                .is_none(),
            "correction" => {
                let key = (row.needed(2)?, row.currency()?, row.needed(3)?);
                self.corrections.insert(key, row.amount()?).is_none()
            }
            CORRECTED => self.take_corrected(row, book)?,
            "waiting" => self
                .waiting
                .insert(
                    (row.needed(2)?, row.currency()?, row.territory()),
                    row.amount()?,
                )
                .is_none(),
            "counted" => {
                let (contract, name) = (row.needed(1)?, row.needed(3)?);
                let is_known = book
                    .contract(&contract)
                    .is_some_and(|c| book.contracts[c].rates.iter().any(|r| *r.name == *name));
                if !is_known {
                    return Err(row.fault(
                        3,
                        format!("contract {contract:?} has no rate {name:?}"),
                        "correct the name of the rate",
                    ));
                }
                self.counted
                    .insert((contract, name), row.amount()?)
                    .is_none()
            }
            kind @ ("tax_source" | "tax_all" | "tax_withheld") => {
                let (payee, tax, currency) = (row.needed(2)?, row.needed(3)?, row.currency()?);
                let year = row.cells[7]
                    .parse()
                    .map_err(|_| row.fault(7, "a tax is of a year", "write it as 2026"))?;
                if !book.taxes.iter().any(|t| t.name == tax) {
                    return Err(row.fault(
                        3,
                        format!("there is no tax {tax:?}"),
                        "correct the name, or give the file that has it",
                    ));
                }
                let year = self.taxes.entry((payee, tax, currency, year)).or_default();
                let value = match kind {
                    "tax_source" => &mut year.source,
                    "tax_all" => &mut year.all,
                    _ => &mut year.withheld,
                };
                let is_new = value.is_zero();
                *value = row.amount()?;
                is_new
            }
            "settled_until" => self.settled_until.replace(row.day()?).is_none(),
            other => {
                let remedy = "write unrecouped, reserve, carried_forward, correction, corrected, waiting, counted, tax_source, tax_all, \
                              tax_withheld or settled_until";
                return Err(row.fault(0, format!("{other:?} is no kind of balance"), remedy));
            }
        };
        if is_new { Ok(()) } else { Err(row.twice()) }
    }

    fn take_corrected(&mut self, row: &Row<'_>, book: &Book) -> Result<bool, Fault> {
        let (account, period) = (row.needed(3)?, row.needed(7)?);
        match corrected_account(&account) {
            None => {
                return Err(row.fault(
                    3,
                    format!("{account:?} is no account that is corrected"),
                    "write it as postings.csv names it",
                ));
            }
            Some(("earned", payee)) if book.payee(payee).is_none() => {
                return Err(row.fault(
                    3,
                    format!("there is no payee {payee:?}"),
                    "give the file that has them, so that what they get goes on",
                ));
            }
            Some(_) => {}
        }
        Ok(self
            .corrected
            .insert((period, account, row.currency()?), row.amount()?)
            .is_none())
    }

    fn take_unrecouped(
        &mut self,
        row: &Row<'_>,
        value: (Currency, Amount),
        book: &Book,
    ) -> Result<bool, Fault> {
        let (contract, name) = (row.needed(1)?, row.needed(3)?);
        let found = book.contract(&contract).map(|c| &book.contracts[c]);
        let is_known = found.is_some_and(|c| c.recoupables.iter().any(|r| *r.name == *name));
        if !is_known {
            let problem = format!("contract {contract:?} has no advance or cost {name:?}");
            return Err(row.fault(3, problem, "add it to the contract, with its amount and date; the balance says what is left of it"));
        }
        if found.is_some_and(|c| c.currency != value.0) {
            return Err(row.fault(
                5,
                "the account of the contract has another currency",
                "write the balance in the account's currency",
            ));
        }
        Ok(self.unrecouped.insert((contract, name), value).is_none())
    }

    /// Rows of a file, in the order of [`BALANCE_COLUMNS`]; sorted by kind and key.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; BALANCE_COLUMNS.len()]> {
        let mut rows = Vec::new();
        let mut row = |kind: &str,
                       contract: &str,
                       payee: &str,
                       name: &str,
                       territory: &str,
                       currency: &str,
                       amount: Amount,
                       date: String| {
            let texts = [kind, contract, payee, name, territory, currency].map(str::to_owned);
            let [kind, contract, payee, name, territory, currency] = texts;
            rows.push([
                kind,
                contract,
                payee,
                name,
                territory,
                currency,
                amount.to_string(),
                date,
            ]);
        };
        for ((contract, name), (currency, amount)) in &self.unrecouped {
            row(
                "unrecouped",
                contract,
                "",
                name,
                "",
                currency.code(),
                *amount,
                String::new(),
            );
        }
        for (key, amount) in self.reserves.iter().filter(|(_, amount)| !amount.is_zero()) {
            row(
                "reserve",
                &key.contract,
                "",
                &key.split,
                &key.territory,
                key.currency.code(),
                *amount,
                key.release.to_string(),
            );
        }
        for ((payee, currency), amount) in
            self.carried.iter().filter(|(_, amount)| !amount.is_zero())
        {
            row(
                "carried_forward",
                "",
                payee,
                "",
                "",
                currency.code(),
                *amount,
                String::new(),
            );
        }
        for ((payee, currency, period), amount) in self
            .corrections
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
        {
            row(
                "correction",
                "",
                payee,
                period,
                "",
                currency.code(),
                *amount,
                String::new(),
            );
        }
        for ((period, account, currency), amount) in self
            .corrected
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
        {
            row(
                CORRECTED,
                "",
                "",
                account,
                "",
                currency.code(),
                *amount,
                period.clone(),
            );
        }
        for ((payee, currency, territory), amount) in
            self.waiting.iter().filter(|(_, amount)| !amount.is_zero())
        {
            row(
                "waiting",
                "",
                payee,
                "",
                territory,
                currency.code(),
                *amount,
                String::new(),
            );
        }
        for ((contract, name), amount) in &self.counted {
            row(
                "counted",
                contract,
                "",
                name,
                "",
                Currency::NONE.code(),
                *amount,
                String::new(),
            );
        }
        for ((payee, tax, currency, year), ytd) in &self.taxes {
            for (kind, amount) in [
                ("tax_all", ytd.all),
                ("tax_source", ytd.source),
                ("tax_withheld", ytd.withheld),
            ] {
                row(
                    kind,
                    "",
                    payee,
                    tax,
                    "",
                    currency.code(),
                    amount,
                    year.to_string(),
                );
            }
        }
        if let Some(day) = self.settled_until {
            row(
                "settled_until",
                "",
                "",
                "",
                "",
                Currency::NONE.code(),
                Amount::ZERO,
                day.to_string(),
            );
        }
        rows
    }

    /// What is corrected, by kind of account and currency.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn corrected_by_kind(
        &self,
    ) -> Result<BTreeMap<(&'static str, Currency), Amount>, AmountOverflow> {
        let mut sums: BTreeMap<(&'static str, Currency), Amount> = BTreeMap::new();
        for ((_, account, currency), amount) in &self.corrected {
            let kind = corrected_account(account).map_or("", |(kind, _)| kind);
            let sum = sums.entry((kind, *currency)).or_default();
            *sum = sum.plus(*amount)?;
        }
        Ok(sums)
    }

    /// Sums of what is owed or held, by kind and currency.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn totals(&self) -> Result<BTreeMap<(&'static str, Currency), Amount>, AmountOverflow> {
        let mut totals: BTreeMap<(&'static str, Currency), Amount> = BTreeMap::new();
        let unrecouped = self
            .unrecouped
            .values()
            .map(|(currency, amount)| ("unrecouped", *currency, *amount));
        let reserves = self
            .reserves
            .iter()
            .map(|(key, amount)| ("reserve", key.currency, *amount));
        let carried = self
            .carried
            .iter()
            .map(|((_, currency), amount)| ("carried_forward", *currency, *amount));
        let corrections = self
            .corrections
            .iter()
            .map(|((_, currency, _), amount)| ("carried_forward", *currency, *amount));
        let waiting = self
            .waiting
            .iter()
            .map(|((_, currency, _), amount)| ("waiting", *currency, *amount));
        for (kind, currency, amount) in unrecouped
            .chain(reserves)
            .chain(carried)
            .chain(corrections)
            .chain(waiting)
        {
            let sum = totals.entry((kind, currency)).or_default();
            *sum = sum.plus(amount)?;
        }
        Ok(totals)
    }
}

fn check_reserve(row: &Row<'_>, key: &ReserveKey, book: &Book) -> Result<(), Fault> {
    let contract = &book.contracts[book
        .contract(&key.contract)
        .expect("it was just checked to be known")];
    if contract.splits.iter().all(|s| *s.name != *key.split) {
        let problem = format!("contract {:?} has no split {:?}", key.contract, key.split);
        return Err(row.fault(
            3,
            problem,
            "name the split by which the reserve is released",
        ));
    }
    if book.profiles[contract.profile]
        .position(crate::terms::contracts::Step::Reserve)
        .is_none()
    {
        let problem = format!(
            "the profile of contract {:?} has no step reserve, so this would never be released",
            key.contract
        );
        return Err(row.fault(1, problem, "choose a profile that has it"));
    }
    if contract.currency != key.currency {
        return Err(row.fault(
            5,
            "the account of the contract has another currency",
            "write the balance in the account's currency",
        ));
    }
    Ok(())
}
