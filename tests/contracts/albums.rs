//! Lines of a release as a whole: taken as they are, or spread over the tracks by the rule that contracts name; nothing is implied.

use ledgerline::money::Amount;
use ledgerline::settlement::Settled;
use ledgerline::terms::ContractNumber;
use ledgerline::terms::{Book, ReleaseError, ReleaseTrack, Releases};

use super::{Texts, amount, exact, line, waits, went_to};

const PAYEES: &str = "[[payee]]\nname = \"Ada\"\ncurrency = \"USD\"\n[[payee]]\nname = \"Ben\"\ncurrency = \"USD\"\n[[payee]]\nname = \"Cy\"\ncurrency = \"USD\"\n";
/// Three tracks of 100, 200 and 700 seconds.
const RELEASE: &str = "[[release]]\nname = \"R\"\ntracks = { T1 = 100, T2 = 200, T3 = 700 }\n";
const ALBUM: &str = ",US,2026-09,download,DSP,3,10,USD,,R";

fn contract(payee: &str, terms: &str) -> String {
    format!(
        "[[contract]]\nname = \"of {payee}\"\nprofile = \"net-receipts\"\ncurrency = \"USD\"\n{terms}\n[[contract.split]]\nshares = {{ {payee} = 1 }}\n"
    )
}

fn track(payee: &str, track: &str, rule: &str) -> String {
    let rule = if rule.is_empty() {
        String::new()
    } else {
        format!("album_lines = \"{rule}\"\n")
    };
    contract(payee, &format!("tracks = [\"{track}\"]\n{rule}"))
}

fn by_track(rules: [&str; 3]) -> String {
    PAYEES.to_owned()
        + RELEASE
        + &track("Ada", "T1", rules[0])
        + &track("Ben", "T2", rules[1])
        + &track("Cy", "T3", rules[2])
}

fn settle(contracts: &str, rows: &[&str]) -> Settled {
    Texts::new(contracts, rows).settle()
}

fn shares(settled: &Settled) -> [Amount; 3] {
    ["Ada", "Ben", "Cy"].map(|payee| exact(settled, payee, "USD"))
}

fn reasons(settled: &Settled) -> Vec<(&'static str, Amount)> {
    waits(settled)
        .into_iter()
        .map(|(why, _, amount)| (why, amount))
        .collect()
}

#[test]
fn a_line_is_spread_equally_by_weights_or_by_units() {
    let sold = [
        "T1,US,2026-08,stream,Other,30,0,USD",
        "T2,DE,2026-09,stream,DSP,12,0,USD",
        "T2,DE,2026-09,stream,DSP,-2,-0.00,USD",
    ];
    let rows = [ALBUM, sold[0], sold[1], sold[2]];
    let thirds = [
        "3.33333333333333333334",
        "3.33333333333333333333",
        "3.33333333333333333333",
    ];
    for (rule, want) in [
        ("equal", thirds),
        ("weights", ["1", "2", "7"]),
        ("units", ["7.5", "2.5", "0"]),
    ] {
        let settled = settle(&by_track([rule; 3]), &rows);
        let got = ["Ada", "Ben", "Cy"].map(|payee| went_to(&settled, &format!("payable:{payee}")));
        let exact = ["Ada", "Ben"].map(|payee| exact(&settled, payee, "USD"));
        assert_eq!(exact, [amount(want[0]), amount(want[1])], "{rule}");
        assert!(waits(&settled).is_empty(), "{rule}");
        assert_eq!(
            Amount::sum(settled.payables.iter().map(|l| l.exact)).unwrap(),
            amount("10"),
            "{rule}"
        );
        assert_eq!(
            got[2],
            if rule == "units" {
                amount("0")
            } else {
                Amount::sum([amount("10"), got[0].negated(), got[1].negated()]).unwrap()
            }
        );
    }
}

#[test]
fn money_that_goes_back_is_the_mirror_of_money_that_came() {
    let contracts = by_track(["equal"; 3]);
    let plus = settle(&contracts, &[ALBUM]);
    let minus = settle(&contracts, &[&ALBUM.replace(",3,10,", ",-3,-10,")]);
    assert_eq!(shares(&minus).map(Amount::negated), shares(&plus));
}

