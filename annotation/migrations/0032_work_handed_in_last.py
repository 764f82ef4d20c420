"""What somebody handed in last is found without reading all that they ever did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0031_queue_to_learn_by")]

    operations = [
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                "annotator",
                models.F("submitted_at").desc(),
                condition=models.Q(submitted_at__isnull=False),
                name="work_handed_in_last",
            ),
        ),
    ]
