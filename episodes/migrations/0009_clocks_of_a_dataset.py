from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0008_found_labels_in_full")]

    operations = [
        migrations.AddField(
            model_name="clockmap",
            name="together",
            field=models.UUIDField(
                blank=True,
                help_text="the same on all rows of one correction of a dataset",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="clockmap",
            index=models.Index(
                condition=models.Q(together__isnull=False),
                fields=["together"],
                name="clock_map_together",
            ),
        ),
    ]
