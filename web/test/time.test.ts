// Do windows of days mean what people mean by them?
import { describe, expect, test } from "vitest";
import { addDays, daysBetween, fill, preset, startOf, unitFor } from "../src/time";

describe("days", () => {
  test("months and years end where the calendar says", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2023-12-31", 1)).toBe("2024-01-01");
    expect(daysBetween("2024-01-01", "2024-12-31")).toBe(365);
  });

  test("weeks begin on Monday", () => {
    expect(startOf("2024-11-24", "week")).toBe("2024-11-18");
    expect(startOf("2024-11-18", "week")).toBe("2024-11-18");
    expect(startOf("2024-11-18", "month")).toBe("2024-11-01");
  });

  test("the bar is as wide as the span asks", () => {
    expect(unitFor("2024-10-01", "2024-12-31")).toBe("day");
    expect(unitFor("2023-01-01", "2024-12-31")).toBe("week");
    expect(unitFor("2015-01-01", "2024-12-31")).toBe("month");
  });
});

test("weeks without tickets are bars of nothing, not gaps", () => {
  const got = fill([{ key: "2024-01-01", label: "", count: 3 }, { key: "2024-01-15", label: "", count: 2 }], "week", "2024-01-02", "2024-01-20");
  expect(got.map((b) => [b.key, b.count])).toEqual([["2024-01-01", 3], ["2024-01-08", 0], ["2024-01-15", 2]]);
});

test("months may come as year and month only", () => {
  expect(fill([{ key: "2024-02", label: "", count: 5 }], "month", "2024-01-10", "2024-03-01").map((b) => b.count)).toEqual([0, 5, 0]);
});

describe("presets", () => {
  test("they count back from the last day with data", () => {
    expect(preset("d7", "2023-01-01", "2024-12-31")).toEqual({ from: "2024-12-25", to: "2024-12-31" });
    expect(preset("month", "2023-01-01", "2024-12-31")).toEqual({ from: "2024-12-01", to: "2024-12-31" });
    expect(preset("lastYear", "2023-01-01", "2024-02-29")).toEqual({ from: "2023-02-01", to: "2023-02-28" });
    expect(preset("all", "2023-01-01", "2024-12-31")).toEqual({ from: null, to: null });
  });

  test("they do not reach before the first day", () => {
    expect(preset("d90", "2024-12-20", "2024-12-31").from).toBe("2024-12-20");
  });
});
