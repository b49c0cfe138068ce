//! Kinds of the accounts that money is posted to. Files of balances and of postings name them.

use std::fmt;

/// The kind of an account, in the order of the words that files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Adjustments that somebody entered by hand.
    Adjustment,
    /// What is carried forward for a payee.
    CarriedForward,
    /// Income of a contract on its way through the steps.
    Contract,
    /// The other side of corrections of a closed period.
    Correction,
    /// What a payee has earned, before it is paid or carried forward.
    Earned,
    /// The two sides of exchanges.
    Exchange,
    /// Fees and charges.
    FeeIncome,
    /// The other side of opening balances.
    Opening,
    /// What is paid to a payee.
    Payable,
    /// What a DSP owes.
    Receivable,
    /// Reserves against returns.
    Reserve,
    /// What the label keeps.
    Retained,
    /// What rounding leaves.
    Rounding,
    /// The other side of new advances and costs.
    Spent,
    /// Money that waits for a person.
    Suspense,
    /// Taxes.
    TaxWithheld,
    /// Advances and costs that are not paid back yet.
    Unrecouped,
    /// Earnings that wait for an exchange rate.
    Waiting,
}

impl AccountKind {
    /// All, in order.
    pub const ALL: [Self; 18] = [
        Self::Adjustment,
        Self::CarriedForward,
        Self::Contract,
        Self::Correction,
        Self::Earned,
        Self::Exchange,
        Self::FeeIncome,
        Self::Opening,
        Self::Payable,
        Self::Receivable,
        Self::Reserve,
        Self::Retained,
        Self::Rounding,
        Self::Spent,
        Self::Suspense,
        Self::TaxWithheld,
        Self::Unrecouped,
        Self::Waiting,
    ];

    /// The word that files use.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Adjustment => "adjustment",
            Self::CarriedForward => "carried forward",
            Self::Contract => "contract",
            Self::Correction => "correction",
            Self::Earned => "earned",
            Self::Exchange => "exchange",
            Self::FeeIncome => "fee income",
            Self::Opening => "opening",
            Self::Payable => "payable",
            Self::Receivable => "receivable",
            Self::Reserve => "reserve",
            Self::Retained => "retained",
            Self::Rounding => "rounding",
            Self::Spent => "spent",
            Self::Suspense => "suspense",
            Self::TaxWithheld => "tax withheld",
            Self::Unrecouped => "unrecouped",
            Self::Waiting => "waiting",
        }
    }

    /// Whether there is one account of this kind, which has no name.
    #[must_use]
    pub fn is_nameless(self) -> bool {
        matches!(
            self,
            Self::Exchange | Self::Opening | Self::Rounding | Self::Spent
        )
    }

    /// Whether postings about a closed period may be corrected in accounts of this kind. What
    /// payees were paid, and what was carried forward for them, was paid and carried as it was.
    #[must_use]
    pub fn is_corrected(self) -> bool {
        match self {
            Self::Adjustment
            | Self::Earned
            | Self::Exchange
            | Self::FeeIncome
            | Self::Receivable
            | Self::Reserve
            | Self::Retained
            | Self::Spent
            | Self::Suspense
            | Self::TaxWithheld
            | Self::Unrecouped
            | Self::Waiting => true,
            Self::CarriedForward
            | Self::Contract
            | Self::Correction
            | Self::Opening
            | Self::Payable
            | Self::Rounding => false,
        }
    }

    /// Kind and name of an account that can be corrected, from its label: `earned:Ada`, `spent`.
    /// The name is empty where there is only one account of the kind.
    pub(crate) fn of_corrected(label: &str) -> Option<(Self, &str)> {
        let (word, name) = label.split_once(':').unwrap_or((label, ""));
        let kind = Self::ALL.into_iter().find(|kind| kind.label() == word)?;
        let has_name = label.contains(':');
        (kind.is_corrected() && kind.is_nameless() != has_name).then_some((kind, name))
    }
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_words() {
        assert!(AccountKind::ALL.is_sorted());
        assert!(AccountKind::ALL.is_sorted_by_key(|kind| kind.label()));
    }

    #[test]
    fn accounts_that_can_be_corrected_are_known_by_their_labels() {
        let of = AccountKind::of_corrected;
        assert_eq!(of("earned:Ada: B"), Some((AccountKind::Earned, "Ada: B")));
        assert_eq!(of("spent"), Some((AccountKind::Spent, "")));
        assert_eq!(of("fee income:C/"), Some((AccountKind::FeeIncome, "C/")));
        for label in ["spent:x", "earned", "payable:Ada", "opening", "x:y", ""] {
            assert_eq!(of(label), None, "{label}");
        }
    }
}
