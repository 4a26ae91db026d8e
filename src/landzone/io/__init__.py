"""The one door in and out: files, tables, coordinate texts, study files."""
