from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0012_timezones_to_projects")]

    operations = [
        migrations.RemoveField(model_name="operationsettings", name="timezone"),
        migrations.AddField(
            model_name="dailyworkmark",
            name="zone",
            field=models.CharField(
                blank=True, help_text="in which its days were counted", max_length=64
            ),
        ),
    ]
