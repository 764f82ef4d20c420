"""What answers hold, as typed dictionaries. A newer server may send members beyond these."""

from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]
Rows = list[Json]


class Dataset(TypedDict):
    id: int
    name: str
    format: str
    domain: str
    licence: str
    created_at: str


class Camera(TypedDict):
    id: str
    camera: str
    role: str
    frames: int


class Episode(TypedDict):
    id: str
    dataset: int
    key: str
    index: int
    task: str
    state: str
    duration_ns: int
    rate_num: int
    rate_den: int
    tags: list[str]
    streams: NotRequired[list[Camera]]
    signals: NotRequired[list[Json]]


class Task(TypedDict):
    id: int
    text: str
    episodes: int


class SavedFilter(TypedDict):
    id: int
    name: str
    query: str


class ImportCounts(TypedDict):
    total: int
    imported: int
    skipped: int
    quarantined: int
    frames: int | None
    settled_frames: int


class Import(TypedDict):
    id: str
    dataset: int | None
    dataset_name: str
    state: Literal["planned", "running", "paused", "done", "failed"]
    reason: str
    remedy: str
    progress: NotRequired[ImportCounts]


class ImportItem(TypedDict):
    id: int
    key: str
    state: str
    reason_code: str
    reason: str
    remedy: str
    episode: str | None


class Upload(TypedDict):
    id: str
    state: Literal["receiving", "checking", "asking", "complete", "refused"]
    size: int
    received: int
    questions: list[Json]


class Project(TypedDict):
    id: int
    name: str
    state: str
    priority: int
    deadline: str | None
    overlap: int
    schema: str
    version: int


class QueuedEpisode(TypedDict):
    id: int
    episode: str
    key: str
    position: int
    progress: str


class Member(TypedDict):
    username: str
    name: str
    role: Literal["annotator", "reviewer", "manager"]
    standing: str


class Guideline(TypedDict):
    number: int
    text: str
    summary: str
    must_acknowledge: bool


class Label(TypedDict):
    id: str
    kind: Literal["instant", "segment", "span", "outcome", "tag"]
    label_class: str
    start_ns: int | None
    end_ns: int | None
    effector: NotRequired[str]
    text: NotRequired[str]
    attributes: NotRequired[Json]
    uncertainty_ns: NotRequired[int]


class Claim(TypedDict):
    assignment_id: str
    url: str


class Assignment(TypedDict):
    id: str
    project: int
    episode: str
    annotator: str
    state: str
    rework: bool
    lease_expires_at: str


class Lease(TypedDict):
    expires_at: str
    seconds: int
    revision: int | None


class AnnotationSet(TypedDict):
    id: str
    project: int
    episode: str
    annotator: str | None
    kind: str
    state: Literal["draft", "submitted"]
    revision: int
    schema: str


class SetLabels(TypedDict):
    revision: int
    state: str
    labels: list[Label]


class Saved(TypedDict):
    revision: int
    saved_at: str


class Submitted(TypedDict):
    state: str
    revision: int
    next_url: str | None


class Comment(TypedDict):
    id: str
    author: str
    text: str
    at_ns: int | None
    blocks: bool
    resolved_at: str | None
    answers: NotRequired[list["Comment"]]


class Batch(TypedDict):
    id: int
    project: int
    name: str
    state: str
    items: NotRequired[list["BatchItem"]]


class BatchItem(TypedDict):
    id: int
    episode: str
    state: str
    accepted_set: str | None
    version: int


class ReleaseFile(TypedDict):
    path: str
    size: int
    sha256: str


class ReleaseDataset(TypedDict):
    name: str
    folder: str
    manifest_sha256: str
    files: list[ReleaseFile]


class ReleaseManifest(TypedDict):
    content_sha256: str
    datasets: list[ReleaseDataset]


class Release(TypedDict):
    id: str
    project: int
    version: int
    format: str
    state: Literal["waiting", "building", "ready", "failed"]
    reason: str
    content_sha256: str
    download: str | None


class Webhook(TypedDict):
    id: int
    project: int
    url: str
    secret: str
    events: list[str]
    state: str


class Delivery(TypedDict):
    id: str
    event: str
    state: str
    attempts: int
    status: int | None


class Notification(TypedDict):
    id: int
    kind: str
    project: int
    text: str
    url: str
    read_at: str | None


class Schema(TypedDict):
    id: int
    name: str
    version: int
    definition: NotRequired[Json]
