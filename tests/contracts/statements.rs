//! Statements of payees: they tie out for any contracts, in the model and in the CSV, and the PDF can be read by eye and by machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use ledgerline::account::{PayeeStatement, Section, Titles, TrackTitle, prove_statements};
use ledgerline::export::{
    Letterhead, STATEMENT_COLUMNS, statement_csv, statement_pdf, statement_stems,
};
use ledgerline::ident::Currency;
use ledgerline::money::Amount;
use ledgerline::settlement::{PayableState, Settled};
use proptest::prelude::*;

use super::slow::label;
use super::{Texts, amount, cells, currency};
use crate::support::text;

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    Amount::sum(amounts).unwrap()
}

/// Sums of postings by account, with the signs of the accounts' balances.
fn postings(settled: &Settled) -> BTreeMap<(String, Currency), Amount> {
    let mut balances: BTreeMap<(String, Currency), Amount> = BTreeMap::new();
    for t in settled.movements() {
        for (account, amount) in [(&t.debit, t.amount), (&t.credit, t.amount.negated())] {
            let balance = balances
                .entry((account.label(&settled.inputs.book), t.currency))
                .or_default();
            *balance = balance.plus(amount).unwrap();
        }
    }
    balances
}

/// What is wrong with the statements of a settlement, held against its payables and postings.
fn faults(settled: &Settled) -> Vec<String> {
    let statements = settled.statements().unwrap();
    let mut wrong: Vec<String> = prove_statements(settled, &statements)
        .unwrap()
        .iter()
        .filter(|l| !l.holds())
        .map(|l| format!("{l:?}"))
        .collect();
    for line in &settled.payables {
        let found: Vec<&PayeeStatement<'_>> = statements
            .iter()
            .filter(|s| (s.payee, s.currency) == (line.payee, line.currency))
            .collect();
        let [statement] = found.as_slice() else {
            wrong.push(format!("{} statements for {line:?}", found.len()));
            continue;
        };
        let s = &statement.summary;
        if line.state == PayableState::WaitsForRate {
            if (
                s.closing,
                s.opening.plus(s.earned).unwrap().minus(s.recouped).unwrap(),
            ) != (line.carried_out, line.earned)
            {
                wrong.push(format!("{line:?} waits otherwise in {s:?}"));
            }
            continue;
        }
        let waited = settled
            .inputs
            .opening
            .waiting
            .iter()
            .filter(|(key, _)| key.payee == statement.name() && key.currency == line.currency);
        let waited = sum(waited.map(|(_, amount)| *amount));
        let earned = line.earned.minus(waited).unwrap();
        let rounded = s.closing.plus(s.paid).unwrap().plus(s.rounding).unwrap();
        if (s.opening.minus(waited), s.earned.minus(s.recouped))
            != (Ok(line.carried_in), Ok(earned))
        {
            wrong.push(format!("{line:?} begins otherwise in {s:?}"));
        }
        if (s.tax, s.paid, s.closing, rounded)
            != (line.tax, line.payable, line.carried_out, line.exact)
        {
            wrong.push(format!("{line:?} ends otherwise in {s:?}"));
        }
    }
    wrong.extend(statements.iter().flat_map(|s| contract_faults(settled, s)));
    wrong
}

