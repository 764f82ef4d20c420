"""Each address of the application: who may use it, and with what it is tried."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from annotation.models import AcceptancePolicy, SchemaDraft, TaskPolicy
from episodes.models import SavedFilter
from review.models import ScoredPair
from tests.config.whole_site import Site
from tests.review.scene import sets_for


@dataclass(frozen=True)
class Address:
    """``least`` names a kind of TURNED_AWAY; ``place`` gives what the address is made of."""

    methods: str
    least: str
    place: Callable[[Site], list[Any]] = lambda site: []


def project(site: Site) -> list[Any]:
    return [site.project.pk]


def assignment(site: Site) -> list[Any]:
    return [site.assignment.pk]


def own_set(site: Site) -> list[Any]:
    return [site.annotation_set.pk]


def place(site: Site) -> list[Any]:
    return [site.project.pk, site.assignment.project_episode.episode_id]


def stream(site: Site) -> list[Any]:
    return [site.stream.pk]


def batch(site: Site) -> list[Any]:
    return [site.batch.pk]


def sampled(site: Site) -> list[Any]:
    return [site.sample.batch_id]


def agreement_run(site: Site) -> list[Any]:
    return [site.agreement_run.pk]


def comparison(site: Site) -> list[Any]:
    return [ScoredPair.objects.filter(project_episode__project=site.project).latest("scored_at").pk]


def item(site: Site) -> list[Any]:
    return [site.item.pk]


def gold(site: Site) -> list[Any]:
    return [site.gold.project_episode_id]


def ada(site: Site) -> list[Any]:
    return [site.project.pk, site.people["ada"].pk]


def trained(site: Site) -> list[Any]:
    """Ada's set of the first episode, whose gold is retired."""
    return [sets_for(site.item)[0].pk]


def consensus(site: Site) -> list[Any]:
    return [site.consensus.pk]


def release(site: Site) -> list[Any]:
    return [site.release.pk]


def checks(site: Site) -> list[Any]:
    return [site.checks.pk]


def segment(site: Site) -> list[Any]:
    return [site.segment.pk]


def report(site: Site) -> list[Any]:
    return [site.report.pk]


def _camera_of(site: Site) -> Any:
    episode = site.segment.annotation_set.project_episode.episode
    return episode.streams.filter(asset__frame_index__isnull=False).earliest("position").pk


def run(site: Site) -> list[Any]:
    return [site.run.pk]


def episode(site: Site) -> list[Any]:
    return [site.stream.episode_id]


def task(site: Site) -> list[Any]:
    return [site.task_policy.task_id]


def embodiment(site: Site) -> list[Any]:
    return [site.embodiment.pk]


def webhook(site: Site) -> list[Any]:
    return [site.delivery.webhook_id]


def upload(site: Site) -> list[Any]:
    return [site.upload.pk]


def task_policy(site: Site) -> list[Any]:
    task = site.task_policy.task
    found, _ = TaskPolicy.objects.get_or_create(project=site.project, task=task)
    return [site.project.pk, found.pk]


def bar(site: Site) -> list[Any]:
    found, _ = AcceptancePolicy.objects.get_or_create(project=site.project, task=None)
    return [site.project.pk, found.pk]


def saved_filter(site: Site) -> list[Any]:
    name = site.saved_filter.name
    return [SavedFilter.objects.get_or_create(owner=site.people["mei"], name=name)[0].pk]


def draft(site: Site) -> list[Any]:
    whose, definition = site.people["mei"], site.project.schema.definition
    found = SchemaDraft.objects.filter(owner=whose).first()
    return [(found or SchemaDraft.objects.create(owner=whose, definition=definition)).pk]


def class_of_draft(site: Site) -> list[Any]:
    return [*draft(site), "grasp_closed"]


def field_of_draft(site: Site) -> list[Any]:
    return [*class_of_draft(site), "object"]


