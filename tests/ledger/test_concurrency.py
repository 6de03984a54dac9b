import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shipcall.core import LedgerError
from shipcall.ledger import sqlite
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify

AT = "2026-11-20T13:31:04Z"

WRITER = """
import sys
from pathlib import Path
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger

folder, name, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
key = SigningKey.load_or_create(folder / "keys" / "signing.key")
ledger = Ledger.open(folder / "ledger.db", create=True)
for number in range(times):
    ledger.append("outcome", name, {"number": number}, at="2026-11-20T13:31:04Z", key=key)
"""


def test_processes_that_begin_together_write_one_chain_with_one_key(tmp_path: Path) -> None:
    """Four processes make the key and the ledger at the same moment, then append 25 each."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen(
            [*command, f"r{n}", "25"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    ledger = Ledger.open(tmp_path / "ledger.db")
    assert verify(ledger).sound
    assert len(verify(ledger).key_ids) == 1
    entries = list(ledger.entries())
    assert Counter(entry.subject for entry in entries) == {f"r{n}": 25 for n in range(4)}
    for n in range(4):
        numbers = [e.body["number"] for e in entries if e.subject == f"r{n}"]
        assert numbers == list(range(25))


def test_threads_that_share_a_ledger_write_one_chain(
    ledger: Ledger, key: SigningKey, other_key: SigningKey
) -> None:
    def write(number: int) -> int:
        signer = key if number % 2 else other_key
        opened = Ledger.open(ledger.path) if number % 3 else ledger
        entry = opened.append("outcome", "v42", {"number": number}, at=AT, key=signer)
        return entry.index

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(write, range(60)))
    assert sorted(places) == list(range(12, 72))
    assert verify(ledger, head=ledger.head()).sound
    assert ledger.count() == 72


def test_an_entry_may_be_appended_while_entries_are_being_read(
    ledger: Ledger, key: SigningKey
) -> None:
    read = 0
    for entry in ledger.entries():
        ledger.append("outcome", entry.subject, {"of": entry.index}, at=AT, key=key)
        read += 1
    assert read == 12
    assert ledger.count() == 24


def test_a_writer_that_never_gets_its_turn_says_so(
    ledger: Ledger, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WAIT_SECONDS", 0.05)
    with (
        ledger._transaction(immediate=True),  # noqa: SLF001
        pytest.raises(LedgerError, match="If another process holds it"),
    ):
        Ledger.open(ledger.path).append("outcome", "v42", {}, at=AT, key=key)
    assert ledger.count() == 12


def test_a_process_that_dies_before_it_is_done_leaves_no_trace(
    ledger: Ledger, key: SigningKey
) -> None:
    dying = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1')\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "for n in range(12, 400):\n"
        "    c.execute('INSERT INTO ledger_entries SELECT ?, at, kind, subject, body, ?, key_id,'\n"
        "              ' public_key, ?, signature FROM ledger_entries WHERE position = 2',\n"
        "              (n, f'p{n}', f'h{n}'))\n"
        "os._exit(9)\n"
    )
    before = list(ledger.entries())
    done = subprocess.run([sys.executable, "-c", dying, ledger.path], check=False, timeout=60)
    assert done.returncode == 9
    assert ledger.path.with_name("ledger.db-journal").exists()
    assert list(ledger.entries()) == before
    ledger.append("outcome", "v42", {}, at=AT, key=key)
    assert verify(ledger).sound
    assert ledger.count() == 13
