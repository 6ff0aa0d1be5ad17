import { describe, expect, it } from "vitest";

import { addressOf, isOwn } from "./files";
import { boxesOf, columnsOf, expectedKind, imagesOf, previewHeight, previewKind } from "./preview";
import { peaksOf } from "./waveform";

const file = (mimeType: string, url = "/api/files/a"): Record<string, string> => ({ extension: "x", name: "a.x", mimeType, url });
const analysis = {
  name: "a.png",
  text: "",
  annotated: null,
  answer: { boxes: [{ class: "cat", confidence: 0.5, relative: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } }] },
};

describe("the preview of a result", () => {
  it.each([
    [undefined, "none"],
    ["", "none"],
    ["Hello", "text"],
    ["<script>alert(1)</script>", "text"],
    [42, "line"],
    [false, "line"],
    [[], "line"],
    [file("image/png"), "images"],
    [[file("image/png"), file("image/webp")], "images"],
    [file("image/svg+xml"), "file"],
    [file("audio/mpeg"), "audio"],
    [file("video/mp4"), "video"],
    [file("application/pdf"), "file"],
    [{ title: "x" }, "object"],
    [[1, 2], "object"],
    [[{ a: 1 }, { a: 2 }], "table"],
    [[analysis], "boxes"],
    [[{ ...analysis, answer: "A cat" }], "table"],
    [{ $file: "http://x/api/files/1" }, "large"],
  ])("of %j is %s", (output, kind) => {
    expect(previewKind(output)).toBe(kind);
  });

  it("has the height that the layout reserves", () => {
    expect([previewHeight("text"), previewHeight("images"), previewHeight("audio"), previewHeight("object")]).toEqual([110, 66, 54, 64]);
  });

  it("can be foretold from the schema of the output", () => {
    const entry = { type: "object", properties: { mimeType: {}, url: {}, name: {} } };
    expect(expectedKind(entry, "Images")).toBe("images");
    expect(expectedKind(entry, "Account")).toBe("file");
    expect(expectedKind({ type: "string" }, "Audio")).toBe("text");
    expect(expectedKind({ type: ["array", "null"] }, "Vision")).toBe("table");
    expect(expectedKind({}, "Ask")).toBe("none");
  });

  it("shows all images, also those that only the metadata names", () => {
    expect(imagesOf(file("image/png"), { files: [file("image/png"), file("image/png", "/api/files/b")] })).toHaveLength(2);
    expect(imagesOf(file("image/png"))).toHaveLength(1);
  });

  it("reads boxes as parts of the image", () => {
    expect(boxesOf(analysis)).toEqual([{ label: "cat", confidence: 0.5, x: 0.1, y: 0.2, width: 0.3, height: 0.4 }]);
  });

  it("has a column for each key with a value", () => {
    expect(columnsOf([{ a: 1, b: null }, { c: 2, b: null }])).toEqual(["a", "c"]);
  });
});

describe("a file", () => {
  it("of the store is loaded from this server, by whatever name the run knew it", () => {
    expect(addressOf("http://127.0.0.1:8787/api/files/a.png")).toBe("/api/files/a.png");
    expect(isOwn("https://example.com/a.png")).toBe(false);
    expect(isOwn("data:text/html,<script>")).toBe(false);
  });
});

it("draws the loudest sample of each part of a sound", () => {
  expect(peaksOf([0, 0.1, -0.5, 0.2], 2)).toEqual([0.2, 1]);
  expect(peaksOf([0, 0], 2)).toEqual([0, 0]);
});
