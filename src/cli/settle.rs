//! `ledgerline settle` and `ledgerline explain`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use super::args::{ExplainArguments, MoreTerms, SettleArguments, Terms};
use super::payout::explain as explain_payee;
use super::show;
use crate::ident::SalePeriod;
use crate::job::Job;
use crate::results::{
    ExtraFiles, Letterhead, TermFiles, only_label, payout_profiles, settle_files, suspense_lines,
    write_settled,
};
use crate::session::titles_of_files;
use crate::settlement::Settled;

impl Terms {
    /// The files of terms.
    fn files(&self) -> TermFiles {
        self.more.files(&self.contracts, self.period)
    }
}

impl MoreTerms {
    /// The files of terms, with these contracts, for a month.
    pub(super) fn files(&self, contracts: &[PathBuf], period: Option<SalePeriod>) -> TermFiles {
        TermFiles {
            contracts: contracts.to_vec(),
            rates: self.rates.clone(),
            balances: self.balances.clone(),
            period,
        }
    }
}

pub(super) fn settle(arguments: &SettleArguments, job: &Job) -> Result<ExitCode> {
    super::set_threads(job.threads());
    let payout_files = payout_profiles(&arguments.more.payout_file, &arguments.more.columns)?;
    let settled = settle_files(&arguments.cells, &arguments.terms.files())?;
    let statements = if arguments.more.statements {
        Some(letterhead(arguments, &settled, job)?)
    } else {
        None
    };
    let written = write_settled(
        &settled,
        &arguments.out,
        &ExtraFiles {
            statements,
            payout_files,
        },
    )?;
    show::settled(&settled, &suspense_lines(&settled)?, &[])?;
    show::line(&format!("results in {}", arguments.out.display()))?;
    show::written(&written)?;
    Ok(ExitCode::SUCCESS)
}

fn letterhead(arguments: &SettleArguments, settled: &Settled, job: &Job) -> Result<Letterhead> {
    let sender = arguments
        .more
        .sender
        .clone()
        .unwrap_or_else(|| only_label(settled));
    if arguments.catalog.is_empty() {
        return Ok(Letterhead {
            sender,
            ..Letterhead::default()
        });
    }
    let (titles, report) = titles_of_files(&arguments.catalog, &arguments.out, settled, job)?;
    show::catalog_report(&report)?;
    Ok(Letterhead { sender, titles })
}

pub(super) fn explain(arguments: &ExplainArguments, job: &Job) -> Result<ExitCode> {
    super::set_threads(job.threads());
    let settled = settle_files(&arguments.cells, &arguments.terms.files())?;
    explain_payee(&settled, &arguments.payee, arguments.currency)?;
    Ok(ExitCode::SUCCESS)
}
