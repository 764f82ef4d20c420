"""Fill a project with annotators of known accuracy and bias, or remove it again."""

from argparse import ArgumentParser
from itertools import zip_longest
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from episodes.errors import TouchlineError
from episodes.models import Dataset
from review.services.demo import DATASET
from review.services.remove_simulation import remove_simulation
from review.services.simulate_annotators import Person, simulate_annotators

NAME = "Annotators of known accuracy (simulated)"


class Command(BaseCommand):
    help = "Make a simulated project whose annotators' accuracy and bias are known; or remove it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", default=NAME, help="name of the project to make")
        parser.add_argument("--dataset", default=DATASET, help="whose episodes are played")
        parser.add_argument("--episodes", type=int, default=60)
        parser.add_argument(
            "--accuracy", type=float, action="append", help="of one annotator, 0 to 1; repeatable"
        )
        parser.add_argument(
            "--bias-ms", type=int, action="append", help="of the same annotators, in their order"
        )
        parser.add_argument("--icc", type=float, default=0.0, help="how far errors go together")
        parser.add_argument("--no-gold", action="store_true", help="keep the truth to itself")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--manager", action="append", default=[], help="user who manages it")
        parser.add_argument("--remove", action="store_true", help="remove the project instead")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["project"]
        try:
            if options["remove"]:
                episodes = remove_simulation(name=name)
                self.stdout.write(f"“{name}” is gone, with {episodes} simulated episodes.")
                return
            template = Dataset.objects.filter(name=options["dataset"]).first()
            if template is None:
                raise CommandError(
                    f"There is no dataset named {options['dataset']}. Name one with --dataset."
                )
            project = simulate_annotators(
                name=name,
                template=template,
                people=_people(options),
                episodes=options["episodes"],
                gold=not options["no_gold"],
                managers=[(_user(one), "manager") for one in options["manager"]],
                seed=options["seed"],
            )
        except TouchlineError as error:
            raise CommandError(f"{error} {error.remedy}") from error
        self.stdout.write(
            f"“{name}”: {project.overlap} simulated annotators handed in {options['episodes']} "
            f"episodes each. See /review/projects/{project.pk}/agreement/."
        )


def _people(options: dict[str, Any]) -> list[Person]:
    """One accuracy stands for two annotators; biases that are not given are 0."""
    accuracies = options["accuracy"] or [0.97]
    accuracies = accuracies * 2 if len(accuracies) == 1 else accuracies
    biases = options["bias_ms"] or []
    if len(biases) > len(accuracies):
        raise CommandError("There are more --bias-ms than annotators. Give each an --accuracy.")
    if any(not 0 <= one <= 1 for one in accuracies) or not 0 <= options["icc"] < 1:
        raise CommandError("--accuracy lies between 0 and 1, --icc below 1.")
    return [
        Person(accuracy, bias, options["icc"])
        for accuracy, bias in zip_longest(accuracies, biases, fillvalue=0)
    ]


def _user(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is no user named {name}.")
    return found
