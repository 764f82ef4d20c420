from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0016_schema_drafts")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="timezone",
            field=models.CharField(
                blank=True,
                help_text="of its days and clock times; empty: the server's",
                max_length=64,
            ),
        ),
    ]
