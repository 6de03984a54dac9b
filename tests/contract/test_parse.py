import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipcall.contract.contract import Contract
from shipcall.contract.faults import TITLES, FaultList
from shipcall.contract.parse import MOST_BYTES, judge_tables, parse_contract, read_contract
from shipcall.contract.positions import Path as Path_
from shipcall.contract.positions import scan
from shipcall.core.errors import ContractError, Fault

HERE = Path(__file__).parent
NASTY = sorted((HERE / "nasty").glob("*.toml"))
ANNOTATED = [path for path in NASTY if "#!" in path.read_text(encoding="utf-8")]
EXAMPLE = (HERE / "design_example.toml").read_text(encoding="utf-8")


def faults_of(text: str, file: str = "release.toml") -> tuple[Fault, ...]:
    with pytest.raises(ContractError) as caught:
        parse_contract(text, file=file)
    return caught.value.faults


def outcome(text: str) -> Contract | tuple[Fault, ...]:
    try:
        return parse_contract(text, file="release.toml")
    except ContractError as error:
        return error.faults


def codes(text: str) -> list[str]:
    return [fault.code for fault in faults_of(text)]


def announced(path: Path) -> list[tuple[int, str]]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        _, _, comment = line.partition("#!")
        found += [(number, code) for code in comment.split()]
    return sorted(found)


@pytest.mark.parametrize("path", ANNOTATED, ids=lambda path: path.stem)
def test_a_nasty_contract_gives_exactly_the_faults_noted_at_its_lines(path: Path) -> None:
    """The codes behind `#!` in each file were written by hand from the rules, line by line."""
    with pytest.raises(ContractError) as caught:
        read_contract(path)
    found = sorted((fault.line or 0, fault.code) for fault in caught.value.faults)
    assert found == announced(path)


@pytest.mark.parametrize("path", ANNOTATED, ids=lambda path: path.stem)
def test_every_fault_says_where_what_was_expected_and_what_to_do(path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        read_contract(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    for fault in caught.value.faults:
        assert fault.file == str(path)
        assert fault.line is not None
        assert fault.column is not None
        assert fault.source == lines[fault.line - 1]
        assert 1 <= fault.column <= len(fault.source) + 1
        assert fault.seen
        assert fault.expected
        assert fault.fix
        assert fault.title == TITLES[fault.code]


def test_every_code_of_the_table_is_provoked_somewhere() -> None:
    noted = {code for path in ANNOTATED for _, code in announced(path)}
    assert set(TITLES) - noted == {"E002", "E003"}


def test_the_example_of_the_design_passes() -> None:
    contract = read_contract(HERE / "design_example.toml")
    assert contract.stages == ("gate", "shadow", "rollout")
    assert contract.check[2].may_lose is not None
    assert contract.check[2].may_lose.relative
    assert contract.check[3].slice == {"country": "NZ"}
    assert contract.slices is not None
    assert contract.slices.may_lose.value == pytest.approx(0.010)
    assert contract.evidence["rankings"].expect.units == 48210
    assert contract.evidence["outcomes"].path == "evidence/outcomes/*.parquet"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "release.toml"
    path.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode())
    assert read_contract(path) == parse_contract(EXAMPLE, file="release.toml")


def test_windows_line_ends_keep_the_lines_of_faults() -> None:
    broken = EXAMPLE.replace("better_by = 0.002", "better_by = -0.002")
    (unix,) = faults_of(broken)
    (windows,) = faults_of("\ufeff" + broken.replace("\n", "\r\n"))
    assert (unix.line, unix.column, unix.source) == (windows.line, windows.column, windows.source)
    assert unix.source == "better_by = -0.002"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"# only a comment\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("shipcall = 1".encode("utf-16"), "UTF-16"),
        (b'shipcall = 1\n[release]\nid = "caf\xe9"\n', "byte 0xe9 in line 3"),
        (b"#" * (MOST_BYTES + 1), "more than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_text_is_refused_in_words(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "release.toml"
    path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        read_contract(path)
    (fault,) = caught.value.faults
    assert fault.code == "E002"
    assert words in fault.seen


def test_a_directory_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "directory"), (tmp_path / "gone.toml", "no such file")):
        with pytest.raises(ContractError) as caught:
            read_contract(path)
        assert [fault.code for fault in caught.value.faults] == ["E002"]
        assert words in caught.value.faults[0].seen
    for strange in (tmp_path / ("x" * 300), Path("a\0b"), Path("/dev/null")):
        with pytest.raises(ContractError):
            read_contract(strange)


