//! Shares of payees into what is paid: exchange into the payee's currency, tax, what was carried forward, minimum, rounding.
//!
//! This order is the same for all payees, because a payee has one account over all contracts; [`PAYMENT_STEPS`] names it, and proof.json
//! shows it.
//!
//! Invariant: for each line, carried in + earned − tax = exact = payable + carried forward + what rounding takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Ratio, allocate};
use crate::settlement::ledger::{Account, Reason, Transfer, Trial, add_up};
use crate::settlement::steps::{ContractResult, Ground};
use crate::terms::balances::{Balances, YearToDate};
use crate::terms::contracts::{Book, Payee, Tax, TaxBase};
use crate::terms::rates::Hop;

/// The steps from the shares of contracts to what is paid.
pub const PAYMENT_STEPS: [&str; 5] = ["exchange", "tax", CARRIED, "minimum", "rounding"];
/// The step in which what was carried in comes to the account.
pub(super) const CARRIED: &str = "carried_forward";

/// What became of a payee's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It is paid.
    Paid,
    /// It is less than the minimum, or than the smallest unit of the currency, and is carried forward.
    BelowMinimum,
    /// It is below zero and is carried forward: later earnings make it good.
    Negative,
    /// It waits for an exchange rate into the payee's currency.
    WaitsForRate,
    /// There is nothing.
    Nothing,
}

impl State {
    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::BelowMinimum => "below_minimum",
            Self::Negative => "negative",
            Self::WaitsForRate => "waits_for_rate",
            Self::Nothing => "nothing",
        }
    }
}

/// What a payee gets in one currency, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayableLine {
    /// Number of the payee.
    pub payee: u32,
    /// Currency.
    pub currency: Currency,
    /// What became of it.
    pub state: State,
    /// Carried forward from before.
    pub carried_in: Amount,
    /// Earned, exactly.
    pub earned: Amount,
    /// Tax withheld.
    pub tax: Amount,
    /// Carried in + earned − tax.
    pub exact: Amount,
    /// Carried forward to the next settlement.
    pub carried_out: Amount,
    /// Paid, in the currency's smallest unit.
    pub payable: Amount,
}

/// All payees.
#[derive(Debug, Clone, Default)]
pub(super) struct Paid {
    /// By payee.
    pub payees: Vec<Arc<PayeeResult>>,
    /// Sorted by payee and currency.
    pub lines: Vec<PayableLine>,
    /// What rounding leaves, by currency.
    pub rounding: BTreeMap<Currency, Amount>,
    /// Movements of rounding and paying, by currency.
    pub transfers: Vec<Transfer>,
}

/// What became of one payee before rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayeeResult {
    payee: u32,
    /// What they were settled from, beside their own terms.
    shares: Shares,
    lines: Vec<PayableLine>,
    /// Movements in the order of the steps.
    pub transfers: Vec<Transfer>,
    /// What is carried on.
    pub closing: Balances,
    /// Balances that the movements come to.
    pub trial: Trial,
}

type ByClass = BTreeMap<u32, Amount>;
type Shares = BTreeMap<Currency, ByClass>;

/// One payee's account.
struct PayeeAccount<'a> {
    ground: &'a Ground<'a>,
    payee: &'a Payee,
    number: u32,
    transfers: Vec<Transfer>,
    closing: Balances,
}

/// Settles all payees. Those whose terms and shares are as in an earlier settlement, of the same balances and rates and by a book with the
/// same numbers, are not settled again.
pub(super) fn settle(
    ground: &Ground<'_>,
    contracts: &[Arc<ContractResult>],
    before: Option<(&Book, &[Arc<PayeeResult>])>,
) -> Result<Paid, (u32, AmountOverflow)> {
    let same_taxes = |old: &Book| {
        let (old, new) = (&old.taxes, &ground.book.taxes);
        old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.has_same_terms(b))
    };
    let before = before.filter(|(old, _)| same_taxes(old));
    let settled = |(payee, shares): (u32, Shares)| {
        if let Some((old, results)) = before
            && let Ok(at) = results.binary_search_by_key(&payee, |r| r.payee)
            && results[at].shares == shares
            && old.payees[payee as usize].has_same_terms(&ground.book.payees[payee as usize])
        {
            return Ok(Arc::clone(&results[at]));
        }
        PayeeAccount::of(ground, payee)
            .settle(shares)
            .map(Arc::new)
            .map_err(|e| (payee, e))
    };
    let shares: Vec<(u32, Shares)> = shares(ground, contracts)?.into_iter().collect();
    let payees = shares
        .into_par_iter()
        .map(settled)
        .collect::<Result<Vec<_>, _>>()?;
    let mut paid = Paid {
        lines: payees.iter().flat_map(|p| &p.lines).copied().collect(),
        payees,
        ..Paid::default()
    };
    paid.lines.sort_by_key(|l| (l.payee, l.currency, l.state));
    round(ground, &mut paid).map_err(|e| (u32::MAX, e))?;
    Ok(paid)
}

