"""The commands: which options each takes, and what it calls.

A command returns a `Result`; `Command` prints it and ends with its exit status. `commands` loads what is called, not before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import commands
from .command import Command, Commands
from .output import progress

if TYPE_CHECKING:
    from ..commands.results import Result
    from ..options import Options

READING = (
    "inputs", "mapping", "format", "query", "encoding", "each", "act", "keep", "allow_rejects", "opt_out", "stitch", "consent",
    "names", "timezone", "times_are", "time_format",
)  # fmt: skip
ASKING = ("base_url", "timeout", "price")
SEALED = ("seal_key",)
RECORDING = ("record", "record_source")
ANSWERING = (*ASKING, "model", "max_cost", "local", *RECORDING, "replay", *SEALED)
READERS = (*ASKING, "critic_base_url", "model", "critic_model", "max_cost", "local", *SEALED)
EVALUATING = (*ASKING, *RECORDING)
GROUPING = (*READING, "value", "seed", "min_users")
ESTIMATING = (*GROUPING, "personas", "by", "within", "model", "critic_model", "price", "max_rounds", "investigate")
AUDITING = (*GROUPING, *ASKING, *RECORDING, "replay", "embedding", "model", "max_cost", "concurrency", "out")

PATH = click.Path(path_type=Path)

folder_of_a_run = click.argument("out", type=PATH, help="The folder of a run.")


@click.group(cls=Commands, no_args_is_help=True)
def app() -> None:
    """Behaviour logs in, personas out, and every sentence of a persona can be checked against log lines."""


@app.command(cls=Command, takes=("log", "groups", "models", "run"))
def run(options: Options) -> Result:
    """Write personas from logs.

    OUT then holds report.html, personas.md, personas.json and what they were made from.

    An unchanged run does nothing; an interrupted one goes on where it stopped.
    """
    with progress() as shown:
        return commands.run(options, shown)


@app.command(cls=Command, takes=(*READING, "about", "codebook"))
def inspect(options: Options) -> Result:
    """Show what a run would read.

    Columns and their mapping, users, window, identifiers, what is set aside or rejected.
    """
    with progress() as shown:
        return commands.inspect(options, shown)


@app.command(cls=Command, takes=SEALED)
@folder_of_a_run
@click.argument("name", metavar="[PERSONA|CLAIM]", required=False, help="An id such as p1 or p1.c2.")
def show(options: Options, out: Path, name: str | None) -> Result:
    """Show a run, a persona, or a claim with its lines.

    The lines for a claim come first, then those against it. It says whether all is as you sealed it, and ends with 1 if not.
    """
    return commands.show(out, name, options.seal_key)


@app.command(cls=Command, takes=SEALED)
@folder_of_a_run
@click.argument("claim", required=False, help="Only this claim.")
@click.option("--log", multiple=True, metavar="LOG", help="A later log: which claims hold in it? Repeatable.")
@click.option("--at", multiple=True, metavar="LOG", help="Where the log is now, if it moved. Repeatable.")
def check(options: Options, out: Path, claim: str | None, log: tuple[str, ...], at: tuple[str, ...]) -> Result:
    """Verify the seal of a run, and count every claim again.

    Where the files are not as you sealed them, the cards are made again from the log and the groups, and what differs is
    listed. Its cited lines are compared with the log as it is now; with --log the claims are asked of a later log of the same
    users. No model is called.
    """
    with progress() as shown:
        if log:
            return commands.check_on(out, claim, log, shown, seal_key=options.seal_key)
        return commands.check(out, claim, at, shown, seal_key=options.seal_key)


@app.command(cls=Command, takes=AUDITING, folder="audit-out")
@click.argument("document", metavar="PERSONAS", type=PATH, help="A file, or the folder of a run.")
def audit(options: Options, document: Path) -> Result:
    """Hold anyone's personas against a log.

    Each statement comes out as supported, contradicted, an artefact, or not testable. PERSONAS are a team's own assumptions,
    another tool's output (Markdown or JSON), or a run of this one. A model turns the words of each statement into measures,
    without seeing a line; code counts. Ends with 1 if a statement is contradicted or an artefact.
    """
    from ..commands.auditing import AuditResult

    with progress() as shown:
        return AuditResult(commands.audit(document, options, shown), options.out)


@app.command(cls=Command, takes=ANSWERING)
@folder_of_a_run
@click.argument("question", help="In quotation marks.")
def ask(options: Options, out: Path, question: str) -> Result:
    """Answer a question from what the log shows.

    Every figure is counted by code, with comparable others, its interval and the claim that says it; else "the log cannot say",
    with what would be needed, or a question back. Who somebody is is not answered, nor is anybody spoken for. Without --model the
    words of the question are held against the names in the log. Questions are kept in OUT.
    """
    with progress() as shown:
        return commands.ask(out, question, options, shown)


@app.command(cls=Command, takes=READERS)
@folder_of_a_run
@click.argument("at", metavar="[PLACE]", required=False, help="p1.name, p1.sentence, p1.s2, p1.try, p1.c3, or p1.")
@click.argument("text", metavar="[TEXT]", default="", help="The new words; of p1, a claim of your own.")
@click.option("--rests-on", multiple=True, metavar="CLAIM", help="A claim that shows it. Repeatable.")
@click.option("--own-words", is_flag=True, help="Publish it marked as by a person, not verified.")
@click.option("--measure", metavar="JSON", help="A claim of your own, as it is to be counted.")
@click.option("--accept", "verdict", flag_value="accepted", default=None, help="Keep this in later runs.")
@click.option("--reject", "verdict", flag_value="rejected", default=None, help="Leave this out, now and later.")
@click.option("--lock/--unlock", "locked", default=None, help="Keep these words in later runs while they hold.")
@click.option("--note", metavar="TEXT", help="A remark that stands on the page.")
@click.option("--undo", is_flag=True, help="Take back what was changed there.")
def edit(options: Options, out: Path, at: str | None, **asked: Any) -> Result:
    """Change names, sentences, suggestions and claims.

    Each change is held to the rules at once: figures, quoted names and comparisons are those of claims, and what does not hold
    is refused with what would have to change. OUT/edits.yaml keeps it, and later runs merge it. Without PLACE all edits are held
    to the rules again and listed. Ends with 1 if something does not stand.
    """
    from ..commands.changing import Change

    with progress() as shown:
        return commands.edit(out, Change(at, **asked) if at else None, options, shown)


@app.command(cls=Command, takes=SEALED)
@folder_of_a_run
@click.option("--share", metavar="FILE", type=PATH, help="A report without log lines and visits, for a wider circle.")
@click.option("--csv", metavar="FILE", type=PATH, help="Claims and sizes as a table.")
def export(options: Options, out: Path, share: Path | None, csv: Path | None) -> Result:
    """Write a report without log lines, or a table of claims.

    Counts keep their floors. A file that is there already is left alone. It ends with 1 if the run is not as you sealed it.
    """
    return commands.export(out, share, csv, options.seal_key)


@app.command("eval", cls=Command, takes=EVALUATING)
@click.argument(
    "suites",
    metavar="[SUITE]...",
    nargs=-1,
    help="groups, personas, critic, reader, prediction, narrative; else all of these; habits and ask on request.",
)
@click.option("--live", metavar="MODEL", help="Ask this model now, in place of the recordings.")
@click.option(
    "--baseline", metavar="FILE", type=PATH, help="Hold the numbers against this report; `stored` is our own."
)
@click.option("--page", metavar="FILE", type=PATH, help="Also write the whole table as a page with plots.")
@click.option("--fixtures", metavar="DIR", type=PATH, help="The fixtures/ of a clone of the repository.")
@click.option("--recordings", metavar="DIR", type=PATH, help="Answers of another model, as --record left them.")
def evaluate(options: Options, **asked: Any) -> Result:
    """Measure the program on recorded answers.

    The same numbers every time, without a key or a network. What no model's answer was recorded for is said to be not measured.
    Ends with 1 if a number is worse than in the baseline, beyond its interval, or if nothing was measured.
    """
    with progress() as shown:
        return commands.evaluate(options, **asked, progress=shown)


@app.command(cls=Command, takes=("out",), folder="demo-out")
def demo(options: Options) -> Result:
    """Run on the bundled log, without a key or a network.

    Code writes the cards; no model is asked.
    """
    with progress() as shown:
        return commands.run(commands.demo_options(options.out), shown)


@app.command(cls=Command, takes=ESTIMATING)
def estimate(options: Options) -> Result:
    """Calls, tokens and cost of a run; nothing is asked of any model.

    The log is read and grouped, so this takes as long as a run without models.
    """
    with progress() as shown:
        return commands.estimate(options, shown)


@app.command(cls=Command, takes=ASKING)
@click.option("--try", "name", metavar="M", help="Ask this model one small structured question.")
def models(options: Options, name: str | None) -> Result:
    """List the models and embeddings that can be used, or try one.

    No key is ever printed, only whether it is set.
    """
    return commands.try_named(name, options) if name is not None else commands.list_models()


@app.command(cls=Command, takes=SEALED)
@folder_of_a_run
def egress(options: Options, out: Path) -> Result:
    """List every call that left the program for a model.

    Host, model, prompt, bytes of text, identifiers masked in it; answered or not. --json lists each call with its time and the
    digest of its text.
    """
    return commands.egress(out, options.seal_key)


@app.command(cls=Command, takes=SEALED)
@click.argument("user", help="The id as it stands in the log.")
@click.argument(
    "places", nargs=-1, required=True, type=click.Path(path_type=Path), help="Runs, and copies of their pages."
)
def forget(options: Options, user: str, places: tuple[Path, ...]) -> Result:
    """Take one person out of finished runs, and out of copies of their pages.

    Lines, memories and citations go; claims are counted again without them, and what no longer stands is withdrawn. Prompts
    and answers of the runs are deleted. What cannot be reached is listed.
    """
    with progress() as shown:
        return commands.forget(user, places, shown, options.seal_key)


@app.command(cls=Command, takes=SEALED)
@folder_of_a_run
def facts(options: Options, out: Path) -> Result:
    """Print what a data-protection assessment asks of a run.

    Purpose, columns kept and dropped, what is masked, floors, where the key lies, how long it is kept, hosts that got what.
    It says whether all is as you sealed it, and ends with 1 if not.
    """
    return commands.facts(out, options.seal_key)
