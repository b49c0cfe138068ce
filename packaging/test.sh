#!/usr/bin/env bash
# Runs every check of the repository. Needs no terminal and no display, and changes nothing in the working tree.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if ! command -v cargo >/dev/null; then
    echo "error: cargo is missing; Ledgerline needs Rust 1.95 or newer, see https://rustup.rs" >&2
    exit 1
fi
"$root/packaging/install-packages.sh" test

cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${cache:+$cache/ledgerline/target}}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
[[ $CARGO_TARGET_DIR = /* ]] || CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR
cd "$root"
exec </dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A heading, the command, and how long it took.
step() {
    local title=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$title"
    "$@"
    printf -- '-- %s: %d s\n' "$title" $((SECONDS - start))
}

# One profile and one set of features for library, program, tests and examples: RocksDB and Polars are compiled once.
targets=(--lib --bins --tests)

window_is_optional() {
    local tree
    tree=$(cargo tree --locked -e normal --no-default-features --prefix none)
    if ! grep -q '^rocksdb ' <<<"$tree"; then
        echo "error: the tree of dependencies is not whole, so it says nothing" >&2
        return 1
    fi
    if grep -E '^(egui|eframe|rfd|winit)([-_ ]|$)' <<<"$tree"; then
        echo "error: without the feature gui the library must not depend on the crates above" >&2
        return 1
    fi
}

sample_is_generated() {
    cargo run --quiet --release --locked --example sample-data -- "$work/sample" >"$work/sample.log"
    # What tests write anew and hold against their own implementations, or what is written by hand.
    local others=(README.md expected.json settle contracts.toml rates.csv balances.csv expected-payables.csv)
    diff -r "${others[@]/#/--exclude=}" sample-data "$work/sample"
}

same_results() {
    env -u DISPLAY -u WAYLAND_DISPLAY packaging/run.sh "$work/first" >"$work/run.log"
    env -u DISPLAY -u WAYLAND_DISPLAY packaging/run.sh "$work/second" >"$work/run.log"
    cat "$work/run.log"
    local file
    for file in exceptions.csv payouts.csv quarantine.csv; do
        cmp "$work/first/$file" "$work/second/$file"
    done
}

step "formatting" cargo fmt --check
step "lints" cargo clippy --release --locked --all-targets -- -D warnings
step "without the feature gui there is no window in it" window_is_optional
step "tests without the feature gui" cargo test --release --locked --no-default-features "${targets[@]}"
# From here on with the feature gui, so that the program that is left in the target folder is the whole one.
step "build" cargo build --release --locked "${targets[@]}" --examples
step "tests, one thread" cargo test --release --locked "${targets[@]}" -- --test-threads=1
step "tests, all threads" cargo test --release --locked "${targets[@]}"
step "the sample is what its generator makes" sample_is_generated
step "packaging/run.sh, twice with the same results" same_results
step "the real window on a virtual display" tests/window/real.sh "$CARGO_TARGET_DIR/release/ledgerline" "$work/pictures"
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --no-deps --lib

printf '\nall checks passed in %d s\n' "$SECONDS"
