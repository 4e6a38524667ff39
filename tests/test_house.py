"""The house rules: who may import whom, how long things get, what is public, and that what is shipped works."""

from __future__ import annotations

import ast
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any

import click
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from persona_agent import commands
from persona_agent.cli import reference
from persona_agent.cli.app import app
from persona_agent.schema import NUMERIC_FIELDS, Measure, json_schemas
from tests.report.voice import faults
from tests.wheel import run

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "persona_agent"
MODULE_LINES = 350
FUNCTION_LINES = 60

# From top to bottom; an import goes down. The package's own __init__, which exports what `api` holds, belongs to it.
LAYERS = [
    {"__main__"}, {"cli"}, {"api"}, {"commands"}, {"report"}, {"questions"}, {"edits"}, {"write"}, {"groups"},
    {"evidence"}, {"codebook"},
    {"words", "runs"}, {"manifest"}, {"log", "models"}, {"engines"}, {"store", "seal"}, {"options"}, {"option_fields"},
    {"fields"}, {"redaction"}, {"schema", "batches"}, {"folders"},
    {"ids", "resources", "errors", "progress", "loops", "addresses"}, {"inert"},
]  # fmt: skip
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


@cache
def modules() -> dict[str, ast.Module]:
    """Dotted name → syntax tree of every module of the package."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imports(name: str, tree: ast.AST) -> Iterator[str]:
    """Own modules that a module imports; a name that is a module counts as that module, `__version__` as nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "persona_agent")
        elif isinstance(node, ast.ImportFrom):
            base = absolute(name, node)
            if base.split(".")[0] != "persona_agent":
                continue
            targets = [f"{base}.{alias.name}" for alias in node.names if alias.name != "__version__"]
            yield from (target if target in modules() else base for target in targets)


def absolute(name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = (ROOT.joinpath(*name.split(".")) / "__init__.py").is_file()
    parts = name.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, *([node.module] if node.module else [])])


