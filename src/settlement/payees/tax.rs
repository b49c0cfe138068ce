//! Taxes that are withheld from what a payee has earned.

use super::ByClass;
use crate::ident::Day;
use crate::money::{Amount, AmountOverflow, Ratio};
use crate::settlement::steps::TerritoryClass;
use crate::terms::balances::YearToDate;
use crate::terms::contracts::{Payee, Tax, TaxBase};

/// The clause of a tax that holds for a payee.
pub(super) struct TaxClause {
    rate: Ratio,
    base: TaxBase,
    /// Where rate and base come from: `no form`, `treaty with DE`, `no treaty`.
    pub words: String,
}

/// Rate and base for a payee on a day: without a form, by treaty, or the tax's own.
pub(super) fn tax_clause(tax: &Tax, payee: &Payee, day: Day) -> TaxClause {
    let has_form = payee
        .forms
        .iter()
        .any(|(name, since)| *name == tax.name && *since <= day);
    if let (Some((rate, base)), false) = (tax.without_form, has_form) {
        return TaxClause {
            rate,
            base,
            words: "no form".to_owned(),
        };
    }
    let treaty = tax
        .treaty
        .iter()
        .find(|(residence, _)| *residence == payee.residence);
    let (rate, words) = match treaty {
        Some((residence, rate)) => (*rate, format!("treaty with {residence}")),
        None => (tax.rate, "no treaty".to_owned()),
    };
    TaxClause {
        rate,
        base: TaxBase::Source,
        words,
    }
}

impl TaxClause {
    /// Earnings from the tax's territories; all of them where it names none.
    pub fn source_earnings(
        &self,
        tax: &Tax,
        earned: &ByClass,
        classes: &[String],
    ) -> Result<Amount, AmountOverflow> {
        let from_source = earned.iter().filter(|(class, _)| {
            // Class 0 is the territories that no tax names.
            tax.territories.is_empty()
                || (**class != TerritoryClass::REST
                    && tax.territories.contains(&classes[class.index()]))
        });
        Amount::sum(from_source.map(|(_, amount)| *amount))
    }

    /// What the tax is withheld from, in words.
    pub fn base_words(&self, tax: &Tax) -> String {
        match self.base {
            TaxBase::All => "all earnings".to_owned(),
            TaxBase::Source if tax.territories.is_empty() => "earnings from everywhere".to_owned(),
            TaxBase::Source => format!("earnings from {}", tax.territories.join(", ")),
        }
    }

    fn base_of(&self, earned: &YearToDate) -> Amount {
        match self.base {
            TaxBase::All => earned.all,
            TaxBase::Source => earned.source,
        }
    }
}

/// A tax of one payee in the year of the period.
pub(super) struct TaxOfYear<'a> {
    pub tax: &'a Tax,
    pub clause: &'a TaxClause,
    /// Earned and withheld in the year before this settlement.
    pub before: YearToDate,
    /// Earned now, from the tax's territories.
    pub source: Amount,
    /// Earned now, from everywhere.
    pub all: Amount,
}

/// What is withheld, and what the year comes to with it.
pub(super) struct Withheld {
    pub amount: Amount,
    pub year: YearToDate,
    pub words: String,
}

impl TaxOfYear<'_> {
    /// What is withheld now. With catch-up that is today's rate on the base of the whole year, less
    /// what was withheld before: what was withheld too much before a form arrived comes back, what
    /// was too little is made good (as YouTube announced it in 2021).
    pub fn withheld(&self) -> Result<Withheld, AmountOverflow> {
        let mut year = YearToDate {
            source: self.before.source.plus(self.source)?,
            all: self.before.all.plus(self.all)?,
            withheld: self.before.withheld,
        };
        let rate = self.clause.rate;
        let (amount, words) = if self.tax.has_catch_up {
            let base = self.clause.base_of(&year);
            let due = rate.of(base.max(Amount::ZERO))?;
            let amount = due.minus(self.before.withheld)?;
            let before = self.before.withheld;
            let words = format!(
                "{rate} of {base} in the year = {due}, less {before} withheld before = {amount}"
            );
            (amount, words)
        } else {
            let base = self.clause.base_of(&YearToDate {
                source: self.source,
                all: self.all,
                withheld: Amount::ZERO,
            });
            let amount = rate.of(base.max(Amount::ZERO))?;
            (amount, format!("{rate} of {base} = {amount}"))
        };
        year.withheld = self.before.withheld.plus(amount)?;
        Ok(Withheld {
            amount,
            year,
            words,
        })
    }
}
