//! `ledgerline terms` and `ledgerline payout`.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::args::MoreOutputs;
use super::payout_args::{At, PayoutCommand, TermsCommand};
use super::{open, set_threads, show};
use crate::ident::{Currency, SalePeriod};
use crate::job::Job;
use crate::period::{OpenPeriod, write_open};
use crate::results::{ExtraFiles, ResultsError, payout_profiles, suspense_lines};
use crate::review::TermTexts;
use crate::session::{Session, user_name};
use crate::settlement::Settled;

fn session(at: &At, by: Option<String>, job: &Job) -> Result<Session> {
    set_threads(job.threads());
    Ok(open(&at.workspace, &[], job)?.acting_as(by.unwrap_or_else(user_name)))
}

pub(super) fn terms(command: TermsCommand, job: &Job) -> Result<ExitCode> {
    match command {
        TermsCommand::Import { files, at, because } => {
            let report = session(&at, because.by, job)?.import_terms(&files, &because.note)?;
            for (what, counts) in [("new", &report.added), ("changed", &report.changed)] {
                for (kind, count) in counts {
                    show::line(&format!("{what}: {count} {kind}"))?;
                }
            }
            match report.seq {
                Some(seq) => show::line(&format!(
                    "saved as entry {seq}; {} are as they were",
                    report.same
                ))?,
                None => show::line(&format!("nothing is new; {} are as they were", report.same))?,
            }
        }
        TermsCommand::List { at } => show::terms(&session(&at, None, job)?.contents().terms()?)?,
        TermsCommand::Show { kind, name, at } => {
            let terms: TermTexts = session(&at, None, job)?.contents().terms()?;
            let Some(text) = terms.get(&(kind.clone(), name.clone())) else {
                anyhow::bail!("the workspace has no {kind} {name:?}; see: ledgerline terms list");
            };
            write!(std::io::stdout().lock(), "{text}")?;
        }
        TermsCommand::Export { out, csv, at } => {
            let names = session(&at, None, job)?.export_terms(&out, csv)?;
            names
                .iter()
                .try_for_each(|name| show::line(&out.join(name).display().to_string()))?;
        }
        TermsCommand::Remove {
            kind,
            name,
            at,
            because,
        } => {
            let entry = session(&at, because.by, job)?.remove_term(&kind, &name, &because.note)?;
            show::line(&format!(
                "{kind} {name} is gone, by entry {} ({})",
                entry.seq, entry.hash
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn payout(command: PayoutCommand, job: &Job) -> Result<ExitCode> {
    match command {
        PayoutCommand::Show {
            period,
            out,
            more,
            at,
        } => {
            let session = session(&at, None, job)?;
            let open = session.contents().open_period(period)?;
            show_open(&session, &open)?;
            if let Some(out) = out {
                let written = write_open(&open, &out, &extras(&session, &open.settled, &more)?)?;
                show::line(&format!("results in {}", out.display()))?;
                show::written(&written)?;
            }
        }
        PayoutCommand::WhatIf { files, period, at } => show::what_if(
            &session(&at, None, job)?
                .contents()
                .what_if_imported(&files, period)?,
        )?,
        PayoutCommand::Explain {
            payee,
            currency,
            period,
            at,
        } => {
            let session = session(&at, None, job)?;
            explain(&settled_of(&session, period)?, &payee, currency)?;
        }
        PayoutCommand::Close { period, at, by } => {
            let session = session(&at, by, job)?;
            let open = session.contents().open_period(Some(period))?;
            show_open(&session, &open)?;
            let closed = session.close_opened(&open)?;
            for (currency, amount) in &closed.payable {
                show::line(&format!("{amount} {currency} payable"))?;
            }
            show::line(&format!(
                "{period} is closed with {} statements, by entry {}",
                closed.statements.len(),
                closed.seq
            ))?;
            show::line(&format!("fingerprint {}", closed.fingerprint))?;
        }
        PayoutCommand::List { at } => {
            show::periods(&session(&at, None, job)?.contents().closed_periods()?)?
        }
        PayoutCommand::Verify { period, at } => return verify(&session(&at, None, job)?, period),
        PayoutCommand::Export {
            period,
            out,
            more,
            at,
        } => {
            let session = session(&at, None, job)?;
            let (names, written) = session.contents().export_period(
                &period.to_string(),
                &out,
                more.is_any()
                    .then_some(|settled: &Settled| extras(&session, settled, &more)),
            )?;
            names
                .iter()
                .try_for_each(|name| show::line(&out.join(name).display().to_string()))?;
            show::written(&written)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn extras(
    session: &Session,
    settled: &Settled,
    wanted: &MoreOutputs,
) -> Result<ExtraFiles, ResultsError> {
    let statements = if wanted.statements {
        Some(
            session
                .contents()
                .letterhead(settled, wanted.sender.clone())?,
        )
    } else {
        None
    };
    Ok(ExtraFiles {
        statements,
        payout_files: payout_profiles(&wanted.payout_file, &wanted.columns)?,
    })
}

/// The settlement of a closed period, or of what is open.
fn settled_of(session: &Session, period: Option<SalePeriod>) -> Result<Settled> {
    if let Some(period) = period {
        let closed = session
            .contents()
            .closed_periods()?
            .into_iter()
            .find(|p| p.period == period.to_string());
        if let Some(closed) = closed {
            return Ok(session.contents().settled_again(&closed)?);
        }
    }
    Ok(session.contents().open_period(period)?.settled)
}

/// Prints the arithmetic behind what a payee gets.
pub(super) fn explain(settled: &Settled, payee: &str, currency: Currency) -> Result<()> {
    if settled.inputs.book.payee(payee).is_none() {
        anyhow::bail!("there is no payee {payee:?} in the contracts; names are written as there");
    }
    let Some(lines) = settled.explain(payee, currency) else {
        anyhow::bail!(
            "{payee} gets nothing in {currency}; payables.csv has the currencies of each payee"
        );
    };
    let mut out = std::io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(())
}

fn show_open(session: &Session, open: &OpenPeriod) -> Result<()> {
    let lost = session
        .contents()
        .statements()?
        .into_iter()
        .filter_map(|record| record.loss.and_then(|loss| loss.caveat(&record.name)));
    show::settled(
        &open.settled,
        &suspense_lines(&open.settled)?,
        &lost.collect::<Vec<_>>(),
    )?;
    for line in open.corrections.iter().filter(|l| l.is_sum()) {
        let difference = line.difference()?;
        show::line(&format!(
            "corrects {}: {} {} {difference}, {} instead of {}",
            line.period, line.payee, line.currency, line.now, line.before
        ))?;
    }
    for line in &open.waiting_before {
        writeln!(
            std::io::stderr(),
            "warning: {} {} of {} still wait ({})",
            line.amount,
            line.currency,
            line.period,
            line.reason
        )?;
    }
    for name in &open.later {
        writeln!(
            std::io::stderr(),
            "note: {name} has later sales and waits for a later period"
        )?;
    }
    Ok(())
}

fn verify(session: &Session, period: Option<SalePeriod>) -> Result<ExitCode> {
    let periods = match period {
        Some(period) => vec![period.to_string()],
        None => session
            .contents()
            .closed_periods()?
            .into_iter()
            .map(|p| p.period)
            .collect(),
    };
    let mut is_sound = true;
    for period in periods {
        let verdict = session.contents().verify_period(&period)?;
        verdict
            .sentences
            .iter()
            .try_for_each(|sentence| show::line(sentence))?;
        is_sound &= verdict.is_sound;
    }
    if !is_sound {
        anyhow::bail!(
            "a closed period is not as it was closed; restore the workspace from its backup"
        );
    }
    show::line("OK")?;
    Ok(ExitCode::SUCCESS)
}
