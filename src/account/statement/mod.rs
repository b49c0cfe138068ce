//! What a payee is told: from the balance of the last statement, over income and every deduction by name, to what is paid and carried on.
//!
//! A statement shows two kinds of accounts. The account of a contract leads from income to what is split; it is the same for all its payees.
//! The payee's own account leads from their shares to what is paid. A step works on the whole of a contract, so an exact amount of one payee
//! in one release does not exist behind the fees; it is not made up: each amount stands where it is exact.
//!
//! Invariant: in each currency, what a contract takes in is what its steps, this payee and the others take out, and the payee's own account
//! comes to zero: opening + earned − deductions − tax − rounding − paid = closing, to the last digit. [`Settled::statements`] gives nothing else.

mod contract;
mod own;
mod prove;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::settlement::ledger::Transfer;
use crate::settlement::payees::{PayableLine, PayableState};
use crate::settlement::settle::Settled;
use crate::terms::contracts::{Bearer, Contract};
use crate::terms::{ContractNumber, PayeeNumber};

pub use contract::{ContractAccount, IncomeLine, Recoupment, ReleaseIncome, Reserved};
pub use own::AccountSummary;
pub use prove::prove_statements;

/// What an amount of a statement is about. The word stands in the CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// A balance of the last statement.
    Opening,
    /// Income of a contract.
    Income,
    /// Out of one currency and into another.
    Exchange,
    /// A charge on flagged usage.
    Charge,
    /// A fee.
    Fee,
    /// A cost that is borne before the rate.
    SharedCost,
    /// What the rate leaves to the label.
    Rate,
    /// Held back against returns, or released.
    Reserve,
    /// An advance or a cost that income pays back.
    Recoup,
    /// A correction by hand.
    Adjustment,
    /// Money that waits for a person.
    Waits,
    /// What the other payees of a contract get.
    Others,
    /// What the payee gets of a contract.
    Share,
    /// A correction by hand of this payee alone.
    PayeeAdjustment,
    /// What the payee had advanced and gets back.
    PaidBack,
    /// An advance or a cost that the payee alone bears.
    PayeeRecoup,
    /// Tax withheld.
    Tax,
    /// What rounding takes or gives.
    Rounding,
    /// Paid.
    Paid,
    /// The balance that is carried on.
    Closing,
}

impl Section {
    /// All, with the words used in files.
    pub const ALL: [(Self, &'static str); 20] = [
        (Self::Opening, "opening"),
        (Self::Income, "income"),
        (Self::Exchange, "exchange"),
        (Self::Charge, "charge"),
        (Self::Fee, "fee"),
        (Self::SharedCost, "shared_cost"),
        (Self::Rate, "rate"),
        (Self::Reserve, "reserve"),
        (Self::Recoup, "recoup"),
        (Self::Adjustment, "adjustment"),
        (Self::Waits, "waits"),
        (Self::Others, "others"),
        (Self::Share, "share"),
        (Self::PayeeAdjustment, "payee_adjustment"),
        (Self::PaidBack, "paid_back"),
        (Self::PayeeRecoup, "payee_recoup"),
        (Self::Tax, "tax"),
        (Self::Rounding, "rounding"),
        (Self::Paid, "paid"),
        (Self::Closing, "closing"),
    ];

    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A movement as the account that is shown sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountEntry<'a> {
    /// What it is about.
    pub section: Section,
    /// What comes in, or with a minus goes out, in the movement's currency.
    pub amount: Amount,
    /// The movement, with its clause and arithmetic.
    pub transfer: &'a Transfer,
}

impl AccountEntry<'_> {
    /// Name of the clause, tax or balance.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.transfer.reason.clause
    }

    /// Currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.transfer.currency
    }
}

/// A contract in a payee's statement.
#[derive(Debug, Clone)]
pub struct ContractPart<'a> {
    /// The account of the contract, shared by the statements of all its payees.
    pub account: Arc<ContractAccount<'a>>,
    /// What the payee gets of it, and what is taken from that: shares, adjustments, what comes back or is recouped.
    pub own: Vec<AccountEntry<'a>>,
    /// What its other payees get, in the currency of the account.
    pub others: Amount,
}

