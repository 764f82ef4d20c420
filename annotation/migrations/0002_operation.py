
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotation', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('episodes', '0005_upload_asking'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AcceptancePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label_type', models.CharField(blank=True, choices=[('', 'All labels'), ('instant', 'Contact instants'), ('segment', 'Instructions'), ('span', 'Failures and recoveries'), ('outcome', 'Outcomes')], default='', max_length=10)),
                ('evaluation', models.BooleanField(default=False, help_text='for evaluation episodes')),
                ('bar_ppm', models.PositiveIntegerField(default=950000, help_text='millionths')),
                ('confidence_ppm', models.PositiveIntegerField(default=950000, help_text='millionths')),
                ('plan', models.CharField(choices=[('bound', 'Confidence bound'), ('binomial', 'Binomial plan'), ('hypergeometric', 'Hypergeometric plan'), ('z14', 'Z1.4-style plan')], default='bound', max_length=14)),
                ('most_defects', models.PositiveSmallIntegerField(default=2, help_text='c of the plan (n, c)')),
            ],
            options={
                'ordering': ['project', 'task', 'label_type', 'evaluation'],
            },
        ),
        migrations.CreateModel(
            name='GuidelineAcknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['version', 'at'],
            },
        ),
        migrations.CreateModel(
            name='GuidelinePicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('sha256', models.CharField(max_length=64)),
                ('media_type', models.CharField(max_length=20)),
                ('size', models.PositiveIntegerField(help_text='bytes')),
                ('path', models.CharField(help_text='relative to the data folder', max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['project', 'name'],
            },
        ),
        migrations.CreateModel(
            name='GuidelineVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField(blank=True)),
                ('summary', models.CharField(blank=True, help_text='what changed', max_length=300)),
                ('must_acknowledge', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['project', '-number'],
            },
        ),
        migrations.CreateModel(
            name='TaskPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('priority', models.SmallIntegerField(default=0, help_text='higher comes first')),
                ('deadline', models.DateField(blank=True, null=True)),
                ('tolerance_ns', models.PositiveBigIntegerField(blank=True, help_text='of contact instants', null=True)),
                ('boundary_tolerance_ns', models.PositiveBigIntegerField(blank=True, null=True)),
            ],
            options={
                'ordering': ['project', 'task'],
            },
        ),
        migrations.AddField(
            model_name='membership',
            name='standing',
            field=models.CharField(choices=[('training', 'In training'), ('qualifying', 'Qualifying'), ('qualified', 'Qualified'), ('paused', 'Paused'), ('failed', 'Not qualified')], default='qualified', max_length=10),
        ),
        migrations.AddField(
            model_name='membership',
            name='standing_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='membership',
            name='standing_since',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='project',
            name='deadline',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='description',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='project',
            name='gold_first_episodes',
            field=models.PositiveSmallIntegerField(default=200),
        ),
        migrations.AddField(
            model_name='project',
            name='gold_first_percent',
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField(
            model_name='project',
            name='gold_percent',
            field=models.PositiveSmallIntegerField(default=5),
        ),
        migrations.AddField(
            model_name='project',
            name='language',
            field=models.CharField(default='en', help_text='of texts in labels', max_length=10),
        ),
        migrations.AddField(
            model_name='project',
            name='overlap_percent',
            field=models.PositiveSmallIntegerField(default=100, help_text='share of episodes that so many people label'),
        ),
        migrations.AddField(
            model_name='project',
            name='priority',
            field=models.SmallIntegerField(default=0, help_text='higher comes first'),
        ),
        migrations.AddField(
            model_name='project',
            name='qualification_required',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='project',
            name='simulated',
            field=models.BooleanField(default=False, help_text='made up, to be removed in one step'),
        ),
        migrations.AddField(
            model_name='project',
            name='state',
            field=models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('archived', 'Archived')], default='active', max_length=10),
        ),
        migrations.AddField(
            model_name='project',
            name='training_required',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='project',
            name='version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='projectepisode',
            name='overlap',
            field=models.PositiveSmallIntegerField(default=2, help_text='people who label it'),
        ),
        migrations.AddField(
            model_name='projectepisode',
            name='priority',
            field=models.SmallIntegerField(default=0, help_text='higher comes first'),
        ),
        migrations.AddField(
            model_name='projectepisode',
            name='purpose',
            field=models.CharField(choices=[('production', 'Production'), ('evaluation', 'Evaluation'), ('training', 'Training'), ('qualification', 'Qualification')], default='production', max_length=13),
        ),
        migrations.AddField(
            model_name='projectepisode',
            name='reserved_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('gold_first_percent__lte', 15), ('gold_percent__lte', 15), ('overlap_percent__lte', 100)), name='project_shares_possible'),
        ),
        migrations.AddField(
            model_name='acceptancepolicy',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acceptance', to='annotation.project'),
        ),
        migrations.AddField(
            model_name='acceptancepolicy',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task'),
        ),
        migrations.AddField(
            model_name='guidelineacknowledgement',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='guidelinepicture',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='annotation.project'),
        ),
        migrations.AddField(
            model_name='guidelineversion',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='guidelineversion',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guidelines', to='annotation.project'),
        ),
        migrations.AddField(
            model_name='guidelineacknowledgement',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acknowledgements', to='annotation.guidelineversion'),
        ),
        migrations.AddField(
            model_name='taskpolicy',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='task_policies', to='annotation.project'),
        ),
        migrations.AddField(
            model_name='taskpolicy',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task'),
        ),
        migrations.AddConstraint(
            model_name='acceptancepolicy',
            constraint=models.UniqueConstraint(fields=('project', 'task', 'label_type', 'evaluation'), name='acceptance_policy_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='acceptancepolicy',
            constraint=models.CheckConstraint(condition=models.Q(('bar_ppm__gt', 0), ('bar_ppm__lt', 1000000), ('confidence_ppm__gte', 500000), ('confidence_ppm__lt', 1000000)), name='acceptance_policy_possible'),
        ),
        migrations.AddConstraint(
            model_name='guidelinepicture',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='guideline_picture_name_once'),
        ),
        migrations.AddConstraint(
            model_name='guidelineversion',
            constraint=models.UniqueConstraint(fields=('project', 'number'), name='guideline_version_once'),
        ),
        migrations.AddConstraint(
            model_name='guidelineacknowledgement',
            constraint=models.UniqueConstraint(fields=('version', 'user'), name='guideline_acknowledged_once'),
        ),
        migrations.AddConstraint(
            model_name='taskpolicy',
            constraint=models.UniqueConstraint(fields=('project', 'task'), name='task_policy_once'),
        ),
    ]
