from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0021_queue_counts")]

    operations = [
        migrations.AddIndex(
            model_name="annotationset",
            index=models.Index(
                condition=models.Q(round__gt=1, state="submitted"),
                fields=["submitted_at"],
                name="set_by_time_reworked",
            ),
        ),
    ]
