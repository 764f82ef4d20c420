"""manage.py describe_task: goals, things and usual instructions of a task."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from episodes.errors import TouchlineError
from episodes.models import Task
from episodes.services.tasks import describe_task


class Command(BaseCommand):
    help = "Write a task's goals, the things it is about and its usual instructions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", help="the task's text, as episodes carry it")
        parser.add_argument("--as", dest="actor", required=True, help="the manager who says so")
        parser.add_argument(
            "--goal", action="append", default=[], metavar="ID=TEXT", help="once for each goal"
        )
        parser.add_argument("--thing", action="append", default=[], help="once for each thing")
        parser.add_argument(
            "--phrase", action="append", default=[], help="in their order; {0} is the first thing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            task = Task.objects.get(text=options["task"])
            actor = User.objects.get(username=options["actor"])
        except Task.DoesNotExist as error:
            raise CommandError("No episode has this task: give its text exactly.") from error
        except User.DoesNotExist as error:
            raise CommandError(f"There is no {options['actor']}: name a manager.") from error
        goals = dict(goal.split("=", 1) for goal in options["goal"] if "=" in goal)
        if len(goals) < len(options["goal"]):
            raise CommandError("Write each goal as id=text, and each id once.")
        try:
            describe_task(
                actor=actor,
                task=task,
                goals=goals,
                things=options["thing"],
                phrases=options["phrase"],
            )
        except TouchlineError as error:
            raise CommandError(f"{error} {error.remedy}") from error
        self.stdout.write(
            f"{task}: {len(goals)} goals, {len(options['thing'])} things, "
            f"{len(options['phrase'])} phrases"
        )
