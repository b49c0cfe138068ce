//! One payee's account, from the shares of contracts to what is exact and not rounded yet.

use super::tax::{TaxOfYear, tax_clause};
use super::{ByClass, PayableLine, PayableState, PayeeResult, Shares};
use crate::ident::Currency;
use crate::money::{Amount, AmountOverflow, Sums, smallest_unit};
use crate::settlement::ledger::{Account, PostingReason, PostingStep, Transfer, Trial, add_up};
use crate::settlement::steps::SettlementContext;
use crate::terms::balances::{Balances, CarriedKey, TaxKey, WaitingKey};
use crate::terms::contracts::{Payee, Tax};
use crate::terms::rates::Hop;
use crate::terms::{PayeeNumber, TaxNumber};

pub(super) struct PayeeAccount<'a> {
    context: &'a SettlementContext<'a>,
    payee: &'a Payee,
    number: PayeeNumber,
    lines: Vec<PayableLine>,
    transfers: Vec<Transfer>,
    closing: Balances,
}

impl<'a> PayeeAccount<'a> {
    pub fn of(context: &'a SettlementContext<'a>, number: PayeeNumber) -> Self {
        Self {
            context,
            payee: &context.book.payees[number],
            number,
            lines: Vec::new(),
            transfers: Vec::new(),
            closing: Balances::default(),
        }
    }

    /// Takes the account through the steps, up to the minimum.
    pub fn settle(mut self, shares: Shares) -> Result<PayeeResult, AmountOverflow> {
        self.open_waiting();
        let by_class = self.exchange(&shares)?;
        let earned = Amount::sum(by_class.amounts())?;
        let tax = self.tax(&by_class, earned)?;
        let carried_in = self.open_carried()?;
        let exact = carried_in.plus(earned)?.minus(tax)?;
        let state = self.state_of(exact);
        let carried_out = if state == PayableState::Paid {
            Amount::ZERO
        } else {
            exact
        };
        self.carry_forward(carried_out, state);
        let line = PayableLine {
            payee: self.number,
            currency: self.payee.currency,
            state,
            carried_in,
            earned,
            tax,
            exact,
            carried_out,
            payable: Amount::ZERO,
        };
        let is_empty = state == PayableState::Nothing && earned.is_zero() && carried_in.is_zero();
        // A payee who only waits for rates needs no line of nothing beside.
        if !is_empty || self.lines.is_empty() {
            self.lines.push(line);
        }
        let mut trial = Trial::new();
        add_up(&mut trial, &self.transfers)?;
        Ok(PayeeResult {
            payee: self.number,
            shares,
            lines: self.lines,
            transfers: self.transfers,
            closing: self.closing,
            trial,
        })
    }

    fn reason(
        &self,
        step: PostingStep,
        clause: &str,
        source: String,
        arithmetic: String,
    ) -> PostingReason {
        PostingReason {
            step,
            payee: Some(self.number),
            clause: clause.into(),
            source,
            arithmetic,
            ..PostingReason::default()
        }
    }

