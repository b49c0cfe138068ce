#!/usr/bin/env bash
# Writes the SHA-256 of every result file that the program makes of the sample, the settlement
# example, the files with right values and generated data. A change that must not change a figure is
# held against the program before it:
#
#   tests/bench/same_results.sh PROGRAM DIR >before.txt     (then build the change)
#   tests/bench/same_results.sh PROGRAM DIR >after.txt
#   diff before.txt after.txt
#
# DIR keeps the generated inputs, which are made once by the examples bench-data and bench-settle
# next to PROGRAM, and the results. Left out is what differs from run to run by intention: `run` in
# summary.json and times in journals.
set -euo pipefail

program=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
examples=$(dirname "$program")/examples
results=$work/results
rm -rf "$results"
mkdir -p "$results"
log=$work/log.txt
: >"$log"

if [ ! -e "$work/bench/catalog.csv" ]; then
    "$examples/bench-data" --rows 1000000 --tracks 200000 --seed 1 --out "$work/bench" >&2
    "$examples/bench-data" --rows 200000 --tracks 200000 --seed 2 --decimals 33 --statement-only \
        --out "$work/bench-exact" >&2
    "$examples/bench-settle" 100000 1000 "$work/settle" >&2
fi

# Some of the inputs are faulty by intention, so exit codes are results as well.
run() {
    local name=$1 code=0
    shift
    "$program" "$@" >"$results/$name.stdout" 2>>"$log" || code=$?
    echo "exit $code" >>"$results/$name.stdout"
    # Columns are as wide as the times in them, and messages name the folders of this machine.
    sed -i -E "s#$work##g; s#$root##g; s#in [0-9.]+ s\\b#in N s#g; s#[0-9.,]* rows/s##g;
        s#[0-9-]+T[0-9:.]+Z#TIME#g; s# +# #g" "$results/$name.stdout"
}

sample=$root/sample-data
terms=(--contracts "$sample/contracts.toml" --rates "$sample/rates.csv"
    --balances "$sample/balances.csv")
run sample reconcile --catalog "$sample/catalog.csv" --statement "$sample"/statements/* \
    --lines --out "$results/sample"
run sample-terms reconcile --catalog "$sample/catalog.csv" --statement "$sample"/statements/* \
    "${terms[@]}" --out "$results/sample-terms"

space=$work/workspace
rm -rf "$space"
run space-catalog catalog import "$sample/catalog.csv" --workspace "$space"
run space-terms terms import "$sample"/{contracts.toml,rates.csv,balances.csv} --workspace "$space"
run space reconcile --workspace "$space" --statement "$sample"/statements/* --out "$results/space"
run space-show payout show --workspace "$space" --out "$results/space-payout" --statements \
    --payout-file sepa
run space-close payout close --workspace "$space" 2026-09
run space-show-after payout show --workspace "$space" --out "$results/space-payout-after"
for command in "payout verify" "payout list" "terms list" "statement list"; do
    # shellcheck disable=SC2086  # two words
    run "space-${command/ /-}" $command --workspace "$space"
done
find "$space/periods" -type f -printf '%P\n' 2>/dev/null | while read -r file; do
    mkdir -p "$(dirname "$results/space-periods/$file")"
    cp "$space/periods/$file" "$results/space-periods/$file"
done

example=$sample/settle
given=(--cells "$example/cells.csv" --contracts "$example/contracts.toml"
    --rates "$example/rates.csv" --balances "$example/balances.csv")
run settle settle "${given[@]}" --statements --payout-file sepa --out "$results/settle"
while IFS=, read -r payee currency _; do
    run "explain-$payee-$currency" explain "${given[@]}" --payee "$payee" --currency "$currency"
done < <(tail -n +2 "$example/expected/payables.csv")

given=(--cells "$work/settle/cells.csv" --contracts "$work/settle/contracts.toml"
    --rates "$work/settle/rates.csv")
run settle-many settle "${given[@]}" --statements --out "$results/settle-many"

for file in "$work"/bench/youtube_*.csv "$work"/bench-exact/youtube_*.csv; do
    name=$(basename "$(dirname "$file")")
    run "$name" reconcile --catalog "$work/bench/catalog.csv" --statement "$file" --lines \
        --out "$results/$name"
done

cd "$results"
find . -name summary.json | while read -r file; do
    python3 - "$file" <<'PY'
import json, sys
path = sys.argv[1]
summary = json.load(open(path, encoding="utf-8"))
summary.pop("run", None)
json.dump(summary, open(path, "w", encoding="utf-8"), indent=1)
PY
done
find . -type f -print0 | sort -z | xargs -0 sha256sum
