//! The movements with which a settlement opens: balances that were carried from the one before, and
//! corrections of closed periods.

use std::sync::Arc;

use crate::ident::Currency;
use crate::money::Amount;
use crate::settlement::ledger::{Account, PostingReason, PostingStep, Transfer};
use crate::terms::account_kind::AccountKind;
use crate::terms::balances::{Balances, CorrectedKey};
use crate::terms::contracts::Book;
use crate::terms::{ContractNumber, PayeeNumber};

/// Movements of all opening balances, in the order of the kinds of balances.
pub(super) fn opening_transfers(book: &Book, opening: &Balances) -> Vec<Transfer> {
    let mut transfers = OpeningTransfers {
        book,
        all: Vec::new(),
    };
    transfers.open_contracts(opening);
    transfers.open_payees(opening);
    for (key, amount) in &opening.corrected {
        transfers.correct(key, *amount);
    }
    transfers.all
}

struct OpeningTransfers<'a> {
    book: &'a Book,
    all: Vec<Transfer>,
}

impl OpeningTransfers<'_> {
    fn contract(&self, name: &str) -> ContractNumber {
        let index = self.book.contract(name);
        index.expect("balances are checked against the contracts")
    }

    fn payee(&self, name: &str) -> PayeeNumber {
        let index = self.book.payee(name);
        index.expect("balances are checked against the contracts")
    }

    /// Posts a balance, if there is one.
    fn post(
        &mut self,
        (debit, credit): (Account, Account),
        currency: Currency,
        amount: Amount,
        reason: PostingReason,
    ) {
        if amount.is_zero() {
            return;
        }
        self.all.push(Transfer {
            debit,
            credit,
            currency,
            amount,
            reason: PostingReason {
                step: PostingStep::Opening,
                arithmetic: format!("balance {amount}"),
                ..reason
            },
        });
    }

    /// What is still to be recouped, and reserves.
    fn open_contracts(&mut self, opening: &Balances) {
        for (key, (currency, amount)) in &opening.unrecouped {
            let contract = self.contract(&key.contract);
            let clause: Arc<str> = key.clause.as_str().into();
            let reason = PostingReason {
                contract: Some(contract),
                clause: Arc::clone(&clause),
                ..PostingReason::default()
            };
            let accounts = (Account::Unrecouped(contract, clause), Account::Opening);
            self.post(accounts, *currency, *amount, reason);
        }
        for (key, amount) in &opening.reserves {
            let contract = self.contract(&key.contract);
            let reason = PostingReason {
                contract: Some(contract),
                clause: key.split.as_str().into(),
                source: format!("to be released on {}", key.release),
                ..PostingReason::default()
            };
            let accounts = (Account::Opening, Account::Reserve(contract));
            self.post(accounts, key.currency, *amount, reason);
        }
    }

    /// What is carried forward, what corrections come to, and what waits for a rate.
    fn open_payees(&mut self, opening: &Balances) {
        for (key, amount) in &opening.carried {
            let payee = self.payee(&key.payee);
            let reason = of_payee(payee, "carried forward".into());
            let accounts = (Account::Opening, Account::Carried(payee));
            self.post(accounts, key.currency, *amount, reason);
        }
        for (key, amount) in &opening.corrections {
            // Where the accounts behind a correction are known, they are posted instead.
            let has_accounts = opening.corrected.keys().any(|c| c.period == key.period);
            if !has_accounts {
                let payee = self.payee(&key.payee);
                let accounts = (Account::Opening, Account::Carried(payee));
                let reason = of_payee(payee, corrects(&key.period));
                self.post(accounts, key.currency, *amount, reason);
            }
        }
        for (key, amount) in &opening.waiting {
            let payee = self.payee(&key.payee);
            let reason = PostingReason {
                source: key.territory.clone(),
                ..of_payee(payee, "waiting".into())
            };
            let accounts = (Account::Opening, Account::Waiting(payee));
            self.post(accounts, key.currency, *amount, reason);
        }
    }

    /// Posts what an account of a closed period comes to more, or below zero less. What is still to
    /// be recouped, held or waiting is among the balances as it is now, and was opened with that; so
    /// there the correction is taken off the opening first.
    fn correct(&mut self, key: &CorrectedKey, amount: Amount) {
        let (kind, name) = AccountKind::of_corrected(&key.account)
            .expect("balances are checked when they are read");
        let former = Account::Former(kind, name.into());
        // What a payee earned is settled with what is carried forward.
        let payee = (kind == AccountKind::Earned).then(|| self.payee(name));
        let account = payee.map_or_else(|| former.clone(), Account::Carried);
        let reason = PostingReason {
            payee,
            clause: corrects(&key.period),
            ..PostingReason::default()
        };
        if matches!(
            kind,
            AccountKind::Unrecouped | AccountKind::Reserve | AccountKind::Waiting
        ) {
            let before = PostingReason {
                step: PostingStep::Opening,
                arithmetic: "not in the balance before the correction:".to_owned(),
                ..reason.clone()
            };
            self.post_correction(
                (former, Account::Opening),
                key.currency,
                amount.negated(),
                before,
            );
        }
        let correction = PostingReason {
            step: PostingStep::Correction,
            arithmetic: "correction".to_owned(),
            ..reason
        };
        let other = Account::Correction(key.period.as_str().into());
        self.post_correction((account, other), key.currency, amount, correction);
    }

    /// Posts an amount above zero: one below zero goes the other way. The words of the reason are
    /// followed by the amount.
    fn post_correction(
        &mut self,
        (debit, credit): (Account, Account),
        currency: Currency,
        amount: Amount,
        reason: PostingReason,
    ) {
        let (debit, credit, amount) = if amount.is_negative() {
            (credit, debit, amount.negated())
        } else {
            (debit, credit, amount)
        };
        if amount.is_zero() {
            return;
        }
        self.all.push(Transfer {
            debit,
            credit,
            currency,
            amount,
            reason: PostingReason {
                arithmetic: format!("{} {amount}", reason.arithmetic),
                ..reason
            },
        });
    }
}

fn of_payee(payee: PayeeNumber, clause: Arc<str>) -> PostingReason {
    PostingReason {
        payee: Some(payee),
        clause,
        ..PostingReason::default()
    }
}

fn corrects(period: &str) -> Arc<str> {
    format!("corrects {period}").into()
}
