"""Every error that a person can meet, as one tree.

PersonaAgentError            exit 1   a check or a gate failed
├── UsageError               exit 2   an option or its value cannot be used
├── InputError               exit 3   a log cannot be read as it is
├── ProviderError            exit 4   a model could not be reached or refused
│   ├── OutputError          exit 4   a model's answer does not fit what was asked
│   └── RecordingError       exit 4   a replayed run asks what was not recorded
├── BudgetError              exit 5   the next call could exceed the cost cap
└── StoreError               exit 3   a run directory is missing, damaged or in use

A message says what is wrong, where (file, line, field) and, as `hint`, what mends it. No message holds a key or a
raw user id; identifiers are shown with `!r`.
"""

from __future__ import annotations


class PersonaAgentError(Exception):
    """The root: `code` is stable for programs, `hint` is the mend for people, `exit_status` is the command's."""

    code = "failed"
    exit_status = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class UsageError(PersonaAgentError):
    code = "usage"
    exit_status = 2


class InputError(PersonaAgentError):
    code = "input"
    exit_status = 3


class ProviderError(PersonaAgentError):
    """`retryable`: the same request may succeed later, not before `retry_after` seconds where a server said so.
    `fatal`: no request of this run can succeed (a wrong key, a model that does not exist).
    """

    code = "provider"
    exit_status = 4

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        fatal: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.retryable, self.retry_after, self.fatal = retryable, retry_after, fatal


class OutputError(ProviderError):
    code = "output"


class RecordingError(ProviderError):
    code = "recording"


class BudgetError(PersonaAgentError):
    code = "budget"
    exit_status = 5


class StoreError(PersonaAgentError):
    code = "store"
    exit_status = 3
