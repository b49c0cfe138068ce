//! Statements in the shapes that senders and programs really write, each with the right value, worked out by hand.
//!
//! The cases stand in `tests/fixtures/real/*.toml`, beside the files; the guide's page of what was tried is made of them.

mod guide;

use std::collections::BTreeMap;
use std::path::PathBuf;

use num_bigint::BigInt;
use serde::Deserialize;

use crate::support::{file, rows, run, summary, text};

/// One input with its right value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The file, or files given in one run.
    #[serde(default)]
    file: String,
    #[serde(default)]
    files: Vec<String>,
    /// What it stands for.
    pub kind: String,
    /// Where the shape is known from.
    pub source: String,
    /// Options of the command.
    #[serde(default)]
    options: Vec<String>,
    /// Records, those in quarantine included; nothing is taken where it is missing.
    rows: Option<u64>,
    /// All money of all statuses, by currency.
    #[serde(default)]
    amounts: BTreeMap<String, String>,
    /// The sale period of the only, or first, statement.
    period: Option<String>,
    /// The exit code.
    #[serde(default)]
    exit: i32,
    /// What must be said.
    #[serde(default)]
    says: Vec<String>,
    /// What must not be said.
    #[serde(default)]
    silent: Vec<String>,
    /// By which layout it is read.
    layout: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// The catalog of the tries.
const CATALOG: &str = "track_id,isrc,upc,title,artist,payee\nT1,NLA1Z2600123,0724384960650,Tidewater,Mara Ellis,Mara Ellis\nT2,NLA1Z2600124,0724384960650,Low Sun,Mara Ellis,Mara Ellis\n";

fn folder() -> PathBuf {
    crate::support::root().join("tests/fixtures/real")
}

/// All cases, in the order of their files.
pub fn cases() -> Vec<Case> {
    let mut lists: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    lists.sort();
    let read = |path: &PathBuf| {
        toml::from_str::<Cases>(&std::fs::read_to_string(path).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    lists.iter().flat_map(|path| read(path).case).collect()
}

/// What the program made of a case.
pub struct Tried {
    code: Option<i32>,
    /// Standard output and standard error, without what differs from machine to machine.
    pub said: String,
    summary: Option<serde_json::Value>,
}

impl Tried {
    /// Money of all statuses, by currency.
    pub fn amounts(&self) -> BTreeMap<String, Exact> {
        let mut amounts: BTreeMap<String, Exact> = BTreeMap::new();
        for total in self
            .summary
            .iter()
            .flat_map(|s| s["totals"].as_array().unwrap())
        {
            let sum = amounts
                .entry(total["currency"].as_str().unwrap().to_owned())
                .or_default();
            *sum = sum.plus(&Exact::read(total["amount"].as_str().unwrap()));
        }
        amounts.retain(|_, amount| !amount.is_zero());
        amounts
    }
}

impl Case {
    pub fn names(&self) -> Vec<&str> {
        if self.file.is_empty() {
            self.files.iter().map(String::as_str).collect()
        } else {
            vec![&self.file]
        }
    }

    /// The command as a person types it.
    pub fn command(&self) -> String {
        let options: String = self.options.iter().map(|o| format!(" {o}")).collect();
        format!(
            "ledgerline reconcile --catalog catalog.csv --statement {}{options} --out results",
            self.names().join(" ")
        )
    }

    /// Runs the command.
    pub fn tried(&self) -> Tried {
        let place = tempfile::tempdir().unwrap();
        let catalog = file(place.path(), "catalog.csv", CATALOG);
        let out = place.path().join("out");
        let paths: Vec<String> = self
            .names()
            .iter()
            .map(|name| folder().join(name).display().to_string())
            .collect();
        let mut arguments = vec![
            "reconcile",
            "--catalog",
            &catalog,
            "--out",
            out.to_str().unwrap(),
            "--statement",
        ];
        arguments.extend(paths.iter().map(String::as_str));
        arguments.extend(self.options.iter().map(String::as_str));
        let output = run(&arguments);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        let said = said
            .replace(&format!("{}/", folder().display()), "")
            .replace(&out.display().to_string(), "results");
        let said = said
            .lines()
            .filter(|line| !line.starts_with("fingerprint "))
            .map(|line| format!("{line}\n"))
            .collect();
        let summary = out.join("summary.json").exists().then(|| summary(&out));
        Tried {
            code: output.status.code(),
            said,
            summary,
        }
    }

    /// What the case comes to that is not right.
    fn faults(&self) -> Vec<String> {
        let tried = self.tried();
        let mut faults = Vec::new();
        if tried.code != Some(self.exit) {
            faults.push(format!("exit code {:?}, not {}", tried.code, self.exit));
        }
        faults.extend(
            self.says
                .iter()
                .filter(|words| !tried.said.contains(*words))
                .map(|words| format!("does not say “{words}”")),
        );
        faults.extend(
            self.silent
                .iter()
                .filter(|words| tried.said.contains(*words))
                .map(|words| format!("says “{words}”")),
        );
        match (self.rows, &tried.summary) {
            (Some(rows), Some(_)) => faults.extend(self.wrong_figures(rows, &tried)),
            (Some(_), None) => faults.push("nothing was taken".into()),
            (None, Some(_)) => faults.push("something was taken".into()),
            (None, None) => {}
        }
        if !faults.is_empty() {
            faults.push(tried.said);
        }
        faults
    }

    /// The right money by currency.
    pub fn right(&self) -> BTreeMap<String, Exact> {
        self.amounts
            .iter()
            .map(|(c, a)| (c.clone(), Exact::read(a)))
            .collect()
    }

    fn wrong_figures(&self, wanted_rows: u64, tried: &Tried) -> Vec<String> {
        let mut faults = Vec::new();
        let statements = tried
            .summary
            .as_ref()
            .and_then(|s| s["statements"].as_array())
            .unwrap();
        let rows_read: u64 = statements.iter().map(|s| s["rows"].as_u64().unwrap()).sum();
        if rows_read != wanted_rows {
            faults.push(format!("{rows_read} rows, not {wanted_rows}"));
        }
        let (amounts, right) = (tried.amounts(), self.right());
        if amounts != right {
            faults.push(format!("{amounts:?}, not {right:?}"));
        }
        if let (Some(period), Some(first)) = (&self.period, statements.first())
            && first["sale_period"].as_str() != Some(period)
        {
            faults.push(format!("period {}, not {period}", first["sale_period"]));
        }
        if let (Some(layout), Some(first)) = (&self.layout, statements.first())
            && first["layout"].as_str() != Some(layout)
        {
            faults.push(format!("layout {}, not {layout}", first["layout"]));
        }
        faults
    }
}

/// A decimal of any length, exactly, apart from the program's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exact {
    digits: BigInt,
    scale: u32,
}

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, digits) = if self.digits < BigInt::from(0) {
            ("-", (-&self.digits).to_string())
        } else {
            ("", self.digits.to_string())
        };
        let digits = format!("{digits:0>width$}", width = self.scale as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        if fraction.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{fraction}")
        }
    }
}

