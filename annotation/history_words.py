"""The audit trail in sentences that a manager reads: an action and its facts in, words out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ANYBODY = "The system"
_FIELDS = {
    "name": "Name",
    "description": "Description",
    "state": "State",
    "language": "Working language",
    "timezone": "Time zone",
    "priority": "Priority",
    "deadline": "Deadline",
    "overlap": "Annotators an episode",
    "overlap_percent": "Share of episodes that so many people label, %",
    "gold_first_percent": "Gold at first, %",
    "gold_first_episodes": "Episodes that count as first",
    "gold_percent": "Gold later, %",
    "training_required": "Training required",
    "qualification_required": "Qualification required",
    "skips_flagged": "Skips that put an episode before the managers",
    "bar_ppm": "Bar",
    "confidence_ppm": "Confidence",
    "plan": "Plan",
    "most_defects": "Defects allowed",
    "tolerance_ns": "Tolerance of instants",
    "boundary_tolerance_ns": "Tolerance of boundaries",
}
# What follows the actor's name; fields in braces are facts, an absent one is left empty.
_SENTENCES = {
    "project.created": "started the project “{name}”",
    "project.updated": "changed the settings",
    "project.episodes_added": "added {added} episodes to the queue",
    "project.episodes_removed": "took {episodes} episodes out of the queue",
    "project.purpose_changed": "set the purpose of {episodes} episodes",
    "project.priority_changed": "set the priority of {episodes} episodes",
    "project.schema_changed": "moved the project to another version of the label schema",
    "guideline.published": "published version {number} of the guideline",
    "guideline.acknowledged": "confirmed having read version {number} of the guideline",
    "guideline.picture_added": "added the picture “{name}” to the guideline",
    "membership.changed": "changed the role of {person}",
    "operation.changed": "set what an hour costs and whether a report is sent",
    "policy.changed": "set what holds for the task “{task}”",
    "policy.removed": "took away what held for the task “{task}”",
    "acceptance.changed": "set the bar for {what}",
    "acceptance.removed": "took away the bar for {what}",
    "assignment.claimed": "took an episode",
    "assignment.resumed": "went on with an episode",
    "assignment.released": "gave an episode back",
    "assignment.skipped": "skipped an episode",
    "assignment.taken_back": "took an episode back from {held_by}",
    "project.episodes_reserved": "gave {episodes} episodes to {person}",
    "project.reservations_taken_back": "took the reservation of {episodes} episodes back",
    "project.reservations_ended": "ended the reservation of {episodes} episodes for {person}",
    "skip.decided": "decided about a skipped episode: {decision}",
    "membership.standing_changed": "changed the standing of {person}",
    "annotation_set.submitted": "handed in labels, round {round}",
    "annotation_set.returned": "sent labels back",
    "annotation_set.restored": "brought an earlier revision of labels back",
    "comment.posted": "wrote a comment",
    "comment.edited": "changed a comment",
    "comment.resolved": "resolved a comment",
    "comment.reopened": "opened a comment again",
    "gold_set.recorded": "recorded version {version} of a gold set",
    "gold.state_changed": "changed what a gold item is used for",
    "gold.corrected": "corrected a gold item to version {version}",
    "gold.dispute_decided": "decided a dispute about a gold item",
    "calibration.paused": "paused {person}",
    "calibration.resumed": "let {person} work again",
    "calibration.decided": "decided the qualification of {person}",
    "tolerance.set": "set the tolerance of {name}",
    "batch.created": "made a batch of {episodes} episodes",
    "batch.approved": "approved a batch of {episodes} episodes",
    "sample.drawn": "drew sample {number} of {batch}: {n} of {lot} episodes, {c} errors allowed",
    "sample.passed": "closed sample {number} of {batch}: passed with {errors} errors",
    "sample.failed": "closed sample {number} of {batch}: failed with {errors} errors",
    "sample.followed_up": "decided what follows the failed sample of {batch}",
    "agreement_run.requested": "froze agreement run {number}",
    "episode.approved": "approved {episode}",
    "episode.returned": "sent {episode} back",
    "episode.undone": "took the decision on {episode} back",
    "consensus.begun": "began a consensus of {episode}",
    "consensus.accepted": "made a consensus stand for {episode}",
    "consensus.undone": "took the consensus of {episode} back",
    "consensus.dropped": "gave the draft of a consensus of {episode} up",
    "review_policy.changed": "set how episodes are reviewed",
    "release.requested": "asked for release {version}",
    "release.finished": "finished release {version}",
    "release.signed": "signed release {version} with report {report}",
    "report.requested": "asked for another quality report of release {version}",
    "report.made": "made quality report {number} of release {version}",
    "checks.requested": "asked for run {number} of the dataset checks",
    "checks.computed": "computed run {number} of the dataset checks over {sets} episodes",
    "alignment.drawn": "drew {segments} segments to be judged",
    "alignment.judged": "judged a segment",
    "quality_plan.changed": "set what checks hold and releases must reach",
    "datasheet.answered": "answered the datasheet",
    "webhook.created": "added a webhook",
    "webhook.changed": "changed a webhook",
    "webhook.deleted": "deleted the webhook to {url}",
}
_LABEL_TYPES = {
    "": "all labels",
    "instant": "contact instants",
    "segment": "instructions",
    "span": "failures and recoveries",
    "outcome": "outcomes",
}
_NOTES = ("summary", "comment", "reason", "override_reason", "state")


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was one way before and is another after, both in words."""

    name: str
    before: str
    after: str


