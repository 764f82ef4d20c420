"""Projects with as many episodes as a day's work has: the demo's, copied onto the same media."""

from tests.stack import Stack

MAKE = """
import uuid
from annotation.services.add_episodes import add_episodes
from annotation.services.create_project import create_project
from annotation.services.set_membership import set_membership
from episodes.models import Dataset, Episode
from review.services.demo import DATASET, PEOPLE, people
cast = people()
project = create_project(actor=cast["root"], name={name!r}, guideline="", overlap=1)
for name, role in PEOPLE.items():
    set_membership(actor=cast["root"], project=project, user=cast[name], role=role)
originals = list(Dataset.objects.get(name=DATASET).episodes.ready().order_by("index"))
ids = []
for number in range({count}):
    source = originals[number % len(originals)]
    copy = Episode.objects.get(pk=source.pk)
    parts = [*source.streams.all(), *source.signals.all()]
    copy.pk, copy.key, copy.index = uuid.uuid4(), f"{prefix}-{{number:04}}", {index} + number
    copy._state.adding = True
    copy.save(force_insert=True)
    for part in parts:
        part.pk, part.episode = uuid.uuid4(), copy
        part._state.adding = True
        part.save(force_insert=True)
    ids.append(copy.pk)
add_episodes(actor=cast["mei"], project=project, episode_ids=ids)
"""


def make_project(stack: Stack, name: str, count: int, index: int = 50_000) -> str:
    """A project of ``count`` episodes for one annotator each; its name."""
    words = MAKE.format(name=name, count=count, prefix=name.lower().replace(" ", "-"), index=index)
    stack.shell.run(words)
    return name
