// What waits in the phone to be sent, in which parcels does it go, and what is dropped only because the server judged it?
import type { SignWish } from "../api_duty";

export type WatchWish = Record<string, string | number>;
export type Waiting = { kind: "sign"; wish: SignWish } | { kind: "watch"; wish: WatchWish };

/** The server takes so many signs at once. */
export const PARCEL = 200;

export interface Senders {
  sign: (wishes: SignWish[]) => Promise<{ signs: { mark: string; state: string; why: string }[] }>;
  watch: (wish: WatchWish) => Promise<unknown>;
  /** The server's sentence when it judged an entry bad (400–499 but 401, 403, 408, 429); null when the entry may be sent again. */
  refusal: (why: unknown) => string | null;
  /** A sign that the server refused: it was not written. */
  refused: (mark: string, why: string) => void;
  /** Called after every parcel with the marks that wait no longer. */
  gone: (marks: Set<string>) => void;
}

export interface Outcome { sent: number; refused: number; waiting: number; lost: unknown }

const markOf = (x: Waiting): string => String(x.wish.mark);

/** Sends what waits, oldest first. An entry leaves the queue only when it was written or when it alone was judged; whatever did
 *  not reach the server stays. `lost` is what broke the sending, null when all of it was judged. */
export async function send(list: Waiting[], by: Senders): Promise<Outcome> {
  const out: Outcome = { sent: 0, refused: 0, waiting: list.length, lost: null };
  const drop = (marks: Set<string>) => {
    out.waiting -= marks.size;
    by.gone(marks);
  };
  const bad = (mark: string, why: string) => {
    out.refused += 1;
    by.refused(mark, why);
  };
  const parcel = async (wishes: SignWish[]): Promise<void> => {
    if (!wishes.length) return;
    try {
      const got = await by.sign(wishes);
      for (const s of got.signs) if (s.state === "refused") bad(s.mark, s.why); else out.sent += 1;
      drop(new Set(got.signs.map((s) => s.mark)));
    } catch (why) {
      const told = by.refusal(why);
      if (told === null) throw why;
      if (wishes.length === 1) {
        bad(wishes[0]!.mark, told);
        drop(new Set([wishes[0]!.mark]));
        return;
      }
      // One entry the server cannot read must not take the others with it.
      const half = Math.ceil(wishes.length / 2);
      await parcel(wishes.slice(0, half));
      await parcel(wishes.slice(half));
    }
  };
  try {
    const signs = list.flatMap((x) => (x.kind === "sign" ? [x.wish] : []));
    for (let i = 0; i < signs.length; i += PARCEL) await parcel(signs.slice(i, i + PARCEL));
    for (const x of list) {
      if (x.kind !== "watch") continue;
      try {
        await by.watch(x.wish);
        out.sent += 1;
      } catch (why) {
        const told = by.refusal(why);
        if (told === null) throw why;
        bad(markOf(x), told);
      }
      drop(new Set([markOf(x)]));
    }
  } catch (why) {
    out.lost = why;
  }
  return out;
}

/** Fields of an observation that the server would refuse, before it is queued; counts are whole numbers 0–10000, minutes 1–240. */
export function badCounts(form: Record<string, number>): string[] {
  const good = (key: string, n: number) => Number.isInteger(n) && (key === "minutes" ? n >= 1 && n <= 240 : n >= 0 && n <= 10_000);
  return Object.entries(form).filter(([k, n]) => !good(k, n)).map(([k]) => k);
}

const DAY_MS = 86_400_000;
/** The civil day (+08:00) of an instant. */
export const civil = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);

/** Minutes of the civil day (+08:00) of an instant. */
export const minuteOf = (ms: number): number => Math.floor(((ms + 8 * 3_600_000) % DAY_MS) / 60_000);

/** How this phone's clock and day differ from the server's: milliseconds of the clock, whole days where the house stands on a set day. */
export interface Clock { skew: number; days: number }

export function clockOf(server: { today: string; now: string }, here: number): Clock {
  const now = Date.parse(server.now);
  if (Number.isNaN(now)) return { skew: 0, days: 0 };
  const days = Math.round((Date.parse(server.today) - Date.parse(civil(now))) / DAY_MS);
  return { skew: now - here, days };
}

/** Today by the server's clock as last heard, also without a connection and after midnight. */
export const todayBy = (clock: Clock, here: number): string => civil(here + clock.skew + clock.days * DAY_MS);
