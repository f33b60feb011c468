"""What the process whose copies run has loaded; importing this loads it."""

import importlib
import os
from pathlib import Path

import django
import pypinyin  # noqa: F401 - its dictionary takes long to read

os.environ["DJANGO_SETTINGS_MODULE"] = "chengdan.config.settings"
django.setup()
for _file in sorted(Path(__file__).parent.glob("concurrency/**/*acts.py")):
    _path = _file.relative_to(Path(__file__).parents[1]).with_suffix("")
    importlib.import_module(".".join(_path.parts))
