// Which days does a window mean? Plain dates of the city's own calendar, no clock.
import type { Bucket } from "./api";

export type Unit = "day" | "week" | "month";
export type Preset = "d7" | "d30" | "d90" | "month" | "lastYear" | "all";
export interface Range { from: string | null; to: string | null }

const DAY = 86_400_000;
const ms = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const iso = (t: number): string => new Date(t).toISOString().slice(0, 10);

export const addDays = (date: string, n: number): string => iso(ms(date) + n * DAY);
export const daysBetween = (from: string, to: string): number => Math.round((ms(to) - ms(from)) / DAY);

/** Days up to a season, weeks up to four years, months beyond. */
export function unitFor(first: string, last: string): Unit {
  const days = daysBetween(first, last);
  return days <= 120 ? "day" : days <= 1500 ? "week" : "month";
}

/** The start of the bucket that holds the day; weeks begin on Monday. */
export function startOf(date: string, unit: Unit): string {
  if (unit === "day") return date;
  if (unit === "month") return `${date.slice(0, 7)}-01`;
  return addDays(date, -((new Date(ms(date)).getUTCDay() + 6) % 7));
}

const next = (date: string, unit: Unit): string => {
  if (unit === "day") return addDays(date, 1);
  if (unit === "week") return addDays(date, 7);
  const [y, m] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  return m === 12 ? `${y + 1}-01-01` : `${y}-${String(m + 1).padStart(2, "0")}-01`;
};

/** All buckets from the first to the last day, those without tickets too; keys become full dates. */
export function fill(buckets: readonly Bucket[], unit: Unit, first: string, last: string): Bucket[] {
  const had = new Map(buckets.map((b) => [startOf(b.key.length === 7 ? `${b.key}-01` : b.key.slice(0, 10), unit), b.count]));
  const all: Bucket[] = [];
  for (let d = startOf(first, unit); d <= last && all.length < 5000; d = next(d, unit)) all.push({ key: d, label: d, count: had.get(d) ?? 0 });
  return all;
}

/** A preset counts back from the last day with data, so that an old file is not shown empty. */
export function preset(name: Preset, first: string, last: string): Range {
  const back = (n: number): Range => ({ from: addDays(last, 1 - n) > first ? addDays(last, 1 - n) : first, to: last });
  if (name === "d7") return back(7);
  if (name === "d30") return back(30);
  if (name === "d90") return back(90);
  if (name === "month") return { from: `${last.slice(0, 7)}-01`, to: last };
  if (name === "lastYear") {
    const year = Number(last.slice(0, 4)) - 1;
    const end = `${year}${last.slice(4)}`.replace(/-02-29$/, "-02-28");
    return { from: `${end.slice(0, 7)}-01`, to: end };
  }
  return { from: null, to: null };
}

const NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Reads 2024-04-08, 2024/4/8, 2024.4.8, 2024年4月8日, 20240408 or 8 Apr 2024; empty is null, anything else undefined. */
export function readDate(text: string): string | null | undefined {
  const plain = text.trim().normalize("NFKC");
  if (!plain) return null;
  const west = /^(?:(\d{1,2}) ([a-z]{3})[a-z]*|([a-z]{3})[a-z]* (\d{1,2}),?) (\d{4})$/i.exec(plain);
  const parts = west
    ? [west[5], String(NAMES.indexOf((west[2] ?? west[3])!.toLowerCase()) + 1), west[1] ?? west[4]]
    : (/^(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$/.exec(plain) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(plain))?.slice(1);
  if (!parts) return undefined;
  const date = `${parts[0]}-${parts[1]!.padStart(2, "0")}-${parts[2]!.padStart(2, "0")}`;
  // A day that does not exist comes back as another one.
  return Number.isNaN(ms(date)) || iso(ms(date)) !== date ? undefined : date;
}
