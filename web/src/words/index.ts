// Which language is spoken, and how are numbers and dates written in it?
import { computed, effect, signal } from "@preact/signals";
import { speak } from "../api";
import { view } from "../state";
import { en } from "./en";
import { zh, type Words } from "./zh";

const remembered = signal<"zh" | "en">(recall());

export const lang = computed<"zh" | "en">(() => view.value.lang ?? remembered.value);
export const words = computed<Words>(() => (lang.value === "en" ? en : zh));

function recall(): "zh" | "en" {
  try {
    return localStorage.getItem("zhilu.lang") === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

export function remember(to: "zh" | "en"): void {
  remembered.value = to;
  try {
    localStorage.setItem("zhilu.lang", to);
  } catch {
    // A browser without storage keeps the choice for this visit only.
  }
}

effect(() => {
  speak(lang.value);
  if (typeof document === "undefined") return;
  document.documentElement.lang = lang.value === "zh" ? "zh-CN" : "en";
});

/** What a role is called in the reader's language. */
export const roleName = (code: string): string => (words.value.roles as Record<string, string>)[code] ?? code;

const ZONE = "Asia/Shanghai";
const local = computed(() => {
  const tag = lang.value === "zh" ? "zh-CN" : "en-GB";
  return {
    number: new Intl.NumberFormat(tag, { maximumFractionDigits: 0 }),
    decimal: new Intl.NumberFormat(tag, { maximumFractionDigits: 1, minimumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0 }),
    day: new Intl.DateTimeFormat(tag, { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" }),
    minute: new Intl.DateTimeFormat(tag, { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false }),
  };
});

export const number = (n: number | null | undefined): string => (n == null ? "–" : local.value.number.format(n));
export const decimal = (n: number | null | undefined): string => (n == null ? "–" : local.value.decimal.format(n));
export const percent = (n: number | null | undefined): string => (n == null ? "–" : local.value.percent.format(n));
export const day = (at: string | null | undefined): string => stamp(at, local.value.day);
export const minute = (at: string | null | undefined): string => stamp(at, local.value.minute);

function stamp(at: string | null | undefined, how: Intl.DateTimeFormat): string {
  const t = at ? new Date(at) : null;
  return t && !Number.isNaN(t.getTime()) ? how.format(t) : "–";
}
