// Does the phone's queue lose nothing but what was judged, and does it know which day it is?
import { describe, expect, test } from "vitest";
import { badCounts, clockOf, PARCEL, send, todayBy, type Waiting } from "../src/offline/queue";

const sign = (mark: string): Waiting => ({ kind: "sign", wish: { mark, duty: "1", kind: "in", at: 0, point: null, accuracy_m: null, note: "" } });
const watch = (mark: string): Waiting => ({ kind: "watch", wish: { mark, minutes: 30 } });

/** A server that refuses marks with "no", cannot read a parcel with "bad" in it, and is out of reach for "cut". */
function server() {
  const seen: string[][] = [];
  const refused: string[] = [];
  let waiting: Waiting[] = [];
  const fail = (status: number) => Object.assign(new Error(String(status)), { status });
  const by = {
    sign: async (wishes: { mark: string }[]) => {
      seen.push(wishes.map((w) => w.mark));
      if (wishes.some((w) => w.mark.startsWith("cut"))) throw fail(0);
      if (wishes.some((w) => w.mark.startsWith("bad"))) throw fail(400);
      return { signs: wishes.map((w) => ({ mark: w.mark, state: w.mark.startsWith("no") ? "refused" : "written", why: "no" })) };
    },
    watch: async (wish: Record<string, string | number>) => {
      seen.push([String(wish.mark)]);
      if (String(wish.mark).startsWith("cut")) throw fail(503);
      if (String(wish.mark).startsWith("bad")) throw fail(400);
      return {};
    },
    refusal: (why: unknown) => ((why as { status: number }).status === 400 ? "400" : null),
    refused: (mark: string) => void refused.push(mark),
    gone: (marks: Set<string>) => void (waiting = waiting.filter((x) => !marks.has(String(x.wish.mark)))),
  };
  const run = async (list: Waiting[]) => {
    waiting = list;
    const out = await send(list, by);
    return { out, seen, refused, left: waiting.map((x) => x.wish.mark) };
  };
  return run;
}

describe("the queue", () => {
  test("one entry the server cannot read takes no other with it", async () => {
    const got = await server()([sign("a"), sign("bad"), sign("b"), watch("w"), watch("bad-w"), watch("x")]);
    expect(got.left).toEqual([]);
    expect(got.refused).toEqual(["bad", "bad-w"]);
    expect(got.out).toMatchObject({ sent: 4, refused: 2, waiting: 0, lost: null });
  });

  test("what did not reach the server stays, in its order", async () => {
    const got = await server()([sign("a"), watch("cut"), watch("w")]);
    expect(got.left).toEqual(["cut", "w"]);
    expect(got.refused).toEqual([]);
    expect(got.out.lost).not.toBeNull();
  });

  test("a refused sign is told by its mark, and hundreds go in parcels", async () => {
    const got = await server()([...Array.from({ length: 450 }, (_, i) => sign(`s${i}`)), sign("no")]);
    expect(got.seen.map((p) => p.length)).toEqual([PARCEL, PARCEL, 51]);
    expect([got.refused, got.left]).toEqual([["no"], []]);
  });

  test("counts are judged before they are queued", () => {
    expect(badCounts({ minutes: 30, stopped: 0, queue_m: 10_000 })).toEqual([]);
    expect(badCounts({ minutes: 0, stopped: 2.5, illegal: -1, conflicts: Number.NaN })).toEqual(["minutes", "stopped", "illegal", "conflicts"]);
  });
});

describe("the day", () => {
  test("turns at midnight of +08:00 without a connection, by the server's clock", () => {
    const here = Date.parse("2026-03-02T15:50:00Z");
    const clock = clockOf({ today: "2026-03-02", now: "2026-03-02T15:55:00Z" }, here);
    expect(clock).toEqual({ skew: 300_000, days: 0 });
    expect(todayBy(clock, here)).toBe("2026-03-02");
    expect(todayBy(clock, here + 6 * 60_000)).toBe("2026-03-03");
  });

  test("follows a house that stands on a set day", () => {
    const here = Date.parse("2026-11-23T04:00:00Z");
    const clock = clockOf({ today: "2025-01-02", now: "2026-11-23T12:00:00+08:00" }, here);
    expect(todayBy(clock, here)).toBe("2025-01-02");
    expect(todayBy(clock, here + 86_400_000)).toBe("2025-01-03");
  });
});
