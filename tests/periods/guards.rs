//! What would lose money, pay twice, or change a closed period in silence is refused, and says what to do.

use ledgerline::results::read_cells;
use ledgerline::review::{Action, Decision, Target};
use ledgerline::terms::Book;

use super::{CONTRACTS, House, amount, month, owed};

fn september(house: &mut House) {
    house.report(
        "sept.csv",
        &[
            (1, "US", "2026-09", "100"),
            (3, "US", "2026-09", "7"),
            (4, "US", "2026-09", "40"),
        ],
    );
}

/// Imports a file and gives what is said against it.
fn refused(house: &House, name: &str, text: &str) -> String {
    let path = house.file(name, text);
    let before = house.session.contents().terms().unwrap();
    let error = house
        .session
        .import_terms(&[path], "")
        .unwrap_err()
        .to_string();
    assert_eq!(house.session.contents().terms().unwrap(), before);
    error
}

#[test]
fn files_of_one_name_do_not_take_each_others_place() {
    let house = House::new();
    let text = "kind,contract,payee,name,territory,currency,amount,date\n";
    let (a, b) = (house.folder.path().join("a"), house.folder.path().join("b"));
    for (folder, row) in [
        (&a, "carried_forward,,Ada,,,USD,500,\n"),
        (&b, "carried_forward,,Label,,,EUR,7,\n"),
    ] {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("balances.csv"), format!("{text}{row}")).unwrap();
    }
    let error = house
        .session
        .import_terms(&[a.join("balances.csv"), b.join("balances.csv")], "")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "two of the files are balances \"balances.csv\", and one would take the place of the other; rename one of them"
    );
    // Next month's rates do not take last month's away.
    let error = refused(
        &house,
        "rates.csv",
        "period,from,to,rate,source,date\n2026-10,USD,EUR,0.8,bank,\n",
    );
    assert!(error.starts_with("rates \"rates.csv\" would no longer have the rate USD to EUR of 2026-01-01 to 2026-12-31"), "{error}");
}

#[test]
fn what_a_closed_period_goes_on_with_stays() {
    let mut house = House::new();
    september(&mut house);
    house.close("2026-09");
    let balances = "kind,contract,payee,name,territory,currency,amount,date\ncarried_forward,,Ada,,,USD,500,\n";
    let error = refused(&house, "balances.csv", balances);
    assert!(error.starts_with("2026-09 is closed, and opened with the balances that the workspace had then; write what was forgotten"), "{error}");
    // A person with a new name would be paid once more under it.
    let renamed = CONTRACTS
        .replace("name = \"Ada\"", "name = \"Ada Lovelace\"")
        .replace("Ada = \"1/3\"", "\"Ada Lovelace\" = \"1/3\"");
    let path = house.file("renamed.toml", &renamed);
    house.session.import_terms(&[path], "").unwrap();
    let error = house
        .session
        .remove_term("payee", "Ada", "")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "this cannot go, because 2026-09 is closed and goes on with it: payee \"Ada\" has earned something; who is paid under a new name stays one payee"
    );
    let error = house
        .session
        .remove_term("contract", "Blue", "")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("2026-09 is closed and goes on with it: what is carried on, line"),
        "{error}"
    );
}

#[test]
fn only_months_that_have_begun_are_closed() {
    let mut house = House::new();
    september(&mut house);
    let said = |house: &mut House, period: &str| {
        house
            .session
            .close_period(month(period))
            .unwrap_err()
            .to_string()
    };
    assert!(
        said(&mut house, "2026-09-15").contains(" is not a month, or several, from first to last")
    );
    assert!(said(&mut house, "2162-09").starts_with("2162-09 has not begun and no sale is of it"));
    assert_eq!(
        ledgerline::ident::SalePeriod::from_canonical("2026-12..2026-01"),
        None
    );
    house.close("2026-07..2026-09");
}

