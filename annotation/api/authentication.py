"""Programs show a token: `Authorization: Bearer tl_...`; what it may do are its scopes."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from annotation.models import ApiToken
from annotation.services.tokens import recognise_token

if TYPE_CHECKING:  # its module reads the setting that names this one
    from rest_framework.views import APIView

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """The person of a token. A wrong one is an error, never an anonymous visitor."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME.lower().encode():
            return None
        token = None
        if len(words) == 2 and words[1].isascii():
            token = recognise_token(words[1].decode())
        if token is None:
            raise AuthenticationFailed(
                "The token is wrong, has ended or was revoked. Make a new one on your page of "
                "access tokens."
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class TokenHasScope(BasePermission):
    """A view names its ``scope`` for requests that change something; reading needs "read".

    Without a name only "manage" opens it. A person who is logged in needs no scope.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        reads = request.method in SAFE_METHODS
        wanted = ApiToken.Scope.READ if reads else getattr(view, "scope", ApiToken.Scope.MANAGE)
        self.message = f"This needs a token with the scope {ApiToken.Scope(wanted).value}."
        return wanted in request.auth.scopes
