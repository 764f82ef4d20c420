"""Loaded before Django's settings: tests see neither a running stack nor a developer's environment."""

import os

for _name in ("DATABASE_URL", "REDIS_URL", "TOUCHLINE_DATA_DIR", "MEDIA_ACCEL_PREFIX", "DEBUG"):
    os.environ.pop(_name, None)
os.environ["TOUCHLINE_RUN_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["SECRET_KEY"] = "tests-" + "x" * 50
# Playwright's synchronous driver keeps an event loop in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
