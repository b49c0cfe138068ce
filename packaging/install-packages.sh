#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and only those that are missing. Says nothing when all are there.
#
#   packaging/install-packages.sh build      what a build needs
#   packaging/install-packages.sh test       what the tests need as well
set -euo pipefail

# RocksDB is C++ and is compiled with the program; its Rust bindings are made by bindgen, which loads libclang.
build_packages=(build-essential clang libclang-dev)
# What the window loads while it starts; the program itself links none of it.
window_packages=(libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libgl1 libgl1-mesa-dri)
# Pictures of the window are drawn by a software Vulkan driver, the same everywhere; the real window opens on a virtual display. PDF files
# are looked at and read by poppler.
test_packages=(mesa-vulkan-drivers xvfb xdotool imagemagick x11-utils poppler-utils)

case "${1:-build}" in
    build) wanted=("${build_packages[@]}" "${window_packages[@]}") ;;
    test) wanted=("${build_packages[@]}" "${window_packages[@]}" "${test_packages[@]}") ;;
    *)
        echo "usage: packaging/install-packages.sh [build|test]" >&2
        exit 2
        ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "note: this is not a Debian system, so nothing is installed; needed are a C and C++ compiler, clang and libclang" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "error: these packages are missing: ${missing[*]}" >&2
        echo "       there is no sudo; as root run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
    # Without a terminal nobody can type a password: fail at once instead of waiting for one.
    [ -t 0 ] || as_root=(sudo -n)
fi

echo "installing ${missing[*]}"
${as_root[@]+"${as_root[@]}"} apt-get update -qq
${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