impl Exact {
    pub fn read(text: &str) -> Self {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits: BigInt = format!("{whole}{fraction}")
            .parse()
            .unwrap_or_else(|_| panic!("{text} is a decimal"));
        Self {
            digits,
            scale: fraction.len() as u32,
        }
        .shortest()
    }

    pub fn plus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let at = |value: &Self| &value.digits * BigInt::from(10).pow(scale - value.scale);
        Self {
            digits: at(self) + at(other),
            scale,
        }
        .shortest()
    }

    fn is_zero(&self) -> bool {
        self.digits == BigInt::from(0)
    }

    fn shortest(mut self) -> Self {
        while self.scale > 0 && &self.digits % 10 == BigInt::from(0) {
            self.digits /= 10;
            self.scale -= 1;
        }
        self
    }
}

#[test]
fn every_real_shape_comes_to_its_right_value() {
    let mut faults = Vec::new();
    let cases = cases();
    assert!(cases.len() > 30, "the cases are there");
    for case in &cases {
        let wrong = case.faults();
        if !wrong.is_empty() {
            faults.push(format!(
                "== {:?} ({}): {}",
                case.names(),
                case.kind,
                wrong.join("\n")
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {} cases\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

#[test]
fn a_wrong_value_is_found() {
    let mut case = cases()
        .into_iter()
        .find(|c| c.file.starts_with("04_"))
        .unwrap();
    assert_eq!(case.faults(), Vec::<String>::new());
    case.amounts.insert("EUR".into(), "0.199099986".into());
    assert!(!case.faults().is_empty());
}

#[test]
fn a_catalog_of_a_distributor_has_its_names_in_the_second_line() {
    let place = tempfile::tempdir().unwrap();
    let (workspace, out) = (place.path().join("label"), place.path().join("out"));
    let (workspace, out_text) = (workspace.to_str().unwrap(), out.to_str().unwrap());
    let catalog = folder().join("36_catalog_zebralution.csv");
    let imported = run(&[
        "catalog",
        "import",
        catalog.to_str().unwrap(),
        "--workspace",
        workspace,
    ]);
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    assert!(
        text(&imported.stdout).contains("1 tracks new"),
        "{}",
        text(&imported.stdout)
    );
    let statement = file(
        place.path(),
        "s.csv",
        "Sale Month,Title,Artist,UPC,Net Revenue,Currency\n2025-07,Tidewater,Mara Ellis,724384960650,2,USD\n",
    );
    let settled = run(&[
        "reconcile",
        "--workspace",
        workspace,
        "--statement",
        &statement,
        "--out",
        out_text,
    ]);
    assert!(settled.status.success(), "{}", text(&settled.stderr));
    assert!(
        rows(&out.join("exceptions.csv")).is_empty(),
        "UPC, title and artist of the track are known"
    );
}
