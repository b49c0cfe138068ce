//! What payees earned in closed periods, as it was settled and as it would be settled now: the difference is what is corrected.

use std::collections::BTreeMap;

use super::accounts::AccountCorrection;
use crate::export::guarded;
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::{PayableState, Settled};
use crate::terms::PayeeNumber;
use crate::terms::rows_of;

/// Period, payee, contract (empty for all of the payee's earnings in the currency in which they are paid), currency.
pub(crate) type EarnedKey = (String, String, String, Currency);

/// Earned and tax by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Earned {
    rows: BTreeMap<EarnedKey, (Amount, Amount)>,
}

/// One difference between what was settled and what would be settled now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionLine {
    /// The period that is corrected.
    pub period: String,
    /// The payee.
    pub payee: String,
    /// The contract, in its own currency; empty for the sum of the payee, which is what is settled.
    pub contract: String,
    /// Currency.
    pub currency: Currency,
    /// Earned, less tax, as it was settled.
    pub before: Amount,
    /// Earned, less tax, as it would be settled now.
    pub now: Amount,
}

impl CorrectionLine {
    /// Whether it is the sum of the payee, which is what is settled; the others explain it.
    #[must_use]
    pub fn is_sum(&self) -> bool {
        self.contract.is_empty()
    }

    /// What is added to, or taken off, the next payment.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it leaves the exact range.
    pub fn difference(&self) -> Result<Amount, AmountOverflow> {
        self.now.minus(self.before)
    }
}

/// Columns of earned.csv.
const EARNED_COLUMNS: [&str; 6] = [
    "period",
    "payee",
    "contract",
    "currency",
    "earned",
    "tax_withheld",
];
/// Columns of corrections.csv.
pub const CORRECTION_COLUMNS: [&str; 8] = [
    "period",
    "payee",
    "contract",
    "account",
    "currency",
    "before",
    "now",
    "difference",
];

impl Earned {
    /// Adds what a settlement gave in a period.
    pub(crate) fn add(&mut self, period: &str, settled: &Settled) -> Result<(), AmountOverflow> {
        let book = &settled.inputs.book;
        let payee = |number: PayeeNumber| book.payees[number].name.clone();
        let mut add = |key: EarnedKey, earned: Amount, tax: Amount| {
            let row = self.rows.entry(key).or_default();
            *row = (row.0.plus(earned)?, row.1.plus(tax)?);
            Ok::<(), AmountOverflow>(())
        };
        // What waits for a rate is not earned yet; it is carried as waiting.
        for line in settled
            .payables
            .iter()
            .filter(|l| l.state != PayableState::WaitsForRate)
        {
            add(
                (
                    period.to_owned(),
                    payee(line.payee),
                    String::new(),
                    line.currency,
                ),
                line.earned,
                line.tax,
            )?;
        }
        for result in &settled.contracts {
            let contract = &book.contracts[result.contract];
            for ((number, _), amount) in &result.shares {
                add(
                    (
                        period.to_owned(),
                        payee(*number),
                        contract.name.to_string(),
                        contract.currency,
                    ),
                    *amount,
                    Amount::ZERO,
                )?;
            }
        }
        Ok(())
    }

    /// Payees who have earned something.
    pub(crate) fn payees(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(|(_, payee, ..)| payee.as_str())
    }

    /// What differs, sorted.
    pub(crate) fn corrections(&self, now: &Self) -> Result<Vec<CorrectionLine>, AmountOverflow> {
        let net = |rows: &BTreeMap<EarnedKey, (Amount, Amount)>, key: &EarnedKey| {
            rows.get(key)
                .map_or(Ok(Amount::ZERO), |(earned, tax)| earned.minus(*tax))
        };
        let mut keys: Vec<&EarnedKey> = self.rows.keys().chain(now.rows.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut lines = Vec::new();
        for key in keys {
            let before = net(&self.rows, key)?;
            let now = net(&now.rows, key)?;
            if before != now {
                let (period, payee, contract, currency) = key.clone();
                lines.push(CorrectionLine {
                    period,
                    payee,
                    contract,
                    currency,
                    before,
                    now,
                });
            }
        }
        Ok(lines)
    }

    /// The rows of earned.csv, header first. The file is read again, so texts stand as they are.
    pub(crate) fn rows(&self) -> impl Iterator<Item = [String; EARNED_COLUMNS.len()]> + '_ {
        std::iter::once(EARNED_COLUMNS.map(str::to_owned)).chain(self.rows.iter().map(
            |((period, payee, contract, currency), (earned, tax))| {
                [
                    period.clone(),
                    payee.clone(),
                    contract.clone(),
                    currency.code().to_owned(),
                    earned.to_string(),
                    tax.to_string(),
                ]
            },
        ))
    }

    /// Reads what [`Earned::rows`] gave; `None` when it is something else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rows = BTreeMap::new();
        for cells in rows_of(bytes, &EARNED_COLUMNS)? {
            let [period, payee, contract, currency, earned, tax] = cells.try_into().ok()?;
            let currency = Currency::parse(&currency).ok()?;
            rows.insert(
                (period, payee, contract, currency),
                (
                    Amount::from_canonical(&earned)?,
                    Amount::from_canonical(&tax)?,
                ),
            );
        }
        Some(Self { rows })
    }
}

/// The rows of corrections.csv, header first: by payee, then by account.
///
/// # Errors
/// [`AmountOverflow`] when a difference leaves the exact range.
pub fn correction_rows(
    lines: &[CorrectionLine],
    accounts: &[AccountCorrection],
) -> Result<Vec<[String; CORRECTION_COLUMNS.len()]>, AmountOverflow> {
    let mut rows = vec![CORRECTION_COLUMNS.map(str::to_owned)];
    for line in lines {
        let [before, now, difference] =
            [line.before, line.now, line.difference()?].map(|a| a.to_string());
        let [payee, contract] =
            [guarded(&line.payee), guarded(&line.contract)].map(std::borrow::Cow::into_owned);
        rows.push([
            line.period.clone(),
            payee,
            contract,
            String::new(),
            line.currency.code().to_owned(),
            before,
            now,
            difference,
        ]);
    }
    for line in accounts {
        rows.push(line.row()?);
    }
    Ok(rows)
}
