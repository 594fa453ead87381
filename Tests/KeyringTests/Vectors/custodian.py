"""A custodian for tests, written from docs/format.md#custodian-protocol: secrets in a JSON file."""
import json, sys

place, kind, level, weakness = sys.argv[1:5]
try:
    with open(place) as file:
        epochs = json.load(file)
except FileNotFoundError:
    epochs = {}

def refuse(code, text):
    print(f"lethe-custodian 1\nerror {code} {text}")
    sys.exit(1)

version, vault, request = (sys.stdin.readline().rstrip("\n") for _ in range(3))
if version != "lethe-custodian 1" or not vault.startswith("vault ") or len(vault) != 38:
    refuse("unavailable", "what is this?")
words = request.split(" ")
live = sorted((int(e) for e, (_, until) in epochs.items() if until is None))
resting = sorted((int(e) for e, (_, until) in epochs.items() if until is not None))
answer = []
if words == ["read"]:
    answer = [f"epoch {e} {epochs[str(e)][0]}" for e in live]
elif words == ["resting"]:
    answer = [f"resting {e} {epochs[str(e)][1]} {epochs[str(e)][0]}" for e in resting]
elif words[0] == "prepare":
    if len(live) >= 2 or words[1] in epochs:
        refuse("limit", "no room here")
    epochs[words[1]] = [words[2], None]
elif words[0] == "rest":
    if int(words[1]) in live:
        epochs[words[1]][1] = int(words[2])
elif words[0] == "retire":
    method = "overwritten_twice" if epochs.pop(words[1], None) else "already_absent"
    answer = [f"receipt {words[1]} {method}"]
elif words != ["sweep"]:
    refuse("unavailable", "unknown request")
with open(place, "w") as file:
    json.dump(epochs, file)
print("\n".join(["lethe-custodian 1", f"custodian {kind} {level} {weakness}"] + answer + ["ok"]))
