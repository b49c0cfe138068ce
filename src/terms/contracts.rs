//! What a contract says: parties, what it covers, and its terms. Plain data; [`super::book`] reads and checks it.

use std::ops::Index;
use std::sync::Arc;

use crate::ident::{Currency, Day};
use crate::money::{Amount, Ratio};
use crate::terms::input::Place;
use crate::terms::releases::Releases;

/// Which sales something is about. Every part that is given must hold; a part that is not given holds for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Condition {
    /// First day of sale.
    pub from: Option<Day>,
    /// Last day of sale.
    pub to: Option<Day>,
    /// Alpha-2 codes of territories; empty for all.
    pub territories: Vec<String>,
    /// Territories that are left out.
    pub not_territories: Vec<String>,
    /// Usage types in lower case; empty for all.
    pub usages: Vec<String>,
    /// DSPs in lower case; empty for all.
    pub dsps: Vec<String>,
}

impl Condition {
    /// Whether it holds for every territory, usage type and DSP.
    #[must_use]
    pub fn is_general(&self) -> bool {
        [
            &self.territories,
            &self.not_territories,
            &self.usages,
            &self.dsps,
        ]
        .into_iter()
        .all(Vec::is_empty)
    }

    /// Whether a day lies between its dates.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Who is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// The name, by which splits name them.
    pub name: String,
    /// In what they are paid.
    pub currency: Currency,
    /// Alpha-2 code of their tax residence; empty when it is not known.
    pub residence: String,
    /// The least that is paid; less is carried forward.
    pub minimum: Amount,
    /// Account or reference for the bank.
    pub bank: String,
    /// Tax forms that have arrived: name of the tax, and since when.
    pub forms: Vec<(String, Day)>,
    /// Where it is written.
    pub place: Place,
}

impl Payee {
    /// Whether another version of them has the same terms, wherever it is written.
    #[must_use]
    pub fn has_same_terms(&self, other: &Self) -> bool {
        let Self {
            name,
            currency,
            residence,
            minimum,
            bank,
            forms,
            place: _,
        } = self;
        (name, currency, residence, minimum, bank, forms)
            == (
                &other.name,
                &other.currency,
                &other.residence,
                &other.minimum,
                &other.bank,
                &other.forms,
            )
    }
}

/// Of what a tax is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxBase {
    /// Earnings from the tax's territories.
    Source,
    /// All earnings.
    All,
}

/// A tax that is withheld from payees.
///
/// The shape is that of the United States' withholding on royalties as YouTube announced it in 2021: 24 % of all earnings without a form;
/// with one, 30 % of the part from the United States, or the rate of the treaty with the payee's residence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tax {
    /// Its name.
    pub name: String,
    /// Territories whose earnings it is about; empty for all.
    pub territories: Vec<String>,
    /// Residences of payees that it is for; empty for all.
    pub residences: Vec<String>,
    /// Residences that it is not for.
    pub not_residences: Vec<String>,
    /// The rate.
    pub rate: Ratio,
    /// Rates by residence, from treaties.
    pub treaty: Vec<(String, Ratio)>,
    /// Rate and base as long as no form has arrived; without it no form is asked for.
    pub without_form: Option<(Ratio, TaxBase)>,
    /// Whether what was withheld earlier in the year is made good when rate or base change.
    pub has_catch_up: bool,
    /// Where it is written.
    pub place: Place,
}

impl Tax {
    /// Whether a payee owes it, by where they live.
    #[must_use]
    pub fn is_owed_by(&self, payee: &Payee) -> bool {
        (self.residences.is_empty() || self.residences.contains(&payee.residence))
            && !self.not_residences.contains(&payee.residence)
    }

    /// Whether another version of it has the same terms, wherever it is written.
    #[must_use]
    pub fn has_same_terms(&self, other: &Self) -> bool {
        let Self {
            name,
            territories,
            residences,
            not_residences,
            rate,
            treaty,
            without_form,
            has_catch_up,
            place: _,
        } = self;
        (name, territories, residences, not_residences)
            == (
                &other.name,
                &other.territories,
                &other.residences,
                &other.not_residences,
            )
            && (rate, treaty, without_form, has_catch_up)
                == (
                    &other.rate,
                    &other.treaty,
                    &other.without_form,
                    &other.has_catch_up,
                )
    }
}

/// A step of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Income into the currency of the account.
    Exchange,
    /// Charges on flagged usage.
    Charges,
    /// Fees, one after the other.
    Fees,
    /// Costs that are borne by all before the rate.
    SharedCosts,
    /// The royalty rate.
    Rate,
    /// Reserves against returns.
    Reserve,
    /// Advances and costs that the royalty bears.
    Recoup,
    /// Manual adjustments.
    Adjustments,
    /// Shares of payees.
    Split,
    /// Advances of one payee, from their share.
    PayeeRecoup,
}

