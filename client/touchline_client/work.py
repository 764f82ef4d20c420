"""Work on episodes: claiming, drafts, handing in, and the talk about it."""

import uuid
from collections.abc import Iterator, Sequence

from touchline_client import shapes
from touchline_client.problems import NotFound
from touchline_client.resource import Resource


class Work(Resource):
    def claim(self, project_id: int) -> shapes.Claim | None:
        """The next episode, or the one that is open; None when nothing is left."""
        found: shapes.Claim | None = self.http.ask("POST", f"projects/{project_id}/claim")
        return found

    def assignments(self, **filters: str | int) -> Iterator[shapes.Assignment]:
        """One's own, and those of projects that one reviews; by ``project``, ``state``, …"""
        return self.http.pages("assignments", filters)

    def sets(self, **filters: str | int) -> Iterator[shapes.AnnotationSet]:
        return self.http.pages("annotation-sets", filters)

    def get_set(self, set_id: str) -> shapes.Json:
        """The set and its labels, also another's where one reviews."""
        found: shapes.Json = self.http.get(f"annotation-sets/{set_id}")
        return found

    def draft_of(self, claim: shapes.Claim) -> shapes.AnnotationSet:
        """One's own draft of a claimed episode. Raises NotFound when it was handed in since."""
        for one in self.assignments(state="active"):
            if one["id"] == claim["assignment_id"]:
                drafts = self.sets(project=one["project"], episode=one["episode"], state="draft")
                found = next(iter(drafts), None)
                if found is not None:
                    return found
        raise NotFound(404, {"code": "not_found", "detail": "The episode has no draft of yours."})

    def labels(self, set_id: str) -> shapes.SetLabels:
        found: shapes.SetLabels = self.http.get(f"annotation-sets/{set_id}/labels")
        return found

    def save(
        self,
        set_id: str,
        *,
        base_revision: int,
        put: Sequence[shapes.Label] = (),
        remove: Sequence[str] = (),
        request_id: str = "",
    ) -> shapes.Saved:
        """Labels that are new or changed, and ids of those that go. Raises Stale, whose ``fields``
        hold the present ``revision`` and ``labels``, when the draft has moved on."""
        body = {
            "base_revision": base_revision,
            "request_id": request_id or str(uuid.uuid4()),
            "client_id": "touchline-client",
            "put": list(put),
            "remove": list(remove),
        }
        saved: shapes.Saved = self.http.ask(
            "PATCH", f"annotation-sets/{set_id}/labels", json=body, repeatable=True
        )
        return saved

    def submit(self, set_id: str, *, base_revision: int, request_id: str = "") -> shapes.Submitted:
        """Hand it in. Invalid with the code ``not_submittable`` carries ``findings``."""
        body = {"base_revision": base_revision, "request_id": request_id or str(uuid.uuid4())}
        done: shapes.Submitted = self.http.ask(
            "POST", f"annotation-sets/{set_id}/submit", json=body
        )
        return done

    def heartbeat(self, assignment_id: str) -> shapes.Lease:
        """Keep the episode; how long is in ``seconds``, so that no clock has to be right."""
        found: shapes.Lease = self.http.ask("POST", f"assignments/{assignment_id}/heartbeat")
        return found

    def give_back(self, assignment_id: str) -> None:
        self.http.ask("POST", f"assignments/{assignment_id}/release")

    def skip(self, assignment_id: str, reason: str, text: str = "") -> None:
        body = {"reason": reason, "text": text}
        self.http.ask("POST", f"assignments/{assignment_id}/skip", json=body)

    def revisions(self, set_id: str) -> Iterator[shapes.Json]:
        """Every change with who, when, before and after; newest first."""
        return self.http.pages(f"annotation-sets/{set_id}/revisions")

    def labels_at(self, set_id: str, number: int) -> list[shapes.Label]:
        found: list[shapes.Label] = self.http.get(f"annotation-sets/{set_id}/revisions/{number}")[
            "labels"
        ]
        return found

    def restore(self, set_id: str, number: int, *, base_revision: int) -> shapes.Saved:
        saved: shapes.Saved = self.http.ask(
            "POST",
            f"annotation-sets/{set_id}/revisions/{number}/restore",
            json={"base_revision": base_revision},
        )
        return saved

    def activity(self) -> shapes.Json:
        """One's own active time of the last seven days."""
        found: shapes.Json = self.http.get("activity")
        return found


class Comments(Resource):
    def list(self, project_id: int, episode_id: str) -> list[shapes.Comment]:
        """Threads with their answers, in time order."""
        found: list[shapes.Comment] = self.http.get(
            f"projects/{project_id}/episodes/{episode_id}/comments"
        )["threads"]
        return found

    def post(
        self,
        project_id: int,
        episode_id: str,
        text: str,
        *,
        parent: str | None = None,
        annotation_set: str | None = None,
        at_ns: int | None = None,
        blocks: bool = False,
    ) -> shapes.Comment:
        """A remark, or an answer to ``parent``; @name tells somebody."""
        body = {
            "id": str(uuid.uuid4()),
            "text": text,
            "parent": parent,
            "annotation_set": annotation_set,
            "at_ns": at_ns,
            "blocks": blocks,
        }
        made: shapes.Comment = self.http.ask(
            "POST", f"projects/{project_id}/episodes/{episode_id}/comments", json=body
        )
        return made

    def resolve(self, comment_id: str, *, resolved: bool = True) -> shapes.Comment:
        done: shapes.Comment = self.http.ask(
            "PATCH", f"comments/{comment_id}", json={"resolved": resolved}, repeatable=True
        )
        return done


class Notifications(Resource):
    def list(self, *, unread: bool | None = None) -> Iterator[shapes.Notification]:
        asked = None if unread is None else str(unread).lower()
        return self.http.pages("notifications", {"unread": asked})

    def read(self, notification_id: int | None = None) -> int:
        """One, or all; how many are left unread."""
        body = {"notification": notification_id}
        return int(self.http.ask("POST", "notifications/read", json=body)["unread"])
