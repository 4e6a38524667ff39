"""Anyone's personas against a log: from the words of a document to outcomes with lines.

`documents` reads personas of any make (`markdown_documents`, `json_documents`) into `statements`; `whom` finds the users that
a persona is about; `statement_calls` asks a reader what in a statement can be counted; `outcomes` turns the counts into an
outcome; `verifying` asks and holds them together; `printing` shows the audit.
"""

from .printing import audit_markdown, audit_screen, cited_by
from .verifying import audit

__all__ = ["audit", "audit_markdown", "audit_screen", "cited_by"]