/// What is wrong with the contracts of a statement.
fn contract_faults(settled: &Settled, statement: &PayeeStatement<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for part in &statement.contracts {
        let (terms, number) = (part.account.terms(), part.account.result.contract);
        let own = sum(part
            .own
            .iter()
            .filter(|e| e.section == Section::Share)
            .map(|e| e.amount));
        if own.plus(part.others) != Ok(part.account.split) {
            wrong.push(format!(
                "{}: {own} and {} are not {}",
                terms.name, part.others, part.account.split
            ));
        }
        let mut income: BTreeMap<Currency, Amount> = BTreeMap::new();
        let posted = settled
            .income(number)
            .into_iter()
            .map(|t| (t.currency, t.amount));
        let by_release = part.account.income_by_release().unwrap();
        let shown = part
            .account
            .income()
            .map(|line| (line.currency, line.amount.negated()));
        for (code, amount) in posted.chain(shown) {
            let left = income.entry(code).or_default();
            *left = left.plus(amount).unwrap();
        }
        let gross = |code: Currency| {
            sum(by_release
                .iter()
                .filter(|r| r.currency == code)
                .map(|r| r.amount))
        };
        let is_told = part
            .account
            .result
            .income
            .iter()
            .all(|(code, amount)| gross(*code) == *amount);
        if !is_told || income.values().any(|left| !left.is_zero()) {
            wrong.push(format!(
                "{}: income is not what was posted: {income:?}",
                terms.name
            ));
        }
        let reserved = sum(part.account.reserves.values().map(|r| r.closing));
        let posted = postings(settled)
            .get(&(format!("reserve:{}", terms.name), terms.currency))
            .copied()
            .unwrap_or_default();
        let moved = part
            .account
            .reserves
            .values()
            .all(|r| r.opening.plus(r.held).and_then(|a| a.minus(r.released)) == Ok(r.closing));
        if reserved != posted.negated() || !moved {
            wrong.push(format!(
                "{}: reserves are {reserved}, in postings {posted}",
                terms.name
            ));
        }
    }
    for r in statement.recoupments() {
        let contract = &settled.inputs.book.contracts[r.contract];
        let posted = postings(settled)
            .get(&(
                format!("unrecouped:{}/{}", contract.name, r.clause.name),
                contract.currency,
            ))
            .copied();
        if posted.unwrap_or_default() != r.closing || r.recouped.is_negative() {
            wrong.push(format!("{r:?}, in postings {posted:?}"));
        }
    }
    wrong
}

fn csv_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        STATEMENT_COLUMNS
    );
    reader
        .records()
        .map(|r| {
            r.expect("a statement is valid CSV")
                .iter()
                .map(str::to_owned)
                .collect()
        })
        .collect()
}

