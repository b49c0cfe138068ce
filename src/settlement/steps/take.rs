//! Advances and costs: income pays them back before anybody is paid, in the order of their priority.

use std::sync::Arc;

use super::ContractSteps;
use crate::money::{Amount, AmountOverflow, spread};
use crate::settlement::ledger::{Account, PostingReason, PostingStep};
use crate::settlement::steps::TerritoryClass;
use crate::terms::balances::ClauseKey;
use crate::terms::contracts::{Bearer, Recoupable, Step};
use crate::terms::{ContractNumber, PayeeNumber};

impl ContractSteps<'_> {
    /// Opens what is to be recouped: as the balances say, else with its whole amount when its day has come.
    pub(super) fn open_accounts(&mut self) {
        let contract = self.contract;
        for recoupable in &contract.recoupables {
            let key = ClauseKey {
                contract: contract.name.to_string(),
                clause: recoupable.name.to_string(),
            };
            let left = match self.context.opening.unrecouped.get(&key) {
                Some((_, amount)) => Some(*amount),
                None if recoupable.date > self.context.days.1 => {
                    self.result.notes.push(format!(
                        "{:?} of {:?} is of {}, after the period",
                        recoupable.name, contract.name, recoupable.date
                    ));
                    None
                }
                None => {
                    let reason = self.reason(
                        PostingStep::Opening,
                        &recoupable.name,
                        recoupable.date.to_string(),
                        format!("new: {}", recoupable.amount),
                    );
                    let account = Account::Unrecouped(self.number, Arc::clone(&recoupable.name));
                    self.post(account, Account::Spent, recoupable.amount, reason);
                    Some(recoupable.amount)
                }
            };
            self.result.unrecouped.push(left);
        }
    }

    /// Recoups the contract's own advances and costs of one bearer from the pool.
    pub(super) fn recoup(&mut self, bearer: Bearer, step: Step) -> Result<(), AmountOverflow> {
        let contract = self.contract;
        for index in
            (0..contract.recoupables.len()).filter(|p| contract.recoupables[*p].bearer == bearer)
        {
            let Some(open) = self.result.unrecouped[index] else {
                continue;
            };
            let (taken, left) = self.take(open, &contract.recoupables[index], self.number, step)?;
            self.result.unrecouped[index] = Some(left);
            debug_assert_eq!(taken.plus(left), Ok(open));
        }
        Ok(())
    }

    /// Takes as much as is open and as the pool holds. Gives back what was taken and what is left open.
    fn take(
        &mut self,
        open: Amount,
        recoupable: &Recoupable,
        owner: ContractNumber,
        step: Step,
    ) -> Result<(Amount, Amount), AmountOverflow> {
        let available = Amount::sum(self.groups.iter().map(|s| s.amount))?;
        let taken = open.min(available.max(Amount::ZERO));
        let left = open.minus(taken)?;
        if taken.is_zero() {
            return Ok((taken, left));
        }
        self.take_from_groups(taken)?;
        let source = if owner == self.number {
            String::new()
        } else {
            format!("account of {}", self.context.book.contracts[owner].name)
        };
        let words = format!("{taken} of {available}, of {open} open; {left} stays open");
        let reason = self.reason(step, &recoupable.name, source, words);
        self.pay_back(self.account(), taken, recoupable, owner, reason)?;
        Ok((taken, left))
    }

    fn pay_back(
        &mut self,
        from: Account,
        taken: Amount,
        recoupable: &Recoupable,
        owner: ContractNumber,
        reason: PostingReason,
    ) -> Result<(), AmountOverflow> {
        self.post(
            from,
            Account::Unrecouped(owner, Arc::clone(&recoupable.name)),
            taken,
            reason.clone(),
        );
        if let Some(to) = recoupable.to {
            self.give(to, TerritoryClass::REST, taken)?;
            self.post(
                Account::Spent,
                Account::Payee(to),
                taken,
                PostingReason {
                    payee: Some(to),
                    ..reason
                },
            );
        }
        Ok(())
    }

    /// Advances of one payee, and costs that they bear, from their share of this contract.
    pub(super) fn payee_recoup(&mut self) -> Result<(), AmountOverflow> {
        let contract = self.contract;
        for (index, recoupable) in contract
            .recoupables
            .iter()
            .enumerate()
            .filter(|(_, r)| r.bearer == Bearer::Payee)
        {
            let (Some(open), Some(payee)) = (self.result.unrecouped[index], recoupable.payee)
            else {
                continue;
            };
            let classes: Vec<(PayeeNumber, TerritoryClass)> = self
                .result
                .shares
                .range((payee, TerritoryClass::REST)..)
                .take_while(|((of, _), _)| *of == payee)
                .map(|(key, _)| *key)
                .collect();
            let weights: Vec<Amount> = classes.iter().map(|key| self.result.shares[key]).collect();
            let share = Amount::sum(weights.iter().copied())?;
            let taken = open.min(share.max(Amount::ZERO));
            let left = open.minus(taken)?;
            self.result.unrecouped[index] = Some(left);
            if taken.is_zero() {
                continue;
            }
            for (key, part) in classes.iter().zip(spread(taken, &weights)?) {
                self.give(key.0, key.1, part.negated())?;
            }
            let words = format!("{taken} of {share}, of {open} open; {left} stays open");
            let reason = PostingReason {
                payee: Some(payee),
                ..self.reason(Step::PayeeRecoup, &recoupable.name, String::new(), words)
            };
            self.pay_back(
                Account::Payee(payee),
                taken,
                recoupable,
                self.number,
                reason,
            )?;
        }
        Ok(())
    }
}

/// What is left in joined accounts recoups the others' advances: by priority, then by contract and name.
pub(super) fn cross(
    accounts: &mut [ContractSteps<'_>],
) -> Result<(), (ContractNumber, AmountOverflow)> {
    if accounts.len() < 2 {
        return Ok(());
    }
    let mut order: Vec<(u32, usize, usize)> = Vec::new();
    for (owner, account) in accounts.iter().enumerate() {
        let borne = account
            .contract
            .recoupables
            .iter()
            .enumerate()
            .filter(|(_, r)| r.bearer == Bearer::Royalty);
        order.extend(borne.map(|(index, r)| (r.priority, owner, index)));
    }
    order.sort_unstable();
    for from in 0..accounts.len() {
        let profile = &accounts[from].context.book.profiles[accounts[from].contract.profile];
        if profile.position(Step::Recoup).is_none() {
            continue;
        }
        for &(_, owner, index) in order.iter().filter(|(_, owner, _)| *owner != from) {
            let (Some(open), contract, number) = (
                accounts[owner].result.unrecouped[index],
                accounts[owner].contract,
                accounts[owner].number,
            ) else {
                continue;
            };
            let account = &mut accounts[from];
            let (_, left) = account
                .take(open, &contract.recoupables[index], number, Step::Recoup)
                .map_err(|e| (account.number, e))?;
            accounts[owner].result.unrecouped[index] = Some(left);
        }
    }
    Ok(())
}
