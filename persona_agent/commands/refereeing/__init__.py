"""The referee: groups and sentences from anywhere in, verdicts out.

`trying` puts groups on trial; `judging` joins that with `auditing`, which holds statements against the log; `page` shows the
document with its verdicts in the margin; `certificates` seals them.
"""

from .certificates import check_certificate, is_certificate
from .judging import Refereed, referee
from .trying import test_groups

__all__ = ["Refereed", "check_certificate", "is_certificate", "referee", "test_groups"]
