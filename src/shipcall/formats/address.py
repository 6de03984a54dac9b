"""Address: a table of evidence in a database, named by a URL that holds no secret."""

import difflib
import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

POSTGRESQL = "postgresql"
DUCKDB = "duckdb"
SCHEMAS = {POSTGRESQL: "public", DUCKDB: "main"}
"""Kind of database -> the schema in which a table without one is looked for."""
PORT = 5432
SSLMODES = ("disable", "require", "verify-full")
"""How a connection is encrypted: not at all; whoever the server is; only if its name is proved."""
SECRET = "SHIPCALL_"  # noqa: S105 - how a name begins, no secret
"""How the name of a variable begins that a contract may name: any other could be somebody's."""

_OPTIONS = {
    POSTGRESQL: ("table", "host", "password_env", "sslmode"),
    DUCKDB: ("table",),
}
_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_PASSWORD = re.compile(r"(://[^/?#\s\"':@]*:)([^\s\"']+)(?=@)")
_OPTION = re.compile(r"([?&](?:password|pgpassword|passwd|pwd)=)([^&#\s\"']+)", re.IGNORECASE)
_SECRETS = ("password", "pgpassword", "passwd", "pwd")
_FORMS = (
    "postgresql://user@host:5432/database?table=schema.table or "
    "duckdb:///file.duckdb?table=schema.table"
)


class Wrong(NamedTuple):
    """Why a text is no address; none of the parts repeats a password."""

    seen: str
    expected: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One table, and how its database is reached."""

    text: str
    """The URL as it was written; it holds no password."""
    kind: str
    """POSTGRESQL or DUCKDB."""
    table: str
    schema: str
    database: str
    """Name of the database; of DuckDB the path of its file, relative to the contract."""
    host: str = ""
    """Name or number of the server, or the folder of its socket; empty: not said."""
    port: int = field(default=PORT)
    user: str = ""
    """Empty: not said."""
    password_env: str = ""
    """Variable of the environment that holds the password; empty: PGPASSWORD."""
    sslmode: str = ""
    """One of SSLMODES; empty: not said."""

    @property
    def name(self) -> str:
        """The table with its schema."""
        return f"{self.schema}.{self.table}"

    @property
    def place(self) -> tuple[str, ...]:
        """What tells one database apart from another: tables of one place are read together."""
        own = (self.host, str(self.port), self.database, self.user, self.password_env, self.sslmode)
        return self.kind, *own


def is_address(path: str) -> bool:
    """Is this a URL rather than a path of a file?"""
    return _ADDRESS.match(path) is not None


def masked(text: str) -> str:
    """Put stars over every password that a URL in a text holds; the length stays.

    Examples:
        >>> masked('scores = "postgresql://eval:hunter2@db/x?table=t"')
        'scores = "postgresql://eval:*******@db/x?table=t"'
    """
    for pattern in (_PASSWORD, _OPTION):
        text = pattern.sub(lambda hit: hit[1] + "*" * len(hit[2]), text)
    return text


def address_of(text: str) -> Address | Wrong:
    """Read the URL of a table.

    Args:
        text: `postgresql://[user@]host[:port]/database?table=[schema.]table` with `host` (folder
            of a socket), `password_env` and `sslmode` as further options; or
            `duckdb:///path?table=[schema.]table`, whose path is relative to the contract, and
            absolute after four strokes.

    Returns:
        The address, or why it is none.

    Examples:
        >>> address_of("duckdb:///runs/eval.duckdb?table=scores").name
        'main.scores'
    """
    named = _ADDRESS.match(text)
    kind = named[1].lower() if named else ""
    kind = POSTGRESQL if kind == "postgres" else kind
    if kind not in SCHEMAS:
        return Wrong(f"an address that begins with {kind or 'nothing'}://", _FORMS, _fix(kind))
    try:
        split = urlsplit(text)
        port = split.port
    except ValueError:
        return Wrong("an address that cannot be read", _FORMS, "Correct host and port.")
    options = parse_qsl(split.query, keep_blank_values=True)
    return _wrong(kind, split, options) or _address(text, kind, split, port, dict(options))


def _fix(kind: str) -> str:
    near = difflib.get_close_matches(kind, SCHEMAS, n=1)
    if near:
        return f"Did you mean {near[0]}://?"
    return "Copy the table into a file, or into one of these databases."


def _wrong(kind: str, split: SplitResult, options: list[tuple[str, str]]) -> Wrong | None:
    names = [name for name, _ in options]
    unknown = [name for name in names if name not in _OPTIONS[kind]]
    secret = [name for name in unknown if name.lower() in _SECRETS]
    known = ", ".join(_OPTIONS[kind])
    if split.password is not None or secret:
        return Wrong(
            "a password in the address",
            "no secret in a contract: it is sealed, hashed and shown",
            "Take it out, change it, and put it into PGPASSWORD, or into a variable of your own: "
            f"password_env={SECRET}EVAL_PASSWORD.",
        )
    if unknown:
        near = difflib.get_close_matches(unknown[0], _OPTIONS[kind], n=1)
        told = f"Did you mean {near[0]}?" if near else "Leave it out."
        return Wrong(f"option {unknown[0]!r}", f"options out of: {known}", told)
    if len(set(names)) < len(names) or split.fragment:
        seen = "an option twice, or a part after #"
        return Wrong(seen, f"options out of: {known}", "Say each once.")
    return _wrong_table(dict(options)) or _wrong_place(kind, split, dict(options))


def _wrong_table(options: dict[str, str]) -> Wrong | None:
    table = options.get("table", "")
    parts = table.split(".")
    if table and all(parts) and len(parts) <= 2:
        return None
    return Wrong(
        f"table {table!r}" if table else "no table",
        "?table=table or ?table=schema.table, written as the database lists it",
        "Name one table or view; of a name with a dot in it make a view without one.",
    )


def _wrong_place(kind: str, split: SplitResult, options: dict[str, str]) -> Wrong | None:
    if kind == DUCKDB:
        if not split.netloc and len(split.path) > 1:
            return None
        return Wrong(
            f"{split.netloc!r} where a host would stand" if split.netloc else "no file",
            "duckdb:///file.duckdb?table=… (relative), duckdb:////folder/file.duckdb (absolute)",
            "Write three strokes before a path relative to the contract, four before others.",
        )
    secret, mode = options.get("password_env", SECRET), options.get("sslmode", SSLMODES[0])
    if not secret.startswith(SECRET):
        return Wrong(
            f"password_env = {secret!r}",
            f"a variable whose name begins with {SECRET}: a contract may not ask for any other",
            f"Call it {SECRET}{secret.upper()}, and set it.",
        )
    if mode not in SSLMODES:
        return Wrong(f"sslmode {mode!r}", f"one of {', '.join(SSLMODES)}", "Correct it.")
    if not split.path.strip("/") or (options.get("host") and split.hostname):
        return Wrong(
            "two hosts" if split.path.strip("/") else "no database",
            "postgresql://host/database?table=… or postgresql:///database?host=/folder&table=…",
            "Name one host and one database.",
        )
    return None


def _address(
    text: str, kind: str, split: SplitResult, port: int | None, options: dict[str, str]
) -> Address:
    schema, _, table = options["table"].rpartition(".")
    path = unquote(split.path).removeprefix("/")
    return Address(
        text=text,
        kind=kind,
        table=table,
        schema=schema or SCHEMAS[kind],
        database=path,
        host=options.get("host") or split.hostname or "",
        port=port or PORT,
        user=unquote(split.username or ""),
        password_env=options.get("password_env", ""),
        sslmode=options.get("sslmode", ""),
    )
