//! `ledgerline settle` and `ledgerline explain`.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::args::{ExplainArguments, SettleArguments, Terms};
use super::show;
use crate::job::Job;
use crate::session::settle::{TermFiles, settle_files, suspense_lines, write_settled};

impl Terms {
    /// The files of terms.
    pub(super) fn files(&self) -> TermFiles {
        TermFiles { contracts: self.contracts.clone(), rates: self.rates.clone(), balances: self.balances.clone(), period: self.period }
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
    if settled.inputs.book.payee(&arguments.payee).is_none() {
        anyhow::bail!("there is no payee {:?} in the contracts; names are written as there", arguments.payee);
    }
    let Some(lines) = settled.explain(&arguments.payee, arguments.currency) else {
        anyhow::bail!("{} gets nothing in {}; payables.csv has the currencies of each payee", arguments.payee, arguments.currency);
    };
    let mut out = std::io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(ExitCode::SUCCESS)
}
