//! The sample label against the independent implementation in `oracle`, to the last digit.

use std::path::Path;

use serde_json::{Value, json};

use crate::oracle;
use crate::support::{rows, run_well, sample_dir, sample_statements, summary};

fn reconcile(out: &Path, statements: &[String], more: &[&str]) {
    let catalog = sample_dir().join("catalog.csv").display().to_string();
    let mut arguments = vec!["reconcile", "--catalog", &catalog, "--statement"];
    arguments.extend(statements.iter().map(String::as_str));
    let out = out.display().to_string();
    arguments.extend(["--out", &out]);
    arguments.extend(more);
    run_well(&arguments);
}

fn unguarded(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// Our results in the oracle's form.
fn results(out: &Path) -> Value {
    let summary = summary(out);
    let statements: Vec<Value> = summary["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| json!({"file": s["file"], "layout": s["layout"], "rows": s["rows"], "totals": s["totals"]}))
        .collect();
    let payouts: Vec<Vec<String>> = rows(&out.join("payouts.csv"))
        .into_iter()
        .map(|r| r.iter().map(|c| unguarded(c)).collect())
        .collect();
    let mut exceptions: Vec<Vec<String>> = rows(&out.join("exceptions.csv"))
        .into_iter()
        .map(|r| r[..13].iter().map(|c| unguarded(c)).collect())
        .collect();
    exceptions.sort();
    let mut quarantine: Vec<Vec<String>> = rows(&out.join("quarantine.csv"))
        .into_iter()
        .map(|r| vec![r[0].clone(), r[1].clone(), r[5].clone()])
        .collect();
    quarantine.sort_by_key(|r| (r[0].clone(), r[1].parse::<u64>().unwrap()));
    json!({"statements": statements, "totals": summary["totals"], "payouts": payouts, "exceptions": exceptions, "quarantine": quarantine})
}

/// The results that `sample-data/expected.json` keeps; with `UPDATE_EXPECTED=1` the independent implementation writes them anew.
fn expected() -> Value {
    let path = sample_dir().join("expected.json");
    let computed = oracle::expected(&sample_dir());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(
            &path,
            serde_json::to_string_pretty(&computed).unwrap() + "\n",
        )
        .unwrap();
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(
        kept == computed,
        "sample-data/expected.json is not what the independent implementation computes"
    );
    kept
}

#[test]
fn the_sample_agrees_with_the_independent_implementation() {
    let out = tempfile::tempdir().unwrap();
    reconcile(out.path(), &sample_statements(), &[]);
    let want = expected();
    let got = results(out.path());
    for part in [
        "quarantine",
        "statements",
        "exceptions",
        "payouts",
        "totals",
    ] {
        assert_same(part, &got[part], &want[part]);
    }
}

fn assert_same(part: &str, got: &Value, want: &Value) {
    let (got, want) = (got.as_array().unwrap(), want.as_array().unwrap());
    let missing: Vec<String> = want
        .iter()
        .filter(|w| !got.contains(w))
        .take(8)
        .map(ToString::to_string)
        .collect();
    let extra: Vec<String> = got
        .iter()
        .filter(|g| !want.contains(g))
        .take(8)
        .map(ToString::to_string)
        .collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{part}\nexpected, not there:\n{}\nthere, not expected:\n{}",
        missing.join("\n"),
        extra.join("\n")
    );
    assert_eq!(got, want, "{part} stand in another order");
}
