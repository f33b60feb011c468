"""Django's SQLite backend for several writers at once and connections that are kept open."""
