//! Terms: files in, pieces kept, files out; faults; changes and their undoing.

use std::path::Path;

use ledgerline::review::{TermTexts, TermsChange};
use ledgerline::session::SessionError;
use ledgerline::terms::language::RecordKind;
use ledgerline::terms::pieces::{TermKind, check, place_name, split_file};
use ledgerline::terms::{Book, Place};

use super::{CONTRACTS, House};
use crate::support::{file, program, run, run_well, sample_dir, text};

fn texts(files: &[(&str, &[u8])]) -> TermTexts {
    let terms = files
        .iter()
        .flat_map(|(name, bytes)| split_file(name, bytes).unwrap());
    terms
        .map(|t| ((t.kind.word().to_owned(), t.name), t.text))
        .collect()
}

fn book(texts: &TermTexts) -> Book {
    let pieces = texts
        .iter()
        .map(|((kind, name), text)| (TermKind::parse(kind).unwrap(), name, text));
    let mut book =
        check(pieces.map(|(kind, name, text)| (kind, place_name(kind, name), text.as_bytes())))
            .unwrap()
            .book;
    let nowhere = || Place {
        file: "".into(),
        line: 0,
    };
    book.payees.iter_mut().for_each(|p| p.place = nowhere());
    book.taxes.iter_mut().for_each(|t| t.place = nowhere());
    book.contracts.iter_mut().for_each(|c| c.place = nowhere());
    book
}

/// What is kept says what the files said, whichever form they have.
#[test]
fn pieces_say_what_their_file_said() {
    let folder = tempfile::tempdir().unwrap();
    for contracts in [
        CONTRACTS.to_owned(),
        std::fs::read_to_string(sample_dir().join("settle/contracts.toml")).unwrap(),
    ] {
        let mut whole = Book::read(&[("c.toml".into(), contracts.clone().into_bytes())]).unwrap();
        let kept = texts(&[("c.toml", contracts.as_bytes())]);
        let from_pieces = book(&kept);
        // The order in which taxes are written says nothing; kept ones are sorted.
        whole.taxes.sort_by(|a, b| a.name.cmp(&b.name));
        let nowhere = Place {
            file: "".into(),
            line: 0,
        };
        whole
            .payees
            .iter_mut()
            .for_each(|p| p.place = nowhere.clone());
        whole
            .taxes
            .iter_mut()
            .for_each(|t| t.place = nowhere.clone());
        whole
            .contracts
            .iter_mut()
            .for_each(|c| c.place = nowhere.clone());
        assert_eq!(from_pieces, whole);
        assert_eq!(
            texts(&[(
                "c.toml",
                kept.values()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join("\n")
                    .as_bytes()
            )]),
            kept,
            "written twice the same"
        );
        // Through CSV and back.
        let workspace = folder
            .path()
            .join(blake3::hash(contracts.as_bytes()).to_hex().as_str());
        let at = |name: &str| workspace.join(name).display().to_string();
        let path = file(folder.path(), "c.toml", &contracts);
        run_well(&["terms", "import", &path, "--workspace", &at("a")]);
        run_well(&[
            "terms",
            "export",
            "--csv",
            "--out",
            &at("csv"),
            "--workspace",
            &at("a"),
        ]);
        run_well(&[
            "terms",
            "import",
            &at("csv/contracts.csv"),
            "--workspace",
            &at("b"),
        ]);
        run_well(&[
            "terms",
            "export",
            "--out",
            &at("toml-a"),
            "--workspace",
            &at("a"),
        ]);
        run_well(&[
            "terms",
            "export",
            "--out",
            &at("toml-b"),
            "--workspace",
            &at("b"),
        ]);
        let exported = |name: &str| {
            std::fs::read_to_string(workspace.join(name).join("contracts.toml")).unwrap()
        };
        assert_eq!(exported("toml-a"), exported("toml-b"));
    }
}

#[test]
fn every_key_of_the_sample_has_its_place() {
    let contracts = std::fs::read_to_string(sample_dir().join("settle/contracts.toml")).unwrap();
    let mut record = String::new();
    for line in contracts.lines() {
        if let Some(header) = line.strip_prefix("[[") {
            record = header
                .trim_end_matches(']')
                .rsplit('.')
                .next()
                .unwrap()
                .to_owned();
        } else if let Some((key, _)) = line.split_once(" = ") {
            assert!(
                RecordKind::of_word(&record)
                    .unwrap()
                    .keys()
                    .iter()
                    .any(|known| known.key.word() == key.trim()),
                "{record}: {key}"
            );
        }
    }
}

#[test]
fn rates_and_balances_are_known_by_their_header_and_all_else_is_refused() {
    let kind = |text: &str| {
        split_file("f.csv", text.as_bytes())
            .map(|terms| terms[0].kind)
            .map_err(|faults| faults[0].to_string())
    };
    assert_eq!(
        kind("period,from,to,rate,source,date\n2026-09,USD,EUR,0.9,bank,\n"),
        Ok(TermKind::Rates)
    );
    assert_eq!(
        kind("\u{feff}Date,USD,JPY,\n2026-09-30,1.1,160,\n"),
        Ok(TermKind::Rates)
    );
    assert_eq!(
        kind("kind;contract;payee;name;territory;currency;amount;date\n"),
        Ok(TermKind::Balances)
    );
    assert_eq!(
        kind("record,contract,name,currency\npayee,,Ada,EUR\n"),
        Ok(TermKind::Payee)
    );
    let refused = kind("track,territory,period\n").unwrap_err();
    assert!(
        refused.starts_with(
            "f.csv, line 1: this is neither contracts, nor rates, nor balances; begin"
        ),
        "{refused}"
    );
}

