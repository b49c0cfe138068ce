//! The worked examples of public sources, to the last digit. `tests/fixtures/public-payouts.json` has the figures and the source of each;
//! a case that is added there without a test here fails.

use ledgerline::money::Amount;
use serde_json::Value;

use super::{Texts, amount, exact, line, unrecouped, waits, went_to};
use crate::support::root;

/// A case: its figures by path, as amounts.
struct Case(Value);

impl Case {
    fn text(&self, path: &str) -> String {
        let value = self
            .0
            .pointer(path)
            .unwrap_or_else(|| panic!("{} has no {path}", self.0["id"]));
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    }

    fn amount(&self, path: &str) -> Amount {
        amount(&self.text(path))
    }
}

fn contract(terms: &str, profile: &str) -> String {
    format!(
        "[[payee]]\nname = \"Artist\"\ncurrency = \"USD\"\n\n[[contract]]\nname = \"C\"\nprofile = \"{profile}\"\ncurrency = \"USD\"\neverything = true\n\n[[contract.split]]\nshares = {{ Artist = 1 }}\n\n{terms}\n"
    )
}

fn sale(amount: &str) -> String {
    format!("T,US,2026-09,stream,DSP,1,{amount},USD")
}

fn settle(terms: &str, profile: &str, rows: &[String]) -> ledgerline::settlement::Settled {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Texts::new(&contract(terms, profile), &rows).settle()
}

fn reserve_terms(case: &Case, release: &str) -> String {
    format!(
        "[[contract.rate]]\nrate = {}\n[[contract.reserve]]\nrate = {}\nrelease = {release}\n",
        case.text("/in/rate"),
        case.text("/in/reserve")
    )
}

#[test]
fn every_public_example_comes_out_to_the_last_digit() {
    let text = std::fs::read(root().join("tests/fixtures/public-payouts.json"))
        .expect("the fixture is there");
    let cases: Vec<Value> = serde_json::from_slice(&text).expect("the fixture is JSON");
    assert_eq!(cases.len(), 22);
    for case in cases {
        let source = case["source"].as_str().unwrap_or_default().to_owned();
        assert!(!source.is_empty(), "{case}");
        check(&Case(case));
    }
}

fn check(case: &Case) {
    match case.text("/id").as_str() {
        "G01" => reserve_after_the_rate(case),
        "G02" => reserve_before_the_rate(case),
        "G03" => no_reserve_on_returns(case),
        "G04" => fees_in_sequence(case),
        "G05" => expense_recoups(case),
        "G07" => recoup_by_priority(case),
        "G09a" => accounts_apart(case),
        "G11a" | "G11b" | "G11c" => withholding(case),
        "G13" => advance_and_returns(case),
        "G14" => bundle(case),
        "G15" => controlled_compositions(case),
        "G16" => statutory_rate(case),
        "G17" => promotion_charge(case),
        "G18" => ledger_split(case),
        "G19" => unit_escalation(case),
        "G22a" => shared_cost(case),
        "G23" => equal_weights(case),
        "G24" => participation(case),
        "G25" => minimum(case),
        "G26" => foreign_withholding(case),
        other => panic!("{other} has no test"),
    }
}

/// help.curveroyaltysystems.com/article/55
fn reserve_after_the_rate(case: &Case) {
    let terms = reserve_terms(
        case,
        &format!(
            "{{ 6 = {}, 12 = {} }}",
            case.text("/in/release/0"),
            case.text("/in/release/1")
        ),
    );
    let settled = settle(&terms, "royalty", &[sale(&case.text("/in/net"))]);
    let kept = went_to(&settled, "retained:C");
    assert_eq!(
        case.amount("/in/net").minus(kept).unwrap(),
        case.amount("/out/royalty")
    );
    assert_eq!(went_to(&settled, "reserve:C"), case.amount("/out/held"));
    assert_eq!(
        exact(&settled, "Artist", "USD"),
        case.amount("/out/payable_now")
    );
    let held: Vec<Amount> = settled.closing.reserves.values().copied().collect();
    assert_eq!(
        held,
        [case.amount("/out/release/0"), case.amount("/out/release/1")]
    );
    // Released when their day comes, from the balances that were written.
    let rows: Vec<String> = settled
        .closing
        .rows()
        .iter()
        .map(|row| row.join(","))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let later = Texts::new(&contract(&terms, "royalty"), &[])
        .with_balances(&rows)
        .of("2027-03")
        .settle();
    assert_eq!(
        exact(&later, "Artist", "USD"),
        case.amount("/out/release/0")
    );
    assert_eq!(
        later.closing.reserves.values().copied().collect::<Vec<_>>(),
        [case.amount("/out/release/1")]
    );
}

