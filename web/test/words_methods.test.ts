// Do the methods and their settings have titles in both languages?
import { expect, test } from "vitest";
import { pageInEnglish, SETTINGS_EN, TITLES_EN } from "../src/words/methods";

const found = import.meta.glob<string>("../../docs/methods/*.md", { query: "?raw", import: "default", eager: true });
const pages = Object.entries(found).map(([path, text]) => ({ name: path.replace(/^.*\/|\.md$/g, ""), text }));

test("every method and every setting has an English title", () => {
  expect(pages.length).toBeGreaterThanOrEqual(19);
  expect(pages.map((p) => p.name).filter((n) => !TITLES_EN[n])).toEqual([]);
  const settings = pages.flatMap((p) => [...(p.text.split("## Parameters")[1]?.split("\n## ")[0] ?? "").matchAll(/^\| `(\w+)` \|/gm)].map((m) => m[1]!));
  expect(settings.length).toBeGreaterThan(50);
  expect([...new Set(settings)].filter((s) => !SETTINGS_EN[s])).toEqual([]);
});

test("the English page of a method has an English heading and English names of settings", () => {
  for (const p of pages) {
    const lines = pageInEnglish(p.text).split("\n");
    expect(lines[0]).toBe(`# ${TITLES_EN[p.name]} \`${p.name}\``);
    expect(lines.filter((l) => /^\| (name|`\w+`) \|[^|]*[\u4e00-\u9fff]/.test(l))).toEqual([]);
  }
});
