import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotation', '0024_name_sets_of_experts'),
        ('episodes', '0001_squashed'),
        ('review', '0014_experts_are_no_side'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CountedSet',
            fields=[
                ('day', models.DateField()),
                ('submitted', models.PositiveIntegerField(help_text='first rounds')),
                ('reworked', models.PositiveIntegerField(help_text='later rounds')),
                ('returned', models.PositiveIntegerField(help_text='of both, those sent back')),
                ('accepted', models.PositiveIntegerField(help_text='of both, those that stand for their episode')),
                ('labels', models.PositiveIntegerField()),
                ('labels_accepted', models.PositiveIntegerField()),
                ('held_ms', models.PositiveBigIntegerField(help_text='claim to handing in, first rounds')),
                ('timed', models.PositiveIntegerField(default=0, help_text='first rounds with active time')),
                ('worked_ms', models.PositiveBigIntegerField(default=0, help_text='active time of first rounds, of those without it held_ms')),
                ('rework_ms', models.PositiveBigIntegerField(default=0, help_text='active time of later rounds')),
                ('lasted_ms', models.PositiveBigIntegerField(help_text='length of the episodes of first rounds')),
                ('accepted_ms', models.PositiveBigIntegerField(help_text='length of the accepted episodes')),
                ('annotation_set', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='annotation.annotationset')),
                ('annotator', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counted_sets', to='annotation.project')),
                ('task', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task')),
            ],
            options={
                'ordering': ['project', 'day', 'annotation_set'],
            },
        ),
        migrations.CreateModel(
            name='PersonDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('submitted', models.PositiveIntegerField(help_text='first rounds')),
                ('reworked', models.PositiveIntegerField(help_text='later rounds')),
                ('returned', models.PositiveIntegerField(help_text='of both, those sent back')),
                ('accepted', models.PositiveIntegerField(help_text='of both, those that stand for their episode')),
                ('labels', models.PositiveIntegerField()),
                ('labels_accepted', models.PositiveIntegerField()),
                ('held_ms', models.PositiveBigIntegerField(help_text='claim to handing in, first rounds')),
                ('timed', models.PositiveIntegerField(default=0, help_text='first rounds with active time')),
                ('worked_ms', models.PositiveBigIntegerField(default=0, help_text='active time of first rounds, of those without it held_ms')),
                ('rework_ms', models.PositiveBigIntegerField(default=0, help_text='active time of later rounds')),
                ('lasted_ms', models.PositiveBigIntegerField(help_text='length of the episodes of first rounds')),
                ('accepted_ms', models.PositiveBigIntegerField(help_text='length of the accepted episodes')),
                ('annotator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='person_days', to='annotation.project')),
            ],
            options={
                'ordering': ['project', 'day', 'annotator'],
            },
        ),
        migrations.CreateModel(
            name='TaskDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('submitted', models.PositiveIntegerField(help_text='first rounds')),
                ('reworked', models.PositiveIntegerField(help_text='later rounds')),
                ('returned', models.PositiveIntegerField(help_text='of both, those sent back')),
                ('accepted', models.PositiveIntegerField(help_text='of both, those that stand for their episode')),
                ('labels', models.PositiveIntegerField()),
                ('labels_accepted', models.PositiveIntegerField()),
                ('held_ms', models.PositiveBigIntegerField(help_text='claim to handing in, first rounds')),
                ('timed', models.PositiveIntegerField(default=0, help_text='first rounds with active time')),
                ('worked_ms', models.PositiveBigIntegerField(default=0, help_text='active time of first rounds, of those without it held_ms')),
                ('rework_ms', models.PositiveBigIntegerField(default=0, help_text='active time of later rounds')),
                ('lasted_ms', models.PositiveBigIntegerField(help_text='length of the episodes of first rounds')),
                ('accepted_ms', models.PositiveBigIntegerField(help_text='length of the accepted episodes')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='task_days', to='annotation.project')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task')),
            ],
            options={
                'ordering': ['project', 'day', 'task'],
            },
        ),
        migrations.AddIndex(
            model_name='countedset',
            index=models.Index(fields=['project', 'day'], name='counted_set_by_day'),
        ),
        migrations.AddIndex(
            model_name='countedset',
            index=models.Index(fields=['annotator', 'day'], name='counted_set_by_person'),
        ),
        migrations.AddIndex(
            model_name='countedset',
            index=models.Index(fields=['task', 'day'], name='counted_set_by_task'),
        ),
        migrations.AddConstraint(
            model_name='personday',
            constraint=models.UniqueConstraint(fields=('project', 'day', 'annotator'), name='person_day_once'),
        ),
        migrations.AddConstraint(
            model_name='taskday',
            constraint=models.UniqueConstraint(fields=('project', 'day', 'task'), name='task_day_once', nulls_distinct=False),
        ),
    ]