def component(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "api"


def test_every_module_has_a_layer() -> None:
    """Each package and module directly under persona_agent stands in the list of layers."""
    assert {component(name) for name in modules()} <= set(RANK)


def test_imports_point_down() -> None:
    """A module imports own modules of its package or of a layer below, errors and their like also beside them."""
    wrong = []
    for name, tree in modules().items():
        here = RANK.get(component(name), 0)
        for target in imports(name, tree):
            there = RANK.get(component(target), -1)
            if component(name) != component(target) and there <= here and not here == there == RANK["errors"]:
                wrong.append(f"{name} → {target}")
    assert wrong == []


def test_no_cycles() -> None:
    """There is an order in which every module comes after those it imports."""
    graph = {name: set(imports(name, tree)) - {name} for name, tree in modules().items()}
    TopologicalSorter(graph).prepare()


def test_own_imports_stand_at_the_top() -> None:
    """No function imports an own module, but where that brings libraries that are slow to import, or may not be installed."""
    wrong = [
        f"{name}:{function.name}"
        for name, tree in modules().items()
        if name.removeprefix("persona_agent.")
        not in {"cli.command", "models.registry", "models.embeddings", "engines", "redaction"}
        for function in functions(tree)
        if any(imports(name, function))
    ]
    assert wrong == []


def test_the_package_never_imports_evals() -> None:
    """No module of persona_agent imports the evaluations, under either of their names."""
    wrong = [
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        for top in imported(node)
        if top.split(".")[0] in {"evals", "persona_agent_evals"}
    ]
    assert wrong == []


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_nothing_grows_too_long() -> None:
    """No file of the program or the evaluations is over 350 lines, and no function over 60."""
    paths = [*PACKAGE.rglob("*.py"), *(ROOT / "evals").rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}
    long = [f"{name}: {n}" for name, n in lines.items() if n > MODULE_LINES]
    for path in paths:
        for function in functions(ast.parse(path.read_text())):
            n = (function.end_lineno or 0) - function.lineno + 1
            if n > FUNCTION_LINES:
                long.append(f"{path.relative_to(ROOT)}:{function.name}: {n}")
    assert long == []


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the repository."""
    skipped = {".git", ".venv", "dist", "build", "out", "demo-out", "__pycache__"}
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in skipped and not name.endswith(("_cache", ".egg-info"))]
        names[:] = [name for name in names if name != ".hypothesis"]
        for file in files:
            raw = (Path(folder) / file).read_bytes()
            if b"\0" not in raw:
                yield Path(folder) / file, raw.decode(errors="replace")


def test_no_package_registry_is_named() -> None:
    """No text of the repository names a host of packages, so whoever has an own index uses it. (Joined here so that this
    file does not name them.)
    """
    needles = [
        "pypi." + "org", "files.python" + "hosted", "npm" + "js", "yarn" + "pkg", "deb.de" + "bian",
        "archive.ub" + "untu", "crates" + ".io", "proxy.go" + "lang", "conda" + ".anaconda",
    ]  # fmt: skip
    assert [f"{path}: {needle}" for path, text in texts() for needle in needles if needle in text] == []


def test_every_share_has_its_reason_beside_it() -> None:
    """A number with decimals that a module decides by has a comment on its line or right above it."""
    bare, seen = [], 0
    for path in sorted((ROOT / "persona_agent").rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.parse("\n".join(lines)).body:
            if not (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Constant)
                and type(node.value.value) is float
            ):
                continue
            seen += 1
            own = lines[node.lineno - 1 : node.end_lineno]
            told = lines[node.lineno - 2].startswith("#") or any("#" in line for line in own)
            bare += [] if told else [f"{path.relative_to(ROOT)}: {lines[node.lineno - 1]}"]
    assert seen > 100
    assert bare == []


def test_no_notes_to_self() -> None:
    """No code, page or setting has a marker of unfinished work."""
    note = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b")
    code = {".py", ".md", ".toml", ".j2", ".html", ""}
    assert [str(path) for path, text in texts() if path.suffix in code and note.search(text)] == []


def test_exported_schemas_are_current() -> None:
    """persona_agent/schemas/ is what `make schemas` writes."""
    written = {path.stem: json.loads(path.read_text()) for path in (PACKAGE / "schemas").glob("*.json")}
    assert written == json_schemas()


NAMES = st.sampled_from(["action", "object", "hour", "weekday", "date", "properties.price"])
NUMBERS = st.integers(0, 23).map(float) | st.floats(0, 1e6)
WORDS = st.text(min_size=1, max_size=8)
DAYS = st.dates().map(str)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(NAMES)
    kind = NUMBERS if field in NUMERIC_FIELDS else DAYS if field == "date" else WORDS
    op = draw(st.sampled_from(["is", "in", "not_in", "between", "contains"]))
    size = {"in": 3, "not_in": 1, "between": 2}.get(op, 1)
    return {"field": field, "op": op, "value": draw(st.lists(kind, min_size=size, max_size=size))}


SAYS = st.one_of(
    st.sampled_from(["most", "few", "usually"]).map(lambda word: {"quantifier": word}),
    st.floats(0, 1).map(lambda value: {"comparator": "at_least", "value": value}),
    st.just({"comparator": "more_than_others"}),
)
MEASURES = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["users", "sessions", "memories", "events"]),
        "statistic": st.sampled_from(["share", "median", "trend"]),
        "steps": st.lists(st.lists(conditions(), min_size=1, max_size=2), max_size=2),
        "where": st.lists(conditions(), max_size=2),
        "within": st.none() | st.floats(1, 1e6),
        "at_least": st.integers(1, 3),
        "versus": st.sampled_from([None, "matched", "everyone_else"]),
        "says": SAYS,
    }
)


@cache
def measure_schema() -> Any:
    import jsonschema  # a second to import, here alone

    return jsonschema.Draft202012Validator(json_schemas()["Measure"])


@given(MEASURES)
def test_a_measure_survives_json(value: dict[str, Any]) -> None:
    """A measure that the program accepts is valid by its exported schema, and comes back from JSON as it was."""
    try:
        measure = Measure.model_validate(value)
    except ValidationError:
        assume(False)
    written = json.loads(measure.model_dump_json())
    measure_schema().validate(written)
    assert Measure.model_validate(written) == measure


def test_the_table_of_options_is_current() -> None:
    """docs/options.md is what `make options` writes."""
    assert (ROOT / "docs" / "options.md").read_text() == reference.options_page()


def test_every_test_says_what_it_asserts() -> None:
    """No test is without a docstring."""
    silent = [
        f"{path.name}: {function.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for function in functions(ast.parse(path.read_text()))
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []


def test_every_command_is_where_it_is_looked_for() -> None:
    """What `commands` exports is loaded from the module that it names, and nothing else is listed."""
    assert sorted(commands.HOMES) == sorted(commands.__all__)
    assert all(callable(getattr(commands, name)) for name in commands.__all__)


def test_no_file_name_occurs_twice() -> None:
    """A file is known by its name alone."""
    names = Counter(path.name for path in PACKAGE.rglob("*.py"))
    assert [name for name, n in names.items() if n > 1 and name not in ("__init__.py", "__main__.py")] == []


def test_no_class_name_occurs_twice() -> None:
    """A class is known by its name alone, a leading underscore aside; no alias at the top of a module takes a class's name."""
    places: dict[str, list[str]] = {}
    aliases = []
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name.lstrip("_"), []).append(module)
        for line in tree.body:
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                aliases.append((line.targets[0].id.lstrip("_"), module))
    twice = [f"{name}: {', '.join(found)}" for name, found in places.items() if len(found) > 1]
    assert twice + [f"{name}: {module}, {places[name]}" for name, module in aliases if name in places] == []


