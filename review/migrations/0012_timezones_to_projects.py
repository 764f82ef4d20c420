"""Where days begin was said beside a project's costs; it is the project's own."""

from django.db import migrations


def over(apps, schema_editor):
    for row in apps.get_model("review", "OperationSettings").objects.exclude(timezone=""):
        projects = apps.get_model("annotation", "Project").objects
        projects.filter(pk=row.project_id).update(timezone=row.timezone)


def back(apps, schema_editor):
    settings = apps.get_model("review", "OperationSettings").objects
    for project in apps.get_model("annotation", "Project").objects.exclude(timezone=""):
        settings.update_or_create(project=project, defaults={"timezone": project.timezone})


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0011_operation_by_sweep"),
        ("annotation", "0017_project_timezone"),
    ]

    operations = [migrations.RunPython(over, back)]