    fn post(
        &mut self,
        currency: Currency,
        debit: Account,
        credit: Account,
        amount: Amount,
        reason: PostingReason,
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

    /// The least that is paid: the agreed minimum, and at least the currency's smallest unit.
    fn minimum(&self) -> Amount {
        self.payee.minimum.max(smallest_unit(self.payee.currency))
    }

    fn state_of(&self, exact: Amount) -> PayableState {
        match exact {
            _ if exact.is_zero() => PayableState::Nothing,
            _ if exact.is_negative() => PayableState::Negative,
            _ if exact < self.minimum() => PayableState::BelowMinimum,
            _ => PayableState::Paid,
        }
    }

    fn carry_forward(&mut self, amount: Amount, state: PayableState) {
        if amount.is_zero() {
            return;
        }
        let key = self.carried_key(self.payee.currency);
        self.closing.carried.insert(key, amount);
        let words = match state {
            PayableState::Negative => format!("below zero: {amount}"),
            _ => format!("{amount} is less than the minimum of {}", self.minimum()),
        };
        let reason = self.reason(
            PostingStep::Minimum,
            "carried forward",
            String::new(),
            words,
        );
        self.post(
            self.payee.currency,
            Account::Payee(self.number),
            Account::Carried(self.number),
            amount,
            reason,
        );
    }

    fn carried_key(&self, currency: Currency) -> CarriedKey {
        CarriedKey {
            payee: self.payee.name.clone(),
            currency,
        }
    }

    /// Earnings that waited for a rate come to the account again.
    fn open_waiting(&mut self) {
        let context = self.context;
        for (key, amount) in context.opening.waiting_of(&self.payee.name) {
            let reason = self.reason(
                PostingStep::Exchange,
                "waited",
                key.territory.clone(),
                format!("waited for a rate: {amount} {}", key.currency),
            );
            self.post(
                key.currency,
                Account::Waiting(self.number),
                Account::Payee(self.number),
                amount,
                reason,
            );
        }
    }

    /// What was carried forward and what is corrected, in the payee's currency. A payee who was paid
    /// in another one before has it exchanged; without a rate it stays carried forward as it is.
    fn open_carried(&mut self) -> Result<Amount, AmountOverflow> {
        let context = self.context;
        let payee = self.payee;
        let mut sums: Sums<Currency> = Sums::new();
        for (currency, amount) in context.opening.carried_of(&payee.name) {
            sums.add(currency, amount)?;
            self.bring_in(currency, "carried in", format!("balance {amount}"), amount);
        }
        for (key, amount) in context.opening.corrections_of(&payee.name) {
            sums.add(key.currency, amount)?;
            let clause = format!("corrects {}", key.period);
            let words = format!("correction {amount}");
            self.bring_in(key.currency, &clause, words, amount);
        }
        let mut total = sums.remove(&payee.currency);
        for (currency, amount) in sums.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            match context.rates.path(currency, payee.currency, context.period) {
                Some(hops) => total = total.plus(self.exchange_carried(currency, amount, hops)?)?,
                None => self.keep_carried(currency, amount)?,
            }
        }
        Ok(total)
    }

    /// From what is carried forward to the account.
    fn bring_in(&mut self, currency: Currency, clause: &str, words: String, amount: Amount) {
        let reason = self.reason(PostingStep::CarriedForward, clause, String::new(), words);
        self.post(
            currency,
            Account::Carried(self.number),
            Account::Payee(self.number),
            amount,
            reason,
        );
    }

    fn exchange_carried(
        &mut self,
        currency: Currency,
        amount: Amount,
        hops: impl IntoIterator<Item = Hop>,
    ) -> Result<Amount, AmountOverflow> {
        let mut from = currency;
        let mut value = amount;
        for hop in hops {
            let after = hop.rate.of(value)?;
            self.post_hop(PostingStep::CarriedForward, from, &hop, value, after);
            from = hop.to;
            value = after;
        }
        Ok(value)
    }

    /// What there is no rate for stays carried forward, beside earnings in the same currency that
    /// wait.
    fn keep_carried(&mut self, currency: Currency, amount: Amount) -> Result<(), AmountOverflow> {
        let words = format!(
            "no rate {currency} to {} for {}: {amount} stays",
            self.payee.currency, self.context.period
        );
        let reason = self.reason(
            PostingStep::CarriedForward,
            "carried forward",
            String::new(),
            words,
        );
        self.post(
            currency,
            Account::Payee(self.number),
            Account::Carried(self.number),
            amount,
            reason,
        );
        let key = self.carried_key(currency);
        self.closing.carried.insert(key, amount);
        let index = match self.lines.iter().position(|l| l.currency == currency) {
            Some(index) => index,
            None => {
                self.lines.push(self.waiting_line(currency, Amount::ZERO));
                self.lines.len() - 1
            }
        };
        let line = &mut self.lines[index];
        line.carried_in = amount;
        line.exact = line.exact.plus(amount)?;
        line.carried_out = line.carried_out.plus(amount)?;
        Ok(())
    }

    fn post_hop(
        &mut self,
        step: PostingStep,
        from: Currency,
        hop: &Hop,
        before: Amount,
        after: Amount,
    ) {
        let words = format!("at {}: {before} {from} = {after} {}", hop.rate, hop.to);
        let period = self.context.period.to_string();
        let reason = self.reason(step, &period, hop.words.to_string(), words);
        let payee = Account::Payee(self.number);
        self.post(
            from,
            payee.clone(),
            Account::Exchange,
            before,
            reason.clone(),
        );
        self.post(hop.to, Account::Exchange, payee, after, reason);
    }

