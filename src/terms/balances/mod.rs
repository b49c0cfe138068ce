//! What is carried from one settlement to the next: a CSV of balances in, one of the same form out.
//!
//! Invariant: the closing balances of a settlement are valid opening balances of the next.

mod row;

use std::collections::BTreeMap;

use row::{BalanceRow, RowCells};

pub use row::BalanceKind;

use crate::ident::{Currency, Day};
use crate::money::{Amount, AmountOverflow, Sums};
use crate::terms::account_kind::AccountKind;
use crate::terms::contracts::Book;
use crate::terms::input::{CsvTable, Fault, Place, rows_of};

/// Sums of balances by kind and currency.
pub type BalanceTotals = Sums<(BalanceKind, Currency)>;

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

/// What stands with a clause of a contract: an advance, a cost, or a rate with tiers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClauseKey {
    /// Contract.
    pub contract: String,
    /// Name of the clause.
    pub clause: String,
}

/// What is carried forward for a payee in one currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CarriedKey {
    /// Payee.
    pub payee: String,
    /// Currency.
    pub currency: Currency,
}

/// What a correction of a closed period comes to for a payee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CorrectionKey {
    /// Payee.
    pub payee: String,
    /// Currency.
    pub currency: Currency,
    /// The period that is corrected, as `2026-09`.
    pub period: String,
}

/// What a correction of a closed period comes to in one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CorrectedKey {
    /// The period that is corrected, as `2026-09`.
    pub period: String,
    /// Label of the account, as `earned:Ada`.
    pub account: String,
    /// Currency.
    pub currency: Currency,
}

/// Earnings of a payee that wait for an exchange rate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WaitingKey {
    /// Payee.
    pub payee: String,
    /// Currency.
    pub currency: Currency,
    /// Territory, where a tax asks for it; else empty.
    pub territory: String,
}

/// A tax of a payee in one year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaxKey {
    /// Payee.
    pub payee: String,
    /// Name of the tax.
    pub tax: String,
    /// Currency.
    pub currency: Currency,
    /// Calendar year.
    pub year: i32,
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
    pub unrecouped: BTreeMap<ClauseKey, (Currency, Amount)>,
    /// Reserves.
    pub reserves: BTreeMap<ReserveKey, Amount>,
    /// What payees did not get yet, or got too much (below zero), by payee and currency. What is not in the currency in which they are paid
    /// is exchanged when it is settled, or waits for a rate.
    pub carried: BTreeMap<CarriedKey, Amount>,
    /// What corrections of closed periods come to, by payee, currency and the period that is corrected. A closing balance has none: they
    /// are settled with what is carried forward.
    pub corrections: BTreeMap<CorrectionKey, Amount>,
    /// The accounts behind corrections: what postings about a closed period come to more (or, below zero, less) now, by period, label of the
    /// account and currency. They sum to zero, with what payees have earned among them. What is still to be recouped, held in reserve or
    /// waiting is above as it is now.
    pub corrected: BTreeMap<CorrectedKey, Amount>,
    /// Earnings that wait for a rate, by payee, currency and territory.
    pub waiting: BTreeMap<WaitingKey, Amount>,
    /// Units or income that a rate with tiers has counted, by contract and rate.
    pub counted: BTreeMap<ClauseKey, Amount>,
    /// Taxes by payee, tax, currency and year.
    pub taxes: BTreeMap<TaxKey, YearToDate>,
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

