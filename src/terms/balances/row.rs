//! One row of a file of balances: what kind of balance it is, read from and written to its cells.

use super::{
    BALANCE_COLUMNS, CarriedKey, ClauseKey, CorrectedKey, CorrectionKey, ReserveKey, TaxKey,
    WaitingKey,
};
use crate::ident::{Currency, Day, Territory};
use crate::money::Amount;
use crate::terms::account_kind::AccountKind;
use crate::terms::contracts::{Book, Contract, Step};
use crate::terms::input::{Fault, Place, amount_of, day_of};

/// Columns by their index in [`BALANCE_COLUMNS`].
const KIND: usize = 0;
const CONTRACT: usize = 1;
const PAYEE: usize = 2;
const NAME: usize = 3;
const TERRITORY: usize = 4;
const CURRENCY: usize = 5;
const AMOUNT: usize = 6;
const DATE: usize = 7;

/// The kind of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BalanceKind {
    /// An advance or cost that is not paid back yet.
    Unrecouped,
    /// A reserve against returns.
    Reserve,
    /// What a payee did not get yet.
    CarriedForward,
    /// What a correction of a closed period comes to for a payee.
    Correction,
    /// What a correction comes to in one account.
    Corrected,
    /// Earnings that wait for an exchange rate.
    Waiting,
    /// Units or income that a rate with tiers has counted.
    Counted,
    /// Earnings of a year from the tax's territories.
    TaxSource,
    /// All earnings of a year.
    TaxAll,
    /// What was withheld in a year.
    TaxWithheld,
    /// The last day that was settled before.
    SettledUntil,
}

impl BalanceKind {
    /// All, in the order in which a message names them.
    const ALL: [Self; 11] = [
        Self::Unrecouped,
        Self::Reserve,
        Self::CarriedForward,
        Self::Correction,
        Self::Corrected,
        Self::Waiting,
        Self::Counted,
        Self::TaxSource,
        Self::TaxAll,
        Self::TaxWithheld,
        Self::SettledUntil,
    ];

    /// The word that files use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unrecouped => "unrecouped",
            Self::Reserve => "reserve",
            Self::CarriedForward => "carried_forward",
            Self::Correction => "correction",
            Self::Corrected => "corrected",
            Self::Waiting => "waiting",
            Self::Counted => "counted",
            Self::TaxSource => "tax_source",
            Self::TaxAll => "tax_all",
            Self::TaxWithheld => "tax_withheld",
            Self::SettledUntil => "settled_until",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BalanceRow {
    Unrecouped(ClauseKey, Currency, Amount),
    Reserve(ReserveKey, Amount),
    CarriedForward(CarriedKey, Amount),
    Correction(CorrectionKey, Amount),
    Corrected(CorrectedKey, Amount),
    Waiting(WaitingKey, Amount),
    Counted(ClauseKey, Amount),
    TaxSource(TaxKey, Amount),
    TaxAll(TaxKey, Amount),
    TaxWithheld(TaxKey, Amount),
    SettledUntil(Day),
}

/// The cells of a row in the order of [`BALANCE_COLUMNS`], and where they stand.
pub(super) struct RowCells<'a> {
    pub place: &'a Place,
    pub cells: [&'a str; BALANCE_COLUMNS.len()],
}

impl BalanceRow {
    /// Reads a row and checks that the contracts have what it is about.
    ///
    /// # Errors
    /// The first fault, with its column.
    pub fn read(row: &RowCells<'_>, book: &Book) -> Result<Self, Fault> {
        row.check_names(book)?;
        let Some(kind) = BalanceKind::of_word(row.cells[KIND]) else {
            let problem = format!("{:?} is not a kind of balance", row.cells[KIND]);
            let (last, others) = BalanceKind::ALL.split_last().expect("there are kinds");
            let others: Vec<&str> = others.iter().map(|kind| kind.word()).collect();
            let remedy = format!("write {} or {}", others.join(", "), last.word());
            return Err(row.fault(KIND, problem, &remedy));
        };
        Ok(match kind {
            BalanceKind::Unrecouped => row.unrecouped(book)?,
            BalanceKind::Reserve => row.reserve(book)?,
            BalanceKind::CarriedForward => {
                let payee = row.needed(PAYEE)?;
                let currency = row.currency()?;
                Self::CarriedForward(CarriedKey { payee, currency }, row.amount()?)
            }
            BalanceKind::Correction => {
                let key = CorrectionKey {
                    payee: row.needed(PAYEE)?,
                    currency: row.currency()?,
                    period: row.needed(NAME)?,
                };
                Self::Correction(key, row.amount()?)
            }
            BalanceKind::Corrected => row.corrected(book)?,
            BalanceKind::Waiting => {
                let key = WaitingKey {
                    payee: row.needed(PAYEE)?,
                    currency: row.currency()?,
                    territory: row.territory(),
                };
                Self::Waiting(key, row.amount()?)
            }
            BalanceKind::Counted => row.counted(book)?,
            BalanceKind::TaxSource => Self::TaxSource(row.tax(book)?, row.amount()?),
            BalanceKind::TaxAll => Self::TaxAll(row.tax(book)?, row.amount()?),
            BalanceKind::TaxWithheld => Self::TaxWithheld(row.tax(book)?, row.amount()?),
            BalanceKind::SettledUntil => Self::SettledUntil(row.day()?),
        })
    }

