"""The log-in page; in the demo it names the people one can be."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView

DEMO_PEOPLE = (
    {"username": "ada", "role": "annotator"},
    {"username": "abe", "role": "annotator"},
    {"username": "ravi", "role": "reviewer"},
    {"username": "mei", "role": "manager"},
    {"username": "root", "role": "administrator"},
)


class LoginPage(LoginView):
    template_name = "login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = DEMO_PEOPLE if settings.TOUCHLINE_DEMO else ()
        return super().get_context_data(demo_people=people, **kwargs)
