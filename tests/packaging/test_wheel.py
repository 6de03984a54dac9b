"""The wheel and the source archive: what is in them, and that the wheel alone can do its work."""

import email.parser
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("src", "examples", "pyproject.toml", "README.md", "LICENSE", ".gitignore")
JUNK = (
    "examples/digit-reader/__pycache__/make.cpython-311.pyc",
    "examples/digit-reader/.shipcall/ledger.db",
    "examples/digit-reader/report.html",
    "src/shipcall/core/__pycache__/call.cpython-311.pyc",
)


def _is_ours(name: str) -> bool:
    """Whether a file of the source tree is meant to be shipped."""
    parts = Path(name).parts
    if parts[0] == "examples":
        return len(parts) > 2 and (
            parts[2] in {"README.md", "contract.toml", "make.py", "world.toml"}
            or parts[2] == "evidence"
        )
    return "__pycache__" not in parts


def _build(tree: Path, kind: str, into: Path) -> Path:
    into.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)],
        cwd=tree,
        check=True,
        capture_output=True,
    )
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree with what a person who ran the examples leaves in it."""
    tree = tmp_path_factory.mktemp("tree")
    skip = shutil.ignore_patterns("__pycache__", ".shipcall", "report.html")
    for name in KEPT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=skip)
        else:
            shutil.copy2(ROOT / name, tree / name)
    for name in JUNK:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(b"junk")
    return tree


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(tree, "wheel", tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def archive(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(tree, "sdist", tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)  # noqa: S202 - we made it a moment ago
    return folder


def _expected(tree: Path) -> set[str]:
    files = (p for part in ("src", "examples") for p in (tree / part).rglob("*") if p.is_file())
    names = (file.relative_to(tree).as_posix() for file in files)
    return {name for name in names if _is_ours(name) and name not in JUNK}


def test_the_wheel_holds_the_package_and_the_examples_and_nothing_else(
    tree: Path, wheel: Path
) -> None:
    with zipfile.ZipFile(wheel) as file:
        held = set(file.namelist())
    about = {name for name in held if ".dist-info/" in name}
    expected = {
        name.removeprefix("src/") if name.startswith("src/") else f"shipcall/{name}"
        for name in _expected(tree)
    }
    assert held - about == expected
    assert {name.split(".dist-info/")[1] for name in about} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "licenses/LICENSE",
    }


@pytest.mark.parametrize(
    "name",
    [
        "shipcall/py.typed",
        "shipcall/contract/templates/classifier.toml",
        "shipcall/report/templates/verdict.html.j2",
        "shipcall/practice/cases/feed-ramp-day-three/case.toml",
        "shipcall/web/templates/base.html.j2",
        "shipcall/web/static/htmx.min.js",
        "shipcall/examples/digit-reader/evidence/predictions.csv",
        "shipcall/examples/support-answers/evidence/scores.parquet",
    ],
)
def test_the_wheel_holds_what_is_no_code(unpacked: Path, name: str) -> None:
    assert (unpacked / name).is_file()


def test_the_wheel_says_what_it_is(unpacked: Path) -> None:
    (file,) = unpacked.glob("*.dist-info/METADATA")
    said = email.parser.Parser().parsestr(file.read_text(encoding="utf-8"))
    assert said["Name"] == "shipcall"
    assert said["Requires-Python"] == ">=3.11"
    assert said["License-Expression"] == "Apache-2.0"
    assert "sqlglot<30.18,>=30.17" in said.get_all("Requires-Dist", [])


def test_the_archive_holds_what_the_wheel_is_made_of_and_nothing_else(
    tree: Path, archive: Path
) -> None:
    with tarfile.open(archive) as file:
        held = {name.split("/", 1)[1] for name in file.getnames()}
    kept = {name for name in KEPT if (tree / name).is_file()}
    assert held == _expected(tree) | kept | {"PKG-INFO"}


def test_the_archive_makes_the_same_wheel(wheel: Path, archive: Path, tmp_path: Path) -> None:
    with tarfile.open(archive) as file:
        file.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        file.extractall(tmp_path / "from")  # noqa: S202 - we made it; Python 3.11.2 knows no filter
    (folder,) = (tmp_path / "from").iterdir()
    again = _build(folder, "wheel", tmp_path / "dist")
    assert again.name == wheel.name
    with zipfile.ZipFile(again) as ours, zipfile.ZipFile(wheel) as theirs:
        assert {i.filename: i.CRC for i in ours.infolist()} == {
            i.filename: i.CRC for i in theirs.infolist()
        }


def _program(unpacked: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the unpacked wheel with the dependencies of this environment, in an empty home."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = {**kept, "HOME": str(home), "PYTHONPATH": str(unpacked)}
    environment["SHIPCALL_KEY"] = str(home / "key")
    return subprocess.run(
        [sys.executable, "-m", "shipcall", *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_alone_gives_the_demo(unpacked: Path, tmp_path: Path) -> None:
    done = _program(unpacked, tmp_path, "demo", "--no-browser", "--dir", "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "NO SHIP" in done.stdout
    reports = sorted(p.parent.name for p in (tmp_path / "demo").glob("*/report.html"))
    assert reports == ["digit-reader", "support-answers", "tumour-screen"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["demo", "key"]


def test_the_wheel_alone_gives_the_practice(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text('{"look": ["headline"], "sheet": {"option": "stay"}}')
    said = ("start", "C16", "--seed", "1", "--answers", "answers.json", "--json")
    done = _program(unpacked, tmp_path, "practice", *said)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["debrief"]["parts"]) == 12
