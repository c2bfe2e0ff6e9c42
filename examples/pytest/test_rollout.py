"""What a manifest comes to, on a cluster of its own for each test."""

import time
from pathlib import Path

from kubernetes import client, utils

GUESTBOOK = Path(__file__).parent.parent / "guestbook.yaml"


def eventually(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"not true after {seconds} s")


def test_guestbook_gets_ready(cluster):
    utils.create_from_yaml(cluster, str(GUESTBOOK))
    apps = client.AppsV1Api(cluster)

    def ready():
        found = apps.list_deployment_for_all_namespaces().items
        return found and all(each.status.ready_replicas == each.spec.replicas for each in found)

    eventually(ready)


def test_has_nothing_of_other_tests(cluster):
    assert client.AppsV1Api(cluster).list_deployment_for_all_namespaces().items == []


def test_cron_job_runs_when_its_time_comes(cluster, advance):
    batch = client.BatchV1Api(cluster)
    container = {"name": "a", "image": "busybox:1.37"}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}
    batch.create_namespaced_cron_job("default", {"metadata": {"name": "nightly"}, "spec": spec})
    assert batch.list_namespaced_job("default").items == []
    advance("24h")
    eventually(lambda: len(batch.list_namespaced_job("default").items) == 1)
