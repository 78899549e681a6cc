#!/bin/sh
# Makes the virtual environment that the Makefile uses: locked packages, checked by hash, and this package itself.
# usage: setup.sh FOLDER. Says in one line what is missing when it cannot.
set -u
venv=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() {
    printf 'set-up stopped: %s\n' "$1" >&2
    exit 1
}

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

if [ -d "$venv/conda-meta" ]; then
    # An active conda environment made from environment.yml holds the locked packages already.
    python=$venv/bin/python
    "$python" -c "$supported" 2>/dev/null || fail "the conda environment has no Python 3.11, 3.12 or 3.13; make it from environment.yml"
else
    python=
    found=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        version=$("$candidate" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
        found="$found $candidate is $version;"
        if "$candidate" -c "$supported" 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    [ -n "$python" ] || fail "Python 3.11, 3.12 or 3.13 is needed;${found:- no Python was found;} install one, or name it: make PYTHON=/path/to/python3.12"
    echo "making $venv with Python $version and the packages of requirements.lock (one to three minutes)"
    "$python" -m venv --clear "$venv" >"$log" 2>&1 ||
        fail "Python $version cannot make a virtual environment; install its venv module (Debian and Ubuntu: python3-venv)"
    python=$venv/bin/python
    total=$(grep -c '==' requirements.lock)
    "$python" -m pip install --disable-pip-version-check --no-input --no-deps --require-hashes -r requirements.lock 2>"$log" |
        if [ -t 1 ]; then
            awk -v total="$total" '/^Collecting/ {n++; printf "\r  %d of %d packages", n, total; fflush()}
                /^Installing/ {printf "\r  installing            "; fflush()} END {print ""}'
        else
            cat >/dev/null
        fi
    "$python" -m pip check >/dev/null 2>&1 && "$python" -c 'import jupyterlab, pandas, papermill, nbval' 2>/dev/null || {
        if grep -q 'DO NOT MATCH THE HASHES' "$log"; then
            fail "a downloaded package does not match its hash in requirements.lock"
        elif grep -qiE 'connection|resolution|network|timed out|retry|proxy|No matching distribution|SSL' "$log"; then
            fail "the packages could not be downloaded; a network connection to a Python package index is needed once"
        fi
        fail "the packages could not be installed: $(grep -m 1 -i error "$log" || tail -n 1 "$log")"
    }
fi
"$python" -m pip install --disable-pip-version-check --no-input -q --no-deps --no-build-isolation -e . 2>"$log" ||
    fail "the package itself could not be installed: $(grep -m 1 -i error "$log")"