/// What each payee has earned from contracts, or what waited for a rate; also those of whom only a balance is carried.
fn shares(
    ground: &Ground<'_>,
    contracts: &[Arc<ContractResult>],
) -> Result<BTreeMap<u32, Shares>, (u32, AmountOverflow)> {
    let mut shares: BTreeMap<u32, Shares> = BTreeMap::new();
    for result in contracts {
        let currency = ground.book.contracts[result.contract as usize].currency;
        for ((payee, class), amount) in &result.shares {
            let sum = shares
                .entry(*payee)
                .or_default()
                .entry(currency)
                .or_default()
                .entry(*class)
                .or_default();
            *sum = sum.plus(*amount).map_err(|e| (*payee, e))?;
        }
    }
    let number = |name: &String| {
        ground
            .book
            .payee(name)
            .expect("balances are checked against the contracts") as u32
    };
    for ((name, currency, territory), amount) in &ground.opening.waiting {
        let payee = number(name);
        let sum = shares
            .entry(payee)
            .or_default()
            .entry(*currency)
            .or_default()
            .entry(ground.class(territory))
            .or_default();
        *sum = sum.plus(*amount).map_err(|e| (payee, e))?;
    }
    let carried = ground.opening.carried.keys().map(|(name, _)| name);
    for name in carried.chain(ground.opening.corrections.keys().map(|(name, ..)| name)) {
        shares.entry(number(name)).or_default();
    }
    Ok(shares)
}

impl<'a> PayeeAccount<'a> {
    fn of(ground: &'a Ground<'a>, number: u32) -> Self {
        Self {
            ground,
            payee: &ground.book.payees[number as usize],
            number,
            transfers: Vec::new(),
            closing: Balances::default(),
        }
    }

    fn reason(
        &self,
        step: &'static str,
        clause: &str,
        source: String,
        arithmetic: String,
    ) -> Reason {
        Reason {
            step,
            payee: Some(self.number),
            clause: clause.into(),
            source,
            arithmetic,
            ..Reason::default()
        }
    }

    fn post(
        &mut self,
        currency: Currency,
        debit: Account,
        credit: Account,
        amount: Amount,
        reason: Reason,
    ) {
        if !amount.is_zero() {
            self.transfers.push(Transfer {
                debit,
                credit,
                currency,
                amount,
                reason,
            });
        }
    }

    fn settle(mut self, shares: Shares) -> Result<PayeeResult, AmountOverflow> {
        let mut lines = Vec::new();
        self.open_waiting();
        let earned = self.exchange(&shares, &mut lines)?;
        let total = Amount::sum(earned.values().copied())?;
        let tax = self.tax(&earned, total)?;
        let carried_in = self.open_carried(&mut lines)?;
        let currency = self.payee.currency;
        let exact = carried_in.plus(total)?.minus(tax)?;
        let unit = Amount::from_raw(
            10i128.pow(crate::money::SCALE - currency.minor_digits().min(crate::money::SCALE)),
        );
        let state = match exact {
            _ if exact.is_zero() => State::Nothing,
            _ if exact.is_negative() => State::Negative,
            _ if exact < self.payee.minimum.max(unit) => State::BelowMinimum,
            _ => State::Paid,
        };
        let carried_out = if state == State::Paid {
            Amount::ZERO
        } else {
            exact
        };
        if !carried_out.is_zero() {
            self.closing
                .carried
                .insert((self.payee.name.clone(), currency), carried_out);
            let words = match state {
                State::Negative => format!("below zero: {exact}"),
                _ => format!(
                    "{exact} is less than the minimum of {}",
                    self.payee.minimum.max(unit)
                ),
            };
            let reason = self.reason("minimum", "carried forward", String::new(), words);
            self.post(
                currency,
                Account::Payee(self.number),
                Account::Carried(self.number),
                carried_out,
                reason,
            );
        }
        let line = PayableLine {
            payee: self.number,
            currency,
            state,
            carried_in,
            earned: total,
            tax,
            exact,
            carried_out,
            payable: Amount::ZERO,
        };
        let is_empty =
            state == State::Nothing && total.is_zero() && carried_in.is_zero() && !lines.is_empty();
        if !is_empty {
            lines.push(line);
        }
        let mut trial = Trial::new();
        add_up(&mut trial, &self.transfers)?;
        Ok(PayeeResult {
            payee: self.number,
            shares,
            lines,
            transfers: self.transfers,
            closing: self.closing,
            trial,
        })
    }

