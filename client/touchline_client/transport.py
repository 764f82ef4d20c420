"""Requests: authorised, sent again where that is safe, pages followed, refusals raised."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from touchline_client.problems import Problem, Unreachable, problem_of
from touchline_client.retries import PASSING, UNDER_WAY, Retries

ROOT = "/api/v1/"
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
Params = Mapping[str, str | int | bool | None]


class Transport:
    """One connection pool with a token. Every POST has an Idempotency-Key, so that it can be sent
    again: the server carries it out once and answers alike."""

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout_s: float = 30.0,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.retries = retries or Retries()
        self.client = httpx.Client(
            base_url=address.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout_s,
            transport=transport,
        )
        parts = urlsplit(address)
        self._origin = (parts.scheme, parts.netloc)

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        return self.ask("GET", path, params=params)

    def pages(self, path: str, params: Params | None = None) -> Iterator[Any]:
        """Every row of a list; the next page is asked for when it is wanted."""
        found = self.get(path, params)
        while True:
            yield from found["results"]
            if not found["next"]:
                return
            found = self.get(self._same_origin(found["next"]))

    def _same_origin(self, address: str) -> str:
        """The server may know itself by another name (behind a proxy): the token goes only to the
        address that it was given for."""
        parts = urlsplit(address)
        return f"{parts.path}?{parts.query}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Params | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
        repeatable: bool = False,
    ) -> Any:
        """The answer's JSON, None without one. ``key`` is the Idempotency-Key of a POST, made up
        where it is not given; ``repeatable`` says of a PATCH that it carries a request id."""
        sent = dict(headers or {})
        if method == "POST":
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        safe = method in IDEMPOTENT or method == "POST" or repeatable
        request = self.client.build_request(
            method,
            path if path.startswith("/") else ROOT + path,
            json=json,
            params={k: v for k, v in params.items() if v is not None} if params else None,
            content=content,
            headers=sent,
        )
        answer = self._sent(request, safe=safe)
        if answer.status_code == 204 or not answer.content:
            return None
        return answer.json()

    @contextmanager
    def stream(self, path: str) -> Iterator[httpx.Response]:
        """An answer whose bytes are read as they come."""
        request = self.client.build_request("GET", ROOT + path, headers={"Accept": "*/*"})
        answer = self._sent(request, safe=True, stream=True)
        try:
            yield answer
        except httpx.TransportError as error:
            raise Unreachable(f"GET {request.url} broke off: {error}") from error
        finally:
            answer.close()

    def _sent(self, request: httpx.Request, *, safe: bool, stream: bool = False) -> httpx.Response:
        """Raises Problem, Unreachable."""
        attempt = 0
        while True:
            last = not safe or attempt >= self.retries.most
            try:
                answer = self.client.send(request, stream=stream)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(
                        f"{request.method} {request.url} has no answer: "
                        f"{str(error) or type(error).__name__}"
                    ) from error
                pause = self.retries.pause_s(attempt, {})
            else:
                if answer.is_success:
                    return answer
                answer.read()
                problem = problem_of(answer)
                if last or not _passing(problem):
                    raise problem
                pause = self.retries.pause_s(attempt, answer.headers)
            time.sleep(pause)
            attempt += 1


def _passing(problem: Problem) -> bool:
    return problem.status in PASSING or problem.code == UNDER_WAY
