"""Fill a project with months of made-up work, or remove it again."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from episodes.errors import TouchlineError
from episodes.models import Dataset
from review.services.demo import DATASET, SIMULATION
from review.services.remove_simulation import remove_simulation
from review.services.simulate_operation import fill_simulation, order_simulation


class Command(BaseCommand):
    help = "Make a simulated project full of months of work, marked as such; or remove it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project-name", default=SIMULATION)
        parser.add_argument("--dataset", default=DATASET, help="whose episodes are played")
        parser.add_argument("--months", type=int, default=3)
        parser.add_argument("--people", type=int, default=12)
        parser.add_argument("--sets-a-day", type=int, default=5, help="of one person")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--manager", action="append", default=[], help="user name of somebody who manages it"
        )
        parser.add_argument("--remove", action="store_true", help="remove the project instead")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["project_name"]
        try:
            if options["remove"]:
                episodes = remove_simulation(name=name)
                self.stdout.write(f"“{name}” is gone, with {episodes} simulated episodes.")
                return
            self._simulate(name, options)
        except TouchlineError as error:
            raise CommandError(f"{error} {error.remedy}") from error

    def _simulate(self, name: str, options: dict[str, Any]) -> None:
        for wanted, low, high in (("months", 1, 24), ("people", 2, 500), ("sets_a_day", 1, 100)):
            if not low <= options[wanted] <= high:
                raise CommandError(f"--{wanted.replace('_', '-')} is from {low} to {high}.")
        template = Dataset.objects.filter(name=options["dataset"]).first()
        if template is None:
            raise CommandError(
                f"There is no dataset named {options['dataset']}. Name one with --dataset, "
                "or run seed_demo first."
            )
        order = order_simulation(
            name=name,
            template=template,
            managers=[(_user(one), "manager") for one in options["manager"]],
            months=options["months"],
            people=options["people"],
            sets_a_day=options["sets_a_day"],
            seed=options["seed"],
        )
        made = fill_simulation(order_id=order.pk)
        if made is None:
            raise CommandError(f"“{name}” was filled by somebody else meanwhile.")
        self.stdout.write(
            f"“{name}”: {made.people} simulated people handed in {made.submitted} sets "
            f"on {made.episodes} episodes."
        )


def _user(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user named {name}.")
    return found
