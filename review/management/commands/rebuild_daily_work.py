"""Write the daily sums behind the dashboards anew."""

from typing import Any

from django.core.management.base import BaseCommand

from annotation.models import Project
from review.services.daily_work import rebuild_daily_work


class Command(BaseCommand):
    help = "Write the daily sums of every project anew from its annotation sets."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [rebuild_daily_work(project) for project in Project.objects.order_by("pk")]
        self.stdout.write(f"{sum(rows)} sums of {len(rows)} projects.")
