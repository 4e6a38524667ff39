"""The referee: groups and sentences from anywhere in, verdicts out.

`group_trials` puts groups on trial; `verdict_files` joins that with `auditing`, which holds statements against the log;
`verdicts_page` shows the document with its verdicts in the margin; `certificates` seals them.
"""

from .certificates import check_certificate, is_certificate
from .group_trials import test_groups
from .verdict_files import Refereed, referee

__all__ = ["Refereed", "check_certificate", "is_certificate", "referee", "test_groups"]
