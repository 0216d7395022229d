"""Draws further pictures to learn from: icon sets besides the emoji, whose things several sets show, each in its own manner.

Usage: npm pack @iconify/json@2.2.535; tar xzf iconify-json-2.2.535.tgz
       python pictograms.py package --dataset ../dataset --out ../pictograms

Of each set whose licence allows it the icons that stand for something another family shows too, an emoji set included. What has a single
colour is drawn black, or in a colour that all pictures of the thing share. Writes pictures.bin and manifest.jsonl as `reimagen dataset build`
does, and LICENCES.md, which names each set's licence and author. train_reference.py --pictograms reads the folder.

Nothing that the data set holds out is drawn, as far as names tell: an icon is left out when its words hold or are held by a held-out name, when they
are a tag of one, when one of them is rare among the emoji and names something held out, or when it has one of SYNONYMS.
"""

import argparse
import collections
import functools
import io
import json
import multiprocessing
import random
import re
import zlib
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from reference_data import COLORS, group, words

SIZE, MARGIN = 64, 0.06
VARIANTS = set(
    "outline outlined filled fill solid line linear bold thin light regular duotone twotone duo flat rounded round sharp remix broken 24px"
    " negative loop o two tone 10 12 16 20 24 28 32 48".split()
)
KEPT = {  # of sets that draw each icon many times over, the variants that are used; of the others all
    "ph": ("", "fill", "duotone"),
    "fluent": ("20 regular", "20 filled", "24 regular", "24 filled"),
    "fluent-color": ("16", "20", "24", "28", "32", "48"),
    "solar": ("linear", "bold", "bold duotone", "line duotone"),
    "material-symbols": ("", "outline"),
    "healthicons": ("", "outline"),
    "streamline": ("", "solid"),
    "meteocons": ("", "fill"),
    "ri": ("line", "fill"),
    "mingcute": ("line", "fill"),
}
COLORED = (
    "streamline-color streamline-flex-color streamline-sharp-color streamline-plump-color streamline-ultimate-color"
    " streamline-freehand-color streamline-kameleon-color streamline-stickies-color streamline-cyber-color streamline-emojis fluent-color"
    " icon-park marketeq glyphs-poly flat-color-icons flat-ui meteocons"
).split()
PLAIN = (
    "fluent-emoji-high-contrast emojione-monotone tabler mdi ph fluent solar material-symbols game-icons healthicons lucide lucide-lab"
    " hugeicons mingcute boxicons carbon iconoir ri uil tdesign lets-icons streamline streamline-flex streamline-sharp streamline-plump"
    " streamline-ultimate streamline-freehand streamline-cyber streamline-pixel streamline-block fa7-solid bi ion temaki maki pinhead"
    " griddy-icons mynaui reicon glyphs icon-park-solid icon-park-twotone icon-park-outline pepicons-pop pepicons-pencil f7 clarity"
    " teenyicons majesticons dinkie-icons pixelarticons la whh zmdi keyline-icons medical-icon covid roentgen gis vaadin grommet-icons icons8"
    " guidance memory fluent-mdl2 subway fontisto picon"
).split()
FAMILIES = {  # of sets that draw the same outlines; elsewhere the set without "-color"
    "fluent-emoji-high-contrast": "fluent-emoji",
    "emojione-monotone": "emojione",
    "icon-park-solid": "icon-park",
    "icon-park-twotone": "icon-park",
    "icon-park-outline": "icon-park",
    "glyphs-poly": "glyphs",
    "lucide-lab": "lucide",
    "fluent-mdl2": "fluent",
    "pepicons-pop": "pepicons",
    "pepicons-pencil": "pepicons",
}
LEFT_OUT = {"flag", "logo", "brand"}
SYNONYMS = set(  # words by which icon sets name what the emoji split holds out
    """trash bin garbage delete waste rubbish dustbin wastebasket recycle joy laugh laughing lol tear giggle devil imp demon horn servicemark
    sm headset earphone headphone earbud airpod audio mortarboard graduate graduation school education academic student university college
    degree diploma explosion explode boom burst bang collision crash startup launch spaceship spacecraft missile rocket meteor comet shooting
    meteorite bath shower wash bathtub agriculture farm farming tractor farmer atm withdraw car automobile auto vehicle men male gentleman
    toilet wc restroom bathroom rain rainy drizzle raining wing candlestick candle disco mirror tennis paddle pingpong pong 1 one 4 four 10
    ten vs versus pennant pig piglet horse horseback gown clothe clothing dress skirt mailbox postbox letterbox shuffle random onigiri ladybug
    beetle ladybird bug hippo japan sunglass cool shade incognito mask speaker volume sound calculator calc abacu butterfly chocolate
    anticlockwise counterclockwise clockwise reload refresh repeat rotate redo sync retry restart rotation turn corner sofa couch lamp family
    parent jar call shaka cross christian lettuce cabbage kale leafy search magnify magnifying magnifier zoom find lotu villain motor ok olive
    pepper water faucet tap user account profile avatar silhouette bust contact member customer people monorail town city village neighborhood
    umbrella parasol beach fan ventilator ventilation wave waving smile smiley smiling happy kissing kiss mouth bride veil hijab muslim elf
    golf climbing climb supervillain wheelbarrow wine volcano tiger hedgehog sari scarf bread loaf sparkle mosque stupa temple folder
    directory anger curry dumpling fondue croc chick pomegranate nuclear opera ceremony lady worker office drum flamingo rice apple silence
    shh cap money golfer earpod tub loudspeaker""".split()
)
SOMEBODY = {"person", "man"}  # with nothing but words of form: a bust in silhouette, a men's room
FORMS = {"person", "man", "woman", "circle", "square", "alt", "single", "simple"}
PALETTE = [c for name, c in COLORS.items() if name not in ("gray", "black", "white")]


