//! What steps are called on paper, and by which term of the contract they are taken.

use std::cell::Cell;

use crate::account::{AccountEntry, PayeeStatement, Section};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, Ratio, is_shown_whole, shown};
use crate::settlement::{Account, PayableState, SuspenseReason};
use crate::terms::PayeeNumber;
use crate::terms::{Contract, Counts, Deduction, RateRule, Tiers};

/// Amounts for reading, with so many digits more than the currency has. Remembers when one of them had still more.
pub(super) struct ReadableMoney {
    /// Digits more than the currency has.
    pub extra: u32,
    /// Whether an amount was shown short.
    pub is_short: Cell<bool>,
}

impl ReadableMoney {
    pub(super) fn new(extra: u32) -> Self {
        Self {
            extra,
            is_short: Cell::new(false),
        }
    }

    /// An amount with its currency. The minus is an ASCII hyphen, because figures are copied from PDF files into spreadsheets.
    pub(super) fn text(&self, amount: Amount, currency: Currency) -> String {
        let digits = currency.minor_digits() + self.extra;
        if !is_shown_whole(amount, digits) {
            self.is_short.set(true);
        }
        format!(
            "{} {}",
            shown(amount, digits).replace('−', "-"),
            currency.code()
        )
    }

    /// An amount that is paid, which has no more digits than its currency.
    pub(super) fn paid(&self, amount: Amount, currency: Currency) -> String {
        format!(
            "{} {}",
            shown(amount, currency.minor_digits()).replace('−', "-"),
            currency.code()
        )
    }
}

/// Units: whole where they are whole.
pub(super) fn units(amount: Amount) -> String {
    let digits = (0..6)
        .find(|digits| is_shown_whole(amount, *digits))
        .unwrap_or(6);
    shown(amount, digits).replace('−', "-")
}

/// A part as people say it: 15%, or 1/3 where percents do not come out.
pub(super) fn percent(ratio: Ratio) -> String {
    let hundred = Ratio::new(100, 1)
        .and_then(|hundred| hundred.times(ratio))
        .map(|r| r.to_string());
    hundred
        .filter(|text| !text.contains('/'))
        .map_or_else(|| ratio.to_string(), |text| format!("{text}%"))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A month by its name; another period as it is written.
pub(super) fn period(period: SalePeriod) -> String {
    let month = period.days().and_then(|(first, _)| {
        let (year, month, _) = first.to_ymd();
        (SalePeriod::month(year, month) == Ok(period))
            .then(|| format!("{} {year}", MONTHS[month as usize - 1]))
    });
    month.unwrap_or_else(|| period.to_string())
}

/// What a step is called.
pub(super) fn step(entry: &AccountEntry<'_>) -> String {
    let name = entry.name();
    let is_in = entry.amount.is_positive();
    match entry.section {
        Section::Exchange => format!(
            "Exchange {} {}",
            if is_in { "into" } else { "from" },
            entry.currency()
        ),
        Section::Charge => format!("Charge: {name}"),
        Section::Fee => format!("Fee: {name}"),
        Section::SharedCost => format!("Cost: {name}"),
        Section::Rate => format!("Label's part by rate: {name}"),
        Section::Reserve if is_in => format!("Reserve released: {name}"),
        Section::Reserve => format!("Reserve held: {name}"),
        Section::Recoup => format!("Recouped: {name}"),
        Section::Adjustment | Section::PayeeAdjustment => format!("Adjustment: {name}"),
        Section::Waits => "On hold".to_owned(),
        Section::Share => format!("Your share: {name}"),
        Section::PaidBack => format!("Back to you: {name}"),
        Section::PayeeRecoup => format!("Recouped from your share: {name}"),
        Section::Tax => format!("Tax: {name}"),
        Section::Rounding => "Rounding".to_owned(),
        Section::Paid => "Paid".to_owned(),
        Section::Opening if is_waiting(entry) => "Opening balance, waiting for a rate".to_owned(),
        Section::Opening if let Some(corrected) = name.strip_prefix("corrects ") => {
            format!(
                "Correction of {}",
                SalePeriod::from_canonical(corrected).map_or_else(|| corrected.to_owned(), period)
            )
        }
        Section::Opening => "Opening balance".to_owned(),
        Section::Closing if is_waiting(entry) => "Closing balance, waiting for a rate".to_owned(),
        Section::Closing => "Closing balance".to_owned(),
        Section::Income | Section::Others => name.to_owned(),
    }
}

fn is_waiting(entry: &AccountEntry<'_>) -> bool {
    [&entry.transfer.debit, &entry.transfer.credit]
        .into_iter()
        .any(|account| matches!(account, Account::Waiting(_)))
}

/// By which term a step of a contract is taken.
pub(super) fn basis(entry: &AccountEntry<'_>, terms: &Contract, payee: PayeeNumber) -> String {
    let reason = &entry.transfer.reason;
    match entry.section {
        Section::Charge => deducted(&terms.charges, entry.name()),
        Section::Fee => deducted(&terms.fees, entry.name()),
        Section::Rate => rate(entry, terms),
        Section::Reserve if entry.amount.is_negative() => {
            let part = terms
                .reserve
                .as_ref()
                .map(|reserve| format!("{} of sales, ", percent(reserve.rate)))
                .unwrap_or_default();
            format!("{part}{}", reason.source)
        }
        Section::Share => share(entry, terms, payee),
        Section::Waits => match entry.transfer.credit {
            Account::Suspense(why) => held_because(why).to_owned(),
            _ => String::new(),
        },
        // The rate stands once, where the money arrives.
        Section::Exchange if entry.transfer.debit == Account::Exchange => reason
            .source
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned(),
        Section::Exchange => String::new(),
        _ => reason.source.clone(),
    }
}

fn deducted(deductions: &[Deduction], name: &str) -> String {
    deductions
        .iter()
        .find(|d| *d.name == *name)
        .map(|d| percent(d.rate))
        .unwrap_or_default()
}

fn rate(entry: &AccountEntry<'_>, terms: &Contract) -> String {
    let rule = terms
        .rates
        .iter()
        .find(|r| *r.name == *entry.name())
        .map(|r| &r.rule);
    match rule {
        Some(RateRule::Income(ratio)) => format!("royalty {}", percent(*ratio)),
        Some(RateRule::PerUnit(price)) => {
            format!("royalty {price} {} for each unit", terms.currency)
        }
        Some(RateRule::Tiers(tiers)) => {
            format!("royalty {}", tiers_in_words(tiers, terms.currency))
        }
        None => String::new(),
    }
}

/// 40% to 5,000 units, then 50%.
fn tiers_in_words(tiers: &Tiers, currency: Currency) -> String {
    let rate = |ratio: Ratio| {
        if tiers.is_per_unit {
            format!("{ratio} {currency} a unit")
        } else {
            percent(ratio)
        }
    };
    let end = |end: Amount| {
        if tiers.counts == Counts::Units {
            format!("{} units", units(end))
        } else {
            format!("{} {currency}", units(end))
        }
    };
    tiers
        .tiers
        .iter()
        .map(|(to, ratio)| match to {
            Some(to) => format!("{} to {}", rate(*ratio), end(*to)),
            None => rate(*ratio),
        })
        .collect::<Vec<_>>()
        .join(", then ")
}

fn share(entry: &AccountEntry<'_>, terms: &Contract, payee: PayeeNumber) -> String {
    let split = terms.splits.iter().find(|s| *s.name == *entry.name());
    let share = split.and_then(|s| s.payees.iter().find(|(p, _)| *p == payee));
    let share = share.map(|(_, share)| percent(*share)).unwrap_or_default();
    let source = &entry.transfer.reason.source;
    if source.is_empty() {
        share
    } else {
        format!("{share}, {source}")
    }
}

fn held_because(why: SuspenseReason) -> &'static str {
    match why {
        SuspenseReason::NoRate => "until there is an exchange rate",
        SuspenseReason::NoSplit => "until it is known who shares it",
        SuspenseReason::NoRateClause => "until its royalty rate is known",
        _ => "until it is decided",
    }
}