/// What the rows of a statement leave over by the laws that the guide states, from the file alone.
fn csv_left(bytes: &[u8]) -> BTreeMap<(String, String), Amount> {
    let mut left: BTreeMap<(String, String), Amount> = BTreeMap::new();
    let mut add = |of: &str, currency: &str, amount: Amount| {
        let sum = left
            .entry((of.to_owned(), currency.to_owned()))
            .or_default();
        *sum = sum.plus(amount).unwrap();
    };
    for row in csv_rows(bytes) {
        let (section, contract, amount, currency) = (
            row[0].as_str(),
            row[1].as_str(),
            amount(&row[13]),
            row[14].as_str(),
        );
        let is_of_contract = [
            "income",
            "charge",
            "fee",
            "shared_cost",
            "rate",
            "reserve",
            "recoup",
            "adjustment",
            "waits",
            "others",
        ]
        .contains(&section)
            || (section == "exchange" && !contract.is_empty());
        match section {
            "unrecouped" | "reserved" => {}
            "closing" => add("account", currency, amount.negated()),
            "share" => {
                add(contract, currency, amount.negated());
                add("account", currency, amount);
            }
            _ if is_of_contract => add(contract, currency, amount),
            _ => add("account", currency, amount),
        }
    }
    left.retain(|_, amount| !amount.is_zero());
    left
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_statement_ties_out_and_all_are_the_payables(label in label()) {
        let settled = label.texts().settle();
        let wrong = faults(&settled);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let all = settled.statements().unwrap();
        for statement in &all {
            let left = csv_left(&statement_csv(statement, &Letterhead::default()));
            prop_assert!(left.is_empty(), "{}: {left:?}", statement.name());
        }
        let one_by_one: usize = settled.inputs.book.payees.iter().map(|p| settled.statements_of(&p.name).unwrap().len()).sum();
        prop_assert_eq!(one_by_one, all.len());
    }

    #[test]
    fn the_statements_of_the_next_period_open_with_the_balances_of_this_one(label in label()) {
        let first = label.texts().settle();
        let rows: Vec<String> = first.closing.rows().iter().map(|row| row.join(",")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let next = Texts { cells: cells(&[]), ..label.texts() }.with_balances(&rows).of("2026-10").settle();
        let wrong = faults(&next);
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let balances = |settled: &Settled, closing: bool| -> BTreeMap<(String, Currency), Amount> {
            let statements = settled.statements().unwrap();
            let balance = |s: &PayeeStatement<'_>| if closing { s.summary.closing } else { s.summary.opening };
            statements.iter().map(|s| ((s.name().to_owned(), s.currency), balance(s))).filter(|(_, a)| !a.is_zero()).collect()
        };
        prop_assert_eq!(balances(&first, true), balances(&next, false));
    }
}

/// The check of statements finds those that are not the payables, and the one of the CSV a row that is not there.
#[test]
fn a_statement_that_does_not_tie_out_is_found() {
    let mut settled = japanese_arabic_cyrillic().settle();
    assert_eq!(faults(&settled), Vec::<String>::new());
    settled.payables[0].payable = settled.payables[0].payable.plus(amount("0.01")).unwrap();
    assert_eq!(faults(&settled).len(), 2, "{:?}", faults(&settled));
    let settled = japanese_arabic_cyrillic().settle();
    let statements = settled.statements().unwrap();
    let csv = text(&statement_csv(&statements[0], &Letterhead::default()));
    assert!(csv_left(csv.as_bytes()).is_empty());
    let fee = csv.lines().find(|l| l.starts_with("fee,")).unwrap();
    assert_eq!(
        csv_left(csv.replace(&format!("{fee}\n"), "").as_bytes()).len(),
        1
    );
    let mut broken = statements[0].summary.clone();
    broken.tax = amount("1");
    assert_eq!(broken.ties_out(), Ok(false));
}

/// Three artists of one contract with an advance, a reserve and two currencies; releases in their scripts.
fn japanese_arabic_cyrillic() -> Texts {
    let payees = ["宇多田ヒカル", "فيروز", "Земфира"];
    let payee = |name: &&str| {
        format!(
            "[[payee]]\nname = \"{name}\"\ncurrency = \"EUR\"\nbank = \"DE02 1203 0000 0000 2020 51\"\n"
        )
    };
    let shares: Vec<String> = payees
        .iter()
        .map(|name| format!("\"{name}\" = \"1/3\""))
        .collect();
    let contracts = payees.iter().map(payee).collect::<String>()
        + "[[tax]]\nname = \"source\"\nrate = 0.15\n"
        + "[[contract]]\nname = \"Три\"\nprofile = \"royalty\"\ncurrency = \"EUR\"\neverything = true\n"
        + "[[contract.fee]]\nname = \"distribution\"\nrate = 0.10\n[[contract.rate]]\nname = \"royalty\"\nrate = 0.5\n"
        + "[[contract.reserve]]\nrate = 0.1\nrelease = { 6 = 1 }\n"
        + "[[contract.advance]]\nname = \"first advance\"\namount = 1000\ndate = 2026-01-01\n"
        + &format!(
            "[[contract.split]]\nname = \"all\"\nshares = {{ {} }}\n",
            shares.join(", ")
        );
    let rows = [
        "T1,DE,2026-09,stream,Spotify,120000,5000.123456,EUR,,R1",
        "T2,JP,2026-09,stream,Apple Music,900,90.5,EUR,,R2",
        "T3,FR,2026-09,stream,Deezer,77,1.25,EUR,,R3",
    ];
    Texts::new(&contracts, &rows).with_balances(&["carried_forward,,Земфира,,,EUR,-12.34,"])
}

fn letterhead() -> Letterhead {
    let mut titles = Titles::default();
    for (release, title) in [
        ("R1", "初恋"),
        ("R2", "كيفك إنت"),
        ("R3", "Прости меня моя любовь"),
    ] {
        titles.add_release(release, title);
    }
    titles.add_track(
        "T1",
        TrackTitle {
            title: "=cmd|' /C calc'!A0".into(),
            artist: "@artist".into(),
        },
    );
    Letterhead {
        sender: "Lantern".into(),
        titles,
    }
}

#[test]
fn titles_in_a_statement_cannot_run_in_a_spreadsheet() {
    let settled = japanese_arabic_cyrillic().settle();
    let statements = settled.statements().unwrap();
    let rows = csv_rows(&statement_csv(&statements[0], &letterhead()));
    let income = rows.iter().find(|r| r[4] == "T1").unwrap();
    assert_eq!(
        (income[3].as_str(), income[5].as_str(), income[6].as_str()),
        ("初恋", "'=cmd|' /C calc'!A0", "'@artist")
    );
    assert!(
        rows.iter()
            .flatten()
            .all(|cell| !cell.starts_with(['=', '@']))
    );
}

// ------------------------------------------------------------------------------------------------ paper

/// Runs a program of poppler-utils. Without it the test fails: a PDF that nobody looked at is not tested.
fn poppler(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|e| {
        panic!("{program}: {e}; packaging/install-packages.sh test installs poppler-utils")
    });
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        text(&output.stderr)
    );
    assert_eq!(
        text(&output.stderr),
        "",
        "{program} has something against the file"
    );
    output.stdout
}

