from io import StringIO

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_migrations_say_what_the_models_say() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())