    fn kind(&self) -> BalanceKind {
        match self {
            Self::Unrecouped(..) => BalanceKind::Unrecouped,
            Self::Reserve(..) => BalanceKind::Reserve,
            Self::CarriedForward(..) => BalanceKind::CarriedForward,
            Self::Correction(..) => BalanceKind::Correction,
            Self::Corrected(..) => BalanceKind::Corrected,
            Self::Waiting(..) => BalanceKind::Waiting,
            Self::Counted(..) => BalanceKind::Counted,
            Self::TaxSource(..) => BalanceKind::TaxSource,
            Self::TaxAll(..) => BalanceKind::TaxAll,
            Self::TaxWithheld(..) => BalanceKind::TaxWithheld,
            Self::SettledUntil(_) => BalanceKind::SettledUntil,
        }
    }

    /// The cells, in the order of [`BALANCE_COLUMNS`].
    pub fn cells(self) -> [String; BALANCE_COLUMNS.len()] {
        let mut cells: [String; BALANCE_COLUMNS.len()] = Default::default();
        cells[KIND] = self.kind().word().to_owned();
        let (currency, amount) = match self {
            Self::Unrecouped(key, currency, amount) => {
                cells[CONTRACT] = key.contract;
                cells[NAME] = key.clause;
                (currency, amount)
            }
            Self::Reserve(key, amount) => {
                cells[CONTRACT] = key.contract;
                cells[NAME] = key.split;
                cells[TERRITORY] = key.territory;
                cells[DATE] = key.release.to_string();
                (key.currency, amount)
            }
            Self::CarriedForward(key, amount) => {
                cells[PAYEE] = key.payee;
                (key.currency, amount)
            }
            Self::Correction(key, amount) => {
                cells[PAYEE] = key.payee;
                cells[NAME] = key.period;
                (key.currency, amount)
            }
            Self::Corrected(key, amount) => {
                cells[NAME] = key.account;
                cells[DATE] = key.period;
                (key.currency, amount)
            }
            Self::Waiting(key, amount) => {
                cells[PAYEE] = key.payee;
                cells[TERRITORY] = key.territory;
                (key.currency, amount)
            }
            Self::Counted(key, amount) => {
                cells[CONTRACT] = key.contract;
                cells[NAME] = key.clause;
                (Currency::NONE, amount)
            }
            Self::TaxSource(key, amount)
            | Self::TaxAll(key, amount)
            | Self::TaxWithheld(key, amount) => {
                cells[PAYEE] = key.payee;
                cells[NAME] = key.tax;
                cells[DATE] = key.year.to_string();
                (key.currency, amount)
            }
            Self::SettledUntil(day) => {
                cells[DATE] = day.to_string();
                (Currency::NONE, Amount::ZERO)
            }
        };
        cells[CURRENCY] = currency.code().to_owned();
        cells[AMOUNT] = amount.to_string();
        cells
    }