/// help.curveroyaltysystems.com/article/55: computed on income, taken from the royalty.
fn reserve_before_the_rate(case: &Case) {
    let settled = settle(
        &reserve_terms(case, "{ 6 = 1 }"),
        "royalty-pre-reserve",
        &[sale(&case.text("/in/net"))],
    );
    let kept = went_to(&settled, "retained:C");
    assert_eq!(
        case.amount("/in/net").minus(kept).unwrap(),
        case.amount("/out/royalty")
    );
    assert_eq!(went_to(&settled, "reserve:C"), case.amount("/out/held"));
    assert_eq!(
        exact(&settled, "Artist", "USD"),
        case.amount("/out/payable_now")
    );
}

/// help.curveroyaltysystems.com/article/55: reserves only on positive sales.
fn no_reserve_on_returns(case: &Case) {
    for profile in ["royalty", "royalty-pre-reserve"] {
        let settled = settle(
            &reserve_terms(case, "{ 6 = 1 }"),
            profile,
            &[sale(&case.text("/in/net"))],
        );
        assert_eq!(
            exact(&settled, "Artist", "USD"),
            case.amount("/out/royalty")
        );
        assert_eq!(went_to(&settled, "reserve:C"), amount("0"));
        assert_eq!(case.amount("/out/held"), amount("0.00"));
        assert_eq!(
            line(&settled, "Artist", "USD").state,
            ledgerline::settlement::PayableState::Negative
        );
    }
}

/// help.infinitecatalog.com/article/275
fn fees_in_sequence(case: &Case) {
    let terms = format!(
        "[[contract.fee]]\nname = \"distributor\"\nrate = {}\n[[contract.fee]]\nname = \"label\"\nrate = {}\n",
        case.text("/in/fees/0"),
        case.text("/in/fees/1")
    );
    let settled = settle(&terms, "net-receipts", &[sale(&case.text("/in/gross"))]);
    assert_eq!(exact(&settled, "Artist", "USD"), case.amount("/out/net"));
    assert_eq!(
        (
            went_to(&settled, "fee income:C/distributor"),
            went_to(&settled, "fee income:C/label")
        ),
        (amount("10"), amount("18"))
    );
}

/// docs.reprtoir.com/docs/about-royalty-recoupments
fn expense_recoups(case: &Case) {
    let terms = format!(
        "[[contract.cost]]\nname = \"video\"\namount = {}\ndate = 2026-01-15\nborne = \"royalty\"\n",
        case.text("/in/expense")
    );
    let settled = settle(&terms, "net-receipts", &[sale(&case.text("/in/earned"))]);
    assert_eq!(exact(&settled, "Artist", "USD"), case.amount("/out/paid"));
    assert_eq!(
        unrecouped(&settled, "C", "video"),
        case.amount("/out/balance")
    );
    assert_eq!(case.amount("/in/expense"), case.amount("/out/recouped"));
}

