"""Which episodes are looked for: a filter as a value, as the query of an address, as a queryset."""

import re
from dataclasses import asdict, dataclass, fields
from typing import Self
from urllib.parse import parse_qsl, urlencode

from django.contrib.auth.models import User
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from episodes.access import Viewer
from episodes.labelling import OUTSIDE, episode_labelling
from episodes.models import Dataset, Episode, SavedFilter, Task

# The words were written down without stemming: names and numbers are searched for as well.
LANGUAGE = "simple"
# A word, a "phrase", either with a minus before it to leave it out.
_WORD = re.compile(r'(-?)"([^"]*)"|(-?)(\S+)')


@dataclass(frozen=True, slots=True)
class EpisodeFilter:
    """What an episode has to be; "" asks nothing. Names are those of the address's query."""

    q: str = ""
    dataset: str = ""
    label: str = ""
    outcome: str = ""
    sync: str = ""
    handing: str = ""
    state: str = ""
    task: str = ""
    tag: str = ""
    robot: str = ""
    scene: str = ""
    thing: str = ""
    operator: str = ""
    session: str = ""
    domain: str = ""
    licence: str = ""
    provenance: str = ""
    consent: str = ""

    @classmethod
    def from_query(cls, query: str) -> Self:
        """Unknown names are passed over: a saved filter may be older than this version."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in parse_qsl(query) if name in known})

    def to_query(self) -> str:
        """The shortest query that says it."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def empty(self) -> bool:
        return not self.to_query()


def matching_episodes(user: Viewer, wanted: EpisodeFilter) -> QuerySet[Episode]:
    """The visible episodes that fit, in no order."""
    found = _open_to(user, wanted).filter(_own_facts(wanted))
    datasets = _datasets(user, wanted)
    if datasets is not None:
        found = found.filter(dataset__in=datasets)
    if wanted.task:
        # Ids instead of a join: the planner then knows how many episodes they stand for.
        tasks = Task.objects.filter(text__icontains=wanted.task).values_list("pk", flat=True)
        found = found.filter(task__in=list(tasks))
    words = search_words(wanted.q)
    if words:
        found = found.filter(search=SearchQuery(words, config=LANGUAGE, search_type="raw"))
    return found


def _open_to(user: Viewer, wanted: EpisodeFilter) -> QuerySet[Episode]:
    """What the person sees, and of that what is labelled as asked.

    What is labelled so in a project of theirs they see: it need not be looked up once more.
    """
    if not (wanted.label or wanted.outcome):
        return Episode.objects.visible_to(user)
    labelled = episode_labelling().labelled(user, state=wanted.label, outcome=wanted.outcome)
    outside = wanted.label == OUTSIDE[0]
    found = Episode.objects.visible_to(user) if outside else Episode.objects.all()
    return found.filter(labelled)


def search_words(text: str) -> str:
    """Typed words as a PostgreSQL tsquery: all of them, each as the beginning of a word.

    "A phrase" stands for its words side by side, a leading minus for "without".
    """
    terms = []
    for minus, phrase, word_minus, word in _WORD.findall(text.replace("\x00", " ")):
        words = re.findall(r"\w+", phrase or word)
        if words:
            beginning = ":*" if word else ""
            # Underscores end a word when the text is read, so they do here.
            quoted = " ".join(words).replace("_", " ").strip()
            if quoted:
                terms.append(f"{'!' if minus or word_minus else ''}'{quoted}'{beginning}")
    return " & ".join(terms)


def saved_filters(user: User) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(owner=user).order_by("name")


def _own_facts(wanted: EpisodeFilter) -> Q:
    """Conditions on the episode's own columns."""
    exact = {
        name: getattr(wanted, name)
        for name in ("scene", "operator", "session", "sync", "state")
        if getattr(wanted, name)
    }
    condition = Q(**exact)
    if wanted.tag:
        condition &= Q(tags__contains=[wanted.tag])
    if wanted.thing:
        condition &= Q(things__contains=[wanted.thing])
    if wanted.handing:
        condition &= Q(held=wanted.handing == "held")
    return condition


def _datasets(user: Viewer, wanted: EpisodeFilter) -> list[int] | None:
    """Ids of the visible datasets that fit; None when no fact of a dataset is asked for."""
    condition = Q()
    one = int(wanted.dataset) if wanted.dataset.isdecimal() else 0
    if wanted.robot:
        condition &= Q(robot_type=wanted.robot) | Q(embodiment__name=wanted.robot)
    for name in ("domain", "consent", "licence"):
        if getattr(wanted, name):
            condition &= Q(**{name: getattr(wanted, name)})
    if wanted.provenance:
        condition &= Q(provenance__icontains=wanted.provenance)
    if not condition:
        # Of a dataset that somebody does not see they see no episode either.
        return [one] if wanted.dataset else None
    if wanted.dataset:
        condition &= Q(pk=one)
    found = Dataset.objects.visible_to(user).filter(condition).order_by()
    return list(found.values_list("pk", flat=True))