def test_other_languages_are_refused_by_name_and_by_look() -> None:
    yaml = (HERE / "nasty" / "yaml.toml").read_text(encoding="utf-8")
    json = (HERE / "nasty" / "json.toml").read_text(encoding="utf-8")
    for text, file, words in (
        (yaml, "release.toml", "YAML"),
        ("shipcall = 1", "release.yaml", "YAML"),
        (json, "release.toml", "JSON"),
        ("[1]", "release.json", "JSON"),
    ):
        (fault,) = faults_of(text, file)
        assert fault.code == "E003"
        assert words in fault.seen
        assert "shipcall new" in fault.fix


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("better_by = 0,002", "with a point"),
        ("better_by = .002", "both sides of the point"),
        ("better_by = 2%", '"2%"'),
        ("better_by = 2pp", '"1pp"'),
        ("better_by = None", "leave the key out"),
        ("better_by = small", "in quotes"),
        ("better_by: 0.002", "equals sign"),
        ('better_by = "2%', "close the text"),
        ("better_by =", "value after the equals sign"),
        ("better_by = \u201c2%\u201d", "straight quotes"),
    ],
)
def test_a_line_that_is_not_toml_gets_a_hint(written: str, hint: str) -> None:
    found = faults_of(EXAMPLE.replace("better_by = 0.002", written))
    assert [fault.code for fault in found][:1] == ["E001"]
    assert hint in found[0].fix
    assert written in found[0].source


@pytest.mark.parametrize(
    ("before", "after", "suggestion"),
    [
        ("may_lose  =", "may_loose =", "may_lose"),
        ('metric    = "hide"', 'metric = "hidden"', "hide"),
        ('kind = "ndcg"', 'kind = "ndgc"', "ndcg"),
        ('role      = "goal"', 'role = "gaol"', "goal"),
        ("rankings     =", "ranking =", "rankings"),
        ('"tenure=new"', '"tenur=new"', "tenure"),
        ("[[check]]", "[[chekc]]", "check"),
    ],
)
def test_a_near_miss_is_named(before: str, after: str, suggestion: str) -> None:
    assert before in EXAMPLE
    found = faults_of(EXAMPLE.replace(before, after))
    assert any(f"did you mean '{suggestion}'?" in fault.fix for fault in found)


def test_what_others_call_a_kind_is_understood() -> None:
    (fault,) = faults_of(EXAMPLE.replace('kind = "ndcg", k = 10', 'kind = "pass^k"'))
    assert fault.fix == "did you mean 'pass_k'?"


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 5000 + "]" * 5000,
        "x = " + "{a=" * 3000 + "1" + "}" * 3000,
        "x = " + "9" * 6000,
        "a" + ".a" * 2000 + " = 1",
        "x = 1\na" + ".a" * 400_000,
        "x = 2026-02-30",
        'x = "\\q"',
        "x = 'open",
        'x = """open',
        "[a\n[b]",
        "= 1",
        "\x00",
        "shipcall = 1 \x07",
        '"" = 1',
        'shipcall = 1\nrelease = [1, "a", 2026-01-01, {}]\nunit = 07:32:00',
        "shipcall = 1\n[release]\n[unit]\n[check]\nx = 1\n[[check]]",
        "shipcall = 1\r[release]\r",
        "[evidence.predictions.columns]\na = 1",
        'check = ["a", 1, {}, []]\nprediction = 3\nmetric = ["x"]\nevidence = "p"\nrisk = []',
        "metric.a.b.c = 1\nmetric.a = 2",
    ],
)
def test_no_text_leads_to_anything_but_faults(text: str) -> None:
    found = faults_of(text)
    assert found
    assert all(str(fault) for fault in found)


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_text_is_never_a_contract_and_never_a_crash(text: str) -> None:
    assert faults_of(text)


