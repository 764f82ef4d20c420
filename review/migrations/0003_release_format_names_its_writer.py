from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0002_name_writers")]

    operations = [
        migrations.AlterField(
            "release",
            "format",
            models.CharField(
                default="lerobot_v30_classic", help_text="id of its writer", max_length=40
            ),
        ),
        migrations.RemoveField("release", "profile"),
    ]
