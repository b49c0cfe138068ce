#!/usr/bin/env bash
# Measures the real window on a virtual display: from the start to the first frame on an existing workspace, and what it takes of a core
# while nothing happens. With ROWS it also makes a statement of so many rows (45 bytes each), imports it, jumps to its last row and back,
# and saves pictures to look at, with how long frames took (F12) in the corner.
#
#   tests/bench/window.sh PROGRAM DIR [ROWS]      needs what packaging/install-packages.sh test installs
set -euo pipefail

program=$(realpath "$1")
mkdir -p "$2"
pictures=$(realpath "$2")
rows=${3:-0}
sample=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/sample-data
source "$(dirname "${BASH_SOURCE[0]}")/../window/display.sh" 1920x1080

now_ms() { echo $(($(date +%s%N) / 1000000)); }
open() {
    "$program" "$@" >"$work/log" 2>&1 &
    program_pid=$!
    until xdotool search --onlyvisible --name Ledgerline >/dev/null 2>&1; do
        kill -0 "$program_pid" || { cat "$work/log" >&2; exit 1; }
        sleep 0.005
    done
}
# Ticks of 10 ms that the program has used.
ticks() { awk '{ print $14 + $15 }' "/proc/$program_pid/stat"; }

workspace=$work/workspace
"$program" catalog import "$sample/catalog.csv" --workspace "$workspace" >/dev/null
"$program" statement import "$sample"/statements/* --workspace "$workspace" >/dev/null 2>&1
times=()
for _ in 1 2 3 4 5; do
    start=$(now_ms)
    open "$workspace"
    times+=($(($(now_ms) - start)))
    stop_program
done
echo "first frame after, ms: $(printf '%s\n' "${times[@]}" | sort -n | tr '\n' ' ')"

open "$workspace"
sleep 5
before=$(ticks)
sleep 20
echo "idle for 20 s, ms of a core: $((($(ticks) - before) * 10))"
stop_program

[ "$rows" -gt 0 ] || exit 0
awk -v rows="$rows" 'BEGIN {
    print "ISRC,Title,Quantity,Amount,Currency"
    for (row = 1; row <= rows; row++) printf "QZLDG%07d,Title %d,%d,0.%07d,EUR\n", row % 50000, row % 50000, row % 9, row % 9999991
}' >"$work/large.csv"
start=$(now_ms)
"$program" statement import "$work/large.csv" --workspace "$work/large" 2>/dev/null >/dev/null
echo "import of $rows rows, ms: $(($(now_ms) - start))"
open "$work/large"
window=$(xdotool search --onlyvisible --name Ledgerline | head -1)
xdotool windowmove "$window" 0 0 windowsize "$window" 1920 1080 windowfocus --sync "$window"
sleep 3
xdotool key --clearmodifiers ctrl+6
sleep 3
xdotool key --clearmodifiers F12
xdotool mousemove 900 500 click 1
sleep 1
xdotool key --clearmodifiers End
sleep 2
import -window root "$pictures/last-row.png"
for _ in $(seq 200); do xdotool click 4; done
sleep 2
import -window root "$pictures/scrolled-up.png"
xdotool key --clearmodifiers Home
sleep 2
import -window root "$pictures/first-row.png"
for _ in $(seq 50); do xdotool key --clearmodifiers End Home; done
sleep 1
import -window root "$pictures/frames.png"
grep -E 'VmHWM' "/proc/$program_pid/status"
