// Is every view a link, and does the filter read the same for list, tiles and counts?
import { describe, expect, test } from "vitest";
import { active, format, parse, query, START, type View } from "../src/state";

describe("the address", () => {
  test("an empty address is the start view", () => {
    expect(parse("")).toEqual(START);
    expect(format(START)).toBe("#/map");
  });

  test("every view survives the way through the address", () => {
    const view: View = {
      page: "map", lang: "en", center: [113.75512, 34.72001], zoom: 14.25, layers: ["hex", "sites"], metric: "petitioners",
      filter: { sets: { kind: ["交通秩序->违停", "停车/出入口"], channel: ["12345"], state: ["working", "closed"] }, from: "2024-01-01", to: "2024-03-31", q: "学校 & 校门" },
      allTime: false, site: "17", ticket: "RX202301010001", cell: "8a3098c5b6affff", tab: "tickets", item: "3", lens: "change", settings: { res: "8" }, before: { from: "2023-01-01", to: "2023-06-30" }, hide: ["none", "up1"], sort: "count", swipe: 35,
  };
    expect(parse(format(view))).toEqual(view);
  });

  test("no layer at all is not the same as all layers", () => {
    expect(parse(format({ ...START, layers: [] })).layers).toEqual([]);
  });

  test("words that mean nothing fall back, they do not break the page", () => {
    const view = parse("#/nowhere?at=x,y&from=yesterday&layers=moon&tab=none&metric=9&cell=<b>");
    expect(view).toEqual({ ...START, layers: [] });
  });
});

describe("the query", () => {
  const filter = { sets: { kind: ["b", "a"], unit: ["二中队"] }, from: "2024-01-01", to: null, q: " 校门 " };

  test("values are sorted, so that equal filters are equal texts and hit the same cache", () => {
    expect(query(filter)).toBe(`kind=a,b&unit=${encodeURIComponent("二中队")}&from=2024-01-01&q=${encodeURIComponent("校门")}`);
  });

  test("a key can be left out, for the histogram and the facets", () => {
    expect(query(filter, ["from", "to", "q", "unit"])).toBe("kind=a,b");
  });

  test("filters are counted as a reader counts them", () => {
    expect(active(filter)).toBe(4);
    expect(active(START.filter)).toBe(0);
  });
});
