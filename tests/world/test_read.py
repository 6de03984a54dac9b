"""Reading a world: every fault at once, each with its line, what was expected, and a fix."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipcall.core import ContractError
from shipcall.world.read import parse_world, read_world
from shipcall.world.write import as_toml

HEAD = 'shipcall_world = 1\nname = "first"\nseed = 7\n'
TRAIT = '[[trait]]\ncolumn = "country"\nlevels = { US = 0.7, NZ = 0.3 }\n'


def told(text: str) -> list[tuple[int | None, str, str, str]]:
    with pytest.raises(ContractError) as raised:
        parse_world(text, file="world.toml")
    return [(f.line, f.code, f.seen, f.fix) for f in raised.value.faults]


def test_a_world_is_read_whole() -> None:
    world = parse_world(
        HEAD + "start = 2026-03-01\n" + TRAIT + "[stream]\nrows_per_day = 50\n"
        '[[fault]]\nkind = "bots"\nwhere = { country = "NZ" }\n',
        file="world.toml",
    )
    assert world.start == datetime(2026, 3, 1, tzinfo=UTC)
    assert world.trait[0].levels == {"US": 0.7, "NZ": 0.3}
    assert world.fault[0].where == {"country": "NZ"}


def test_a_world_is_the_same_after_it_was_written() -> None:
    text = (
        HEAD
        + 'kind = "ranker"\nbaseline = "a \\"quoted\\" name"\n'
        + TRAIT.replace("US", '"N. America"')
        + "[people]\ncount = 12\nweekday = [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5]\n"
        + "[model.candidate]\nskill = 1.25\n[items]\ncount = 20\n"
        + '[[outcome]]\nname = "click"\n[[outcome]]\nname = "buy"\nbase = 0.1\n[rollout]\n'
        + '[stream]\n[[fault]]\nkind = "bots"\nwhere = { country = "NZ" }\n'
    )
    world = parse_world(text, file="world.toml")
    assert parse_world(as_toml(world), file="again.toml") == world


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "dayz = 3\n", (4, "E412", "a key 'dayz'", "did you mean 'days'?")),
        (HEAD + "[stream]\nrow = 3\n", (5, "E412", "a key 'row'", "take it out")),
        (HEAD + 'days = "x"\n', (4, "E413", "'x'", "change days")),
        (HEAD + 'days = "3"\n', (4, "E413", "'3'", "change days")),
        (HEAD + "[people]\ncount = -3\n", (5, "E413", "-3", "change count")),
        (HEAD + "[people]\ncount = true\n", (5, "E413", "true", "change count")),
        (HEAD + "[model.candidate]\nskill = nan\n", (5, "E413", "nan", "change skill")),
        (
            HEAD + '[[fault]]\nkind = "unit_chang"\n[stream]\n',
            (5, "E414", "kind of fault 'unit_chang'", "did you mean 'unit_change'?"),
        ),
        (
            HEAD + TRAIT + '[stream]\n[[fault]]\nkind = "bots"\nwhere = { contry = "US" }\n',
            (10, "E415", "trait 'contry'", "did you mean 'country'?"),
        ),
        (
            HEAD + TRAIT + '[stream]\n[[fault]]\nkind = "bots"\n[fault.where]\ncountry = "UK"\n',
            (11, "E415", "level of country 'UK'", "take one of those"),
        ),
        (
            HEAD + TRAIT + "visits = { DE = 2.0 }\n",
            (7, "E415", "level 'DE'", "take one of those"),
        ),
        (
            'shipcall_world = 1\nname = "first"\n',
            (1, "E411", "no key 'seed'", "add seed = …"),
        ),
        (
            HEAD + "[model.candidat]\nskill = 1.0\n",
            (4, "E413", "'candidat'", "did you mean 'candidate'?"),
        ),
        (
            HEAD + '[stream]\nmodel = "candidat"\n',
            (5, "E413", "'candidat'", "did you mean 'candidate'?"),
        ),
        (
            HEAD + '[link]\noutcome = "clik"\nrate = 1.0\n[[outcome]]\nname = "click"\n',
            (5, "E414", "outcome 'clik'", "did you mean 'click'?"),
        ),
        (
            HEAD + '[labels]\nnoisy = "users"\n',
            (5, "E414", "source 'users'", "take one of those"),
        ),
        (HEAD + 'write = ["score"]\n', (4, "E414", "table 'score'", "did you mean 'scores'?")),
        (
            HEAD + 'write = ["stream"]\n[items]\n',
            (
                4,
                "E417",
                "the table 'stream'",
                "add the section it is drawn from, or take it out",
            ),
        ),
        (
            HEAD + '[items]\n[[fault]]\nkind = "bots"\n',
            (
                6,
                "E416",
                "'bots' in a world that draws changes, scores",
                "add the section they are drawn from, or take the fault out",
            ),
        ),
        (
            HEAD + '[stream]\n[[fault]]\nkind = "feedback_loop"\n',
            (
                6,
                "E416",
                "'feedback_loop' without stream.exploration above 0",
                "give it stream.exploration above 0, or take the fault out",
            ),
        ),
        (
            HEAD + '[stream]\n[[fault]]\nkind = "bots"\nday = 28\n',
            (
                7,
                "E416",
                "a fault from day 28 on, in a world of 28 days",
                "let it begin earlier, or make the world longer",
            ),
        ),
        (
            HEAD + TRAIT.replace("country", "label"),
            (5, "E417", "a trait 'label'", "call it 'label_group'"),
        ),
        (
            HEAD + '[[outcome]]\nname = "a"\n[[outcome]]\nname = "a"\n',
            (7, "E417", "a second outcome 'a'", "give one of them another name"),
        ),
        (
            HEAD + "[rollout]\nshares = [0.1]\nhours = [1.0, 2.0]\n",
            (4, "E417", "1 shares for 2 lengths in hours", "change one of them"),
        ),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, expected: tuple[int, str, str, str]) -> None:
    assert told(text) == [expected]


def test_all_faults_of_a_file_come_at_once() -> None:
    text = (
        "shipcall_world = 1\n"
        "dayz = 14\n"
        + TRAIT
        + '[stream]\nrows_per_day = -3\n[[fault]]\nday = 3\n[[fault]]\nkind = "latenci"\n'
        + '[[fault]]\nkind = "bots"\nwhere = { country = "UK" }\nseverity = 2\n'
    )
    assert [(line, code) for line, code, _, _ in told(text)] == [
        (1, "E411"),
        (1, "E411"),
        (2, "E412"),
        (7, "E413"),
        (8, "E411"),
        (11, "E414"),
        (14, "E415"),
        (15, "E413"),
    ]


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "an empty file"),
        (b"# nothing\n", "an empty file"),
        (b"seed = 1\n", "no key 'shipcall_world'"),
        (b'shipcall_world = 1\nname = "\xe9"\n', "byte 0xe9 in line 2 is not UTF-8"),
        (b"#" * 1_000_001, "more than 1,000,000 bytes"),
    ],
    ids=["empty", "only comments", "another file", "not UTF-8", "too large"],
)
def test_what_is_no_world_is_refused(tmp_path: Path, content: bytes, seen: str) -> None:
    file = tmp_path / "world.toml"
    file.write_bytes(content)
    with pytest.raises(ContractError) as raised:
        read_world(file)
    assert [fault.seen for fault in raised.value.faults] == [seen]
    assert "shipcall_world = 1" in raised.value.faults[0].expected


def test_what_is_no_toml_is_told_with_its_line() -> None:
    (line, code, _, fix), *rest = told(HEAD + "days = \n")
    assert (line, code, rest) == (4, "E401", [])
    assert "quotes" in fix


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="No such file"):
        read_world(tmp_path / "none.toml")
    with pytest.raises(ContractError, match="directory"):
        read_world(tmp_path)


def test_too_many_slices_are_refused() -> None:
    many = ", ".join(f"l{n} = 1" for n in range(101))
    text = HEAD + "".join(
        f'[[trait]]\ncolumn = "{name}"\nlevels = {{ {many} }}\n' for name in ("one", "two")
    )
    assert [seen for _, _, seen, _ in told(text)] == ["10,201 combinations of levels"]
