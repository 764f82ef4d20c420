"""One diagnosis of an episode: each trouble is found, unknown passes nowhere."""

import json
from dataclasses import replace

import numpy as np
import pytest

from episodes.findings import Finding, Severity, worst
from episodes.timebase import NS, Rate, rate_times_ns
from episodes.timebase.doctor import (
    CameraInput,
    SignalInput,
    SyncDiagnosis,
    diagnose,
)
from episodes.timebase.lag import Source
from tests.pure.timebase.simulation import Arm, pictures, state

SECONDS = 12.0


def signal(arm: Arm, source: Source | None = Source.STATE) -> SignalInput:
    t_ns, values = state(arm, SECONDS, Rate(100))
    jitter = np.random.default_rng(8).integers(-100_000, 100_000, len(t_ns))
    return SignalInput("observation.state", t_ns + jitter, values, source, Rate(100))


def camera(arm: Arm, lag_ms: int = 0, *, computed: bool = False) -> CameraInput:
    true_ns = rate_times_ns(360, Rate(30))
    noise = np.random.default_rng(9).integers(-300_000, 300_000, 360)
    t_ns = true_ns + (0 if computed else noise)
    motion = pictures(arm, t_ns, true_ns / NS - lag_ms / 1e3)
    return CameraInput("front", t_ns, motion, Rate(30))


def codes(diagnosis: SyncDiagnosis) -> set[str]:
    return {f.code for _, f in diagnosis.findings if f.severity is not Severity.GREEN}


def test_a_clean_episode_is_green() -> None:
    arm = Arm(0, SECONDS)
    diagnosis = diagnose((signal(arm),), (camera(arm),))
    assert diagnosis.verdict is Severity.GREEN, diagnosis.findings
    assert diagnosis.cameras[0].correction is None


def test_a_lag_of_87_ms_is_red_with_its_correction() -> None:
    arm = Arm(0, SECONDS)
    diagnosis = diagnose((signal(arm),), (camera(arm, 87),))
    assert (diagnosis.verdict, codes(diagnosis)) == (Severity.RED, {"lag_found"})
    [found] = diagnosis.cameras
    assert found.correction is not None
    assert found.correction.offset_ns == pytest.approx(-87_000_000, abs=10_000_000)


def test_five_dropped_frames_are_red() -> None:
    arm = Arm(0, SECONDS)
    whole = camera(arm)
    t_ns = np.delete(whole.t_ns, range(180, 185))
    dropped = replace(whole, t_ns=t_ns, motion=pictures(arm, t_ns, t_ns / NS))
    diagnosis = diagnose((signal(arm),), (dropped,))
    assert (diagnosis.verdict, codes(diagnosis)) == (Severity.RED, {"samples_dropped"})
    assert diagnosis.cameras[0].clock.dropped == 5


def test_a_stamp_out_of_order_is_red() -> None:
    arm = Arm(0, SECONDS)
    state_signal = signal(arm)
    t_ns = state_signal.t_ns.copy()
    t_ns[500] = t_ns[400]
    diagnosis = diagnose((replace(state_signal, t_ns=t_ns),), (camera(arm),))
    assert diagnosis.verdict is Severity.RED
    assert "stamps_not_monotone" in codes(diagnosis)


def test_pictures_that_were_not_measured_are_unknown() -> None:
    arm = Arm(0, SECONDS)
    diagnosis = diagnose((signal(arm),), (replace(camera(arm), motion=None),))
    assert diagnosis.verdict is Severity.UNKNOWN
    assert codes(diagnosis) == {"pictures_not_measured", "lag_unknown"}
    assert diagnosis.unmeasured == ("front",)


def test_computed_stamps_pass_only_where_pictures_vouch_for_them() -> None:
    arm = Arm(0, SECONDS)
    checked = diagnose((signal(arm),), (camera(arm, computed=True),))
    assert checked.verdict is Severity.GREEN
    assert codes(checked) == {"stamps_computed"}
    blind = diagnose((signal(arm, None),), (camera(arm, computed=True),))
    assert blind.verdict is Severity.UNKNOWN


def test_an_action_alone_is_used_and_said() -> None:
    arm = Arm(0, SECONDS)
    diagnosis = diagnose((signal(arm, Source.ACTION),), (camera(arm, 120),))
    assert diagnosis.cameras[0].lag.source is Source.ACTION
    assert diagnosis.verdict is Severity.AMBER


def test_a_state_is_preferred_to_an_action() -> None:
    arm = Arm(0, SECONDS)
    action = replace(signal(Arm(1, SECONDS), Source.ACTION), name="action")
    diagnosis = diagnose((action, signal(arm)), (camera(arm),))
    assert diagnosis.cameras[0].lag.source is Source.STATE


def test_nothing_at_all_is_unknown() -> None:
    assert diagnose((), ()).verdict is Severity.UNKNOWN


def test_a_diagnosis_survives_json() -> None:
    arm = Arm(0, SECONDS)
    bare = replace(camera(arm), name="wrist", motion=None)
    diagnosis = diagnose((signal(arm),), (camera(arm, 87), bare))
    document = json.loads(json.dumps(diagnosis.to_json()))
    again = SyncDiagnosis.from_json(document)
    assert again == diagnosis
    assert document["verdict"] == "red"
    assert document["cameras"][0]["correction"]["offset_ns"] < 0
    with pytest.raises(ValueError, match="schema version"):
        SyncDiagnosis.from_json(document | {"schema_version": 99})


def test_the_order_of_severities() -> None:
    green, unknown, amber, red = Severity
    assert worst([green, unknown]) is unknown
    assert worst([unknown, amber, green]) is amber
    assert worst([amber, red]) is red
    assert worst([]) is unknown


def test_a_finding_survives_json() -> None:
    finding = Finding("code", Severity.AMBER, "message", "remedy", {"count": 3})
    assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding
