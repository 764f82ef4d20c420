"""Import a dataset from this machine's disk, here and now."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from episodes.errors import TouchlineError
from episodes.formats import questions
from episodes.media_errors import StorageUnavailable
from episodes.models import ImportItem, ImportRun
from episodes.selectors.imports import noted_items, open_items
from episodes.services.imports import (
    already_whole,
    check_source,
    plan_import,
    remembered_answers,
    still_valid,
)
from episodes.services.imports_items import import_item


class Command(BaseCommand):
    help = (
        "Import the episodes of a dataset, a folder or one file. Broken episodes are kept out with"
        " a reason, the others come in; run again, it adds only what is new. What the files do not"
        " say is asked (--questions) and answered (--answer), and remembered for the dataset."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the dataset's folder, or its one file")
        parser.add_argument("--name", default="", help="dataset name; the folder's by default")
        parser.add_argument("--owner", default="", help="username that a new dataset belongs to")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="ID=VALUE",
            help="answer a question of the dataset; may be repeated, an empty value takes it back",
        )
        parser.add_argument(
            "--questions", action="store_true", help="print what the dataset asks, import nothing"
        )
        parser.add_argument(
            "--reference",
            action="store_true",
            help="leave the videos where they are, in an import root, instead of copying them",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="read and check everything, store nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.quiet = options["verbosity"] == 0
        path, answers = options["path"], self._answers(options["answer"])
        try:
            if options["questions"]:
                self._ask(path, options["name"])
            elif options["dry_run"]:
                self._check(
                    path,
                    still_valid(questions(path), remembered_answers(path, options["name"]))
                    | answers,
                )
            else:
                mode = ImportRun.Mode.REFERENCE if options["reference"] else ImportRun.Mode.COPY
                owner = self._owner(options["owner"])
                self._import(path, options["name"], owner, answers, mode)
        except (OSError, StorageUnavailable) as error:
            raise CommandError(
                f"The import stopped: {error}. Check free space and rights, then run the same"
                " command again; it goes on where it stopped."
            ) from error
        except TouchlineError as error:
            raise CommandError(f"{error} {error.remedy}".strip()) from error

    def _answers(self, given: list[str]) -> dict[str, str]:
        pairs = [text.partition("=") for text in given]
        for key, sign, _ in pairs:
            if not key or not sign:
                raise CommandError(f"“{key}” is no answer. Write --answer id=value.")
        return {key.strip(): value.strip() for key, _, value in pairs}

    def _ask(self, path: Path, name: str) -> None:
        asked, known = questions(path), remembered_answers(path, name)
        for question in asked:
            unit = f" ({question.unit})" if question.unit else ""
            choices = f" [{' | '.join(question.choices)}]" if question.choices else ""
            needed = " needed" if question.required else ""
            self.stdout.write(f"{question.id}: {question.text}{unit}{choices}{needed}")
            self.stdout.write(f"  why: {question.why}")
            self.stdout.write(f"  answered: {known.get(question.id) or 'not yet'}")
        if not asked:
            self.stdout.write("The dataset says everything itself; nothing is asked.")

    def _check(self, path: Path, answers: dict[str, str]) -> None:
        found = check_source(path=path, answers=answers)
        for notice in found.notices:
            self._say_noted(notice.message, notice.remedy)
        for broken in found.broken:
            self._say_broken(broken.key, broken.message, broken.remedy)
        self.stdout.write(
            f"{found.dataset.format} {found.dataset.version}: {found.good} episodes"
            f" ({found.frames:,} frames) can come in, {len(found.broken)} are broken."
            " Nothing was stored (--dry-run)."
        )

    def _owner(self, username: str) -> User | None:
        owner = User.objects.filter(username=username).first()
        if username and owner is None:
            raise CommandError(
                f"There is no user “{username}”. Create it in the administration first, or leave"
                " --owner out."
            )
        return owner

    def _import(
        self,
        path: Path,
        name: str,
        owner: User | None,
        answers: dict[str, str],
        mode: ImportRun.Mode,
    ) -> None:
        if (there := already_whole(path=path, name=name, answers=answers)) is not None:
            self._say(f"{name or path.resolve().name}: {there} already imported, nothing changed.")
            return
        run = plan_import(path=path, name=name, owner=owner, answers=answers, mode=mode)
        if run.reason and not self.quiet:
            self._say_noted(run.reason, run.remedy)
        todo = open_items(run)
        for done, item_id in enumerate(todo, start=1):
            item = import_item(item_id=item_id)
            self._progress(done, len(todo), item)
        for item in noted_items(run):
            if not self.quiet:
                self._say_noted(f"{item.key}: {item.reason}", "")
        for item in run.items.filter(state=ImportItem.State.QUARANTINED):
            self._say_broken(item.key, item.reason, item.remedy)
        self._summary(run)

    def _progress(self, done: int, total: int, item: ImportItem) -> None:
        """One line that moves on a terminal, some twenty where the output is kept."""
        if self.quiet:
            return
        line = f"{done}/{total} {item.key}: {item.get_state_display().lower()}"
        if self.stdout.isatty():
            self.stdout.write(f"\r\x1b[K{line}", ending="" if done < total else "\n")
            self.stdout.flush()
        elif done == total or done % max(1, total // 20) == 0:
            self.stdout.write(line)

    def _say_noted(self, reason: str, remedy: str) -> None:
        self.stdout.write(self.style.WARNING(f"note: {reason}"))
        if remedy:
            self.stdout.write(f"  remedy: {remedy}")

    def _say_broken(self, key: str, reason: str, remedy: str) -> None:
        self.stdout.write(self.style.ERROR(f"quarantined {key}: {reason}"))
        if remedy:
            self.stdout.write(f"  remedy: {remedy}")

    def _summary(self, run: ImportRun) -> None:
        states = Counter(run.items.values_list("state", flat=True))
        state = ImportItem.State
        parts = [
            f"{states[state.DONE]} imported",
            f"{states[state.SKIPPED]} already imported",
            f"{states[state.QUARANTINED]} quarantined",
        ]
        if waiting := states[state.PENDING] + states[state.RUNNING]:
            parts.append(f"{waiting} waiting (another worker is at them)")
        self._say(self.style.SUCCESS(f"{run.dataset_name}: {', '.join(parts)}."))

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stdout.write(line)