@given(st.integers(0, len(EXAMPLE) - 1), st.sampled_from(["", "x", '"', "]", "}", "\n", "-", ","]))
@settings(max_examples=150, deadline=None)
def test_one_changed_character_is_a_contract_or_a_fault(at: int, instead: str) -> None:
    text = EXAMPLE[:at] + instead + EXAMPLE[at + 1 :]
    found = outcome(text)
    assert found
    assert isinstance(found, Contract) or all((fault.line or 1) >= 1 for fault in found)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_lost_line_is_never_silently_filled(data: st.DataObject) -> None:
    """Leaving a promise out gives a fault or a contract that promises less, never the same one."""
    lines = EXAMPLE.splitlines()
    written = [at for at, line in enumerate(lines) if re.match(r"\w+\s*=", line)]
    at = data.draw(st.sampled_from(written))
    defaults = ("repeats", "data_seen", "reversible", "alpha", "harm", "block", "looks", "attempts")
    key = lines[at].split("=")[0].strip()
    same = (*defaults, "detect_at", "bucketing", "need", "currency", "override")
    found = outcome("\n".join(lines[:at] + lines[at + 1 :]))
    assert (found == parse_contract(EXAMPLE, file="r")) == (key in same)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, -1, 1.5, True, "", "x", [], {}, [[]], [{}], ["a", 1], {"a": {}}, 10**30, float("nan")]
)


def put(value: Any, path: Path_, instead: Any) -> Any:
    if not path:
        return instead
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], instead)
    return copy


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_value_in_any_place_is_a_fault_or_fits_and_never_a_crash(data: st.DataObject) -> None:
    """Values are put into the tables behind the example, up to three at a time."""
    tables = tomllib.loads(EXAMPLE)
    faults = FaultList(file="r", positions=scan(EXAMPLE))
    for _ in range(data.draw(st.integers(1, 3))):
        paths = sorted(scan_paths(tables), key=str)
        tables = put(tables, data.draw(st.sampled_from(paths)), data.draw(JUNK))
    found = judge_tables(tables, faults)
    assert isinstance(found, Contract)
    if not faults.faults:
        assert Contract.model_validate(tables) == found


def scan_paths(value: Any, path: Path_ = ()) -> set[Path_]:
    inner: Any = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    found = {path} if path else set()
    return found.union(*(scan_paths(item, (*path, key)) for key, item in inner))


def test_a_key_twice_in_one_line_is_told_without_further_confusion() -> None:
    text = EXAMPLE.replace('kind = "ndcg", k = 10', 'kind = "ndcg", kind = "mrr", k = 10')
    (fault,) = faults_of(text)
    assert fault.code == "E001"
    assert "a second time" in fault.seen


def test_faults_come_in_the_order_of_the_file() -> None:
    found = faults_of((HERE / "nasty" / "stages.toml").read_text(encoding="utf-8"))
    places = [(fault.line, fault.column) for fault in found]
    assert places == sorted(places, key=lambda place: (place[0] or 0, place[1] or 0))


@pytest.mark.large
def test_a_large_contract_full_of_faults_is_read_in_seconds() -> None:
    check = (
        '[[check]]\nid = "a{0}"\nstage = "gate"\nrole = "goal"\nmetric = "m{0}x"\nbetter_by=-1\n'
    )
    metric = 'm{0} = {{ level = "model", kind = "accuracy" }}\n'
    text = "shipcall = 1\n[metric]\n" + "".join(metric.format(n) for n in range(1500))
    text += "".join(check.format(n) for n in range(1500))
    found = codes(text)
    assert found.count("E104") == 1500
    assert found.count("E110") == 1500
