"""Who is let in: rights, policies, passwords, certificates, and whoever else answers."""

# ruff: noqa: S608 - the statements are those of the tests themselves

import socket
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from clusters import DATABASE, OWNER, Cluster, running
from data.stored import ROWS, opened, refusal
from data.tables import pair
from shipcall.data.databases import copied, demand_address

NUMBERS = count()


@pytest.fixture
def guest(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user with a password who may read nothing."""
    name = f"guest_{next(NUMBERS)}"
    cluster.run(f"CREATE ROLE {name} LOGIN PASSWORD 'knock'")
    monkeypatch.setenv("PGPASSWORD", "knock")
    yield name
    cluster.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_no_right_to_a_table_says_what_to_grant(
    cluster: Cluster, table: str, guest: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    fault = refusal(cluster.address(table, user=guest), tmp_path)
    assert f"user '{guest}' has no right to read {table}" in fault.seen
    assert f"SELECT on {table}" in fault.fix


def test_no_right_to_one_column_is_no_right(
    cluster: Cluster, table: str, guest: str, tmp_path: Path
) -> None:
    """A column left out in silence could be the one that says which rows belong together."""
    cluster.fill(table, ROWS)
    cluster.run(f"GRANT SELECT (arm, item, metric, value, status) ON {table} TO {guest}")
    assert "has no right" in refusal(cluster.address(table, user=guest), tmp_path).seen
    cluster.run(f"GRANT SELECT ON {table} TO {guest}")
    assert pair(opened(cluster.address(table, user=guest), tmp_path), "proportion").rows == 4


def test_a_policy_that_would_hide_rows_is_refused(
    cluster: Cluster, table: str, guest: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    cluster.run(
        f"GRANT SELECT ON {table} TO {guest}",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY bright ON {table} FOR SELECT USING (value = 1)",
    )
    assert "a row policy" in refusal(cluster.address(table, user=guest), tmp_path).seen


def test_a_policy_below_a_view_is_refused_as_well(
    cluster: Cluster, table: str, guest: str, tmp_path: Path
) -> None:
    cluster.fill(table, ROWS)
    cluster.run(
        f"GRANT SELECT ON {table} TO {guest}",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY bright ON {table} FOR SELECT USING (value = 1)",
        f"CREATE VIEW {table}_seen WITH (security_invoker) AS SELECT * FROM {table}",
        f"GRANT SELECT ON {table}_seen TO {guest}",
    )
    fault = refusal(cluster.address(f"{table}_seen", user=guest), tmp_path)
    assert fault.code == "E202"
    assert "policy" in fault.seen


@pytest.mark.parametrize("password", ["sesame", ""])
def test_who_is_not_let_in_is_told_which_variable_and_no_secret(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("PGPASSWORD", password)
    fault = refusal(cluster.address("t"), tmp_path)
    assert f"user '{OWNER}' is not let in" in fault.seen
    assert ("no password" in fault.seen) == (password == "")
    assert "PGPASSWORD" in fault.fix
    assert "sesame" not in str(fault)


def test_a_variable_of_its_own_holds_the_password(
    cluster: Cluster, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.fill(table, ROWS)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("SHIPCALL_EVALS", cluster.password)
    address = f"{cluster.address(table)}&password_env=SHIPCALL_EVALS"
    assert opened(address, tmp_path).present("scores")


def test_a_database_that_is_not_there_is_named(cluster: Cluster, tmp_path: Path) -> None:
    address = cluster.address("t").replace(f"/{DATABASE}", "/evil")
    assert "no database 'evil'" in refusal(address, tmp_path).seen


def test_nobody_at_the_port_is_no_evidence_but_an_error(tmp_path: Path) -> None:
    pytest.importorskip("pg8000")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fault = refusal(f"postgresql://u@127.0.0.1:{port}/d?table=t", tmp_path)
    assert "no answer" in fault.seen
    assert "refused" in fault.seen


@pytest.mark.parametrize("told", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"E\x00\x00\x00\x04"])
def test_somebody_else_at_the_port_is_an_error(tmp_path: Path, told: bytes) -> None:
    def answer() -> None:
        other, _ = listening.accept()
        with other:
            other.recv(100)
            other.sendall(told)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        fault = refusal(f"postgresql://u@127.0.0.1:{port}/d?table=t", tmp_path)
        thread.join(10)
    assert fault.code == "E202"


def test_a_server_elsewhere_has_to_prove_its_name(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one has no certificate at all; 127.0.0.1 is reached in the clear unless one asks."""
    monkeypatch.setattr("shipcall.data.postgres._LOOPBACK", ())
    fault = refusal(cluster.address("t"), tmp_path)
    assert "SSL" in fault.seen
    assert refusal(f"{cluster.address('t')}&sslmode=require", tmp_path).code == "E202"


def test_a_certificate_proves_a_name_only_where_its_authority_is_known(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as cluster:
        monkeypatch.setenv("PGPASSWORD", cluster.password)
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        certificate = cluster.encrypt()
        cluster.run(
            f"CREATE VIEW {table} AS SELECT ssl AS item FROM pg_stat_ssl "
            "WHERE pid = pg_backend_pid()"
        )
        proved = f"{cluster.address(table)}&sslmode=verify-full"
        fault = refusal(proved, tmp_path)
        assert "no proof of the server's name" in fault.seen
        assert "SSL_CERT_FILE" in fault.fix
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        for address, encrypted in (
            (proved, "true"),
            (f"{cluster.address(table)}&sslmode=require", "true"),
            (cluster.address(table), "false"),
        ):
            copies = copied([demand_address(address)], tmp_path, tmp_path)
            (file,) = copies.files.values()
            assert file.path.read_text(encoding="utf-8") == f"item\n{encrypted}\n"
        elsewhere = proved.replace("127.0.0.1", "localhost")
        assert "no proof of the server's name" in refusal(elsewhere, tmp_path).seen
