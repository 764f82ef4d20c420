from django.apps import AppConfig
from django.core.checks import Tags, register

from config import checks

# Imported so that tasks find the broker in every process that loads Django, not only the worker.
from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(checks.data_folder_is_writable, Tags.files)
        register(checks.front_end_is_built, Tags.staticfiles)
        register(checks.video_codecs_are_there, Tags.compatibility)
        register(checks.object_storage_is_set_up, Tags.compatibility)
        register(checks.deployment_is_safe, Tags.security, deploy=True)
