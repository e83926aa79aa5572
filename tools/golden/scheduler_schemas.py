"""Schemas of a TFJob and of a Kubernetes Job, from Kubeflow's custom resource definitions (Apache-2.0), for the manifests in docs/distributed.

    git show release-1.9:manifests/base/crds/kubeflow.org_tfjobs.yaml > tfjobs.yaml                                   (kubeflow/training-operator)
    git show a55f03a8:manifests/base/crds/trainer.kubeflow.org_trainingruntimes.yaml > runtimes.yaml
    python scheduler_schemas.py tfjobs.yaml runtimes.yaml ../../packages/cli/src/distributed/golden/scheduler-schemas.json.gz

Descriptions are left out, and an object with listed properties takes no others, as the API server's strict field validation has it. The second file holds
the whole Job specification of batch/v1, which its job templates embed. Needs pyyaml.
"""

import gzip
import json
import sys

import yaml

DROPPED = {"description", "default", "format", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations"}


def plain(schema):
    """Keywords that a plain JSON Schema validator knows."""
    result = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: plain(part) for name, part in value.items()}
            result["additionalProperties"] = False
        elif key in ("items",) or (key == "additionalProperties" and isinstance(value, dict)):
            result[key] = plain(value)
        elif key == "x-kubernetes-int-or-string":
            result["type"] = ["integer", "string"]
            result.pop("anyOf", None)
        elif key not in DROPPED:
            result[key] = value
    if result.get("type") == ["integer", "string"]:
        result.pop("anyOf", None)
    return result


def schema_of(file):
    with open(file, encoding="utf8") as source:
        return yaml.safe_load(source)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


tfjob = plain(schema_of(sys.argv[1]))
job = plain(schema_of(sys.argv[2])["properties"]["spec"]["properties"]["template"]["properties"]["spec"]["properties"]["replicatedJobs"]["items"]["properties"]["template"]["properties"]["spec"])
head = {"apiVersion": {"const": "batch/v1"}, "kind": {"const": "Job"}, "metadata": {"type": "object"}, "spec": job}
job = {"type": "object", "required": ["apiVersion", "kind", "metadata", "spec"], "additionalProperties": False, "properties": head}
tfjob["properties"]["apiVersion"] = {"const": "kubeflow.org/v1"}
tfjob["properties"]["kind"] = {"const": "TFJob"}
text = json.dumps({"tfjob": tfjob, "job": job}, separators=(",", ":"), sort_keys=True)
with open(sys.argv[3], "wb") as out:
    out.write(gzip.compress(text.encode(), mtime=0))
