//! Bad input: each kind is an error that says where and what to do, or a state that waits visibly. None of them loses money.

use ledgerline::money::Amount;
use ledgerline::settlement::{PayableState, Settled};
use ledgerline::terms::CarriedKey;

use super::{Texts, amount, currency, exact, line, unrecouped, waits, went_to};

const PAYEES: &str = "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"\n[[payee]]\nname = \"Ben\"\ncurrency = \"USD\"\n";

fn contract(name: &str, scope: &str, clauses: &str) -> String {
    format!(
        "[[contract]]\nname = \"{name}\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\n{scope}\n{clauses}\n[[contract.split]]\nshares = {{ Ada = 1 }}\n"
    )
}

fn one(scope: &str, clauses: &str) -> String {
    PAYEES.to_owned() + &contract("C", scope, clauses)
}

const SALE: &str = "T,US,2026-09,stream,DSP,1,100,USD";

/// All money of the cells is paid, carried, kept or waiting.
fn assert_conserved(settled: &Settled) {
    assert!(settled.proof.iter().all(|l| l.holds()));
    assert!(!settled.proof.is_empty());
}

#[test]
fn contracts_that_cannot_be_are_refused_with_place_and_remedy() {
    let split = |shares: &str| {
        format!(
            "{PAYEES}[[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\neverything = true\n[[contract.split]]\nname = \"main\"\nshares = {shares}\n"
        )
    };
    let rate = |clause: &str| one("everything = true", clause).replace("net-receipts", "royalty");
    let cases: Vec<(String, &[&str])> = vec![
        (
            split("{ Ada = 0.5, Ben = 0.4 }"),
            &[
                "contracts.toml, line 14, shares:",
                "main sum to 0.9, not to one whole",
                "correct the shares",
            ],
        ),
        (split("{ Ada = 0.5, Ben = 0.6 }"), &["sum to 1.1"]),
        (
            split("{ Ada = 1, Cy = 0 }"),
            &["there is no payee \"Cy\"", "add the payee"],
        ),
        (split("{ Ada = x }"), &["is not TOML"]),
        (
            one("", ""),
            &[
                "line 7",
                "contract \"C\" covers nothing",
                "everything = true",
            ],
        ),
        (
            one("everything = true\ncolour = 1", ""),
            &["line 12, colour:", "no such key"],
        ),
        (
            one("everything = true\nfrom = 2026-02-30", ""),
            &["line 12", "invalid date", "correct the line"],
        ),
        (
            one("everything = true\nfrom = 2026-03-01\nto = 2026-02-01", ""),
            &["line 13, to:", "is before"],
        ),
        (
            one("everything = true", "[[contract.fee]]\nrate = 10\n"),
            &["rate:", "takes more than everything", "10 % as 0.10"],
        ),
        (
            rate("[[contract.rate]]\nrate = 50\n"),
            &["rate:", "pays more than all", "50 % as 0.50 or \"50 %\""],
        ),
        (
            rate("[[contract.rate]]\nrate = 18.5\n"),
            &["rate:", "pays more than all", "18.5 % as 0.185"],
        ),
        (
            rate("[[contract.rate]]\ntiers = { 100 = \"0.10\", rest = 15 }\ncounts = \"units\"\n"),
            &["tiers:", "pays more than all", "15 % as 0.15"],
        ),
        (
            rate("[[contract.rate]]\nrate = 500\n"),
            &["rate:", "pays more than all", "a part of one whole"],
        ),
        (
            one("everything = true", "[[contract.fee]]\nrate = -0.1\n"),
            &["rate:", "is no number"],
        ),
        (
            one(
                "everything = true",
                "[[contract.reserve]]\nrate = 0.2\nrelease = { 6 = 1 }\n",
            ),
            &["has no step reserve", "never be applied"],
        ),
        (
            rate(
                "[[contract.rate]]\nrate = 0.5\n[[contract.reserve]]\nrate = 0.2\nrelease = { 6 = 0.5 }\n",
            ),
            &["release:", "one whole"],
        ),
        (rate(""), &["has a rate and contract \"C\" names none"]),
        (
            rate("[[contract.rate]]\nrate = 0.5\nper_unit = 1\n"),
            &["exactly one"],
        ),
        (
            rate("[[contract.rate]]\ncounts = \"units\"\ntiers = { 10 = 0.1, 20 = 0.2 }\n"),
            &["tiers:", "the last is called rest"],
        ),
        (
            one("everything = true\nprofile = \"x\"", ""),
            &["is not TOML"],
        ),
        (
            one("everything = true", "").replace("net-receipts", "mine"),
            &["profile:", "no such profile", "royalty-pre-reserve"],
        ),
        (
            one(
                "everything = true",
                "[[contract.advance]]\nname = \"a\"\namount = -5\ndate = 2026-01-01\n",
            ),
            &["amount:", "below zero"],
        ),
        (
            one(
                "everything = true",
                "[[contract.cost]]\nname = \"a\"\namount = 5\ndate = 2026-01-01\n",
            ),
            &["borne:", "says who bears it"],
        ),
        (
            one(
                "everything = true",
                "[[contract.adjustment]]\namount = 5\ndate = 2026-01-01\n",
            ),
            &["reason:", "needs it"],
        ),
        (
            one("everything = true\nparticipation = 1.5", ""),
            &["participation:", "more than the whole"],
        ),
        (
            PAYEES.to_owned() + PAYEES,
            &["line 7, name:", "\"Ada\" is there already"],
        ),
        (
            "[[payee]]\nname = \"Ada\"\n".into(),
            &["currency:", "paid in a currency"],
        ),
        (
            "[[payee]]\nname = \"(rounding)\"\ncurrency = \"USD\"\n".into(),
            &["the program's own"],
        ),
        (
            "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"\nforms = { us = 2026-01-01 }\n".into(),
            &["no tax \"us\""],
        ),
        (
            "[[party]]\nname = \"Ada\"\n".into(),
            &["\"party\" is not a kind of record"],
        ),
        (
            "[[profile]]\nname = \"mine\"\nsteps = [\"split\"]\n".into(),
            &["steps:", "exchange is not first"],
        ),
        (
            "[[profile]]\nname = \"mine\"\nsteps = [\"exchange\", \"split\", \"fees\"]\n".into(),
            &["after the split"],
        ),
        (
            "[[profile]]\nname = \"mine\"\nsteps = [\"exchange\", \"fee\"]\n".into(),
            &["\"fee\" is not a step", "charges, fees"],
        ),
    ];
    for (text, wanted) in cases {
        let fault = Texts::new(&text, &[SALE]).fault();
        for part in wanted {
            assert!(
                fault.contains(part),
                "{part:?} is not in {fault:?} of\n{text}"
            );
        }
    }
}

