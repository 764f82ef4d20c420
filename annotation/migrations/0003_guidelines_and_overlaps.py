"""Each guideline becomes version 1; each queued episode gets its project's overlap."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def forwards(apps, schema_editor):
    project = apps.get_model("annotation", "Project")
    version = apps.get_model("annotation", "GuidelineVersion")
    version.objects.bulk_create(
        version(project=one, number=1, text=one.guideline)
        for one in project.objects.exclude(guideline="")
    )
    overlap = project.objects.filter(pk=OuterRef("project")).values("overlap")
    apps.get_model("annotation", "ProjectEpisode").objects.update(overlap=Subquery(overlap))


def backwards(apps, schema_editor):
    """The newest version is the guideline again; older ones have no place to go."""
    version = apps.get_model("annotation", "GuidelineVersion")
    newest = version.objects.filter(project=OuterRef("pk")).order_by("-number").values("text")[:1]
    project = apps.get_model("annotation", "Project")
    with_text = version.objects.values("project")
    project.objects.filter(pk__in=with_text).update(guideline=Subquery(newest))
    version.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("annotation", "0002_operation")]
    operations = [migrations.RunPython(forwards, backwards)]