/// Record Union, "What is Recoup?": the first money goes to whoever is first in the order, the rest into the split.
fn recoup_by_priority(case: &Case) {
    let payees = "[[payee]]\nname = \"A\"\ncurrency = \"USD\"\n[[payee]]\nname = \"B\"\ncurrency = \"USD\"\n";
    let advance = |place: usize| {
        let name = case.text(&format!("/in/recoup_in_order/{place}/0"));
        let cost = case.text(&format!("/in/recoup_in_order/{place}/1"));
        // Names and places in the file are the other way round, so that only the priority can give the order.
        format!(
            "[[contract.advance]]\nname = \"{} costs\"\namount = {cost}\ndate = 2026-01-01\npriority = {}\nto = \"{name}\"\n",
            9 - place,
            place + 1
        )
    };
    let terms = advance(1) + &advance(0);
    let settled = Texts::new(
        &(payees.to_owned() + &contract(&terms, "net-receipts")),
        &[&sale(&case.text("/in/revenue"))],
    )
    .settle();
    assert_eq!(exact(&settled, "A", "USD"), case.amount("/out/A"));
    assert_eq!(exact(&settled, "B", "USD"), case.amount("/out/B"));
    assert_eq!(
        unrecouped(&settled, "C", "8 costs"),
        case.amount("/out/B_left")
    );
    assert_eq!(
        exact(&settled, "Artist", "USD"),
        case.amount("/out/split_pool")
    );
}

fn two_albums(case: &Case, group: &str) -> ledgerline::settlement::Settled {
    let mut text = "[[payee]]\nname = \"Artist\"\ncurrency = \"USD\"\n".to_owned() + group;
    let mut rows = Vec::new();
    for album in 0..2 {
        text.push_str(&format!(
            "[[contract]]\nname = \"Album {album}\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\ntracks = [\"T{album}\"]\n[[contract.advance]]\nname = \"advance\"\namount = {}\ndate = 2026-01-01\n[[contract.split]]\nshares = {{ Artist = 1 }}\n",
            case.text(&format!("/in/albums/{album}/0"))
        ));
        rows.push(format!(
            "T{album},US,2026-09,stream,DSP,1,{},USD",
            case.text(&format!("/in/albums/{album}/1"))
        ));
    }
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    Texts::new(&text, &rows).settle()
}

/// mainekick-musicmaking.blogspot.com, 2011-06-08; joined, the second album's money would pay back the first's advance.
fn accounts_apart(case: &Case) {
    let apart = two_albums(case, "");
    assert_eq!(exact(&apart, "Artist", "USD"), case.amount("/out/paid"));
    assert_eq!(
        unrecouped(&apart, "Album 0", "advance").negated(),
        case.amount("/out/balances/0")
    );
    assert_eq!(
        unrecouped(&apart, "Album 1", "advance").negated(),
        case.amount("/out/balances/1")
    );
    let joined = two_albums(
        case,
        "[[group]]\nname = \"all albums\"\nmembers = [\"Album 0\", \"Album 1\"]\n",
    );
    assert!(joined.payables.iter().all(|l| l.exact.is_zero()));
    assert_eq!(unrecouped(&joined, "Album 0", "advance"), amount("160000"));
}

/// Google's notice to creators of 2021, quoted at socialsamosa.com.
fn withholding(case: &Case) {
    let (id, us) = (case.text("/id"), case.amount("/in/us"));
    let total = case
        .0
        .pointer("/in/total")
        .map_or_else(|| amount("1000"), |_| case.amount("/in/total"));
    let rest = total.minus(us).unwrap();
    let (residence, forms) = match id.as_str() {
        "G11a" => ("IN", ""),
        "G11b" => ("IN", "forms = { us = \"2026-01-01\" }\n"),
        _ => ("AR", "forms = { us = \"2026-01-01\" }\n"),
    };
    let rate_of = |wanted: &str, other: &str| {
        if id == wanted {
            case.text("/in/rate")
        } else {
            other.to_owned()
        }
    };
    let tax = format!(
        "[[tax]]\nname = \"us\"\nterritories = [\"US\"]\nrate = {}\ntreaty = {{ IN = {} }}\nwithout_form = {}\nwithout_form_base = \"all\"\n",
        rate_of("G11c", "0.30"),
        rate_of("G11b", "0.15"),
        rate_of("G11a", "0.24")
    );
    let text = tax
        + &contract("", "net-receipts").replace(
            "currency = \"USD\"\n\n",
            &format!("currency = \"USD\"\nresidence = \"{residence}\"\n{forms}\n"),
        );
    let rows = [
        sale(&us.to_string()),
        sale(&rest.to_string()).replace(",US,", ",IN,"),
    ];
    let settled = Texts::new(&text, &[&rows[0], &rows[1]]).settle();
    assert_eq!(
        line(&settled, "Artist", "USD").tax,
        case.amount("/out/withheld"),
        "{id}"
    );
    assert_eq!(
        went_to(&settled, "tax withheld:us"),
        case.amount("/out/withheld"),
        "{id}"
    );
}