#[test]
fn circular_groups_and_contracts_in_two_groups_are_refused() {
    let group = |name: &str, members: &str| {
        format!("[[group]]\nname = \"{name}\"\nmembers = [{members}]\n")
    };
    let contracts = contract("X", "tracks = [\"T\"]", "") + &contract("Y", "tracks = [\"U\"]", "");
    let cases = [
        (
            group("A", "\"B\"") + &group("B", "\"A\", \"X\""),
            "contains itself: A > B > A",
        ),
        (group("A", "\"A\""), "contains itself: A > A"),
        (
            group("A", "\"X\"") + &group("B", "\"X\", \"Y\""),
            "is in the groups",
        ),
        (group("A", "\"Z\""), "there is no contract \"Z\""),
    ];
    for (groups, wanted) in cases {
        let fault = Texts::new(&(PAYEES.to_owned() + &groups + &contracts), &[SALE]).fault();
        assert!(
            fault.contains(wanted) && fault.contains("members"),
            "{fault}"
        );
    }
    let euros = contracts.replacen("currency = \"USD\"", "currency = \"EUR\"", 1);
    let fault = Texts::new(
        &(PAYEES.to_owned() + &group("A", "\"X\", \"Y\"") + &euros),
        &[SALE],
    )
    .fault();
    assert!(
        fault.contains("EUR and USD") && fault.contains("one currency"),
        "{fault}"
    );
    // A group of groups joins all of their accounts.
    let nested = group("A", "\"B\", \"X\"") + &group("B", "\"Y\"");
    let settled = Texts::new(&(PAYEES.to_owned() + &nested + &contracts), &[SALE]).settle();
    assert_eq!(settled.inputs.book.groups, ["A"]);
    assert!(
        settled
            .inputs
            .book
            .contracts
            .iter()
            .all(|c| c.group == Some(0))
    );
}

