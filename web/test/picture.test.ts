// Do classes, colours and marks tell the truth about the figures and words behind them?
import { describe, expect, test } from "vitest";
import { heatClass } from "../src/charts/heat";
import { classOf, colours, hexLayer } from "../src/layers/hex";
import type { Look } from "../src/layers/kind";
import { stretches } from "../src/marks";

describe("class breaks", () => {
  test("a class begins with its bound", () => {
    expect([1, 4, 5, 9, 30].map((n) => classOf(n, [5, 9]))).toEqual([0, 0, 1, 2, 2]);
    expect(classOf(7, [])).toBe(0);
  });

  test("a changed filter restyles no cell: the tile says the colour, only hidden classes are in the style", () => {
    const look: Look = { metric: "count", classes: 0, breaks: null, hidden: new Set(), site: null, ticket: null, pointed: null, cells: true, lens: null, hiddenVerdicts: new Set() };
    const plain = JSON.stringify(hexLayer.styles(look));
    expect(plain).toContain("count_step");
    expect(JSON.stringify(hexLayer.styles({ ...look, classes: 4 }))).toBe(plain);
    // Of three classes the middle one has the third colour.
    expect(JSON.stringify(hexLayer.styles({ ...look, classes: 3, hidden: new Set([1]) }))).toContain('[2],0,1]');
  });

  test("the worst class is always the darkest colour, and no two classes share one", () => {
    for (let n = 2; n <= 5; n++) {
      expect(new Set(colours(n)).size).toBe(n);
      expect(colours(n).at(-1)).toBe("#bd0026");
    }
  });

  test("an hour without tickets is never coloured, the peak always darkest", () => {
    expect(heatClass(0, 10)).toBe(0);
    expect(heatClass(1, 1000)).toBe(1);
    expect(heatClass(10, 10)).toBe(5);
  });
});

describe("evidence", () => {
  test("offsets count characters, also beside signs that take two code units", () => {
    expect(stretches("𠮷路与文治路口", [{ start: 0, end: 2 }, { start: 3, end: 6 }])).toEqual([
      { text: "𠮷路", marked: true },
      { text: "与", marked: false },
      { text: "文治路", marked: true },
      { text: "口", marked: false },
    ]);
  });

  test("spans outside the text and over each other are harmless", () => {
    expect(stretches("校门", [{ start: -3, end: 1 }, { start: 0, end: 99 }])).toEqual([{ text: "校门", marked: true }]);
    expect(stretches("", [{ start: 0, end: 5 }])).toEqual([]);
  });
});
