//! Terms of a workspace and its periods: imported, changed, undone; closed, verified, corrected.

mod albums;
mod corrections;
mod guards;
mod kills;
mod terms;
mod whole;

use std::path::{Path, PathBuf};

use ledgerline::ident::{Currency, SalePeriod};
use ledgerline::job::Job;
use ledgerline::money::{Amount, DecimalMark, parse_amount};
use ledgerline::period::ClosedPeriod;
use ledgerline::review::{Action, Decision, Target, TermText, TermsChange};
use ledgerline::session::Session;
use ledgerline::settlement::{PayableState, Settled};
use ledgerline::statement::layout::Layouts;
use ledgerline::statement::source::parts;
use ledgerline::statement::{Accept, ReadOptions};

/// Five tracks; T4 has a namesake, so that its lines are ambiguous until somebody decides.
const CATALOG: &str = "track_id,isrc,upc,title,label,payee\n\
    T1,XAAAA2600001,0085365572676,One,Blue,Nobody\n\
    T2,XAAAA2600002,0085365572676,Two,Blue,Nobody\n\
    T3,XAAAA2600003,,Three,Red,Nobody\n\
    T4,XAAAA2600004,,Four,Red,Nobody\n\
    T5,XAAAA2600004,,Four,Red,Nobody\n";

const CONTRACTS: &str = r#"
[[payee]]
name = "Ada"
currency = "USD"
[[payee]]
name = "Ben"
currency = "USD"
minimum = 2
residence = "DE"
[[payee]]
name = "Label"
currency = "EUR"

[[tax]]
name = "us"
rate = 0.30
territories = ["US"]
residences = ["DE"]

[[contract]]
name = "Blue"
profile = "royalty"
currency = "USD"
labels = ["blue"]
[[contract.split]]
name = "all"
shares = { Ada = "1/3", Ben = "2/3" }
[[contract.fee]]
name = "distribution"
rate = 0.15
[[contract.rate]]
name = "royalty"
tiers = { 50 = 0.50, rest = 0.60 }
counts = "income"
[[contract.reserve]]
rate = 0.10
release = { 1 = 1 }
[[contract.advance]]
name = "advance"
amount = 12.5
date = 2026-09-01

[[contract]]
name = "Red"
profile = "net-receipts"
currency = "EUR"
labels = ["Red"]
[[contract.split]]
name = "all"
shares = { Label = 1 }
"#;

const RATES: &str =
    "period,from,to,rate,source,date\n2026-01..2026-12,USD,EUR,0.9,bank,2026-09-30\n";

const HEADER: &str = "ISRC,Track Title,Artist,Territory,Sales Month,Quantity,Amount,Currency\n";

/// A workspace of its own.
struct House {
    folder: tempfile::TempDir,
    session: Session,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = open(folder.path());
        let mut house = Self { folder, session };
        let catalog = house.file("catalog.csv", CATALOG);
        house.session.import_catalog(&[catalog]).unwrap();
        let files = [
            house.file("contracts.toml", CONTRACTS),
            house.file("rates.csv", RATES),
        ];
        house.session.import_terms(&files, "").unwrap();
        house
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Takes a statement: rows of track number, territory, month, amount.
    fn report(&mut self, name: &str, rows: &[(u32, &str, &str, &str)]) {
        let row = |(track, territory, month, amount): &(u32, &str, &str, &str)| {
            format!("XAAAA260000{track},Title {track},Artist,{territory},{month},10,{amount},USD\n")
        };
        self.take(
            name,
            &(HEADER.to_owned() + &rows.iter().map(row).collect::<String>()),
        );
    }

    fn take(&mut self, name: &str, text: &str) {
        let path = self.file(name, text);
        for part in parts(&path).unwrap() {
            // Statements of three rows, one of them bad, or with rows of another one: neither is what these tests are about.
            let options = ReadOptions {
                accept: Accept {
                    quarantine: true,
                    duplicate: true,
                },
                ..ReadOptions::default()
            };
            self.session.import_statement(&part, &options).unwrap();
        }
    }

    /// Decides what the lines of an ISRC are.
    fn assign(&self, isrc: u32, track: &str) {
        let isrc = ledgerline::ident::Isrc::parse(&format!("XAAAA260000{isrc}")).unwrap();
        let target = Target::Isrc {
            isrc,
            dsp: None,
            upc: None,
        };
        let decision = Decision {
            target,
            action: Action::Assign {
                track: track.into(),
            },
            note: String::new(),
        };
        self.session.decide(&[decision]).unwrap();
    }

    /// Replaces a text in a contract.
    fn change(&self, contract: &str, from: &str, to: &str) {
        let text = self.session.contents().terms().unwrap()
            [&("contract".to_owned(), contract.to_owned())]
            .clone();
        assert!(text.contains(from), "{text}");
        let term = TermText {
            kind: "contract".into(),
            name: contract.into(),
            text: text.replace(from, to),
        };
        self.session
            .change_terms(TermsChange {
                set: vec![term],
                ..TermsChange::default()
            })
            .unwrap();
    }

    fn close(&mut self, period: &str) -> (ClosedPeriod, Settled) {
        let closed = self.session.close_period(month(period)).unwrap();
        let settled = self.session.contents().settled_again(&closed).unwrap();
        (closed, settled)
    }

    fn open_again(self) -> Self {
        let Self { folder, session } = self;
        drop(session);
        let session = open(folder.path());
        Self { folder, session }
    }
}

fn open(folder: &Path) -> Session {
    Session::open(
        &folder.join("workspace"),
        Layouts::load(&[] as &[PathBuf]).unwrap(),
        Job::new(1),
    )
    .unwrap()
    .acting_as("ada".into())
}

fn month(text: &str) -> SalePeriod {
    SalePeriod::from_canonical(text).unwrap()
}

fn amount(text: &str) -> Amount {
    parse_amount(text.as_bytes(), DecimalMark::Dot).unwrap()
}

/// What a payee has been paid exactly in these settlements, and what the last one carries forward.
fn owed(settled: &[&Settled], payee: &str) -> Vec<(Currency, Amount)> {
    let mut sums = std::collections::BTreeMap::new();
    for settlement in settled {
        let number = settlement.inputs.book.payee(payee).unwrap();
        for line in settlement
            .payables
            .iter()
            .filter(|l| l.payee == number && l.state == PayableState::Paid)
        {
            let sum: &mut Amount = sums.entry(line.currency).or_default();
            *sum = sum.plus(line.exact).unwrap();
        }
    }
    for (key, carried) in settled[settled.len() - 1]
        .closing
        .carried
        .iter()
        .filter(|(key, _)| key.payee == payee)
    {
        let sum = sums.entry(key.currency).or_default();
        *sum = sum.plus(*carried).unwrap();
    }
    sums.into_iter().collect()
}
