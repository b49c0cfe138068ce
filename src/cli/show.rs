//! Results as text for people.

use std::io::{self, Write};
use std::path::Path;

use crate::catalog::CatalogReport;
use crate::contents::StatementRecord;
use crate::journal::Change;
use crate::matching::Status;
use crate::period::{ClosedPeriod, Effect, WhatIf};
use crate::results::{SuspenseLine, WrittenFiles};
use crate::review::TermTexts;
use crate::session::{Run, Taken};
use crate::settlement::{PayableState, Settled, SuspenseReason};
use crate::statement::ledger::{ControlTotal, LineLedger};
use crate::statement::plan::PeriodSource;

/// One line.
pub(super) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

pub(super) fn catalog_report(report: &CatalogReport) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "catalog: {} rows; {} tracks new, {} changed, {} as they were, {} rows repeated",
        report.rows, report.added, report.changed, report.unchanged, report.repeated
    )?;
    let mut err = io::stderr().lock();
    for warning in &report.first_warnings {
        writeln!(err, "warning: {warning}")?;
    }
    let shown = report.first_warnings.len() as u64;
    if report.warnings > shown {
        writeln!(err, "warning: … and {} more", report.warnings - shown)?;
    }
    for rejected in report.rejected.iter().take(20) {
        writeln!(err, "error: {rejected}; the row was left out")?;
    }
    if report.rejected.len() > 20 {
        writeln!(
            err,
            "error: … and {} more rows were left out",
            report.rejected.len() - 20
        )?;
    }
    Ok(())
}

/// A statement that was taken, with what somebody should know of it; `is_there` says which statements are in the workspace.
pub(super) fn taken(taken: &Taken, is_there: impl Fn(&str) -> bool) -> io::Result<()> {
    let r = &taken.record;
    let mut out = io::stdout().lock();
    let known = if taken.was_there {
        " (already in the workspace, not counted again)"
    } else {
        ""
    };
    writeln!(
        out,
        "{}: {}, {} rows, {}{known}",
        r.name,
        r.layout_name,
        r.records,
        period(&r.sale_period)
    )?;
    if r.layout == "generic" {
        let uses: Vec<String> = r
            .columns
            .iter()
            .map(|(field, header)| format!("{field} = “{header}”"))
            .collect();
        writeln!(out, "  columns taken by their names: {}", uses.join(", "))?;
    }
    for reason in &r.reasons {
        writeln!(out, "  because {reason}")?;
    }
    not_counted(&mut out, r)?;
    lines(&mut out, &r.ledger)?;
    for total in &r.control_totals {
        control_total(&mut out, total)?;
    }
    for warning in r.warnings(is_there) {
        writeln!(io::stderr(), "warning: {}: {warning}", r.name)?;
    }
    period_said(r)
}

/// Other tables of the file, and rows that a rule sets aside.
fn not_counted(out: &mut impl Write, r: &StatementRecord) -> io::Result<()> {
    for table in &r.tables {
        let title = if table.title.is_empty() {
            String::new()
        } else {
            format!(" “{}”", table.title)
        };
        writeln!(
            out,
            "  another table of the file is not counted:{title}, {} rows below line {} ({}); its money is compared, not added",
            table.rows,
            table.line,
            table.names.join(", ")
        )?;
    }
    for aside in &r.aside {
        let amounts: Vec<String> = aside
            .amounts
            .iter()
            .map(|(currency, amount)| format!("{amount} {currency}"))
            .collect();
        writeln!(
            out,
            "  {} rows are set aside, {}: {}",
            aside.rows,
            amounts.join(", "),
            aside.because
        )?;
    }
    Ok(())
}

/// What every line is.
fn lines(out: &mut impl Write, l: &LineLedger) -> io::Result<()> {
    let aside = match l.aside {
        0 => String::new(),
        lines => format!(" + {lines} set aside"),
    };
    let within = match l.within {
        0 => String::new(),
        lines => format!(" - {lines} within a line"),
    };
    let verdict = if l.ties_out() {
        ""
    } else {
        "  DOES NOT TIE OUT"
    };
    writeln!(
        out,
        "  lines: {} = {} preamble + {} header + {} records + {} continuation + {} blank + {} footer + {} quarantined{aside}{within}{verdict}",
        l.physical_lines,
        l.preamble,
        l.header,
        l.records,
        l.continuation,
        l.blank,
        l.footer,
        l.quarantined,
    )
}

fn control_total(out: &mut impl Write, total: &ControlTotal) -> io::Result<()> {
    let verdict = match total.agrees {
        Some(true) => "agrees",
        Some(false) => "DISAGREES",
        None => "cannot be compared (several currencies, or no number)",
    };
    let read = total.read.as_deref().unwrap_or("–");
    writeln!(
        out,
        "  control total {}: stated {}, read {read}: {verdict}",
        total.label, total.stated
    )
}

/// Totals that files state otherwise than they were read.
pub(super) fn disagreeing(run: &Run) -> io::Result<()> {
    for (file, total) in run.disagreeing_totals() {
        let read = total.read.as_deref().unwrap_or("?");
        writeln!(
            io::stderr(),
            "warning: {file}: the file states {} {}, read were {read}",
            total.label,
            total.stated
        )?;
    }
    Ok(())
}

