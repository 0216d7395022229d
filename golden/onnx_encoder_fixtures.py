"""Writes reimagen-knowledge/src/test/resources/golden/onnx_encoder: a folder as OnnxTextEncoder reads it, and the states expected of it.

Run from this folder after `pip install -r requirements.txt`. The encoder looks its tokens up in a table of 8 channels and adds a row
per token type; the states are ONNX Runtime's. external.onnx is the same graph with the table in a file of its own, weights.bin,
which is not written: such a model must be refused before anything is opened.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

CHANNELS = 8
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "red", "apple", "fox", "in", "style", "flamingo", "noto", ","]

folder = Path(__file__).parent.parent / "reimagen-knowledge/src/test/resources/golden/onnx_encoder"
folder.mkdir(parents=True, exist_ok=True)

tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.Lowercase()
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
tokenizer.save(str(folder / "tokenizer.json"))

rng = np.random.default_rng(5)
table = numpy_helper.from_array(rng.standard_normal((len(WORDS), CHANNELS), dtype=np.float32), "table")
types = numpy_helper.from_array(rng.standard_normal((2, CHANNELS), dtype=np.float32), "types")
graph = helper.make_graph(
    [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Gather", ["types", "token_type_ids"], ["kinds"]),
        helper.make_node("Add", ["words", "kinds"], ["last_hidden_state"]),
    ],
    "lookup",
    [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in ("input_ids", "token_type_ids")],
    [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", CHANNELS])],
    [table, types],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
(folder / "model.onnx").write_bytes(model.SerializeToString())

session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
cases = []
for text in ("flamingo, noto style", "a red apple", "An unknown Fox", ""):
    ids = np.array([tokenizer.encode(text).ids], np.int64)
    (states,) = session.run(None, {"input_ids": ids, "token_type_ids": np.zeros_like(ids)})
    cases.append({"text": text, "states": [float(x) for x in states.ravel()], "pooled": [float(x) for x in states[0].mean(0)]})
(folder / "expected.json").write_text(json.dumps(cases) + "\n")

apart = onnx.ModelProto()
apart.CopyFrom(model)
held = apart.graph.initializer[0]
held.ClearField("raw_data")
held.data_location = TensorProto.EXTERNAL
held.external_data.add(key="location", value="weights.bin")
held.external_data.add(key="length", value=str(len(WORDS) * CHANNELS * 4))
(folder / "external.onnx").write_bytes(apart.SerializeToString())
