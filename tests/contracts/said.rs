//! What is said about an amount so that whoever gets it understands it.

use super::{Texts, currency};

fn explained(contracts: &str, row: &str, payee: &str, code: &str) -> String {
    let settled = Texts::new(contracts, &[row]).settle();
    settled.explain(payee, currency(code)).unwrap().join("\n")
}

fn contract(currency: &str, clauses: &str) -> String {
    format!(
        "[[payee]]\nname = \"Ida\"\ncurrency = \"{currency}\"\n[[contract]]\nname = \"Lark\"\nprofile = \"royalty\"\ncurrency = \"{currency}\"\neverything = true\n{clauses}[[contract.split]]\nshares = {{ Ida = 1 }}\n"
    )
}

#[test]
fn who_is_still_recouping_sees_what_came_in_and_what_stays_open() {
    let terms = contract(
        "USD",
        "[[contract.rate]]\nrate = 0.5\n[[contract.advance]]\nname = \"first\"\namount = 900\ndate = 2026-01-01\n",
    );
    let row = "T,US,2026-09,stream,D,10,1000,USD";
    let shown = explained(&terms, row, "Ida", "USD");
    for part in [
        "Ida, USD, 2026-09: nothing is paid; 400 USD of contract \"Lark\" are still to be recouped",
        "Contract \"Lark\" (contracts.toml, line 4)",
        "rate: ",
        "0.5 of 1000",
        "recoup: first",
    ] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
}

#[test]
fn less_than_the_smallest_unit_is_not_called_a_minimum() {
    let row = "T,JP,2026-09,stream,D,1,0.6,JPY";
    let shown = explained(
        &contract("JPY", "[[contract.rate]]\nrate = 1\n"),
        row,
        "Ida",
        "JPY",
    );
    assert!(
        shown.contains("0.6 is less than the smallest unit of JPY, 1, and is carried forward"),
        "{shown}"
    );
    let with_minimum = contract("JPY", "[[contract.rate]]\nrate = 1\n").replacen(
        "currency = \"JPY\"\n",
        "currency = \"JPY\"\nminimum = 50\n",
        1,
    );
    let shown = explained(&with_minimum, row, "Ida", "JPY");
    assert!(
        shown.contains("0.6 is below the minimum of 50 JPY"),
        "{shown}"
    );
}