#[test]
fn units_are_spread_with_the_money() {
    let priced = by_track(["weights"; 3])
        .replace("net-receipts", "royalty")
        .replace(
            "[[contract.split]]",
            "[[contract.rate]]\nper_unit = 0.5\n[[contract.split]]",
        );
    // Of three units 0.3, 0.6 and 2.1.
    assert_eq!(
        shares(&settle(&priced, &[ALBUM])),
        ["0.15", "0.3", "1.05"].map(amount)
    );
}

#[test]
fn a_contract_that_covers_the_release_takes_the_line_unless_it_names_a_rule() {
    for scope in [
        "releases = [\"R\"]",
        "labels = [\"lantern\"]",
        "everything = true",
    ] {
        let row = format!("{ALBUM},Lantern");
        for (rule, is_whole) in [
            ("", true),
            ("album_lines = \"whole\"", true),
            ("album_lines = \"equal\"", false),
        ] {
            let contracts =
                PAYEES.to_owned() + RELEASE + &contract("Ada", &format!("{scope}\n{rule}"));
            let settled = settle(&contracts, &[&row]);
            assert_eq!(
                exact(&settled, "Ada", "USD"),
                amount("10"),
                "{scope} {rule}"
            );
            let tracks: Vec<String> = settled
                .income(ContractNumber::of(0))
                .iter()
                .map(|t| t.reason.track.to_string())
                .collect();
            assert_eq!(
                tracks,
                if is_whole {
                    vec!["R"]
                } else {
                    vec!["T1", "T2", "T3"]
                },
                "{scope} {rule}"
            );
        }
        let waiting = settle(
            &(PAYEES.to_owned()
                + RELEASE
                + &contract("Ada", &format!("{scope}\nalbum_lines = \"wait\""))),
            &[&row],
        );
        assert_eq!(reasons(&waiting), [("album_line", amount("10"))], "{scope}");
    }
}

#[test]
fn the_rule_of_the_release_goes_before_that_of_its_tracks() {
    let whole =
        by_track(["weights"; 3]) + &contract("Ada", "releases = [\"R\"]").replace("of Ada", "of R");
    let settled = settle(&whole, &[ALBUM]);
    assert_eq!(
        (exact(&settled, "Ada", "USD"), reasons(&settled)),
        (amount("10"), Vec::new())
    );
    // Spread by the contract of the release, each part is a sale of its track, which the other contracts cover as well.
    let spread = whole.replace(
        "releases = [\"R\"]",
        "releases = [\"R\"]\nalbum_lines = \"equal\"",
    );
    assert_eq!(
        reasons(&settle(&spread, &[ALBUM])),
        [("overlap", amount("10"))]
    );
}

#[test]
fn without_a_rule_or_with_several_the_line_waits_and_the_contracts_are_named() {
    let cases = [
        (["", "", ""], "album_line", "write album_lines = \"equal\""),
        (
            ["wait", "", "wait"],
            "album_line",
            "write album_lines = \"equal\"",
        ),
        (
            ["equal", "equal", ""],
            "album_rules",
            "let all contracts of the release name the same rule",
        ),
        (
            ["equal", "weights", "equal"],
            "album_rules",
            "let all contracts of the release name the same rule",
        ),
    ];
    for (rules, why, remedy) in cases {
        let settled = settle(&by_track(rules), &[ALBUM]);
        assert_eq!(reasons(&settled), [(why, amount("10"))], "{rules:?}");
        let posting = &settled.waiting()[0];
        assert_eq!(&*posting.reason.clause, "of Ada and of Ben and of Cy");
        assert_eq!(
            (&*posting.reason.track, posting.reason.source.as_str()),
            ("R", "DSP, 2026-09, 1 cell")
        );
        assert!(
            posting.reason.arithmetic.starts_with(remedy),
            "{}",
            posting.reason.arithmetic
        );
    }
}

#[test]
fn only_contracts_that_cover_the_sale_are_asked() {
    // Ben's contract names another rule, but not for the United States.
    let contracts = by_track(["equal", "weights", "equal"]).replace(
        "tracks = [\"T2\"]",
        "tracks = [\"T2\"]\nnot_territories = [\"US\"]",
    );
    let settled = settle(&contracts, &[ALBUM, &ALBUM.replace(",US,", ",DE,")]);
    assert_eq!(
        reasons(&settled),
        [
            ("no_contract", amount("3.33333333333333333333")),
            ("album_rules", amount("10"))
        ]
    );
}

