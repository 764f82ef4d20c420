"""Forms of the pages of quality: what checks hold, what releases must reach, datasheet, signature.

Lists are written a line each; a line that cannot be read is named, and stays in the form.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django import forms

from review.measures.checks.alignment import Rule, RuleSettings, SlotVerdict
from review.measures.checks.coverage import Workspace
from review.measures.checks.edge_cases import RequiredTag
from review.measures.checks.plan import CheckPlan
from review.measures.datasheet import ASKED
from review.measures.gates import TITLES, GateName, GatePlan
from review.measures.refused import InputRefused
from review.models import AlignmentItem, Datasheet
from review.selectors.alignment import stated
from review.selectors.dataset_checks import Plans

MS = 1_000_000
MOST_LINES = 500
_T = TypeVar("_T")


class LinesField(forms.CharField):
    """A value a line. ``read`` refuses a line with a ValueError that says why."""

    def __init__(self, read: Callable[[str], Any], *, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "mono"})
        super().__init__(required=False, max_length=50_000, widget=widget, **kwargs)
        self.read = read

    def clean(self, value: Any) -> list[Any]:
        text = super().clean(value)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"At most {MOST_LINES} lines; these are {len(lines)}.")
        found, wrong = [], []
        for line in lines:
            try:
                found.append(self.read(line))
            except ValueError as error:
                wrong.append(f"“{line}”: {error}")
        if wrong:
            raise forms.ValidationError(wrong)
        return found


def _two(line: str, sign: str, shape: str) -> tuple[str, str]:
    first, found, second = (part.strip() for part in line.partition(sign))
    if not (first and found and second):
        raise ValueError(f"write it as {shape}")
    return first, second


def read_rule(line: str) -> tuple[str, tuple[Rule, ...]]:
    verb, rules = _two(line, ":", "verb: rule, rule")
    names = [name.strip() for name in rules.split(",")]
    known = {rule.value for rule in Rule}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no rule {', '.join(unknown)}; rules are {', '.join(sorted(known))}")
    return verb.lower(), tuple(Rule(name) for name in names)


def read_words(line: str) -> tuple[str, str]:
    phrase, verb = _two(line, "=", "phrase = verb")
    return phrase.lower(), verb.lower()


def read_cell(line: str) -> tuple[str, str]:
    verb, noun = _two(line, ",", "verb, object")
    return verb.lower(), noun.lower()


def read_tag(line: str) -> RequiredTag:
    name, target = _two(line, ",", "tag, 20 for episodes or tag, 5 % for a share")
    try:
        if target.endswith("%"):
            return RequiredTag(name, share=float(target[:-1]) / 100)
        return RequiredTag(name, episodes=int(target))
    except InputRefused as error:
        raise ValueError(str(error)) from error
    except ValueError as error:
        raise ValueError(f"{target} is no number of episodes and no share") from error


class Percent(forms.FloatField):
    """A share, entered and shown in percent; the value is the share."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 100, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return round(value * 100, 6) if isinstance(value, float) else value

    def clean(self, value: Any) -> float | None:
        found = super().clean(value)
        return None if found is None else found / 100


BAR_MOST = 99.9


class AlignmentPlanForm(forms.Form):
    alignment_bar = Percent(label="Bar for what people judge, %", max_value=BAR_MOST)
    proxy_bar = Percent(
        label="Bar for the rules, %",
        required=False,
        max_value=BAR_MOST,
        help_text="Empty: reported only, until the rules' own precision and recall are known.",
    )
    tolerance = forms.IntegerField(
        label="A signal may come earlier or later by, ms", min_value=0, max_value=10_000
    )
    displacement_m = forms.FloatField(label="Moving is a way of, m", min_value=0.0001, max_value=10)
    gripper_low = Percent(label="A gripper is closed below, % of its range")
    gripper_high = Percent(label="and open above, %")
    force_low_n = forms.FloatField(label="No contact below, N", min_value=0)
    force_high_n = forms.FloatField(label="Contact above, N", min_value=0)
    rules = LinesField(
        read_rule,
        rows=8,
        label="Rules, a verb a line",
        help_text="verb: closes, opens, moves, pushes or force. Other verbs are not asked about.",
    )
    words = LinesField(
        read_words,
        label="Phrases that mean a verb, one a line",
        help_text="phrase = verb, such as: close the gripper on = grasp",
    )


