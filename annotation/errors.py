"""What can go wrong when people annotate; HTTP meets these in config.errors."""

from episodes.errors import TouchlineError


class NotFound(TouchlineError):
    """There is no such record, or none that this person may know of."""

    code = "not_found"
    status = 404


class RoleMissing(TouchlineError):
    """The person belongs to the project, but not in a role that may do this."""

    code = "role_missing"
    status = 403


class StaleRevision(TouchlineError):
    """A save or submit started from another revision. Fields: current ``revision``, ``labels``."""

    code = "stale_revision"
    status = 409


class LeaseExpired(TouchlineError):
    """The hold on the episode ran out and its place went to somebody else, or it was given back."""

    code = "lease_expired"
    status = 409


class SetFrozen(TouchlineError):
    """The set was submitted; it takes no more changes."""

    code = "set_frozen"
    status = 409


class RequestReused(TouchlineError):
    """A request id came back with other contents: answering it as a repeat would lose them."""

    code = "request_reused"
    status = 409


class LabelsInvalid(TouchlineError):
    """Labels break the rules of the schema. Field ``findings``: what and where."""

    code = "labels_invalid"
    status = 400


class NotSubmittable(TouchlineError):
    """The set is not complete. Field ``findings``: errors and warnings."""

    code = "not_submittable"
    status = 422


class NotReturnable(TouchlineError):
    """Only the last round of a person's work, once submitted, can be sent back."""

    code = "not_returnable"
    status = 409


class NotReleasable(TouchlineError):
    """Only an episode that is being worked on can be given back."""

    code = "not_releasable"
    status = 409


class ProjectNameTaken(TouchlineError):
    code = "project_name_taken"
    status = 409


class LastManager(TouchlineError):
    """A project keeps at least one manager."""

    code = "last_manager"
    status = 409


class EpisodesNotReady(TouchlineError):
    """Episodes that are importing or quarantined cannot be queued."""

    code = "episodes_not_ready"
    status = 409


class StaleProject(TouchlineError):
    """A project, guideline or schema was changed since it was opened. Field ``version``."""

    code = "stale_project"
    status = 409


class StalePreferences(TouchlineError):
    """Preferences were changed in another window. Fields: current ``version``, ``values``."""

    code = "stale_preferences"
    status = 409


class TokenNameTaken(TouchlineError):
    code = "token_name_taken"
    status = 409


class TokenUnusable(TouchlineError):
    """A token that could do nothing, or one too many."""

    code = "token_unusable"
    status = 400


class WebhookRefused(TouchlineError):
    """An address that nothing may be sent to, or that the project has already."""

    code = "webhook_refused"
    status = 400


class CommentRefused(TouchlineError):
    """A comment without words, pinned to nothing, or read by somebody who must not."""

    code = "comment_refused"
    status = 400


class KeyReused(TouchlineError):
    """An Idempotency-Key that is none, or came back with another request."""

    code = "idempotency_key_reused"
    status = 409


class RequestUnderWay(TouchlineError):
    """An Idempotency-Key came back while its first request is being answered."""

    code = "request_under_way"
    status = 409

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "1"}


class GuidelineUnread(TouchlineError):
    """A version of the guideline has to be acknowledged first. Field ``url``: where to read it."""

    code = "guideline_unread"
    status = 409


class PictureRefused(TouchlineError):
    """A file that is no picture, too large, or whose name another picture has."""

    code = "picture_refused"
    status = 400


class SchemaInUse(TouchlineError):
    """A version of a schema under which projects or labels stand. Field ``projects``: names."""

    code = "schema_in_use"
    status = 409


class SchemaDraftStale(TouchlineError):
    """A draft of a schema was changed since the page was opened. Field ``version``: present one."""

    code = "schema_draft_stale"
    status = 409


class SchemaVersionTaken(TouchlineError):
    """A version is never changed. Field ``version``: the next free one."""

    code = "schema_version_taken"
    status = 409


class WorkWithheld(TouchlineError):
    """The person's standing in the project gives them no work. Field ``standing``."""

    code = "work_withheld"
    status = 403


class StandingRefused(TouchlineError):
    """A change of standing without a reason, or to a standing that does not exist."""

    code = "standing_refused"
    status = 400


class NotReservable(TouchlineError):
    """A reservation that could give nothing: the person had the episode, or its slots are taken."""

    code = "not_reservable"
    status = 409


class SkipUndecided(TouchlineError):
    """A decision about a skipped episode that there is not, or that lacks its person."""

    code = "skip_undecided"
    status = 400


class AlreadyAnswered(TouchlineError):
    """An expert asks for an episode that they had before."""

    code = "already_answered"
    status = 409