    /// What a row says of a corrected account, from cells that this program wrote; the outer `None`
    /// is a row that it did not write, the inner one a row about something else.
    pub fn corrected_of(cells: Vec<String>) -> Option<Option<(CorrectedKey, Amount)>> {
        let cells: [String; BALANCE_COLUMNS.len()] = cells.try_into().ok()?;
        if cells[KIND] != BalanceKind::Corrected.word() {
            return Some(None);
        }
        let [_, _, _, account, _, currency, amount, period] = cells;
        let currency = Currency::parse(&currency).ok()?;
        let key = CorrectedKey {
            period,
            account,
            currency,
        };
        Some(Some((key, Amount::from_canonical(&amount)?)))
    }
}

impl RowCells<'_> {
    pub fn fault(&self, column: usize, problem: impl Into<String>, remedy: &str) -> Fault {
        Fault::new(self.place, BALANCE_COLUMNS[column], problem, remedy)
    }

    pub fn twice(&self) -> Fault {
        self.fault(
            KIND,
            "this balance stands there twice",
            "leave one row of them",
        )
    }

    fn needed(&self, column: usize) -> Result<String, Fault> {
        if self.cells[column].is_empty() {
            return Err(self.fault(
                column,
                format!("{} needs it", self.cells[KIND]),
                "fill the cell",
            ));
        }
        Ok(self.cells[column].to_owned())
    }

    fn amount(&self) -> Result<Amount, Fault> {
        amount_of(self.cells[AMOUNT]).map_err(|p| self.fault(AMOUNT, p, "write it as 1234.56"))
    }

    fn positive(&self, remedy: &str) -> Result<Amount, Fault> {
        let amount = self.amount()?;
        if amount.is_negative() {
            let problem = format!("{} is below zero", self.cells[KIND]);
            return Err(self.fault(AMOUNT, problem, remedy));
        }
        Ok(amount)
    }

    fn currency(&self) -> Result<Currency, Fault> {
        Currency::parse(self.cells[CURRENCY])
            .map_err(|e| self.fault(CURRENCY, e.to_string(), "write its code, such as EUR"))
    }

    fn day(&self) -> Result<Day, Fault> {
        day_of(self.cells[DATE]).map_err(|p| self.fault(DATE, p, "write it as 2027-03-31"))
    }

    fn territory(&self) -> String {
        Territory::parse(self.cells[TERRITORY]).as_str().to_owned()
    }

    /// Contracts and payees that a row names must be there, whatever its kind.
    fn check_names(&self, book: &Book) -> Result<(), Fault> {
        let contract = self.cells[CONTRACT];
        if !contract.is_empty() && book.contract(contract).is_none() {
            return Err(self.fault(
                CONTRACT,
                format!("there is no contract {contract:?}"),
                "give the file that has it, so that its balance goes on",
            ));
        }
        let payee = self.cells[PAYEE];
        if !payee.is_empty() && book.payee(payee).is_none() {
            return Err(self.fault(
                PAYEE,
                format!("there is no payee {payee:?}"),
                "give the file that has them, so that their balance goes on",
            ));
        }
        Ok(())
    }

    fn unrecouped(&self, book: &Book) -> Result<BalanceRow, Fault> {
        let currency = self.currency()?;
        let amount = self.positive(
            "write what is still to be recouped; what a payee owes is carried_forward below zero",
        )?;
        let contract = self.needed(CONTRACT)?;
        let clause = self.needed(NAME)?;
        let found = contract_of(book, &contract)
            .filter(|c| c.recoupables.iter().any(|r| *r.name == *clause));
        let Some(found) = found else {
            return Err(self.fault(
                NAME,
                format!("contract {contract:?} has no advance or cost {clause:?}"),
                "add it to the contract, with its amount and date; the balance says what is left of it",
            ));
        };
        self.check_currency(found, currency)?;
        let key = ClauseKey { contract, clause };
        Ok(BalanceRow::Unrecouped(key, currency, amount))
    }