fn saved(folder: &Path, name: &str, pdf: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, pdf).unwrap();
    path
}

/// The text of each page, as it is read.
fn page_texts(pdf: &Path) -> Vec<String> {
    let all = text(&poppler(
        "pdftotext",
        &["-layout", &pdf.display().to_string(), "-"],
    ));
    all.split('\u{c}')
        .filter(|page| !page.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// Pages as gray pictures: width, and a byte for each point.
fn pictures(folder: &Path, pdf: &Path) -> Vec<(usize, Vec<u8>)> {
    let stem = folder.join("page").display().to_string();
    poppler(
        "pdftoppm",
        &["-gray", "-r", "50", &pdf.display().to_string(), &stem],
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "pgm"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| picture(&std::fs::read(path).unwrap()))
        .collect()
}

/// A PGM file: `P5`, width, height, 255, points.
fn picture(bytes: &[u8]) -> (usize, Vec<u8>) {
    let header: Vec<&[u8]> = bytes.splitn(4, |b| b.is_ascii_whitespace()).collect();
    assert_eq!(header[0], b"P5");
    let width: usize = text(header[1]).parse().unwrap();
    let height: usize = text(header[2]).parse().unwrap();
    (width, bytes[bytes.len() - width * height..].to_vec())
}

fn pdf_of(settled: &Settled, payee: &str) -> Vec<u8> {
    let statements = settled.statements_of(payee).unwrap();
    statement_pdf(
        &statements[0],
        &letterhead(),
        &format!("{}.csv", statement_stems(&statements)[0]),
    )
    .unwrap()
}

#[test]
fn names_in_any_script_are_on_the_page_and_can_be_searched() {
    let folder = tempfile::tempdir().unwrap();
    let settled = japanese_arabic_cyrillic().settle();
    for payee in ["宇多田ヒカル", "فيروز", "Земфира"] {
        let pdf = saved(folder.path(), "statement.pdf", &pdf_of(&settled, payee));
        let pages = page_texts(&pdf);
        // Between right-to-left words and their neighbors pdftotext puts marks of direction.
        let found = pages.concat().replace(
            ['\u{202a}', '\u{202b}', '\u{202c}', '\u{2069}', '\u{2068}'],
            "",
        );
        for name in [
            payee,
            "初恋",
            "كيفك",
            "إنت",
            "Прости меня моя любовь",
            "Lantern",
            "September 2026",
        ] {
            assert!(found.contains(name), "{name} is not in\n{found}");
        }
    }
}

#[test]
fn the_figures_of_a_statement_are_on_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let settled = japanese_arabic_cyrillic().settle();
    let pdf = saved(folder.path(), "statement.pdf", &pdf_of(&settled, "Земфира"));
    let found = page_texts(&pdf).concat();
    // 5000.123456 + 90.5 + 1.25 = 5091.873456; less 10 % = 4582.6861104; half of it 2291.3430552, of which a tenth is held back; less the
    // advance 1062.20874968, of which a third is 354.0695832…; less 15 % tax and 12.34 from before.
    for figure in [
        "-12.3400 EUR",
        "354.0696 EUR",
        "-53.1104 EUR",
        "288.62 EUR",
        "5,091.8735 EUR",
        "-509.1873 EUR",
        "10%",
        "royalty 50%",
        "-229.1343 EUR",
        "released on 2027-03-31",
        "-1,000.0000 EUR",
        "-708.1392 EUR",
        "1/3",
        "15% of earnings from everywhere",
        "120,000",
    ] {
        assert!(found.contains(figure), "{figure} is not in\n{found}");
    }
    let payable = settled
        .payables
        .iter()
        .find(|l| settled.inputs.book.payees[l.payee].name == "Земфира")
        .unwrap();
    assert_eq!(payable.payable, amount("288.62"));
}

#[test]
fn three_hundred_releases_go_over_pages_with_the_header_on_each() {
    let folder = tempfile::tempdir().unwrap();
    let contracts = "[[payee]]\nname = \"Ada\"\ncurrency = \"EUR\"\n[[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"EUR\"\neverything = true\n[[contract.split]]\nshares = { Ada = 1 }\n";
    let rows: Vec<String> = (0..900)
        .map(|n| {
            format!(
                "T{n},DE,2026-09,stream,{},10,{}.25,EUR,,R{:03}",
                ["Spotify", "Deezer", "Tidal"][n % 3],
                1 + n,
                n / 3
            )
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let settled = Texts::new(contracts, &rows).settle();
    let pdf = saved(folder.path(), "statement.pdf", &pdf_of(&settled, "Ada"));
    let pages = page_texts(&pdf);
    assert!(pages.len() > 15, "{} pages", pages.len());
    for (number, page) in pages.iter().enumerate() {
        assert!(
            page.contains(&format!("{} / {}", number + 1, pages.len())),
            "{page}"
        );
        let has_rows = page.contains("Deezer");
        assert!(!has_rows || page.contains("Release and DSP"), "{page}");
    }
    let all = pages.concat();
    let missing: Vec<usize> = (0..300)
        .filter(|n| all.matches(&format!("R{n:03}")).count() != 1)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(all.matches("Spotify").count(), 300);
    // The sum of 1.25 to 900.25.
    assert!(all.contains("405,675.00 EUR"), "the total is missing");
    let pictures = pictures(folder.path(), &pdf);
    assert_eq!(pictures.len(), pages.len());
    for (width, points) in pictures {
        let dark = points.iter().filter(|p| **p < 128).count();
        assert!(
            dark > 300,
            "a page is nearly empty: {dark} of {} points",
            points.len()
        );
        let margins = points
            .chunks(width)
            .flat_map(|row| row[..width / 14].iter().chain(&row[width - width / 14..]));
        assert!(
            margins.copied().all(|p| p > 250),
            "something stands in the margin"
        );
    }
}

#[test]
fn the_same_statement_is_the_same_file() {
    let pdf = || pdf_of(&japanese_arabic_cyrillic().settle(), "宇多田ヒカル");
    assert_eq!(pdf(), pdf());
    let bytes = pdf();
    assert!(
        !bytes.windows(12).any(|w| w == b"CreationDate"),
        "a time makes every file another one"
    );
    assert!(
        bytes.len() < 100_000,
        "{} bytes: the fonts are embedded whole",
        bytes.len()
    );
}

#[test]
fn a_payee_who_waits_for_a_rate_has_a_statement_of_what_waits() {
    let contract = "[[payee]]\nname = \"Ada\"\ncurrency = \"EUR\"\n[[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\neverything = true\n[[contract.split]]\nshares = { Ada = 1 }\n";
    let texts = Texts::new(contract, &["T,US,2026-09,stream,DSP,1,10,USD"])
        .with_balances(&["waiting,,Ada,,,USD,2.5,"]);
    let settled = texts.settle();
    let statements = settled.statements().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(
        (
            statements[0].currency,
            statements[0].summary.opening,
            statements[0].summary.closing
        ),
        (currency("USD"), amount("2.5"), amount("12.5"))
    );
    let rated = texts
        .with_rates("period,from,to,rate,source\n2026-09,USD,EUR,0.9,bank\n")
        .settle();
    let statements = rated.statements().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(
        (
            statements[0].currency,
            statements[0].summary.earned,
            statements[0].summary.paid
        ),
        (currency("EUR"), amount("11.25"), amount("11.25"))
    );
    assert_eq!(faults(&rated), Vec::<String>::new());
}

#[test]
fn a_payee_without_sales_is_told_what_is_still_to_be_recouped() {
    let contract = "[[payee]]\nname = \"Ada\"\ncurrency = \"EUR\"\n[[payee]]\nname = \"Ben\"\ncurrency = \"EUR\"\n[[contract]]\nname = \"C\"\nprofile = \"royalty\"\ncurrency = \"EUR\"\ntracks = [\"T1\"]\n[[contract.rate]]\nrate = 0.5\n[[contract.advance]]\nname = \"advance\"\namount = 40\ndate = 2026-01-01\n[[contract.split]]\nshares = { Ada = 1 }\n";
    let settled = Texts::new(contract, &["T9,US,2026-09,stream,DSP,1,10,EUR"]).settle();
    let statements = settled.statements().unwrap();
    assert_eq!(
        statements
            .iter()
            .map(PayeeStatement::name)
            .collect::<Vec<_>>(),
        ["Ada"],
        "Ben has no part in anything"
    );
    assert_eq!(
        statements[0]
            .recoupments()
            .map(|r| r.closing)
            .collect::<Vec<_>>(),
        [amount("40")]
    );
    assert_eq!(statements[0].line, None);
}
