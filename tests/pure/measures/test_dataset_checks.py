"""The four checks over episodes added one by one, their plan, and the gates that look at them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotation.labels.records import Kind, Label
from annotation.labels.schema import core_schema
from review.measures.bounds import Moments, estimate_of
from review.measures.checks.alignment import (
    EffectorSignals,
    JudgedSegment,
    Rule,
    SlotVerdict,
)
from review.measures.checks.coverage import Dimension, Workspace
from review.measures.checks.dataset import ChecksOutcome, DatasetChecks, figure_json
from review.measures.checks.edge_cases import NEAR_LIMIT, RequiredTag
from review.measures.checks.plan import CheckPlan
from review.measures.checks.reading import AcceptedEpisode, RecordedSignals, aperture, segmented
from review.measures.checks.signals import Series
from review.measures.gates import Checked, GateName, GatePlan, GateState, Standing, gates

MS, S = 1_000_000, 1_000_000_000
SCHEMA = core_schema()
SPACES = {"arm": (Dimension("pan", -1.0, 1.0), Dimension("gripper", 0.0, 1.0, rests=True))}


def _label(id_: str, kind: Kind, label_class: str, start: int | None = None,
           end: int | None = None, text: str = "", effector: str = "",
           **attributes: str) -> Label:  # fmt: skip
    return Label(id_, kind, label_class, start, end, effector, text, attributes)


def _episode(id_: str, *, closes: bool = True, text: str = "close the gripper on the block",
             labels: tuple[Label, ...] = (), peak: float = 5.0) -> AcceptedEpisode:  # fmt: skip
    """A second in which a gripper closes at 0.5 s and feels a block at 0.4 s."""
    times = np.arange(0, S, 20 * MS, dtype=np.int64)
    grip = np.where(times < S // 2, 0.6, 0.0) if closes else np.full(len(times), 0.6)
    force = np.where(times < 400 * MS, 0.0, peak)
    pan = np.linspace(-0.5, 0.5, len(times))
    return AcceptedEpisode(
        id=id_, task="stack", duration_ns=S, space="arm", schema=SCHEMA,
        labels=(
            _label(f"s{id_}", Kind.SEGMENT, "instruction", 0, S, text),
            _label(f"c{id_}", Kind.INSTANT, "first_contact", 400 * MS, effector="right"),
            *labels,
        ),
        signals=RecordedSignals(
            {"": EffectorSignals(gripper=aperture(times, grip), force=Series(times, force))},
            actions=np.stack([pan, grip], axis=1),
            positions=np.stack([pan, pan, pan], axis=1) / 10,
        ),
    )  # fmt: skip


def _run(*episodes: AcceptedEpisode, plan: CheckPlan | None = None,
         judged: tuple[JudgedSegment, ...] = ()) -> ChecksOutcome:  # fmt: skip
    checks = DatasetChecks(plan or CheckPlan(), SPACES, judged)
    for one in episodes:
        checks.add(one)
    return checks.outcome()


def test_an_instruction_that_the_gripper_does_not_follow_is_found_with_its_place() -> None:
    found = _run(*(_episode(str(n)) for n in range(4)), _episode("9", closes=False))
    proxy = found.figures["alignment_proxy"]
    assert (proxy.value, proxy.n) == (0.8, 5)
    (finding,) = [one for one in found.findings if one.figure == "alignment_proxy"]
    assert (finding.episode, finding.label, finding.code) == ("9", "s9", "rule_closes")


def test_a_verb_without_a_rule_and_a_missing_signal_are_not_asked_about() -> None:
    silent = replace(_episode("1"), signals=RecordedSignals())
    stirs = _episode("2", text="stir the soup", labels=())
    stirs = replace(stirs, labels=stirs.labels[:1])
    found = _run(silent, stirs)
    assert found.details["alignment"]["applicable"] == 0
    assert figure_json(found.figures["alignment_proxy"])["value"] is None


def test_the_rules_are_measured_against_what_people_judged() -> None:
    bad = SlotVerdict.WRONG
    judged = (
        JudgedSegment("s1", "1", "grasp", {"verb": SlotVerdict.OK}),
        JudgedSegment("s2", "2", "grasp", {"verb": bad}),
        JudgedSegment("s3", "3", "grasp", {"verb": bad}),
    )
    episodes = (_episode("1"), _episode("2", closes=False), _episode("3"))
    quality = _run(*episodes, judged=judged).details["alignment"]["proxy_quality"]
    assert (quality["precision"]["value"], quality["recall"]["value"]) == (1.0, 0.5)


def test_nothing_judged_says_how_many_would_do() -> None:
    figure = _run(_episode("1")).figures["alignment_human"]
    assert (figure.value, figure.more) == (None, 52)


def test_marks_lie_in_the_segments_of_no_effector() -> None:
    read = segmented(_episode("1"))
    assert [mark.track for mark in read.instants] == [""]
    assert _run(_episode("1"), _episode("2")).figures["segmentation_invariants"].value == 1


def test_a_closed_gripper_is_not_near_a_limit_and_an_arm_at_its_stop_is() -> None:
    plan = CheckPlan(required_tags=(RequiredTag(NEAR_LIMIT, episodes=1),))
    assert _run(_episode("1"), plan=plan).figures["edge_cases"].value == 0
    far = _episode("2")
    actions = far.signals.actions
    assert actions is not None
    actions[3, 0] = 0.999
    assert _run(_episode("1"), far, plan=plan).figures["edge_cases"].value == 1


def test_failures_are_told_apart_by_mode_and_by_what_followed() -> None:
    drop = (
        _label("f", Kind.SPAN, "failure", 500 * MS, 600 * MS, mode="drop"),
        _label("r", Kind.SPAN, "recovery", 650 * MS, 900 * MS, strategy="regrasp"),
    )
    others = _run(_episode("1", labels=drop)).details["edge_cases"]["others"]
    assert {"failure:drop", "recovery:regrasp", "failure_recovered"} <= set(others)


def test_coverage_is_the_least_part_and_knows_the_declared_workspace() -> None:
    box = Workspace((-0.05, -0.05, -0.05), (0.05, 0.05, 0.05), 0.05)
    plan = CheckPlan(workspace=box, required_cells=(("grasp", "block"),))
    found = _run(*(_episode(str(n)) for n in range(3)), plan=plan)
    (robot,) = found.details["coverage"]
    assert robot["position"]["voxels"] == 8
    assert robot["skills"]["share"] == 1
    assert found.figures["coverage"].value == robot["least"] == 0.1


def test_the_same_episodes_give_the_same_outcome_digit_by_digit() -> None:
    first, second = (_run(*(_episode(str(n), peak=n / 7) for n in range(9))) for _ in range(2))
    assert json.dumps([first.figures_json(), first.details]) == json.dumps(
        [second.figures_json(), second.details]
    )


def test_nothing_at_all_is_unmeasured_and_not_zero() -> None:
    assert {one.value for one in _run().figures.values()} == {None}


def test_a_plan_comes_back_as_it_was_written() -> None:
    plan = CheckPlan(
        proxy_bar=0.9,
        rules={"grasp": (Rule.CLOSES,)},
        workspace=Workspace((0, 0, 0), (1, 1, 1)),
        required_cells=(("lift", "block"),),
        required_tags=(RequiredTag("slip", episodes=2), RequiredTag("impact", share=0.1)),
    )
    assert CheckPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert CheckPlan.from_json({}) == CheckPlan()


def _standing(**changed: object) -> Standing:
    perfect = estimate_of(Moments(100, 500, 1000, 2500, 5000, 10000))
    start = Standing(
        accuracy=perfect, pairwise=perfect, checks={}, batches=1, open_batches=[], red=0,
        unmeasured_sync=0, episodes=100, silent=[], unsure=[], required_tags=0,
    )  # fmt: skip
    return replace(start, **changed)  # type: ignore[arg-type]


def _states(standing: Standing, plan: GatePlan | None = None) -> dict[GateName, GateState]:
    return {one.name: one.state for one in gates(plan or GatePlan(), standing)}


def test_a_gate_is_met_not_met_undecided_or_unmeasured() -> None:
    some = estimate_of(Moments(20, 99, 200, 491, 990, 2000, imperfect=1))
    bad = estimate_of(Moments(100, 400, 1000, 1600, 4000, 10000, imperfect=100))
    assert _states(_standing())[GateName.ACCURACY] is GateState.MET
    assert _states(_standing(accuracy=bad))[GateName.ACCURACY] is GateState.UNMET
    assert _states(_standing(accuracy=estimate_of(Moments())))[GateName.ACCURACY] is (
        GateState.UNMEASURED
    )
    (found,) = [
        one for one in gates(GatePlan(), _standing(accuracy=some)) if one.name == "accuracy"
    ]
    assert (found.state, found.unit) == (GateState.NEEDS_MORE, "episodes")
    assert found.more is not None
    assert str(found.more) in found.says


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"open_batches": ["Batch 2"]}, GateName.BATCHES),
        ({"red": 1}, GateName.SYNC),
        ({"silent": ["Blocks"]}, GateName.LICENCE),
        ({"unsure": ["Blocks"]}, GateName.CONSENT),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, object], name: GateName) -> None:
    (found,) = [one for one in gates(GatePlan(), _standing(**changed)) if one.name is name]
    assert found.blocks
    assert found.says.endswith(".")


def test_a_gate_that_is_not_required_never_blocks() -> None:
    plan = GatePlan(required=frozenset())
    assert set(_states(_standing(red=9), plan).values()) == {GateState.OFF}


def test_a_check_without_a_run_is_unmeasured_and_one_below_its_bar_is_not_met() -> None:
    assert _states(_standing())[GateName.SEGMENTATION] is GateState.UNMEASURED
    failing = Checked(0.5, 0.4, 0.95, "fail", "episodes", None, 3)
    states = _states(_standing(checks={"segmentation_invariants": failing}))
    assert states[GateName.SEGMENTATION] is GateState.UNMET
