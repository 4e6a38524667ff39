"""Which test attacks a sentence of SECURITY.md or PRIVACY.md that no table attacks.

In: nothing. Out: tests, as file and name, by the words with which a sentence begins. Promises: each of them is there (`missing`
names those that are not); that a test attacks what the sentence says was judged by a reader of both, and by nothing else.
"""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "tests"
# Files by the sentences that their tests attack.
HELD: dict[str, dict[str, str]] = {
    "cli/test_parameters.py": {
        "Where `persona-agent.toml` of the current": "test_where_a_file_sends_things_is_said",
    },
    "commands/test_serving.py": {
        "Names that look like instructions": "test_names_that_speak_to_an_agent_are_not_in_the_codebook",
        "Names of given groups are data": "test_names_of_given_groups_are_data_to_an_agent",
        "`mcp --http` is behind a token": "test_on_a_port_nothing_is_answered_without_the_token",
        "A group, a figure or an audited": "test_answers_that_one_user_tells_apart_are_not_both_given",
        "An agent's own groups are named": "test_an_agent_names_no_group_by_who_it_is",
        "Groups and those outside of them": "test_groups_are_made_by_measures_and_small_ones_stay_dark",
        "Questions and answers are kept": "test_questions_are_kept_bounded_and_listed",
        "`forget` empties that file": "test_a_folder_of_answers_forgets",
        "Which run another is held against": "test_since_and_models_are_of_whoever_starts_the_server",
        "`mcp` answers an agent with counts": "test_an_agent_finds_its_way_from_the_log_to_verdicts",
    },
    "commands/test_sums_of_answers.py": {
        "What each user adds to an answer": "test_three_answers_do_not_tell_how_many_did_both",
        "There are at most half as many": "test_half_as_many_answers_as_users_are_all",
    },
    "commands/test_reviewing.py": {
        "Nothing is answered without a token": "test_the_token_becomes_a_cookie_and_leaves_the_address",
        "A request for another Host": "test_nothing_is_answered_but_to_this_persons_browser",
        "No page may frame it": "test_the_page_loads_nothing_and_is_framed_by_nobody",
        "It changes a run by `edit`": "test_a_change_is_an_edit",
    },
    "commands/test_refereeing.py": {
        "In a document that `referee` judges": "test_who_is_named_in_a_document_is_in_no_verdict",
        "A certificate of `referee`": "test_a_certificate_is_verified_and_its_files_are_told_apart",
    },
    "commands/test_assigning.py": {
        "Nobody at work is placed": "test_people_at_work_are_not_placed",
        "`placing.npz`, the frozen model": "test_the_frozen_model_keeps_no_name_of_few",
        "`FILE.purpose.json` beside a file": "test_forget_covers_what_was_given_out",
    },
    "commands/test_staying_out.py": {
        "Opt-outs and forgotten users hold": "test_a_run_that_follows_reads_nobody_who_is_out",
    },
    "commands/test_cohorts.py": {
        "Floors hold for given groups": "test_forget_takes_a_user_out_of_the_groups",
        "Columns and names of groups": "test_names_that_say_who_somebody_is_are_refused_before_the_log_is_read",
    },
    "test_seals.py": {
        "A run that stopped is said": "test_a_run_that_stopped_is_unfinished_and_not_forged",
        "The secret has to be its owner's": "test_a_secret_that_others_may_read_seals_nothing",
        "Where that cannot be done": "test_what_cannot_be_made_again_is_not_verified",
        "A run whose files have changed": "test_a_run_that_was_edited_is_not_followed",
        "`run.json` holds the digest": "test_every_file_is_under_the_seal",
    },
    "test_folders.py": {
        "It and the folder of a recording": "test_a_folder_that_holds_something_and_is_open_is_refused",
        "No link in it is followed": "test_no_link_in_a_run_is_followed",
        "It holds a `.gitignore`": "test_a_log_folder_does_not_read_the_runs_in_it",
        "What a kill leaves": "test_a_kill_leaves_nothing_that_the_next_run_does_not_remove",
    },
    "test_supply.py": {
        "`requirements.lock` names every": "test_every_locked_package_has_digests_and_the_install_asks_for_them",
        "`make licences` lists": "test_the_release_writes_a_bill_of_materials_and_the_licences",
    },
    "models/test_transport.py": {
        "Requests to models leave by one door": "test_no_redirect_is_followed",
        "All requests leave through one door": "test_a_proxy_is_told_as_the_host_that_gets_the_bytes",
        "A server on this machine is reached": "test_proxies_are_not_used_for_a_server_on_this_machine",
        "For a server elsewhere the proxies": "test_the_way_is_the_environments",
    },
    "test_privacy.py": {
        "With `--local`: nothing either": "test_p1_local_means_local",
        "No redirect is followed": "test_p1_a_server_here_that_sends_on_is_not_followed",
        "Never a raw line": "test_p2_no_identifier_reaches_a_prompt_or_a_file",
        "Values of columns are sent": "test_p4_columns_that_are_not_mapped_reach_no_prompt",
        "No persona below 20 users": "test_p5_floors_by_default_and_a_lowered_one_is_said",
        "Where groups are too small": "test_p5_who_is_on_no_card_is_a_pool_above_the_floor",
        "Texts of single users": "test_p6_words_are_shown_that_three_users_share",
        "They form no group, make no claim": "test_p9_what_people_are_is_not_used_and_not_kept",
        "`--map declared=gender` keeps": "test_p9_declared_attributes_are_counted_above_the_floor_and_reach_no_prompt",
        "Markdown is escaped": "test_p11_markup_in_a_log_is_inert",
        "`persona-agent forget USER PLACE": "test_p12_forget_takes_a_person_out",
        "Users in `--opt-out FILE`": "test_p13_who_opted_out_is_not_embedded",
        "`persona-agent egress OUT` lists": "test_p14_egress_lists_every_call",
        "`assign` writes rows under": "test_p15_ids_need_a_purpose_which_is_kept_beside_them",
    },
    "report/test_publishing.py": {
        "A month with fewer than five": "test_a_month_of_two_is_left_out",
    },
}  # fmt: skip


def by_sentence() -> dict[str, str]:
    """File and name of the test by the beginning of its sentence."""
    return {start: f"tests/{file}::{test}" for file, held in HELD.items() for start, test in held.items()}


def missing() -> list[str]:
    """Tests that are listed and are not there."""
    return [
        f"{file}::{test}"
        for file, held in HELD.items()
        for text in [(TESTS / file).read_text(encoding="utf-8")]
        for test in held.values()
        if not re.search(rf"^def {test}\(", text, re.MULTILINE)
    ]
