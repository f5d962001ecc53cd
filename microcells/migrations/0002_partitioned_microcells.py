"""The table of microcells, partitioned by delivery; its columns come from the extract's definition."""

from django.db import migrations

from microcells.cells_table import TABLE, create_table_sql


def create_table(apps, schema_editor):
    schema_editor.execute(create_table_sql())


def drop_table(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("microcells", "0001_initial")]

    operations = [migrations.RunPython(create_table, drop_table)]
