"""Every address of the site: whom it turns away, which methods it knows, and never a 500.

A new address without a line in ADDRESSES fails here, whatever else it is tested for.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_vite.core.asset_loader import (  # type: ignore[import-untyped]
    DjangoViteAssetLoader,
)
from pytest_django import Settings

from tests.config.addresses import ADDRESSES, ALSO_READ, BODIES, NOT_WHOLE
from tests.config.whole_site import Site, build_site
from tests.once import once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LOGIN = "/login/"
# Whom each kind of address turns away, and how: 404 where one is not to learn what there is.
OUTSIDERS = {"otto": 404, "nora": 404}
NOT_REVIEWERS = {**OUTSIDERS, "ada": 403, "abe": 403}
TURNED_AWAY: dict[str, dict[str, int]] = {
    "everybody": {},
    "people": {},
    "members": OUTSIDERS,
    "in a project": {"otto": 404},
    "ada": {**OUTSIDERS, "abe": 403, "ravi": 403, "mei": 403, "root": 403},
    "only ada": {**dict.fromkeys(("abe", "ravi", "mei", "root"), 404), **OUTSIDERS},
    "reviewers": NOT_REVIEWERS,
    "ada and reviewers": {**OUTSIDERS, "abe": 404},
    "managers": {**NOT_REVIEWERS, "ravi": 403},
    "any manager": {"otto": 403, "ada": 403, "abe": 403, "ravi": 403},
    "importers": {"otto": 404, "nora": 404, "ada": 404, "abe": 404, "ravi": 404},
    "steerers": {"otto": 403, "nora": 404, "ada": 403, "abe": 403, "ravi": 403},
    "mei": {"otto": 404, "nora": 404, "ada": 404, "abe": 404, "ravi": 404, "root": 404},
}


@pytest.fixture(autouse=True)
def pages_without_a_build(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    monkeypatch.setattr(DjangoViteAssetLoader, "_instance", None)


@pytest.fixture
def site(db: None, tmp_path: Path) -> Site:
    return once("site", lambda: build_site(tmp_path))


def patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern below a resolver with its name, namespace included."""
    for found in resolver.url_patterns:
        if isinstance(found, URLResolver):
            yield from patterns(found, f"{space}{found.namespace}:" if found.namespace else space)
        else:
            yield f"{space}{found.name}", found


