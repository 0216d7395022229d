"""Writes reimagen-knowledge/src/test/resources/golden/onnx_clip: a tiny random CLIP as OnnxClipEmbedder reads it, and what is expected of it.

Run from this folder after `pip install -r requirements.txt`; transformers 4.57.1 wants tokenizers 0.22.1 and huggingface_hub 0.36.0, which
is why it is not listed there: install these three and pillow 12.1.1 beside, as `pip install --no-deps --target DIR`, and put DIR first in
PYTHONPATH. Pillow 13.0.0 resizes rows after columns for some sizes, which changes bytes by a level or two; all before it begin with rows.
Network, preprocessing and pooling are transformers' own, the weights seeded, the expected vectors PyTorch's.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTextConfig, CLIPVisionConfig

WORDS = ["a", "red", "apple", "fox", "in", "style", "flamingo", "noto", ",", "[UNK]", "<|startoftext|>", "<|endoftext|>"]
START, END = WORDS.index("<|startoftext|>"), WORDS.index("<|endoftext|>")
SIZE, DIM, HIDDEN = 16, 8, 16

folder = Path(__file__).parent.parent / "reimagen-knowledge/src/test/resources/golden/onnx_clip"
folder.mkdir(parents=True, exist_ok=True)

tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.Lowercase()
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.post_processor = processors.TemplateProcessing(
    single="<|startoftext|> $A <|endoftext|>", special_tokens=[("<|startoftext|>", START), ("<|endoftext|>", END)]
)
tokenizer.save(str(folder / "tokenizer.json"))

torch.manual_seed(11)
shape = {"hidden_size": HIDDEN, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "projection_dim": DIM}
text = CLIPTextConfig(vocab_size=len(WORDS), bos_token_id=START, eos_token_id=END, max_position_embeddings=77, **shape)
vision = CLIPVisionConfig(image_size=SIZE, patch_size=8, **shape)
clip = CLIPModel(CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=DIM)).eval()
clip.set_attn_implementation("eager")
with torch.no_grad():  # the customary start is so small that all inputs look alike
    for parameter in clip.parameters():
        if parameter.dim() > 1:
            parameter.mul_(8)


class Pictures(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.clip = clip

    def forward(self, pixel_values):
        return self.clip.get_image_features(pixel_values=pixel_values)


class Texts(Pictures):
    def forward(self, input_ids, attention_mask):
        return self.clip.get_text_features(input_ids=input_ids, attention_mask=attention_mask)


ids = torch.tensor([[START, 0, 1, END]])
torch.onnx.export(Pictures(), (torch.zeros(1, 3, SIZE, SIZE),), str(folder / "vision_model.onnx"), dynamo=False, opset_version=17,
                  input_names=["pixel_values"], output_names=["image_embeds"])
torch.onnx.export(Texts(), (ids, torch.ones_like(ids)), str(folder / "text_model.onnx"), dynamo=False, opset_version=17,
                  input_names=["input_ids", "attention_mask"], output_names=["text_embeds"],
                  dynamic_axes={"input_ids": {1: "tokens"}, "attention_mask": {1: "tokens"}})

processor = CLIPImageProcessor(size={"shortest_edge": SIZE + 4}, crop_size={"height": SIZE, "width": SIZE})
processor.save_pretrained(folder)


def unit(vector):
    return [float(x) for x in (vector / vector.norm()).ravel()]


rng = np.random.default_rng(3)
pictures, texts = [], []
for name, (width, height) in {"wide": (45, 31), "tall": (23, 58), "small": (9, 10)}.items():
    picture = Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))
    picture.save(folder / f"{name}.png")
    pixels = processor(picture, return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        vector = clip.get_image_features(pixel_values=pixels)
    pictures.append({"file": f"{name}.png", "pixels": [float(x) for x in pixels.ravel()], "vector": unit(vector)})
for asked in ("flamingo, noto style", "a red apple", "An unknown Fox", "", "fox " * 100):
    tokens = tokenizer.encode(asked).ids
    tokens = tokens if len(tokens) <= 77 else tokens[:76] + [END]
    with torch.no_grad():
        vector = clip.get_text_features(input_ids=torch.tensor([tokens]))
    texts.append({"text": asked, "tokens": len(tokens), "vector": unit(vector)})
(folder / "expected.json").write_text(json.dumps({"pictures": pictures, "texts": texts}) + "\n")
