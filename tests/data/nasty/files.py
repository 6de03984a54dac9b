"""Files that must not be read as a table: each with the code of the fault it has to give."""

import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HEAD = b"unit,label,baseline,candidate\n"
ROWS = b"a,1,0.9,0.8\nb,0,0.1,0.2\n"


@dataclass(frozen=True)
class Nasty:
    """Files of one table of predictions, and what has to be said of them."""

    name: str
    files: Mapping[str, bytes]
    code: str
    line: int | None = None
    path: str = ""

    @property
    def pattern(self) -> str:
        return self.path or next(iter(self.files))


def parquet(columns: Mapping[str, Any], names: list[str] | None = None) -> bytes:
    """A Parquet file with these columns; `names` allows what a mapping does not."""
    arrays = [pa.array(values) for values in columns.values()]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names or list(columns)), sink)
    return sink.getvalue()


GOOD = {
    "unit": ["a", "b"],
    "label": [1, 0],
    "baseline": [0.9, 0.1],
    "candidate": [0.8, 0.2],
}
MANY = {
    "unit": [f"u{i}" for i in range(20_000)],
    "label": [i % 2 for i in range(20_000)],
    "baseline": [i / 20_000 for i in range(20_000)],
    "candidate": [(i * 7 % 20_000) / 20_000 for i in range(20_000)],
}


def _scrambled(whole: bytes) -> bytes:
    """Keep the first bytes and the footer, and spoil the pages between."""
    return whole[:40] + bytes(b ^ 0x5A for b in whole[40:60_000]) + whole[60_000:]


def csv(text: str) -> bytes:
    return text.encode()


