//! Double entry: every movement debits one account and credits another, in one currency.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow};
use crate::terms::balances::NAMELESS;
use crate::terms::contracts::Book;

/// Where money stands. Assets (receivable, unrecouped) have balances above zero, what is owed has balances below.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What a DSP owes.
    Receivable(Arc<str>),
    /// Money that waits for a person, by reason.
    Suspense(Why),
    /// Income of a contract, on its way through the steps.
    Pool(u32),
    /// A fee or charge, by contract and name.
    Fee(u32, Arc<str>),
    /// What the rate and participations leave to the label, by contract.
    Retained(u32),
    /// Reserves of a contract.
    Reserve(u32),
    /// Advances and costs that are to be recouped, by contract and name.
    Unrecouped(u32, Arc<str>),
    /// The other side of new advances and costs.
    Spent,
    /// Manual adjustments.
    Adjustment(u32),
    /// What a payee has earned, before it is paid or carried.
    Payee(u32),
    /// A tax.
    Tax(u32),
    /// What is carried forward for a payee.
    Carried(u32),
    /// Earnings of a payee that wait for a rate.
    Waiting(u32),
    /// What is paid to a payee.
    Payable(u32),
    /// What rounding leaves.
    Rounding,
    /// The two sides of exchanges.
    Exchange,
    /// The other side of opening balances.
    Opening,
    /// The other side of what is corrected of a closed period; nothing is left there.
    Correction(Arc<str>),
    /// An account of a closed period, by kind and name: in the contracts of now it may have another number, or none.
    Former(&'static str, Arc<str>),
}

/// Why money waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// No contract covers it.
    NoContract,
    /// Several contracts cover it.
    Overlap,
    /// A contract covers its sale period only in part.
    MidPeriod,
    /// Contracts cover it whose parts do not reach the whole.
    Uncovered,
    /// A rate is missing.
    NoRate,
    /// No rate clause of the contract holds for it.
    NoRateClause,
    /// No split of the contract holds for it.
    NoSplit,
    /// It is not matched to a track: ambiguous, unmatched or held.
    NotMatched,
    /// Its row is in quarantine.
    Quarantined,
    /// It does not wait for anybody: a decision says that it is not the label's.
    Ignored,
    /// It is of a release as a whole, and the contracts of its tracks do not say how it is spread.
    AlbumLine,
    /// It is of a release as a whole, and contracts name several rules for it.
    AlbumRules,
    /// It is to be spread over the tracks of a release of which none are known.
    NoTracks,
    /// It is to be spread by weights, and the tracks have none.
    NoWeights,
    /// It is to be spread by units, and none of the tracks has any.
    NoUnits,
}

impl Why {
    /// All.
    pub const ALL: [Self; 15] = [
        Self::NoContract,
        Self::Overlap,
        Self::MidPeriod,
        Self::Uncovered,
        Self::NoRate,
        Self::NoRateClause,
        Self::NoSplit,
        Self::NotMatched,
        Self::Quarantined,
        Self::Ignored,
        Self::AlbumLine,
        Self::AlbumRules,
        Self::NoTracks,
        Self::NoWeights,
        Self::NoUnits,
    ];

    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoContract => "no_contract",
            Self::Overlap => "overlap",
            Self::MidPeriod => "mid_period",
            Self::Uncovered => "uncovered",
            Self::NoRate => "no_exchange_rate",
            Self::NoRateClause => "no_rate_clause",
            Self::NoSplit => "no_split",
            Self::NotMatched => "not_matched",
            Self::Quarantined => "quarantined",
            Self::Ignored => "ignored",
            Self::AlbumLine => "album_line",
            Self::AlbumRules => "album_rules",
            Self::NoTracks => "no_tracks",
            Self::NoWeights => "no_weights",
            Self::NoUnits => "no_units",
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoContract => {
                "add a contract that covers the track or release, or widen the dates, territories, usage types or DSPs of one"
            }
            Self::Overlap => {
                "narrow one of the contracts, or give them participations that do not exceed one whole"
            }
            Self::MidPeriod => {
                "let the contract begin and end with sale periods, or write mid_period = \"days\" in it"
            }
            Self::Uncovered => {
                "let the participations of the contracts, or the days that they cover, reach the whole"
            }
            Self::NoRate => "give a file of rates that has it",
            Self::NoRateClause => "add a rate without conditions as the last",
            Self::NoSplit => "add a split without conditions as the last",
            Self::NotMatched => "decide about the items that wait",
            Self::Quarantined => {
                "have the sender correct the rows, and import the corrected statement"
            }
            Self::Ignored => "nothing: a decision says that it is not the label's",
            Self::AlbumLine => {
                "write album_lines = \"equal\", \"weights\" or \"units\" in the contracts, or let one that covers the release take it \"whole\""
            }
            Self::AlbumRules => {
                "let all contracts of the release name the same rule for album_lines"
            }
            Self::NoTracks => "say in a [[release]] record which tracks are on the release",
            Self::NoWeights => {
                "give the tracks weights in a [[release]] record, or choose another rule for album_lines"
            }
            Self::NoUnits => {
                "settle it together with cells of the tracks, or choose another rule for album_lines"
            }
        }
    }
}

