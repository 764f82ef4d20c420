"""Composition root: settings, addresses, the worker application and the embedded stack."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
