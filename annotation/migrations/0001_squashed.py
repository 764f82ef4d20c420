import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('annotation', '0001_initial'), ('annotation', '0002_operation'), ('annotation', '0003_guidelines_and_overlaps'), ('annotation', '0004_drop_project_guideline'), ('annotation', '0005_preferences'), ('annotation', '0006_queue_progress'), ('annotation', '0007_tags'), ('annotation', '0008_look_ahead'), ('annotation', '0009_programs'), ('annotation', '0010_queue_outcomes'), ('annotation', '0011_talk_and_activity'), ('annotation', '0012_hand_out'), ('annotation', '0013_sets_by_time'), ('annotation', '0014_consensus_and_rework'), ('annotation', '0015_hand_out_by_hand'), ('annotation', '0016_schema_drafts'), ('annotation', '0017_project_timezone'), ('annotation', '0018_own_outcomes'), ('annotation', '0019_fill_own_outcomes'), ('annotation', '0020_expert_answers'), ('annotation', '0021_queue_counts')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('auth', '__first__'),
        ('episodes', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='DigestChoice',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('every', models.CharField(choices=[('off', 'Never'), ('hourly', 'Every hour'), ('daily', 'Once a day')], default='daily', max_length=6)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('values', models.JSONField(blank=True, default=dict)),
                ('version', models.PositiveIntegerField(default=0)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name_plural': 'preferences',
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('active', 'Active'), ('submitted', 'Submitted'), ('returned', 'Returned'), ('expired', 'Expired'), ('released', 'Released'), ('waiting', 'Waits for an answer')], default='active', max_length=10)),
                ('lease_expires_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(auto_now_add=True)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('rework', models.BooleanField(default=False, help_text='handed in before and sent back')),
                ('beyond_overlap', models.BooleanField(default=False, help_text='takes no slot: training, qualification, mixed in')),
                ('expert', models.BooleanField(default=False, help_text='answered for the gold: beyond the overlap, by who reviews')),
                ('return_comment', models.TextField(blank=True)),
                ('annotator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to=settings.AUTH_USER_MODEL)),
                ('returned_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project_episode', 'claimed_at'],
                'indexes': [models.Index(fields=['annotator', 'state'], name='annotation__annotat_60f6a4_idx'), models.Index(condition=models.Q(('state', 'active')), fields=['lease_expires_at'], name='lease_of_active')],
            },
        ),
        migrations.CreateModel(
            name='AnnotationSet',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('annotator', 'Annotator'), ('gold', 'Gold'), ('consensus', 'Consensus')], default='annotator', max_length=10)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Submitted')], default='draft', max_length=10)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('submit_request_id', models.UUIDField(blank=True, null=True)),
                ('assignment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='annotation_sets', to='annotation.assignment')),
            ],
            options={
                'ordering': ['project_episode', 'created_at'],
                'indexes': [models.Index(condition=models.Q(('state', 'submitted')), fields=['submitted_at'], name='set_by_time_handed_in'), models.Index(condition=models.Q(('round__gt', 1)), fields=['created_at'], name='set_by_time_sent_back')],
                'constraints': [models.UniqueConstraint(fields=('assignment', 'round'), name='set_once_a_round'), models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('assignment',), name='one_draft_an_assignment'), models.CheckConstraint(condition=models.Q(models.Q(('assignment', None), ('kind__in', ['gold', 'consensus'])), models.Q(('assignment__isnull', False), ('kind', 'annotator')), _connector='OR'), name='annotator_set_has_assignment'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'draft'), ('submitted_at', None)), models.Q(('state', 'submitted'), ('submitted_at__isnull', False)), _connector='OR'), name='submitted_set_has_its_time')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(help_text='given by the client: it arrives once', primary_key=True, serialize=False)),
                ('label_id', models.UUIDField(blank=True, help_text='Label.id within the set', null=True)),
                ('at_ns', models.BigIntegerField(blank=True, help_text='none: the whole episode', null=True)),
                ('text', models.TextField()),
                ('blocks', models.BooleanField(default=False, help_text='nobody gets the episode while it is unresolved')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('annotation_set', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='annotation.annotationset')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('concerning', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='annotation.comment')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project_episode', 'created_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('parent', None), models.Q(('blocks', False), ('resolved_at', None), ('resolved_by', None)), _connector='OR'), name='comment_answer_neither_blocks_nor_resolves'), models.CheckConstraint(condition=models.Q(models.Q(('resolved_at', None), ('resolved_by', None)), models.Q(('resolved_at__isnull', False), ('resolved_by__isnull', False)), _connector='OR'), name='comment_resolved_by_somebody'), models.CheckConstraint(condition=models.Q(('label_id', None), ('annotation_set__isnull', False), _connector='OR'), name='comment_label_is_of_a_set'), models.CheckConstraint(condition=models.Q(('at_ns', None), ('at_ns__gte', 0), _connector='OR'), name='comment_time_not_negative'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 4000), name='comment_text_not_endless')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('pk_row', models.BigAutoField(primary_key=True, serialize=False)),
                ('id', models.UUIDField(help_text='given by the client, so that a label arrives once')),
                ('kind', models.CharField(choices=[('instant', 'Instant'), ('segment', 'Segment'), ('span', 'Span'), ('outcome', 'Outcome'), ('tag', 'Tag')], max_length=10)),
                ('label_class', models.CharField(max_length=60)),
                ('start_ns', models.BigIntegerField(blank=True, null=True)),
                ('end_ns', models.BigIntegerField(blank=True, null=True)),
                ('effector', models.CharField(blank=True, max_length=60)),
                ('text', models.TextField(blank=True, help_text='length is limited by the schema')),
                ('attributes', models.JSONField(blank=True, default=dict)),
                ('uncertainty_ns', models.BigIntegerField(default=0)),
                ('source', models.CharField(choices=[('human', 'Human'), ('proposal', 'Proposal'), ('physics', 'Physics')], default='human', max_length=10)),
                ('annotation_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='annotation.annotationset')),
            ],
            options={
                'ordering': ['annotation_set', 'start_ns', 'pk_row'],
                'indexes': [models.Index(condition=models.Q(('kind', 'outcome')), fields=['label_class', 'annotation_set'], name='outcome_labels')],
                'constraints': [models.UniqueConstraint(fields=('annotation_set', 'id'), name='label_once_a_set'), models.CheckConstraint(condition=models.Q(models.Q(('end_ns', None), ('kind__in', ['outcome', 'tag']), ('start_ns', None)), models.Q(('end_ns', None), ('kind', 'instant'), ('start_ns__gte', 0)), models.Q(('end_ns__gt', models.F('start_ns')), ('kind__in', ['segment', 'span']), ('start_ns__gte', 0)), _connector='OR'), name='label_times_fit_kind'), models.CheckConstraint(condition=models.Q(('uncertainty_ns__gte', 0)), name='label_uncertainty_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='LabelFrame',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edge', models.CharField(choices=[('start', 'Start'), ('end', 'End')], max_length=5)),
                ('frame', models.PositiveIntegerField(help_text='presentation position in the episode')),
                ('pts', models.BigIntegerField(help_text="in the asset's time base")),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='frames', to='annotation.label')),
                ('stream', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='episodes.stream')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('label', 'stream', 'edge'), name='label_frame_once')],
            },
        ),
        migrations.CreateModel(
            name='LabelSchema',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=80)),
                ('version', models.PositiveIntegerField()),
                ('definition', models.JSONField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['name', '-version'],
                'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='label_schema_version_once')],
            },
        ),
        migrations.AddField(
            model_name='annotationset',
            name='schema',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='annotation.labelschema'),
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='annotation.comment')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('comment', 'user'), name='mentioned_once_a_comment')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('description', models.CharField(blank=True, max_length=500)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('archived', 'Archived')], default='active', max_length=10)),
                ('language', models.CharField(default='en', help_text='of texts in labels', max_length=10)),
                ('timezone', models.CharField(blank=True, help_text="of its days and clock times; empty: the server's", max_length=64)),
                ('priority', models.SmallIntegerField(default=0, help_text='higher comes first')),
                ('deadline', models.DateField(blank=True, null=True)),
                ('overlap', models.PositiveSmallIntegerField(default=2, help_text='annotators an episode')),
                ('overlap_percent', models.PositiveSmallIntegerField(default=100, help_text='share of episodes that so many people label')),
                ('gold_first_percent', models.PositiveSmallIntegerField(default=10)),
                ('gold_first_episodes', models.PositiveSmallIntegerField(default=200)),
                ('gold_percent', models.PositiveSmallIntegerField(default=5)),
                ('training_required', models.BooleanField(default=False)),
                ('qualification_required', models.BooleanField(default=False)),
                ('skips_flagged', models.PositiveSmallIntegerField(default=2, help_text='so many skips put an episode before the managers')),
                ('simulated', models.BooleanField(default=False, help_text='made up, to be removed in one step')),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('schema', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='annotation.labelschema')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('overlap__gte', 1)), name='project_overlap_positive'), models.CheckConstraint(condition=models.Q(('gold_first_percent__lte', 15), ('gold_percent__lte', 15), ('overlap_percent__lte', 100)), name='project_shares_possible')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('mentioned', 'You are mentioned'), ('answered', 'An answer, or a remark on your work'), ('returned', 'Work is sent back'), ('guideline', 'A guideline is published'), ('standing', 'Your standing changed'), ('batch', 'A batch is decided'), ('skipped', 'An episode is skipped again and again'), ('handed', 'Episodes are given to you, or taken back'), ('webhook', 'A webhook is paused')], max_length=10)),
                ('text', models.CharField(max_length=500)),
                ('url', models.CharField(help_text='path of the page it leads to', max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, help_text='taken into a digest', null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotation.project')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['user', '-id'], name='annotation__user_id_439b65_idx'), models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notification_unread'), models.Index(condition=models.Q(('mailed_at', None), ('read_at', None)), fields=['user', 'id'], name='notification_to_mail')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('annotator', 'Annotator'), ('reviewer', 'Reviewer'), ('manager', 'Manager')], max_length=10)),
                ('standing', models.CharField(choices=[('training', 'In training'), ('qualifying', 'Qualifying'), ('qualified', 'Qualified'), ('paused', 'Paused'), ('failed', 'Not qualified')], default='qualified', max_length=10)),
                ('standing_reason', models.CharField(blank=True, max_length=500)),
                ('standing_since', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='annotation.project')),
            ],
            options={
                'ordering': ['project', 'user'],
                'constraints': [models.UniqueConstraint(fields=('project', 'user'), name='membership_once_a_project')],
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
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guidelines', to='annotation.project')),
            ],
            options={
                'ordering': ['project', '-number'],
                'constraints': [models.UniqueConstraint(fields=('project', 'number'), name='guideline_version_once')],
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
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='annotation.project')),
            ],
            options={
                'ordering': ['project', 'name'],
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='guideline_picture_name_once')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=60)),
                ('subject', models.CharField(help_text='kind and id of the record', max_length=120)),
                ('facts', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='annotation.project')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['subject'], name='annotation__subject_067f86_idx'), models.Index(fields=['project', '-id'], name='annotation__project_7731f4_idx')],
            },
        ),
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
                ('task', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acceptance', to='annotation.project')),
            ],
            options={
                'ordering': ['project', 'task', 'label_type', 'evaluation'],
                'constraints': [models.UniqueConstraint(fields=('project', 'task', 'label_type', 'evaluation'), name='acceptance_policy_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('bar_ppm__gt', 0), ('bar_ppm__lt', 1000000), ('confidence_ppm__gte', 500000), ('confidence_ppm__lt', 1000000)), name='acceptance_policy_possible')],
            },
        ),
        migrations.CreateModel(
            name='ProjectEpisode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, help_text='order in the queue')),
                ('purpose', models.CharField(choices=[('production', 'Production'), ('evaluation', 'Evaluation'), ('training', 'Training'), ('qualification', 'Qualification')], default='production', max_length=13)),
                ('priority', models.SmallIntegerField(default=0, help_text='higher comes first')),
                ('overlap', models.PositiveSmallIntegerField(default=2, help_text='people who label it')),
                ('reserved_until', models.DateField(blank=True, help_text="last day of the reservation; nobody's from then on", null=True)),
                ('added_at', models.DateTimeField(auto_now_add=True, help_text='unknown of episodes queued by early versions', null=True)),
                ('progress', models.CharField(choices=[('waiting', 'Waiting'), ('labelling', 'Being labelled'), ('submitted', 'Handed in'), ('in_review', 'In review'), ('returned', 'Sent back'), ('approved', 'Approved')], default='waiting', max_length=10)),
                ('review', models.CharField(blank=True, choices=[('', 'Not in a batch'), ('open', 'In a batch'), ('approved', 'Approved')], default='', max_length=10)),
                ('slots_taken', models.PositiveSmallIntegerField(default=0, help_text='people who count against the overlap; a lapsed lease until it is swept')),
                ('has_slot', models.BooleanField(default=True, help_text='fewer slots are taken than its overlap')),
                ('outcomes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text="classes of the accepted set, else of each annotator's last handed-in round", size=None)),
                ('said_by', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='the same by who said it, ANNOTATOR:CLASS: annotators know of their own alone', size=None)),
                ('counted_as', models.CharField(blank=True, default='', help_text='the progress that QueueCount has it under', max_length=10)),
                ('counted_task', models.BigIntegerField(blank=True, help_text='the task, likewise', null=True)),
                ('accepted_set', models.ForeignKey(blank=True, help_text='the set that stands for an approved episode; written by the review app', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='annotation.annotationset')),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='project_episodes', to='episodes.episode')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='project_episodes', to='annotation.project')),
                ('reserved_for', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['project', 'position', 'id'],
                'indexes': [models.Index(fields=['project', 'position', 'id'], name='annotation__project_286070_idx'), models.Index(models.F('project'), models.OrderBy(models.F('priority'), descending=True), models.F('position'), models.F('id'), condition=models.Q(('has_slot', True)), include=('episode',), name='queue_by_urgency'), django.contrib.postgres.indexes.GinIndex(fields=['outcomes'], name='queue_by_outcome'), django.contrib.postgres.indexes.GinIndex(fields=['said_by'], name='queue_by_own_outcome'), models.Index(fields=['project', 'progress'], include=('episode',), name='queue_by_progress'), models.Index(condition=models.Q(('counted_as', models.F('progress')), _negated=True), fields=['project'], name='queue_to_count'), models.Index(condition=models.Q(('reserved_for__isnull', False)), fields=['reserved_for', 'reserved_until'], name='queue_reserved')],
                'constraints': [models.UniqueConstraint(fields=('project', 'episode'), name='episode_once_a_project')],
            },
        ),
        migrations.CreateModel(
            name='LookAhead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expires_at', models.DateTimeField()),
                ('annotator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotation.project')),
                ('project_episode', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotation.projectepisode')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'annotator'), name='look_ahead_once_a_project')],
            },
        ),
        migrations.AddField(
            model_name='comment',
            name='project_episode',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='annotation.projectepisode'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='project_episode',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='annotation.projectepisode'),
        ),
        migrations.AddField(
            model_name='annotationset',
            name='project_episode',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='annotation_sets', to='annotation.projectepisode'),
        ),
        migrations.CreateModel(
            name='QueueCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('progress', models.CharField(choices=[('waiting', 'Waiting'), ('labelling', 'Being labelled'), ('submitted', 'Handed in'), ('in_review', 'In review'), ('returned', 'Sent back'), ('approved', 'Approved')], max_length=10)),
                ('episodes', models.PositiveIntegerField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='queue_counts', to='annotation.project')),
                ('task', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task')),
            ],
            options={
                'ordering': ['project', 'task', 'progress'],
                'constraints': [models.UniqueConstraint(fields=('project', 'task', 'progress'), name='queue_count_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='ReworkPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('label_id', models.UUIDField(blank=True, null=True)),
                ('at_ns', models.BigIntegerField(blank=True, help_text='none: the whole episode', null=True)),
                ('finding', models.CharField(max_length=20)),
                ('text', models.CharField(max_length=500)),
                ('comment', models.CharField(blank=True, max_length=2000)),
                ('annotation_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rework_points', to='annotation.annotationset')),
            ],
            options={
                'ordering': ['annotation_set', 'position'],
                'constraints': [models.UniqueConstraint(fields=('annotation_set', 'position'), name='rework_point_once'), models.CheckConstraint(condition=models.Q(('at_ns', None), ('at_ns__gte', 0), _connector='OR'), name='rework_point_in_episode')],
            },
        ),
        migrations.CreateModel(
            name='SchemaDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('definition', models.JSONField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='drafts', to='annotation.labelschema')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='schema_drafts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-changed_at'],
            },
        ),
        migrations.CreateModel(
            name='SetRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('request_id', models.UUIDField()),
                ('client_id', models.CharField(blank=True, max_length=64)),
                ('put', models.JSONField(default=list)),
                ('remove', models.JSONField(default=list)),
                ('before', models.JSONField(default=list, help_text='the labels touched, as they were')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('annotation_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='annotation.annotationset')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['annotation_set', 'number'],
                'constraints': [models.UniqueConstraint(fields=('annotation_set', 'number'), name='revision_once'), models.UniqueConstraint(fields=('annotation_set', 'request_id'), name='request_once')],
            },
        ),
        migrations.CreateModel(
            name='Skip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('unclear_task', 'It is not clear what the task is'), ('bad_video', 'The picture is missing, frozen or too dark'), ('bad_signals', 'The signals are missing or do not fit the picture'), ('not_an_episode', 'There is no attempt at the task in it'), ('guideline', 'The guideline does not say how to label it'), ('other', 'Something else')], max_length=15)),
                ('text', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('annotator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project_episode', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skips', to='annotation.projectepisode')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('project_episode', 'annotator'), name='skip_once_an_annotator'), models.CheckConstraint(condition=models.Q(('reason', 'other'), ('text', ''), _negated=True), name='other_skip_says_why')],
            },
        ),
        migrations.CreateModel(
            name='SkipDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(choices=[('handed', 'Handed to somebody'), ('held', 'Held back'), ('put_back', 'Put back')], max_length=8)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handed_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project_episode', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skip_decisions', to='annotation.projectepisode')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['project_episode', '-created_at'], name='skip_decision_newest')],
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
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='task_policies', to='annotation.project')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='episodes.task')),
            ],
            options={
                'ordering': ['project', 'task'],
                'constraints': [models.UniqueConstraint(fields=('project', 'task'), name='task_policy_once')],
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=500)),
                ('secret', models.CharField(help_text='key of the signature', max_length=64)),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, help_text='none: all', size=None)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused')], default='active', max_length=10)),
                ('paused_because', models.CharField(blank=True, max_length=300)),
                ('failures', models.PositiveSmallIntegerField(default=0, help_text='attempts in a row')),
                ('seen_entry', models.PositiveBigIntegerField(default=0)),
                ('sending_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='annotation.project')),
            ],
            options={
                'ordering': ['project', 'id'],
                'constraints': [models.UniqueConstraint(fields=('project', 'url'), name='webhook_once_a_project')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('event', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Given up')], default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(blank=True, help_text='HTTP', null=True)),
                ('answer', models.CharField(blank=True, help_text='its beginning, or the error', max_length=500)),
                ('took_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='annotation.auditentry')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='annotation.webhook')),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['webhook', 'next_attempt_at'], name='webhook_delivery_due')],
                'constraints': [models.UniqueConstraint(fields=('webhook', 'entry'), name='webhook_event_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='what it is for', max_length=80)),
                ('hint', models.CharField(help_text='its first letters, to tell it by', max_length=12)),
                ('digest', models.CharField(help_text='sha256', max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'Read everything that you may see'), ('label', 'Take episodes, save and hand in labels'), ('review', 'Decide on work in review'), ('manage', 'Change projects, people and datasets')], max_length=10), default=list, size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='to the minute', null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('user', 'name'), name='token_name_once_a_person')],
            },
        ),
        migrations.CreateModel(
            name='ActivitySpan',
            fields=[
                ('id', models.UUIDField(help_text='given by the client: it arrives once', primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('active_ms', models.PositiveIntegerField()),
                ('keystrokes', models.PositiveIntegerField(default=0)),
                ('undos', models.PositiveIntegerField(default=0)),
                ('labels', models.PositiveIntegerField(default=0, help_text='made in it')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activity', to='annotation.assignment')),
            ],
            options={
                'ordering': ['assignment', 'started_at'],
                'indexes': [models.Index(fields=['assignment', 'started_at'], include=('ended_at',), name='activity')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_at__gt', models.F('started_at'))), name='activity_ends_after_its_start')],
            },
        ),
        migrations.CreateModel(
            name='GuidelineAcknowledgement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='acknowledgements', to='annotation.guidelineversion')),
            ],
            options={
                'ordering': ['version', 'at'],
                'constraints': [models.UniqueConstraint(fields=('version', 'user'), name='guideline_acknowledged_once')],
            },
        ),
        migrations.CreateModel(
            name='IdempotentRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('fingerprint', models.CharField(help_text='sha256 of method, path and body', max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('body', models.JSONField(blank=True, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('media_type', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['created_at'], name='annotation__created_19a1f5_idx')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='idempotency_key_once_a_person')],
            },
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('blocks', True), ('resolved_at', None)), fields=['project_episode'], name='comment_open_question'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(fields=('project_episode', 'annotator'), name='episode_once_an_annotator'),
        ),
        migrations.AddConstraint(
            model_name='annotationset',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'gold')), fields=('project_episode', 'round'), name='gold_once_a_round'),
        ),
    ]