#[test]
fn the_part_of_a_track_without_a_contract_waits_and_names_track_and_release() {
    let contracts = PAYEES.to_owned()
        + RELEASE
        + &track("Ada", "T1", "weights")
        + &track("Ben", "T2", "weights");
    let settled = settle(&contracts, &[ALBUM]);
    assert_eq!(
        [exact(&settled, "Ada", "USD"), exact(&settled, "Ben", "USD")],
        ["1", "2"].map(amount)
    );
    assert_eq!(reasons(&settled), [("no_contract", amount("7"))]);
    let reason = &settled.waiting()[0].reason;
    assert_eq!(
        (&*reason.track, reason.source.as_str()),
        ("T3", "DSP, 2026-09, 1 cell of release R")
    );
    assert!(
        reason
            .arithmetic
            .starts_with("700 of 1000 by weight; add a contract that covers the track"),
        "{}",
        reason.arithmetic
    );
    let income = &settled.income(ContractNumber::of(0))[0];
    assert_eq!(
        (&*income.reason.track, income.reason.source.as_str()),
        ("T1", "DSP, 2026-09, 1 cell of release R")
    );
    assert_eq!(
        (income.reason.arithmetic.as_str(), income.amount),
        ("100 of 1000 by weight", amount("1"))
    );
    // Without a contract for any of its tracks there is no rule.
    assert_eq!(
        reasons(&settle(
            &(PAYEES.to_owned() + RELEASE + &track("Ada", "X", "equal")),
            &[ALBUM]
        )),
        [("no_contract", amount("10"))]
    );
}

#[test]
fn a_release_that_nothing_is_known_of_waits_and_so_do_missing_units_and_weights() {
    let alone = PAYEES.to_owned() + &contract("Ada", "releases = [\"R\"]\nalbum_lines = \"equal\"");
    let unknown = settle(&alone, &[ALBUM]);
    assert_eq!(reasons(&unknown), [("no_tracks", amount("10"))]);
    assert!(
        unknown.waiting()[0]
            .reason
            .arithmetic
            .contains("[[release]]")
    );
    let unsold = settle(
        &by_track(["units"; 3]),
        &[ALBUM, "T1,US,2026-09,stream,DSP,-5,-1,USD"],
    );
    assert_eq!(reasons(&unsold), [("no_units", amount("10"))]);
    let unweighted = Texts {
        catalog: catalog(&[("T1", ""), ("T2", "")]),
        ..Texts::new(&alone.replace("equal", "weights"), &[ALBUM])
    };
    assert_eq!(
        reasons(&unweighted.settle()),
        [("no_weights", amount("10"))]
    );
}

fn catalog(tracks: &[(&str, &str)]) -> Releases {
    let mut releases = Releases::default();
    let track = |(id, label): &(&str, &str)| ReleaseTrack {
        id: (*id).into(),
        label: (*label).into(),
        weight: None,
    };
    releases
        .add("R", tracks.iter().map(track).collect())
        .unwrap();
    releases
}

#[test]
fn a_catalog_says_what_is_on_a_release_and_a_record_goes_before_it() {
    let contracts = PAYEES.to_owned() + &track("Ada", "T1", "equal") + &track("Ben", "T2", "equal");
    let known = Texts {
        catalog: catalog(&[("T2", ""), ("T1", "")]),
        ..Texts::new(&contracts, &[ALBUM])
    };
    assert_eq!(exact(&known.settle(), "Ada", "USD"), amount("5"));
    let written = Texts {
        contracts: contracts + "[[release]]\nname = \"R\"\ntracks = [\"T1\"]\n",
        ..known
    };
    assert_eq!(exact(&written.settle(), "Ada", "USD"), amount("10"));
}

