//! What postings about closed periods come to, account by account, as it was posted and as it would be posted now.
//!
//! A period keeps what its own postings came to; what later periods corrected of it stands in their opening balances. Both together are
//! what has been posted about it.

use std::collections::{BTreeMap, BTreeSet};

use crate::export::guarded;
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::Posted;
use crate::terms::{Balances, rows_of};

/// Where a period keeps what its postings came to.
pub(super) const ACCOUNTS: &str = "accounts.csv";
/// Its columns.
const ACCOUNT_COLUMNS: [&str; 3] = ["account", "currency", "balance"];

/// What a closed period would post more or less to an account now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCorrection {
    /// The period that is corrected.
    pub period: String,
    /// The account: kind and name, as in postings.
    pub account: String,
    /// Currency.
    pub currency: Currency,
    /// What has been posted; debits are above zero.
    pub before: Amount,
    /// What would be posted now.
    pub now: Amount,
}

impl AccountCorrection {
    /// What is posted with the open period; debits are above zero.
    ///
    /// # Errors
    /// [`AmountOverflow`] when it leaves the exact range.
    pub fn difference(&self) -> Result<Amount, AmountOverflow> {
        self.now.minus(self.before)
    }

    /// A row of corrections.csv: period, payee, contract, account, currency, before, now, difference.
    pub(super) fn row(&self) -> Result<[String; 8], AmountOverflow> {
        let [before, now, difference] =
            [self.before, self.now, self.difference()?].map(|a| a.to_string());
        let account = guarded(&self.account).into_owned();
        Ok([
            self.period.clone(),
            String::new(),
            String::new(),
            account,
            self.currency.code().to_owned(),
            before,
            now,
            difference,
        ])
    }
}

/// What has been posted about each closed period. One that was closed without keeping it has no entry, and is corrected as a whole.
#[derive(Debug, Default)]
pub(super) struct PostedBefore {
    periods: BTreeMap<String, Posted>,
}

impl PostedBefore {
    /// Takes what a period posted about itself; `None` when it is something else.
    pub(super) fn add_own(&mut self, period: &str, bytes: &[u8]) -> Option<()> {
        let mut posted = Posted::new();
        for row in rows_of(bytes, &ACCOUNT_COLUMNS)? {
            let [account, currency, balance] = row.try_into().ok()?;
            posted.insert(
                (account, Currency::parse(&currency).ok()?),
                Amount::from_canonical(&balance)?,
            );
        }
        self.periods.insert(period.to_owned(), posted);
        Some(())
    }

    /// Takes what a later period corrected, from the balances that it opened with; `None` when they are something else or too large.
    pub(super) fn add_corrected(&mut self, opening: &[u8]) -> Option<()> {
        for (key, amount) in Balances::corrected_in(opening)? {
            // Balances that the workspace began with may be about periods of another one.
            let Some(posted) = self.periods.get_mut(&key.period) else {
                continue;
            };
            let sum = posted.entry((key.account, key.currency)).or_default();
            *sum = sum.plus(amount).ok()?;
        }
        Some(())
    }

    /// What would be posted about a period more or less than has been; sorted.
    pub(super) fn corrections(&self, period: &str, now: &Posted) -> Vec<AccountCorrection> {
        let Some(before) = self.periods.get(period) else {
            return Vec::new();
        };
        let keys: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        let of = |posted: &Posted, key: &(String, Currency)| {
            posted.get(key).copied().unwrap_or_default()
        };
        let line = |key: &(String, Currency)| {
            let (account, currency) = key.clone();
            AccountCorrection {
                period: period.to_owned(),
                account,
                currency,
                before: of(before, key),
                now: of(now, key),
            }
        };
        keys.into_iter()
            .map(line)
            .filter(|line| line.before != line.now)
            .collect()
    }
}

/// The rows of accounts.csv, header first. The file is read again, so texts stand as they are.
pub(super) fn account_rows(
    posted: &Posted,
) -> impl Iterator<Item = [String; ACCOUNT_COLUMNS.len()]> + '_ {
    std::iter::once(ACCOUNT_COLUMNS.map(str::to_owned)).chain(posted.iter().map(
        |((account, currency), balance)| {
            [
                account.clone(),
                currency.code().to_owned(),
                balance.to_string(),
            ]
        },
    ))
}