    /// Everything into the payee's currency, at the rate of the period that is settled. What has no
    /// rate waits, in its own currency.
    fn exchange(&mut self, shares: &Shares) -> Result<ByClass, AmountOverflow> {
        let into = self.payee.currency;
        let mut earned = ByClass::new();
        for (currency, by_class) in shares {
            let rates = self.context.rates;
            let Some(hops) = rates.path(*currency, into, self.context.period) else {
                self.wait(*currency, by_class)?;
                continue;
            };
            let mut from = *currency;
            let mut by_class = by_class.clone();
            for hop in hops {
                let before = Amount::sum(by_class.amounts())?;
                let exchanged = by_class
                    .iter()
                    .map(|(class, amount)| Ok((*class, hop.rate.of(*amount)?)));
                by_class = exchanged.collect::<Result<_, AmountOverflow>>()?;
                let after = Amount::sum(by_class.amounts())?;
                self.post_hop(PostingStep::Exchange, from, &hop, before, after);
                from = hop.to;
            }
            earned.add_all(&by_class)?;
        }
        Ok(earned)
    }

    fn wait(&mut self, currency: Currency, by_class: &ByClass) -> Result<(), AmountOverflow> {
        let total = Amount::sum(by_class.amounts())?;
        for (class, amount) in by_class {
            let territory = self.context.classes[class.index()].clone();
            let words = format!(
                "no rate {currency} to {} for {}: {amount} waits",
                self.payee.currency, self.context.period
            );
            let reason = self.reason(PostingStep::Exchange, "waits", territory.clone(), words);
            self.post(
                currency,
                Account::Payee(self.number),
                Account::Waiting(self.number),
                *amount,
                reason,
            );
            let key = WaitingKey {
                payee: self.payee.name.clone(),
                currency,
                territory,
            };
            self.closing.waiting.insert(key, *amount);
        }
        self.lines.push(self.waiting_line(currency, total));
        Ok(())
    }

    fn waiting_line(&self, currency: Currency, earned: Amount) -> PayableLine {
        PayableLine {
            payee: self.number,
            currency,
            state: PayableState::WaitsForRate,
            carried_in: Amount::ZERO,
            earned,
            tax: Amount::ZERO,
            exact: earned,
            carried_out: earned,
            payable: Amount::ZERO,
        }
    }

    /// Withholds all taxes that the payee owes, and gives back their sum.
    fn tax(&mut self, by_class: &ByClass, earned: Amount) -> Result<Amount, AmountOverflow> {
        let book = self.context.book;
        let mut sum = Amount::ZERO;
        for (index, tax) in book.taxes.iter().enumerate() {
            if tax.is_owed_by(self.payee) {
                let withheld = self.withhold(TaxNumber::of(index), tax, by_class, earned)?;
                sum = sum.plus(withheld)?;
            }
        }
        Ok(sum)
    }

    fn withhold(
        &mut self,
        number: TaxNumber,
        tax: &Tax,
        by_class: &ByClass,
        earned: Amount,
    ) -> Result<Amount, AmountOverflow> {
        let context = self.context;
        let key = TaxKey {
            payee: self.payee.name.clone(),
            tax: tax.name.clone(),
            currency: self.payee.currency,
            year: context.days.1.to_ymd().0,
        };
        let clause = tax_clause(tax, self.payee, context.days.1);
        let before = context.opening.taxes.get(&key).copied();
        let due = TaxOfYear {
            tax,
            clause: &clause,
            before: before.unwrap_or_default(),
            source: clause.source_earnings(tax, by_class, context.classes)?,
            all: earned,
        };
        let withheld = due.withheld()?;
        let reason = self.reason(
            PostingStep::Tax,
            &format!("{}, {}", tax.name, clause.words),
            clause.base_words(tax),
            withheld.words,
        );
        self.post(
            self.payee.currency,
            Account::Payee(self.number),
            Account::Tax(number),
            withheld.amount,
            reason,
        );
        self.closing.taxes.insert(key, withheld.year);
        Ok(withheld.amount)
    }
}
