# To be sourced by scripts that use the real window: a virtual display of WIDTHxHEIGHT and a home folder of its own. What is left of them
# at the end is taken away, the program of `program_pid` too.
#
#   source display.sh WIDTHxHEIGHT
work=$(mktemp -d)
display_pid=
program_pid=
clean_up() {
    [ -z "$program_pid" ] || kill "$program_pid" 2>/dev/null || true
    [ -z "$display_pid" ] || kill "$display_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

# The display says its own number once it is there.
Xvfb -displayfd 5 -screen 0 "$1x24" -nolisten tcp 5>"$work/display" 2>/dev/null &
display_pid=$!
for _ in $(seq 600); do
    [ -s "$work/display" ] && break
    sleep 0.1
done
export DISPLAY=":$(cat "$work/display")"
export LIBGL_ALWAYS_SOFTWARE=1 XDG_DATA_HOME=$work/data HOME=$work USER=ada
unset WAYLAND_DISPLAY
mkdir -p "$XDG_DATA_HOME"

stop_program() {
    kill "$program_pid"
    wait "$program_pid" 2>/dev/null || true
    program_pid=
}
