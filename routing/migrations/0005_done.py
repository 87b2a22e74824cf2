"""What was done lately is found without reading what was done before."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("routing", "0003_memory")]

    operations = [
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(fields=["done_at"], name="interaction_done", condition=Q(done_at__isnull=False)),
        )
    ]
