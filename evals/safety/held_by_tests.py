"""Which tests attack a sentence of SECURITY.md or PRIVACY.md that no table attacks.

In: nothing. Out: tests, as file and name, by the words with which a sentence begins. Promises: each of them is there (`missing`
names those that are not); that a test attacks what the sentence says was judged by a reader of both, and by nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "tests"
# Sentences by the file whose tests attack them; a sentence that says several things may stand under several files, and be
# attacked by several tests.
HELD: dict[str, dict[str, str | tuple[str, ...]]] = {
    "api/test_evaluate.py": {
        "`pa.evaluate` refuses two lists": "test_nobody_is_singled_out",
        "`pa.evaluate` gives no value of fewer": "test_nobody_is_singled_out",
    },
    "commands/test_nobody_like_four.py": {
        "A base of fewer than five": "test_an_audit_tells_nobody_from_one_or_four",
        "`pa.evaluate` gives no value of fewer": "test_one_other_user_has_no_figure",
    },
    "evidence/test_moved.py": {
        "Of a later log": "test_a_later_log_tells_nobody_from_four",
    },
    "log/test_archives.py": {
        "What unpacks to more than any log": (
            "test_what_unpacks_beyond_any_log_is_refused", "test_a_parquet_file_that_unpacks_beyond_any_log_is_refused",
        ),
    },
    "models/test_recording.py": {
        "What is no recording is refused": "test_what_is_no_recording_is_said_in_a_sentence",
        "No link in it is followed": "test_a_link_or_a_pipe_in_a_recording_is_refused",
    },
    "cli/test_cli.py": {
        "Terminal output holds no control": (
            "test_an_error_cannot_steer_the_terminal", "test_a_result_cannot_steer_the_terminal",
        ),
    },
    "cli/test_parameters.py": {
        "Where `persona-agent.toml` of the current": (
            "test_where_a_file_sends_things_is_said", "test_what_a_file_sends_more_of_is_said",
        ),
        "Who seals (`--seal-key`) is never": "test_what_a_file_sends_more_of_is_said",
    },
    "commands/test_audits_apart.py": {
        "An audit is no exception": (
            "test_two_audits_eight_members_apart_give_no_count", "test_a_figure_that_is_said_is_rounded_as_the_one_that_is_told",
        ),
    },
    "commands/test_forged_recordings.py": {
        "A replay makes dossiers": ("test_forged_dossiers_change_nothing", "test_cards_that_are_not_in_the_recording_are_named"),
        "A recorded answer is used only": "test_what_a_changed_program_recorded_is_refused",
    },
    "commands/test_serving.py": {
        "Names that look like instructions": "test_names_that_speak_to_an_agent_are_not_in_the_codebook",
        "Names of given groups are data": "test_names_of_given_groups_are_data_to_an_agent",
        "A group, a figure or an audited": "test_answers_that_one_user_tells_apart_are_not_both_given",
        "An agent's own groups are named": "test_an_agent_names_no_group_by_who_it_is",
        "Groups and those outside of them": (
            "test_groups_are_made_by_measures_and_small_ones_stay_dark", "test_what_would_single_somebody_out_is_refused",
        ),
        "Questions and answers are kept": "test_questions_are_kept_bounded_and_listed",
        "`forget` empties that file": "test_a_folder_of_answers_forgets",
        "Which run another is held against": "test_since_and_models_are_of_whoever_starts_the_server",
        "`mcp` answers an agent with counts": "test_an_agent_finds_its_way_from_the_log_to_verdicts",
    },
    "commands/test_sealed_answers.py": {
        "What agents were answered": (
            "test_an_edit_of_what_is_kept_is_noticed", "test_an_older_copy_or_a_seal_taken_away_is_noticed",
            "test_an_edited_answer_is_not_given_again",
        ),
    },
    "commands/test_kept_apart.py": {
        "`mcp` on a log keeps what each user": "test_what_is_kept_of_answers_is_small_and_tells_of_nobody",
        "The figure of all others": "test_the_figure_of_all_others_is_an_answer_too",
    },
    "commands/test_sums_of_answers.py": {
        "What each user adds to an answer": (
            "test_three_answers_do_not_tell_how_many_did_both", "test_no_sum_of_many_answers_is_of_few",
        ),
        "What follows from answers given": "test_no_sum_of_many_answers_is_of_few",
        "There are at most half as many": "test_half_as_many_answers_as_users_are_all",
    },
    "commands/test_reviewing.py": {
        "Nothing is answered without a token": (
            "test_nothing_is_answered_but_to_this_persons_browser", "test_the_token_becomes_a_cookie_and_leaves_the_address",
        ),
        "It listens on 127.0.0.1 alone": "test_nothing_listens_for_another_machine",
        "With `review`: nothing leaves": "test_words_leave_when_they_are_saved_and_not_while_they_are_typed",
        "No page may frame it": "test_the_page_loads_nothing_and_is_framed_by_nobody",
        "It changes a run by `edit`": "test_a_change_is_an_edit",
        "The page asks no other host": "test_the_page_loads_nothing_and_is_framed_by_nobody",
    },
    "commands/test_refereeing.py": {
        "In a document that `referee` judges": "test_who_is_named_in_a_document_is_in_no_verdict",
        "A certificate of `referee`": "test_a_certificate_is_verified_and_its_files_are_told_apart",
    },
    "commands/test_assigning.py": {
        "No cell of a CSV is a formula": "test_an_id_is_itself_unless_it_is_a_formula",
        "The one column of ids": "test_an_import_of_a_tool_holds_the_id_that_it_knows",
        "A file is on the list": (
            "test_what_a_kill_leaves_of_raw_ids_is_known_and_goes", "test_where_one_name_is_taken_no_file_is_written",
        ),
        "Nobody at work is placed": (
            "test_people_at_work_are_not_placed", "test_a_group_that_is_not_shown_is_nobodys",
            "test_a_cohort_under_the_floor_is_not_exported",
        ),
        "`placing.npz`, the frozen model": "test_the_frozen_model_keeps_no_name_of_few",
        "`FILE.purpose.json` beside a file": "test_forget_covers_what_was_given_out",
        "The purpose and the day after which": "test_forget_covers_what_was_given_out",
    },
    "commands/test_diff.py": {
        "The person's id goes out of names": "test_names_of_an_earlier_run_are_forgotten",
    },
    "commands/test_exporting.py": {
        "No cell of a CSV is a formula": "test_no_cell_is_a_formula",
    },
    "commands/test_staying_out.py": {
        "Opt-outs and forgotten users hold": "test_a_run_that_follows_reads_nobody_who_is_out",
    },
    "commands/test_cohorts.py": {
        "Floors hold for given groups": "test_forget_takes_a_user_out_of_the_groups",
        "Columns and names of groups": (
            "test_names_that_say_who_somebody_is_are_refused_before_the_log_is_read",
            "test_names_reach_no_writer_and_are_escaped",
        ),
    },
    "edits/test_barred_words.py": {
        "Columns and names of groups": "test_no_letters_hide_who_somebody_is",
    },
    "log/test_identity.py": {
        "It lists what it cannot reach": "test_what_forgetting_cannot_reach_before_signing_in_is_listed",
    },
    "log/test_optouts.py": {
        "Users in `--opt-out FILE`": "test_nothing_is_kept_of_who_opted_out",
        "The list may be of any common form": ("test_forms", "test_an_encoding_is_told_by_the_log", "test_whom_a_list_means"),
        "Case counts only where two ids": "test_whom_a_list_means",
    },
    "log/test_sensitive.py": {
        "`inspect` counts them by topic": "test_nobodys_own_lines_are_listed",
    },
    "log/test_warehouses.py": {
        "With `--local`: nothing either": "test_local_means_the_server_that_is_reached",
        "A database that the log came from": "test_a_run_keeps_no_password_and_is_checked_against_the_server",
        "With a log from a database server": "test_the_rows_are_gone_with_the_log",
        "A password is in no file": (
            "test_a_run_keeps_no_password_and_is_checked_against_the_server", "test_no_error_holds_a_password",
            "test_nothing_is_changed",
        ),
    },
    "models/test_ask.py": {
        "What they answer is parsed": "test_what_never_fits_is_an_error_that_names_it",
        "An answer that was of no use": (
            "test_what_was_refused_is_asked_again_when_the_server_is_mended",
            "test_what_was_killed_before_it_was_refused_is_asked_again_too",
        ),
    },
    "models/test_transport.py": {
        "Requests to models leave by one door": (
            "test_no_redirect_is_followed", "test_proxies_are_not_used_for_a_server_on_this_machine",
            "test_a_proxy_is_told_as_the_host_that_gets_the_bytes",
        ),
        "All requests leave through one door": "test_a_proxy_is_told_as_the_host_that_gets_the_bytes",
        "No redirect is followed": "test_no_redirect_is_followed",
        "A server on this machine is reached": (
            "test_proxies_are_not_used_for_a_server_on_this_machine", "test_who_asks_this_machine_reaches_no_other",
        ),
        "For a server elsewhere the proxies": "test_the_way_is_the_environments",
    },
    "questions/test_questions.py": {
        "Both are query engines": (
            "test_a_model_writes_measures_and_no_figure", "test_who_somebody_is_is_refused",
            "test_questions_have_an_end_and_a_length", "test_an_act_is_counted_in_every_persona",
        ),
    },
    "redaction/test_redaction.py": {
        "Columns that say who somebody is are": "test_columns_that_say_who_somebody_is",
        "Names of people are masked": "test_names_are_masked_where_something_finds_them",
    },
    "report/test_publishing.py": {
        "A month with fewer than five": "test_a_month_of_two_is_left_out",
        "Where fewer than five members do": (
            "test_one_who_does_not_is_not_told", "test_runs_with_and_without_a_few_cannot_be_subtracted",
        ),
        "Lines against are shown only": "test_lines_against_need_five_users",
        "Lines that back a claim are printed": "test_texts_of_a_few_and_sensitive_topics_are_not_quoted",
        "An audit tells nothing of a list": "test_an_audit_singles_nobody_out",
    },
    "report/test_report.py": {
        "HTML is escaped": (
            "test_log_text_is_no_markup_on_the_page", "test_the_policy_allows_this_style_sheet_and_script_only",
            "test_the_page_loads_nothing",
        ),
        "Markdown is escaped": "test_log_text_is_no_markup_in_markdown",
        "Terminal output holds no control": "test_log_text_cannot_steer_a_terminal",
    },
    "test_accounts.py": {
        "With `--unit account` floors hold": (
            "test_floors_hold_for_accounts_and_for_persons",
            "test_a_thing_of_few_persons_is_no_thing_however_many_accounts",
        ),
    },
    "test_broken_seals.py": {
        "A run whose files have changed": (
            "test_nothing_is_built_on_a_forged_run", "test_what_forgets_in_a_forged_run_does_not_make_it_good",
        ),
        "Of a run that you did not seal": "test_words_of_a_run_that_nobody_sealed_are_held_to_the_rules",
    },
    "test_browser.py": {
        "HTML is escaped": ("test_it_opens_from_disk_and_asks_for_nothing", "test_hostile_text_stays_text"),
    },
    "test_folders.py": {
        "It and the folder of a recording": (
            "test_an_empty_folder_is_made_private_whatever_it_was", "test_a_folder_that_holds_something_and_is_open_is_refused",
            "test_what_is_somebody_elses_is_no_folder_of_ours",
        ),
        "No link in it is followed": (
            "test_no_link_in_a_run_is_followed", "test_what_is_half_written_is_never_written_through",
            "test_a_pipe_in_a_run_is_refused_and_not_waited_for",
        ),
        "It holds a `.gitignore`": (
            "test_a_log_folder_does_not_read_the_runs_in_it", "test_a_link_out_of_a_log_folder_is_not_followed",
        ),
        "What a kill leaves": (
            "test_a_kill_leaves_nothing_that_the_next_run_does_not_remove", "test_temporary_files_take_no_more_than_they_may",
        ),
    },
    "test_keys.py": {
        "`--key FILE` (or": "test_a_run_with_its_key_apart",
        "Without it the key lies in the folder": "test_a_run_with_its_key_apart",
    },
    "test_privacy.py": {
        "With `--local`: nothing either": "test_p1_local_means_local",
        "No redirect is followed": "test_p1_a_server_here_that_sends_on_is_not_followed",
        "Never a raw line": "test_p2_no_identifier_reaches_a_prompt_or_a_file",
        "Values of columns are sent": "test_p4_columns_that_are_not_mapped_reach_no_prompt",
        "No persona below 20 users": "test_p5_floors_by_default_and_a_lowered_one_is_said",
        "Where groups are too small": "test_p5_who_is_on_no_card_is_a_pool_above_the_floor",
        "Texts of single users": "test_p6_words_are_shown_that_three_users_share",
        "Columns that are left out form no group, make no claim": "test_p9_what_people_are_is_not_used_and_not_kept",
        "`--map allow=gender` is refused": "test_p9_declared_attributes_are_counted_above_the_floor_and_reach_no_prompt",
        "`--map declared=gender` keeps": (
            "test_p9_declared_attributes_are_counted_above_the_floor_and_reach_no_prompt",
            "test_p9_nobody_can_be_told_from_what_is_declared",
        ),
        "HTML is escaped": "test_p11_markup_in_a_log_is_inert",
        "`persona-agent forget USER PLACE": "test_p12_forget_takes_a_person_out",
        "It lists what it cannot reach": "test_p12_forget_takes_a_person_out",
        "Users in `--opt-out FILE`": "test_p13_who_opted_out_is_not_embedded",
        "`persona-agent egress OUT` lists": "test_p14_egress_lists_every_call",
        "`assign` writes rows under": "test_p15_ids_need_a_purpose_which_is_kept_beside_them",
        "The purpose and the day after which": "test_p15_ids_need_a_purpose_which_is_kept_beside_them",
    },
    "test_planted.py": {
        "No link in it is followed": (
            "test_a_planted_list_of_what_was_given_out_rewrites_nothing", "test_a_planted_way_to_a_key_is_not_followed",
        ),
        "It and the folder of a recording": "test_files_of_a_run_are_their_owners_whatever_new_files_are",
    },
    "test_rare_acts.py": {
        "An action that fewer than 5 users": "test_rare_acts_and_keys_have_no_words",
        "With an embedding elsewhere": "test_what_few_have_goes_to_no_other_machine",
    },
    "test_seals.py": {
        "A run that stopped is said": "test_a_run_that_stopped_is_unfinished_and_not_forged",
        "The secret has to be its owner's": (
            "test_a_secret_that_others_may_read_seals_nothing", "test_no_run_is_verified_by_a_secret_that_came_with_it",
        ),
        "Where that cannot be done": "test_what_cannot_be_made_again_is_not_verified",
        "A run whose files have changed": "test_a_run_that_was_edited_is_not_followed",
        "`run.json` holds the digest": (
            "test_every_file_is_under_the_seal", "test_run_json_and_its_manifest_are_under_the_seal",
        ),
    },
    "test_staff.py": {
        "Where users are resources": (
            "test_no_rhythm_and_nobody_over_time", "test_no_line_of_anybody", "test_no_assignment",
            "test_the_team_floor_cannot_be_lowered",
        ),
        "`--no-staff` needs a purpose": "test_a_purpose_turns_it_off_and_is_told",
    },
    "test_supply.py": {
        "`requirements.lock` names every": (
            "test_every_locked_package_has_digests_and_the_install_asks_for_them",
            "test_the_install_refuses_what_the_lock_does_not_name",
        ),
        "`make licences` lists": (
            "test_the_release_writes_a_bill_of_materials_and_the_licences", "test_the_bill_names_what_the_program_rests_on",
        ),
    },
    "test_told_of_a_run.py": {
        "Where no prompt leaves this machine": "test_a_column_in_which_acts_differ_is_told_here_and_not_of_a_few",
        "`--keep sensitive` keeps them": "test_lowered_protections_are_said_first",
        "`--min-users` below 20 is said": "test_lowered_protections_are_said_first",
        "Exact figures stay in files": "test_exact_numbers_of_users_stand_in_private_files_alone",
        "A file of groups is read": "test_of_given_groups_only_the_logs_users_are_kept",
        "Other columns of the file are not read": "test_of_given_groups_only_the_logs_users_are_kept",
        "`persona-agent facts OUT` prints": "test_facts_answer_what_an_assessment_asks",
    },
    "test_what_leaves.py": {
        "Writer and critic have no tools": "test_a_model_is_given_no_tools",
        "Keys are read from the environment": "test_the_key_is_in_no_file_and_no_message",
        "With `offline`, the default": "test_without_a_model_no_socket_is_opened",
        "The built-in embedding runs here": "test_without_a_model_no_socket_is_opened",
        "With a model elsewhere": "test_of_a_few_nothing_leaves",
        "Never a raw line": (
            "test_of_a_few_nothing_leaves", "test_who_is_named_in_what_a_run_was_told_reaches_no_prompt",
        ),
        "Of all columns that the codebook lists": "test_of_columns_names_leave_and_values_of_those_that_sort_things",
        "Values of columns are sent": "test_of_columns_names_leave_and_values_of_those_that_sort_things",
        "`codebook.yaml` lists them under": "test_what_is_taken_out_of_the_categories_leaves_no_more",
        "With `ask --model M` or": (
            "test_a_question_leaves_masked_and_without_a_line", "test_words_of_a_person_leave_for_a_named_model_alone",
        ),
        "Without these nothing is sent": "test_words_of_a_person_leave_for_a_named_model_alone",
        "With an embedding elsewhere": "test_an_embedding_elsewhere_gets_what_five_users_share",
        "A row is written before": "test_a_request_is_listed_before_it_leaves",
        "Of plug-ins it lists": "test_of_a_plug_in_the_host_is_listed_that_it_states",
    },
    "words/test_sentences.py": {
        "What they answer is parsed": "test_a_number_of_no_claim_is_always_caught",
    },
    "write/test_loop.py": {
        "What they answer is parsed": ("test_cite_stuffing_and_invented_lines", "test_fabrication"),
    },
}  # fmt: skip


def _each() -> Iterator[tuple[str, str, str]]:
    """Sentence, file and test."""
    for file, held in HELD.items():
        for start, tests in held.items():
            yield from ((start, file, test) for test in ((tests,) if isinstance(tests, str) else tests))


def by_sentence() -> dict[str, list[str]]:
    """Files and names of the tests by the beginning of their sentence."""
    found: dict[str, list[str]] = {}
    for start, file, test in _each():
        found.setdefault(start, []).append(f"tests/{file}::{test}")
    return found


def missing() -> list[str]:
    """Tests that are listed and are not there."""
    texts = {file: (TESTS / file).read_text(encoding="utf-8") for file in HELD}
    return [f"{f}::{test}" for _, f, test in _each() if not re.search(rf"^def {test}\(", texts[f], re.MULTILINE)]
