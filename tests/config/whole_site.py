"""A small whole site: a recording of every kind, work in every state, everybody in their role."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.utils import timezone

from annotation.models import (
    AcceptancePolicy,
    AnnotationSet,
    ApiToken,
    Assignment,
    Comment,
    GuidelinePicture,
    GuidelineVersion,
    Membership,
    Notification,
    Project,
    SchemaDraft,
    TaskPolicy,
    Webhook,
    WebhookDelivery,
)
from annotation.services.comments import post_comment
from annotation.services.guidelines import publish_guideline
from annotation.services.pictures import add_picture
from annotation.services.register_schema import core_label_schema
from annotation.services.tokens import create_token
from annotation.services.webhooks import create_webhook, ping_webhook
from episodes.models import (
    Dataset,
    Embodiment,
    Episode,
    ImportRun,
    SavedFilter,
    Signal,
    Stream,
    Task,
    Upload,
)
from episodes.records import DimensionRecord, SignalKind, SignalRecord
from episodes.selectors.data_files import data_path
from episodes.selectors.filters import EpisodeFilter
from episodes.services.embodiments import assign_template
from episodes.services.imports_storing import write_signal
from episodes.services.media import make_packs, make_sprite
from episodes.services.saved_filters import save_filter
from episodes.services.sync import measure_sync
from episodes.services.uploads import start_upload
from review.models import (
    Adjudication,
    AgreementRun,
    AlignmentItem,
    Batch,
    BatchItem,
    CheckRun,
    GoldItem,
    QualityReport,
    Release,
    Sample,
)
from review.selectors.acceptance_plans import Terms
from review.selectors.agreement_wanted import Wanted
from review.selectors.quality_report import report_content
from review.services.agreement_runs import compute_run, request_run
from review.services.alignment import draw_alignment_sample
from review.services.batches import approve_batch, create_batch
from review.services.check_runs import compute_checks, request_checks
from review.services.gold import change_gold_state, gold_of_set
from review.services.releases import request_release
from review.services.verdicts import approve_episode
from tests.annotation.scene import claimed, draft_of, label, queue_up, save
from tests.episodes.test_import import bring_in
from tests.pure.formats.sets import write_v30
from tests.review.scene import MS, hand_in, items_of, sets_for

PROJECT, DATASET = "Blocks of Mei", "Recordings of Mei"
# A person who stands outside the project has a project of their own: a manager elsewhere.
PEOPLE = ("ada", "abe", "ravi", "mei", "otto", "nora")


@dataclass(frozen=True)
class Site:
    """What addresses are made of. The first episode is released, ada is at work on the second."""

    people: dict[str, User]
    project: Project
    dataset: Dataset
    run: ImportRun
    upload: Upload
    stream: Stream
    signal: Signal
    sound: Signal
    assignment: Assignment
    annotation_set: AnnotationSet
    batch: Batch
    item: BatchItem
    release: Release
    saved_filter: SavedFilter
    embodiment: Embodiment
    token: ApiToken
    delivery: WebhookDelivery
    webhook: Webhook
    picture: GuidelinePicture
    guideline: GuidelineVersion
    bar: AcceptancePolicy
    task_policy: TaskPolicy
    comment: Comment
    notification: Notification
    gold: GoldItem
    sample: Sample
    agreement_run: AgreementRun
    consensus: Adjudication
    checks: CheckRun
    segment: AlignmentItem
    report: QualityReport

    @property
    def secrets(self) -> tuple[str, ...]:
        """What an outsider's page must not contain."""
        records = (self.run, self.upload, self.stream, self.assignment, self.release)
        return (PROJECT, DATASET, *(str(record.pk) for record in records))


def build_site(folder: Path) -> Site:
    people = {name: _person(name) for name in PEOPLE}
    people["root"] = _person("root", is_superuser=True, is_staff=True)
    project = _project(PROJECT, people, ada="annotator", abe="annotator", ravi="reviewer")
    _member(project, people["mei"], "manager")
    _project("Elsewhere", people, nora="manager")
    run = bring_in(write_v30(folder / "recordings"), DATASET, by=people["mei"])
    queue_up(project, list(Episode.objects.order_by("index")))
    batch = _approved_batch(project, people)
    assignment = claimed(people["ada"], project)
    draft = draft_of(assignment)
    save(people["ada"], draft, [label("outcome", "outcome_success")])
    stream = assignment.project_episode.episode.streams.get(camera="front")
    make_sprite(stream_id=stream.pk)
    make_packs(stream_id=stream.pk)
    measure_sync(episode_id=stream.episode_id)
    assign_template(
        actor=people["mei"], dataset_id=Dataset.objects.get().pk, template_id="so101_rad_6"
    )
    release = request_release(actor=people["mei"], project=project, batches=[batch])
    checks = _checks(people["ravi"], project)
    SchemaDraft.objects.create(owner=people["mei"], definition=project.schema.definition)
    return Site(
        people=people,
        project=project,
        dataset=Dataset.objects.get(),
        run=run,
        upload=start_upload(actor=people["mei"], filename="more.zip", size=1000),
        stream=Stream.objects.select_related("asset").get(pk=stream.pk),
        signal=stream.episode.signals.get(name="action"),
        sound=_sound(stream.episode),
        assignment=assignment,
        annotation_set=draft,
        batch=batch,
        item=items_of(batch)[0],
        release=release,
        saved_filter=save_filter(
            actor=people["mei"], name="Blocks to look at", wanted=EpisodeFilter(q="block")
        ),
        embodiment=Embodiment.objects.get(),
        token=_token(people["mei"]),
        delivery=_delivery(people["mei"], project),
        comment=_comment(people["ravi"], assignment),
        notification=Notification.objects.filter(user=people["ada"]).latest("pk"),
        webhook=create_webhook(actor=people["mei"], project=project, url="https://example.com/b"),
        picture=add_picture(
            actor=people["mei"], project=project, filename="cup.png", content=b"\x89PNG\r\n\x1a\n"
        ),
        guideline=publish_guideline(actor=people["mei"], project=project, text="Slowly."),
        bar=AcceptancePolicy.objects.create(project=project),
        task_policy=TaskPolicy.objects.create(project=project, task=Task.objects.earliest("pk")),
        gold=_retired_gold(people["mei"], items_of(batch)[0]),
        sample=_sample(batch, people["ravi"]),
        agreement_run=_agreement_run(people["ravi"], project),
        consensus=_consensus(people["ravi"], items_of(batch)[0]),
        checks=checks,
        segment=draw_alignment_sample(
            actor=people["ravi"], project=project, segments=1
        ).items.get(),
        report=QualityReport.objects.create(
            release=release, number=1, run=checks, content=report_content(release, checks),
            sha256="0" * 64,
        ),
    )  # fmt: skip


