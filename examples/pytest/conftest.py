"""A Kubernetes cluster for pytest: one process for all tests, a fork of it for each."""

import shlex
import shutil
import subprocess
import tempfile
import uuid
from os import environ
from pathlib import Path

import pytest
import yaml
from kubernetes import client, config

# How Logplane is started, unless told: as it is installed from npm.
LOGPLANE = shlex.split(environ.get("LOGPLANE", "npx --yes logplane"))
GROUP = {"group": "logplane.dev", "version": "v1", "plural": "clusters"}


@pytest.fixture(scope="session")
def logplane():
    """A running host: the path of its kubeconfig. It is in memory, on a free port, and ends with the tests."""
    folder = Path(tempfile.mkdtemp(prefix="logplane-"))
    kubeconfig = folder / "kubeconfig"
    command = [*LOGPLANE, "up", "--memory", "--port", "0", "--profile", "plain", "--kubeconfig", str(kubeconfig)]
    host = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        # It says so once it serves; without that it has ended, and standard error says why.
        if not any(line.startswith("Serving.") for line in host.stdout):
            pytest.exit(f"Logplane did not start: {shlex.join(command)}", returncode=2)
        yield kubeconfig
    finally:
        host.terminate()
        host.wait()
        shutil.rmtree(folder)


@pytest.fixture
def cluster(logplane):
    """A cluster for one test: a client of a fork of the host's cluster, which goes with the test."""
    root = client.CustomObjectsApi(config.new_client_from_config(str(logplane), context="logplane-root"))
    name = f"test-{uuid.uuid4().hex[:8]}"
    body = {"apiVersion": "logplane.dev/v1", "kind": "Cluster", "metadata": {"name": name}, "spec": {"forkOf": {"name": "default"}}}
    root.create_cluster_custom_object(**GROUP, body=body)
    kubeconfig = yaml.safe_load(logplane.read_text())
    for each in kubeconfig["clusters"]:
        if each["name"] == "logplane-default":
            each["cluster"]["server"] += f"/clusters/{name}"
    api = config.new_client_from_config_dict(kubeconfig, context="logplane-default")
    yield api
    api.close()
    root.delete_cluster_custom_object(**GROUP, name=name)


@pytest.fixture
def advance(logplane, cluster):
    """Puts the time of the test's cluster forward: `advance("3h")`."""
    root = client.CustomObjectsApi(config.new_client_from_config(str(logplane), context="logplane-root"))
    name = cluster.configuration.host.rsplit("/", 1)[1]

    def advance(duration):
        root.patch_cluster_custom_object(**GROUP, name=name, body={"spec": {"clock": {"advance": duration}}})

    return advance
