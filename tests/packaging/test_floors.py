"""The rules of [tool.importlinter]: each is broken once in a copy, and must say so."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
RULES: dict[str, Any] = {
    rule["name"].split(":")[0]: rule
    for rule in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("floors")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(
        ROOT / "src",
        folder / "src",
        ignore=lambda _, names: {n for n in names if "." in n and not n.endswith(".py")},
    )
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(
        [LINT, "--no-logo", "--cache-dir", str(folder / "cache")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_package_keeps_its_floors(copied: Path) -> None:
    done = lint(copied)
    assert done.returncode == 0, done.stdout
    assert f"{len(RULES)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("stuff/__init__.py", "", "not listed as layers"),
        ("stuff.py", "", "not listed as layers"),
        ("contract/extra.py", "import shipcall.data.files", "contract is not allowed to import"),
        ("stats/extra.py", "import shipcall.contract.plan", "stats is not allowed to import"),
        ("core/extra.py", "import numpy", "core is not allowed to import numpy"),
        ("report/extra.py", "import ibis", "report is not allowed to import ibis"),
        ("stages/extra.py", "import shipcall.stages.gate", "shipcall.stages.gate"),
        ("world/extra.py", "import shipcall.stats.means", "shipcall.stats.means"),
        ("world/extra.py", "import duckdb", "world is not allowed to import duckdb"),
    ],
)
def test_a_broken_rule_is_noticed(copied: Path, file: str, line: str, said: str) -> None:
    broken = copied / "src" / "shipcall" / file
    made = broken.parent if not broken.parent.exists() else broken
    broken.parent.mkdir(exist_ok=True)
    broken.write_text(f'"""Breaks a rule."""\n{line}\n', encoding="utf-8")
    try:
        done = lint(copied)
    finally:
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    assert done.returncode == 1
    assert said in done.stdout


def test_no_package_but_data_may_speak_to_an_engine() -> None:
    packages = {
        f"shipcall.{place.stem}"
        for place in (ROOT / "src" / "shipcall").iterdir()
        if (place / "__init__.py").exists() or place.suffix == ".py"
    }
    named = set(RULES["only data speaks to an engine"]["source_modules"])
    exempt = {"shipcall.data", "shipcall.__init__", "shipcall.__main__", "shipcall.main"}
    writes_files = {"shipcall.world"}  # with pyarrow; a rule of its own keeps it from engines
    assert packages - exempt - writes_files <= named
    world = RULES["who makes the truth does not know who judges it"]["forbidden_modules"]
    assert {"ibis", "duckdb", "sqlglot", "pandas", "shipcall.data", "shipcall.stats"} <= set(world)


def test_core_may_use_none_of_our_dependencies() -> None:
    forbidden = set(RULES["core needs nothing but the standard library"]["forbidden_modules"])
    assert {"numpy", "scipy", "pydantic", "duckdb", "ibis", "click", "jinja2", "markupsafe"} | {
        "sqlalchemy",
        "cryptography",
        "pandas",
        "pyarrow",
        "sqlglot",
    } <= forbidden