/// What one payee is told about one currency.
#[derive(Debug, Clone)]
pub struct PayeeStatement<'a> {
    /// The settlement that it is about.
    pub settled: &'a Settled,
    /// Number of the payee.
    pub payee: PayeeNumber,
    /// In what they are paid, or what waits for a rate.
    pub currency: Currency,
    /// The line of the payables; `None` for a payee who gets nothing but whose contracts have balances.
    pub line: Option<PayableLine>,
    /// Contracts whose money is in this statement, by name.
    pub contracts: Vec<ContractPart<'a>>,
    /// Contracts of others whose accounts are joined with these.
    pub joined: Vec<Arc<ContractAccount<'a>>>,
    /// The rest of the payee's account: balances, exchange, tax, rounding, payment.
    pub entries: Vec<AccountEntry<'a>>,
    /// The sums of the account.
    pub summary: AccountSummary,
}

impl<'a> PayeeStatement<'a> {
    /// Name of the payee.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.settled.inputs.book.payees[self.payee].name
    }

    /// What the payee's account is made of, in all currencies: what contracts give and take, and then everything else.
    pub fn account(&self) -> impl Iterator<Item = &AccountEntry<'a>> {
        self.contracts
            .iter()
            .flat_map(|c| &c.own)
            .chain(&self.entries)
    }

    /// Advances and costs as far as they concern the payee: of their contracts, and of those whose accounts are joined with these.
    pub fn recoupments(&self) -> impl Iterator<Item = &Recoupment<'a>> {
        let of_joined = self.joined.iter().flat_map(|account| {
            account
                .recoupments
                .iter()
                .filter(|r| r.clause.bearer == Bearer::Royalty)
        });
        self.contracts
            .iter()
            .flat_map(|c| &c.account.recoupments)
            .filter(|r| r.clause.bearer != Bearer::Payee || r.clause.payee == Some(self.payee))
            .chain(of_joined)
    }
}

impl Settled {
    /// The statements of all payees, by payee and currency. One pass over the movements, however many payees there are.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn statements(&self) -> Result<Vec<PayeeStatement<'_>>, AmountOverflow> {
        self.statements_for(|_| true)
    }

    /// The statements of one payee by currency; none when no contract concerns them.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn statements_of(&self, payee: &str) -> Result<Vec<PayeeStatement<'_>>, AmountOverflow> {
        let number = self.inputs.book.payee(payee);
        self.statements_for(|payee| Some(payee) == number)
    }

    fn statements_for(
        &self,
        wanted: impl Fn(PayeeNumber) -> bool + Sync,
    ) -> Result<Vec<PayeeStatement<'_>>, AmountOverflow> {
        let drafts: Vec<StatementDraft<'_>> = self
            .contracts
            .par_iter()
            .map(|r| StatementDraft::of(self, r, &wanted))
            .collect::<Result<_, AmountOverflow>>()?;
        let mut sheaf = StatementsInProgress {
            settled: self,
            waiting: BTreeSet::new(),
            statements: BTreeMap::new(),
        };
        for line in self.payables.iter().filter(|l| wanted(l.payee)) {
            if line.state == PayableState::WaitsForRate {
                sheaf.waiting.insert((line.payee, line.currency));
            }
            sheaf.statements.insert(
                (line.payee, line.currency),
                sheaf.blank(line.payee, line.currency, Some(*line)),
            );
        }
        let joined = Joined::of(self, &drafts);
        for draft in drafts.iter().filter(|d| !d.account.is_blank()) {
            sheaf.take(draft)?;
        }
        for transfer in self.after() {
            let Some(payee) = transfer.reason.payee.filter(|p| wanted(*p)) else {
                continue;
            };
            let entry = own::entry(transfer, payee);
            sheaf.of(payee, transfer.currency).entries.extend(entry);
        }
        sheaf
            .statements
            .into_values()
            .map(|statement| joined.finish(statement))
            .collect()
    }
}

/// A contract with what each of its payees gets.
struct StatementDraft<'a> {
    account: Arc<ContractAccount<'a>>,
    own: BTreeMap<PayeeNumber, Vec<AccountEntry<'a>>>,
}

