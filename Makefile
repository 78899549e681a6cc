# Builds everything from the committed data: `make`, then `make test`. `make help` lists the rest.

VENV      ?= .venv
EDITION   ?= digest
CODING    ?= claims
ORIGINALS ?= data/raw/original
ACTOR     ?=
BENCH     ?=
export PYTHON

# Runs with other settings stand beside the published one, in folders of their own.
BUILD := build$(if $(filter-out digest,$(EDITION)),/$(EDITION))$(if $(filter-out claims,$(CODING)),/$(CODING))

# The same bytes on every run: no dates in PDF files, no hash order, UTF-8 everywhere, quiet kernels.
export SOURCE_DATE_EPOCH := 0
export PYTHONHASHSEED := 0
export PYTHONUTF8 := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1
# Notebooks run beside each other: threads of one would only take the cores of another.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DELETE_ON_ERROR:
.SUFFIXES:

BIN      := $(VENV)/bin
READY    := $(VENV)/.ready
EXECUTED := $(BUILD)/notebooks
BATCH    := $(patsubst %,src/claimtrace/%.py,__main__ batch cluster extract parts readers)
APART    := $(BATCH) src/claimtrace/site/% src/claimtrace/rules/% $(patsubst %,src/claimtrace/%.py,tracing dossier crate measure exhibits/rules)
SOURCE   := $(filter-out $(APART),$(wildcard src/claimtrace/*.py src/claimtrace/*/*.py))
PAGES    := $(wildcard README.md CITATION.cff data/README.md data/codebook/README.md src/claimtrace/*.py src/claimtrace/site/*.py src/claimtrace/site/static/*)
INDEX    := data/study.yaml data/articles.csv data/sentences.csv data/segmentation.yaml
CODES    := data/codebook/codebook.yaml data/codebook/actors.yaml
CODER    := $(wildcard data/codebook/indicators.yaml data/codebook/points.csv src/claimtrace/rules/*) src/claimtrace/measure.py
RULES    := $(CODER) $(wildcard data/coding/rules.csv data/development/* data/development/*/* data/rules_speed.csv) src/claimtrace/exhibits/rules.py
CLAIMS   := data/coding/$(CODING).csv $(wildcard data/coding/events.csv data/coding/reports.csv)
PASSES   := $(wildcard data/coding/pass_*.csv)
TEXTS    := $(wildcard data/raw/digest/*.md)
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))

# Agreement needs two codings, the rule coder words to look for. The others are the same whatever coding is drawn, or tell of events,
# which belong to the published one.
DRAWN    := 02_coding.ipynb 04_motives.ipynb 07_relations.ipynb
OTHERS   := 01_corpus.ipynb $(if $(word 2,$(PASSES)),03_reliability.ipynb) 06_events.ipynb 08_robustness.ipynb \
              $(if $(wildcard data/codebook/indicators.yaml),09_rules.ipynb)
MAIN     := $(addprefix $(EXECUTED)/,$(sort $(DRAWN) $(if $(filter claims,$(CODING)),$(OTHERS))))

ifeq ($(wildcard data/coding/$(CODING).csv),)
$(error CODING=$(CODING): no such coding; there are: $(filter-out %2,$(filter claims rules pass_%,$(sort $(notdir $(basename $(wildcard data/coding/*.csv)))))))
endif

# Only a setting that was changed is handed on, so that an ordinary build equals the committed notebooks.
PLACE    := $(if $(filter-out build,$(BUILD)),-p build=../$(BUILD))
TEXT     := $(if $(filter-out digest,$(EDITION)),-p edition=$(EDITION)) $(PLACE)
CHANGED  := $(if $(filter-out claims,$(CODING)),-p coding=$(CODING)) $(TEXT)
RUN       = $(BIN)/claimtrace run $< $@ --record $(@:$(BUILD)/%=$(BUILD)/.made/%.sha256)

.PHONY: all
all: $(BUILD)/.summary ## build all figures, tables and executed notebooks (the default)
	@if test -e $(BUILD)/.fresh; then rm -f $(BUILD)/.fresh; else echo "nothing to do: $(BUILD)/ is up to date"; fi

.PHONY: help
help: ## list the targets and settings
	@echo "make [TARGET] [SETTING=VALUE] [-j N]"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  EDITION=digest|original   text to run on (original needs the files in data/raw/original/)"
	@echo "  CODING=claims|pass_a|...  coding to draw"
	@echo "  ACTOR=IRN                 actor of make country"
	@echo "  ORIGINALS=DIR             original files for make audit"
	@echo "  LAB=--no-browser          further options of make lab"
	@echo "  BENCH=\"--memory 1000\"    settings of make bench: see tools/bench_coder.py --help"
	@echo "  PYTHON=python3.12         Python to set up with"
	@echo "  -j N                      run N notebooks at a time"

# --- set-up ----------------------------------------------------------------------------------------------------------

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@sh tools/setup.sh "$(VENV)"

# --- notebooks: each names what it reads, so that a change reruns what depends on it and nothing else ----------------

$(EXECUTED)/01_corpus.ipynb: notebooks/01_corpus.ipynb $(INDEX) $(CODES) $(TEXTS) $(SOURCE) $(READY)
	@$(RUN) $(TEXT) && echo "$@"

$(EXECUTED)/03_reliability.ipynb: notebooks/03_reliability.ipynb $(INDEX) $(CODES) $(PASSES) $(wildcard data/coding/claims.csv data/coding/adjudication.csv data/coding/additions.csv data/coding/objections.csv) $(SOURCE) $(READY)
	@$(RUN) $(PLACE) && echo "$@"

$(EXECUTED)/08_robustness.ipynb: notebooks/08_robustness.ipynb $(INDEX) $(CODES) $(PASSES) data/coding/claims.csv $(SOURCE) $(READY)
	@$(RUN) $(PLACE) && echo "$@"

$(EXECUTED)/09_rules.ipynb: notebooks/09_rules.ipynb $(INDEX) $(CODES) $(RULES) $(TEXTS) $(PASSES) data/coding/claims.csv $(SOURCE) $(READY)
	@$(RUN) $(TEXT) && echo "$@"

$(EXECUTED)/04_motives.ipynb: $(PASSES)
$(EXECUTED)/02_coding.ipynb: $(CODER)

$(addprefix $(EXECUTED)/,02_coding.ipynb 04_motives.ipynb 06_events.ipynb 07_relations.ipynb): $(EXECUTED)/%.ipynb: notebooks/%.ipynb $(INDEX) $(CODES) $(TEXTS) $(CLAIMS) $(SOURCE) $(READY)
	@$(RUN) $(CHANGED) && echo "$@"

$(EXECUTED)/05_country/%.ipynb: notebooks/05_country.ipynb $(INDEX) $(CODES) $(TEXTS) $(CLAIMS) $(SOURCE) $(READY)
	@$(RUN) -p actor=$* $(CHANGED) && echo "$@"

# What was damaged since it was built is removed first; times alone would take it for whole. A dry run removes nothing.
DRY := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
ifneq ($(filter-out help lab clean,$(or $(MAKECMDGOALS),all)),)
ifeq ($(MAKE_RESTARTS)$(DRY),)
$(shell sh tools/intact.sh check $(BUILD))
endif
endif

# Which actors have a profile follows from the claims: make writes this list, then reads it. Lists that are read are made even in a
# dry run, with all that they need: it reads the one that is there, if any.
ifneq ($(DRY),)
ACTORS := $(shell sed -n 's/^ACTORS := //p' $(BUILD)/actors.mk 2>/dev/null)
else ifneq ($(filter all figures compare refresh site crate test browser,$(or $(MAKECMDGOALS),all)),)
ifndef MAKE_RESTARTS
$(shell mkdir -p $(BUILD) && date +%s > $(BUILD)/.started)
endif
-include $(BUILD)/actors.mk
endif

$(BUILD)/actors.mk: $(CLAIMS) $(CODES) data/study.yaml src/claimtrace/compare.py src/claimtrace/claims.py $(READY)
	@mkdir -p $(@D)
	@actors=$$($(BIN)/claimtrace profiles --coding $(CODING)) && echo "ACTORS :=" $$actors > $@.part && mv $@.part $@
	@sh tools/intact.sh record $(BUILD) $@

PROFILES = $(ACTORS:%=$(EXECUTED)/05_country/%.ipynb)

$(BUILD)/.summary: $(MAIN) $(PROFILES) MANIFEST.sha256
	@sh tools/stale_profiles.sh $(BUILD) $(ACTORS)
	@$(BIN)/claimtrace summary $(BUILD) --started $$(cat $(BUILD)/.started)
	@touch $@ $(BUILD)/.fresh

.PHONY: figures
figures: $(MAIN) $(PROFILES) ## build the figures without the closing table

.PHONY: country
country: ## build the profile of one actor: make country ACTOR=IRN
	@test "$(ACTOR)" || { echo "name an actor: make country ACTOR=IRN"; exit 1; }
	@$(MAKE) --no-print-directory $(EXECUTED)/05_country/$(ACTOR).ipynb

.PHONY: site
site: $(BUILD)/site/index.html ## make the static site: every mark that counts claims leads to them

$(BUILD)/site/index.html: $(MAIN) $(PROFILES) $(PAGES)
	@sh tools/stale_profiles.sh $(BUILD) $(ACTORS)
	@$(BIN)/claimtrace site $(BUILD) --coding $(CODING)

.PHONY: crate
crate: $(BUILD)/ro-crate-metadata.json ## say what every exhibit was made from, as an RO-Crate

$(BUILD)/ro-crate-metadata.json: $(MAIN) $(PROFILES) $(wildcard CITATION.cff) src/claimtrace/crate.py
	@$(BIN)/claimtrace crate $(BUILD)
	@sh tools/intact.sh record $(BUILD) $@

.PHONY: lab
lab: $(READY) ## open JupyterLab on the notebooks
	@# Lab shows no charts of notebooks that it does not trust; these come with the repository.
	@$(BIN)/jupyter trust $(NOTEBOOKS) >/dev/null
	@$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB)

# --- checks ----------------------------------------------------------------------------------------------------------

.PHONY: test
test: $(BUILD)/site/index.html ## run every test, then every committed notebook against its stored outputs
	@$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@$(BIN)/python -m pytest tests notebooks --nbval --nbval-current-env -n 2

.PHONY: browser
browser: $(BUILD)/site/index.html ## show every page and every chart of the site to Chromium
	@$(BIN)/python -m pytest tests/test_browser.py --whole -n 2

.PHONY: fuzz
fuzz: $(READY) ## damage every input file in 2,200 ways: each is read the same or refused (half an hour)
	@$(BIN)/python tools/fuzz.py --number 2000
	@$(BIN)/python tools/fuzz.py --number 200 --study data --seed 8

.PHONY: reprotest
reprotest: $(READY) ## build under every variation that should not matter and compare: SHORT=1 for some notebooks only
	@$(BIN)/python tools/reprotest.py $(if $(SHORT),--short) --work build/reprotest

.PHONY: faults
faults: $(READY) ## kill, starve and damage builds two hundred times: nothing may be lost
	@$(BIN)/python tools/faults.py --number 200

.PHONY: check
check: $(READY) ## report every violation in the data
	@$(BIN)/claimtrace check

.PHONY: audit
audit: $(READY) ## verify checksums, offsets and copied runs against the originals: ORIGINALS=DIR
	@$(BIN)/claimtrace audit --originals $(ORIGINALS)

.PHONY: rules
rules: $(READY) ## propose claims for the study's own articles by the rules: ORIGINALS=DIR
	@$(BIN)/claimtrace propose --originals $(ORIGINALS)

.PHONY: compare
compare: figures $(BUILD)/site/index.html ## compare what was built with the published manifest
	@$(BIN)/claimtrace manifest $(BUILD) --compare MANIFEST.sha256

.PHONY: verify
verify: $(READY) ## rebuild in a clean folder, compare with the published manifest, name what differs and why
	@echo "building in build/verify (five minutes or so)"
	@$(BIN)/python tools/reprotest.py --only nothing --work build/verify --output build/verify/outcome.csv || \
	  { $(BIN)/claimtrace manifest build/verify/copies/nothing/copy/build --compare MANIFEST.sha256; exit 1; }

.PHONY: bench
bench: build/bench/.ready ## measure the rule coder, then sentence splitters on the originals where ORIGINALS=DIR holds them
	@PYTHONPATH=build/bench/packages $(BIN)/python tools/bench_coder.py $(BENCH) $(if $(WRITE),--write data/rules_speed.csv)
	@test ! -d "$(ORIGINALS)" || PYTHONPATH=build/bench/packages $(BIN)/python tools/bench_splitters.py --originals $(ORIGINALS) $(if $(WRITE),--write data/splitters.csv)

build/bench/.ready: tools/bench.lock $(READY)
	@echo "fetching what to compare with"
	@$(BIN)/python -m pip install -q --no-deps --require-hashes --upgrade --target build/bench/packages -r tools/bench.lock
	@touch $@

# --- for those who change something ----------------------------------------------------------------------------------

.PHONY: refresh
refresh: $(READY) ## rewrite generated pages, schemas, committed outputs and the manifest
	@test "$(BUILD)" = build || { echo "make refresh rewrites what is published: leave EDITION and CODING as they are"; exit 1; }
	@$(BIN)/claimtrace schema
	@$(MAKE) --no-print-directory figures
	@# Times are kept, so that make does not take for changed what it has just run. The profile that is committed is of no actor.
	@for notebook in $(notdir $(MAIN)); do cp -p $(EXECUTED)/$$notebook notebooks/$$notebook || exit 1; done
	@$(BIN)/claimtrace run notebooks/05_country.ipynb notebooks/05_country.ipynb
	@touch -r $(BUILD)/actors.mk notebooks/05_country.ipynb
	@$(BIN)/claimtrace pages --repository .
	@$(MAKE) --no-print-directory site
	@$(BIN)/claimtrace manifest $(BUILD) > MANIFEST.part && mv MANIFEST.part MANIFEST.sha256
	@cp $(BUILD)/figures/fig_motives.png docs/fig_motives.png

.PHONY: clean
clean: ## remove everything that was built; the data and .venv stay
	rm -rf build