def sentence(action: str, facts: Mapping[str, Any], *, person: str = "") -> str:
    """What was done, without who; an action that is not known here in its own words.

    ``person`` is whom it was done to.
    """
    known = _SENTENCES.get(action)
    if known is None:
        noun, _, verb = action.partition(".")
        return f"{noun.replace('_', ' ')}: {verb.replace('_', ' ')}"
    given = _Facts({**facts, "person": person or "somebody", "what": _bar_of(facts)})
    words = known.format_map(given).replace("1 episodes", "1 episode").replace("“”", "")
    return " ".join(words.split())


def changes(facts: Mapping[str, Any]) -> tuple[Change, ...]:
    """Before and after of every field that the entry holds, in the order of the trail."""
    if "before" in facts and "after" in facts:
        return _between(facts["before"], facts["after"])
    return tuple(
        _change(name, value[0], value[1])
        for name, value in facts.items()
        if isinstance(value, list) and len(value) == 2 and name in _FIELDS
    )


def note(facts: Mapping[str, Any]) -> str:
    """What somebody wrote to it."""
    for name in _NOTES:
        value = facts.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _between(before: object, after: object) -> tuple[Change, ...]:
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old = before if isinstance(before, Mapping) else {}
        new = after if isinstance(after, Mapping) else {}
        names = [*old, *(name for name in new if name not in old)]
        return tuple(
            _change(name, old.get(name), new.get(name))
            for name in names
            if old.get(name) != new.get(name)
        )
    if isinstance(before, list):
        before = ", ".join(str(one) for one in before)
    return (Change("", _said("", before), _said("", after)),)


def _change(name: str, before: object, after: object) -> Change:
    return Change(
        _FIELDS.get(name, name.replace("_", " ")), _said(name, before), _said(name, after)
    )


def _said(name: str, value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_ppm") and isinstance(value, int):
        return f"{value / 10_000:g}\u00a0%"
    if name.endswith("_ns") and isinstance(value, int):
        return f"{value / 1_000_000:g} ms"
    return str(value)


def _bar_of(facts: Mapping[str, Any]) -> str:
    kind = str(facts.get("label_type") or "")
    words = _LABEL_TYPES.get(kind, kind)
    if facts.get("task"):
        words += f" of “{facts['task']}”"
    return f"{words}, evaluation episodes" if facts.get("evaluation") else words
