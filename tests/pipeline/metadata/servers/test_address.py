from __future__ import annotations

import getpass

import pytest

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.config.rendering import to_yaml
from mocogan.pipeline.metadata.servers.address import ServerAddress, parse_address, without_password


def test_a_file_has_no_address():
    assert parse_address("sqlite") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "postgresql://me@db.example:5433/runs",
            ServerAddress("postgresql", "db.example", 5433, "runs", "me"),
        ),
        ("mysql://db/runs_2", ServerAddress("mysql", "db", 3306, "runs_2")),
        ("postgresql://[::1]/runs", ServerAddress("postgresql", "::1", 5432, "runs")),
        (
            "mysql://a%40b@10.0.0.1/r",
            ServerAddress("mysql", "10.0.0.1", 3306, "r", "a@b"),
        ),
    ],
)
def test_addresses_are_read_and_written(text: str, address: ServerAddress):
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


def test_without_a_user_it_is_the_one_of_the_process():
    address = parse_address("postgresql://db/runs")
    assert address is not None
    assert address.user == getpass.getuser()
    assert "@" not in str(address)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("output/metadata.db", "must be sqlite, postgresql://"),
        ("sqlite:///a.db", "must be sqlite, postgresql://"),
        ("postgresql://me@/runs", "no valid host"),
        ("postgresql://me@db:many/runs", "no valid host and port"),
        ("postgresql://me@db:5432", "must end with the name of a database"),
        ("postgresql://me@db/a-b", "must end with the name of a database"),
        ("postgresql://me@db/runs?sslmode=require", "has no TLS that checks the server"),
        ("mysql://me@db/runs?ssl_key=x", "There are no options"),
    ],
)
def test_bad_addresses_are_refused_with_the_form(text: str, problem: str):
    with pytest.raises(ConfigError) as raised:
        load_config(data="/videos", assignments=[f"metadata={text}"])
    (line,) = str(raised.value).splitlines()
    assert line.startswith("metadata: ")
    assert problem in line


@pytest.mark.parametrize("password", ["secret", "se@cr/et", "secret:x", "secret#?"])
@pytest.mark.parametrize("kind", ["postgresql", "mysql", "mongodb"])
def test_a_password_in_the_address_is_refused_and_not_shown(kind: str, password: str):
    with pytest.raises(ConfigError) as raised:
        load_config(data="/videos", assignments=[f"metadata={kind}://me:{password}@db/runs"])
    assert "cr" not in str(raised.value).replace("description", "")
    if kind != "mongodb":
        assert "must have no password" in str(raised.value)
        assert "MOCOGAN_METADATA_PASSWORD" in str(raised.value)


@pytest.mark.parametrize("password", ["secret", "my secret", "se@secret"])
@pytest.mark.parametrize("kind", ["postgresql", "PostgreSQL", "postgres", "mysql+pymysql"])
def test_a_password_in_a_broken_assignment_is_not_shown(kind: str, password: str):
    with pytest.raises(ConfigError) as raised:
        load_config(assignments=[f"metadata=[{kind}://me:{password}@db/runs"])
    assert "secret" not in str(raised.value)
    assert "me:***@db/runs" in str(raised.value)


def test_the_configuration_that_is_saved_names_the_database():
    config = load_config(data="/videos", assignments=["metadata=mysql://me@db/runs"])
    assert "metadata: mysql://me@db:3306/runs\n" in to_yaml(config)
    assert str(config.store) == "mysql://me@db:3306/runs"


def test_text_without_a_password_stays():
    text = "see https://a:b@c and postgresql://me@db/runs"
    assert without_password(text) == text
