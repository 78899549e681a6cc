#!/bin/sh
# Removes the profiles of actors that no longer have one: stale_profiles.sh BUILD ACTOR...
# A profile that the data has outgrown would point to claims that are gone.
build=$1
shift
for notebook in "$build"/notebooks/05_country/*.ipynb; do
  actor=$(basename "$notebook" .ipynb)
  case " $* " in *" $actor "*) continue ;; esac
  rm -f "$notebook" "$build/figures/fig_country_$actor".* "$build/tables/fig_country_$actor.csv"
done