#[test]
fn contracts_that_cover_the_same_make_its_money_wait_and_both_are_named() {
    let text = PAYEES.to_owned()
        + &contract("First", "tracks = [\"T\"]\nfrom = 2026-01-01", "")
        + &contract("Second", "everything = true", "");
    let settled = Texts::new(
        &text,
        &[
            SALE,
            "U,US,2026-09,stream,DSP,1,7,USD",
            "T,US,2025-09,stream,DSP,1,5,USD",
        ],
    )
    .settle();
    assert_conserved(&settled);
    assert_eq!(
        waits(&settled),
        [("overlap", "USD".to_owned(), amount("100"))]
    );
    let waiting = settled.waiting();
    assert_eq!(&*waiting[0].reason.clause, "First and Second");
    assert!(
        waiting[0]
            .reason
            .arithmetic
            .contains("narrow one of the contracts"),
        "{}",
        waiting[0].reason.arithmetic
    );
    assert_eq!(
        (&*waiting[0].reason.track, waiting[0].reason.source.as_str()),
        ("T", "DSP, 2026-09, 1 cell")
    );
    assert_eq!(exact(&settled, "Ada", "USD"), amount("12"));
}

#[test]
fn a_track_without_contract_waits() {
    let settled = Texts::new(
        &one("tracks = [\"U\"]", ""),
        &[
            SALE,
            "U,US,2026-09,stream,DSP,1,1,USD",
            ",US,2026-09,stream,DSP,1,3,USD",
        ],
    )
    .settle();
    assert_conserved(&settled);
    assert_eq!(
        waits(&settled),
        [
            ("no_contract", "USD".to_owned(), amount("100")),
            ("not_matched", "USD".to_owned(), amount("3"))
        ]
    );
    assert_eq!(exact(&settled, "Ada", "USD"), amount("1"));
}

#[test]
fn scope_looks_at_dates_territories_usage_dsp_release_and_label() {
    let rows = [
        "T,US,2026-09,stream,Spotify,1,1,USD,,R1,Lantern",
        "T,DE,2026-09,stream,Spotify,1,2,USD,,R1,Lantern",
        "T,US,2026-09,Download,Spotify,1,4,USD,,R1,Lantern",
        "T,US,2026-09,stream,Deezer,1,8,USD,,R1;R2,Lantern",
        "T,US,2025-09,stream,Spotify,1,16,USD,,R3,Other",
    ];
    let cases = [
        ("everything = true\nterritories = [\"United States\"]", "29"),
        ("everything = true\nnot_territories = [\"US\"]", "2"),
        ("everything = true\nusages = [\"download\"]", "4"),
        ("everything = true\ndsps = [\"DEEZER\"]", "8"),
        ("everything = true\nto = 2025-12-31", "16"),
        ("releases = [\"R2\"]", "8"),
        ("releases = [\"R1\", \"R3\"]", "31"),
        ("labels = [\"LANTERN\"]", "15"),
        (
            "tracks = [\"X\"]\nlabels = [\"other\"]\nterritories = [\"US\"]",
            "16",
        ),
    ];
    for (scope, want) in cases {
        let settled = Texts::new(&one(scope, ""), &rows).settle();
        assert_eq!(exact(&settled, "Ada", "USD"), amount(want), "{scope}");
        assert_conserved(&settled);
    }
}