impl<'a> StatementDraft<'a> {
    fn of(
        settled: &'a Settled,
        result: &'a crate::settlement::ContractResult,
        wanted: &impl Fn(PayeeNumber) -> bool,
    ) -> Result<Self, AmountOverflow> {
        let account = ContractAccount::of(settled, result)?;
        let mut own: BTreeMap<PayeeNumber, Vec<AccountEntry<'a>>> = parties(account.terms())
            .into_iter()
            .filter(|p| wanted(*p))
            .map(|p| (p, Vec::new()))
            .collect();
        for transfer in &result.transfers {
            let Some(payee) = transfer.reason.payee else {
                continue;
            };
            if let Some(entries) = own.get_mut(&payee) {
                entries.extend(own::entry(transfer, payee));
            }
        }
        Ok(Self {
            account: Arc::new(account),
            own,
        })
    }
}

/// Everybody whom a contract names.
pub(super) fn parties(contract: &Contract) -> BTreeSet<PayeeNumber> {
    let of_splits = contract
        .splits
        .iter()
        .flat_map(|s| s.payees.iter().map(|(payee, _)| *payee));
    let of_recoupables = contract
        .recoupables
        .iter()
        .flat_map(|r| [r.payee, r.to])
        .flatten();
    let of_adjustments = contract.adjustments.iter().filter_map(|a| a.payee);
    of_splits
        .chain(of_recoupables)
        .chain(of_adjustments)
        .collect()
}

/// Accounts of contracts by the group that joins them.
struct Joined<'a>(Vec<Vec<Arc<ContractAccount<'a>>>>);

impl<'a> Joined<'a> {
    fn of(settled: &'a Settled, drafts: &[StatementDraft<'a>]) -> Self {
        let mut groups = vec![Vec::new(); settled.inputs.book.groups.len()];
        for draft in drafts {
            if let Some(group) = draft.account.terms().group {
                groups[group].push(Arc::clone(&draft.account));
            }
        }
        Self(groups)
    }

    fn finish(
        &self,
        mut statement: PayeeStatement<'a>,
    ) -> Result<PayeeStatement<'a>, AmountOverflow> {
        let own: BTreeSet<ContractNumber> = statement
            .contracts
            .iter()
            .map(|c| c.account.result.contract)
            .collect();
        let groups: BTreeSet<usize> = statement
            .contracts
            .iter()
            .filter_map(|c| c.account.terms().group)
            .collect();
        let members = groups
            .into_iter()
            .flat_map(|group| &self.0[group])
            .filter(|account| !own.contains(&account.result.contract));
        statement.joined = members.cloned().collect();
        statement.summary = AccountSummary::of(&statement)?;
        Ok(statement)
    }
}

/// Statements under way.
struct StatementsInProgress<'a> {
    settled: &'a Settled,
    /// What waits for a rate has a statement of its own.
    waiting: BTreeSet<(PayeeNumber, Currency)>,
    statements: BTreeMap<(PayeeNumber, Currency), PayeeStatement<'a>>,
}

impl<'a> StatementsInProgress<'a> {
    fn blank(
        &self,
        payee: PayeeNumber,
        currency: Currency,
        line: Option<PayableLine>,
    ) -> PayeeStatement<'a> {
        let contracts = Vec::new();
        let joined = Vec::new();
        let entries = Vec::new();
        PayeeStatement {
            settled: self.settled,
            payee,
            currency,
            line,
            contracts,
            joined,
            entries,
            summary: AccountSummary::default(),
        }
    }

    /// The statement that has a payee's money of a currency: that of the currency when it waits, else that of the one they are paid in.
    fn of(&mut self, payee: PayeeNumber, currency: Currency) -> &mut PayeeStatement<'a> {
        let paid_in = self.settled.inputs.book.payees[payee].currency;
        let currency = if self.waiting.contains(&(payee, currency)) {
            currency
        } else {
            paid_in
        };
        let blank = self.blank(payee, currency, None);
        self.statements.entry((payee, currency)).or_insert(blank)
    }

    fn take(&mut self, draft: &StatementDraft<'a>) -> Result<(), AmountOverflow> {
        let account = &draft.account;
        for (payee, own) in &draft.own {
            let share = Amount::sum(
                own.iter()
                    .filter(|e| e.section == Section::Share)
                    .map(|e| e.amount),
            )?;
            let statement = self.of(*payee, account.terms().currency);
            statement.contracts.push(ContractPart {
                account: Arc::clone(account),
                own: own.clone(),
                others: account.split.minus(share)?,
            });
        }
        Ok(())
    }
}
