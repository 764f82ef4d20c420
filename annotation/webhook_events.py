"""Events that webhooks can be limited to: actions of the audit trail, in words."""

EVENTS = (
    ("assignment.claimed", "An episode is taken"),
    ("assignment.released", "An episode is given back"),
    ("annotation_set.submitted", "Labels are handed in"),
    ("annotation_set.returned", "Labels are sent back"),
    ("comment.posted", "A comment is written"),
    ("comment.resolved", "A comment is resolved"),
    ("consensus.accepted", "A consensus stands for an episode"),
    ("consensus.undone", "A consensus is taken back"),
    ("batch.created", "A batch is made"),
    ("batch.approved", "A batch is approved"),
    ("release.requested", "A release is asked for"),
    ("release.finished", "A release is built, or failed"),
    ("project.updated", "The project's settings change"),
    ("project.schema_changed", "The project moves to another version of its label schema"),
    ("project.episodes_added", "Episodes come into the queue"),
    ("guideline.published", "A version of the guideline is published"),
    ("membership.changed", "Somebody comes, goes or gets another role"),
    ("calibration.paused", "Somebody is paused for what gold shows"),
    ("calibration.resumed", "Somebody who was paused works again"),
    ("gold.dispute_decided", "A dispute about a gold item is decided"),
)
