from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0022_sets_by_time_reworked")]

    operations = [
        migrations.RemoveConstraint(
            model_name="annotationset",
            name="annotator_set_has_assignment",
        ),
        migrations.AlterField(
            model_name="annotationset",
            name="kind",
            field=models.CharField(
                choices=[
                    ("annotator", "Annotator"),
                    ("expert", "Expert"),
                    ("gold", "Gold"),
                    ("consensus", "Consensus"),
                ],
                default="annotator",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="annotationset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assignment", None), ("kind__in", ["gold", "consensus"])),
                    models.Q(
                        ("assignment__isnull", False), ("kind__in", ["annotator", "expert"])
                    ),
                    _connector="OR",
                ),
                name="annotator_set_has_assignment",
            ),
        ),
    ]
