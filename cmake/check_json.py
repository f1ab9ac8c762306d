"""python3 check_json.py FILE...: JSON files are JSON, and the schemas that they name for editors are there."""

import json
import pathlib
import sys

failed = False
for name in sys.argv[1:]:
    try:
        content = json.loads(pathlib.Path(name).read_text(encoding="utf-8"))
    except ValueError as error:
        failed = True
        print(f"{name}: {error}", file=sys.stderr)
        continue
    schema = content.get("$schema", "") if isinstance(content, dict) else ""
    if schema and "://" not in schema and not (pathlib.Path(name).parent / schema).exists():
        failed = True
        print(f"{name}: names the schema {schema}, which is not there", file=sys.stderr)
sys.exit(failed)
