"""What must hold without any fault: the file's form, and that no secret shows where others look."""

import json
import re
import subprocess
import urllib.request

from stack import AGENTS, ROOT, SERVERS, docker


def config_is_clean(stack):
    """Each file alone and with all profiles; anything said on standard error counts."""
    command = stack.compose_command()
    done = subprocess.run(
        [*command, "--profile", "*", "config", "-q"], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).strip()
    return [] if done.returncode == 0 and not said else [f"docker compose config: {said}"]


def images_can_be_chosen(stack):
    """Every image reference is a variable."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    names = sorted(set(re.findall(r"\$\{(\w+_IMAGE)\b", text)))
    chosen = {name: f"chosen/{name.lower()}:1" for name in names}
    command = ["docker", "compose", "--env-file", "/dev/null", "--project-directory", str(ROOT)]
    command += ["-f", str(ROOT / "docker-compose.yml"), "--profile", "*", "config", "--format", "json"]
    done = subprocess.run(
        ["env", *(f"{k}={v}" for k, v in chosen.items()), *command], capture_output=True, text=True,
        check=True
    )
    services = json.loads(done.stdout)["services"]
    print(f"    {len(services)} services, images by {', '.join(names)}")
    return [
        f"{name}: the image {service.get('image')} is not by a variable"
        for name, service in services.items()
        if not service.get("image", "").startswith("chosen/")
    ]


def secret_values(stack):
    """Every file of every secrets volume, by its name."""
    services = {"server": stack.container("pg_primary"), "agent": stack.container("witness")}
    values = {}
    script = 'for f in /run/secrets/*; do printf "%s\\t%s\\n" "${f##*/}" "$(cat "$f" 2>/dev/null)"; done'
    for kind, container in services.items():
        for line in docker("exec", container, "bash", "-c", script).splitlines():
            name, _, value = line.partition("\t")
            if value:
                values[f"{kind}/{name}"] = value
    return values


def secrets_do_not_show(stack):
    """In docker inspect, the process lists, the images' history, the logs, agents' pages."""
    containers = stack.containers()
    places = {f"docker inspect {name}": docker("inspect", name) for name in containers}
    # What ps would show; neither the images nor every engine have it.
    shown = "for f in /proc/[0-9]*/cmdline; do cat $f; echo; done 2>/dev/null"
    for name in containers:
        places[f"processes of {name}"] = docker("exec", name, "sh", "-c", shown).replace("\0", " ")
    for name in containers:
        done = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)
        places[f"docker logs {name}"] = done.stdout + done.stderr
    images = {docker("inspect", "-f", "{{.Image}}", name).strip() for name in containers}
    for image in images:
        places[f"docker history {image}"] = docker("history", "--no-trunc", image)
        places[f"docker image inspect {image}"] = docker("image", "inspect", image)
    for name in ("WITNESS_PORT", "AGENT_PRIMARY_PORT", "AGENT_REPLICA_PORT"):
        for path in ("/q/metrics", "/api/v1/history", "/api/v1/node", "/api/v1/decisions", "/api/v1/cluster"):
            url = f"http://127.0.0.1:{stack.settings[name]}{path}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                places[f"{name}{path}"] = answer.read().decode()
    values = secret_values(stack)
    print(f"    {len(values)} secrets ({', '.join(sorted(values))}) sought in {len(places)} places")
    if len(values) < 4:
        return [f"only {len(values)} secrets were found to seek: {sorted(values)}"]
    return [
        f"{place} shows the secret {name}"
        for place, text in places.items()
        for name, value in values.items()
        if value in text
    ]


def only_this_machine(stack):
    """Nothing listens on more than 127.0.0.1 unless asked."""
    found = []
    for name in stack.containers():
        ports = json.loads(docker("inspect", "-f", "{{json .NetworkSettings.Ports}}", name))
        for port, bindings in ports.items():
            found += [
                f"{name} publishes {port} on {binding['HostIp']}"
                for binding in bindings or []
                if binding["HostIp"] != "127.0.0.1"
            ]
    return found


def agents_are_confined(stack):
    """Read-only root, no capabilities, no root, no engine's socket."""
    found = []
    for service in AGENTS.values():
        facts = json.loads(docker("inspect", stack.container(service)))[0]
        host = facts["HostConfig"]
        mounts = [mount["Destination"] for mount in facts["Mounts"]]
        if not host["ReadonlyRootfs"]:
            found.append(f"{service} can write to its root")
        if host["CapDrop"] != ["ALL"] or host["CapAdd"]:
            found.append(f"{service} has capabilities")
        if facts["Config"]["User"] in ("", "0", "root"):
            found.append(f"{service} runs as root")
        if any("docker.sock" in mount for mount in mounts):
            found.append(f"{service} has the engine's socket")
    return found


CHECKS = {
    "config": config_is_clean,
    "images": images_can_be_chosen,
    "secrets": secrets_do_not_show,
    "ports": only_this_machine,
    "confined": agents_are_confined,
}
