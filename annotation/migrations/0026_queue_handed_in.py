"""What waits for a batch is found in its order without reading what does not wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0025_what_is_to_be_counted")]

    operations = [
        migrations.AddIndex(
            model_name="projectepisode",
            index=models.Index(
                fields=["project", "position", "id"],
                condition=models.Q(progress="submitted"),
                name="queue_handed_in",
            ),
        ),
    ]
