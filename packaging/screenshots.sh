#!/usr/bin/env bash
# Makes README.md's pictures anew: the real window on a virtual display, on the sample label. Look at them before they are committed.
#
#   packaging/screenshots.sh PROGRAM              needs what packaging/install-packages.sh test installs
set -euo pipefail

program=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/tests/window/real.sh" "$program" "$work"
mkdir -p "$root/assets/screenshots"
for screen in review duplicates payout; do
    # The window has few colors: a palette makes a quarter of the size of it.
    convert "$work/$screen.png" -strip +dither -colors 255 "PNG8:$root/assets/screenshots/$screen.png"
done