#[test]
fn a_contract_that_starts_within_a_period_waits_or_is_parted_by_days() {
    let start = |rule: &str| {
        Texts::new(
            &one(&format!("everything = true\nfrom = 2026-09-16\n{rule}"), ""),
            &[SALE],
        )
        .settle()
    };
    let waiting = start("");
    assert_conserved(&waiting);
    assert_eq!(
        waits(&waiting),
        [("mid_period", "USD".to_owned(), amount("100"))]
    );
    assert!(
        waiting.waiting()[0]
            .reason
            .arithmetic
            .contains("mid_period = \"days\"")
    );
    let parted = start("mid_period = \"days\"");
    assert_eq!(exact(&parted, "Ada", "USD"), amount("50"));
    assert_eq!(
        waits(&parted),
        [("uncovered", "USD".to_owned(), amount("50"))]
    );
    // One contract ends where the other begins: nothing waits.
    let old = contract(
        "Old",
        "everything = true\nto = 2026-09-10\nmid_period = \"days\"",
        "",
    );
    let new = contract(
        "New",
        "everything = true\nfrom = 2026-09-11\nmid_period = \"days\"",
        "",
    )
    .replace("Ada = 1", "Ben = 1");
    let both = Texts::new(&(PAYEES.to_owned() + &old + &new), &[SALE]).settle();
    assert_conserved(&both);
    assert!(waits(&both).is_empty());
    assert_eq!(
        exact(&both, "Ada", "USD"),
        amount("33.33333333333333333333")
    );
    assert_eq!(
        exact(&both, "Ben", "USD"),
        amount("66.66666666666666666667")
    );
    assert_eq!(
        Amount::sum(both.payables.iter().map(|l| l.payable)).unwrap(),
        amount("100")
    );
    // One day that both cover is an overlap, although together they cover less than the whole.
    let late = contract(
        "Late",
        "everything = true\nfrom = 2026-09-10\nto = 2026-09-12\nmid_period = \"days\"",
        "",
    );
    let overlap = Texts::new(&(PAYEES.to_owned() + &old + &late), &[SALE]).settle();
    assert_eq!(waits(&overlap)[0].0, "overlap");
}

#[test]
fn clauses_that_do_not_hold_make_money_wait() {
    let only_german = one("everything = true", "").replace(
        "[[contract.split]]",
        "[[contract.split]]\nterritories = [\"DE\"]",
    );
    let settled = Texts::new(&only_german, &[SALE]).settle();
    assert_eq!(
        waits(&settled),
        [("no_split", "USD".to_owned(), amount("100"))]
    );
    let rate = one(
        "everything = true",
        "[[contract.rate]]\nrate = 0.5\nterritories = [\"DE\"]\n",
    )
    .replace("net-receipts", "royalty");
    let settled = Texts::new(&rate, &[SALE]).settle();
    assert_eq!(
        waits(&settled),
        [("no_rate_clause", "USD".to_owned(), amount("100"))]
    );
    assert_conserved(&settled);
}

#[test]
fn splits_change_with_the_sale_period_and_by_territory() {
    let text = PAYEES.to_owned()
        + "[[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\neverything = true\n[[contract.split]]\nname = \"abroad\"\nterritories = [\"FR\"]\nshares = { Ben = 1 }\n[[contract.split]]\nname = \"new\"\nfrom = 2026-09-01\nshares = { Ada = 0.5, Ben = 0.5 }\n[[contract.split]]\nname = \"old\"\nshares = { Ada = 1 }\n";
    let rows = [
        "T,US,2026-08,stream,DSP,1,10,USD",
        "T,US,2026-09,stream,DSP,1,100,USD",
        "T,FR,2026-09,stream,DSP,1,1000,USD",
    ];
    let settled = Texts::new(&text, &rows).settle();
    assert_eq!(
        (exact(&settled, "Ada", "USD"), exact(&settled, "Ben", "USD")),
        (amount("60"), amount("1050"))
    );
}

