from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("episodes", "0011_covering_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="episode",
            name="content_recipe",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="how content_sha256 was computed; 0: not written down then"
            ),
        ),
    ]
