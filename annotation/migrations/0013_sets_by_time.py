from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0012_hand_out")]

    operations = [
        migrations.AddIndex(
            model_name="annotationset",
            index=models.Index(
                condition=models.Q(("state", "submitted")),
                fields=["submitted_at"],
                name="set_by_time_handed_in",
            ),
        ),
        migrations.AddIndex(
            model_name="annotationset",
            index=models.Index(
                condition=models.Q(("round__gt", 1)),
                fields=["created_at"],
                name="set_by_time_sent_back",
            ),
        ),
    ]
