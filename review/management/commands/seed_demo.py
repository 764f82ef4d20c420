"""Bring in the demo dataset and the projects of the tour. Running it again adds nothing."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotation.models import Project
from annotation.roles import Role
from episodes.models import Dataset
from review.services.demo import DATASET, PROJECT, SIMULATION, people, seed_projects
from review.services.simulate_operation import order_simulation

FOLDER = Path(settings.BASE_DIR) / "demo"
# As it was simulated; a LeRobot dataset has no place to say it.
UNITS = ["unit.observation.ee_pos=m", "unit.observation.jaw_force=N"]


class Command(BaseCommand):
    help = "Import the demo dataset and make the demo projects, people and gold."

    def handle(self, *args: Any, **options: Any) -> None:
        recording, truth = FOLDER / "so101_pick_place", FOLDER / "truth.jsonl"
        if not recording.is_dir() or not truth.is_file():
            raise CommandError(f"{recording} is missing: get the whole checkout again.")
        cast = people()
        call_command(
            "import_episodes",
            str(recording),
            name=DATASET,
            owner="mei",
            answer=UNITS,
            verbosity=0,
        )
        fresh = not Project.objects.filter(name=PROJECT).exists()
        dataset = Dataset.objects.get(name=DATASET)
        summary = seed_projects(dataset=dataset, truth=truth)
        # Once: who removed it does not find it again after the next start.
        if fresh and settings.TOUCHLINE_SIMULATION:
            order_simulation(
                name=SIMULATION,
                template=dataset,
                managers=[(cast["mei"], Role.MANAGER), (cast["ravi"], Role.REVIEWER)],
            )
        self.stdout.write(
            f"Demo: {summary.episodes} episodes in “{summary.project}”, {summary.gold} with gold.\n"
            "Log in as ada or abe (annotators), ravi (reviewer), mei (manager) or root\n"
            "(administrator); each password is the name followed by -demo, such as ada-demo."
        )
