"""Programs list work and sets with the newest first; what experts answer is a handful of all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0029_work_to_count")]

    operations = [
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(models.F("claimed_at").desc(), "id", name="work_newest"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                fields=["project_episode"],
                condition=models.Q(expert=True),
                name="work_of_experts",
            ),
        ),
        migrations.AddIndex(
            model_name="annotationset",
            index=models.Index(models.F("created_at").desc(), "id", name="set_newest"),
        ),
    ]
