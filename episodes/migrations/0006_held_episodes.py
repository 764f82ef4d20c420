from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0005_upload_asking")]

    operations = [
        migrations.AddIndex(
            model_name="episode",
            index=models.Index(
                condition=models.Q(("held", True)),
                fields=["-created_at", "id"],
                name="episode_held",
            ),
        ),
    ]
