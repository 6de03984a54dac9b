"""constraints.txt and pyproject.toml: what is promised, what is pinned, what is imported."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
SHIPS = {"pydantic_core": "pydantic", "ibis": "ibis-framework", "sklearn": "scikit-learn"}
"""Module -> the distribution that brings it, where the names differ."""


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def requirements(*extras: str) -> list[Requirement]:
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += [line for line in EXTRAS[extra] if not line.startswith("shipcall[")]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("wanted", requirements("test", "dev"), ids=str)
def test_a_direct_dependency_is_pinned_within_its_bounds(wanted: Requirement) -> None:
    assert pins()[canonicalize_name(wanted.name)] in wanted.specifier


def _needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Read what an installed distribution needs here, with the extras asked for."""
    for line in metadata.requires(name) or ():
        needed = Requirement(line)
        marker = needed.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras)):
            yield canonicalize_name(needed.name), frozenset(needed.extras)


def closure() -> set[str]:
    """Everything that the direct dependencies pull in, read from what is installed."""
    waiting: list[tuple[str, frozenset[str]]] = [
        (str(canonicalize_name(wanted.name)), frozenset(wanted.extras))
        for wanted in requirements("test", "dev")
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        item = waiting.pop()
        if item not in seen:
            seen.add(item)
            waiting.extend(_needs(*item))
    return {name for name, _ in seen}


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11) or sys.platform != "linux",
    reason="constraints.txt speaks of Python 3.11 on Linux; elsewhere a few packages more",
)
def test_the_pins_are_everything_that_gets_installed_and_nothing_else() -> None:
    assert set(pins()) == closure()


def test_the_pins_are_sorted_exact_and_name_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith("#")]
    assert body == sorted(body)
    assert len(body) == len(set(pins()))
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9A-Za-z.]*", line) for line in body)


@pytest.mark.parametrize(
    ("name", "version"),
    [("ibis-framework", "12.0.0"), ("sqlglot", "30.17.0"), ("duckdb", "1.5.6")],
)
def test_the_engine_is_the_measured_trio(name: str, version: str) -> None:
    """With a newer sqlglot, ibis 12 drops tables without a name; with duckdb 2 it has no Arrow."""
    assert pins()[name] == version


@pytest.mark.parametrize(
    ("name", "broken"),
    [("sqlglot", "30.18.0"), ("sqlglot", "30.30.0"), ("duckdb", "2.0.0"), ("ibis-framework", "13")],
)
def test_a_user_without_pins_cannot_get_a_broken_engine(name: str, broken: str) -> None:
    (wanted,) = [r for r in requirements() if r.name == name]
    assert broken not in wanted.specifier


def test_this_very_environment_has_the_pinned_engine_or_the_lowest_allowed_one() -> None:
    for wanted in requirements():
        assert metadata.version(wanted.name) in wanted.specifier, wanted


def _imported(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add((node.module or "").split(".")[0])
    return found - set(sys.stdlib_module_names) - {"shipcall"}


def _distributions(modules: set[str]) -> set[str]:
    return {canonicalize_name(SHIPS.get(module, module)) for module in modules}


def test_what_the_package_imports_is_what_it_depends_on() -> None:
    """Sqlglot is the one dependency that is bounded for another's sake and not imported."""
    direct = {canonicalize_name(wanted.name) for wanted in requirements("postgres")}
    assert _distributions(_imported(ROOT / "src")) == direct - {"sqlglot"}


def test_what_the_tests_import_is_in_the_test_extra() -> None:
    own = {"builders", "strategies", "report", *(p.stem for p in (ROOT / "tests").iterdir())}
    allowed = {canonicalize_name(wanted.name) for wanted in requirements("test", "dev")}
    imported = _imported(ROOT / "tests") - (own - {"packaging"})
    assert _distributions(imported) <= allowed


def test_the_requirements_of_every_installed_package_are_met() -> None:
    """`pip check` looks at the whole environment, transitive packages included."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    if "No module named pip" in asked.stderr:
        pytest.skip("an environment made by uv holds no pip to ask")
    assert asked.returncode == 0, asked.stdout