#[test]
fn negative_balances_and_unknown_ones_are_refused() {
    let text = one(
        "everything = true",
        "[[contract.advance]]\nname = \"a\"\namount = 50\ndate = 2026-01-01\n",
    );
    let cases = [
        (
            "unrecouped,C,,a,,USD,-5,",
            "balances.csv, line 2, amount: unrecouped is below zero; write what is still to be recouped",
        ),
        ("unrecouped,C,,b,,USD,5,", "has no advance or cost \"b\""),
        ("unrecouped,C,,a,,EUR,5,", "another currency"),
        ("unrecouped,D,,a,,USD,5,", "there is no contract \"D\""),
        ("carried_forward,,Cy,,,USD,5,", "there is no payee \"Cy\""),
        (
            "reserve,C,,split 1,,USD,5,2026-01-01",
            "has no step reserve",
        ),
        ("debt,C,,a,,USD,5,", "is not a kind of balance"),
        ("unrecouped,C,,a,,USD,x,", "amount:"),
        ("tax_all,,Ada,us,,USD,5,2026", "there is no tax"),
    ];
    for (row, wanted) in cases {
        let fault = Texts::new(&text, &[SALE]).with_balances(&[row]).fault();
        assert!(fault.contains(wanted), "{wanted:?} is not in {fault:?}");
    }
    let twice = Texts::new(&text, &[SALE])
        .with_balances(&["unrecouped,C,,a,,USD,5,", "unrecouped,C,,a,,USD,5,"])
        .fault();
    assert!(
        twice.contains("line 3") && twice.contains("twice"),
        "{twice}"
    );
    // What closed periods are corrected by has two sides, and is about accounts that a settlement posts to.
    let fee = "corrected,,,fee income:C/f,,USD,-5,2026-08";
    for (rows, wanted) in [
        (
            vec![fee],
            "what is corrected of 2026-08 leaves -5 USD without another side; give the rows as they were written",
        ),
        (
            vec![fee, "corrected,,,payable:Ada,,USD,5,2026-08"],
            "line 3, name: \"payable:Ada\" is not an account that is corrected",
        ),
        (
            vec![fee, "corrected,,,spent:x,,USD,5,2026-08"],
            "\"spent:x\" is not an account",
        ),
        (
            vec![fee, "corrected,,,earned:Cy,,USD,5,2026-08"],
            "there is no payee \"Cy\"",
        ),
        (
            vec![fee, fee],
            "line 3, kind: this balance stands there twice",
        ),
        (
            vec![fee, "corrected,,,earned:Ada,,USD,5,2026-08"],
            "is 0 USD for Ada and -5 in their account",
        ),
        (
            vec![
                fee,
                "corrected,,,spent,,USD,5,2026-08",
                "correction,,Ada,2026-08,,USD,5,",
            ],
            "is 5 USD for Ada and 0 in their account",
        ),
    ] {
        let fault = Texts::new(&text, &[SALE]).with_balances(&rows).fault();
        assert!(fault.contains(wanted), "{wanted:?} is not in {fault:?}");
    }
    let rows = [
        fee,
        "corrected,,,earned:Ada,,USD,5,2026-08",
        "correction,,Ada,2026-08,,USD,-5,",
    ];
    let corrected = Texts::new(&text, &[SALE]).with_balances(&rows).settle();
    assert_conserved(&corrected);
    assert_eq!(
        line(&corrected, "Ada", "USD").carried_in,
        amount("-5"),
        "the fee was 5 more"
    );
    // What is carried for a payee who is paid in another currency now is exchanged, and stays as it is while there is no rate.
    let balances = ["carried_forward,,Ada,,,EUR,-5,", "waiting,,Ada,,,EUR,2,"];
    let without = Texts::new(&text, &[SALE]).with_balances(&balances).settle();
    assert_conserved(&without);
    let stays = line(&without, "Ada", "EUR");
    assert_eq!(
        (
            stays.state,
            stays.carried_in,
            stays.earned,
            stays.carried_out
        ),
        (
            PayableState::WaitsForRate,
            amount("-5"),
            amount("2"),
            amount("-3")
        )
    );
    assert_eq!(
        without.closing.carried[&CarriedKey {
            payee: "Ada".to_owned(),
            currency: currency("EUR")
        }],
        amount("-5")
    );
    assert_eq!(
        line(&without, "Ada", "USD").payable,
        amount("50"),
        "100 less the advance"
    );
    let rates = "period,from,to,rate,source\n2026-09,EUR,USD,1.2,bank\n";
    let with = Texts::new(&text, &[SALE])
        .with_balances(&balances)
        .with_rates(rates)
        .settle();
    assert_conserved(&with);
    let exchanged = line(&with, "Ada", "USD");
    assert_eq!(
        (exchanged.carried_in, exchanged.earned, exchanged.payable),
        (amount("-6"), amount("52.4"), amount("46.4"))
    );
    for settled in [&without, &with] {
        let statements = settled.statements().unwrap();
        let proof = ledgerline::account::prove_statements(settled, &statements).unwrap();
        assert!(proof.iter().all(|l| l.holds()), "{proof:?}");
    }
    // What a payee owes is a state: later earnings make it good.
    let owed = Texts::new(&text, &[SALE])
        .with_balances(&[
            "unrecouped,C,,a,,USD,5,",
            "carried_forward,,Ada,,,USD,-200,",
        ])
        .settle();
    assert_conserved(&owed);
    let owing = line(&owed, "Ada", "USD");
    assert_eq!(
        (owing.state, owing.carried_out, owing.payable),
        (PayableState::Negative, amount("-105"), Amount::ZERO)
    );
}