#[test]
fn money_received_is_spread_over_all_that_a_statement_reports() {
    let mut house = House::new();
    house.take(
        "s.csv",
        &(super::HEADER.to_owned()
            + "XAAAA2600003,Three,A,US,2026-09,1,50,USD\nXAAAA2600009,Other,A,US,2026-09,1,30,USD\nXAAAA2600008,Bad,A,US,2026-99,1,20,USD\n"),
    );
    let path = house.file(
        "bank.csv",
        "period,from,to,rate,source,date,statement,received\n,USD,EUR,,bank,,s.csv,90\n",
    );
    house.session.import_terms(&[path], "").unwrap();
    let open = house.session.contents().open_period(None).unwrap();
    assert_eq!(owed(&[&open.settled], "Label")[0].1, amount("45"));
    let isrc = ledgerline::ident::Isrc::parse("XAAAA2600009").unwrap();
    let target = Target::Isrc {
        isrc,
        dsp: None,
        upc: None,
    };
    house
        .session
        .decide(&[Decision {
            target,
            action: Action::Ignore,
            note: String::new(),
        }])
        .unwrap();
    let open = house.session.contents().open_period(None).unwrap();
    assert_eq!(
        owed(&[&open.settled], "Label")[0].1,
        amount("45"),
        "what is not the label's does not become the label's"
    );
    let waits: Vec<_> = open
        .settled
        .suspense()
        .unwrap()
        .into_iter()
        .map(|((why, _), sum)| (why.code(), sum.to_string()))
        .collect();
    assert_eq!(
        waits,
        [
            ("quarantined", "18".to_owned()),
            ("ignored", "27".to_owned())
        ]
    );
    // The same file under another name is the same statement, and keeps its money.
    house.close("2026-09");
    let text = std::fs::read_to_string(house.folder.path().join("s.csv")).unwrap();
    house.take("s (1).csv", &text);
    house.report("oct.csv", &[(3, "US", "2026-10", "1")]);
    house.change(
        "Red",
        "currency = \"EUR\"",
        "currency = \"EUR\"\nfrom = 2020-01-01",
    );
    assert!(
        house
            .session
            .contents()
            .open_period(None)
            .unwrap()
            .corrections
            .is_empty()
    );
}

#[test]
fn texts_that_mean_two_things_are_refused() {
    let read = |text: &str| {
        Book::read(&[("c.toml".into(), text.as_bytes().to_vec())]).unwrap_err()[0].to_string()
    };
    let said = read(&CONTRACTS.replace("name = \"Ada\"", "name = \"Ada \""));
    assert!(
        said.contains("\"Ada \" has blanks around it; remove them"),
        "{said}"
    );
    let said = read(&CONTRACTS.replace("minimum = 2", "minimum = \"2,500\""));
    assert!(
        said.contains("has a comma; write a point before the decimals"),
        "{said}"
    );
    let said = read(&CONTRACTS.replace("[[contract.fee]]", "[[contract.split.fee]]"));
    assert!(said.contains("only a contract has clauses"), "{said}");
    let two = CONTRACTS.replace(
        "name = \"all\"\nshares = { Ada = \"1/3\", Ben = \"2/3\" }",
        "to = 2026-10-31\nshares = { Ada = 1 }\n[[contract.split]]\nshares = { Ben = 1 }",
    );
    let said = read(&two);
    assert!(
        said.contains("of several each needs a name, by which reserves are released"),
        "{said}"
    );
    let header = "track,territory,period,usage,dsp,quantity,amount,currency\n";
    let said = read_cells(
        "cells.csv",
        format!("{header}T,US,2026-09..2026-08,s,D,1,1,USD\n").as_bytes(),
    )
    .unwrap_err()[0]
        .to_string();
    assert!(said.starts_with("cells.csv, line 2, period: "), "{said}");
    let said = read_cells(
        "cells.csv",
        format!("{header}T,US,2026-09,s,D,1,\"1,234\",USD\n").as_bytes(),
    )
    .unwrap_err()[0]
        .to_string();
    assert!(
        said.starts_with("cells.csv, line 2, amount: ") && said.contains("has a comma"),
        "{said}"
    );
}

/// Names that look like numbers are names.
#[test]
fn a_contract_may_be_called_by_a_number() {
    let house = House::new();
    let numbered = CONTRACTS
        .replace("name = \"Red\"", "name = \"1001\"")
        .replace("\"Red\"", "\"Green\"")
        .replace("\"blue\"", "\"lilac\"");
    let path = house.file("numbered.toml", &numbered);
    house.session.import_terms(&[path], "").unwrap();
    let terms = house.session.contents().terms().unwrap();
    assert!(
        terms[&("contract".to_owned(), "1001".to_owned())]
            .starts_with("[[contract]]\nname = \"1001\"\n")
    );
    let path = house.file(
        "bare.toml",
        &numbered.replace("name = \"1001\"", "name = 1001"),
    );
    assert_eq!(
        house.session.import_terms(&[path], "").unwrap().seq,
        None,
        "it is the same contract"
    );
}