/// The CPA examination's "Fleet Co." (gaodun.com/q/a06b1e)
fn advance_and_returns(case: &Case) {
    let returns = ledgerline::money::Ratio::parse(&case.text("/in/returns"))
        .unwrap()
        .of(case.amount("/in/gross"))
        .unwrap();
    let terms = format!(
        "[[contract.rate]]\nrate = {}\n[[contract.advance]]\nname = \"advance\"\namount = {}\ndate = 2026-01-01\n",
        case.text("/in/rate"),
        case.text("/in/advance")
    );
    let settled = settle(
        &terms,
        "royalty",
        &[
            sale(&case.text("/in/gross")),
            sale(&returns.negated().to_string()),
        ],
    );
    let net = case.amount("/in/gross").minus(returns).unwrap();
    assert_eq!(net, case.amount("/out/net"));
    assert_eq!(
        net.minus(went_to(&settled, "retained:C")).unwrap(),
        case.amount("/out/royalty")
    );
    assert_eq!(
        unrecouped(&settled, "C", "advance"),
        case.amount("/out/unrecouped")
    );
    assert!(settled.payables.iter().all(|l| l.exact.is_zero()));
}

/// royaltyzone.screenstepslive.com 634014: each part of a bundle is a contract with its share of the sale.
fn bundle(case: &Case) {
    let mut text = String::new();
    for part in 0..2 {
        text.push_str(&format!(
            "[[payee]]\nname = \"P{part}\"\ncurrency = \"USD\"\n[[contract]]\nname = \"Part {part}\"\nprofile = \"royalty\"\ncurrency = \"USD\"\ntracks = [\"T\"]\nparticipation = {}\n[[contract.rate]]\nrate = {}\n[[contract.split]]\nshares = {{ P{part} = 1 }}\n",
            case.text(&format!("/in/parts/{part}/1")),
            case.text(&format!("/in/parts/{part}/0"))
        ));
    }
    let settled = Texts::new(&text, &[&sale(&case.text("/in/sale"))]).settle();
    let parts = [exact(&settled, "P0", "USD"), exact(&settled, "P1", "USD")];
    assert_eq!(
        parts,
        [case.amount("/out/parts/0"), case.amount("/out/parts/1")]
    );
    assert_eq!(parts[0].plus(parts[1]).unwrap(), case.amount("/out/total"));
    assert!(waits(&settled).is_empty());
}

/// One price for a unit, paid by the label out of what it keeps.
fn per_unit(price: &str, factors: &[&str], units: &str) -> Amount {
    let mut terms = format!("[[contract.rate]]\nname = \"mechanical\"\nper_unit = \"{price}\"\n");
    if let Some(product) = factors
        .iter()
        .map(|f| ledgerline::money::Ratio::parse(f).unwrap())
        .reduce(|a, b| a.times(b).unwrap())
    {
        let price = ledgerline::money::Ratio::parse(price)
            .unwrap()
            .times(product)
            .unwrap();
        terms = format!("[[contract.rate]]\nname = \"mechanical\"\nper_unit = \"{price}\"\n");
    }
    exact(
        &settle(
            &terms,
            "royalty",
            &[format!("T,US,2026-09,download,DSP,{units},100,USD")],
        ),
        "Artist",
        "USD",
    )
}

