"""Addresses that scripts fetch: whoever is not signed in gets a 401, not the log-in page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from episodes.access import Viewer
from episodes.media_errors import NotSignedIn

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def signed_in(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """Refuse anonymous requests with NotSignedIn."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        check_signed_in(request.user)
        return view(request, *args, **kwargs)

    return login_not_required(guarded)


def check_signed_in(user: Viewer) -> None:
    """Raises NotSignedIn."""
    if not user.is_authenticated:
        raise NotSignedIn("you are not signed in", remedy="Sign in and try again.")
