import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { draw, select, selectionIn, textOf } from "./dom";

describe("the selection in an editor", () => {
  const text = "On ${topic} and ${ask_1.title}\nthe end";
  let root: HTMLElement;
  beforeEach(() => {
    root = document.body.appendChild(document.createElement("div"));
    draw(root, text);
    // A chip holds what React draws into it.
    for (const chip of root.querySelectorAll("[data-pill]")) chip.append("title");
  });
  afterEach(() => root.remove());

  it("is found again at every place that is not inside a chip", () => {
    expect(textOf(root)).toBe(text);
    for (const at of [0, 2, 3, 11, 13, 16, 30, 31, text.length]) {
      select(root, at);
      expect(selectionIn(root)).toEqual([at, at]);
    }
    select(root, 2, 34);
    expect(selectionIn(root)).toEqual([2, 34]);
  });

  it("counts a place inside a chip as the one behind it", () => {
    const [chip] = root.querySelectorAll("[data-pill]");
    getSelection()?.collapse(chip?.firstChild ?? null, 2);
    expect(selectionIn(root)).toEqual([11, 11]);
    getSelection()?.collapse(chip ?? null, 0);
    expect(selectionIn(root)).toEqual([11, 11]);
  });

  it("counts the line breaks that the browser put in", () => {
    root.replaceChildren("a", document.createElement("br"), "b", document.createElement("br"), "c");
    getSelection()?.collapse(root, 4);
    expect(selectionIn(root)).toEqual([4, 4]);
  });

  it("is not reported while it is outside the editor", () => {
    getSelection()?.collapse(document.body, 0);
    expect(selectionIn(root)).toBeUndefined();
  });
});