impl Account {
    /// Kind of the account, as in files.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Receivable(_) => "receivable",
            Self::Suspense(_) => "suspense",
            Self::Pool(_) => "contract",
            Self::Fee(..) => "fee income",
            Self::Retained(_) => "retained",
            Self::Reserve(_) => "reserve",
            Self::Unrecouped(..) => "unrecouped",
            Self::Spent => "spent",
            Self::Adjustment(_) => "adjustment",
            Self::Payee(_) => "earned",
            Self::Tax(_) => "tax withheld",
            Self::Carried(_) => "carried forward",
            Self::Waiting(_) => "waiting",
            Self::Payable(_) => "payable",
            Self::Rounding => "rounding",
            Self::Exchange => "exchange",
            Self::Opening => "opening",
            Self::Correction(_) => "correction",
            Self::Former(kind, _) => kind,
        }
    }

    /// Kind and name, as in files: `payable:Ada`.
    #[must_use]
    pub fn label(&self, book: &Book) -> String {
        let contract = |number: &u32| &*book.contracts[*number as usize].name;
        let payee = |number: &u32| book.payees[*number as usize].name.as_str();
        let name = match self {
            Self::Former(kind, _) if NAMELESS.contains(kind) => return (*kind).to_owned(),
            Self::Receivable(name) | Self::Correction(name) | Self::Former(_, name) => {
                name.to_string()
            }
            Self::Suspense(why) => why.code().to_owned(),
            Self::Pool(c) | Self::Retained(c) | Self::Reserve(c) | Self::Adjustment(c) => {
                contract(c).to_owned()
            }
            Self::Fee(c, name) | Self::Unrecouped(c, name) => format!("{}/{name}", contract(c)),
            Self::Payee(p) | Self::Carried(p) | Self::Waiting(p) | Self::Payable(p) => {
                payee(p).to_owned()
            }
            Self::Tax(t) => book.taxes[*t as usize].name.clone(),
            Self::Spent | Self::Rounding | Self::Exchange | Self::Opening => {
                return self.kind().to_owned();
            }
        };
        format!("{}:{name}", self.kind())
    }
}

/// What a movement is about: the clause of the contract and the cells, rate or balance it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// The step: `fees`, `split`, `tax`, …
    pub step: &'static str,
    /// The contract.
    pub contract: Option<u32>,
    /// The payee, where it is about one.
    pub payee: Option<u32>,
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
    pub reason: Reason,
}

/// Balances of accounts by kind and currency.
pub type Trial = BTreeMap<(&'static str, Currency), Amount>;

/// Adds movements to balances.
///
/// # Errors
/// [`AmountOverflow`] when a balance leaves the exact range.
pub fn add_up(trial: &mut Trial, transfers: &[Transfer]) -> Result<(), AmountOverflow> {
    for transfer in transfers {
        let debit = trial
            .entry((transfer.debit.kind(), transfer.currency))
            .or_default();
        *debit = debit.plus(transfer.amount)?;
        let credit = trial
            .entry((transfer.credit.kind(), transfer.currency))
            .or_default();
        *credit = credit.minus(transfer.amount)?;
    }
    Ok(())
}