impl Step {
    /// All, with the words used in files.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Exchange, "exchange"),
        (Self::Charges, "charges"),
        (Self::Fees, "fees"),
        (Self::SharedCosts, "shared_costs"),
        (Self::Rate, "rate"),
        (Self::Reserve, "reserve"),
        (Self::Recoup, "recoup"),
        (Self::Adjustments, "adjustments"),
        (Self::Split, "split"),
        (Self::PayeeRecoup, "payee_recoup"),
    ];

    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A named order of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The steps, first to last.
    pub steps: Vec<Step>,
}

impl Profile {
    /// Where a step stands.
    #[must_use]
    pub fn position(&self, step: Step) -> Option<usize> {
        self.steps.iter().position(|s| *s == step)
    }
}

/// What happens to a sale period that a contract covers only in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidPeriod {
    /// Its money waits in suspense.
    Wait,
    /// It is parted by days.
    Days,
}

/// What becomes of lines that are of a release as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlbumLines {
    /// Their money waits in suspense.
    Wait,
    /// The contract that covers the release takes them as they are.
    Whole,
    /// They are spread over the tracks in equal parts.
    Equal,
    /// They are spread by the weights of the tracks.
    Weights,
    /// They are spread by the net units of the tracks in the same settlement.
    Units,
}

impl AlbumLines {
    /// All, with the words used in files.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Wait, "wait"),
        (Self::Whole, "whole"),
        (Self::Equal, "equal"),
        (Self::Weights, "weights"),
        (Self::Units, "units"),
    ];
}

/// A part of income that is taken off, by rate: a distributor's fee, or a charge on flagged usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduction {
    /// Its name.
    pub name: Arc<str>,
    /// How much.
    pub rate: Ratio,
    /// Which sales.
    pub condition: Condition,
    /// The flag that usage must carry; only charges have one.
    pub flag: Option<String>,
}

/// How a royalty is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateRule {
    /// A part of income.
    Income(Ratio),
    /// A price for each unit, in the account's currency.
    PerUnit(Ratio),
    /// Marginal tiers.
    Tiers(Tiers),
}

/// Marginal tiers: each rate holds for what lies between its threshold and the one before, counted over all periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers {
    /// What is counted.
    pub counts: Counts,
    /// Whether rates are prices for a unit; else they are parts of income.
    pub is_per_unit: bool,
    /// Upper end of each tier and its rate; the last has no end.
    pub tiers: Vec<(Option<Amount>, Ratio)>,
}

/// What moves a rate from tier to tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Units.
    Units,
    /// Income at this step.
    Income,
}

/// A rate and the sales that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Its name.
    pub name: Arc<str>,
    /// How the royalty is computed.
    pub rule: RateRule,
    /// Which sales.
    pub condition: Condition,
}

/// Money held back against returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    /// How much of positive sales.
    pub rate: Ratio,
    /// When it is released: months after the period of settlement, and which part.
    pub release: Vec<(u32, Ratio)>,
}

/// From what something is recouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// From income before the rate.
    Shared,
    /// From the contract's royalty.
    Royalty,
    /// From one payee's share.
    Payee,
}

/// An advance or a cost that income pays back before anybody is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recoupable {
    /// Its name, by which balances know it.
    pub name: Arc<str>,
    /// How much was advanced or spent.
    pub amount: Amount,
    /// When.
    pub date: Day,
    /// Lower numbers are recouped first; equal ones in the order of their names.
    pub priority: u32,
    /// From what.
    pub bearer: Bearer,
    /// The payee whose share bears it.
    pub payee: Option<PayeeNumber>,
    /// The payee who advanced it and gets it back; else the house did.
    pub to: Option<PayeeNumber>,
}

/// A correction by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Its name.
    pub name: Arc<str>,
    /// Plus or minus.
    pub amount: Amount,
    /// When; it is settled in the period that holds the day.
    pub date: Day,
    /// Why.
    pub reason: String,
    /// Whose share; without one it is split as sales of that day.
    pub payee: Option<PayeeNumber>,
}

/// Shares of payees in sales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Its name.
    pub name: Arc<str>,
    /// Payees with their shares, sorted by name; they sum to one whole.
    pub payees: Vec<(PayeeNumber, Ratio)>,
    /// Which sales.
    pub condition: Condition,
}