    fn open_waiting(&mut self) {
        let opening = self.ground.opening;
        let name = &self.payee.name;
        let of_payee = opening
            .waiting
            .range((name.clone(), Currency::FIRST, String::new())..)
            .take_while(|((payee, ..), _)| payee == name);
        for ((_, currency, territory), amount) in of_payee {
            let reason = self.reason(
                "exchange",
                "waited",
                territory.clone(),
                format!("waited for a rate: {amount} {currency}"),
            );
            self.post(
                *currency,
                Account::Waiting(self.number),
                Account::Payee(self.number),
                *amount,
                reason,
            );
        }
    }

    /// What was carried forward and what is corrected, in the payee's currency. A payee who was paid in another one before has it exchanged;
    /// without a rate it stays carried forward as it is.
    fn open_carried(&mut self, lines: &mut Vec<PayableLine>) -> Result<Amount, AmountOverflow> {
        let (opening, into) = (self.ground.opening, self.payee.currency);
        let name = &self.payee.name;
        let mut sums: BTreeMap<Currency, Amount> = BTreeMap::from([(into, Amount::ZERO)]);
        let carried = opening
            .carried
            .range((name.clone(), Currency::FIRST)..)
            .take_while(|((payee, _), _)| payee == name);
        let carried = carried.map(|((_, currency), amount)| {
            (
                *currency,
                "carried in".to_owned(),
                format!("balance {amount}"),
                *amount,
            )
        });
        let corrections = opening
            .corrections
            .range((name.clone(), Currency::FIRST, String::new())..)
            .take_while(|((payee, ..), _)| payee == name);
        let corrections = corrections.map(|((_, currency, period), amount)| {
            (
                *currency,
                format!("corrects {period}"),
                format!("correction {amount}"),
                *amount,
            )
        });
        for (currency, clause, words, amount) in carried.chain(corrections) {
            let reason = self.reason(CARRIED, &clause, String::new(), words);
            self.post(
                currency,
                Account::Carried(self.number),
                Account::Payee(self.number),
                amount,
                reason,
            );
            let sum = sums.entry(currency).or_default();
            *sum = sum.plus(amount)?;
        }
        let mut total = sums.remove(&into).unwrap_or_default();
        for (currency, amount) in sums.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            match self.ground.rates.path(currency, into, self.ground.period) {
                Some(hops) => {
                    let (mut from, mut value) = (currency, amount);
                    for hop in hops {
                        let after = hop.rate.of(value)?;
                        self.post_hop(CARRIED, from, &hop, value, after);
                        (from, value) = (hop.to, after);
                    }
                    total = total.plus(value)?;
                }
                None => self.carry(currency, amount, lines)?,
            }
        }
        Ok(total)
    }

    /// Carries on what there is no rate for, beside earnings in the same currency that wait.
    fn carry(
        &mut self,
        currency: Currency,
        amount: Amount,
        lines: &mut Vec<PayableLine>,
    ) -> Result<(), AmountOverflow> {
        let words = format!(
            "no rate {currency} to {} for {}: {amount} stays",
            self.payee.currency, self.ground.period
        );
        let reason = self.reason(CARRIED, "carried forward", String::new(), words);
        self.post(
            currency,
            Account::Payee(self.number),
            Account::Carried(self.number),
            amount,
            reason,
        );
        self.closing
            .carried
            .insert((self.payee.name.clone(), currency), amount);
        let line = match lines.iter_mut().find(|l| l.currency == currency) {
            Some(line) => line,
            None => {
                lines.push(self.waiting_line(currency, Amount::ZERO));
                lines.last_mut().expect("one was just added")
            }
        };
        line.carried_in = amount;
        (line.exact, line.carried_out) = (line.exact.plus(amount)?, line.carried_out.plus(amount)?);
        Ok(())
    }

    fn post_hop(
        &mut self,
        step: &'static str,
        from: Currency,
        hop: &Hop,
        before: Amount,
        after: Amount,
    ) {
        let words = format!("at {}: {before} {from} = {after} {}", hop.rate, hop.to);
        let reason = self.reason(
            step,
            &self.ground.period.to_string(),
            hop.words.to_string(),
            words,
        );
        self.post(
            from,
            Account::Payee(self.number),
            Account::Exchange,
            before,
            reason.clone(),
        );
        self.post(
            hop.to,
            Account::Exchange,
            Account::Payee(self.number),
            after,
            reason,
        );
    }

    /// Everything into the payee's currency, at the rate of the period that is settled. What has no rate waits, in its own currency.
    fn exchange(
        &mut self,
        shares: &Shares,
        lines: &mut Vec<PayableLine>,
    ) -> Result<ByClass, AmountOverflow> {
        let mut earned = ByClass::new();
        let into = self.payee.currency;
        for (currency, by_class) in shares {
            let (currency, mut by_class) = (*currency, by_class.clone());
            let Some(hops) = self.ground.rates.path(currency, into, self.ground.period) else {
                lines.push(self.wait(currency, &by_class)?);
                continue;
            };
            let mut from = currency;
            for hop in hops {
                let before = Amount::sum(by_class.values().copied())?;
                for amount in by_class.values_mut() {
                    *amount = hop.rate.of(*amount)?;
                }
                let after = Amount::sum(by_class.values().copied())?;
                self.post_hop("exchange", from, &hop, before, after);
                from = hop.to;
            }
            for (class, amount) in by_class {
                let sum = earned.entry(class).or_default();
                *sum = sum.plus(amount)?;
            }
        }
        Ok(earned)
    }

    fn wait(
        &mut self,
        currency: Currency,
        by_class: &ByClass,
    ) -> Result<PayableLine, AmountOverflow> {
        let total = Amount::sum(by_class.values().copied())?;
        for (class, amount) in by_class {
            let territory = self.ground.classes[*class as usize].clone();
            let words = format!(
                "no rate {currency} to {} for {}: {amount} waits",
                self.payee.currency, self.ground.period
            );
            let reason = self.reason("exchange", "waits", territory.clone(), words);
            self.post(
                currency,
                Account::Payee(self.number),
                Account::Waiting(self.number),
                *amount,
                reason,
            );
            self.closing
                .waiting
                .insert((self.payee.name.clone(), currency, territory), *amount);
        }
        Ok(self.waiting_line(currency, total))
    }

    fn waiting_line(&self, currency: Currency, earned: Amount) -> PayableLine {
        let (zero, payee) = (Amount::ZERO, self.number);
        let state = State::WaitsForRate;
        PayableLine {
            payee,
            currency,
            state,
            carried_in: zero,
            earned,
            tax: zero,
            exact: earned,
            carried_out: earned,
            payable: zero,
        }
    }

    /// Taxes, each of what was earned. With catch-up, what is withheld over the year is the rate of today on the base of the whole year:
    /// too much withheld before a form arrived comes back, too little is made good (as YouTube announced it in 2021).
    fn tax(&mut self, earned: &ByClass, total: Amount) -> Result<Amount, AmountOverflow> {
        let ground = self.ground;
        let year = ground.days.1.to_ymd().0;
        let mut sum = Amount::ZERO;
        for (number, tax) in ground
            .book
            .taxes
            .iter()
            .enumerate()
            .filter(|(_, tax)| is_for(tax, self.payee))
        {
            let is_source = |class: u32| {
                tax.territories.is_empty()
                    || (class > 0 && tax.territories.contains(&ground.classes[class as usize]))
            };
            let source = Amount::sum(
                earned
                    .iter()
                    .filter(|(class, _)| is_source(**class))
                    .map(|(_, amount)| *amount),
            )?;
            let (rate, base, clause) = terms(tax, self.payee, ground);
            let key = (
                self.payee.name.clone(),
                tax.name.clone(),
                self.payee.currency,
                year,
            );
            let before = ground.opening.taxes.get(&key).copied().unwrap_or_default();
            let now = YearToDate {
                source: before.source.plus(source)?,
                all: before.all.plus(total)?,
                withheld: before.withheld,
            };
            let pick = |ytd: &YearToDate| {
                if base == TaxBase::All {
                    ytd.all
                } else {
                    ytd.source
                }
            };
            let (withheld, words) = if tax.has_catch_up {
                let due = rate.of(pick(&now).max(Amount::ZERO))?;
                let withheld = due.minus(before.withheld)?;
                (
                    withheld,
                    format!(
                        "{rate} of {} in the year = {due}, less {} withheld before = {withheld}",
                        pick(&now),
                        before.withheld
                    ),
                )
            } else {
                let this = YearToDate {
                    source,
                    all: total,
                    withheld: Amount::ZERO,
                };
                let withheld = rate.of(pick(&this).max(Amount::ZERO))?;
                (withheld, format!("{rate} of {} = {withheld}", pick(&this)))
            };
            sum = sum.plus(withheld)?;
            let source = if base == TaxBase::All {
                "all earnings".to_owned()
            } else {
                format!("earnings from {}", territories(tax))
            };
            let reason = self.reason("tax", &format!("{}, {clause}", tax.name), source, words);
            self.post(
                self.payee.currency,
                Account::Payee(self.number),
                Account::Tax(number as u32),
                withheld,
                reason,
            );
            self.closing.taxes.insert(
                key,
                YearToDate {
                    withheld: before.withheld.plus(withheld)?,
                    ..now
                },
            );
        }
        Ok(sum)
    }
}

