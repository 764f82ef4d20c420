from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0001_initial")]

    operations = [
        migrations.RenameField("dataset", "embodiment", "robot_type"),
        migrations.AlterField(
            "dataset",
            "robot_type",
            models.CharField(blank=True, help_text="in the source's words", max_length=120),
        ),
    ]
