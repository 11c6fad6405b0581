"""The `huiqian` command: what each command does and shows. The commands themselves are declared in `cli.py`."""
