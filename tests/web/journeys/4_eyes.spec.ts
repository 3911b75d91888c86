// Does the page work for every eye, hand, window and sheet of paper?
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { enter, expect, findings, mapDrawn, overflow, test, total } from "../desk";

const PAGES = ["#/map", "#/map?tab=tickets", "#/map?tab=filters", "#/import", "#/review"];

for (const [width, height, name] of [[390, 844, "a phone"], [320, 640, "320 pixels"], [720, 450, "a desk at 200 % zoom"]] as const) {
  test(`nothing is lost at the width of ${name}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    for (const hash of PAGES) {
      await enter(page, "clerk", hash);
      await expect(page.locator("main .skeleton")).toHaveCount(0);
      expect(await overflow(page), `${hash} scrolls sideways`).toBeLessThanOrEqual(0);
      expect(await findings(page), hash).toEqual([]);
    }
    await enter(page, "clerk");
    await page.locator(".site-row").first().click();
    await expect(page.locator(".heat")).toBeVisible();
    expect(await overflow(page), "the site panel scrolls sideways").toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "返回" }).click();
    await page.getByRole("tab", { name: "筛选" }).click();
    await page.locator(".side .facet").first().locator(".value").first().getByRole("checkbox").check();
    await expect.poll(() => page.url()).toContain("kind=");
  });
}

test("the keyboard reaches skip link, pages, search, filters, map, window and list, and the focus is seen", async ({ page }) => {
  await enter(page, "clerk");
  await mapDrawn(page);
  const seen = new Set<string>();
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const el = document.activeElement!;
      const style = getComputedStyle(el);
      const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const where = el.closest(".skip, .brand, .pages, .search, .filters, .map, .legend, .timeline, .total, .tabs, .side-body")?.className.toString().split(" ")[0] ?? "";
      return { where, seen, tag: el.outerHTML.slice(0, 80) };
    });
    expect(at.seen, `focus is not seen on ${at.tag}`).toBe(true);
    seen.add(at.where);
  }
  for (const part of ["skip", "pages", "search", "filters", "map", "legend", "timeline", "tabs", "side-body"]) expect(seen, `Tab reaches ${part}`).toContain(part);
});

test("who wants no motion gets none: no play button, one step at a time", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await enter(page, "clerk");
  await total(page);
  await expect(page.getByRole("button", { name: "播放" })).toHaveCount(0);
  await page.getByRole("button", { name: "按周推进" }).click();
  await expect.poll(() => page.url()).toContain("from=");
});

test("play moves the window and pause stops it", async ({ page }) => {
  await enter(page, "clerk");
  await total(page);
  await page.getByRole("button", { name: "播放" }).click();
  await expect.poll(() => page.url()).toContain("from=");
  const first = page.url();
  await expect.poll(() => page.url()).not.toBe(first);
  await page.getByRole("button", { name: "暂停" }).click();
  await expect(page.getByRole("button", { name: "播放" })).toBeVisible();
});

test("a site prints on A4 with map, figures and source, without buttons", async ({ page }) => {
  await enter(page, "clerk");
  await mapDrawn(page);
  await page.locator(".site-row").first().click();
  await expect(page.locator(".heat")).toBeVisible();
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("#print-map")).toBeVisible();
  const drawn = await page.locator("#print-map").evaluate((img: HTMLImageElement) => img.decode().then(() => img.src.length));
  expect(drawn, "the picture of the map is not blank").toBeGreaterThan(20_000);
  await expect(page.locator("header.bar")).toBeHidden();
  await expect(page.locator(".filters")).toBeHidden();
  await expect(page.locator(".attribution")).toBeVisible();
  await expect(page.locator(".heat")).toBeVisible();
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  const box = pdf.toString("latin1").match(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/)!;
  expect([Math.round(Number(box[1])), Math.round(Number(box[2]))], "A4 in points").toEqual([595, 842]);
});

test("new data reach an open page by themselves, and leave it again when undone", async ({ page, baseURL }) => {
  await enter(page, "clerk");
  const before = await total(page);
  const headers = { Origin: baseURL! };
  const row = `工单编号,诉求来源,诉求标题,诉求内容,受理时间\r\nN${Date.now()},12345热线,反映违停,商都路违停,2024-12-30 09:00:00\r\n`;
  const { id } = await (await page.request.post("/api/v1/imports", { headers, multipart: { file: { name: "新数据.csv", mimeType: "text/csv", buffer: Buffer.from(row) } } })).json();
  const state = async () => (await (await page.request.get(`/api/v1/imports/${id}`)).json()).state;
  await expect.poll(state).toBe("ready");
  await page.request.post(`/api/v1/imports/${id}/commit`, { headers, data: { policy: "good_rows" } });
  await expect.poll(() => total(page), "the page was not touched").toBe(before + 1);
  await expect.poll(state).toBe("committed");
  await page.request.post(`/api/v1/imports/${id}/undo`, { headers, data: {} });
  await expect.poll(() => total(page)).toBe(before);
});

test("a machine without a Chinese font still writes Chinese", async ({ baseURL }) => {
  const latin = ["dejavu", "liberation", "liberation2"].map((f) => `/usr/share/fonts/truetype/${f}`).find(existsSync);
  test.skip(!process.env.CI && !latin, "needs a folder with a Latin font only (Debian: fonts-dejavu-core)");
  expect(latin, "install a Latin font (Debian: fonts-dejavu-core): this journey shows a machine that has no other").toBeTruthy();
  const dir = mkdtempSync(join(tmpdir(), "zhilu-fonts-"));
  const config = join(dir, "fonts.conf");
  writeFileSync(config, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${latin}</dir><cachedir>${dir}</cachedir></fontconfig>`);
  const { launchOptions } = test.info().project.use;
  const browser = await chromium.launch({ ...launchOptions, env: { ...process.env, FONTCONFIG_FILE: config } as Record<string, string> });
  const page = await browser.newPage();
  const slices: string[] = [];
  page.on("response", (r) => {
    if (r.url().endsWith(".woff2")) slices.push(r.url());
  });
  await page.goto(`${baseURL}/`);
  await expect(page.getByText("这是演示环境")).toBeVisible();
  expect(slices.length, "slices of the bundled font were used").toBeGreaterThan(50);
  const differ = await page.evaluate(() => {
    const draw = (text: string) => {
      const canvas = document.createElement("canvas");
      const pen = canvas.getContext("2d")!;
      pen.font = `24px ${getComputedStyle(document.body).fontFamily}`;
      pen.fillText(text, 2, 30);
      return canvas.toDataURL();
    };
    return new Set(["治", "路", "澄", "湖", "鼎"].map(draw)).size;
  });
  expect(differ, "different characters look different").toBe(5);
  await browser.close();
});