#[test]
fn a_file_that_cannot_be_names_its_line_and_changes_nothing() {
    let house = House::new();
    let before = house.session.contents().terms().unwrap();
    let entries = house.session.contents().history().unwrap().len();
    let bad = CONTRACTS.replace("Ben = \"2/3\"", "Ben = \"1/2\"");
    let paths = [
        house.file(
            "good.csv",
            "period,from,to,rate,source,date\n2026-09,EUR,GBP,0.8,bank,\n",
        ),
        house.file("bad.toml", &bad),
    ];
    let error = house
        .session
        .import_terms(&paths, "")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(
            "bad.toml, line 27, shares: the shares of all sum to 5/6, not to one whole; correct"
        ),
        "{error}"
    );
    // A clause of another file's contract would replace all clauses that it has.
    let clause = house.file(
        "clause.csv",
        "record,contract,name,rate\nfee,Blue,more,0.01\n",
    );
    let error = house
        .session
        .import_terms(&[clause], "")
        .unwrap_err()
        .to_string();
    assert!(error.contains("clause.csv, line 2, contract: "), "{error}");
    assert_eq!(house.session.contents().terms().unwrap(), before);
    assert_eq!(house.session.contents().history().unwrap().len(), entries);
}

#[test]
fn what_others_need_stays_and_every_change_can_be_undone() {
    let house = House::new();
    let before = house.session.contents().terms().unwrap();
    let error = house
        .session
        .remove_term("payee", "Ada", "")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("contract \"Blue\", line") && error.contains("there is no payee \"Ada\""),
        "{error}"
    );
    assert!(matches!(
        house.session.remove_term("payee", "Eve", ""),
        Err(SessionError::NoSuchTerm { .. })
    ));
    let removed = house
        .session
        .remove_term("contract", "Blue", "it has ended")
        .unwrap();
    let gone = house.session.remove_term("payee", "Ada", "").unwrap();
    // Without Ada the contract cannot come back.
    let error = house.session.undo(removed.seq).unwrap_err().to_string();
    assert!(error.contains("there is no payee \"Ada\""), "{error}");
    house.session.undo(gone.seq).unwrap();
    house.session.undo(removed.seq).unwrap();
    assert_eq!(house.session.contents().terms().unwrap(), before);
    let house = house.open_again();
    assert_eq!(
        house.session.contents().terms().unwrap(),
        before,
        "it is in the journal"
    );
    house.session.redo(removed.seq).unwrap();
    assert!(
        !house
            .session
            .contents()
            .terms()
            .unwrap()
            .contains_key(&("contract".to_owned(), "Blue".to_owned()))
    );
    let nothing = house
        .session
        .change_terms(TermsChange::default())
        .unwrap_err()
        .to_string();
    assert_eq!(nothing, "there is nothing to decide");
}

fn at(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[test]
fn the_command_line_imports_lists_shows_and_removes() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, contracts) = (
        at(folder.path(), "w"),
        file(folder.path(), "contracts.toml", CONTRACTS),
    );
    let rates = sample_dir().join("settle/rates.csv").display().to_string();
    let out = text(
        &run_well(&[
            "terms",
            "import",
            &contracts,
            &rates,
            "--workspace",
            &workspace,
        ])
        .stdout,
    );
    assert_eq!(
        out,
        "new: 2 contract\nnew: 3 payee\nnew: 1 rates\nnew: 1 tax\nsaved as entry 1; 0 are as they were\n"
    );
    let again = text(&run_well(&["terms", "import", &contracts, "--workspace", &workspace]).stdout);
    assert_eq!(again, "nothing is new; 6 are as they were\n");
    let list = text(&run_well(&["terms", "list", "--workspace", &workspace]).stdout);
    assert!(
        list.contains("contract  Blue\n") && list.contains("rates     rates.csv\n"),
        "{list}"
    );
    let shown =
        text(&run_well(&["terms", "show", "payee", "Ben", "--workspace", &workspace]).stdout);
    assert_eq!(
        shown,
        "[[payee]]\nname = \"Ben\"\ncurrency = \"USD\"\nresidence = \"DE\"\nminimum = 2\n"
    );
    let refused = run(&["terms", "remove", "payee", "Ben", "--workspace", &workspace]);
    assert_eq!(refused.status.code(), Some(1));
    let error = text(
        &program()
            .args(["terms", "show", "payee", "Eve", "--workspace", &workspace])
            .output()
            .unwrap()
            .stderr,
    );
    assert!(
        error.contains("the workspace has no payee \"Eve\"; see: ledgerline terms list"),
        "{error}"
    );
    run_well(&[
        "terms",
        "remove",
        "rates",
        "rates.csv",
        "--note",
        "wrong month",
        "--workspace",
        &workspace,
    ]);
    let log = text(&run_well(&["audit", "log", "--workspace", &workspace]).stdout);
    assert!(
        log.contains("Removed rates rates.csv") && log.contains("wrong month"),
        "{log}"
    );
}
