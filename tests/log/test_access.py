"""Access logs of web servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0"
ROBOT = "Mozilla/5.0 (compatible; Sooglebot/2.1; +http://www.sogle.example/bot.html)"


def line(n: int, call: str, *, status: int = 200, agent: str = BROWSER, host: str = "") -> str:
    """The request of one of ten clients, a minute after the one before."""
    when = f"17/May/2015:{10 + n // 60:02}:{n % 60:02}:03 +0000"
    came = "http://www.search.example/find?q=secret"
    return f'{host}10.0.0.{n % 10} - - [{when}] "{call} HTTP/1.1" {status} 2030 "{came}" "{agent}"'


@pytest.mark.parametrize("host", ["", "shop.example:443 "])
def test_requests_are_acts_on_pages(host: str, tmp_path: Path) -> None:
    """Pages are viewed, files downloaded, forms sent; what makes up a page, redirects and programs are set aside, and nothing
    behind a question mark is kept.
    """
    told = [
        *(line(n, f"GET /blog/{n % 7}?name=ann", host=host) for n in range(40)),
        *(line(n, "GET /style.css", host=host) for n in range(40, 45)),
        *(line(n, "GET /old", status=301, host=host) for n in range(45, 50)),
        *(line(n, "GET /blog/1", agent=ROBOT, host=host) for n in range(50, 60)),
        *(line(n, "GET /files/tool-1.2.tar.gz", host=host) for n in range(60, 66)),
        *(line(n, "POST /order", host=host) for n in range(66, 72)),
        *(line(n, "GET /gone", status=404, host=host) for n in range(72, 78)),
        "something else that a server wrote",
    ]
    path = tmp_path / "access.log"
    path.write_text("\n".join(told) + "\n")
    log = find_log(Options(inputs=(str(path),)))
    assert log.found.layouts[0].format == "access"
    assert log.found.mapping == {"user": "client", "timestamp": "time", "action": "action", "object": "page"}
    store = Store.create(tmp_path / "out")
    read = read_log(log, Options(inputs=(str(path),), out=tmp_path / "out"), store, Silent())
    assert (read.users, read.rejected, read.reasons) == (10, 1, {"automation": 10, "not_behaviour": 10})
    with store.connect() as connection:
        rows = connection.execute(
            f"SELECT action, count(*) FROM '{store.path('events.parquet')}' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        assert rows == [("download", 6), ("get an error", 6), ("send", 6), ("view", 40)]
        ((kept,),) = connection.execute(
            f"SELECT string_agg(object || properties::VARCHAR) FROM '{store.path('events.parquet')}'"
        ).fetchall()
    assert "ann" not in kept and "secret" not in kept and "search.example" in kept
    assert "X11" not in kept and kept.count('"browser":"Firefox"') == kept.count('"system":"Linux"') == 58
