"""The formats there are: Touchline's own and those of installed plug-ins."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from episodes.errors import FormatConflict, FormatUnknown
from episodes.formats.aloha import Aloha
from episodes.formats.contract import DatasetReader, Format, Writer
from episodes.formats.egodex import EgoDex
from episodes.formats.folder import Folder
from episodes.formats.labels_writer import LabelsWriter
from episodes.formats.lerobot_export import LeRobotExport
from episodes.formats.lerobot_v21 import LeRobotV21
from episodes.formats.lerobot_v30 import LeRobotV30
from episodes.formats.mcap_writer import McapWriter
from episodes.formats.questions import checked_answers
from episodes.formats.rlds import Rlds
from episodes.formats.rlds_writer import RldsWriter
from episodes.formats.robomimic import Robomimic
from episodes.formats.robomimic_writer import RobomimicWriter
from episodes.formats.ros2_bag import Ros2Bag
from episodes.formats.umi import Umi
from episodes.records import Answers, Probe, Question

ENTRY_POINT_GROUP = "touchline.formats"


def installed_plugins() -> Iterable[EntryPoint]:
    return entry_points(group=ENTRY_POINT_GROUP)


class FormatRegistry:
    """Formats by id. Plug-ins are loaded on first use; one that does not load is named."""

    def __init__(
        self,
        built_in: Iterable[Format],
        plugins: Callable[[], Iterable[EntryPoint]] = installed_plugins,
    ) -> None:
        self._built_in = tuple(built_in)
        self._plugins = plugins

    @cached_property
    def _by_id(self) -> dict[str, Format]:
        found: dict[str, Format] = {}
        for candidate in (*self._built_in, *map(load_plugin, self._plugins())):
            if candidate.id in found:
                raise FormatConflict(
                    f"Two formats are registered as “{candidate.id}”.",
                    remedy="Uninstall one of the packages that provide it.",
                )
            found[candidate.id] = candidate
        return found

    def __iter__(self) -> Iterator[Format]:
        return iter(self._by_id.values())

    def get(self, format_id: str) -> Format:
        """Raises FormatUnknown."""
        if format_id not in self._by_id:
            raise FormatUnknown(
                f"There is no format “{format_id}”.",
                remedy=f"Known formats: {', '.join(self._by_id)}.",
            )
        return self._by_id[format_id]

    def detect(self, root: Path) -> Probe:
        """The first format that claims the folder or file. Raises FormatUnknown, DatasetBroken."""
        if not root.exists():
            raise FormatUnknown(
                f"There is no folder or file “{root}”.",
                remedy="Give the folder that holds the dataset, or its one file.",
            )
        for candidate in self:
            probe = candidate.probe(root)
            if probe is not None:
                return probe
        raise FormatUnknown(
            f"No known format recognises “{root}”.",
            remedy=(
                f"Known formats: {', '.join(f.title for f in self)}. A LeRobot dataset has"
                " meta/info.json directly below the folder you give; plain files (videos, CSV,"
                " JSON, Parquet) need a touchline.json that says what they are"
                " (docs/formats/folder.md)."
            ),
        )

    def questions(self, root: Path) -> tuple[Question, ...]:
        """What the dataset does not say. Raises FormatUnknown, DatasetBroken."""
        return self.get(self.detect(root).format).questions(root)

    def open(self, root: Path, answers: Answers | None = None) -> DatasetReader:
        """Raises FormatUnknown, DatasetBroken, AnswersNeeded, AnswerInvalid."""
        found = self.get(self.detect(root).format)
        return found.read(root, checked_answers(found.questions(root), answers or {}))


def load_plugin(entry: EntryPoint) -> Format:
    """The format an entry point names: an instance, or a class without arguments."""
    remedy = "Repair or uninstall the package that provides it."
    try:
        found = entry.load()
        candidate = found() if isinstance(found, type) else found
    except Exception as error:
        raise FormatConflict(
            f"The format plug-in “{entry.name}” does not load: {error}", remedy=remedy
        ) from error
    if not isinstance(candidate, Format):
        raise FormatConflict(
            f"The plug-in “{entry.name}” has no id, title, probe, questions and read.",
            remedy=remedy,
        )
    return candidate


FORMATS = FormatRegistry(
    [LeRobotV30(), LeRobotV21(), Folder(), Aloha(), Robomimic(), EgoDex(), Ros2Bag(), Rlds(), Umi()]
)


def by_id(*writers: Writer) -> Mapping[str, Writer]:
    return {writer.id: writer for writer in writers}


WRITERS = by_id(
    LeRobotExport("classic"),
    LeRobotExport("language"),
    LabelsWriter(),
    RobomimicWriter(),
    RldsWriter(),
    McapWriter(),
)


def detect(root: Path) -> Probe:
    return FORMATS.detect(root)


def questions(root: Path) -> tuple[Question, ...]:
    return FORMATS.questions(root)


def open_dataset(root: Path, answers: Answers | None = None) -> DatasetReader:
    return FORMATS.open(root, answers)
