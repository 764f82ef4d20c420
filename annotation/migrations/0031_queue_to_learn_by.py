"""Episodes that people learn and are tested by are found without reading the queue."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0030_work_newest_first")]

    operations = [
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                fields=["project"],
                condition=models.Q(purpose__in=["training", "qualification"]),
                name="queue_to_learn_by",
            ),
        ),
    ]