def browser(site: Site, who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who:
        client.force_login(site.people[who])
    return client


def ask(client: Client, site: Site, name: str, method: str) -> Any:
    path = reverse(name, args=ADDRESSES[name].place(site))
    body: Any = BODIES.get(name, {}) if method not in ("GET", "DELETE") else None
    if path.startswith("/api/"):
        return client.generic(
            method, path, _json(body), "application/json", headers={"Accept": "application/json"}
        )
    return getattr(client, method.lower())(path, body)


def _json(body: dict[str, Any] | None) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def everything_stored() -> dict[str, list[Any]]:
    """Every row of the apps' own tables."""
    models = [
        model
        for app in ("episodes", "annotation", "review")
        for model in apps.get_app_config(app).get_models()
    ]
    return {m._meta.label: list(m._default_manager.order_by("pk").values()) for m in models}


def test_every_address_has_its_line_here() -> None:
    found = {name for name, _ in patterns(get_resolver()) if not name.startswith("admin:")}
    assert found == set(ADDRESSES)


def test_nobody_unknown_comes_in(site: Site) -> None:
    before, wrong = everything_stored(), {}
    for name, address in ADDRESSES.items():
        if address.least == "everybody":
            continue
        for method in address.methods.split():
            answer = ask(Client(), site, name, method)
            to_login = answer.status_code == 302 and answer["Location"].startswith(LOGIN)
            if not (to_login or answer.status_code in (401, 403)):
                wrong[name, method] = answer.status_code
    assert wrong == {}
    assert everything_stored() == before


def test_whom_an_address_turns_away(site: Site) -> None:
    before, wrong = everything_stored(), {}
    for who in site.people:
        client = browser(site, who)
        for name, address in ADDRESSES.items():
            expected = TURNED_AWAY[address.least].get(who)
            for method in address.methods.split() if expected else ():
                status = ask(client, site, name, method).status_code
                if status != expected:
                    wrong[who, name, method] = status
    assert wrong == {}
    assert everything_stored() == before


def opened(site: Site, who: str) -> Iterator[tuple[str, Any]]:
    """What a person may GET, and the answer to it."""
    client = browser(site, who)
    for name, address in ADDRESSES.items():
        if who not in TURNED_AWAY[address.least] and "GET" in address.methods:
            yield name, ask(client, site, name, "GET")


def test_what_one_may_open_opens(site: Site) -> None:
    """A page, or the way to another one."""
    wrong = {}
    for who in site.people:
        for name, answer in opened(site, who):
            if answer.status_code not in (200, 302, NOT_WHOLE.get(name)):
                wrong[who, name] = answer.status_code
    assert wrong == {}


def test_what_one_may_do_is_answered(site: Site) -> None:
    """Writing with next to nothing: done, or refused with a reason that is not about the person."""
    wrong = {}
    for name, address in ADDRESSES.items():
        allowed = [who for who in site.people if who not in TURNED_AWAY[address.least]]
        client = browser(site, allowed[0])
        # In the order of the line: deleting comes last.
        for method in [one for one in address.methods.split() if one != "GET"]:
            status = ask(client, site, name, method).status_code
            if name in ALSO_READ and status == 403:
                continue
            if status not in (200, 201, 202, 204, 302, 400, 409, 422):
                wrong[allowed[0], name, method] = status
    assert wrong == {}


def test_lists_show_outsiders_nothing(site: Site) -> None:
    shown = []
    for who in OUTSIDERS:
        for name, answer in opened(site, who):
            page = answer.content.decode() + answer.get("Location", "")
            shown += [(who, name, secret) for secret in site.secrets if secret in page]
    assert shown == []


def test_other_methods_are_refused(site: Site) -> None:
    mei, wrong = browser(site, "mei"), {}
    for name, address in ADDRESSES.items():
        # The log-in page sends on whoever is logged in.
        client = Client() if name == "login" else mei
        for method in sorted(set(METHODS) - set(address.methods.split())):
            answer = ask(client, site, name, method)
            if answer.status_code != 405:
                wrong[name, method] = answer.status_code
    assert wrong == {}


def admin_addresses(site: Site) -> Iterator[str]:
    """The administration's addresses: the pages without a place, and each model's with one."""
    for model in admin.site._registry:
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{stem}_changelist")
        first = model._default_manager.first()
        if first is not None:
            for page in ("change", "history", "delete"):
                yield reverse(f"{stem}_{page}", args=[first.pk])
        yield reverse(f"{stem}_add")
    yield from (reverse(f"admin:{name}") for name in ("index", "password_change", "jsi18n"))
    yield from (reverse("admin:app_list", args=[app]) for app in ("episodes", "annotation"))


def test_the_administration_opens_for_root_and_for_nobody_else(site: Site) -> None:
    wrong = {}
    clients = {who: browser(site, who) for who in ("", "otto", "ada", "ravi", "mei", "root")}
    root = clients.pop("root")
    for path in admin_addresses(site):
        status = root.get(path, follow=True).status_code
        # 403 where history is not to be changed.
        if status != 200 and not (status == 403 and path.endswith(("/add/", "/delete/"))):
            wrong["root", path] = status
        for who, client in clients.items():
            answer = client.get(path)
            if not (answer.status_code == 302 and "/login/" in answer["Location"]):
                wrong[who, path] = answer.status_code
    assert wrong == {}


def test_searching_the_administration_works(site: Site) -> None:
    root, wrong = browser(site, "root"), {}
    for model, options in admin.site._registry.items():
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for query in ({"q": "a"}, {"o": "1"}, {"p": "0"}):
            status = root.get(path, query).status_code
            if status != 200:
                wrong[options.__class__.__name__, str(query)] = status
    assert wrong == {}