    fn reserve(&self, book: &Book) -> Result<BalanceRow, Fault> {
        let key = ReserveKey {
            contract: self.needed(CONTRACT)?,
            release: self.day()?,
            split: self.needed(NAME)?,
            territory: self.territory(),
            currency: self.currency()?,
        };
        let contract =
            contract_of(book, &key.contract).expect("its name was just found among the contracts");
        if contract.splits.iter().all(|s| *s.name != *key.split) {
            return Err(self.fault(
                NAME,
                format!("contract {:?} has no split {:?}", key.contract, key.split),
                "name the split by which the reserve is released",
            ));
        }
        let profile = &book.profiles[contract.profile];
        if profile.position(Step::Reserve).is_none() {
            let problem = format!(
                "the profile of contract {:?} has no step reserve, so this would never be released",
                key.contract
            );
            return Err(self.fault(CONTRACT, problem, "choose a profile that has it"));
        }
        self.check_currency(contract, key.currency)?;
        let amount =
            self.positive("write what is held; what a payee owes is carried_forward below zero")?;
        Ok(BalanceRow::Reserve(key, amount))
    }

    fn check_currency(&self, contract: &Contract, currency: Currency) -> Result<(), Fault> {
        if contract.currency == currency {
            return Ok(());
        }
        Err(self.fault(
            CURRENCY,
            "the account of the contract has another currency",
            "write the balance in the account's currency",
        ))
    }

    fn corrected(&self, book: &Book) -> Result<BalanceRow, Fault> {
        let account = self.needed(NAME)?;
        let period = self.needed(DATE)?;
        match AccountKind::of_corrected(&account) {
            None => {
                return Err(self.fault(
                    NAME,
                    format!("{account:?} is not an account that is corrected"),
                    "write it as postings.csv names it",
                ));
            }
            Some((AccountKind::Earned, payee)) if book.payee(payee).is_none() => {
                return Err(self.fault(
                    NAME,
                    format!("there is no payee {payee:?}"),
                    "give the file that has them, so that what they get goes on",
                ));
            }
            Some(_) => {}
        }
        let key = CorrectedKey {
            period,
            account,
            currency: self.currency()?,
        };
        Ok(BalanceRow::Corrected(key, self.amount()?))
    }

    fn counted(&self, book: &Book) -> Result<BalanceRow, Fault> {
        let contract = self.needed(CONTRACT)?;
        let clause = self.needed(NAME)?;
        let is_known = contract_of(book, &contract)
            .is_some_and(|c| c.rates.iter().any(|r| *r.name == *clause));
        if !is_known {
            return Err(self.fault(
                NAME,
                format!("contract {contract:?} has no rate {clause:?}"),
                "correct the name of the rate",
            ));
        }
        let key = ClauseKey { contract, clause };
        Ok(BalanceRow::Counted(key, self.amount()?))
    }

    fn tax(&self, book: &Book) -> Result<TaxKey, Fault> {
        let payee = self.needed(PAYEE)?;
        let tax = self.needed(NAME)?;
        let currency = self.currency()?;
        let year = self.cells[DATE]
            .parse()
            .map_err(|_| self.fault(DATE, "a tax is of a year", "write it as 2026"))?;
        if !book.taxes.iter().any(|t| t.name == tax) {
            return Err(self.fault(
                NAME,
                format!("there is no tax {tax:?}"),
                "correct the name, or give the file that has it",
            ));
        }
        Ok(TaxKey {
            payee,
            tax,
            currency,
            year,
        })
    }
}

fn contract_of<'a>(book: &'a Book, name: &str) -> Option<&'a Contract> {
    book.contract(name).map(|index| &book.contracts[index])
}
