"""Calibrations computed from what people reached on gold; nothing is written here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from annotation.acceptance import policy_for
from annotation.models import AcceptancePolicy, Membership, Project
from review.measures.calibration.drift import ewma_by_type
from review.measures.calibration.picture import Picture, pictures
from review.measures.calibration.standing import BAR, standing
from review.measures.calibration.trials import measured_deff
from review.measures.counts import POOLED, Measure
from review.measures.events import timing_bias
from review.models import (
    Calibration,
    CalibrationDecision,
    GoldDispute,
    GoldItem,
    LabelType,
    PairCounts,
)
from review.selectors.gold_results import TYPES, GoldResult, gold_results

PPM = 1_000_000
MANY = 5
Kind = CalibrationDecision.Kind


@dataclass(frozen=True, slots=True)
class Computed:
    """An unsaved calibration. Up to ``good_until`` the person's work is trusted; None: from the
    beginning nothing is."""

    row: Calibration
    good_until: datetime | None


def computed(project: Project) -> list[Computed]:
    """Of everybody who met gold, each kind of label they were measured on."""
    by_person = counted_by_person(project)
    bars = bars_of(project)
    found: list[Computed] = []
    for label_type in TYPES:
        found += _of_type(project, label_type, by_person, bars[label_type])
    return found


def doubted_kinds(rows: Iterable[Calibration]) -> set[str]:
    """Kinds of label that most of five or more people fail at once: there the gold or the guideline
    is likely wrong, and nobody is paused for it."""
    measured: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        measured[row.label_type].append(row.state == Calibration.State.PAUSE)
    return {
        label_type
        for label_type, failing in measured.items()
        if len(failing) >= MANY and 2 * sum(failing) > len(failing)
    }


def counted_by_person(project: Project) -> dict[int, list[GoldResult]]:
    """What decides of each person: hand-ins after they were resumed last."""
    since = resumed_at(project)
    found: dict[int, list[GoldResult]] = defaultdict(list)
    for one in gold_results(project):
        begun = since.get(one.annotator)
        if begun is None or one.submitted_at > begun:
            found[one.annotator].append(one)
    return found


def bars_of(project: Project) -> dict[str, float]:
    """By kind of label; 0.95 where the project's policies set none."""
    rows = list(AcceptancePolicy.objects.filter(project=project))
    found = {}
    for label_type in TYPES:
        row = policy_for(rows, task_id=None, label_type=label_type, evaluation=False)
        found[str(label_type)] = row.bar_ppm / PPM if row else BAR
    return found


def resumed_at(project: Project) -> dict[int, datetime]:
    """From when on results decide, by person: the last resumption, or the moment at which a
    manager made a paused person qualified by other means."""
    decisions = CalibrationDecision.objects.filter(project=project).order_by()
    last = decisions.values_list("annotator").annotate(
        resumed=Max("created_at", filter=Q(kind=Kind.RESUMED)),
        paused=Max("created_at", filter=Q(kind=Kind.PAUSED)),
    )
    rows = {annotator: (resumed, paused) for annotator, resumed, paused in last}
    found = {annotator: resumed for annotator, (resumed, _) in rows.items() if resumed}
    qualified = Membership.objects.filter(
        project=project, user__in=rows, standing=Membership.Standing.QUALIFIED
    )
    for user, since in qualified.values_list("user", "standing_since"):
        paused = rows[user][1]
        if paused is not None and since > paused:
            found[user] = max(since, found.get(user, since))
    return found


