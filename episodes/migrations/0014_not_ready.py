"""Episodes being imported or in quarantine are found without reading those that are ready."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0013_frames_listed")]

    operations = [
        migrations.AddIndex(
            model_name="episode",
            index=models.Index(
                fields=["-created_at", "id"],
                condition=~models.Q(state="ready"),
                name="episode_not_ready",
            ),
        ),
    ]
