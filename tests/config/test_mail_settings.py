"""Where letters go, from one variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_servers_and_the_console() -> None:
    assert env.mail("console:").backend.endswith("console.EmailBackend")
    plain = env.mail("smtp://mail.example.com")
    assert (plain.host, plain.port, plain.tls, plain.ssl) == ("mail.example.com", 25, False, False)
    tls = env.mail("smtp+tls://me%40x:p%3Aw@mail.example.com")
    assert (tls.user, tls.password, tls.port, tls.tls) == ("me@x", "p:w", 587, True)
    assert env.mail("smtps://mail.example.com:4650").port == 4650


@pytest.mark.parametrize(
    "url", ["", "mail.example.com", "http://x", "smtp://", "smtp://h:secret/", "smtp://h:1?tls=1"]
)
def test_what_cannot_be_read_stops_the_start_and_tells_no_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL has to be") as refused:
        env.mail(url)
    assert "secret" not in str(refused.value)


def test_the_address_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_URL", "https://t.example.com/")
    assert env.address("TOUCHLINE_URL", "") == "https://t.example.com"
    monkeypatch.setenv("TOUCHLINE_URL", "t.example.com")
    with pytest.raises(ImproperlyConfigured, match="TOUCHLINE_URL"):
        env.address("TOUCHLINE_URL", "")
