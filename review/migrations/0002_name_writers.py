from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat


def name_writers(apps, schema_editor):
    release = apps.get_model("review", "Release")
    release.objects.update(format=Concat(F("format"), Value("_"), F("profile")))


def name_profiles(apps, schema_editor):
    release = apps.get_model("review", "Release")
    for row in release.objects.filter(format__startswith="lerobot_v30_"):
        row.format, row.profile = "lerobot_v30", row.format.removeprefix("lerobot_v30_")
        row.save(update_fields=["format", "profile"])


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]

    operations = [migrations.RunPython(name_writers, name_profiles)]
