#!/usr/bin/env bash
# Builds Ledgerline and opens it on the sample: one month of an imaginary label. Where there is no display, the same job is done without
# a window, and the results are files.
#
#   packaging/run.sh [DIR]      without a display results go to DIR, by default ./ledgerline-sample-results; with one, the workspace is
#                               DIR, by default ./ledgerline-sample
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
results=${1:-ledgerline-sample-results}

if ! command -v cargo >/dev/null; then
    echo "error: cargo is missing; Ledgerline needs Rust 1.95 or newer, see https://rustup.rs" >&2
    exit 1
fi
"$root/packaging/install-packages.sh" build

cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${cache:+$cache/ledgerline/target}}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
[[ $CARGO_TARGET_DIR = /* ]] || CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR

echo "building (the first build compiles RocksDB and Polars and takes a while)"
cargo build --release --locked --manifest-path "$root/Cargo.toml" --bin ledgerline

program=$CARGO_TARGET_DIR/release/ledgerline
sample=$root/sample-data
terms=(--contracts "$sample/contracts.toml" --rates "$sample/rates.csv" --balances "$sample/balances.csv")
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    workspace=${1:-ledgerline-sample}
    if [ ! -e "$workspace/db" ]; then
        "$program" catalog import "$sample/catalog.csv" --workspace "$workspace"
        "$program" terms import "$sample"/{contracts.toml,rates.csv,balances.csv} --workspace "$workspace"
    fi
    echo "The program is $program"
    exec "$program" "$workspace" "$sample"/statements/*
fi
"$program" reconcile --catalog "$sample/catalog.csv" --statement "$sample"/statements/* --out "$results"
echo
echo "The same month, settled by the label's contracts:"
"$program" reconcile --catalog "$sample/catalog.csv" --statement "$sample"/statements/* "${terms[@]}" --out "$results/by-contract" 2>/dev/null |
    sed -n '/^payee /,$p'

echo
echo "The results of the sample are in $(cd "$results" && pwd), those by contract in its folder by-contract"
echo "The program is $program"
echo "With a display this opens the window instead"
