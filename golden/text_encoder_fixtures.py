"""Writes reimagen-knowledge/src/test/resources/golden/text_encoder.json: states of the built-in encoder, by the Python reference.

Usage: python text_encoder_fixtures.py FOLDER, where the folder holds the two bge-small-en-v1.5-q files from their jar.
"""

import json
import sys
from pathlib import Path

from train_reference import Encoder

encoder = Encoder(Path(sys.argv[1]))
cases = []
for text in ("flamingo, noto style", "a red apple in fluent emoji flat style, on a light blue background", "Ünïcödé 字!"):
    states, pooled = encoder(text)
    cases.append({"text": text, "tokens": len(states), "first": [float(x) for x in states[0][:8]], "last": [float(x) for x in states[-1][-8:]], "pooled": [float(x) for x in pooled[:8]]})
path = Path(__file__).parent.parent / "reimagen-knowledge/src/test/resources/golden/text_encoder.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(cases, indent=1) + "\n")