/// Who says the period, where it is not the rows or a line above them.
fn period_said(r: &StatementRecord) -> io::Result<()> {
    let mut err = io::stderr().lock();
    match r.period_source {
        PeriodSource::FileName => writeln!(
            err,
            "note: {}: only the name of the file says its sale period, {}; if that is wrong, say it with --period",
            r.name, r.default_period
        ),
        PeriodSource::Person if r.without_period < r.records => {
            writeln!(
                io::stdout().lock(),
                "  the sale period is {}, as said with --period",
                r.default_period
            )
        }
        _ if r.without_period > 0 => writeln!(
            err,
            "warning: {}: nobody says the sale period of {} rows; say it with --period 2026-09 (or 2026-07..2026-09)",
            r.name, r.without_period
        ),
        _ => Ok(()),
    }
}

/// What stands behind “hold” when the proof does not speak of everything that was given.
fn caveat(caveats: &[String]) -> String {
    if caveats.is_empty() {
        return String::new();
    }
    let more = if caveats.len() > MOST_CAVEATS {
        format!("; and {} more", caveats.len() - MOST_CAVEATS)
    } else {
        String::new()
    };
    format!(
        " over what was read; {}{more}",
        caveats
            .iter()
            .take(MOST_CAVEATS)
            .cloned()
            .collect::<Vec<_>>()
            .join("; ")
    )
}

fn period(text: &str) -> &str {
    if text.is_empty() {
        "period not stated"
    } else {
        text
    }
}

pub(super) fn run(run: &Run, out_folder: &Path) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let rows: Vec<[String; 5]> = run
        .sums
        .totals
        .iter()
        .map(|((currency, status), t)| {
            [
                currency.to_string(),
                status.code().to_owned(),
                t.rows.to_string(),
                t.items.to_string(),
                t.amount.to_string(),
            ]
        })
        .collect();
    table(
        &mut out,
        &["currency", "status", "rows", "items", "amount"],
        &rows,
    )?;
    let payees = match &run.settled {
        Some(settled) => settled
            .payables
            .iter()
            .filter(|l| !l.payable.is_zero())
            .count(),
        None => run.payables.iter().filter(|p| p.rows > 0).count(),
    };
    let waiting: u64 = run
        .sums
        .totals
        .iter()
        .filter(|((_, s), _)| matches!(s, Status::Ambiguous | Status::Unmatched | Status::Held))
        .map(|(_, t)| t.items)
        .sum();
    let caveat = caveat(&run.caveats());
    writeln!(
        out,
        "{payees} payable amounts; {waiting} items wait for a person; {} equations of the proof hold{caveat}",
        run.proof.len()
    )?;
    for line in run.proof.iter().filter(|l| !l.holds()) {
        writeln!(
            out,
            "PROOF FAILS: {} {}: {} is not {}",
            line.currency, line.claim, line.left, line.right
        )?;
    }
    for statement in run.statements.iter().filter(|s| !s.is_balanced) {
        writeln!(out, "NOT BALANCED: {}", statement.record.name)?;
    }
    writeln!(out, "fingerprint {}", run.fingerprint)?;
    writeln!(out, "results in {}", out_folder.display())
}

/// A settlement; `caveats` are what its proof does not speak of.
pub(super) fn settled(
    settled: &Settled,
    suspense: &[SuspenseLine],
    caveats: &[String],
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let names = &settled.inputs.book.payees;
    let rows: Vec<[String; 6]> = settled
        .payables
        .iter()
        .take(MOST_PAYEES)
        .map(|l| {
            let amounts = [l.exact, l.carried_out, l.payable].map(|a| a.to_string());
            let [exact, carried, payable] = amounts;
            [
                names[l.payee.index()].name.clone(),
                l.currency.to_string(),
                l.state.code().to_owned(),
                exact,
                carried,
                payable,
            ]
        })
        .collect();
    table(
        &mut out,
        &["payee", "currency", "state", "exact", "carried", "payable"],
        &rows,
    )?;
    if settled.payables.len() > MOST_PAYEES {
        writeln!(
            out,
            "… and {} more, in payables.csv",
            settled.payables.len() - MOST_PAYEES
        )?;
    }
    for line in suspense
        .iter()
        .filter(|l| l.reason != SuspenseReason::Ignored.code())
    {
        let of = if line.contracts.is_empty() {
            String::new()
        } else {
            format!(" of {}", line.contracts)
        };
        writeln!(
            io::stderr(),
            "warning: {} {} wait ({}{of}): {}",
            line.amount,
            line.currency,
            line.reason,
            line.remedy
        )?;
    }
    for note in &settled.notes {
        writeln!(io::stderr(), "note: {note}")?;
    }
    writeln!(
        out,
        "{} settled; {} equations of the proof hold{}",
        settled.period,
        settled.proof.len(),
        caveat(caveats)
    )
}

