"""Anyone's personas against a log: from the words of a document to outcomes with lines.

`statements` reads documents, `stating` turns a statement into what can be counted, `auditing` asks and counts, `page` prints.
"""

from .auditing import audit
from .page import AuditResult, audit_markdown, audit_screen, cited_by

__all__ = ["AuditResult", "audit", "audit_markdown", "audit_screen", "cited_by"]
