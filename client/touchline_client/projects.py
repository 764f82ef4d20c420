"""Projects, their people, guidelines, policies, label schemas and webhooks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from touchline_client import shapes
from touchline_client.resource import Resource

MOST_AT_ONCE = 1000


class Projects(Resource):
    def list(self, **filters: str | bool) -> Iterator[shapes.Project]:
        return self.http.pages("projects", filters)

    def get(self, project_id: int) -> shapes.Project:
        found: shapes.Project = self.http.get(f"projects/{project_id}")
        return found

    def create(
        self, name: str, *, overlap: int = 2, guideline: str = "", key: str = ""
    ) -> shapes.Project:
        """``key``: an Idempotency-Key of one's own, for a script that may be started again."""
        body = {"name": name, "overlap": overlap, "guideline": guideline}
        made: shapes.Project = self.http.ask("POST", "projects", json=body, key=key)
        return made

    def change(self, project: shapes.Project, **settings: Any) -> shapes.Project:
        """Change settings of the project as it was read. Raises Stale after another's change."""
        body = {"version": project["version"], **settings}
        changed: shapes.Project = self.http.ask("PATCH", f"projects/{project['id']}", json=body)
        return changed

    def queue(self, project_id: int, **filters: str) -> Iterator[shapes.QueuedEpisode]:
        return self.http.pages(f"projects/{project_id}/queue", filters)

    def add_episodes(self, project_id: int, episodes: Sequence[str]) -> int:
        """How many are new; those that are there stay where they are."""
        added = 0
        for start in range(0, len(episodes), MOST_AT_ONCE):
            body = {"episodes": list(episodes[start : start + MOST_AT_ONCE])}
            added += self.http.ask("POST", f"projects/{project_id}/queue", json=body)["added"]
        return added

    def guidelines(self, project_id: int) -> Iterator[shapes.Guideline]:
        """Newest first."""
        return self.http.pages(f"projects/{project_id}/guidelines")

    def publish_guideline(
        self,
        project_id: int,
        text: str,
        *,
        summary: str = "",
        must_acknowledge: bool = False,
        based_on: int | None = None,
    ) -> shapes.Guideline:
        body: dict[str, Any] = {
            "text": text,
            "summary": summary,
            "must_acknowledge": must_acknowledge,
        }
        if based_on is not None:
            body["based_on"] = based_on
        made: shapes.Guideline = self.http.ask(
            "POST", f"projects/{project_id}/guidelines", json=body
        )
        return made

    def acknowledge_guideline(self, project_id: int, number: int) -> None:
        self.http.ask("PUT", f"projects/{project_id}/guidelines/{number}/acknowledgement")

    def history(self, project_id: int, **filters: str) -> Iterator[shapes.Json]:
        """Who did what; by ``action``, ``who``, ``since`` and ``until``."""
        return self.http.pages(f"projects/{project_id}/history", filters)

    def dashboard(self, project_id: int, table: str, **filters: str) -> shapes.Rows:
        """Rows of ``states``, ``days``, ``people``, ``lengths`` or ``sets``."""
        found: shapes.Rows = self.http.get(f"projects/{project_id}/dashboard/{table}", filters)[
            "rows"
        ]
        return found

    def agreement(self, project_id: int, **filters: str) -> shapes.Json:
        """Figures of now, each with n and interval."""
        found: shapes.Json = self.http.get(f"projects/{project_id}/agreement", filters)
        return found


class Members(Resource):
    def list(self, project_id: int, **filters: str) -> Iterator[shapes.Member]:
        return self.http.pages(f"projects/{project_id}/members", filters)

    def set(self, project_id: int, username: str, role: str) -> shapes.Member:
        made: shapes.Member = self.http.ask(
            "PUT", f"projects/{project_id}/members/{username}", json={"role": role}
        )
        return made

    def remove(self, project_id: int, username: str) -> None:
        """Their open work goes back, what they handed in stays."""
        self.http.ask("DELETE", f"projects/{project_id}/members/{username}")


class Schemas(Resource):
    def list(self, **filters: str) -> Iterator[shapes.Schema]:
        return self.http.pages("schemas", filters)

    def get(self, schema_id: int) -> shapes.Schema:
        """With its definition."""
        found: shapes.Schema = self.http.get(f"schemas/{schema_id}")
        return found

    def store(self, definition: shapes.Json) -> shapes.Schema:
        made: shapes.Schema = self.http.ask("POST", "schemas", json={"definition": definition})
        return made

    def delete(self, schema_id: int) -> None:
        self.http.ask("DELETE", f"schemas/{schema_id}")

    def preview_move(self, project_id: int, schema_id: int) -> shapes.Json:
        """What moving the project to the schema would change."""
        found: shapes.Json = self.http.get(f"projects/{project_id}/schema-moves/{schema_id}")
        return found

    def move(
        self, project: shapes.Project, schema_id: int, mapping: Mapping[str, str]
    ) -> shapes.Json:
        body = {"version": project["version"], "mapping": dict(mapping)}
        done: shapes.Json = self.http.ask(
            "POST", f"projects/{project['id']}/schema-moves/{schema_id}", json=body
        )
        return done


class Webhooks(Resource):
    def list(self, project_id: int) -> Iterator[shapes.Webhook]:
        return self.http.pages(f"projects/{project_id}/webhooks")

    def create(self, project_id: int, url: str, events: Sequence[str] = ()) -> shapes.Webhook:
        """No events: all of them. ``secret`` is what ``check_signature`` wants."""
        body = {"url": url, "events": list(events)}
        made: shapes.Webhook = self.http.ask("POST", f"projects/{project_id}/webhooks", json=body)
        return made

    def delete(self, webhook_id: int) -> None:
        self.http.ask("DELETE", f"webhooks/{webhook_id}")

    def deliveries(self, webhook_id: int, **filters: str) -> Iterator[shapes.Delivery]:
        return self.http.pages(f"webhooks/{webhook_id}/deliveries", filters)

    def ping(self, webhook_id: int) -> shapes.Delivery:
        made: shapes.Delivery = self.http.ask("POST", f"webhooks/{webhook_id}/deliveries")
        return made

    def again(self, delivery_id: str) -> shapes.Delivery:
        done: shapes.Delivery = self.http.ask("POST", f"webhooks/deliveries/{delivery_id}/again")
        return done