#[test]
fn advances_wait_for_their_day_and_balances_say_what_is_left() {
    let text = one(
        "everything = true",
        "[[contract.advance]]\nname = \"a\"\namount = 50\ndate = 2026-10-01\n",
    );
    let early = Texts::new(&text, &[SALE]).settle();
    assert_eq!(exact(&early, "Ada", "USD"), amount("100"));
    assert!(
        early.closing.unrecouped.is_empty() && early.notes[0].contains("after the period"),
        "{:?}",
        early.notes
    );
    let due = Texts::new(&text, &[SALE]).of("2026-10").settle();
    assert_eq!(
        (exact(&due, "Ada", "USD"), unrecouped(&due, "C", "a")),
        (amount("50"), Amount::ZERO)
    );
    let later = Texts::new(&text, &[SALE])
        .with_balances(&["unrecouped,C,,a,,USD,0,"])
        .of("2026-11")
        .settle();
    assert_eq!(exact(&later, "Ada", "USD"), amount("100"));
}

#[test]
fn returns_larger_than_sales_are_carried_as_a_debt() {
    let text = one(
        "everything = true",
        "[[contract.advance]]\nname = \"a\"\namount = 50\ndate = 2026-01-01\n",
    );
    let settled = Texts::new(&text, &[SALE, "T,US,2026-09,return,DSP,-3,-250.5,USD"]).settle();
    assert_conserved(&settled);
    let owing = line(&settled, "Ada", "USD");
    assert_eq!(
        (owing.state, owing.exact, owing.payable),
        (PayableState::Negative, amount("-150.5"), Amount::ZERO)
    );
    assert_eq!(unrecouped(&settled, "C", "a"), amount("50"));
    let row = settled
        .closing
        .rows()
        .into_iter()
        .map(|r| r.join(","))
        .find(|r| r.starts_with("carried"))
        .unwrap();
    assert_eq!(row, "carried_forward,,Ada,,,USD,-150.5,");
}

#[test]
fn currencies_without_and_with_three_digits_are_paid_in_their_own_units() {
    for (code, sale, payable, rounding) in [
        ("JPY", "100.4", ["67", "33"], "0.4"),
        ("KWD", "1.0004", ["0.667", "0.333"], "0.0004"),
    ] {
        let text = one("everything = true", "")
            .replace("USD", code)
            .replace("{ Ada = 1 }", "{ Ada = \"2/3\", Ben = \"1/3\" }");
        let settled = Texts::new(
            &text,
            &[&SALE.replace("100,USD", &format!("{sale},{code}"))],
        )
        .settle();
        assert_conserved(&settled);
        assert_eq!(
            [
                line(&settled, "Ada", code).payable,
                line(&settled, "Ben", code).payable
            ],
            payable.map(amount),
            "{code}"
        );
        assert_eq!(settled.rounding.of(&currency(code)), amount(rounding));
        assert_eq!(went_to(&settled, "rounding"), amount(rounding));
    }
    // Less than the smallest unit is not paid, and not lost.
    let small = Texts::new(
        &one("everything = true", "").replace("USD", "JPY"),
        &[&SALE.replace("100,USD", "0.6,JPY")],
    )
    .settle();
    let kept = line(&small, "Ada", "JPY");
    assert_eq!(
        (kept.state, kept.carried_out),
        (PayableState::BelowMinimum, amount("0.6"))
    );
}

