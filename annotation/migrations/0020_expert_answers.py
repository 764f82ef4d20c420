from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0019_fill_own_outcomes"),
    ]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="expert",
            field=models.BooleanField(
                default=False,
                help_text="answered for the gold: beyond the overlap, by who reviews",
            ),
        ),
    ]
