#!/usr/bin/env bash
# Opens the real window on a virtual display and uses it as a person does, with keys: opens the sample label, settles one item, undoes it,
# exports, then opens another workspace with a file from the command line. What has become of it is read from the workspaces' journals and
# from the results; pictures of the screens go to DIR.
#
#   tests/window/real.sh PROGRAM DIR
set -euo pipefail

program=$1
pictures=$2
mkdir -p "$pictures"
source "$(dirname "${BASH_SOURCE[0]}")/display.sh" 1280x800

# Waits until a command succeeds.
wait_for() {
    local what=$1
    shift
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then
            return 0
        fi
        kill -0 "$program_pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "error: $what did not come to be" >&2
    cat "$work/log" >&2
    import -window root "$pictures/failed.png" || true
    exit 1
}

# Starts the program with arguments and gives its window the keyboard: without a window manager nothing has it until it is given.
start() {
    "$program" "$@" >"$work/log" 2>&1 &
    program_pid=$!
    wait_for "the window" xdotool search --onlyvisible --name Ledgerline
    window=$(xdotool search --onlyvisible --name Ledgerline | head -1)
    xdotool windowmove "$window" 0 0 windowsize "$window" 1280 800
    xdotool windowfocus --sync "$window"
    # Where nothing is pointed at.
    xdotool mousemove 140 600
    sleep 1
}

# One gesture, and time for the frame that follows.
press() {
    xdotool key --clearmodifiers "$@"
    sleep 0.4
}
picture() {
    sleep 1
    import -window root "$pictures/$1.png"
}

journal=$XDG_DATA_HOME/ledgerline/sample/workspace/journal.jsonl
entries() {
    [ "$(grep -c "\"kind\":\"$1\"" "$journal")" -ge "$2" ]
}

start
picture start
press ctrl+k
xdotool type --delay 60 "sample"
sleep 0.5
press Return
wait_for "the statements of the sample" entries statement_imported 14
sleep 2
press ctrl+f
xdotool type --delay 40 "status:ambiguous isrc:X*"
press Escape
sleep 1
picture review
press i
sleep 1
press Return
wait_for "the decision" entries decision 1
press ctrl+z
wait_for "its undoing" entries undone 1
# The message about it goes by itself.
sleep 8
for screen in 1:statements 3:duplicates 4:catalog 5:contracts 6:lines 8:overview 9:history 7:payout; do
    press "ctrl+${screen%%:*}"
    picture "${screen#*:}"
done
# Without the system's dialogs the window asks for the folder itself.
press ctrl+e
sleep 1.5
xdotool type --delay 40 "$work/results"
press Return
wait_for "the results" test -s "$work/results/payouts.csv"
stop_program
"$program" audit verify --workspace "$XDG_DATA_HOME/ledgerline/sample/workspace"

# A workspace and a file from the command line, as a file manager opens them.
journal=$work/second/journal.jsonl
file=$(ls "$XDG_DATA_HOME"/ledgerline/sample/statements/*orchard* | head -1)
start "$work/second" "$file"
wait_for "the statement of the command line" entries statement_imported 1
stop_program