impl Balances {
    /// Reads files of balances.
    ///
    /// # Errors
    /// All faults, each with its place.
    pub fn read(files: &[(String, Vec<u8>)], book: &Book) -> Result<Self, Vec<Fault>> {
        let mut balances = Self::default();
        let mut faults = Vec::new();
        for (name, bytes) in files {
            let table = match CsvTable::read(name, bytes) {
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
                let row = RowCells {
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
    pub(crate) fn corrected_in(bytes: &[u8]) -> Option<Vec<(CorrectedKey, Amount)>> {
        let rows = rows_of(bytes, &BALANCE_COLUMNS)?;
        let corrected = rows.into_iter().map(BalanceRow::corrected_of);
        let corrected: Vec<_> = corrected.collect::<Option<_>>()?;
        Some(corrected.into_iter().flatten().collect())
    }

    /// What is corrected in a period has two sides, and what it says of payees is what they get.
    fn check_corrected(&self, file: &str) -> Option<Fault> {
        let (period, problem) = self.unbalanced_correction()?;
        let place = Place {
            file: file.into(),
            line: 1,
        };
        Some(Fault::new(
            &place,
            "",
            format!("what is corrected of {period} {problem}"),
            "give the rows as they were written, or none of that period",
        ))
    }

    /// The first period whose corrections contradict each other, and how.
    fn unbalanced_correction(&self) -> Option<(String, String)> {
        let mut sums: Sums<(&str, Currency)> = Sums::new();
        for (key, amount) in &self.corrected {
            if let Err(overflow) = sums.add((key.period.as_str(), key.currency), *amount) {
                return Some((key.period.clone(), overflow.to_string()));
            }
        }
        if let Some(((period, currency), sum)) = sums.iter().find(|(_, sum)| !sum.is_zero()) {
            let problem = format!("leaves {sum} {currency} without another side");
            return Some(((*period).to_owned(), problem));
        }
        let of_accounts = self.corrected_earnings();
        let of_payees: BTreeMap<CorrectionKey, Amount> = self
            .corrections
            .iter()
            .filter(|(_, amount)| !amount.is_zero())
            .filter(|(key, _)| sums.keys().any(|(period, _)| *period == key.period))
            .map(|(key, amount)| (key.clone(), *amount))
            .collect();
        let key = of_accounts
            .keys()
            .chain(of_payees.keys())
            .find(|key| of_accounts.get(key) != of_payees.get(key))?;
        let said = of_payees.get(key).copied().unwrap_or_default();
        let earned = of_accounts.get(key).copied().unwrap_or_default();
        let problem = format!(
            "is {said} {} for {} and {earned} in their account",
            key.currency, key.payee
        );
        Some((key.period.clone(), problem))
    }

    /// What accounts behind corrections say that payees get; credits of an account are above zero.
    fn corrected_earnings(&self) -> BTreeMap<CorrectionKey, Amount> {
        let earned = self.corrected.iter().filter_map(|(key, amount)| {
            let (kind, payee) = AccountKind::of_corrected(&key.account)?;
            (kind == AccountKind::Earned).then(|| {
                let key = CorrectionKey {
                    payee: payee.to_owned(),
                    currency: key.currency,
                    period: key.period.clone(),
                };
                (key, amount.negated())
            })
        });
        earned.filter(|(_, amount)| !amount.is_zero()).collect()
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
                    &RowCells {
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

    fn take(&mut self, row: &RowCells<'_>, book: &Book) -> Result<(), Fault> {
        let is_new = match BalanceRow::read(row, book)? {
            BalanceRow::Unrecouped(key, currency, amount) => {
                self.unrecouped.insert(key, (currency, amount)).is_none()
            }
            BalanceRow::Reserve(key, amount) => self.reserves.insert(key, amount).is_none(),
            BalanceRow::CarriedForward(key, amount) => self.carried.insert(key, amount).is_none(),
            BalanceRow::Correction(key, amount) => self.corrections.insert(key, amount).is_none(),
            BalanceRow::Corrected(key, amount) => self.corrected.insert(key, amount).is_none(),
            BalanceRow::Waiting(key, amount) => self.waiting.insert(key, amount).is_none(),
            BalanceRow::Counted(key, amount) => self.counted.insert(key, amount).is_none(),
            BalanceRow::TaxSource(key, amount) => set_once(&mut self.year(key).source, amount),
            BalanceRow::TaxAll(key, amount) => set_once(&mut self.year(key).all, amount),
            BalanceRow::TaxWithheld(key, amount) => set_once(&mut self.year(key).withheld, amount),
            BalanceRow::SettledUntil(day) => self.settled_until.replace(day).is_none(),
        };
        if is_new { Ok(()) } else { Err(row.twice()) }
    }

    fn year(&mut self, key: TaxKey) -> &mut YearToDate {
        self.taxes.entry(key).or_default()
    }

    /// Rows of a file, in the order of [`BALANCE_COLUMNS`]; sorted by kind and key. Balances of zero
    /// that say nothing are left out.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; BALANCE_COLUMNS.len()]> {
        self.balance_rows().map(BalanceRow::cells).collect()
    }

    fn balance_rows(&self) -> impl Iterator<Item = BalanceRow> + '_ {
        let unrecouped = self.unrecouped.iter().map(|(key, (currency, amount))| {
            BalanceRow::Unrecouped(key.clone(), *currency, *amount)
        });
        let counted = self
            .counted
            .iter()
            .map(|(key, amount)| BalanceRow::Counted(key.clone(), *amount));
        let taxes = self.taxes.iter().flat_map(|(key, year)| {
            [
                BalanceRow::TaxAll(key.clone(), year.all),
                BalanceRow::TaxSource(key.clone(), year.source),
                BalanceRow::TaxWithheld(key.clone(), year.withheld),
            ]
        });
        unrecouped
            .chain(rows_of_map(&self.reserves, BalanceRow::Reserve))
            .chain(rows_of_map(&self.carried, BalanceRow::CarriedForward))
            .chain(rows_of_map(&self.corrections, BalanceRow::Correction))
            .chain(rows_of_map(&self.corrected, BalanceRow::Corrected))
            .chain(rows_of_map(&self.waiting, BalanceRow::Waiting))
            .chain(counted)
            .chain(taxes)
            .chain(self.settled_until.map(BalanceRow::SettledUntil))
    }

    /// What is carried forward for a payee, by currency.
    pub(crate) fn carried_of<'a>(
        &'a self,
        payee: &'a str,
    ) -> impl Iterator<Item = (Currency, Amount)> + 'a {
        let first = CarriedKey {
            payee: payee.to_owned(),
            currency: Currency::FIRST,
        };
        self.carried
            .range(first..)
            .take_while(move |(key, _)| key.payee == payee)
            .map(|(key, amount)| (key.currency, *amount))
    }

    /// What corrections of closed periods come to for a payee, by currency and period.
    pub(crate) fn corrections_of<'a>(
        &'a self,
        payee: &'a str,
    ) -> impl Iterator<Item = (&'a CorrectionKey, Amount)> + 'a {
        let first = CorrectionKey {
            payee: payee.to_owned(),
            currency: Currency::FIRST,
            period: String::new(),
        };
        self.corrections
            .range(first..)
            .take_while(move |(key, _)| key.payee == payee)
            .map(|(key, amount)| (key, *amount))
    }

    /// Earnings of a payee that wait for a rate, by currency and territory.
    pub(crate) fn waiting_of<'a>(
        &'a self,
        payee: &'a str,
    ) -> impl Iterator<Item = (&'a WaitingKey, Amount)> + 'a {
        let first = WaitingKey {
            payee: payee.to_owned(),
            currency: Currency::FIRST,
            territory: String::new(),
        };
        self.waiting
            .range(first..)
            .take_while(move |(key, _)| key.payee == payee)
            .map(|(key, amount)| (key, *amount))
    }

    /// What is corrected, by kind of account and currency.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn corrected_by_kind(&self) -> Result<Sums<(AccountKind, Currency)>, AmountOverflow> {
        let mut sums = Sums::new();
        for (key, amount) in &self.corrected {
            let (kind, _) = AccountKind::of_corrected(&key.account)
                .expect("accounts of balances are checked when they are read");
            sums.add((kind, key.currency), *amount)?;
        }
        Ok(sums)
    }

    /// Sums of what is owed or held, by kind and currency. Corrections of payees are settled with
    /// what is carried forward, and count there.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn totals(&self) -> Result<BalanceTotals, AmountOverflow> {
        let mut totals = BalanceTotals::new();
        for (currency, amount) in self.unrecouped.values() {
            totals.add((BalanceKind::Unrecouped, *currency), *amount)?;
        }
        for (key, amount) in &self.reserves {
            totals.add((BalanceKind::Reserve, key.currency), *amount)?;
        }
        for (key, amount) in &self.carried {
            totals.add((BalanceKind::CarriedForward, key.currency), *amount)?;
        }
        for (key, amount) in &self.corrections {
            totals.add((BalanceKind::CarriedForward, key.currency), *amount)?;
        }
        for (key, amount) in &self.waiting {
            totals.add((BalanceKind::Waiting, key.currency), *amount)?;
        }
        Ok(totals)
    }
}

/// Sets a value that is zero so far; says whether it was.
fn set_once(value: &mut Amount, amount: Amount) -> bool {
    let is_new = value.is_zero();
    *value = amount;
    is_new
}

/// The rows of balances that are not zero.
fn rows_of_map<K: Clone>(
    balances: &BTreeMap<K, Amount>,
    row: fn(K, Amount) -> BalanceRow,
) -> impl Iterator<Item = BalanceRow> + '_ {
    balances
        .iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(move |(key, amount)| row(key.clone(), *amount))
}