fn territories(tax: &Tax) -> String {
    if tax.territories.is_empty() {
        "everywhere".to_owned()
    } else {
        tax.territories.join(", ")
    }
}

fn is_for(tax: &Tax, payee: &Payee) -> bool {
    (tax.residences.is_empty() || tax.residences.contains(&payee.residence))
        && !tax.not_residences.contains(&payee.residence)
}

/// Rate, base and the clause that they come from: without a form, by treaty, or the tax's own.
fn terms(tax: &Tax, payee: &Payee, ground: &Ground<'_>) -> (Ratio, TaxBase, String) {
    let has_form = payee
        .forms
        .iter()
        .any(|(name, since)| *name == tax.name && *since <= ground.days.1);
    if let (Some((rate, base)), false) = (tax.without_form, has_form) {
        return (rate, base, "no form".to_owned());
    }
    match tax
        .treaty
        .iter()
        .find(|(residence, _)| *residence == payee.residence)
    {
        Some((residence, rate)) => (*rate, TaxBase::Source, format!("treaty with {residence}")),
        None => (tax.rate, TaxBase::Source, "no treaty".to_owned()),
    }
}

/// The one step where money is rounded: what is paid in a currency, by largest remainder over its payees. What each gains or loses by it
/// is a movement of its own.
fn round(ground: &Ground<'_>, paid: &mut Paid) -> Result<(), AmountOverflow> {
    let mut by_currency: BTreeMap<Currency, Vec<usize>> = BTreeMap::new();
    for (place, line) in paid
        .lines
        .iter()
        .enumerate()
        .filter(|(_, l)| l.state == State::Paid)
    {
        by_currency.entry(line.currency).or_default().push(place);
    }
    for (currency, places) in by_currency {
        let exact: Vec<Amount> = places.iter().map(|p| paid.lines[*p].exact).collect();
        let rounded = allocate(&exact, currency.minor_digits())?;
        paid.rounding.insert(currency, rounded.rounding);
        for (place, payable) in places.into_iter().zip(rounded.payable) {
            let line = &mut paid.lines[place];
            line.payable = payable;
            let number = line.payee;
            let difference = line.exact.minus(payable)?;
            let clause: Arc<str> = "paid".into();
            let bank = ground.book.payees[number as usize].bank.clone();
            let reason = Reason {
                step: "minimum",
                payee: Some(number),
                clause,
                source: bank,
                arithmetic: payable.to_string(),
                ..Reason::default()
            };
            let words = format!(
                "{} to {} digits, by largest remainder: {payable}",
                line.exact,
                currency.minor_digits()
            );
            let rounding = Reason {
                step: "rounding",
                clause: "rounding".into(),
                source: String::new(),
                arithmetic: words,
                ..reason.clone()
            };
            if !difference.is_zero() {
                let (debit, credit) = (Account::Payee(number), Account::Rounding);
                paid.transfers.push(Transfer {
                    debit,
                    credit,
                    currency,
                    amount: difference,
                    reason: rounding,
                });
            }
            if !payable.is_zero() {
                let (debit, credit) = (Account::Payee(number), Account::Payable(number));
                paid.transfers.push(Transfer {
                    debit,
                    credit,
                    currency,
                    amount: payable,
                    reason,
                });
            }
        }
    }
    Ok(())
}
