from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('annotation', '0003_guidelines_and_overlaps'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='project',
            name='guideline',
        ),
    ]