/// A contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Its name.
    pub name: Arc<str>,
    /// Its profile.
    pub profile: usize,
    /// Currency of its account.
    pub currency: Currency,
    /// Whether it covers everything.
    pub covers_all: bool,
    /// Ids of tracks it covers.
    pub tracks: Vec<String>,
    /// Releases it covers.
    pub releases: Vec<String>,
    /// Labels it covers, in lower case.
    pub labels: Vec<String>,
    /// Dates, territories, usage types and DSPs it covers.
    pub condition: Condition,
    /// Its part of the income of what it covers. Contracts whose parts of one sale do not exceed the whole may cover the same.
    pub participation: Ratio,
    /// What becomes of sale periods that it covers in part.
    pub mid_period: MidPeriod,
    /// What becomes of album lines. Without a rule a contract that covers the release takes them, and those of its tracks alone wait.
    pub album_lines: Option<AlbumLines>,
    /// Charges on flagged usage, in sequence.
    pub charges: Vec<Deduction>,
    /// Fees, in sequence.
    pub fees: Vec<Deduction>,
    /// Rates; the first whose condition holds counts.
    pub rates: Vec<Rate>,
    /// Reserve.
    pub reserve: Option<Reserve>,
    /// Advances and costs, sorted by priority and name.
    pub recoupables: Vec<Recoupable>,
    /// Adjustments.
    pub adjustments: Vec<Adjustment>,
    /// Splits; the first whose condition holds counts.
    pub splits: Vec<Split>,
    /// The group in which accounts are joined.
    pub group: Option<usize>,
    /// Where it is written.
    pub place: Place,
}

impl Contract {
    /// Whether another covers the same.
    #[must_use]
    pub fn has_same_scope(&self, other: &Self) -> bool {
        let scope = |c: &Self| (c.covers_all, c.participation, c.mid_period, c.album_lines);
        scope(self) == scope(other)
            && (&self.tracks, &self.releases, &self.labels, &self.condition)
                == (
                    &other.tracks,
                    &other.releases,
                    &other.labels,
                    &other.condition,
                )
    }

    /// Whether another version of it has the same terms. Where it is written does not matter, nor with which others it is joined.
    #[must_use]
    pub fn has_same_terms(&self, other: &Self) -> bool {
        // Taken apart, so that no clause can be forgotten here.
        let Self {
            name,
            profile,
            currency,
            covers_all: _,
            tracks: _,
            releases: _,
            labels: _,
            condition: _,
            participation: _,
            mid_period: _,
            album_lines: _,
            charges,
            fees,
            rates,
            reserve,
            recoupables,
            adjustments,
            splits,
            group: _,
            place: _,
        } = self;
        self.has_same_scope(other)
            && (name, profile, currency, reserve)
                == (&other.name, &other.profile, &other.currency, &other.reserve)
            && (charges, fees, rates) == (&other.charges, &other.fees, &other.rates)
            && (recoupables, adjustments, splits)
                == (&other.recoupables, &other.adjustments, &other.splits)
    }
}

/// All contracts with their parties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    /// Sorted by name.
    pub payees: Vec<Payee>,
    /// In the order in which they are written; each is taken of what was earned.
    pub taxes: Vec<Tax>,
    /// Profiles: those that ship, and those of the files.
    pub profiles: Vec<Profile>,
    /// Names of groups of joined accounts.
    pub groups: Vec<String>,
    /// Sorted by name.
    pub contracts: Vec<Contract>,
    /// What is on releases, as far as it is written down.
    pub releases: Releases,
}

/// Numbers of what stands in a list, each kind with a type of its own: a payee's number is not a contract's.
macro_rules! numbers {
    ($($(#[$about:meta])* $number:ident of $what:ident;)*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $number(u32);

        impl $number {
            /// Of what stands at this index of the list.
            ///
            /// # Panics
            /// When the list has 2^32 of them.
            #[must_use]
            pub fn of(index: usize) -> Self {
                Self(u32::try_from(index).expect("there are fewer than 2^32 of each"))
            }

            /// Its index in the list.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl Index<$number> for Vec<$what> {
            type Output = $what;

            fn index(&self, number: $number) -> &$what {
                &self[number.index()]
            }
        }
    )*};
}

pub(crate) use numbers;

numbers! {
    /// A contract of a book, in the order of their names.
    ContractNumber of Contract;
    /// A payee of a book, in the order of their names.
    PayeeNumber of Payee;
    /// A tax of a book.
    TaxNumber of Tax;
}

impl Book {
    /// The number of a payee.
    #[must_use]
    pub fn payee(&self, name: &str) -> Option<PayeeNumber> {
        self.payees
            .binary_search_by(|p| p.name.as_str().cmp(name))
            .ok()
            .map(PayeeNumber::of)
    }

    /// All contracts with their numbers.
    pub fn numbered_contracts(
        &self,
    ) -> impl DoubleEndedIterator<Item = (ContractNumber, &Contract)> {
        let numbered = self.contracts.iter().enumerate();
        numbered.map(|(index, contract)| (ContractNumber::of(index), contract))
    }

    /// The number of a contract.
    #[must_use]
    pub fn contract(&self, name: &str) -> Option<ContractNumber> {
        self.contracts
            .binary_search_by(|c| (*c.name).cmp(name))
            .ok()
            .map(ContractNumber::of)
    }
}
