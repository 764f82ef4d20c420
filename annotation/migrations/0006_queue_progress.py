from django.db import migrations, models

PROGRESS = [
    ("waiting", "Waiting"),
    ("labelling", "Being labelled"),
    ("submitted", "Handed in"),
    ("in_review", "In review"),
    ("returned", "Sent back"),
    ("approved", "Approved"),
]
REVIEW = [("", "Not in a batch"), ("open", "In a batch"), ("approved", "Approved")]


class Migration(migrations.Migration):
    """Columns alone; review's 0004 fills them from the records of both apps."""

    dependencies = [("annotation", "0005_preferences")]

    operations = [
        migrations.AddField(
            model_name="projectepisode",
            name="progress",
            field=models.CharField(choices=PROGRESS, default="waiting", max_length=10),
        ),
        migrations.AddField(
            model_name="projectepisode",
            name="review",
            field=models.CharField(blank=True, choices=REVIEW, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="projectepisode",
            name="slots_taken",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text=(
                    "people who count against the overlap; a lapsed lease until it is swept"
                ),
            ),
        ),
        migrations.AddField(
            model_name="projectepisode",
            name="has_slot",
            field=models.BooleanField(
                default=True, help_text="fewer slots are taken than its overlap"
            ),
        ),
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                condition=models.Q(("has_slot", True)),
                fields=["project", "position", "id"],
                include=("episode",),
                name="queue_with_a_slot",
            ),
        ),
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                fields=["project", "progress"], include=("episode",), name="queue_by_progress"
            ),
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(
                condition=models.Q(("kind", "outcome")),
                fields=["label_class", "annotation_set"],
                name="outcome_labels",
            ),
        ),
    ]
