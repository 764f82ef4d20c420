"""What the pages of checks and reports show: figures in the house's words, and plots of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.plots import Axis, Kind, Plot, Point, Rule, Scale, Series
from review.measures.checks.dataset import TITLES
from review.measures.checks.result import Offences
from review.models import CheckFinding, CheckRun, QualityReport
from review.selectors.quality_report import signature_json

STATUS: Mapping[str, tuple[str, str]] = {
    "pass": ("ok", "meets the bar"),
    "fail": ("danger", "below the bar"),
    "needs_more_samples": ("warn", "not enough data"),
    "reported": ("", "reported only"),
    "met": ("ok", "met"),
    "unmet": ("danger", "not met"),
    "unmeasured": ("warn", "unmeasured"),
    "not_required": ("", "not required"),
    "missing": ("danger", "missing"),
    "below": ("warn", "too few"),
}


def run_facts(run: CheckRun) -> dict[str, Any]:
    """Figures, what stands behind them, plots, and which figures have findings."""
    if run.state != CheckRun.State.READY:
        return {"figures": [], "details": {}, "plots": {}, "with_findings": []}
    listed = {
        name: TITLES.get(name, name)
        for name in CheckFinding.objects.filter(run=run)
        .order_by("figure")
        .values_list("figure", flat=True)
        .distinct()
    }
    return {
        "figures": figures_shown(run.figures),
        "details": run.details,
        "plots": plots_of(run),
        "with_findings": list(listed.items()),
        "most": Offences.MOST,
        "cut": [one["title"] for one in run.figures if one["offending"] > Offences.MOST],
    }


def figures_shown(figures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """With ``tone`` and ``word`` of their status, and what to do next."""
    return [{**one, "tone": _tone(one), "word": _word(one), "next": _next(one)} for one in figures]


def _status(figure: Mapping[str, Any]) -> str:
    if _nothing_required(figure):
        return "not_required"
    return "unmeasured" if figure["value"] is None else str(figure["status"])


def _nothing_required(figure: Mapping[str, Any]) -> bool:
    return bool(figure["name"] == "edge_cases" and not figure["n"])


def _tone(figure: Mapping[str, Any]) -> str:
    return STATUS[_status(figure)][0]


def _word(figure: Mapping[str, Any]) -> str:
    return STATUS[_status(figure)][1]


def _next(figure: Mapping[str, Any]) -> str:
    """What a person would do about it."""
    if figure["name"] == "alignment_human" and figure["value"] is None:
        return f"Draw and judge segments: {figure['more']} that are all right would reach the bar."
    if _nothing_required(figure):
        return "A manager names rare events in the settings."
    if figure["value"] is None:
        return str(figure["explained"])
    if figure["status"] == "needs_more_samples" and figure["more"]:
        return f"About {figure['more']} more {figure['unit']} at this rate would decide."
    if figure["status"] == "needs_more_samples":
        return "The rate itself does not exceed the bar: look at what was found."
    if figure["status"] == "fail":
        return f"{figure['offending']} to look at below."
    if figure["status"] == "reported" and figure["value"] < 1:
        return "No bar is set for it."
    return ""


def plots_of(run: CheckRun) -> dict[str, Plot]:
    """Plots where a person would rather look: verbs, coverage of each robot, edge cases."""
    found = {"verbs": verbs_plot(run.details["alignment"]["by_verb"])}
    for at, robot in enumerate(run.details["coverage"]):
        found[f"coverage-{at}"] = coverage_plot(robot, run.plan["coverage_bar"])
    found["edges"] = edges_plot(run.details["edge_cases"]["tags"])
    return {name: one for name, one in found.items() if not one.empty}


def verbs_plot(verbs: Sequence[Mapping[str, Any]]) -> Plot:
    asked = [one for one in verbs if one["asked"]]
    worst = min(asked, key=lambda one: one["held"] / one["asked"], default=None)
    says = (
        "No rule could be asked about any verb."
        if worst is None
        else f"Rules hold least often for “{worst['verb'] or 'no verb'}”:"
        f" {worst['held']} of {worst['asked']} segments."
    )
    judged = [one for one in verbs if one["judged"]]
    series = [
        Series(
            "Rules hold",
            tuple(
                Point(one["verb"] or "no verb", 100 * one["held"] / one["asked"], n=one["asked"])
                for one in asked
            ),
        )
    ]
    if judged:
        series.append(
            Series(
                "Judged right",
                tuple(
                    Point(
                        one["verb"] or "no verb",
                        100 * one["right"] / one["judged"],
                        n=one["judged"],
                    )
                    for one in judged
                ),
            )
        )
    return Plot(
        Kind.BARS,
        "Alignment by verb",
        says,
        Axis("Verb", scale=Scale.CATEGORY),
        Axis("Segments", "%", low=0, high=100),
        tuple(series),
    )


def coverage_plot(robot: Mapping[str, Any], bar: float | None) -> Plot:
    parts = [(one["name"], one["share"]) for one in robot["dimensions"]]
    parts += [("workspace", robot["position"]["share"]), ("skills", robot["skills"]["share"])]
    known = [(name, share) for name, share in parts if share is not None]
    least = min(known, key=lambda one: one[1], default=None)
    says = (
        "Nothing could be measured: limits or samples are missing."
        if least is None
        else f"Least covered is {least[0]}: {100 * least[1]:.0f} % of its range in three episodes"
        " or more."
    )
    return Plot(
        Kind.BARS,
        f"Coverage of {robot['robot'] or 'recordings without a robot'}",
        says,
        Axis("Part", scale=Scale.CATEGORY),
        Axis("Covered", "%", low=0, high=100),
        (Series("Covered", tuple(Point(name, 100 * share) for name, share in known)),),
        rules=() if bar is None else (Rule(100 * bar, "bar"),),
    )


def edges_plot(tags: Sequence[Mapping[str, Any]]) -> Plot:
    missing = sum(one["status"] != "met" for one in tags)
    return Plot(
        Kind.DOTS,
        "Share of episodes by tag",
        f"{missing} of {len(tags)} required tags have too few episodes.",
        Axis("Tag", scale=Scale.CATEGORY),
        Axis("Share of episodes", "%", low=0),
        (
            Series(
                "Episodes",
                tuple(
                    Point(
                        one["name"],
                        _percent(one["share"]),
                        _percent(one["lower"]),
                        _percent(one["upper"]),
                        n=one["episodes"],
                    )
                    for one in tags
                ),
            ),
        ),
    )


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def report_facts(report: QualityReport) -> dict[str, Any]:
    """A report for its page and its file, with the signature as it stands."""
    content = report.content
    return {
        "report": report,
        "release": report.release,
        "project": report.release.project,
        "content": content,
        "figures": figures_shown(content["checks"]["figures"]),
        "gates": [
            {
                **one,
                "tone": STATUS[one["state"]][0] if one["state"] in STATUS else "warn",
                "word": STATUS[one["state"]][1],
            }
            for one in content["gates"]
        ],
        "unmet": [one for one in content["gates"] if one["state"] not in ("met", "not_required")],
        "signature": signature_json(report.release, report),
        "signed_number": report.release.reports.filter(signed=True)
        .values_list("number", flat=True)
        .first(),
    }
