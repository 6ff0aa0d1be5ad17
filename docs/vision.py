"""Draw the images of `docs/vision.md` with the sandbox. Run it again when the drawing changes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw

from openrouter_connector import Connector, FileStore

FOLDER = Path(__file__).with_name("pictures")


def main() -> None:
    """Draw a scene, detect its shapes, and save both images."""
    FOLDER.mkdir(exist_ok=True)
    scene = FOLDER / "shapes.png"
    _scene().save(scene, optimize=True)
    with TemporaryDirectory() as folder:
        store = FileStore(folder)
        given = {"model": "sandbox/vision", "images": [scene], "taskType": "object-detection"}
        result = Connector.load().run("analyzeImages", given, sandbox=True, files=store)
        [file] = result.metadata.files
        with Image.open(store.path_of(file) or "") as found:
            found.quantize(64).save(FOLDER / "shapes-found.png", optimize=True)


def _scene() -> Image.Image:
    """Return an image of three shapes, drawn at four times the size for smooth edges."""
    image = Image.new("RGB", (2560, 1440), "#f4f1ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((260, 300, 900, 860), fill="#c8372d")
    draw.ellipse((1040, 640, 1600, 1200), fill="#2b5fb3")
    draw.polygon([(2140, 240), (2420, 760), (1860, 760)], fill="#2f8f4e")
    return image.resize((640, 360), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