def _checks(ravi: User, project: Project) -> CheckRun:
    run = request_checks(actor=ravi, project=project)
    compute_checks(run_id=run.pk)
    run.refresh_from_db()
    return run


def _consensus(ravi: User, item: BatchItem) -> Adjudication:
    """One that was given up, so that it can still be looked at."""
    own = AnnotationSet.objects.create(
        project_episode_id=item.project_episode_id,
        kind=AnnotationSet.Kind.CONSENSUS,
        schema=sets_for(item)[0].schema,
    )
    return Adjudication.objects.create(
        item=item, annotation_set=own, reviewer=ravi, method=Adjudication.Method.REVIEWER,
        state=Adjudication.State.DROPPED, request_id=uuid.uuid4(), ended_at=timezone.now(),
    )  # fmt: skip


def _sample(batch: Batch, ravi: User) -> Sample:
    return Sample.objects.create(
        batch=batch, number=1, plan=Sample.Plan.HYPERGEOMETRIC, n=1, c=0, lot=1,
        bad_share_ppm=50_000, confidence_ppm=950_000, policy=Terms().to_json(), seed="once",
        drawn_by=ravi,
    )  # fmt: skip


def _agreement_run(ravi: User, project: Project) -> AgreementRun:
    run = request_run(actor=ravi, project=project, wanted=Wanted(project.pk))
    compute_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def _sound(episode: Episode) -> Signal:
    """A tenth of a second, kept as an import keeps it."""
    rows = np.arange(1600)
    record = SignalRecord(
        "mic", SignalKind.AUDIO, (DimensionRecord("mono"),), rows * 62_500, rows[:, None] % 7
    )
    write_signal(data_path("mic.arrow"), record)
    return Signal.objects.create(
        episode=episode, name="mic", kind=Signal.Kind.AUDIO, path="mic.arrow", samples=len(rows),
        dimensions=[{"name": "mono", "unit": "", "group": ""}],
    )  # fmt: skip


def _comment(ravi: User, assignment: Assignment) -> Comment:
    """About Ada's work: Abe is not to hear of it."""
    place = assignment.project_episode
    return post_comment(
        actor=ravi,
        project_id=place.project_id,
        episode_id=place.episode_id,
        comment_id=uuid.uuid4(),
        text="Look again",
        concerning="ada",
    )


def _retired_gold(mei: User, item: BatchItem) -> GoldItem:
    """Made of Abe's labels and out of use: Ada may compare hers with it."""
    ada, abe = sets_for(item)
    gold = gold_of_set(actor=mei, annotation_set=abe, origin="experts", experts=[ada, abe])
    return change_gold_state(
        actor=mei, item_id=gold.pk, state=GoldItem.State.RETIRED, reason="Shown enough."
    )


def _token(mei: User) -> ApiToken:
    token, _ = create_token(actor=mei, name="export", scopes=[ApiToken.Scope.READ], expires_at=None)
    return token


def _delivery(mei: User, project: Project) -> WebhookDelivery:
    webhook = create_webhook(actor=mei, project=project, url="https://example.com/mei")
    return ping_webhook(actor=mei, webhook=webhook)


def _person(name: str, **fields: Any) -> User:
    return User.objects.create_user(username=name, first_name=name.capitalize(), **fields)


def _project(name: str, people: dict[str, User], **roles: str) -> Project:
    project = Project.objects.create(name=name, schema=core_label_schema(), overlap=2)
    for person, role in roles.items():
        _member(project, people[person], role)
    return project


def _member(project: Project, user: User, role: str) -> None:
    Membership.objects.create(project=project, user=user, role=role)


def _approved_batch(project: Project, people: dict[str, User]) -> Batch:
    duration_ns = Episode.objects.get(index=0).duration_ns
    for name in ("ada", "abe"):
        hand_in(
            people[name],
            project,
            label("instant", "grasp_closed", start_ns=100 * MS, effector="right"),
            label("segment", "instruction", start_ns=0, end_ns=duration_ns, text="lift the block"),
            label("outcome", "outcome_success"),
        )
    batch = create_batch(actor=people["ravi"], project=project)
    (item,) = items_of(batch)
    approve_episode(
        actor=people["ravi"],
        item_id=item.pk,
        annotation_set_id=sets_for(item)[0].pk,
        version=0,
        request_id=uuid.uuid4(),
    )
    return approve_batch(actor=people["mei"], batch_id=batch.pk)
