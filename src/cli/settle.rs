//! `ledgerline settle` and `ledgerline explain`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use super::args::{ExplainArguments, MoreTerms, SettleArguments, Terms};
use super::payout::explain as explain_payee;
use super::show;
use crate::job::Job;
use crate::session::settle::{TermFiles, settle_files, suspense_lines, write_settled};

impl Terms {
    /// The files of terms.
    fn files(&self) -> TermFiles {
        self.more.files(&self.contracts)
    }
}

impl MoreTerms {
    /// The files of terms, with these contracts.
    pub(super) fn files(&self, contracts: &[PathBuf]) -> TermFiles {
        TermFiles { contracts: contracts.to_vec(), rates: self.rates.clone(), balances: self.balances.clone(), period: self.period }
    }
}

pub(super) fn settle(arguments: &SettleArguments, job: &Job) -> Result<ExitCode> {
    super::set_threads(job.threads());
    let settled = settle_files(&arguments.cells, &arguments.terms.files())?;
    write_settled(&settled, &arguments.out)?;
    show::settled(&settled, &suspense_lines(&settled)?)?;
    show::line(&format!("results in {}", arguments.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn explain(arguments: &ExplainArguments, job: &Job) -> Result<ExitCode> {
    super::set_threads(job.threads());
    let settled = settle_files(&arguments.cells, &arguments.terms.files())?;
    explain_payee(&settled, &arguments.payee, arguments.currency)?;
    Ok(ExitCode::SUCCESS)
}