ADDRESSES = {
    "login": Address("GET POST PUT", "everybody"),
    "logout": Address("POST", "people"),
    "api-schema": Address("GET", "people"),
    "home": Address("GET", "people"),
    "queue": Address("GET", "people"),
    "annotate": Address("GET", "ada", assignment),
    "give-back": Address("POST", "ada", assignment),
    "project-list": Address("GET", "people"),
    "project-new": Address("GET POST", "any manager"),
    "project-detail": Address("GET", "members", project),
    "project-next": Address("GET POST", "members", project),
    "project-update": Address("GET POST", "managers", project),
    "project-people": Address("GET", "reviewers", project),
    "project-episodes": Address("GET", "reviewers", project),
    "project-add-episodes": Address("GET POST", "managers", project),
    "project-change-episodes": Address("POST", "managers", project),
    "assignment-skip": Address("GET POST", "ada", assignment),
    "assignment-take-back": Address("POST", "managers", assignment),
    "project-skips": Address("GET", "reviewers", project),
    "project-skip-decide": Address("POST", "managers", project),
    "project-person": Address("GET", "reviewers", lambda site: [site.project.pk, "abe"]),
    "project-person-standing": Address("POST", "managers", lambda site: [site.project.pk, "abe"]),
    "project-policies": Address("GET", "reviewers", project),
    "task-policy-set": Address("POST", "managers", project),
    "acceptance-set": Address("POST", "managers", project),
    "task-policy-remove": Address(
        "POST", "managers", lambda site: [site.project.pk, site.task_policy.pk]
    ),
    "acceptance-remove": Address("POST", "managers", lambda site: [site.project.pk, site.bar.pk]),
    "project-history": Address("GET", "managers", project),
    "project-history-csv": Address("GET", "managers", project),
    "project-guideline-edit": Address("GET POST", "managers", project),
    "project-guideline-read": Address("POST", "members", project),
    "project-guideline-compare": Address("GET", "members", project),
    "guideline-pictures": Address("GET POST", "managers", project),
    "guideline-picture": Address(
        "GET", "members", lambda site: [site.project.pk, site.picture.name]
    ),
    "guideline-still": Address(
        "GET", "members", lambda site: [site.project.pk, site.stream.pk, 100_000_000]
    ),
    "project-schema": Address("GET", "members", project),
    "project-schema-move": Address(
        "GET POST", "managers", lambda site: [site.project.pk, site.project.schema_id]
    ),
    "schema-list": Address("GET", "any manager"),
    "schema-import": Address("POST", "any manager"),
    "schema-preview": Address("POST", "any manager"),
    "schema-detail": Address("GET", "any manager", lambda site: [site.project.schema_id]),
    "schema-export": Address("GET", "any manager", lambda site: [site.project.schema_id]),
    "schema-edit": Address("POST", "any manager", lambda site: [site.project.schema_id]),
    "schema-new": Address("POST", "any manager"),
    "schema-draft": Address("GET POST", "mei", draft),
    "schema-draft-json": Address("GET POST", "mei", draft),
    "schema-draft-class-add": Address("POST", "mei", draft),
    "schema-draft-class": Address("GET POST", "mei", class_of_draft),
    "schema-draft-class-do": Address("POST", "mei", class_of_draft),
    "schema-draft-class-preview": Address("POST", "mei", class_of_draft),
    "schema-draft-field-new": Address("GET POST", "mei", class_of_draft),
    "schema-draft-field-preview": Address("POST", "mei", class_of_draft),
    "schema-draft-field": Address("GET POST", "mei", field_of_draft),
    "schema-draft-field-do": Address("POST", "mei", field_of_draft),
    "schema-draft-store": Address("POST", "mei", draft),
    "schema-draft-drop": Address("POST", "mei", draft),
    "schema-delete": Address("POST", "any manager", lambda site: [site.project.schema_id]),
    "project-set-member": Address("POST", "managers", project),
    "api-set-labels": Address("GET PATCH", "ada", own_set),
    "api-set-submit": Address("POST", "ada", own_set),
    "api-assignment-heartbeat": Address("POST", "ada", assignment),
    "api-assignment-release": Address("POST", "ada", assignment),
    "api-claim": Address("POST", "members", project),
    "project-guideline": Address("GET", "members", project),
    "api-assignment-ahead": Address("POST", "ada", assignment),
    "api-preferences": Address("GET PUT", "people"),
    "api-projects": Address("GET POST", "people"),
    "api-project": Address("GET PATCH", "members", project),
    "api-queue": Address("GET POST", "reviewers", project),
    "api-members": Address("GET", "reviewers", project),
    "api-member": Address("PUT DELETE", "managers", lambda site: [site.project.pk, "abe"]),
    "api-member-standing": Address("PUT", "managers", lambda site: [site.project.pk, "ada"]),
    "api-skips": Address("GET POST", "reviewers", project),
    "api-reservations": Address("GET POST", "reviewers", project),
    "api-assignment-skip": Address("POST", "ada", assignment),
    "api-assignment-take-back": Address("POST", "managers", assignment),
    "api-guidelines": Address("GET POST", "members", project),
    "api-history": Address("GET", "managers", project),
    "api-webhooks": Address("GET POST", "managers", project),
    "api-webhook-deliveries": Address("GET POST", "managers", webhook),
    "api-webhook-again": Address("POST", "managers", lambda site: [site.delivery.pk]),
    "api-assignments": Address("GET", "people"),
    "api-sets": Address("GET", "people"),
    "api-set": Address("GET", "ada and reviewers", own_set),
    "api-datasets": Address("GET", "people"),
    "api-dataset": Address("GET", "members", lambda site: [site.dataset.pk]),
    "api-episodes": Address("GET", "people"),
    "api-episode": Address("GET", "members", episode),
    "api-batches": Address("GET POST", "reviewers", project),
    "api-batch": Address("GET", "reviewers", batch),
    "api-batch-approve": Address("POST", "reviewers", batch),
    "api-samples": Address("GET POST", "reviewers", sampled),
    "api-follow-up": Address("POST", "reviewers", sampled),
    "api-agreement": Address("GET", "reviewers", project),
    "api-agreement-runs": Address("GET POST", "reviewers", project),
    "api-agreement-run": Address("GET", "reviewers", agreement_run),
    "api-releases": Address("GET POST", "managers", project),
    "api-release": Address("GET", "managers", release),
    "api-release-archive": Address("GET", "managers", release),
    "api-release-manifest": Address("GET", "managers", release),
    "api-notifications": Address("GET", "people"),
    "api-notifications-read": Address("POST", "people"),
    "api-digest": Address("GET PUT", "people"),
    "api-activity": Address("GET", "people"),
    "api-project-activity": Address("GET", "managers", project),
    "api-guideline-readers": Address("GET", "managers", project),
    "api-guideline-acknowledge": Address("PUT", "members", lambda site: [site.project.pk, 1]),
    "api-task-policies": Address("GET PUT", "reviewers", project),
    "api-acceptance-policies": Address("GET PUT", "reviewers", project),
    "api-schemas": Address("GET POST", "people"),
    "api-schema-one": Address("GET DELETE", "in a project", lambda site: [site.project.schema_id]),
    "api-schema-move": Address(
        "GET POST", "managers", lambda site: [site.project.pk, site.project.schema_id]
    ),
    "api-revisions": Address("GET", "ada and reviewers", own_set),
    "api-revision": Address("GET", "ada and reviewers", lambda site: [*own_set(site), 0]),
    "api-revision-restore": Address("POST", "ada and reviewers", lambda site: [*own_set(site), 0]),
    "api-dashboard": Address("GET", "managers", lambda site: [site.project.pk, "days"]),
    "api-tasks": Address("GET", "people"),
    "api-task": Address("GET", "members", task),
    "api-filters": Address("GET POST", "people"),
    "api-imports": Address("GET POST", "people"),
    "api-import": Address("GET", "importers", run),
    "api-import-items": Address("GET", "importers", run),
    "api-import-pause": Address("POST", "steerers", run),
    "api-import-resume": Address("POST", "steerers", run),
    "api-import-retry": Address("POST", "steerers", run),
    "webhook-list": Address("GET POST", "managers", project),
    "webhook-detail": Address("GET", "managers", webhook),
    "webhook-events": Address("POST", "managers", webhook),
    "webhook-state": Address("POST", "managers", webhook),
    "webhook-secret": Address("POST", "managers", webhook),
    "webhook-ping": Address("POST", "managers", webhook),
    "webhook-again": Address("POST", "managers", lambda site: [site.delivery.pk]),
    "place-comments": Address("GET POST", "members", place),
    "comment-resolve": Address("POST", "members", place),
    "api-comments": Address("GET POST", "members", place),
    "api-comment": Address("PATCH", "ada and reviewers", lambda site: [site.comment.pk]),
    "set-history": Address("GET", "ada and reviewers", own_set),
    "set-view": Address("GET", "ada and reviewers", own_set),
    "set-restore": Address("POST", "ada and reviewers", own_set),
    "my-activity": Address("GET", "people"),
    "project-activity": Address("GET", "managers", project),
    "api-assignment-activity": Address("POST", "ada", assignment),
    "notification-list": Address("GET POST", "people"),
    "notification-read": Address("POST", "people"),
    "notification-count": Address("GET", "people"),
    "notification-open": Address("POST", "only ada", lambda site: [site.notification.pk]),
    # Last: what comes after it finds no webhook.
    "webhook-delete": Address("POST", "managers", webhook),
    "api-webhook": Address("GET PATCH DELETE", "managers", lambda site: [site.webhook.pk]),
    "token-list": Address("GET POST", "people"),
    "token-revoke": Address("POST", "mei", lambda site: [site.token.pk]),
    "dataset-list": Address("GET", "people"),
    "dataset-detail": Address("GET", "members", lambda site: [site.dataset.pk]),
    "dataset-change": Address("POST", "managers", lambda site: [site.dataset.pk]),
    "episode-list": Address("GET", "people"),
    "episode-quarantine": Address("GET", "any manager"),
    "episode-suggestions": Address("GET", "people"),
    "episode-bulk": Address("POST", "any manager"),
    "episode-detail": Address("GET", "members", episode),
    "episode-change": Address("POST", "managers", episode),
    "filter-save": Address("POST", "people"),
    "filter-delete": Address("POST", "mei", lambda site: [site.saved_filter.pk]),
    "project-take": Address("POST", "any manager"),
    "dataset-sync": Address("GET", "members", lambda site: [site.dataset.pk]),
    "dataset-sync-clock": Address("POST", "steerers", lambda site: [site.dataset.pk]),
    "dataset-sync-undo": Address("POST", "steerers", lambda site: [site.dataset.pk]),
    "dataset-embodiment": Address("GET POST", "managers", lambda site: [site.dataset.pk]),
    "episode-sync": Address("GET", "members", episode),
    "episode-sync-decide": Address("POST", "managers", episode),
    "episode-sync-accept": Address("POST", "managers", episode),
    "episode-sync-clock": Address("POST", "managers", episode),
    "episode-sync-undo": Address("POST", "managers", episode),
    "episode-sync-measure": Address("POST", "managers", episode),
    "embodiment-list": Address("GET", "people"),
    "embodiment-new": Address("GET POST", "any manager"),
    "embodiment-detail": Address("GET", "people", embodiment),
    "embodiment-change": Address("GET POST", "any manager", embodiment),
    "task-list": Address("GET", "people"),
    "task-detail": Address("GET", "members", task),
    "task-change": Address("GET POST", "managers", task),
    "import-home": Address("GET", "any manager"),
    "import-start": Address("POST", "any manager"),
    "import-run": Address("GET", "importers", run),
    "import-progress": Address("GET", "importers", run),
    "import-pause": Address("POST", "steerers", run),
    "import-resume": Address("POST", "steerers", run),
    "import-retry": Address("POST", "steerers", run),
    "import-retry-item": Address("POST", "steerers", lambda site: [site.run.pk, 1]),
    "import-upload": Address("GET POST", "mei", upload),
    "api-uploads": Address("POST", "any manager"),
    "api-upload": Address("GET PUT", "mei", upload),
    "api-upload-complete": Address("POST", "mei", upload),
    "api-upload-answers": Address("POST", "mei", upload),
    "stream-index": Address("GET", "members", stream),
    "signal-layout": Address("GET", "members", lambda site: [site.signal.pk]),
    "signal-tile": Address("GET", "members", lambda site: [site.signal.pk, 0, 0]),
    "signal-spectrogram": Address("GET", "members", lambda site: [site.sound.pk]),
    "signal-spectrogram-tile": Address("GET", "members", lambda site: [site.sound.pk, 0]),
    "stream-bytes": Address(
        "GET", "members", lambda site: [site.stream.pk, site.stream.asset.sha256]
    ),
    "stream-sprite": Address("GET", "members", stream),
    "stream-poster": Address("GET", "members", stream),
    "stream-pack-layout": Address("GET", "members", lambda site: [site.stream.pk, "jpeg640"]),
    "stream-pack": Address("GET", "members", lambda site: [site.stream.pk, "jpeg640", 0]),
    "project-dashboard": Address("GET", "managers", project),
    "simulation-remove": Address("POST", "managers", project),
    "project-report": Address("GET", "managers", project),
    "project-dashboard-people": Address("GET", "managers", project),
    "project-dashboard-backlog": Address("GET", "managers", project),
    "project-dashboard-labels": Address("GET", "managers", project),
    "project-dashboard-sets": Address("GET", "managers", project),
    "project-dashboard-settings": Address("GET POST", "managers", project),
    "project-dashboard-table": Address(
        "GET", "managers", lambda site: [site.project.pk, "days", "csv"]
    ),
    "project-gold": Address("GET", "reviewers", project),
    "gold-new": Address("GET POST", "managers", project),
    "gold-answer": Address("POST", "reviewers", project),
    "gold-item": Address("GET", "reviewers", gold),
    "gold-state": Address("POST", "reviewers", gold),
    "gold-dispute": Address("POST", "reviewers", gold),
    "gold-correct": Address("POST", "managers", gold),
    "project-calibration": Address("GET", "reviewers", project),
    "calibration-tolerances": Address("POST", "managers", project),
    "calibration-person": Address("GET", "reviewers", ada),
    "calibration-pause": Address("POST", "managers", ada),
    "calibration-resume": Address("POST", "managers", ada),
    "calibration-decide": Address("POST", "reviewers", ada),
    "my-calibration": Address("GET", "people"),
    "training-feedback": Address("GET", "only ada", trained),
    "training-compare": Address("GET", "only ada", trained),
    "api-gold": Address("GET", "reviewers", project),
    "api-gold-item": Address("GET", "reviewers", gold),
    "api-calibration": Address("GET", "reviewers", project),
    "api-calibration-decisions": Address("GET", "reviewers", ada),
    "review-home": Address("GET", "people"),
    "review-project": Address("GET", "reviewers", project),
    "batch-create": Address("POST", "reviewers", project),
    "review-agreement": Address("GET", "reviewers", project),
    "review-agreement-episodes": Address("GET", "reviewers", project),
    "review-agreement-table": Address("GET", "reviewers", lambda site: [site.project.pk, "csv"]),
    "review-run-create": Address("POST", "reviewers", project),
    "review-comparison": Address("GET", "reviewers", comparison),
    "review-run": Address("GET", "reviewers", agreement_run),
    "review-run-again": Address("POST", "reviewers", agreement_run),
    "review-run-table": Address("GET", "reviewers", lambda site: [site.agreement_run.pk, "json"]),
    "batch-new": Address("GET POST", "reviewers", project),
    "batch-follow-up": Address("POST", "reviewers", sampled),
    "batch-fresh-sample": Address("POST", "reviewers", sampled),
    "batch-sample-table": Address("GET", "reviewers", lambda site: [site.sample.batch_id, "csv"]),
    "api-checks": Address("GET POST", "reviewers", project),
    "api-check-run": Address("GET", "reviewers", checks),
    "api-report": Address("GET POST", "managers", release),
    "api-sign": Address("POST", "managers", release),
    "project-quality": Address("GET", "reviewers", project),
    "quality-run": Address("POST", "reviewers", project),
    "quality-settings": Address("GET POST", "managers", project),
    "project-datasheet": Address("GET POST", "managers", project),
    "alignment-next": Address("GET", "reviewers", project),
    "alignment-draw": Address("POST", "reviewers", project),
    "alignment-segment": Address("GET POST", "reviewers", segment),
    "alignment-still": Address(
        "GET", "reviewers", lambda site: [site.segment.pk, _camera_of(site), 0]
    ),
    "check-run": Address("GET", "reviewers", checks),
    "check-run-status": Address("GET", "reviewers", checks),
    "report-again": Address("POST", "managers", release),
    "release-sign": Address("POST", "managers", release),
    "quality-report": Address("GET", "managers", report),
    "quality-report-json": Address("GET", "managers", report),
    "quality-report-document": Address("GET", "managers", report),
    "review-releases": Address("GET", "managers", project),
    "review-release-create": Address("POST", "managers", project),
    "batch-detail": Address("GET", "reviewers", batch),
    "batch-approve": Address("POST", "reviewers", batch),
    "review-episode": Address("GET", "reviewers", item),
    "review-approve": Address("POST", "reviewers", item),
    "review-return": Address("POST", "reviewers", item),
    "review-reviewing": Address("GET", "reviewers", project),
    "review-policy-set": Address("POST", "managers", project),
    "adjudication-begin": Address("POST", "reviewers", item),
    "adjudication-detail": Address("GET", "reviewers", consensus),
    "adjudication-drop": Address("POST", "reviewers", consensus),
    "adjudication-undo": Address("POST", "reviewers", consensus),
    "api-label-verdicts": Address("GET POST", "reviewers", item),
    "api-episode-verdicts": Address("GET POST", "reviewers", item),
    "api-adjudications": Address("GET POST", "reviewers", item),
    "api-adjudication": Address("GET DELETE", "reviewers", consensus),
    "api-adjudication-labels": Address("GET PATCH", "reviewers", consensus),
    "api-adjudication-accept": Address("POST", "reviewers", consensus),
    "api-adjudication-undo": Address("POST", "reviewers", consensus),
    "review-release": Address("GET", "managers", release),
    "review-release-status": Address("GET", "managers", release),
    "review-release-download": Address("GET", "managers", release),
    # What an earlier line has removed is there again.
    "api-task-policy": Address("DELETE", "managers", task_policy),
    "api-acceptance-policy": Address("DELETE", "managers", bar),
    "api-filter": Address("DELETE", "mei", saved_filter),
    "project-person-remove": Address("POST", "managers", lambda site: [site.project.pk, "ada"]),
}
# Answers that say why not: the release is not built yet, and of a video that several episodes
# share nobody gets more than the range of their own.
NOT_WHOLE = {
    "review-release-download": 409,
    "api-release-archive": 409,
    "api-release-manifest": 409,
    "stream-bytes": 403,
}
# What members read and only managers change.
ALSO_READ = {
    *("api-project", "api-queue", "api-guidelines", "api-skips", "api-reservations"),
    *("api-task-policies", "api-acceptance-policies", "api-schemas", "api-schema-one"),
    "api-imports",
}
# A well-formed request where an empty one would be refused for its form before its author.
BODIES = {
    "project-guideline-read": {"number": 1},
    "api-set-labels": {"base_revision": 1, "request_id": "7" * 32, "client_id": "c", "put": []},
    "api-set-submit": {"base_revision": 1, "request_id": "7" * 32},
    "api-assignment-skip": {"reason": "bad_video"},
    "api-uploads": {"filename": "a.zip", "size": 10},
    "api-upload-answers": {"answers": {}},
}
