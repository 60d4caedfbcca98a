"""Stores in databases: PostgreSQL, MySQL and MariaDB."""