/// Pieces of the terms: what each is about, and its name.
pub(super) fn terms(texts: &TermTexts) -> io::Result<()> {
    let rows: Vec<[String; 2]> = texts
        .keys()
        .map(|(kind, name)| [kind.clone(), name.clone()])
        .collect();
    table(&mut io::stdout().lock(), &["kind", "name"], &rows)
}

pub(super) fn what_if(what_if: &WhatIf) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if what_if.is_empty() {
        return writeln!(out, "nothing would be paid differently");
    }
    let row = |e: &Effect| {
        let state = e.state.map_or("nothing", PayableState::code);
        let amounts = [e.before, e.after, e.exact_before, e.exact_after].map(|a| a.to_string());
        let [before, after, exact_before, exact_after] = amounts;
        [
            e.payee.clone(),
            e.currency.to_string(),
            before,
            after,
            exact_before,
            exact_after,
            state.to_owned(),
        ]
    };
    let rows: Vec<[String; 7]> = what_if.effects.iter().map(row).collect();
    table(
        &mut out,
        &[
            "payee",
            "currency",
            "paid",
            "would be paid",
            "exact",
            "would be exact",
            "state",
        ],
        &rows,
    )?;
    for (currency, before, after) in &what_if.waiting {
        writeln!(out, "{after} {currency} would wait, not {before}")?;
    }
    Ok(())
}

/// Control totals of the payout files, and how many statements there are.
pub(super) fn written(written: &WrittenFiles) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if written.statements > 0 {
        writeln!(
            out,
            "{} statements, listed in statements/index.csv",
            written.statements
        )?;
    }
    for total in &written.payouts {
        let payments = if total.payments == 1 {
            "payment"
        } else {
            "payments"
        };
        let text = format!(
            "{} {payments}, {} {}",
            total.payments, total.amount, total.currency
        );
        if total.file.is_empty() {
            writeln!(io::stderr(), "note: left out of the payout file: {text}")?;
        } else {
            writeln!(out, "{}: {text}", total.file)?;
        }
    }
    Ok(())
}

pub(super) fn periods(periods: &[ClosedPeriod]) -> io::Result<()> {
    let payable = |p: &ClosedPeriod| {
        p.payable
            .iter()
            .map(|(currency, amount)| format!("{amount} {currency}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let rows: Vec<[String; 6]> = periods
        .iter()
        .map(|p| {
            [
                p.period.clone(),
                p.at.clone(),
                p.who.clone(),
                p.statements.len().to_string(),
                payable(p),
                p.fingerprint.clone(),
            ]
        })
        .collect();
    table(
        &mut io::stdout().lock(),
        &[
            "period",
            "closed",
            "by",
            "statements",
            "payable",
            "fingerprint",
        ],
        &rows,
    )
}

/// Sentences that the line about the proof has at most.
const MOST_CAVEATS: usize = 5;

/// Payees that are shown on the terminal.
const MOST_PAYEES: usize = 40;

pub(super) fn statements(records: &[StatementRecord]) -> io::Result<()> {
    let rows: Vec<[String; 6]> = records
        .iter()
        .map(|r| {
            let accepted = r.accepted.words().join(", ");
            [
                r.key()[..12].to_owned(),
                r.name.clone(),
                r.layout.clone(),
                period(&r.sale_period).to_owned(),
                r.records.to_string(),
                accepted,
            ]
        })
        .collect();
    table(
        &mut io::stdout().lock(),
        &["key", "file", "layout", "sale period", "rows", "accepted"],
        &rows,
    )
}

pub(super) fn decisions(history: &[Change]) -> io::Result<()> {
    let rows: Vec<[String; 5]> = history
        .iter()
        .flat_map(|change| change.decisions().iter().map(move |d| (change, d)))
        .map(|(change, d)| {
            let entry = &change.entry;
            let undone = if change.is_undone { " [undone]" } else { "" };
            [
                entry.seq.to_string(),
                entry.at.clone(),
                entry.who.clone(),
                format!("{d}{undone}"),
                d.note.clone(),
            ]
        })
        .collect();
    table(
        &mut io::stdout().lock(),
        &["no.", "when", "who", "decision", "why"],
        &rows,
    )
}

/// Columns of numbers stand right, columns of text left.
fn table<const N: usize>(
    out: &mut impl Write,
    header: &[&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let width: [usize; N] = std::array::from_fn(|c| {
        rows.iter()
            .map(|r| r[c].chars().count())
            .chain([header[c].len()])
            .max()
            .unwrap_or(0)
    });
    let is_number: [bool; N] = std::array::from_fn(|c| {
        !rows.is_empty()
            && rows.iter().all(|r| {
                r[c].bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
            })
    });
    let mut print = |cells: [&str; N]| {
        let cells: Vec<String> = (0..N)
            .map(|c| {
                if is_number[c] {
                    format!("{:>1$}", cells[c], width[c])
                } else {
                    format!("{:<1$}", cells[c], width[c])
                }
            })
            .collect();
        writeln!(out, "{}", cells.join("  ").trim_end())
    };
    print(*header)?;
    rows.iter()
        .try_for_each(|row| print(std::array::from_fn(|c| row[c].as_str())))
}
