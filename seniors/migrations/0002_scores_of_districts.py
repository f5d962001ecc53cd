from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("microcells", "0004_totals_of_districts"), ("seniors", "0001_initial")]

    operations = [
        migrations.AddField("areascore", "district", models.PositiveSmallIntegerField(null=True)),
        migrations.RemoveConstraint("areascore", "areascore_once_per_run"),
        migrations.AddConstraint(
            "areascore",
            models.UniqueConstraint(
                fields=("run", "area", "district", "indicator"),
                nulls_distinct=False,
                name="areascore_once_per_run",
            ),
        ),
        # Without the column a district's row would be a second one of its area.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM seniors_areascore WHERE district IS NOT NULL"),
    ]