/// musictechpolicy.com, 2010-04-23. Controlled compositions are clauses of mechanical licences, not of statements; they are expressed as a
/// price for a unit: the statutory rate times the percentage, times the number of compositions.
fn controlled_compositions(case: &Case) {
    let (stat, pct) = (case.text("/in/stat"), case.text("/in/pct"));
    let factors = [pct.as_str()];
    assert_eq!(per_unit(&stat, &factors, "1"), case.amount("/out/rate"));
    assert_eq!(per_unit(&stat, &factors, "10"), case.amount("/out/LP10"));
    assert_eq!(per_unit(&stat, &factors, "5"), case.amount("/out/EP5"));
    assert_eq!(per_unit(&stat, &factors, "2"), case.amount("/out/single2"));
    assert_eq!(
        per_unit(&stat, &[&pct, "0.75"], "10"),
        case.amount("/out/mid10x0.75")
    );
}

/// lynda.com, Music Law, 361567
fn statutory_rate(case: &Case) {
    let units: i64 = case.text("/in/songs").parse::<i64>().unwrap()
        * case.text("/in/copies").parse::<i64>().unwrap();
    assert_eq!(
        per_unit(&case.text("/in/stat"), &[], &units.to_string()),
        case.amount("/out/total")
    );
}

/// calientalomedia.com; musictech.com: only on streams of Discovery Mode.
fn promotion_charge(case: &Case) {
    let flagged = case.amount("/in/discovery_mode_part");
    let rest = case.amount("/in/total").minus(flagged).unwrap();
    let terms = format!(
        "[[contract.charge]]\nname = \"Discovery Mode\"\nflag = \"discovery_mode\"\nrate = {}\n",
        case.text("/in/commission")
    );
    let settled = settle(
        &terms,
        "net-receipts",
        &[
            format!("{},discovery_mode", sale(&flagged.to_string())),
            sale(&rest.to_string()),
        ],
    );
    assert_eq!(
        went_to(&settled, "fee income:C/Discovery Mode"),
        case.amount("/out/charge")
    );
    assert_eq!(exact(&settled, "Artist", "USD"), case.amount("/out/net"));
}

/// labelgrid-docs, ledger and transactions
fn ledger_split(case: &Case) {
    let text = "[[payee]]\nname = \"Label\"\ncurrency = \"USD\"\n".to_owned()
        + &contract("", "net-receipts").replace(
            "Artist = 1 ",
            &format!("Artist = {0}, Label = {0} ", case.text("/in/split")),
        );
    let settled = Texts::new(&text, &[&sale(&case.text("/in/earning"))]).settle();
    assert_eq!(exact(&settled, "Artist", "USD"), case.amount("/out/credit"));
}

/// farinelliandthekingbroadway.com, 2022-05-21: each rate only for the units of its tier.
fn unit_escalation(case: &Case) {
    let terms = format!(
        "[[contract.rate]]\nname = \"escalating\"\ncounts = \"units\"\ntiers_per_unit = true\ntiers = {{ {} = {}, rest = {} }}\n",
        case.text("/in/tiers/0/0"),
        case.text("/in/tiers/0/1"),
        case.text("/in/tiers/1/1")
    );
    let row = |units: &str| format!("T,US,2026-09,download,DSP,{units},50000,USD");
    let settled = settle(&terms, "royalty", &[row(&case.text("/in/units"))]);
    assert_eq!(
        exact(&settled, "Artist", "USD"),
        case.amount("/out/royalty")
    );
    // The same in two periods: what was counted before goes on.
    let first = settle(&terms, "royalty", &[row("7000")]);
    let rows: Vec<String> = first
        .closing
        .rows()
        .iter()
        .map(|r| r.join(","))
        .filter(|r| r.starts_with("counted"))
        .collect();
    let second = Texts::new(&contract(&terms, "royalty"), &[&row("5000")])
        .with_balances(&[&rows[0]])
        .settle();
    let both = exact(&first, "Artist", "USD")
        .plus(exact(&second, "Artist", "USD"))
        .unwrap();
    assert_eq!(both, case.amount("/out/royalty"));
}

