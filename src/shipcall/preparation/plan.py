"""Plan: what to do on every day until the interview, worked out anew from the diary each time.

A plan is never stored. It is what follows, on the morning of a day, from what was done before
it; so a day that was missed or went badly is dealt with by the next morning, and nobody is ever
behind. What is done in the course of a day is ticked on that day's list and changes the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shipcall.preparation.aim import GENTLY, SHORT, Aim
from shipcall.preparation.cards import Forecast, Standing
from shipcall.preparation.question import questions
from shipcall.preparation.skills import Need, skills
from shipcall.preparation.tasks import (
    Task,
    Theme,
    cards_task,
    case_task,
    diagnostic_task,
    form_task,
    lesson_task,
    loop_task,
    packets_task,
    paper_task,
    papers,
    question_task,
    spot_task,
)

CASES_A_DAY = PAPERS_A_DAY = 2
REST = 14
"""Days until a case that the plan deals may come again, as if it went well."""
SPOT_FROM = 20.0
"""Minutes of a day below which there is no time for a set of spot decisions."""
MONTH: tuple[tuple[Theme, int], ...] = (
    ("begin", 1),
    ("core", 4),
    ("rollout", 5),
    ("incidents", 5),
    ("users", 3),
    ("design", 2),
    ("costs", 2),
    ("mocks", 5),
    ("weakest", 1),
    ("light", 1),
    ("rest", 1),
)
"""Themes of the last 30 days, with how many days each gets."""
ASKED: Mapping[Theme, tuple[str, ...]] = {
    "begin": ("release call",),
    "core": ("release call", "evaluation"),
    "rollout": ("rollout and experiments",),
    "incidents": ("drift and incidents", "data"),
    "users": ("users",),
    "design": ("design", "strategy"),
    "costs": ("cost and latency", "safety and ethics"),
    "light": ("people",),
}
"""Skills that a theme turns to first; a theme that is not here turns to all of them."""
TITLES: Mapping[Theme, str] = {
    "gently": "Begin gently",
    "begin": "Where you are",
    "core": "The call and what it rests on",
    "rollout": "Shadow, rollout, experiments",
    "incidents": "Incidents and drift",
    "users": "Who stays, who tires, who moves",
    "design": "Designs, and what is worth building",
    "costs": "Costs, trade-offs, harm",
    "mocks": "Rehearsals",
    "weakest": "The two weakest",
    "light": "Light review, and your stories",
    "rest": "Rest",
    "mixed": "A bit of everything",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A case of the shelf, as far as a plan needs it."""

    id: str
    slug: str
    title: str
    minutes: float
    skill: str | None
    due: date | None
    """When it comes back; None: it was never played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known on the morning of a day."""

    needs: Sequence[Need]
    cases: Sequence[Shelved]
    lessons: frozenset[str] = frozenset()
    """Those that were read."""
    questions: frozenset[str] = frozenset()
    """Those whose strong answer was seen."""
    forms: Mapping[str, int] = field(default_factory=dict)
    """How often each was answered."""
    ticked: frozenset[str] = frozenset()
    """Papers that were ticked."""
    cards: Sequence[Standing] = ()
    """Where those stand that were met."""
    diagnosed: bool = False
    rehearsals: int = 0
    """Begun so far."""
    unread: bool = False
    """Was the newest rehearsal not read in full?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a plan."""

    on: date
    theme: Theme
    title: str
    tasks: tuple[Task, ...]

    @property
    def minutes(self) -> int:
        """What its tasks take together."""
        return sum(one.minutes for one in self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All days from one on, the day before the interview last."""

    needs: tuple[Need, ...]
    days: tuple[Day, ...]


def plan(aim: Aim, today: date, known: Known) -> Plan:
    """Deal tasks to the days that are left.

    Every skill has its share of all minutes; a day turns to the skills of its theme and takes
    first what has most minutes left. A theme whose skills are used up turns to the others.
    """
    themes = themes_from(aim, today)
    dealer = _Dealer(aim, known, len(themes))
    days = []
    for place, theme in enumerate(themes):
        on = today + timedelta(days=place)
        tasks = tuple(dealer.day(on, theme, first=not place))
        days.append(Day(on=on, theme=theme, title=TITLES[theme], tasks=tasks))
    return Plan(needs=tuple(known.needs), days=tuple(days))


def themes_from(aim: Aim, today: date) -> list[Theme]:
    """Give the theme of every day from today to the one before the interview."""
    whole = _themes((aim.interview - aim.begun).days)
    done = max((today - aim.begun).days, 0)
    return whole[done:]


def _themes(days: int) -> list[Theme]:
    month: list[Theme] = [theme for theme, count in MONTH for _ in range(count)]
    if days <= SHORT:
        return ["mocks" if place % 2 else "mixed" for place in range(days)]
    if days >= GENTLY:
        gently: list[Theme] = ["gently"] * (days - GENTLY)
        return [*month[:1], *gently, *month[1:]]
    body = len(month) - 2
    pressed = [month[place * body // (days - 2)] for place in range(days - 2)]
    return [*pressed, *month[-2:]]


class _Dealer:
    """Deals tasks day by day; what was dealt once is not dealt again."""

    def __init__(self, aim: Aim, known: Known, days: int) -> None:
        self._aim, self._known = aim, known
        total = aim.minutes * days
        self._cards = Forecast(known.cards, aim.interview)
        self._left = {one.skill: one.share * total for one in known.needs}
        self._due = {one.id: one.due for one in known.cases}
        self._pool = {one.name: self._tasks_of(one.name) for one in skills()}
        self._papers = [one for one in papers() if one.id not in known.ticked]
        self._diagnosed = known.diagnosed
        self._rehearsals = known.rehearsals
        self._step = _READ if known.unread else _MIXED if known.rehearsals else _REHEARSE

    def _tasks_of(self, skill: str) -> list[Task]:
        """Lessons, forms and questions of a skill, one kind after the other."""
        (one,) = (one for one in skills() if one.name == skill)
        lessons = [
            lesson_task(slug, skill) for slug in one.lessons if slug not in self._known.lessons
        ]
        forms = [
            form_task(name, skill, number)
            for name in one.forms
            for number in range(self._known.forms.get(name, 0) + 1, _TIMES.get(name, 1) + 1)
        ]
        asked = [
            question_task(q.id)
            for q in questions()
            if q.family.value == skill and q.id not in self._known.questions
        ]
        return _alternating(forms, lessons, asked)

    def day(self, on: date, theme: Theme, *, first: bool) -> list[Task]:
        """Give the tasks of one day."""
        if theme == "rest":
            return []
        rehearsal = self._rehearsal() if theme == "mocks" else None
        theme = "mixed" if theme == "mocks" and rehearsal is None else theme
        tasks = self._every_day(on, theme, first=first)
        if not self._diagnosed and first:
            self._diagnosed = True
            tasks.append(diagnostic_task())
        if rehearsal is not None:
            return [*tasks, rehearsal]
        tasks += self._paper(theme)
        tasks += self._next(theme, room=self._aim.minutes, least=not tasks)
        tasks += self._cases(on, theme, room=self._room(tasks))
        while more := self._next(theme, room=self._room(tasks), least=False):
            tasks += more
        for one in tasks:
            if one.kind == "lesson":
                self._cards.learned(one.about, on)
        return tasks or [spot_task()]

    def _room(self, tasks: Sequence[Task]) -> float:
        return self._aim.minutes - sum(one.minutes for one in tasks)

    def _every_day(self, on: date, theme: Theme, *, first: bool) -> list[Task]:
        """Cards that are due; on later days those that will be, by a forecast."""
        count = self._cards.taken(on)
        cards = [cards_task(count, forecast=not first)] if count else []
        spots = theme not in {"begin", "gently", "light", "mocks"}
        return [*cards, spot_task()] if spots and self._aim.minutes >= SPOT_FROM else cards

    def _paper(self, theme: Theme) -> list[Task]:
        count = 1 if theme == "mixed" else PAPERS_A_DAY
        fitting = [one for one in self._papers if theme in {one.theme, "mixed"}][:count]
        for one in fitting:
            self._papers.remove(one)
        return [paper_task(one) for one in fitting]

    def _rehearsal(self) -> Task | None:
        """Begin a rehearsal, finish it and read its packets, then a day for what it showed."""
        step, self._step = self._step, (self._step + 1) % 3
        loops = self._aim.loops
        if step == _REHEARSE:
            self._rehearsals += 1
            return loop_task(loops[(self._rehearsals - 1) % len(loops)], self._rehearsals)
        if step == _READ:
            return packets_task(loops[(self._rehearsals - 1) % len(loops)], self._rehearsals)
        return None

    def _cases(self, on: date, theme: Theme, *, room: float) -> list[Task]:
        """Those that are due again, then one of the theme; on the weakest day the two weakest."""
        if theme in {"begin", "gently", "light"}:
            return []
        due = [one for one in self._known.cases if (day := self._due[one.id]) and day <= on]
        due.sort(key=lambda one: (self._due[one.id] or on, one.id))
        order = [one.skill for one in sorted(self._known.needs, key=lambda one: -one.gap)]
        asked = ASKED.get(theme, order)
        new = [one for one in self._known.cases if one.skill in asked and not self._due[one.id]]
        new.sort(key=lambda one: (order.index(one.skill or ""), one.id))
        found = []
        for one in [*due[:CASES_A_DAY], *new][:CASES_A_DAY]:
            task = case_task(one.id, one.slug, one.title, one.minutes, one.skill)
            if task.minutes <= room:
                found.append(task)
                room -= task.minutes
                self._due[one.id] = on + timedelta(days=REST)
                self._spend(one.skill, task.minutes)
        return found

    def _next(self, theme: Theme, *, room: float, least: bool) -> list[Task]:
        """Take the next task of the skill that has most minutes left and something to do.

        Args:
            theme: Its skills come first.
            room: Minutes that are left of the day.
            least: Take one even if it does not fit: a day has something to do.
        """
        asked = ASKED.get(theme, tuple(self._pool))
        for names in (asked, tuple(self._pool)):
            there = [name for name in names if self._pool[name]]
            for name in sorted(there, key=lambda name: -self._left.get(name, 0.0)):
                one = self._pool[name][0]
                if one.minutes <= room or least:
                    self._pool[name].pop(0)
                    self._spend(name, one.minutes)
                    return [one]
        return []

    def _spend(self, skill: str | None, minutes: float) -> None:
        if skill is not None:
            self._left[skill] = self._left.get(skill, 0.0) - minutes


_REHEARSE, _READ, _MIXED = range(3)
_TIMES = {"imof": 3}
"""Forms that the plan asks for more than once."""


def _alternating(*kinds: Sequence[Task]) -> list[Task]:
    longest = max((len(kind) for kind in kinds), default=0)
    return [kind[place] for place in range(longest) for kind in kinds if place < len(kind)]
