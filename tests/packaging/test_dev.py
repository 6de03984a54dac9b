"""dev.py, scripts/lowest.py and scripts/no_machine_paths.py: what they say and what they decide."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from shipcall.ledger.sign import default_path

ROOT = Path(__file__).resolve().parents[2]


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dev(tmp_path: Path) -> ModuleType:
    """dev.py in a folder of its own, so that no test touches the environment it runs in."""
    for name in ("dev.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return _module(tmp_path / "dev.py")


def _record(monkeypatch: pytest.MonkeyPatch, dev: ModuleType) -> list[str]:
    """Let every step of an installation succeed at once, and note what it was."""
    steps: list[str] = []

    def make() -> None:
        dev.VENV.mkdir(exist_ok=True)
        steps.append("make")

    monkeypatch.setattr(dev, "make", make)
    monkeypatch.setattr(dev, "works", lambda: True)
    monkeypatch.setattr(dev, "with_pip", lambda what: steps.append(what[-1]))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    return steps


def test_an_older_python_is_told_which_one_to_use(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    monkeypatch.setattr(sys, "version", "3.10.13 (main)")
    monkeypatch.setattr(sys, "argv", ["dev.py", "demo"])
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "python3.12" else None)
    assert dev.main(["demo"]) == 2
    said = capsys.readouterr()
    assert "this is Python 3.10.13, and 3.11 or newer is needed" in said.err
    assert "Run: python3.12 dev.py demo" in said.err
    assert said.out == ""


@pytest.mark.parametrize("arguments", [[], ["tset"]])
def test_an_unknown_command_is_answered_with_the_known_ones(
    dev: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main(arguments) == 2
    assert "demo|run|test|check|docs|lowest" in capsys.readouterr().err


def test_what_was_installed_is_not_installed_again(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = _record(monkeypatch, dev)
    dev.install("dev")
    dev.install("dev")
    dev.install("")
    assert steps == ["make", ".[dev]"]


def test_changed_pins_are_installed_and_going_back_is_noticed_too(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = _record(monkeypatch, dev)
    pins = dev.ROOT / "constraints.txt"
    first = pins.read_bytes()
    for text in (first, b"click==8.3.0\n", first):
        pins.write_bytes(text)
        dev.install("")
    assert steps.count(".") == 3


def test_an_extra_of_other_pins_does_not_count_as_installed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = _record(monkeypatch, dev)
    dev.install("dev")
    (dev.ROOT / "constraints.txt").write_bytes(b"click==8.3.0\n")
    dev.install("")
    dev.install("dev")
    assert [step for step in steps if step != "make"] == [".[dev]", ".", ".[dev]"]


def test_an_interrupted_installation_does_not_count(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = _record(monkeypatch, dev)
    dev.install("")

    def interrupted(_: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "with_pip", interrupted)
    assert dev.main(["check"]) == 130
    assert "run the same command to go on" in capsys.readouterr().err
    assert dev.installed() == {}
    assert dev.UNFINISHED.exists()
    monkeypatch.setattr(dev, "with_pip", lambda what: steps.append(what[-1]))
    dev.install("")
    assert steps == ["make", ".", "make", "make", "."]
    assert not dev.UNFINISHED.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_damaged_stamp_counts_as_none(dev: ModuleType, text: str) -> None:
    dev.VENV.mkdir()
    dev.STAMP.write_text(text, encoding="utf-8")
    assert dev.installed() == {}


def test_a_sound_environment_somebody_made_is_kept_and_a_broken_one_is_not(
    dev: ModuleType,
) -> None:
    dev.make()
    dev.UNFINISHED.unlink()
    (dev.VENV / "note").touch()
    dev.make()
    assert (dev.VENV / "note").exists()
    dev.PYTHON.unlink()
    dev.make()
    assert not (dev.VENV / "note").exists()
    assert dev.works()


def test_a_folder_that_was_moved_gets_a_new_environment(dev: ModuleType) -> None:
    dev.make()
    dev.UNFINISHED.unlink()
    dev.STAMP.write_text(json.dumps({"place": "elsewhere"}), encoding="utf-8")
    dev.make()
    assert not dev.STAMP.exists()


def test_where_uv_fails_pip_goes_on(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = _record(monkeypatch, dev)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/false")
    dev.install("")
    assert steps == ["make", "."]
    assert "Trying with pip" in capsys.readouterr().err


def test_a_failed_installation_says_what_to_do(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _record(monkeypatch, dev)

    def failed(what: list[str]) -> None:
        raise subprocess.CalledProcessError(1, ["pip", *what])

    monkeypatch.setattr(dev, "with_pip", failed)
    assert dev.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "connect to the network" in said
    assert "The step was: pip -c constraints.txt -e ." in said


def test_the_program_sees_no_other_installation(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    given = dev.environment()
    assert "PYTHONPATH" not in given
    assert given["PATH"].split(os.pathsep)[0] == str(dev.BIN)


@pytest.mark.parametrize(("command", "own"), [("demo", True), ("run", False)])
def test_the_demo_signs_with_a_key_of_its_own_and_work_with_the_persons(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, *, own: bool
) -> None:
    monkeypatch.delenv("SHIPCALL_KEY")
    said = tmp_path / "said"
    program = "import os, sys; open(sys.argv[1], 'w').write(os.environ.get('SHIPCALL_KEY', ''))"
    assert dev.run([sys.executable, "-c", program, str(said)], command) == 0
    assert said.read_text() == (str(dev.VENV / "demo-signing.key") if own else "")


def test_no_test_reaches_the_key_of_the_person_who_runs_it(tmp_path: Path) -> None:
    assert default_path(os.environ).parents[2] in tmp_path.parents


def test_every_lower_bound_becomes_a_pin() -> None:
    script = _module(ROOT / "scripts" / "lowest.py")
    dependencies = ["click>=8.2", "duckdb>=1.4,<1.6", "ibis-framework[duckdb]==12.0.0"]
    pins = script.lowest({"dependencies": dependencies}, ["pytest>=8.2"])
    assert pins == ["click==8.2", "duckdb==1.4", "pytest==8.2"]


def test_what_the_lowest_versions_are_not_tried_on_asks_nothing_of_its_own() -> None:
    """Every name of a dependency in a package that is left out is used by one that is not."""
    left_out = set(_module(ROOT / "scripts" / "lowest.py").NO_CALLS_OF_THEIR_OWN)
    packages = {path.name: path for path in (ROOT / "src" / "shipcall").iterdir() if path.is_dir()}
    asked = {
        name: set().union(*map(_asked_of_others, path.glob("**/*.py")))
        for name, path in packages.items()
    }
    assert asked["data"] > {"ibis.desc", "duckdb.connect"}
    elsewhere = set().union(*(asked[name] for name in asked.keys() - left_out))
    assert [(name, asked[name] - elsewhere) for name in left_out if asked[name] - elsewhere] == []


def _asked_of_others(file: Path) -> set[str]:
    """Dotted names that a file takes from neither the standard library nor the package itself."""
    tree, known = ast.parse(file.read_text(encoding="utf-8")), dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {one.asname or one.name.partition(".")[0]: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    own = {"shipcall", *sys.stdlib_module_names}
    known = {name: path for name, path in known.items() if path.partition(".")[0] not in own}
    written = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    cut = [name.partition(".") for name in written if name.replace(".", "").isidentifier()]
    reached = {f"{known[name]}.{rest}" for name, _, rest in cut if name in known}
    return reached | set(known.values())


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("see /{}/main/x.py".format("work"), True),
        ("file:///{}/ada2/x".format("home"), True),
        ("cd /{}/.cache".format("root"), True),
        ("https://example.org/{}/click".format("simple"), True),
        ("https://example.org/click.{}".format("whl"), True),
        ("/home/ada/.config", False),
        ("src/work/x, ./work/x, a/home/b", False),
        ("https://example.org/page", False),
    ],
)
def test_paths_of_one_machine_and_servers_are_found(line: str, *, wrong: bool) -> None:
    script = _module(ROOT / "scripts" / "no_machine_paths.py")
    assert bool(script.PATHS.search(line) or script.SERVERS.search(line)) is wrong
