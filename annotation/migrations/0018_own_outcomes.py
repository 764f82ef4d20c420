import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0017_project_timezone"),
    ]

    operations = [
        migrations.AddField(
            model_name="projectepisode",
            name="said_by",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80),
                blank=True,
                default=list,
                help_text=(
                    "the same by who said it, ANNOTATOR:CLASS: annotators know of their own alone"
                ),
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="projectepisode",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["said_by"], name="queue_by_own_outcome"
            ),
        ),
    ]
