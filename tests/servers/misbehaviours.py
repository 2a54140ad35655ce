"""How servers misbehave, as a table: what goes wrong, what we do, and how a harvest must end.

Each subject has its file in `rows/`. To add a row, write it there; what it does to an honest
answer is in `changes.py`, `lists.py` and `damage.py`, a server's own ways are in `ways.py`.
"""

from __future__ import annotations

from tests.servers.row import Row
from tests.servers.rows.answers import ANSWERS
from tests.servers.rows.busy import BUSY, STATUSES
from tests.servers.rows.connection import COMPRESSION, CONNECTION
from tests.servers.rows.dates import DATES
from tests.servers.rows.encoding import ENCODING
from tests.servers.rows.lists import LOOPS
from tests.servers.rows.markup import MARKUP
from tests.servers.rows.poison import POISON
from tests.servers.rows.records import RECORDS_
from tests.servers.rows.tokens import TOKENS

SUBJECTS = [
    TOKENS, LOOPS, BUSY, STATUSES, CONNECTION, COMPRESSION, ANSWERS, ENCODING, MARKUP, RECORDS_,
    DATES, POISON,
]  # fmt: skip
ROWS: list[Row] = [row for subject in SUBJECTS for row in subject.rows]