def named(name):
    """The words of an icon's name without those of its variant and its number, and the variant: 'cat-2-filled' is (['cat'], 'filled')."""
    parts, variant = name.split("-"), []
    while len(parts) > 1 and parts[-1] in VARIANTS:
        variant.insert(0, parts.pop())
    if len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    parts[-1] = re.sub(r"(?<=[a-z])\d$", "", parts[-1])
    return parts, " ".join(variant)


class HeldOut:
    """What must not be shown."""

    def __init__(self, rows):
        held = [r for r in rows if r["heldOut"]]
        common = collections.Counter(w for e in {r["entity"] for r in rows} for w in set(words(e)))
        names = [words(n) for r in held for n in (r["entity"], *r["tags"][-1:])]
        self.names = {frozenset(n) for n in names if n}
        self.joined = {"".join(n) for n in names}
        self.tags = {frozenset(words(t)) for r in held for t in r["tags"]}
        self.rare = {w for n in self.names for w in n if common[w] <= 4}

    def shows(self, name):
        """Whether an icon of this name may show something held out."""
        found = frozenset(words(name))
        if not found or found in self.tags or "".join(words(name)) in self.joined or found & (self.rare | SYNONYMS):
            return True
        if found <= FORMS and found & SOMEBODY or "heart" in found and found & {"eye", "face", "grin"} and "cat" not in found:
            return True
        return any(name <= found or found <= name for name in self.names)


def icons(folder, held):
    """Icons of all sets: rows of the manifest, with the set and the icon's name beside."""
    for set_name in COLORED + PLAIN:
        family = FAMILIES.get(set_name, set_name.removesuffix("-color"))
        seen = set()
        for name, icon in read(folder, set_name)["icons"].items():
            parts, variant = named(name)
            if icon.get("hidden") or LEFT_OUT & set(parts) or variant not in KEPT.get(set_name, (variant,)) or held.shows(" ".join(parts)):
                continue
            if family == "fluent":  # every size is another drawing of the same
                variant = re.sub(r"\d+ ?", "", variant)
            entity = " ".join(parts)
            if (group(entity), variant) not in seen:
                seen.add((group(entity), variant))
                style = f"{set_name} {variant}".strip().replace(" ", "-")
                row = {"entity": entity, "family": family, "style": style, "tags": [entity], "heldOut": False, "colored": set_name in COLORED}
                yield set_name, name, row


