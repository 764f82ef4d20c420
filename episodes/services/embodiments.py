"""The registry: embodiments made from templates, changed, and assigned to datasets."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction

from episodes.access import episode_access
from episodes.embodiments import DimensionSpec, Use
from episodes.embodiments import Embodiment as Template
from episodes.errors import ChangeNotAllowed
from episodes.models import ActionDimension, Dataset, DimensionStatistics, Embodiment
from episodes.selectors.datasets import require_changeable
from episodes.selectors.embodiments import answered_specs, template_for
from episodes.sync_errors import EmbodimentInvalid, EmbodimentUnknown

Spaces = Mapping[str, Sequence[DimensionSpec]]


def require_may_keep(actor: User) -> None:
    """Keeping the registry is a manager's work. Raises ChangeNotAllowed."""
    if not episode_access().may_import(actor):
        raise ChangeNotAllowed(
            "Changing the registry of embodiments is a manager's work.",
            remedy="Ask a manager of one of your projects.",
        )


@transaction.atomic
def create_embodiment(
    *, actor: User, name: str, state: str = "", action: str = "", notes: str = ""
) -> Embodiment:
    """Make an embodiment from a template for its state, one for its action, or one for both.

    ``state`` and ``action`` are template ids. Raises ChangeNotAllowed, EmbodimentUnknown for an
    unknown template, EmbodimentInvalid for a taken name, no template at all, or one that does not
    describe that vector.
    """
    require_may_keep(actor)
    chosen = {Use.STATE: state, Use.ACTION: action}
    templates = {use: template_for(name) for use, name in chosen.items() if name}
    if not templates:
        raise EmbodimentInvalid(
            "No template was chosen.", remedy="Choose one for the state, the action or both."
        )
    for use, template in templates.items():
        if use not in template.uses:
            raise EmbodimentInvalid(
                f"“{template.title}” does not describe {_article(use)}.",
                remedy="Choose another template.",
            )
    first = next(iter(templates.values()))
    row = Embodiment(
        name=_free_name(name),
        kind=first.kind.value,
        template=first.id if len({one.id for one in templates.values()}) == 1 else "",
        notes=notes or "\n".join(dict.fromkeys(one.source for one in templates.values())),
    )
    row.save()
    _write(row, {use.value: template.dimensions for use, template in templates.items()})
    facts = {use.value: template.id for use, template in templates.items()}
    episode_access().record(
        actor=actor, action="embodiment.created", subjects=[row], facts={"name": row.name, **facts}
    )
    return row


def _article(use: Use) -> str:
    return "an action" if use is Use.ACTION else "a state"


@transaction.atomic
def change_embodiment(
    *, actor: User, embodiment_id: int, name: str, notes: str, spaces: Spaces
) -> Embodiment:
    """Set name, notes and all dimensions. Statistics measured against the old ones go.

    Raises ChangeNotAllowed, EmbodimentUnknown, EmbodimentInvalid.
    """
    require_may_keep(actor)
    row = Embodiment.objects.select_for_update(no_key=True).filter(pk=embodiment_id).first()
    if row is None:
        raise EmbodimentUnknown("There is no such embodiment.", remedy="Choose one from the list.")
    if not any(spaces.values()):
        raise EmbodimentInvalid(
            "An embodiment without dimensions describes nothing.",
            remedy="Keep at least one dimension.",
        )
    row.name, row.notes = _free_name(name, row), notes
    row.save(update_fields=["name", "notes"])
    _write(row, spaces)
    DimensionStatistics.objects.filter(dataset__embodiment=row).delete()
    counts = {space: len(specs) for space, specs in spaces.items()}
    episode_access().record(
        actor=actor, action="embodiment.changed", subjects=[row], facts={"name": row.name, **counts}
    )
    return row


def _free_name(name: str, own: Embodiment | None = None) -> str:
    name = " ".join(name.split())
    taken = Embodiment.objects.filter(name=name)
    if own is not None:
        taken = taken.exclude(pk=own.pk)
    if not name or taken.exists():
        fact = f"There is an embodiment “{name}” already." if name else "The name is empty."
        raise EmbodimentInvalid(fact, remedy="Give it a name of its own.")
    return name


def _write(row: Embodiment, spaces: Spaces) -> None:
    for space, specs in spaces.items():
        names = [spec.name for spec in specs]
        if len(set(names)) != len(names):
            raise EmbodimentInvalid(
                f"Two dimensions of the {space} share a name.", remedy="Name each of them apart."
            )
    row.dimensions.all().delete()
    ActionDimension.objects.bulk_create(
        ActionDimension(
            embodiment=row,
            space=space,
            position=position,
            name=spec.name,
            quantity=spec.quantity.value,
            unit=spec.unit,
            frame=spec.frame,
            lower=spec.lower,
            upper=spec.upper,
            positive=spec.positive,
        )
        for space, specs in spaces.items()
        for position, spec in enumerate(specs)
    )


@transaction.atomic
def assign_embodiment(*, actor: User, dataset_id: int, embodiment_id: int | None) -> Dataset:
    """Say which body a dataset was recorded with; None takes it back.

    Its values are then measured anew. Raises ChangeNotAllowed, EmbodimentUnknown.
    """
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset_id)
    require_changeable(actor, dataset)
    chosen = Embodiment.objects.filter(pk=embodiment_id).first() if embodiment_id else None
    if embodiment_id and chosen is None:
        raise EmbodimentUnknown("There is no such embodiment.", remedy="Choose one from the list.")
    if dataset.embodiment_id != (chosen.pk if chosen else None):
        before = dataset.embodiment.name if dataset.embodiment else ""
        dataset.embodiment = chosen
        dataset.save(update_fields=["embodiment"])
        DimensionStatistics.objects.filter(dataset=dataset).delete()
        facts = {"embodiment": [before, chosen.name if chosen else ""]}
        episode_access().record(
            actor=actor, action="dataset.changed", subjects=[dataset], facts=facts
        )
    return dataset


@transaction.atomic
def assign_template(*, actor: User, dataset_id: int, template_id: str) -> Dataset:
    """Assign the embodiment made from a template, making it where the registry has none.

    Where the gripper was answered to go the other way than the template has it, the dataset gets
    an embodiment of its own that says so.

    Raises ChangeNotAllowed, EmbodimentUnknown, EmbodimentInvalid.
    """
    dataset = Dataset.objects.get(pk=dataset_id)
    require_changeable(actor, dataset)
    template = template_for(template_id)
    answered = _answered(dataset, template)
    if answered is None:
        row = Embodiment.objects.filter(template=template_id).order_by("pk").first()
    else:
        title = f"{template.title}, gripper as in {dataset.name}"[:120]
        row = Embodiment.objects.filter(name=title).first()
    if row is None:
        used = {use.value: template.id for use in template.uses}
        row = create_embodiment(actor=actor, name=title if answered else template.title, **used)
        if answered:
            # It is no longer the template: another dataset of the robot starts from that.
            Embodiment.objects.filter(pk=row.pk).update(template="")
            _write(row, answered)
    return assign_embodiment(actor=actor, dataset_id=dataset_id, embodiment_id=row.pk)


def _answered(dataset: Dataset, template: Template) -> Spaces | None:
    """The template with the gripper's direction as it was answered; None where that is its own."""
    first = dataset.episodes.order_by("index").first()
    signals = list(first.signals.all()) if first else []
    spaces = {
        use.value: answered_specs(signals, use.value, template.dimensions) for use in template.uses
    }
    same = all(specs == tuple(template.dimensions) for specs in spaces.values())
    return None if same else spaces
