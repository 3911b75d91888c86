// Which words of a text did the program stand on? Offsets count characters as a reader does, not code units.
import type { ComponentChild } from "preact";
import { h } from "preact";

export interface Span { start: number; end: number }

/** Cuts a text into plain and marked stretches; spans are clipped, sorted and joined where they touch. */
export function stretches(text: string, spans: readonly Span[]): { text: string; marked: boolean }[] {
  const letters = Array.from(text);
  const on = new Array<boolean>(letters.length).fill(false);
  for (const s of spans) for (let i = Math.max(0, s.start); i < Math.min(letters.length, s.end); i++) on[i] = true;
  const out: { text: string; marked: boolean }[] = [];
  letters.forEach((letter, i) => {
    const last = out[out.length - 1];
    if (last && last.marked === on[i]) last.text += letter;
    else out.push({ text: letter, marked: on[i]! });
  });
  return out;
}

export function marked(text: string, spans: readonly Span[]): ComponentChild[] {
  return stretches(text, spans).map((s, i) => (s.marked ? h("mark", { key: i }, s.text) : s.text));
}
