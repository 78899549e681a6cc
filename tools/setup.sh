#!/bin/sh
# Makes the virtual environment that the Makefile uses: locked packages, checked by hash, and this package itself.
# usage: setup.sh FOLDER. Says in one line what is missing when it cannot.
#        setup.sh --installed FOLDER notes that the folder holds what the lock file asks for.
set -u
if [ "$1" = --installed ]; then
    touch "$2/.ready"
    { cat requirements.lock pyproject.toml && pwd; } >"$2/.installed" # told apart from another folder's: the package is linked
    exit
fi
venv=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() {
    printf 'set-up stopped: %s\n' "$1" >&2
    exit 1
}

# A lock file that was cut short would leave packages out in silence, and an environment that works would be gone for it.
total=$(grep -c '==' requirements.lock)
[ "$(tail -n 1 requirements.lock)" = "# end of the lock: $total packages" ] ||
    fail "requirements.lock is cut short (its last line must count its packages); take it from the repository again"

# Files that are newer than the environment and yet the same, as after a checkout, need no new one; .ready keeps its time, so that
# nothing is built again either.
installed() {
    [ -f "$venv/.ready" ] && [ -f "$venv/.installed" ] && [ "$(cat requirements.lock pyproject.toml && pwd)" = "$(cat "$venv/.installed")" ]
}
installed && exit 0
[ -L "$venv" ] && fail "$venv is a link, and what it leads to would be replaced; remove the link, or name the folder itself: make VENV=FOLDER"

# Two builds at once set up once: the second waits for the first, unless that was killed.
busy=$venv.busy
[ -d "$venv/conda-meta" ] && busy=$venv/.busy
waited=0
until mkdir "$busy" 2>/dev/null; do
    [ -d "$busy" ] || fail "$busy cannot be written"
    owner=$(cat "$busy/process" 2>/dev/null)
    if ! kill -0 "${owner:-$$}" 2>/dev/null || [ -z "$owner" -a "$waited" -gt 10 ]; then
        rm -rf "$busy"
        continue
    fi
    [ "$waited" -gt 0 ] || echo "waiting for process $owner, which is making $venv"
    waited=$((waited + 1))
    sleep 1
done
echo $$ >"$busy/process"
trap 'rm -rf "$log" "$busy"' EXIT
installed && exit 0

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
sh "$0" --installed "$venv"
