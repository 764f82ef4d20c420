"""A million submitted sets for bench_dashboards: a year of 200 people, written by COPY.

Ids of records follow from a number, so that rows are made without asking the database.
"""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, models
from django.utils import timezone

from annotation.models import (
    ActivitySpan,
    AnnotationSet,
    Assignment,
    AuditEntry,
    Label,
    Membership,
    Project,
    ProjectEpisode,
)
from annotation.services.register_schema import core_label_schema
from episodes.models import Dataset, Episode, Task
from review.models import Batch, OperationSettings

SEED = 20_261_126
PEOPLE, TASKS, DAYS = 200, 40, 250
CLASSES = ("grasp_closed", "release", "instruction", "instruction", "instruction")
OUTCOMES = ("outcome_success", "outcome_success", "outcome_success", "outcome_failure")
# One set in so many is sent back and handed in again; one in so many has activity.
REWORK, TIMED = 12, 3
# Of the places: waiting, being labelled, handed in, in review; the rest is approved.
OPEN = {"waiting": 0.04, "labelling": 0.002, "submitted": 0.01, "in_review": 0.01}

# The id of the first place.
FIRST = 1_000_000

Row = tuple[object, ...]


def fill(count: int) -> Project:
    """``count`` submitted sets, two an episode, over the last year's working days."""
    people = User.objects.bulk_create(User(username=f"p{n:03d}") for n in range(PEOPLE))
    mei = User.objects.create_user("mei")
    tasks = Task.objects.bulk_create(Task(text=f"put the {n}. thing away") for n in range(TASKS))
    dataset = Dataset.objects.create(
        name="recordings", format="lerobot", source_path="/nowhere", fingerprint="0" * 64
    )
    schema = core_label_schema()
    project = Project.objects.create(name="A year of work", schema=schema, overlap=2)
    Membership.objects.bulk_create(
        Membership(project=project, user=one, role="annotator") for one in people
    )
    Membership.objects.create(project=project, user=mei, role="manager")
    OperationSettings.objects.create(project=project, hourly_cost_cents=1850)
    with connection.cursor() as cursor:
        # References are right by construction; accepted sets come after their places.
        cursor.execute("SET session_replication_role = replica")
        _copy_all(_Year(count, project, dataset, tasks, people))
        cursor.execute("SET session_replication_role = DEFAULT")
    _batches(project, mei)
    AuditEntry.objects.create(
        project=project, action="project.created", subject=f"project:{project.pk}"
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return project


class _Year:
    """What happened, place by place: ``done`` of ``places`` are handed in by two people each."""

    def __init__(
        self, count: int, project: Project, dataset: Dataset, tasks: list[Task], people: list[User]
    ) -> None:
        rng = random.Random(SEED)
        self.project, self.dataset, self.tasks, self.people = project, dataset, tasks, people
        self.now = timezone.now()
        self.days = _working_days(self.now)
        self.done = count // 2
        self.places = round(self.done / (1 - OPEN["waiting"] - OPEN["labelling"]))
        self.durations = [rng.randrange(5, 60) * 10**9 for _ in range(997)]

    def progress(self, n: int) -> str:
        if n >= self.done:
            at_work = n < self.done + round(self.places * OPEN["labelling"])
            return "labelling" if at_work else "waiting"
        if n >= self.done - self.places * OPEN["submitted"]:
            return "submitted"
        reviewed = self.done - self.places * (OPEN["submitted"] + OPEN["in_review"])
        return "in_review" if n >= reviewed else "approved"

    def at(self, n: int, second: int = 0) -> datetime:
        """When a set of a place was handed in: within ten hours of its day."""
        day = self.days[min(n * len(self.days) // self.done, len(self.days) - 1)]
        return day + timedelta(seconds=(n * 7919) % 28_800, hours=2 * second)

    def who(self, n: int, second: int) -> int:
        return self.people[(n + second * 97) % PEOPLE].pk

    def task(self, n: int) -> Task:
        """By turns, as the queue has them: what one person hands in on a day is of many tasks."""
        return self.tasks[(n + 7 * (n // PEOPLE)) % TASKS]

    def again(self, n: int, second: int) -> bool:
        return second == 0 and n % REWORK == 5 and n < self.done * 0.98

    def at_work(self) -> Iterator[tuple[int, datetime]]:
        for n in range(self.done, self.places):
            if self.progress(n) == "labelling":
                yield n, self.now - timedelta(hours=n % 700)

    def pairs(self) -> Iterator[tuple[int, int, datetime]]:
        for n in range(self.done):
            for second in (0, 1):
                yield n, second, self.at(n, second)

    def episodes(self) -> Iterator[Row]:
        begun = self.days[0].isoformat()
        for n in range(self.places):
            yield (
                _id(1, n), self.dataset.pk, f"episode_{n:07d}", n, self.task(n).pk,
                "ready", self.durations[n % 997], 900, 30, 1, "0" * 64, "", "{}", "", "", "{}",
                "green", "f", begun,
            )  # fmt: skip

    def queue(self) -> Iterator[Row]:
        begun = self.days[0].isoformat()
        for n in range(self.places):
            progress = self.progress(n)
            taken = 2 if n < self.done else 1 if progress == "labelling" else 0
            accepted = _id(4 if self.again(n, 0) else 3, 2 * n)
            yield (
                FIRST + n, self.project.pk, _id(1, n), n, "production", 0, 2, progress,
                {"approved": "approved", "in_review": "open"}.get(progress, ""), taken,
                "f" if taken == 2 else "t", accepted if progress == "approved" else None,
                "{outcome_success}" if taken == 2 else "{}", begun,
            )  # fmt: skip

    def assignments(self) -> Iterator[Row]:
        for n, second, end in self.pairs():
            begun, rework = end - timedelta(minutes=4), "t" if self.again(n, second) else "f"
            yield (
                _id(2, 2 * n + second), FIRST + n, self.who(n, second), "submitted",
                end.isoformat(), begun.isoformat(), end.isoformat(), rework, "f", "",
            )  # fmt: skip
        lease = (self.now + timedelta(minutes=9)).isoformat()
        for n, begun in self.at_work():
            yield (
                _id(2, 2 * n), FIRST + n, self.who(n, 0), "active", lease, begun.isoformat(), None,
                "f", "f", "",
            )  # fmt: skip

    def sets(self) -> Iterator[Row]:
        schema = self.project.schema_id
        for n, second, end in self.pairs():
            begun = end - timedelta(minutes=4)
            of = (FIRST + n, _id(2, 2 * n + second), "annotator")
            one = _id(3, 2 * n + second)
            yield (one, *of, 1, "submitted", 1, schema, begun.isoformat(), end.isoformat())
            if self.again(n, second):
                times = ((end + timedelta(hours=h)).isoformat() for h in (20, 25))
                yield (_id(4, 2 * n), *of, 2, "submitted", 2, schema, *times)
        for n, begun in self.at_work():
            of = (FIRST + n, _id(2, 2 * n), "annotator")
            yield (_id(3, 2 * n), *of, 1, "draft", 1, schema, begun.isoformat(), None)

    def labels(self) -> Iterator[Row]:
        for n in range(self.done):
            classes = (*CLASSES, OUTCOMES[n % 4])
            for second in (0, 1):
                of = _id(3, 2 * n + second)
                for k, name in enumerate(classes):
                    yield (
                        _id(10 + k, 2 * n + second),
                        of,
                        "outcome" if k == 5 else "instant",
                        name,
                    )
            if self.again(n, 0):
                for k, name in enumerate(classes):
                    yield (
                        _id(20 + k, 2 * n),
                        _id(4, 2 * n),
                        "outcome" if k == 5 else "instant",
                        name,
                    )

    def spans(self) -> Iterator[Row]:
        for n in range(0, self.done, TIMED):
            end = self.at(n)
            begun = end - timedelta(minutes=3)
            yield (_id(5, n), _id(2, 2 * n), begun.isoformat(), end.isoformat(), 180_000, 20, 1, 6)


def _copy_all(year: _Year) -> None:
    _copy(
        Episode,
        "id, dataset_id, key, index, task_id, state, duration_ns, rows, rate_num, rate_den,"
        " content_sha256, scene, things, operator, session, tags, sync, held, created_at",
        year.episodes(),
    )
    _copy(
        ProjectEpisode,
        "id, project_id, episode_id, position, purpose, priority, overlap, progress, review,"
        " slots_taken, has_slot, accepted_set_id, outcomes, added_at",
        year.queue(),
    )
    _copy(
        Assignment,
        "id, project_episode_id, annotator_id, state, lease_expires_at, claimed_at, submitted_at,"
        " rework, beyond_overlap, return_comment",
        year.assignments(),
    )
    _copy(
        AnnotationSet,
        "id, project_episode_id, assignment_id, kind, round, state, revision, schema_id,"
        " created_at, submitted_at",
        year.sets(),
    )
    _copy_labels(year.labels())
    _copy(
        ActivitySpan,
        "id, assignment_id, started_at, ended_at, active_ms, keystrokes, undos, labels",
        year.spans(),
    )


def _copy_labels(rows: Iterable[Row]) -> None:
    """The largest table: its indexes are made again at the end, which is several times faster."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'annotation_label'"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    _copy(Label, "id, annotation_set_id, kind, label_class, start_ns, end_ns, effector,"
        " text, attributes, uncertainty_ns, source",
        (
            (*row, None if row[2] == "outcome" else 1_000_000_000, None, "", "", "{}", 0, "human")
            for row in rows
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)


def _batches(project: Project, mei: User) -> None:
    """Two hundred batches of what is in review or approved, each episode with its verdict."""
    ids = [
        Batch.objects.create(project=project, name=f"Batch {n}", created_by=mei).pk
        for n in range(200)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO review_batchitem (batch_id, project_episode_id, state, accepted_set_id,
                                          version)
            SELECT (%(ids)s::bigint[])[1 + pe.id %% 200], pe.id,
                   CASE pe.progress WHEN 'approved' THEN 'approved' ELSE 'open' END,
                   pe.accepted_set_id, 1
            FROM annotation_projectepisode pe
            WHERE pe.project_id = %(project)s AND pe.review <> ''""",
            {"ids": ids, "project": project.pk},
        )
        cursor.execute(
            """
            INSERT INTO review_verdict (item_id, decision, annotation_set_id, comment, reviewer_id,
                                        request_id, created_at)
            SELECT i.id, 'approved', s.id, '', %(mei)s, gen_random_uuid(),
                   least(s.submitted_at + interval '3 days', now() - interval '1 hour')
            FROM review_batchitem i JOIN annotation_annotationset s ON s.id = i.accepted_set_id""",
            {"mei": mei.pk},
        )


def _copy(model: type[models.Model], columns: str, rows: Iterable[Row]) -> None:
    """Columns that are not named get their fields' defaults."""
    named = {one.strip() for one in columns.split(",")}
    more = {
        str(one.column): one.get_db_prep_save(one.get_default(), connection)
        for one in model._meta.local_concrete_fields
        if one.column not in named and not one.null and not isinstance(one, models.AutoField)
    }
    end = "".join(f"\t{_text(value)}" for value in more.values())
    command = f"COPY {model._meta.db_table} ({', '.join((columns, *more))}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command) as into:
        part: list[str] = []
        for row in rows:
            part.append("\t".join(map(_text, row)) + end)
            if len(part) == 5000:
                into.write("\n".join(part) + "\n")
                part.clear()
        if part:
            into.write("\n".join(part) + "\n")


def _text(value: object) -> str:
    if value is None:
        return "\\N"
    return "{}" if value == [] else str(value)


def _id(kind: int, number: int) -> str:
    return str(uuid.UUID(int=(kind << 64) + number))


def _working_days(now: datetime) -> list[datetime]:
    """When each began: the last one ten hours ago, so that it has just ended whatever the hour;
    before it the last weekdays at eight."""
    found = [now - timedelta(hours=10)]
    day = found[0].date() - timedelta(days=1)
    while len(found) < DAYS:
        if day.weekday() < 5:
            found.append(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
        day -= timedelta(days=1)
    return found[::-1]
