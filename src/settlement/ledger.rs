//! Double entry: every movement debits one account and credits another, in one currency.

use std::sync::Arc;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Sums};
use crate::settlement::suspense::SuspenseReason;
use crate::terms::account_kind::AccountKind;
use crate::terms::contracts::{Book, ContractNumber, PayeeNumber, Step, TaxNumber};

/// Where money stands. Assets (receivable, unrecouped) have balances above zero, what is owed has balances below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What a DSP owes.
    Receivable(Arc<str>),
    /// Money in suspense, by reason.
    Suspense(SuspenseReason),
    /// Income of a contract, on its way through the steps.
    Contract(ContractNumber),
    /// A fee or charge, by contract and name.
    Fee(ContractNumber, Arc<str>),
    /// What the rate and participations leave to the label, by contract.
    Retained(ContractNumber),
    /// Reserves of a contract.
    Reserve(ContractNumber),
    /// Advances and costs that are to be recouped, by contract and name.
    Unrecouped(ContractNumber, Arc<str>),
    /// The other side of new advances and costs.
    Spent,
    /// Manual adjustments.
    Adjustment(ContractNumber),
    /// What a payee has earned, before it is paid or carried.
    Payee(PayeeNumber),
    /// A tax.
    Tax(TaxNumber),
    /// What is carried forward for a payee.
    Carried(PayeeNumber),
    /// Earnings of a payee that wait for a rate.
    Waiting(PayeeNumber),
    /// What is paid to a payee.
    Payable(PayeeNumber),
    /// What rounding leaves.
    Rounding,
    /// The two sides of exchanges.
    Exchange,
    /// The other side of opening balances.
    Opening,
    /// The other side of what is corrected of a closed period; nothing is left there.
    Correction(Arc<str>),
    /// An account of a closed period, by kind and name: in today's contracts it may have another
    /// number, or none.
    Former(AccountKind, Arc<str>),
}

impl Account {
    /// Kind of the account.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        match self {
            Self::Receivable(_) => AccountKind::Receivable,
            Self::Suspense(_) => AccountKind::Suspense,
            Self::Contract(_) => AccountKind::Contract,
            Self::Fee(..) => AccountKind::FeeIncome,
            Self::Retained(_) => AccountKind::Retained,
            Self::Reserve(_) => AccountKind::Reserve,
            Self::Unrecouped(..) => AccountKind::Unrecouped,
            Self::Spent => AccountKind::Spent,
            Self::Adjustment(_) => AccountKind::Adjustment,
            Self::Payee(_) => AccountKind::Earned,
            Self::Tax(_) => AccountKind::TaxWithheld,
            Self::Carried(_) => AccountKind::CarriedForward,
            Self::Waiting(_) => AccountKind::Waiting,
            Self::Payable(_) => AccountKind::Payable,
            Self::Rounding => AccountKind::Rounding,
            Self::Exchange => AccountKind::Exchange,
            Self::Opening => AccountKind::Opening,
            Self::Correction(_) => AccountKind::Correction,
            Self::Former(kind, _) => *kind,
        }
    }

    /// Kind and name, as files have them: `payable:Ada`.
    #[must_use]
    pub fn label(&self, book: &Book) -> String {
        let kind = self.kind();
        match self.name(book) {
            Some(name) => format!("{kind}:{name}"),
            None => kind.to_string(),
        }
    }

    /// The name within the kind; `None` where there is one account of the kind.
    fn name(&self, book: &Book) -> Option<String> {
        Some(match self {
            Self::Former(kind, _) if kind.is_nameless() => return None,
            Self::Spent | Self::Rounding | Self::Exchange | Self::Opening => return None,
            Self::Receivable(name) | Self::Correction(name) | Self::Former(_, name) => {
                name.to_string()
            }
            Self::Suspense(reason) => reason.code().to_owned(),
            Self::Contract(c) | Self::Retained(c) | Self::Reserve(c) | Self::Adjustment(c) => {
                book.contracts[*c].name.to_string()
            }
            Self::Fee(c, name) | Self::Unrecouped(c, name) => {
                format!("{}/{name}", book.contracts[*c].name)
            }
            Self::Payee(p) | Self::Carried(p) | Self::Waiting(p) | Self::Payable(p) => {
                book.payees[*p].name.clone()
            }
            Self::Tax(t) => book.taxes[*t].name.clone(),
        })
    }
}

/// The step that a movement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PostingStep {
    /// Balances that were carried from before, and new advances and costs.
    #[default]
    Opening,
    /// Corrections of closed periods.
    Correction,
    /// Income of contracts, and money that waits before any contract.
    Income,
    /// A step of a contract's profile.
    Profile(Step),
    /// Exchange outside of a contract: into a payee's currency, or into what the bank received.
    Exchange,
    /// Taxes.
    Tax,
    /// What was carried forward comes to the payee's account.
    CarriedForward,
    /// What stays below the minimum is carried forward.
    Minimum,
    /// What is paid, and what rounding leaves.
    Rounding,
}

impl From<Step> for PostingStep {
    fn from(step: Step) -> Self {
        Self::Profile(step)
    }
}

impl PostingStep {
    /// The word that files use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Correction => "correction",
            Self::Income => "income",
            Self::Profile(step) => step.word(),
            Self::Exchange => "exchange",
            Self::Tax => "tax",
            Self::CarriedForward => "carried_forward",
            Self::Minimum => "minimum",
            Self::Rounding => "rounding",
        }
    }
}

/// What a movement is about: the clause of the contract and the cells, rate or balance it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostingReason {
    /// The step.
    pub step: PostingStep,
    /// The contract.
    pub contract: Option<ContractNumber>,
    /// The payee, where it is about one.
    pub payee: Option<PayeeNumber>,
    /// Name of the clause.
    pub clause: Arc<str>,
    /// The track, where it is about one.
    pub track: Arc<str>,
    /// Cells, rate or balance.
    pub source: String,
    /// The arithmetic.
    pub arithmetic: String,
}

/// A movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The account whose balance rises.
    pub debit: Account,
    /// The account whose balance falls.
    pub credit: Account,
    /// Currency.
    pub currency: Currency,
    /// How much; below zero it goes the other way.
    pub amount: Amount,
    /// What it is about.
    pub reason: PostingReason,
}

/// Balances of accounts by kind and currency: debits minus credits.
pub type Trial = Sums<(AccountKind, Currency)>;

/// Adds movements to balances.
///
/// # Errors
/// [`AmountOverflow`] when a balance leaves the exact range.
pub fn add_up(trial: &mut Trial, transfers: &[Transfer]) -> Result<(), AmountOverflow> {
    for transfer in transfers {
        let Transfer {
            debit,
            credit,
            currency,
            amount,
            ..
        } = transfer;
        trial.add((debit.kind(), *currency), *amount)?;
        trial.subtract((credit.kind(), *currency), *amount)?;
    }
    Ok(())
}
