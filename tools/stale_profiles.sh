#!/bin/sh
# Removes the profiles of actors that no longer have one: stale_profiles.sh BUILD ACTOR...
# A profile that the data has outgrown points to claims that are gone. One that was asked for since the list of actors was made stays.
build=$1
shift
for file in "$build"/notebooks/05_country/*.ipynb "$build"/figures/fig_country_*.svg; do
  actor=$(basename "$file" | sed 's/^fig_country_//; s/[.][a-z]*$//')
  case " $* " in *" $actor "*) continue ;; esac
  [ -n "$(find "$file" ! -newer "$build/actors.mk" 2>/dev/null)" ] || continue
  rm -f "$build/notebooks/05_country/$actor.ipynb" "$build/figures/fig_country_$actor".* "$build/tables/fig_country_$actor.csv"
done