#[test]
fn amounts_beyond_the_exact_range_are_refused_with_their_place() {
    let fault = Texts::new(
        &one("everything = true", ""),
        &["T,US,2026-09,stream,DSP,1,1234567890123456,USD"],
    )
    .fault();
    assert!(
        fault.starts_with("cells.csv, line 2, amount:")
            && fault.contains("15 digits")
            && fault.contains("plain number"),
        "{fault}"
    );
    let rate = one("everything = true", "[[contract.rate]]\nper_unit = 99999\n")
        .replace("net-receipts", "royalty");
    let fault = Texts::new(&rate, &["T,US,2026-09,stream,DSP,999999999999999,1,USD"]).fault();
    assert!(
        fault.contains("contract \"C\"") && fault.contains("exact range"),
        "{fault}"
    );
    let rows: Vec<String> = (0..2000)
        .map(|t| format!("T{t},US,2026-09,stream,DSP,1,999999999999999,USD"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert!(
        Texts::new(&one("everything = true", ""), &rows)
            .fault()
            .contains("exact range")
    );
}

const EUROS: &str = "T,US,2026-09,stream,DSP,1,100,EUR";

#[test]
fn a_missing_rate_makes_money_wait_and_nothing_is_converted_at_one() {
    let text = one("everything = true", "");
    let settled = Texts::new(&text, &[EUROS, SALE]).settle();
    assert_conserved(&settled);
    assert_eq!(
        waits(&settled),
        [("no_exchange_rate", "EUR".to_owned(), amount("100"))]
    );
    assert_eq!(exact(&settled, "Ada", "USD"), amount("100"));
    let rates = "period,from,to,rate,source,date\n2026-09,EUR,USD,1.1,bank,2026-09-30\n";
    let settled = Texts::new(&text, &[EUROS, SALE]).with_rates(rates).settle();
    assert_eq!(exact(&settled, "Ada", "USD"), amount("210"));
}

#[test]
fn three_hops_are_three_pairs_of_postings() {
    let text = one("everything = true", "").replace(
        "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"",
        "[[payee]]\nname = \"Ada\"\ncurrency = \"JPY\"",
    );
    let euros = "Date,USD,GBP,JPY\n2026-09-30,1.25,0.8,160\n";
    let settled = Texts::new(&text, &["T,US,2026-09,stream,DSP,1,8,GBP"])
        .with_rates(euros)
        .settle();
    assert_conserved(&settled);
    // 8 GBP are 10 EUR are 12.5 USD; those are 10 EUR again, and 1,600 JPY.
    assert_eq!(line(&settled, "Ada", "JPY").payable, amount("1600"));
    let hops: Vec<String> = settled
        .movements()
        .filter(|t| t.reason.step.word() == "exchange")
        .map(|t| format!("{} {}", t.amount, t.currency))
        .collect();
    assert_eq!(
        hops,
        [
            "8 GBP", "10 EUR", "10 EUR", "12.5 USD", "12.5 USD", "10 EUR", "10 EUR", "1600 JPY"
        ]
    );
    assert!(settled.movements().any(|t| {
        t.reason
            .source
            .contains("ECB euro reference rates, 2026-09-30")
    }));
}

#[test]
fn what_a_payee_cannot_be_paid_for_lack_of_a_rate_waits_and_is_paid_later() {
    let text = one("everything = true", "").replace(
        "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"",
        "[[payee]]\nname = \"Ada\"\ncurrency = \"JPY\"",
    );
    let first = Texts::new(&text, &[SALE]).settle();
    assert_conserved(&first);
    let waiting = line(&first, "Ada", "USD");
    assert_eq!(
        (waiting.state, waiting.earned, waiting.payable),
        (PayableState::WaitsForRate, amount("100"), Amount::ZERO)
    );
    let rows: Vec<String> = first.closing.rows().iter().map(|r| r.join(",")).collect();
    assert_eq!(rows, ["waiting,,Ada,,,USD,100,"]);
    let later = Texts::new(&text, &[])
        .with_balances(&[&rows[0]])
        .with_rates("period,from,to,rate,source\n2026-10,USD,JPY,150,bank\n")
        .of("2026-10")
        .settle();
    assert_conserved(&later);
    assert_eq!(line(&later, "Ada", "JPY").payable, amount("15000"));
    assert!(later.closing.waiting.is_empty());
}

#[test]
fn received_money_is_spread_over_the_lines_of_its_statement_exactly() {
    let text = one("tracks = [\"T\", \"U\"]", "");
    let row = |track: &str, amount: &str, statement: &str| {
        format!("{track},US,2026-09,stream,DSP,1,{amount},EUR,,,,{statement}")
    };
    let rows = [
        row("T", "1", "s1"),
        row("U", "1", "s1"),
        row("V", "1", "s1"),
        row("T", "5", "s2"),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let rates = "period,from,to,rate,source,date,statement,received\n,EUR,USD,,bank statement 7,,s1,100.00\n2026-09,EUR,USD,2,bank,,,\n";
    let settled = Texts::new(&text, &rows).with_rates(rates).settle();
    assert_conserved(&settled);
    assert_eq!(
        waits(&settled),
        [(
            "no_contract",
            "USD".to_owned(),
            amount("33.33333333333333333333")
        )]
    );
    assert_eq!(
        exact(&settled, "Ada", "USD"),
        amount("76.66666666666666666667")
    );
    let nothing = [row("T", "1", "s1"), row("U", "-1", "s1")];
    let fault = Texts::new(&text, &[&nothing[0], &nothing[1]])
        .with_rates(rates)
        .fault();
    assert!(
        fault.contains("rates.csv, line 2, received:") && fault.contains("give a rate instead"),
        "{fault}"
    );
    let unknown = Texts::new(&text, &[SALE]).with_rates(rates).settle();
    assert!(
        unknown.notes[0].contains("no cell of statement \"s1\""),
        "{:?}",
        unknown.notes
    );
}

#[test]
fn a_form_that_arrives_late_brings_back_what_was_withheld_too_much() {
    let tax = "[[tax]]\nname = \"us\"\nterritories = [\"US\"]\nrate = 0.30\ntreaty = { IN = 0.15 }\nwithout_form = 0.24\nwithout_form_base = \"all\"\ncatch_up = true\n";
    let text = |forms: &str| {
        tax.to_owned()
            + &one("everything = true", "").replacen(
                "currency = \"USD\"\n",
                &format!("currency = \"USD\"\nresidence = \"IN\"\n{forms}"),
                1,
            )
    };
    let rows = |month: &str| {
        [
            format!("T,US,{month},stream,DSP,1,100,USD"),
            format!("T,IN,{month},stream,DSP,1,900,USD"),
        ]
    };
    let [us, rest] = rows("2026-03");
    let before = Texts::new(&text(""), &[&us, &rest]).settle();
    assert_eq!(line(&before, "Ada", "USD").tax, amount("240"));
    let balances: Vec<String> = before.closing.rows().iter().map(|r| r.join(",")).collect();
    let balances: Vec<&str> = balances.iter().map(String::as_str).collect();
    let [us, rest] = rows("2026-04");
    let after = Texts::new(&text("forms = { us = 2026-04-20 }\n"), &[&us, &rest])
        .with_balances(&balances)
        .settle();
    assert_conserved(&after);
    // 15 % of the year's 200 from the United States are 30, of which 240 were withheld before.
    let line = line(&after, "Ada", "USD");
    assert_eq!((line.tax, line.payable), (amount("-210"), amount("1210")));
    let year = after.closing.taxes.values().next().unwrap();
    assert_eq!(
        (year.source, year.all, year.withheld),
        (amount("200"), amount("2000"), amount("30"))
    );
}

#[test]
fn no_cells_no_period() {
    assert!(
        Texts::new(&one("everything = true", ""), &[])
            .fault()
            .contains("--period 2026-09")
    );
    let settled = Texts::new(&one("everything = true", ""), &[])
        .of("2026-09")
        .settle();
    assert!(settled.payables.is_empty());
}

/// Names may have slashes, so that two accounts are called alike; both are counted.
#[test]
fn accounts_that_are_called_alike_are_summed() {
    let fee = |name: &str| format!("[[contract.fee]]\nname = \"{name}\"\nrate = 0.1\n");
    let text = PAYEES.to_owned()
        + &contract("Ada", "tracks = [\"T\"]", &fee("EP/Dist"))
        + &contract("Ada/EP", "tracks = [\"U\"]", &fee("Dist"));
    let settled = Texts::new(&text, &[SALE, "U,US,2026-09,stream,DSP,1,200,USD"]).settle();
    let posted = settled.posted().unwrap();
    assert_eq!(
        posted[&("fee income:Ada/EP/Dist".to_owned(), currency("USD"))],
        amount("-30")
    );
    assert_eq!(Amount::sum(posted.values().copied()).unwrap(), Amount::ZERO);
}
