"""Domain errors and their one way to HTTP."""

import pytest
from django.db import connection

from config.errors import problem
from episodes.errors import TouchlineError


def test_a_domain_error_becomes_a_problem_document() -> None:
    class LeaseGone(TouchlineError):
        code = "lease_gone"
        status = 409

    document = problem(LeaseGone("The lease ended.", remedy="Claim again.", revision=3))

    assert document["status"] == 409
    assert document["title"] == "Conflict"
    assert document["code"] == "lease_gone"
    assert document["revision"] == 3
    assert document["remedy"] == "Claim again."


@pytest.mark.django_db
def test_the_database_is_a_private_postgresql() -> None:
    assert connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 180000
