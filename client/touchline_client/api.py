"""The object that one works with: a connection and a resource for each noun."""

from typing import Self

import httpx

from touchline_client.projects import Members, Projects, Schemas, Webhooks
from touchline_client.recordings import Datasets, Episodes, Imports, SavedFilters, Tasks
from touchline_client.retries import Retries
from touchline_client.review import Batches, Releases
from touchline_client.transport import Transport
from touchline_client.work import Comments, Notifications, Work


class Touchline:
    """A Touchline at an address, seen as the person whose token it is.

    Not to be shared between threads; each makes its own.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout_s: float = 30.0,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.http = Transport(
            address, token, timeout_s=timeout_s, retries=retries, transport=transport
        )
        self.datasets = Datasets(self.http)
        self.episodes = Episodes(self.http)
        self.tasks = Tasks(self.http)
        self.saved_filters = SavedFilters(self.http)
        self.imports = Imports(self.http)
        self.projects = Projects(self.http)
        self.members = Members(self.http)
        self.schemas = Schemas(self.http)
        self.work = Work(self.http)
        self.comments = Comments(self.http)
        self.notifications = Notifications(self.http)
        self.batches = Batches(self.http)
        self.releases = Releases(self.http)
        self.webhooks = Webhooks(self.http)

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
