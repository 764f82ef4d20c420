#!/usr/bin/env python
"""Touchline's command line."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError as DatabaseUnreachable
from kombu.exceptions import OperationalError as BrokerUnreachable

from config.embedded.advice import advice


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (DatabaseUnreachable, BrokerUnreachable) as error:
        if said := advice(error):
            sys.exit(said)
        raise


if __name__ == "__main__":
    main()
