from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("microcells", "0003_deliveries_of_any_kind")]

    operations = [
        migrations.AddField("areatotal", "district", models.PositiveSmallIntegerField(null=True)),
        migrations.RemoveConstraint("areatotal", "areatotal_once_per_run"),
        migrations.AddConstraint(
            "areatotal",
            models.UniqueConstraint(
                fields=("run", "area", "district", "indicator"),
                nulls_distinct=False,
                name="areatotal_once_per_run",
            ),
        ),
        # Without the column a district's row would be a second one of its area.
        migrations.RunSQL(
            migrations.RunSQL.noop, "DELETE FROM microcells_areatotal WHERE district IS NOT NULL"
        ),
    ]
