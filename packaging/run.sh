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
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    workspace=${1:-ledgerline-sample}
    [ -e "$workspace/db" ] || "$program" catalog import "$root/sample-data/catalog.csv" --workspace "$workspace"
    echo "The program is $program"
    exec "$program" "$workspace" "$root"/sample-data/statements/*
fi
"$program" reconcile --catalog "$root/sample-data/catalog.csv" --statement "$root"/sample-data/statements/* --out "$results"

echo
echo "The results of the sample are in $(cd "$results" && pwd)"
echo "The program is $program"
echo "With a display this opens the window instead"