/// help.eddy.app, costs and advances: shared costs come off before the rate, others are borne after it.
fn shared_cost(case: &Case) {
    let terms = |borne: &str| {
        let rate = case.text("/in/rate");
        let cost = case.text("/in/cost");
        format!(
            "[[contract.rate]]\nrate = {rate}\n[[contract.cost]]\nname = \"mix\"\namount = {cost}\ndate = 2026-01-01\nborne = \"{borne}\"\n"
        )
    };
    let row = [sale(&case.text("/in/income"))];
    assert_eq!(
        exact(&settle(&terms("shared"), "royalty", &row), "Artist", "USD"),
        case.amount("/out/artist")
    );
    assert_eq!(
        exact(&settle(&terms("royalty"), "royalty", &row), "Artist", "USD"),
        amount("300")
    );
}

/// Measured at django-music-publisher 26.9, which loses one: nothing is lost here.
fn equal_weights(case: &Case) {
    let weights: Vec<u64> = (0..3)
        .map(|i| case.text(&format!("/in/weights/{i}")).parse().unwrap())
        .collect();
    let total: u64 = weights.iter().sum();
    let payees: String = (0..3)
        .map(|i| format!("[[payee]]\nname = \"W{i}\"\ncurrency = \"USD\"\n"))
        .collect();
    let shares: Vec<String> = weights
        .iter()
        .enumerate()
        .map(|(i, w)| format!("W{i} = \"{w}/{total}\""))
        .collect();
    let text = payees
        + &contract("", "net-receipts").replace("Artist = 1 ", &format!("{} ", shares.join(", ")));
    let settled = Texts::new(&text, &[&sale(&case.text("/in/amount"))]).settle();
    let paid = Amount::sum(settled.payables.iter().map(|l| l.payable)).unwrap();
    assert_eq!(paid, case.amount("/out/sum"));
    assert_eq!(
        Amount::sum(settled.payables.iter().map(|l| l.exact)).unwrap(),
        case.amount("/out/sum")
    );
}

/// guide.curveroyaltysystems.com, adding catalogue. What no contract takes part in waits, and is shown.
fn participation(case: &Case) {
    let text = contract("", "net-receipts").replace(
        "everything = true",
        &format!(
            "everything = true\nparticipation = {}",
            case.text("/in/participation")
        ),
    );
    let settled = Texts::new(&text, &[&sale(&case.text("/in/revenue"))]).settle();
    assert_eq!(
        exact(&settled, "Artist", "USD"),
        case.amount("/out/to_contract")
    );
    assert_eq!(
        waits(&settled),
        [("uncovered", "USD".to_owned(), amount("85"))]
    );
}

/// traxsourcelabels.zendesk.com 4403048102171
fn minimum(case: &Case) {
    let text = contract("", "net-receipts").replacen(
        "currency = \"USD\"\n",
        &format!(
            "currency = \"USD\"\nminimum = {}\n",
            case.text("/in/minimum")
        ),
        1,
    );
    let settled = Texts::new(&text, &[&sale(&case.text("/in/balance"))]).settle();
    let carried = line(&settled, "Artist", "USD");
    assert_eq!(
        (carried.payable, carried.carried_out),
        (case.amount("/out/paid"), case.amount("/out/carried"))
    );
    // One cent more in the next period reaches it.
    let next = Texts::new(&text, &[&sale("0.01")])
        .with_balances(&["carried_forward,,Artist,,,USD,24.99,"])
        .settle();
    assert_eq!(
        line(&next, "Artist", "USD").payable,
        case.amount("/in/minimum")
    );
}

/// help.unitesync.com, article 38
fn foreign_withholding(case: &Case) {
    let tax = format!(
        "[[tax]]\nname = \"withholding\"\nnot_residences = [\"US\"]\nrate = {}\n",
        case.text("/in/rate")
    );
    let text = tax
        + &contract("", "net-receipts").replacen(
            "currency = \"USD\"\n",
            "currency = \"USD\"\nresidence = \"DE\"\n",
            1,
        );
    let settled = Texts::new(&text, &[&sale(&case.text("/in/amount"))]).settle();
    assert_eq!(
        line(&settled, "Artist", "USD").payable,
        case.amount("/out/paid")
    );
}
