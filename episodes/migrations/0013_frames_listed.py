from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("episodes", "0012_content_recipe"),
    ]

    operations = [
        migrations.AddField(
            model_name="importitem",
            name="frames",
            field=models.PositiveIntegerField(
                default=0, help_text="as the source lists it; 0 where only reading the episode tells"
            ),
        ),
    ]