def fingerprints(projects: Sequence[Project]) -> dict[int, str]:
    """What a project's calibrations follow from, in short: equal means nothing has changed."""
    ids = [one.pk for one in projects]
    counts = PairCounts.objects.filter(
        project_episode__project__in=ids,
        current=True,
        against_gold=True,
        measure=Measure.EVENT.value,
        label_class=POOLED,
    )
    parts = [
        _grouped(counts, "project_episode__project", Count("pk"), Max("pk")),
        _grouped(
            CalibrationDecision.objects.filter(project__in=ids), "project", Count("pk"), Max("pk")
        ),
        _grouped(
            GoldDispute.objects.filter(item__project_episode__project__in=ids),
            "item__project_episode__project",
            Count("pk"),
            Count("pk", filter=Q(decision="")),
        ),
        _grouped(
            GoldItem.objects.filter(project_episode__project__in=ids),
            "project_episode__project",
            Count("pk"),
            Count("pk", filter=Q(state=GoldItem.State.ACTIVE)),
        ),
    ]
    return {
        one.pk: " ".join([f"v{one.version}", *(str(part.get(one.pk, "-")) for part in parts)])
        for one in projects
    }


def _grouped(rows: Any, by: str, *aggregates: Any) -> dict[int, str]:
    named = {f"a{n}": one for n, one in enumerate(aggregates)}
    found = rows.order_by().values(by).annotate(**named)
    return {row[by]: "/".join(str(row[name]) for name in named) for row in found}


def _of_type(
    project: Project, label_type: str, by_person: Mapping[int, list[GoldResult]], bar: float
) -> list[Computed]:
    every = [one for own in by_person.values() for one in own]
    deff = measured_deff(one.tally(label_type) for one in every)
    trials = {str(pk): [one.trials(label_type) for one in own] for pk, own in by_person.items()}
    timings = _timings(by_person) if label_type == LabelType.CONTACT else {}
    found = []
    for name, picture in pictures(trials, bar=bar, deff=deff).items():
        own = by_person[int(name)]
        place = picture.doubtful_from
        row = _row(project, label_type, own, picture, bar, deff)
        row.timing = timings.get(int(name), [])
        good = own[place - 1].submitted_at if place else None
        found.append(Computed(row, good))
    return found


def _row(
    project: Project,
    label_type: str,
    own: Sequence[GoldResult],
    picture: Picture,
    bar: float,
    deff: float,
) -> Calibration:
    belief, place = picture.belief, picture.doubtful_from
    # Each label stands in one kind's chart already: an alarm of all kinds would be its second.
    alone = label_type != LabelType.ALL
    state = picture.state if alone else standing(belief, bar=bar)
    return Calibration(
        project=project,
        annotator_id=own[0].annotator,
        label_type=label_type,
        state=state.value,
        bar_ppm=round(bar * PPM),
        right=belief.right,
        total=belief.total,
        episodes=picture.episodes,
        deff=deff,
        n_effective=belief.n_effective,
        mean=belief.mean,
        lower=belief.lower,
        upper=belief.upper,
        cusum=picture.cusum,
        alarm=picture.alarm and alone,
        doubtful_from=None if place is None else own[place].submitted_at,
        last_at=own[-1].submitted_at,
    )


def _timings(by_person: Mapping[int, Sequence[GoldResult]]) -> dict[int, list[dict[str, Any]]]:
    """Signed offsets by class of contact, each person's EWMA around the team's middle."""
    own = {pk: offsets_of(results) for pk, results in by_person.items()}
    team: dict[str, list[int]] = defaultdict(list)
    for offsets in own.values():
        for name, values in offsets.items():
            team[name] += values
    found: dict[int, list[dict[str, Any]]] = {}
    for pk, offsets in own.items():
        charts = ewma_by_type(offsets, team)
        found[pk] = [
            {
                "class": name,
                "n": len(values),
                "median_ns": bias.median_ns,
                "mad_ns": bias.mad_ns,
                "ewma_ns": charts[name].points[-1].value_ns if charts[name].points else None,
                "out": charts[name].out_lately,
            }
            for name, values in sorted(offsets.items())
            if (bias := timing_bias(values)) is not None
        ]
    return found


def offsets_of(results: Sequence[GoldResult]) -> dict[str, list[int]]:
    """A person's offsets by class of contact, in the order of handing in."""
    found: dict[str, list[int]] = defaultdict(list)
    for one in results:
        for name, values in one.offsets_ns.items():
            found[name] += values
    return {name: values for name, values in found.items() if values}
