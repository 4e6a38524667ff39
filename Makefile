# Python 3.11 or later and make are all that must be there; `make` alone lists what can be done.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DIST := dist

# Tests run in as many processes as there are processors; threads of numpy and scikit-learn would wait for each other, busily,
# and take a sixth of all processor time. What is compiled once is not compiled again by each process that tests start.
test check: export OMP_NUM_THREADS := 1
test check: export OPENBLAS_NUM_THREADS := 1
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check docs schemas options lock licences sbom release

help: ## this list
	@sed -n 's/^\([a-z.]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(READY) ## personas of the bundled log: no key, no network
	$(BIN)/persona-agent demo

test: $(READY) ## all tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: $(READY) ## format, lint, types, all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

docs: $(READY) ## the manual as a site in dist/site, its links checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict --site-dir $(DIST)/site

schemas: $(READY) ## write persona_agent/schemas/ anew
	$(BIN)/python -c 'import json, pathlib; from persona_agent.schema import json_schemas; \
		[pathlib.Path(f"persona_agent/schemas/{name}.json").write_text(json.dumps(schema, indent=2, sort_keys=True) + "\n") \
		for name, schema in json_schemas().items()]'

options: $(READY) ## write docs/options.md anew
	$(BIN)/python -c 'import pathlib; from persona_agent.cli.reference import write_page; \
		write_page(pathlib.Path("docs/options.md"))'

licences: $(READY) ## the licence of every installed package
	@$(BIN)/pip-licenses --from=mixed --format=markdown --with-urls

sbom: $(READY) ## dist/sbom.cdx.json: every installed package with version and licence (CycloneDX)
	mkdir -p $(DIST)
	$(BIN)/cyclonedx-py environment $(SBOM_FLAGS) --pyproject pyproject.toml --output-reproducible --of JSON -o $(DIST)/sbom.cdx.json $(BIN)/python
	@# Where this checkout lies is nobody's business.
	$(BIN)/python -c 'import json, pathlib; file = pathlib.Path("$(DIST)/sbom.cdx.json"); bill = json.loads(file.read_text()); \
		[part.pop("externalReferences") for part in [bill["metadata"].get("component", {}), *bill["components"]] \
		if any(r["url"].startswith("file:") for r in part.get("externalReferences", []))]; \
		file.write_text(json.dumps(bill, indent=2) + "\n")'

release: check sbom ## the packages, what they rest on and its licences, in dist/
	$(BIN)/python -m build --no-isolation --outdir $(DIST)
	$(BIN)/pip-licenses --from=mixed --format=markdown --with-urls --output-file $(DIST)/licences.md

# hatchling asks for editables only once it builds an editable wheel, so no metadata names it.
lock: ## resolve pyproject.toml into requirements.lock (needs uv)
	echo 'editables>=0.5' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --extra dev pyproject.toml - -o requirements.lock

.venv: $(READY) ## the environment, from the lock file

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv
	@# Compiled is what is imported, when it is: of all that lies there tests import a small part.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# An editable install copies what the wheel takes from elsewhere; a copy of evals/ would not follow its edits.
	site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') && \
		rm -rf "$$site/persona_agent_evals" && ln -s "$(CURDIR)/evals" "$$site/persona_agent_evals"
	touch $@