#[test]
fn labels_of_the_tracks_decide_about_contracts_by_label() {
    let contracts = PAYEES.to_owned()
        + &contract("Ada", "labels = [\"Lantern\"]\nalbum_lines = \"equal\"")
        + &track("Ben", "T2", "equal");
    // One label for all: its contract covers the release, here without a rule of its own.
    let one = Texts {
        catalog: catalog(&[("T1", "Lantern"), ("T2", "Lantern")]),
        ..Texts::new(
            &contracts.replacen("\nalbum_lines = \"equal\"", "", 1),
            &[ALBUM],
        )
    };
    assert_eq!(exact(&one.settle(), "Ada", "USD"), amount("10"));
    // Several: each track is its own label's.
    let several = Texts {
        catalog: catalog(&[("T1", "Lantern"), ("T2", "Other")]),
        ..Texts::new(&contracts, &[ALBUM])
    };
    let settled = several.settle();
    assert_eq!(
        [exact(&settled, "Ada", "USD"), exact(&settled, "Ben", "USD")],
        ["5", "5"].map(amount)
    );
}

#[test]
fn parts_are_shared_by_participation_and_parted_by_days_as_sales_are() {
    let half = |payee: &str| {
        track(payee, "T1", "weights").replace("tracks", "participation = 0.5\ntracks")
    };
    let contracts =
        PAYEES.to_owned() + RELEASE + &half("Ada") + &half("Ben") + &track("Cy", "T2", "weights");
    let dated = contracts.replace(
        "tracks = [\"T2\"]",
        "tracks = [\"T2\"]\nfrom = 2026-09-16\nmid_period = \"days\"",
    );
    let settled = settle(&dated, &[ALBUM]);
    assert_eq!(shares(&settled), ["0.5", "0.5", "1"].map(amount));
    assert_eq!(
        reasons(&settled),
        [("no_contract", amount("7")), ("uncovered", amount("1"))]
    );
}

#[test]
fn money_that_was_received_is_spread_over_tracks_as_it_was_received() {
    let rates = "period,from,to,rate,source,date,statement,received\n,EUR,USD,,bank,,s1,20\n";
    let row = ALBUM.replace("USD", "EUR") + ",,s1";
    let settled = Texts::new(&by_track(["weights"; 3]), &[&row])
        .with_rates(rates)
        .settle();
    assert_eq!(shares(&settled), ["2", "4", "14"].map(amount));
}

#[test]
fn codes_are_compared_as_upcs() {
    let contracts = by_track(["weights"; 3]).replace("name = \"R\"", "name = \"0731453463424\"");
    let row = ALBUM.strip_suffix('R').unwrap().to_owned() + "731453463424";
    assert_eq!(
        shares(&settle(&contracts, &[&row])),
        ["1", "2", "7"].map(amount)
    );
}

#[test]
fn the_proof_has_the_spreading_and_explain_shows_it() {
    let settled = settle(&by_track(["weights"; 3]), &[ALBUM]);
    let claims: Vec<(&str, Amount, Amount)> = settled
        .proof
        .iter()
        .filter(|l| l.claim.words().contains("album"))
        .map(|l| (l.claim.words(), l.left, l.right))
        .collect();
    assert_eq!(
        claims
            .iter()
            .map(|(_, left, right)| [*left, *right])
            .collect::<Vec<_>>(),
        [["10"; 2], ["3"; 2]].map(|pair| pair.map(amount))
    );
    let shown = settled
        .explain("Cy", super::currency("USD"))
        .unwrap()
        .join("\n");
    for part in [
        "income: income, track T3: 700 of 1000 by weight (DSP, 2026-09, 1 cell of release R) -> 7 USD",
        "cell R | US | 2026-09 | download | DSP: 2.1 units, 7 of 10 USD; track T3, 700 of 1000 by weight",
    ] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
    assert_eq!(line(&settled, "Cy", "USD").payable, amount("7"));
    assert!(
        settle(
            &by_track(["weights"; 3]),
            &["T1,US,2026-09,stream,DSP,1,1,USD"]
        )
        .proof
        .iter()
        .all(|l| !l.claim.words().contains("album"))
    );
}

#[test]
fn releases_are_written_as_records_that_read_back() {
    let mut releases = catalog(&[("T2", "Lantern"), ("T\"1", "Other")]);
    let weighted = |id: &str, weight: &str| ReleaseTrack {
        id: id.into(),
        label: "Lantern".into(),
        weight: Some(amount(weight)),
    };
    releases
        .add(
            "731453463424",
            vec![weighted("T1", "183.5"), weighted("T2", "240")],
        )
        .unwrap();
    let text = releases.to_toml();
    assert_eq!(
        Book::read(&[("r.toml".into(), text.clone().into_bytes())])
            .unwrap()
            .releases,
        releases,
        "{text}"
    );
    let csv = "record,name,label,tracks\nrelease,R,,T1;T2\nrelease,00731453463424,Lantern,T1=183.5;T2=240\n";
    let read = Book::read(&[("r.csv".into(), csv.into())])
        .unwrap()
        .releases;
    assert_eq!(read.find("00731453463424"), releases.find("00731453463424"));
    assert_eq!(read.find("R").unwrap().tracks().len(), 2);
}