@functools.cache
def read(folder, set_name):
    return json.loads((folder / "json" / f"{set_name}.json").read_text())


def drawn(task):
    """The picture [64, 64, 4] of an icon, or nothing where it shows nothing; raises ValueError where it cannot be drawn."""
    folder, set_name, name, key = task
    icons = read(folder, set_name)
    icon = icons["icons"][name]
    width, height = (icon.get(side, icons.get(side, 16)) for side in ("width", "height"))
    dice = random.Random(zlib.crc32(key.encode()))  # the same for all pictures of a thing
    color = "#%02x%02x%02x" % (PALETTE[dice.randrange(len(PALETTE))] if dice.random() < 0.6 else COLORS["black"])
    side = max(width, height) * (1 + 2 * MARGIN)
    view = f"{icon.get('left', 0) - (side - width) / 2} {icon.get('top', 0) - (side - height) / 2} {side} {side}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}"'
        f' width="{2 * SIZE}" height="{2 * SIZE}">{icon["body"].replace("currentColor", color)}</svg>'
    )
    large = np.asarray(Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True))).convert("RGBA"), np.float32)
    alpha = large[..., 3:] / 255
    premultiplied, alpha = (a.reshape(SIZE, 2, SIZE, 2, -1).mean((1, 3)) for a in (large[..., :3] * alpha, alpha))
    picture = np.concatenate([premultiplied / np.maximum(alpha, 1e-6), alpha * 255], -1).round().clip(0, 255).astype(np.uint8)
    return picture if picture[..., 3].mean() >= 4 else None


def licences(folder, used):
    """A table of the sets that pictures were taken from."""
    sets = json.loads((folder / "collections.json").read_text())
    lines = ["| set | pictures | licence (SPDX) | author |", "|---|---|---|---|"]
    for name, count in used.most_common():
        author = sets[name]["author"]
        credit = f"[{author['name']}]({author['url']})" if "url" in author else author["name"]
        lines.append(f"| {name} | {count} | {sets[name]['license']['spdx']} | {credit} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="the unpacked npm package @iconify/json")
    parser.add_argument("--dataset", type=Path, required=True, help="says what is held out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    recipe = parser.parse_args()
    if not (recipe.folder / "collections.json").exists():
        parser.error(f"{recipe.folder}: is no @iconify/json, collections.json is missing")
    if not (recipe.dataset / "manifest.jsonl").exists():
        parser.error(f"--dataset {recipe.dataset}: is no data set, manifest.jsonl is missing")
    rows = [json.loads(line) for line in (recipe.dataset / "manifest.jsonl").read_text().splitlines()]
    found = list(icons(recipe.folder, HeldOut(rows)))
    families = collections.defaultdict(set)
    for _, _, row in found:
        families[group(row["entity"])].add(row["family"])
    emoji = {group(name) for row in rows if not row["heldOut"] for name in (row["entity"], *row["tags"][-1:])}
    shared = {key for key, members in families.items() if len(members) >= 2 or key in emoji}
    found = [icon for icon in found if group(icon[2]["entity"]) in shared]
    tasks = [(recipe.folder, set_name, name, group(row["entity"])) for set_name, name, row in found]
    used = collections.Counter()
    recipe.out.mkdir(parents=True, exist_ok=True)
    (recipe.out / "dataset.json").unlink(missing_ok=True)
    with multiprocessing.Pool(recipe.processes) as pool, open(recipe.out / "pictures.bin", "wb") as pictures, open(
        recipe.out / "manifest.jsonl", "w"
    ) as manifest:
        for (set_name, _, row), picture in zip(found, pool.imap(drawn, tasks, 64)):
            if picture is not None:
                pictures.write(picture.tobytes())
                manifest.write(json.dumps(row) + "\n")
                used[set_name] += 1
    (recipe.out / "LICENCES.md").write_text(licences(recipe.folder, used))
    (recipe.out / "dataset.json").write_text(json.dumps({"size": SIZE, "pictures": used.total(), "entities": len(shared)}))
    print(f"wrote {recipe.out}: {used.total()} pictures of {len(shared)} things from {len(used)} sets, {len(found) - used.total()} empty")


if __name__ == "__main__":
    main()
