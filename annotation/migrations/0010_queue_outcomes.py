import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns alone; review's 0005 fills them from the records of both apps."""

    dependencies = [("annotation", "0009_programs")]

    operations = [
        migrations.AddField(
            model_name="projectepisode",
            name="accepted_set",
            field=models.ForeignKey(
                blank=True,
                help_text="the set that stands for an approved episode; written by the review app",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="annotation.annotationset",
            ),
        ),
        migrations.AddField(
            model_name="projectepisode",
            name="outcomes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60),
                blank=True,
                default=list,
                help_text=(
                    "classes of the accepted set, else of each annotator's last handed-in round"
                ),
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="projectepisode",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["outcomes"], name="queue_by_outcome"
            ),
        ),
    ]