#[test]
fn releases_that_cannot_be_are_refused() {
    let track = |id: &str, weight: Option<&str>| ReleaseTrack {
        id: id.into(),
        label: String::new(),
        weight: weight.map(amount),
    };
    let refused = |tracks| Releases::default().add("R", tracks).unwrap_err();
    assert_eq!(refused(vec![]), ReleaseError::NoTracks);
    assert_eq!(refused(vec![track("", None)]), ReleaseError::NoId);
    assert_eq!(
        refused(vec![track("T", None), track("T", None)]),
        ReleaseError::Twice("T".into())
    );
    assert_eq!(
        refused(vec![track("T", Some("0"))]),
        ReleaseError::Weight("T".into(), amount("0"))
    );
    assert_eq!(
        refused(vec![track("T", Some("1")), track("U", None)]),
        ReleaseError::Unweighted("U".into())
    );

    let record = |keys: &str| {
        PAYEES.to_owned() + "[[release]]\nname = \"R\"\n" + keys + "\n" + &track_contract()
    };
    let cases: [(String, &[&str]); 12] = [
        (
            record(""),
            &["contracts.toml, line 10, tracks: a release without tracks; write tracks = "],
        ),
        (
            record("tracks = []"),
            &["line 12, tracks: a release without tracks"],
        ),
        (
            record("tracks = { T1 = 0, T2 = 1 }"),
            &[
                "line 12, tracks: the weight of track \"T1\" is 0",
                "a weight above zero",
            ],
        ),
        (
            record("tracks = { T1 = -3 }"),
            &["line 12, tracks: the weight of track \"T1\" is -3"],
        ),
        (
            record("tracks = { T1 = \"long\" }"),
            &["line 12, tracks: \"long\"", "write weights as"],
        ),
        (
            record("tracks = [\"T1\", \"T1\"]"),
            &["line 12, tracks: track \"T1\" stands there twice; write each track once"],
        ),
        (
            record("tracks = [\"T1\"]\nupc = 5"),
            &["line 13, upc: a release has no such key"],
        ),
        (
            record("tracks = [\"T1\"]\ntrack_labels = { T2 = \"L\" }"),
            &["line 13, track_labels: \"T2\" is not a track of the release"],
        ),
        (
            record("tracks = [\"T1\"]").replace("name = \"R\"\n", ""),
            &["name: a release needs it"],
        ),
        (
            RELEASE.to_owned() + RELEASE,
            &["line 4, name: \"R\" is there already; say once"],
        ),
        (
            by_track(["evenly"; 3]),
            &[
                "album_lines: \"evenly\" is not a rule; write one of wait, whole, equal, weights, units",
            ],
        ),
        (
            by_track(["whole"; 3]),
            &[
                "album_lines: contract \"of Ada\" covers tracks alone",
                "add the release to releases",
            ],
        ),
    ];
    for (text, wanted) in cases {
        let fault = Texts::new(&text, &[ALBUM]).fault();
        for part in wanted {
            assert!(
                fault.contains(part),
                "{part:?} is not in {fault:?} of\n{text}"
            );
        }
    }
    let csv = "record,name,tracks\nrelease,R,T1=2;T2\n";
    let fault = Book::read(&[("r.csv".into(), csv.into())])
        .unwrap_err()
        .remove(0)
        .to_string();
    assert!(
        fault.starts_with("r.csv, line 2, tracks: names with values belong here"),
        "{fault}"
    );
    // Weights that are missing are no fault: the money waits until somebody gives them.
    let unweighted = by_track(["weights"; 3]).replace(
        "{ T1 = 100, T2 = 200, T3 = 700 }",
        "[\"T1\", \"T2\", \"T3\"]",
    );
    assert_eq!(
        reasons(&settle(&unweighted, &[ALBUM])),
        [("no_weights", amount("10"))]
    );
}

fn track_contract() -> String {
    track("Ada", "T1", "equal")
}