/// The payee's shares in a contract.
pub(super) fn shares(terms: &Contract, payee: PayeeNumber) -> String {
    terms
        .splits
        .iter()
        .filter_map(|split| {
            let (_, share) = split.payees.iter().find(|(p, _)| *p == payee)?;
            Some(if terms.splits.len() == 1 {
                percent(*share)
            } else {
                format!("{} {}", split.name, percent(*share))
            })
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// What becomes of the balance, in a sentence.
pub(super) fn verdict(statement: &PayeeStatement<'_>, money: &ReadableMoney) -> String {
    let payee = &statement.settled.inputs.book.payees[statement.payee];
    match statement.line.map(|line| line.state) {
        Some(PayableState::Paid) => String::new(),
        Some(PayableState::BelowMinimum) if payee.minimum.is_zero() => {
            "The balance is less than can be paid and is carried to the next statement.".to_owned()
        }
        Some(PayableState::BelowMinimum) => {
            format!("The balance is below the minimum of {} and is carried to the next statement.", money.paid(payee.minimum, payee.currency))
        }
        Some(PayableState::Negative) => "The balance is below zero and is carried to the next statement: later earnings make it good.".to_owned(),
        Some(PayableState::WaitsForRate) => format!("The balance waits for an exchange rate into {}.", payee.currency),
        Some(PayableState::Nothing) | None => "Nothing is due for this period.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_periods_read_well() {
        let ratio = |text| Ratio::parse(text).unwrap();
        for (text, want) in [
            ("0.15", "15%"),
            ("1/3", "1/3"),
            ("1", "100%"),
            ("0.125", "12.5%"),
            ("2/4", "50%"),
        ] {
            assert_eq!(percent(ratio(text)), want);
        }
        let of = |text| period(SalePeriod::from_canonical(text).unwrap());
        assert_eq!(of("2026-09"), "September 2026");
        assert_eq!(of("2026-07..2026-09"), "2026-07..2026-09");
        let amount = |text| Amount::from_canonical(text).unwrap();
        assert_eq!(units(amount("98000")), "98,000");
        assert_eq!(units(amount("-1.5")), "-1.5");
        let money = ReadableMoney::new(2);
        let eur = Currency::parse("EUR").unwrap();
        assert_eq!(money.text(amount("-1234.5678"), eur), "-1,234.5678 EUR");
        assert!(!money.is_short.get());
        assert_eq!(money.text(amount("0.00005"), eur), "0.0001 EUR");
        assert!(money.is_short.get());
    }
}
