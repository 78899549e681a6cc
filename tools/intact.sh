#!/bin/sh
# What make looks at before it trusts the times of files: is everything in the build as it was when it was written?
# usage: intact.sh check BUILD          removes what is damaged, so that make makes it again, and says so
#        intact.sh record BUILD FILE    notes the checksum of one file, as `claimtrace run` does for what a notebook writes
# A record BUILD/.made/X.sha256 lists what was written together with BUILD/X, which make knows it by and which comes last: a record
# that was cut short has lost it.
set -u
LC_ALL=C
export LC_ALL
if command -v sha256sum >/dev/null; then sum=sha256sum; else sum='shasum -a 256'; fi
task=$1
build=$2
made=$build/.made

if [ "$task" = record ]; then
    record=$made/${3#"$build"/}.sha256
    mkdir -p "$(dirname "$record")"
    $sum "$3" >"$record.$$.part" && mv "$record.$$.part" "$record"
    exit
fi
[ -d "$build" ] || exit 0

# What a killed process was writing is of no use to anybody; what a living one writes is left to it.
find "$build" -name '*.part' -o -name '*.part.ipynb' -o -name '*.part.d' | while read -r part; do
    process=${part%.part*}
    kill -0 "${process##*.}" 2>/dev/null || rm -rf "$part"
done

# The usual case in one go: every notebook has a record and every record holds.
records=$(find "$made" -name '*.sha256' 2>/dev/null)
for notebook in $(find "$build/notebooks" -name '*.ipynb' ! -name '.*' 2>/dev/null); do
    [ -f "$made/${notebook#"$build"/}.sha256" ] || { echo "$notebook: not known to be whole; it is made again" >&2; rm -f "$notebook"; }
done
[ -n "$records" ] || exit 0
holds() {
    awk -v made="$made/" -v build="$build/" '
        { last[FILENAME] = $2 }
        END {
            for (i = 1; i < ARGC; i++) {
                target = build substr(ARGV[i], length(made) + 1, length(ARGV[i]) - length(made) - 7)
                if (last[ARGV[i]] != target) exit 1
            }
        }' "$@" && cat "$@" | $sum -c --status --strict 2>/dev/null
}
holds $records && exit 0

for record in $records; do
    holds "$record" && continue
    target=${record#"$made"/}
    target=$build/${target%.sha256}
    if [ -f "$target" ]; then
        damaged=$($sum -c "$record" 2>/dev/null | sed -n 's/: FAILED.*//p' | head -n 3 | paste -s -d ' ' -)
        echo "${damaged:-$record}: damaged since it was built; $target is made again" >&2
    fi
    rm -f "$target" "$record"
done
