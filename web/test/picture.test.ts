// Do classes, colours and marks tell the truth about the figures and words behind them?
import { describe, expect, test } from "vitest";
import { heatClass } from "../src/charts/heat";
import { breaksOf, classOf, colours } from "../src/layers/hex";
import { stretches } from "../src/marks";

describe("class breaks", () => {
  test("quantiles part the cells evenly", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    const breaks = breaksOf(values);
    expect(breaks).toEqual([21, 41, 61, 81]);
    const sizes = [0, 0, 0, 0, 0];
    for (const v of values) sizes[classOf(v, breaks)]!++;
    expect(sizes).toEqual([20, 20, 20, 20, 20]);
  });

  test("few distinct values give few classes, never an empty one", () => {
    expect(breaksOf([1, 1, 1, 1])).toEqual([]);
    expect(breaksOf([1, 1, 1, 2])).toEqual([2]);
    expect(breaksOf([])).toEqual([]);
    const values = [1, 1, 1, 1, 1, 1, 2, 3, 9];
    const breaks = breaksOf(values);
    for (let c = 0; c <= breaks.length; c++) expect(values.some((v) => classOf(v, breaks) === c)).toBe(true);
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
