"""When the client sends again, after how long, and what it never repeats."""

from collections.abc import Callable

import httpx
import pytest

from annotation.services.webhook_sending import signature
from touchline_client import (
    ServerFailed,
    SignatureWrong,
    Stale,
    Touchline,
    Unreachable,
    check_signature,
)
from touchline_client.retries import Retries, retry_after_s

Answer = httpx.Response | Exception
HOUR_S = 3600


def talking(answers: list[Answer]) -> tuple[Touchline, list[httpx.Request]]:
    """A client whose server gives these answers in turn, and what it was asked."""
    requests: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        answer = answers[len(requests) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    quick = Retries(most=2, first_s=0.001, longest_s=0.01)
    transport = httpx.MockTransport(server)
    return Touchline("http://one.test", "tl_x", retries=quick, transport=transport), requests


def busy() -> httpx.Response:
    return httpx.Response(503, json={"code": "busy", "detail": "Later."})


def test_a_post_is_sent_again_under_its_key() -> None:
    done = httpx.Response(201, json={"assignment_id": "a", "url": "/"})
    mine, requests = talking([httpx.ReadTimeout("slow"), busy(), done])
    assert mine.work.claim(7) == {"assignment_id": "a", "url": "/"}
    keys = {request.headers["Idempotency-Key"] for request in requests}
    assert (len(requests), len(keys)) == (3, 1)


def test_while_the_first_is_under_way_it_waits() -> None:
    first = httpx.Response(409, json={"code": "request_under_way"}, headers={"Retry-After": "0"})
    mine, requests = talking([first, httpx.Response(204)])
    assert mine.work.claim(7) is None
    assert len(requests) == 2


def test_a_save_is_sent_again_with_its_request_id() -> None:
    mine, requests = talking([busy(), httpx.Response(200, json={"revision": 1, "saved_at": ""})])
    mine.work.save("s", base_revision=0)
    assert requests[0].content == requests[1].content


def test_a_change_of_settings_is_not_repeated() -> None:
    mine, requests = talking([httpx.ReadTimeout("slow")])
    with pytest.raises(Unreachable, match="PATCH"):
        mine.http.ask("PATCH", "projects/7", json={"version": 1, "priority": 2})
    assert len(requests) == 1


def test_what_is_decided_is_not_asked_again() -> None:
    stale = httpx.Response(409, json={"code": "stale_project", "version": 2})
    mine, requests = talking([stale])
    with pytest.raises(Stale):
        mine.http.ask("PUT", "projects/7/acceptance-policies", json={})
    assert len(requests) == 1


def test_it_gives_up() -> None:
    mine, requests = talking([busy(), busy(), busy()])
    with pytest.raises(ServerFailed, match="Later"):
        mine.projects.get(7)
    assert len(requests) == 3


def test_the_token_goes_to_its_own_server_only() -> None:
    """Behind a proxy the server may call itself by another name; or be made to."""
    page = {"results": [{"id": 1}], "next": "http://elsewhere.test/api/v1/projects?cursor=x"}
    last = {"results": [{"id": 2}], "next": None}
    mine, requests = talking([httpx.Response(200, json=page), httpx.Response(200, json=last)])
    assert [row["id"] for row in mine.projects.list()] == [1, 2]
    assert {request.url.host for request in requests} == {"one.test"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
        # By the server's own clock, whatever this machine's says.
        (
            {
                "retry-after": "Thu, 01 Jan 1970 00:00:05 GMT",
                "date": "Thu, 01 Jan 1970 00:00:02 GMT",
            },
            3.0,
        ),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds


def test_pauses_double_and_differ() -> None:
    retries = Retries(first_s=1.0, longest_s=10.0)
    assert all(0.5 <= retries.pause_s(0, {}) <= 1.0 for _ in range(50))
    assert all(5.0 <= retries.pause_s(9, {}) <= 10.0 for _ in range(50))
    assert retries.pause_s(0, {"retry-after": "999"}) == 10.0


class TestSignatures:
    def test_what_the_server_signs_is_right(self) -> None:
        header = signature("secret", 1000, b"{}")
        assert check_signature("secret", header, b"{}", now=1010) == 1000

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda h: ("other", h, b"{}"),
            lambda h: ("secret", h, b"{ }"),
            lambda h: ("secret", h.replace("t=1000", "t=1001"), b"{}"),
            lambda h: ("secret", "", b"{}"),
            lambda h: ("secret", "t=x,v1=ü", b"{}"),
        ],
    )
    def test_what_is_not(self, spoil: Callable[[str], tuple[str, str, bytes]]) -> None:
        with pytest.raises(SignatureWrong):
            check_signature(*spoil(signature("secret", 1000, b"{}")), now=1010)

    def test_an_old_one_is_not_believed(self) -> None:
        header = signature("secret", 1000, b"{}")
        with pytest.raises(SignatureWrong, match="too long ago"):
            check_signature("secret", header, b"{}", now=1000 + HOUR_S)
        # A receiver that knows its clock to be wrong says so.
        check_signature("secret", header, b"{}", now=1000 + HOUR_S, tolerance_s=2 * HOUR_S)
