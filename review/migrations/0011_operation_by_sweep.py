import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0015_hand_out_by_hand"),
        ("episodes", "0009_clocks_of_a_dataset"),
        ("review", "0010_quality"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyLabels",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("label_class", models.CharField(max_length=60)),
                ("labels", models.PositiveIntegerField()),
                (
                    "returned",
                    models.PositiveIntegerField(help_text="in sets that were sent back"),
                ),
                (
                    "accepted",
                    models.PositiveIntegerField(help_text="in sets that stand for their episode"),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="daily_labels",
                        to="annotation.project",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="episodes.task",
                    ),
                ),
            ],
            options={
                "ordering": ["project", "day", "label_class", "task"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "day", "label_class", "task"),
                        name="daily_labels_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="dailywork",
            name="timed",
            field=models.PositiveIntegerField(default=0, help_text="first rounds with active time"),
        ),
        migrations.AddField(
            model_name="dailywork",
            name="worked_ms",
            field=models.PositiveBigIntegerField(
                default=0, help_text="active time of first rounds, of those without it held_ms"
            ),
        ),
        migrations.AddField(
            model_name="dailywork",
            name="rework_ms",
            field=models.PositiveBigIntegerField(
                default=0, help_text="active time of later rounds"
            ),
        ),
        # What was counted before lacks the new sums: without their marks all days are counted anew.
        migrations.RunSQL("DELETE FROM review_dailyworkmark", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="operationsettings",
            name="timezone",
            field=models.CharField(
                blank=True,
                default="",
                help_text="where days begin; empty: the server's",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="simulatedoperation",
            name="last",
            field=models.DateField(
                blank=True,
                help_text="last day of the plan, known once the fill has begun",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="simulatedoperation",
            name="stage",
            field=models.CharField(
                blank=True, default="", help_text="what is filled next", max_length=10
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="simulatedoperation",
            name="place",
            field=models.PositiveIntegerField(default=0, help_text="how far that is"),
        ),
        # Nothing ever wrote a report: the table begins anew, a row a recipient.
        migrations.DeleteModel(name="WeeklyReport"),
        migrations.CreateModel(
            name="WeeklyReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("monday", models.DateField(help_text="first day of the week it is about")),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weekly_reports",
                        to="annotation.project",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["project", "-monday", "recipient"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "monday", "recipient"),
                        name="weekly_report_once_a_person",
                    )
                ],
            },
        ),
    ]
