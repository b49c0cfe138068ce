//! Contracts: worked examples of public sources, laws on random contracts, a second settlement that is slow and obvious, and bad input.

mod albums;
mod bad;
mod command;
mod laws;
mod payouts;
mod said;
mod sample;
mod slow;
mod statements;
mod worked;

use ledgerline::ident::{Currency, SalePeriod};
use ledgerline::money::Amount;
use ledgerline::results::read_cells;
use ledgerline::settlement::{Inputs, PayableLine, SettleError, Settled};
use ledgerline::terms::{Balances, Book, ClauseKey, Fault, Rates, Releases};

/// Texts of inputs; what is not given is empty.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    pub contracts: String,
    pub cells: String,
    pub rates: Vec<String>,
    pub balances: String,
    pub period: Option<String>,
    /// Releases as a catalog has them.
    pub catalog: Releases,
}

pub const CELLS: &str =
    "track,territory,period,usage,dsp,quantity,amount,currency,flags,release,label,statement\n";
pub const BALANCES: &str = "kind,contract,payee,name,territory,currency,amount,date\n";

/// A cells file from rows of `track,territory,period,usage,dsp,quantity,amount,currency`, with or without the other columns.
pub fn cells(rows: &[&str]) -> String {
    let full = |row: &&str| format!("{row}{}\n", ",".repeat(11 - row.matches(',').count()));
    CELLS.to_owned() + &rows.iter().map(full).collect::<String>()
}

impl Texts {
    pub fn new(contracts: &str, rows: &[&str]) -> Self {
        Self {
            contracts: contracts.to_owned(),
            cells: cells(rows),
            ..Self::default()
        }
    }

    pub fn with_balances(mut self, rows: &[&str]) -> Self {
        self.balances = BALANCES.to_owned()
            + &rows
                .iter()
                .map(|row| format!("{row}\n"))
                .collect::<String>();
        self
    }

    pub fn with_rates(mut self, text: &str) -> Self {
        self.rates.push(text.to_owned());
        self
    }

    pub fn of(mut self, period: &str) -> Self {
        self.period = Some(period.to_owned());
        self
    }

    pub fn inputs(&self) -> Result<Inputs, Vec<Fault>> {
        let book = Book::read(&[(
            "contracts.toml".to_owned(),
            self.contracts.clone().into_bytes(),
        )])?;
        let rates: Vec<_> = self
            .rates
            .iter()
            .map(|r| ("rates.csv".to_owned(), r.clone().into_bytes()))
            .collect();
        let balances: Vec<_> = if self.balances.is_empty() {
            Vec::new()
        } else {
            vec![(
                "balances.csv".to_owned(),
                self.balances.clone().into_bytes(),
            )]
        };
        Ok(Inputs {
            cells: read_cells("cells.csv", self.cells.as_bytes())?.into(),
            rates: Rates::read(&rates)?,
            opening: Balances::read(&balances, &book)?,
            releases: self.catalog.clone().into(),
            period: self
                .period
                .as_deref()
                .map(|p| SalePeriod::from_canonical(p).expect("tests name periods that exist")),
            book,
        })
    }

    pub fn try_settle(&self) -> Result<Settled, SettleError> {
        Settled::of(self.inputs()?)
    }

    pub fn settle(&self) -> Settled {
        self.try_settle()
            .unwrap_or_else(|e| panic!("{e}\n{}", self.contracts))
    }

    /// The faults of inputs that cannot be settled.
    pub fn fault(&self) -> String {
        match self.try_settle() {
            Ok(_) => panic!("this was settled:\n{}", self.contracts),
            Err(error) => error.to_string(),
        }
    }
}

pub fn amount(text: &str) -> Amount {
    let trimmed = text.strip_prefix('+').unwrap_or(text);
    Amount::from_canonical(trimmed).unwrap_or_else(|| panic!("{text} is no amount"))
}

pub fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("tests name currencies that exist")
}

/// A payee's line in a currency.
pub fn line(settled: &Settled, payee: &str, code: &str) -> PayableLine {
    let number = settled
        .inputs
        .book
        .payee(payee)
        .expect("tests name payees that exist");
    let found = settled
        .payables
        .iter()
        .find(|l| l.payee == number && l.currency == currency(code));
    *found.unwrap_or_else(|| panic!("{payee} has no line in {code}: {:?}", settled.payables))
}

pub fn exact(settled: &Settled, payee: &str, code: &str) -> Amount {
    line(settled, payee, code).exact
}

/// What went to accounts of one kind over all movements, by name: a fee, the label, a reserve.
pub fn went_to(settled: &Settled, label: &str) -> Amount {
    let book = &settled.inputs.book;
    let mut sum = Amount::ZERO;
    for transfer in settled.movements() {
        if transfer.credit.label(book) == label {
            sum = sum.plus(transfer.amount).unwrap();
        }
        if transfer.debit.label(book) == label {
            sum = sum.minus(transfer.amount).unwrap();
        }
    }
    sum
}

/// What is still to be recouped of an advance.
pub fn unrecouped(settled: &Settled, contract: &str, name: &str) -> Amount {
    settled
        .closing
        .unrecouped
        .get(&ClauseKey {
            contract: contract.to_owned(),
            clause: name.to_owned(),
        })
        .map(|(_, amount)| *amount)
        .expect("the advance has a balance")
}

/// Money that waits, by the word of its reason.
pub fn waits(settled: &Settled) -> Vec<(&'static str, String, Amount)> {
    settled
        .suspense()
        .unwrap()
        .into_iter()
        .map(|((why, currency), amount)| (why.code(), currency.to_string(), amount))
        .collect()
}