NASTY = (
    Nasty("an empty CSV", {"a.csv": b""}, "E203"),
    Nasty("an empty Parquet file", {"a.parquet": b""}, "E203"),
    Nasty("an empty JSONL file", {"a.jsonl": b""}, "E203"),
    Nasty("a CSV whose first line is empty", {"a.csv": b"\n" + HEAD + ROWS}, "E203", 1),
    Nasty("objects without a key", {"a.jsonl": b"{}\n{}\n"}, "E203"),
    Nasty("a spreadsheet", {"a.xlsx": b"PK\x03\x04"}, "E204"),
    Nasty("a file named like a glob", {"a[1].csv": HEAD + ROWS}, "E204"),
    Nasty("latin-1", {"a.csv": HEAD + "é,1,0.9,0.8\n".encode("latin-1")}, "E205", 2),
    Nasty("latin-1 in the header", {"a.csv": "unité\n1\n".encode("latin-1")}, "E205", 1),
    Nasty("UTF-16", {"a.csv": (HEAD + ROWS).decode().encode("utf-16")}, "E205", 1),
    Nasty("UTF-16 without a mark", {"a.csv": HEAD.decode().encode("utf-16-le")}, "E205", 1),
    Nasty("latin-1 in JSONL", {"a.jsonl": '{"unit": "é"}\n'.encode("latin-1")}, "E205", 1),
    Nasty("a mark before JSONL", {"a.jsonl": b'\xef\xbb\xbf{"unit": 1}\n'}, "E205", 1),
    Nasty("text named Parquet", {"a.parquet": HEAD + ROWS}, "E206"),
    Nasty("half a Parquet file", {"a.parquet": parquet(MANY)[:-5000]}, "E206"),
    Nasty("a Parquet file with spoilt pages", {"a.parquet": _scrambled(parquet(MANY))}, "E299"),
    Nasty("text named gzip", {"a.csv.gz": HEAD + ROWS}, "E206"),
    Nasty("half a gzip file", {"a.csv.gz": gzip.compress(HEAD + ROWS * 50)[:-30]}, "E206"),
    Nasty("a quote that never ends", {"a.csv": HEAD + b'a,1,"0.9,0.8\nb,0,0.1,0.2\n'}, "E206"),
    Nasty("a cell too long", {"a.csv": HEAD + b"x" * 10_000_000 + b",1,0.9,0.8\n"}, "E206", 2),
    Nasty("half a line of JSON", {"a.jsonl": b'{"unit": 1}\n{"unit":\n'}, "E206", 2),
    Nasty("an array of JSON", {"a.jsonl": b'[{"unit": 1}]\n'}, "E206", 1),
    Nasty("a number in JSONL", {"a.jsonl": b'{"unit": 1}\n3\n'}, "E206", 2),
    Nasty("JSON over several lines", {"a.jsonl": b'{\n"unit": 1\n}\n'}, "E206", 1),
    Nasty("a short row", {"a.csv": HEAD + ROWS + b"c,1,0.5\n"}, "E207", 4),
    Nasty("a long row", {"a.csv": HEAD + ROWS + b"c,1,0.5,0.5,0.5\n"}, "E207", 4),
    Nasty("two columns of one name", {"a.csv": csv("unit,label,label\n1,2,3\n")}, "E208", 1),
    Nasty("two columns but for case", {"a.csv": csv("unit,label,Label\n1,2,3\n")}, "E208", 1),
    Nasty("one key twice", {"a.jsonl": b'{"unit": 1}\n{"unit": 1, "unit": 2}\n'}, "E208", 2),
    Nasty(
        "two Parquet columns of one name",
        {"a.parquet": parquet(GOOD, ["unit", "label", "baseline", "baseline"])},
        "E208",
    ),
    Nasty(
        "two kinds of files",
        {"e/a.csv": HEAD + ROWS, "e/b.parquet": parquet(GOOD)},
        "E209",
        path="e/*",
    ),
    Nasty(
        "files with other columns",
        {"e/a.csv": HEAD + ROWS, "e/b.csv": csv("unit,label,baseline\n1,1,1\n")},
        "E209",
        path="e/*.csv",
    ),
    Nasty("no label", {"a.csv": csv("unit,truth,baseline,candidate\na,1,1,1\n")}, "E210"),
    Nasty("a semicolon for a comma", {"a.csv": (HEAD + ROWS).replace(b",", b";")}, "E210"),
    Nasty("an answer that is NaN", {"a.csv": HEAD + ROWS + b"c,1,NaN,0.5\n"}, "E211", 4),
    Nasty("an answer that is infinite", {"a.csv": HEAD + ROWS + b"c,1,-inf,0.5\n"}, "E211", 4),
    Nasty(
        "a bare NaN in JSONL",
        {"a.jsonl": b'{"unit":1,"label":1,"baseline":NaN,"candidate":1}\n'},
        "E211",
        1,
    ),
    Nasty(
        "a Parquet NaN", {"a.parquet": parquet({**GOOD, "candidate": [0.5, float("nan")]})}, "E211"
    ),
    Nasty(
        "a label that is NaN",
        {"a.parquet": parquet({**GOOD, "label": [1.0, float("nan")]})},
        "E211",
    ),
    Nasty(
        "a weight of words",
        {"a.csv": csv("unit,label,baseline,candidate,weight\na,1,1,1,x\n")},
        "E211",
        2,
    ),
    Nasty(
        "a weight of zero",
        {"a.csv": csv("unit,label,baseline,candidate,weight\na,1,1,1,0\n")},
        "E211",
        2,
    ),
    Nasty(
        "a row without a weight", {"a.parquet": parquet({**GOOD, "weight": [1.0, None]})}, "E211"
    ),
    Nasty(
        "a moment of words",
        {"a.csv": csv("unit,label,baseline,candidate,at\na,1,1,1,noon\n")},
        "E212",
        2,
    ),
    Nasty(
        "moments with and without a zone",
        {
            "a.csv": csv(
                "unit,label,baseline,candidate,at\n"
                "a,1,1,1,2026-11-20T09:00:00Z\nb,1,1,1,2026-11-20 09:00:00\n"
            )
        },
        "E212",
        3,
    ),
    Nasty("a row without a unit", {"a.csv": HEAD + ROWS + b",1,0.5,0.5\n"}, "E218", 4),
    Nasty(
        "a row without a cluster", {"a.parquet": parquet({**GOOD, "cluster": ["x", None]})}, "E218"
    ),
    Nasty("mixed line ends", {"a.csv": HEAD + b"a,1,0.9,0.8\r\nb,0,0.1,0.2\n"}, "E219", 2),
)
