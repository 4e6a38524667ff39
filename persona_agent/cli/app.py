"""The commands: which options each takes, and what it calls.

A command returns a `Result`; `Command` prints it and ends with its exit status. `commands` loads what is called, not before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import commands
from . import takes
from .command import Command, Commands
from .output import progress

if TYPE_CHECKING:
    from ..commands.results import Result
    from ..options import Options

PATH = click.Path(path_type=Path)

folder_of_a_run = click.argument("out", type=PATH, help="The folder of a run.")
purpose_of_ids = click.option("--purpose", metavar="TEXT", help="What the ids are for; kept beside the file.")
stale_after = click.option(
    "--stale-after", type=click.IntRange(min=1), default=90, show_default=True, metavar="DAYS",
    help="When what was written is not to be used any more; kept beside the file.",
)  # fmt: skip


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


@app.command(cls=Command, takes=(*takes.READING, "about", "codebook"))
def inspect(options: Options) -> Result:
    """Show what a run would read.

    Columns and their mapping, users, window, identifiers, what is set aside or rejected.
    """
    with progress() as shown:
        return commands.inspect(options, shown)


@app.command(cls=Command, takes=takes.SEALED)
@folder_of_a_run
@click.argument("name", metavar="[PERSONA|CLAIM]", required=False, help="An id such as p1 or p1.c2.")
def show(options: Options, out: Path, name: str | None) -> Result:
    """Show a run, a persona, or a claim with its lines.

    The lines for a claim come first, then those against it. It says whether all is as you sealed it, and ends with 1 if not.
    """
    return commands.show(out, name, options.seal_key)


@app.command(cls=Command, takes=takes.SEALED)
@folder_of_a_run
@click.argument("claim", required=False, help="Only this claim.")
@click.option("--at", multiple=True, metavar="LOG", help="Where the log is now, if it moved. Repeatable.")
def check(options: Options, out: Path, claim: str | None, at: tuple[str, ...]) -> Result:
    """Verify the seal of a run or of a certificate, and count every claim again.

    Where the files are not as you sealed them, the cards are made again from the log and the groups, and what differs is
    listed. Its cited lines are compared with the log as it is now. Whether claims hold in a later log is what diff says. No
    model is called. Of a certificate of `referee` it says whether it is as you sealed it, and whether the files of --at are
    those that it is of.
    """
    if commands.is_certificate(out):
        return commands.check_certificate(out, at, options.seal_key)
    with progress() as shown:
        return commands.check(out, claim, at, shown, seal_key=options.seal_key)


@app.command(cls=Command, takes=takes.ANSWERING)
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


@app.command(cls=Command, takes=(*takes.READERS, "edits"))
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
    with progress() as shown:
        return commands.edit(out, commands.Change(at, **asked) if at else None, options, shown)


@app.command(cls=Command, takes=takes.READERS)
@folder_of_a_run
@click.option("--port", metavar="PORT", type=int, help="The port of 127.0.0.1; else one that is free.")
def review(options: Options, out: Path, port: int | None) -> Result:
    """Read and change the cards on a page of this machine.

    Prints an address for a browser; the page shows every text and claim of the run, holds each change to the rules as `edit`
    does, and says at once what does not hold. Nobody gets in without the token of that address, and only from this machine.
    Ctrl+C ends it.
    """
    with progress() as shown:
        return commands.review(out, options, port, shown)


@app.command(cls=Command, takes=takes.SEALED)
@click.argument("old", type=PATH, help="The folder of a run.")
@click.argument("new", nargs=-1, required=True, help="The folder of a later run, or a later log.")
@click.option("--page", metavar="FILE", type=PATH, help="What changed, as a page for a browser.")
@click.option("--markdown", metavar="FILE", type=PATH, help="The same for a wiki or a message.")
def diff(options: Options, old: Path, new: tuple[str, ...], page: Path | None, markdown: Path | None) -> Result:
    """Tell what changed from one run to a later one.

    Personas that grew, shrank, split, merged, came or went, beyond chance; of every claim whether it holds, is weakened, is no
    longer so, or cannot be told, with both figures; how many users moved. No model is called.
    """
    with progress() as shown:
        return commands.diff(old, new, shown, page=page, markdown=markdown, seal_key=options.seal_key)


@app.command(cls=Command, takes=takes.EXPECTING)
@folder_of_a_run
@click.argument("file", type=PATH, help="personas_expect.yaml: what is expected of the personas.")
def expect(options: Options, out: Path, file: Path) -> Result:
    """Hold a run against what you expect of it.

    Shares, numbers of users, firmness, claims. With --since, ids in FILE are those of that run, wherever its personas are
    now. Ends with 1 if an expectation is not met, with the figure.
    """
    with progress() as shown:
        return commands.expect(out, file, shown, options.since, options.seal_key)


@app.command(cls=Command, takes=takes.REFEREEING, folder="referee-out")
@click.option(
    "--groups", metavar="FILE", type=PATH, help="Who is in which group: a table of users and groups, or a run."
)
@click.option("--document", metavar="FILE", type=PATH, help="What is said of them: Markdown, JSON, or a run.")
@click.option(
    "--certificate", metavar="FILE", type=PATH, help="Write verdicts and digests here, sealed; `check` reads it."
)
def referee(options: Options, groups: Path | None, document: Path | None, certificate: Path | None) -> Result:
    """Hold anyone's groups and statements against a log.

    Groups: do they come back in the other half of the same users' visits, above chance and null logs; are they just one
    field? Statements: supported, contradicted, an artefact, not to be told, or not testable, with lines for and against. A
    model turns words into measures without seeing a line, unless each statement has its own measure; code counts. OUT then
    holds referee.html, the document with its verdicts in the margin. Ends with 1 if something does not hold.
    """
    with progress() as shown:
        return commands.referee(options, groups=groups, personas=document, certificate=certificate, progress=shown)


@app.command(cls=Command, takes=takes.PLACING)
@folder_of_a_run
@click.argument("log", nargs=-1, metavar="[LOG]...", help="Users and days that came later; else the run's own.")
@click.option("--to", metavar="FILE", type=PATH, help="Where to write a row for each user: FILE.csv or FILE.parquet.")
@click.option(
    "--by", type=click.Choice(["model", "rule"]), default="model", show_default=True, help="What places users."
)
@click.option("--rules", is_flag=True, help="Print a rule in plain words for each persona, and how right it is.")
@click.option("--sql", is_flag=True, help="Print the rules as SQL over the log's own columns.")
@click.option("--ids", is_flag=True, help="The ids of the log in place of keyed hashes; needs --purpose.")
@purpose_of_ids
@stale_after
def assign(options: Options, out: Path, log: tuple[str, ...], **asked: Any) -> Result:
    """Say which persona each user is of, or that it is not placed.

    The model of the run places them, as it stands: nothing is fitted. Who opted out of the run or was forgotten in it is
    left out of LOG too. A file that is there already is left alone.
    """
    with progress() as shown:
        return commands.assign(out, log, shown, opt_out=options.opt_out, seal_key=options.seal_key, **asked)


@app.command(cls=Command, takes=takes.PLACING)
@folder_of_a_run
@click.option("--share", metavar="FILE", type=PATH, help="A report without log lines and visits, for a wider circle.")
@click.option("--csv", metavar="FILE", type=PATH, help="Claims and sizes as a table.")
@click.option(
    "--cohort",
    type=click.Choice(["amplitude", "mixpanel", "posthog", "segment", "csv"]),
    help="The users of each persona, by the ids of the log, as this tool imports them; needs --to and --purpose.",
)
@click.option("--to", metavar="FOLDER", type=PATH, help="Where to write cohorts.")
@click.option("--log", multiple=True, metavar="LOG", help="Cohorts of a later log. Repeatable.")
@click.option(
    "--set", "given", multiple=True, metavar="NAME=VALUE", help="What the tool asks for: app_id, owner, token."
)
@purpose_of_ids
@stale_after
def export(options: Options, out: Path, share: Path | None, csv: Path | None, **asked: Any) -> Result:
    """Write a report without log lines, a table of claims, or cohorts of users.

    Counts keep their floors. A file that is there already is left alone. It ends with 1 if the run is not as you sealed it.
    """
    if asked["cohort"] is None:
        return commands.export(out, share, csv, options.seal_key)
    with progress() as shown:
        return commands.export_cohorts(
            out, asked["cohort"], asked["to"], asked["log"], shown, purpose=asked["purpose"],
            stale_after=asked["stale_after"], given=asked["given"], opt_out=options.opt_out, seal_key=options.seal_key,
        )  # fmt: skip


@app.command(cls=Command, takes=takes.SERVING, folder="mcp-out")
@click.option(
    "--groups", metavar="FILE", type=PATH, help="Groups to start with: a table of users and groups, or a run."
)
@click.option("--lines", is_flag=True, help="Let redacted lines of the log out to the client.")
@click.option(
    "--http", metavar="PORT", type=int, help="Answer on this port of 127.0.0.1, behind a token; else on stdio."
)
def mcp(options: Options, groups: Path | None, lines: bool, http: int | None) -> Result:
    """Give an agent the referee as tools (Model Context Protocol).

    LOG is a log to be analysed, or the folder of a run to be read. Figures are rounded, small groups refused, no line and no
    user goes out; what was asked is kept in OUT, and `egress OUT` lists what was answered. docs/skill.md is for the agent.
    """
    with progress() as shown:
        return commands.serve(options, groups=groups, lines=lines, http=http, progress=shown)


@app.command("eval", cls=Command, takes=takes.EVALUATING)
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
def run_suites(options: Options, **asked: Any) -> Result:
    """Measure the program on recorded answers.

    The same numbers every time, without a key or a network. What no model's answer was recorded for is said to be not measured.
    Ends with 1 if a number is worse than in the baseline, beyond its interval, or if nothing was measured.
    """
    with progress() as shown:
        return commands.run_suites(options, **asked, progress=shown)


@app.command(cls=Command, takes=("out",), folder="demo-out")
def demo(options: Options) -> Result:
    """Run on the bundled log, without a key or a network.

    Code writes the cards; no model is asked.
    """
    with progress() as shown:
        return commands.run(commands.demo_options(options.out), shown)


@app.command(cls=Command, takes=takes.ESTIMATING)
def estimate(options: Options) -> Result:
    """Calls, tokens and cost of a run; nothing is asked of any model.

    The log is read and grouped, so this takes as long as a run without models.
    """
    with progress() as shown:
        return commands.estimate(options, shown)


@app.command(cls=Command, takes=takes.ASKING)
@click.option("--try", "name", metavar="M", help="Ask this model one small structured question.")
def models(options: Options, name: str | None) -> Result:
    """List the models and embeddings that can be used, or try one.

    No key is ever printed, only whether it is set.
    """
    return commands.try_named(name, options) if name is not None else commands.list_models()


@app.command(cls=Command, takes=takes.SEALED)
@folder_of_a_run
def egress(options: Options, out: Path) -> Result:
    """List every call that left the program for a model.

    Host, model, prompt, bytes of text, identifiers masked in it; answered or not. --json lists each call with its time and the
    digest of its text.
    """
    return commands.egress(out, options.seal_key)


@app.command(cls=Command, takes=takes.SEALED)
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


@app.command(cls=Command, takes=takes.SEALED)
@folder_of_a_run
def facts(options: Options, out: Path) -> Result:
    """Print what a data-protection assessment asks of a run.

    Purpose, columns kept and dropped, what is masked, floors, where the key lies, how long it is kept, hosts that got what.
    It says whether all is as you sealed it, and ends with 1 if not.
    """
    return commands.facts(out, options.seal_key)
