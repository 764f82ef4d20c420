"""Recordings whose clocks or units are wrong, made of good ones."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.contrib.auth.models import User

from episodes.embodiments import DimensionSpec, Quantity
from episodes.models import Embodiment, Episode
from episodes.selectors.imports import open_items
from episodes.services.embodiments import change_embodiment, create_embodiment
from episodes.services.imports import plan_import
from episodes.services.imports_items import import_item
from tests.pure.formats.sets import NAMES


def with_late_camera(demo: Path, target: Path, camera: str, frames: int) -> Path:
    """A copy of a LeRobot v3.0 set in which every row shows the picture of ``frames`` rows ago.

    The bytes of the videos stay; the episodes begin earlier in them, as a late camera's would.
    """
    shutil.copytree(demo, target)
    path = target / "meta/episodes/chunk-000/file-000.parquet"
    table = pq.read_table(path)
    for name in ("from_timestamp", "to_timestamp"):
        column = f"videos/observation.images.{camera}/{name}"
        moved = pc.subtract(table[column], pa.scalar(frames / 50, table[column].type))
        table = table.set_column(table.column_names.index(column), column, moved)
    pq.write_table(table, path)
    return target


def bring_in_one(path: Path, key: str, *, name: str, by: User) -> Episode:
    """Import one episode of a set and leave the others waiting."""
    run = plan_import(path=path, name=name, requested_by=by)
    (item_id,) = run.items.filter(pk__in=open_items(run), key=key).values_list("pk", flat=True)
    item = import_item(item_id=item_id)
    assert item.episode is not None, item.reason
    return item.episode


def scaled(folder: Path, factor: float, column: str = "observation.state") -> Path:
    """The values of a column of a v3.0 set times ``factor``."""
    path = folder / "data/chunk-000/file-000.parquet"
    table = pq.read_table(path)
    values = np.array(table[column].to_pylist()) * factor
    new = pa.array(values.tolist(), table[column].type)
    pq.write_table(table.set_column(table.column_names.index(column), column, new), path)
    return folder


def small_arm(by: User, *, limit: float = 2.0) -> Embodiment:
    """Fits the three dimensions of the tests' own sets: two joints in rad, and a gripper."""
    row = create_embodiment(actor=by, name="Small arm", state="so101_rad_6")
    specs = [
        DimensionSpec(name.removesuffix(".pos"), Quantity.JOINT_POSITION, "rad", "joint",
                      -limit, limit)
        for name in NAMES
    ]  # fmt: skip
    return change_embodiment(
        actor=by,
        embodiment_id=row.pk,
        name="Small arm",
        notes="",
        spaces={"state": specs, "action": specs},
    )