class SegmentationPlanForm(forms.Form):
    segmentation_bar = Percent(label="Bar for episodes with nothing broken, %", max_value=BAR_MOST)
    similarity_bar = Percent(
        label="Bar for likeness within a task, %",
        required=False,
        max_value=BAR_MOST,
        help_text="Empty: reported only.",
    )
    min_duration = forms.IntegerField(label="Segments last at least, ms", min_value=0)
    max_gap = forms.IntegerField(
        label="Gaps between segments last at most, ms",
        required=False,
        min_value=0,
        help_text="Empty: gaps are fine.",
    )


class CoveragePlanForm(forms.Form):
    coverage_bar = Percent(
        label="Bar for the least covered part, %",
        required=False,
        help_text="Empty: reported only.",
    )
    low_x = forms.FloatField(label="Workspace x from, m", required=False)
    high_x = forms.FloatField(label="x to, m", required=False)
    low_y = forms.FloatField(label="y from, m", required=False)
    high_y = forms.FloatField(label="y to, m", required=False)
    low_z = forms.FloatField(label="z from, m", required=False)
    high_z = forms.FloatField(label="z to, m", required=False)
    voxel = forms.FloatField(
        label="Edge of a voxel, m", required=False, initial=0.05, min_value=0.001, max_value=10
    )
    required_cells = LinesField(
        read_cell,
        label="Skills required, one a line",
        help_text="verb, object such as: lift, block. Each counts from three episodes on.",
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        low: list[Any] = [found.get(f"low_{axis}") for axis in "xyz"]
        high: list[Any] = [found.get(f"high_{axis}") for axis in "xyz"]
        given = [one is not None for one in (*low, *high)]
        found["workspace"] = None
        if any(given) and not all(given):
            self.add_error("low_x", "A workspace has all six limits, or none.")
        elif all(given):
            try:
                found["workspace"] = Workspace(
                    (low[0], low[1], low[2]),
                    (high[0], high[1], high[2]),
                    found.get("voxel") or 0.05,
                )
            except InputRefused as error:
                self.add_error("low_x", str(error))
        return found


class EdgePlanForm(forms.Form):
    required_tags = LinesField(
        read_tag,
        rows=6,
        label="Episodes required, a tag a line",
        help_text="tag, number or tag, share %: a class (slip), failure:drop, recording:night, "
        "failure_recovered, near_limit, high_force",
    )
    edge_bar = Percent(label="Share of the tags that must be met, %")
    recovery_within = forms.FloatField(
        label="A recovery follows a failure within, s", min_value=0, max_value=3600
    )


class GatePlanForm(forms.Form):
    required = forms.MultipleChoiceField(
        label="A release is signed when",
        required=False,
        choices=[(name.value, title) for name, title in TITLES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    accuracy_bar = Percent(label="Bar for the lower bound of accuracy, %", max_value=BAR_MOST)
    pairwise_bar = Percent(label="Bar for agreement between annotators, %", max_value=BAR_MOST)


class VersionForm(forms.Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class QualityPlanForms:
    """The parts of the page of settings, read and written as one plan."""

    def __init__(self, given: Any, plans: Plans) -> None:
        start = _start(plans.checks)
        self.version = VersionForm(given, initial={"version": plans.version})
        self.parts: Mapping[str, forms.Form] = {
            "Language–action alignment": AlignmentPlanForm(given, initial=start),
            "Episode segmentation": SegmentationPlanForm(given, initial=start),
            "Action-space coverage": CoveragePlanForm(given, initial=start),
            "Edge cases": EdgePlanForm(given, initial=start),
            "Gates of a release": GatePlanForm(given, initial=plans.gates.to_json()),
        }

    def is_valid(self) -> bool:
        each = [form.is_valid() for form in (self.version, *self.parts.values())]
        if not all(each):
            return False
        try:
            self._read()
        except (InputRefused, ValueError) as error:
            alignment = next(iter(self.parts.values()))
            alignment.add_error(None, str(error))
            return False
        return True

    def _read(self) -> tuple[RuleSettings, GatePlan]:
        return self.checks.rule_settings, self.gates

    @property
    def checks(self) -> CheckPlan:
        found = {
            name: value for form in self.parts.values() for name, value in form.cleaned_data.items()
        }
        gap = found["max_gap"]
        return CheckPlan(
            alignment_bar=found["alignment_bar"],
            proxy_bar=found["proxy_bar"],
            tolerance_ns=found["tolerance"] * MS,
            displacement_m=found["displacement_m"],
            gripper_low=found["gripper_low"],
            gripper_high=found["gripper_high"],
            force_low_n=found["force_low_n"],
            force_high_n=found["force_high_n"],
            rules=dict(found["rules"]),
            words=dict(found["words"]),
            segmentation_bar=found["segmentation_bar"],
            similarity_bar=found["similarity_bar"],
            min_duration_ns=found["min_duration"] * MS,
            max_gap_ns=None if gap is None else gap * MS,
            coverage_bar=found["coverage_bar"],
            workspace=found["workspace"],
            required_cells=_once(found["required_cells"]),
            edge_bar=found["edge_bar"],
            required_tags=_once(found["required_tags"]),
            recovery_within_ns=round(found["recovery_within"] * 1000) * MS,
        )

    @property
    def gates(self) -> GatePlan:
        found = self.parts["Gates of a release"].cleaned_data
        return GatePlan(
            required=frozenset(GateName(name) for name in found["required"]),
            accuracy_bar=found["accuracy_bar"],
            pairwise_bar=found["pairwise_bar"],
        )

    def refused(self, message: str, version: int) -> None:
        """Keep the entries; saved again they hold."""
        self.version.add_error(None, message)
        self.version.data = {**dict(self.version.data.items()), "version": str(version)}


def _once(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))


def _start(plan: CheckPlan) -> dict[str, Any]:
    box = plan.workspace
    start: dict[str, Any] = {
        **{name: getattr(plan, name) for name in plan.__dataclass_fields__},
        "tolerance": plan.tolerance_ns // MS,
        "min_duration": plan.min_duration_ns // MS,
        "max_gap": None if plan.max_gap_ns is None else plan.max_gap_ns // MS,
        "recovery_within": plan.recovery_within_ns / (1000 * MS),
        "rules": "\n".join(f"{verb}: {', '.join(own)}" for verb, own in plan.rules.items()),
        "words": "\n".join(f"{phrase} = {verb}" for phrase, verb in plan.words.items()),
        "required_cells": "\n".join(", ".join(cell) for cell in plan.required_cells),
        "required_tags": "\n".join(map(_tag_line, plan.required_tags)),
    }
    if box is not None:
        start |= {f"low_{axis}": value for axis, value in zip("xyz", box.low, strict=True)}
        start |= {f"high_{axis}": value for axis, value in zip("xyz", box.high, strict=True)}
        start["voxel"] = box.voxel
    return start


def _tag_line(tag: RequiredTag) -> str:
    if tag.share is None:
        return f"{tag.name}, {tag.episodes}"
    return f"{tag.name}, {tag.share * 100:g} %"


class DatasheetForm(forms.Form):
    """A question a field."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, given: Any, *, sheet: Datasheet) -> None:
        super().__init__(given, initial={**sheet.answers, "version": sheet.version})
        for one in ASKED:
            self.fields[one.id] = forms.CharField(
                label=one.text,
                required=False,
                max_length=5000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        found: dict[str, list[forms.BoundField]] = {}
        for one in ASKED:
            found.setdefault(one.section, []).append(self[one.id])
        return list(found.items())

    @property
    def answers(self) -> dict[str, str]:
        return {one.id: self.cleaned_data[one.id] for one in ASKED}


class DrawForm(forms.Form):
    segments = forms.IntegerField(
        label="Segments",
        min_value=1,
        max_value=2000,
        help_text="At random over the accepted episodes, by verb in proportion.",
    )


class JudgementForm(forms.Form):
    """A choice a slot that the segment's text fills."""

    CHOICES = (
        (SlotVerdict.OK.value, "OK"),
        (SlotVerdict.WRONG.value, "Wrong"),
        (SlotVerdict.NOT_VISIBLE.value, "Not visible"),
    )

    def __init__(self, given: Any, *, item: AlignmentItem, start: Mapping[str, str]) -> None:
        super().__init__(given, initial=dict(start))
        for name, said in stated(item):
            self.fields[name] = forms.ChoiceField(
                label=f"{name.capitalize()}: {said}",
                choices=self.CHOICES,
                widget=forms.RadioSelect,
                error_messages={"required": f"Say whether the {name} is right."},
            )


class SignForm(forms.Form):
    """``report`` is the one that was read."""

    report = forms.UUIDField(widget=forms.HiddenInput)
    override_reason = forms.CharField(
        label="Why it is signed although gates are not met",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Stands in the report and in the manifest, with your name.",
    )
