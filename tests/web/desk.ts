// What must hold on every page of every journey? No request leaves the machine, and the console stays silent.
import { test as plain, expect, type Page, type Request } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export { expect };

export interface Watch {
  requests: Request[];
  /** Console errors that a journey provokes on purpose, by a part of their text. */
  allow: (part: string) => void;
}

export const test = plain.extend<{ watch: Watch }>({
  watch: [
    async ({ page, baseURL }, use) => {
      const requests: Request[] = [];
      const strangers: string[] = [];
      const noise: string[] = [];
      const allowed: string[] = [];
      const home = new URL(baseURL!).origin;
      page.on("request", (r) => {
        requests.push(r);
        const url = new URL(r.url());
        if (!["data:", "blob:"].includes(url.protocol) && url.origin !== home) strangers.push(r.url());
      });
      page.on("console", (m) => {
        if (m.type() === "error") noise.push(`${m.text()} ${m.location().url}`);
      });
      page.on("pageerror", (e) => noise.push(e.message));
      await use({ requests, allow: (part) => allowed.push(part) });
      expect(strangers, "requests that left the machine").toEqual([]);
      expect(noise.filter((n) => !allowed.some((a) => n.includes(a))), "errors in the console").toEqual([]);
    },
    { auto: true },
  ],
});

/** Signs in by the API as the ready account of a role and opens an address. */
export async function enter(page: Page, role: string, hash = "#/map"): Promise<void> {
  const origin = new URL(page.url() === "about:blank" ? test.info().project.use.baseURL! : page.url()).origin;
  const demo = await (await page.request.get("/api/v1/demo")).json();
  const account = demo.accounts.find((a: { role: string }) => a.role === role);
  expect(account, `the demo has a ready account for ${role}`).toBeTruthy();
  const answer = await page.request.post("/api/v1/session", { data: { name: account.name, password: account.password }, headers: { Origin: origin } });
  expect(answer.ok(), await answer.text()).toBe(true);
  await page.goto(`/${hash}`);
}

/** Waits until the map has drawn cells: the legend takes its classes from what is drawn. */
export async function mapDrawn(page: Page): Promise<void> {
  await expect(page.locator(".classes button").nth(1)).toBeVisible({ timeout: 30_000 });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious and critical findings of axe on the page as it stands. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: (o: object) => Promise<{ violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[] }> } }).axe;
    const { violations } = await run.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations
      .filter((v) => v.impact === "serious" || v.impact === "critical")
      .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} · ${n.failureSummary.replace(/\s+/g, " ")}`));
  });
}

/** The number in the sentence above the list: how many tickets the filter holds. */
export async function total(page: Page): Promise<number> {
  const line = page.locator(".total p");
  await expect(line).toHaveText(/\d/);
  return Number((await line.innerText()).match(/[\d,]+/)![0].replaceAll(",", ""));
}

/** How far the page is wider than the window: anything above zero scrolls sideways. */
export const overflow = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Things of a page that stand beyond the right edge of the window and cannot be scrolled to: a clipped column hides them without making the page wider. */
export const beyond = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate((of) => [...document.querySelectorAll(of)].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".scroll, .day-strip")).map((e) => `${e.tagName} ${e.className} ${Math.round(e.getBoundingClientRect().right)}`), selector);
