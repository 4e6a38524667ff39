"""`estimate`: what a run would ask and cost, before anything is spent."""

from __future__ import annotations

from dataclasses import asdict

from ..options import DEFAULT_MIN_USERS, OFFLINE
from . import options, output


def estimate(
    logs: options.Logs,
    model: options.Model = OFFLINE,
    critic_model: options.CriticModel = None,
    price: options.PriceOption = None,
    max_rounds: options.MaxRounds = options.DEFAULT_MAX_ROUNDS,
    personas: options.Personas = None,
    by: options.By = "users",
    within: options.Within = None,
    value: options.Value = None,
    seed: options.Seed = options.DEFAULT_SEED,
    min_users: options.MinUsers = DEFAULT_MIN_USERS,
    timezone: options.Timezone = "UTC",
    times_are: options.TimesAre = None,
    time_format: options.TimeFormat = None,
    map: options.Map = [],  # noqa: B006 - typer copies it
    format: options.Format = None,
    query: options.Query = None,
    each: options.Each = None,
    act: options.Act = None,
    keep: options.Keep = [],  # noqa: B006
    allow_rejects: options.AllowRejects = False,
    opt_out: options.OptOut = None,
    names: options.Names = None,
    json: options.Json = False,
) -> None:
    """Calls, tokens and cost of a run; nothing is asked of any model.

    The log is read and grouped, so this takes as long as a run without models.
    """
    settings = options.made(locals())
    from .. import commands

    with output.progress() as progress:
        found = commands.estimate(settings, progress)
    if json:
        output.write_json(asdict(found))
        return
    cost = "not known: give --price IN,OUT" if found.cost_usd is None else f"about {found.cost_usd:.2f} USD"
    output.write(f"{found.personas} personas, written by {found.writer}, judged by {found.critic}")
    output.write(f"about {found.calls:,} calls")
    output.write(f"about {found.prompt_tokens:,} tokens sent, {found.completion_tokens:,} received")
    output.write(f"cost {cost}")
