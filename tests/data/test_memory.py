"""Memory: the engine takes as much as it was told, and spills the rest."""

import pytest

from shipcall.core import UsageError
from shipcall.data.connect import MEMORY, Engine


def limit(engine: Engine) -> str:
    ((told,),) = engine.run("SELECT current_setting('memory_limit')")
    return str(told)


def test_the_engine_takes_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY, "200MB")
    engine = Engine([])
    assert limit(engine) == "190.7 MiB"
    engine.close()


@pytest.mark.parametrize("told", ["lots", "2", "-1GB", "2GB; DROP"])
def test_what_is_no_amount_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(MEMORY, told)
    with pytest.raises(UsageError, match="no amount"):
        Engine([])