# One thing under one name, in several places: a vendor's layout, a kind of a critic's call, a server's door, a visit's title
# by its card and by itself.
PROTOCOLS = {"events", "knows", "guarded", "missed_canary", "serve", "visit_title"}
LEVELS = {"cli", "api", "commands"}  # a command has one name on each of them, and may be called as what it asks below


def test_no_function_name_means_two_things() -> None:
    """A public function at the top of a module has a name of its own; a command has one on every level, and once on each."""
    places: dict[str, set[str]] = {}
    for module, tree in modules().items():
        for line in tree.body:
            if isinstance(line, ast.FunctionDef | ast.AsyncFunctionDef) and not line.name.startswith("_"):
                places.setdefault(line.name, set()).add(module)
    twice = []
    for name, found in places.items():
        parts = Counter(level if (level := component(module)) in LEVELS else "below" for module in found)
        if name not in PROTOCOLS and max(parts.values()) > 1:
            twice.append(f"{name}: {', '.join(sorted(found))}")
    assert twice == []


def names_of(module: ast.Module) -> set[str]:
    """What the module and its classes define, and what it imports."""
    found = {
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def names_below(place: str) -> set[str]:
    """What is defined in a file of the package, or in all files of a folder of it; of another kind of file its words."""
    path = PACKAGE / place
    if path.suffix and path.suffix != ".py":
        return set(re.findall(r"\w+", path.read_text())) if path.is_file() else set()
    files = path.rglob("*.py") if path.is_dir() else [path] if path.is_file() else []
    return {name for file in files for name in names_of(ast.parse(file.read_text()))}


def test_the_glossary_names_what_is_there() -> None:
    """Every `file: name` of a page is a file of the package with that name in it, and every `file.py` of the glossary is one."""
    wrong = []
    for page in sorted((ROOT / "docs").glob("*.md")):
        for place, name in re.findall(r"`([\w/]+(?:\.py)?): ([\w.]+)`", page.read_text()):
            path = place if place.endswith(".py") else f"{place}/__init__.py"
            named_here = place.endswith(".py") or (PACKAGE / place).is_dir()  # `versus: matched` is no place
            if named_here and name.rpartition(".")[2] not in names_below(path):
                wrong.append(f"{page.name}: {place}: {name}")
    named = re.findall(r"`([\w/]+\.py)[`:]", (ROOT / "docs" / "glossary.md").read_text())
    assert named
    assert wrong + [place for place in named if not (PACKAGE / place).is_file()] == []


def test_the_map_of_folders_is_whole() -> None:
    """Every package stands in the table of docs/development.md, and nothing else does."""
    table = re.findall(r"^\| `persona_agent/(\w+)` \|", (ROOT / "docs" / "development.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def test_the_method_names_constants_where_they_stand() -> None:
    """Every constant in a table of docs/method.md stands in a file that its row names."""
    wrong, seen = [], 0
    for line in (ROOT / "docs" / "method.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("| ") or len(cells) != 4:
            continue
        folders = [place.strip() for place in cells[2].split(",")]
        # A second file of a row may stand in the folder of the first.
        beside = [str(Path(folders[0]).parent / place) for place in folders[1:]]
        there = set().union(*map(names_below, [*folders, *beside]))
        constants = re.findall(r"`(_?[A-Z][A-Z0-9_]+)`", cells[0])
        seen += len(constants)
        wrong += [f"{name}: {cells[2]}" for name in constants if name not in there]
    assert seen > 300
    assert wrong == []


def readme() -> str:
    return (ROOT / "README.md").read_text()


def manual() -> str:
    """The README and the pages that it leads to."""
    return "\n".join([readme(), *(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))])


def options(command: click.Command) -> set[str]:
    parameters = command.get_params(click.Context(command))
    names = chain.from_iterable([*param.opts, *param.secondary_opts] for param in parameters)
    return {name for name in names if name.startswith("--")}


def test_the_manual_documents_every_command_and_option() -> None:
    """Every command and every option of it stands in the README or a page of docs/."""
    missing = [name for name in app.commands if f"persona-agent {name}" not in manual()]
    missing += sorted(
        f"{name} {option}"
        for name, command in app.commands.items()
        for option in options(command) - {"--help"}
        if not re.search(rf"(?<![\w-]){option}(?![\w-])", manual())
    )
    assert missing == []


def test_commands_in_the_readme_exist() -> None:
    """Every command line of the README names a command, with options that it has."""
    known = app.commands
    wrong = []
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", readme().replace("\\\n", " "), re.DOTALL))
    for line in re.findall(r"persona-agent +([a-z][^\n`#|]*)", code):
        name = next((name for name in sorted(known, key=len, reverse=True) if re.match(rf"{name}\b", line)), None)
        if name is None:
            wrong.append(line)
            continue
        wrong += [
            f"{name} {option}" for option in re.findall(r"(?<!\S)--[a-z-]+", line) if option not in options(known[name])
        ]
    assert wrong == []


def test_the_readme_sets_up_with_make() -> None:
    """The README names `make demo` and `make test`, and no target that the Makefile lacks."""
    assert "make demo" in readme()
    assert "make test" in readme()
    targets = set(re.findall(r"^([a-z.]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b(?=`|\n|  )", readme())) <= targets


def test_the_wheel_holds_what_it_needs(installed: Path) -> None:
    """Outside a checkout an installed program has itself, its prompts, its demo, the suite and the suite's prompts."""
    script = (
        "import persona_agent, persona_agent_evals; from persona_agent import resources;"
        "from persona_agent.models.prompts import load_prompt; from persona_agent_evals.asking import PROMPTS;"
        "assert load_prompt('draft').text and load_prompt('plain', PROMPTS).text;"
        "print(persona_agent.__file__, persona_agent_evals.__file__, resources.prompts(), resources.demo_log(), PROMPTS)"
    )
    for path in run([str(installed / "python"), "-c", script], Path("/")).split():
        assert Path(path).is_relative_to(installed.parent)
    typed = "import persona_agent, pathlib; print(pathlib.Path(persona_agent.__file__).with_name('py.typed').is_file())"
    assert run([str(installed / "python"), "-c", typed], Path("/")) == "True\n"
    assert "persona-agent" in run([str(installed / "persona-agent"), "--help"], Path("/"))


def test_the_demo_runs_from_the_wheel(demo_folder: Path) -> None:
    """`persona-agent demo`, installed alone, ends well and prints, without a key, a proxy or a checkout; its pages say nothing
    that nobody would say.
    """
    assert (demo_folder / "printed").read_text().strip().endswith("report.html")
    assert faults(demo_folder / "demo-out") == []
