// Does a site become a case with measures drawn on the map, a decision, works, and a verdict on its day, down to the printed sheet?
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { enter, expect, findings, overflow, test } from "../desk";

const shots = process.env.ZHILU_SHOTS;

/** A picture to look at, where a folder is named. */
async function shot(page: Page, name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** Sets the demo's day by the interface and waits until the looks that fell due are judged. */
async function dayIs(page: Page, day: string | null): Promise<void> {
  const origin = new URL(page.url()).origin;
  const set = await page.request.put("/api/v1/case-day", { data: { day }, headers: { Origin: origin } });
  expect(set.ok(), await set.text()).toBe(true);
  const run = await page.request.post("/api/v1/effects/run", { data: {}, headers: { Origin: origin } });
  expect(run.ok(), await run.text()).toBe(true);
  const { job } = await run.json();
  await expect.poll(async () => (await (await page.request.get(`/api/v1/jobs/${job}`)).json()).state, { timeout: 60_000 }).toBe("done");
}

interface Sited { id: string; name: string; count: number }

/** A site that nothing was done at and that had its worst half-year just before a day: picked as offices pick. */
async function badSpell(page: Page, day: string): Promise<Sited> {
  const { cases } = await (await page.request.get("/api/v1/cases")).json();
  const treated = new Set(cases.map((c: { site: string }) => c.site));
  const from = new Date(Date.parse(day) - 182 * 86_400_000).toISOString().slice(0, 10);
  const { sites } = await (await page.request.get(`/api/v1/sites?limit=200&from=${from}&to=${day}`)).json();
  const whole = await (await page.request.get("/api/v1/sites?limit=400")).json();
  const all = new Map(whole.sites.map((s: Sited) => [s.id, s.count]));
  const peak = (s: Sited) => s.count / Math.max(1, (Number(all.get(s.id)) * 182) / 730);
  // A spell, not a site that was only ever loud then: such a one has died by itself and truly has fewer tickets.
  const spell = sites.filter((s: Sited) => !treated.has(s.id) && s.count >= 12 && peak(s) >= 1.15 && peak(s) <= 1.7);
  const found = spell.sort((a: Sited, b: Sited) => Number(all.get(b.id)) - Number(all.get(a.id)))[0];
  expect(found, "an untreated site with a bad spell").toBeTruthy();
  return found;
}

test("the demo's registered measures are judged: list by verdict, page for leader and engineer, league", async ({ page }) => {
  await enter(page, "deputy_leader", "#/cases");
  await expect(page.locator(".case-list > li").first()).toBeVisible();
  expect(await page.locator(".case-list > li").count()).toBeGreaterThan(20);
  expect(await findings(page)).toEqual([]);
  await shot(page, "cases-1440");
  const judged = page.locator(".chips").nth(1).getByRole("button", { name: /有效|暂无证据/ });
  await judged.first().click();
  await page.locator(".case-row").first().click();
  await expect(page.locator(".verdict-card h2")).toHaveText(/有效|暂无证据|未见效果/);
  await expect(page.locator(".verdict-card p").first()).toHaveText(/按不治理预计 .+ 件，实际 \d+ 件/);
  await expect(page.locator(".expected svg")).toBeVisible();
  await expect(page.locator(".months-expected svg")).toBeVisible();
  await expect(page.locator(".small-map canvas")).toBeVisible();
  await page.waitForTimeout(1500);
  expect(await findings(page)).toEqual([]);
  await shot(page, "case-leader-1440");
  await page.getByRole("tab", { name: "工程师视图" }).click();
  await expect(page.locator(".forest tbody tr").first()).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await shot(page, "case-engineer-1440");
  await page.goto("/#/cases?item=league");
  await expect(page.locator(".league tbody tr, .unlisted li").first()).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await shot(page, "league-1440");
});

test("a planner drafts a case with two measures on the map, a leader approves, works are dated, the verdict comes on its day, the sheet is printed", async ({ page, watch }) => {
  test.setTimeout(180_000);
  // Dates that contradict each other are entered on purpose.
  watch.allow("422");
  await enter(page, "planner", "#/cases");
  const day = "2023-11-01";
  const site = await badSpell(page, day);
  await dayIs(page, day);
  await page.goto(`/#/map?site=${site.id}`);
  await page.getByRole("button", { name: "起草个案" }).click();
  await expect(page.locator(".offers li").first()).toBeVisible({ timeout: 30_000 });
  await expect(page.locator(".benefit").first()).toHaveText(/约减少 .+（.+ 至 .+）/, { timeout: 30_000 });
  await page.locator(".offers li").nth(0).getByRole("button", { name: "加入" }).click();
  await page.locator(".offers li").nth(1).getByRole("button", { name: "加入" }).click();
  await page.getByLabel("成因诊断").fill("高峰时段违停与排队占用一条车道");
  await page.getByLabel("责任人").fill("三中队");
  const map = page.locator(".small-map canvas");
  await expect(map).toBeVisible();
  await page.waitForTimeout(1500);
  // The page may have scrolled the map into view: the place is taken anew for each click.
  const spot = async (x: number, y: number) => {
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
  };
  await page.locator(".chosen li").nth(0).getByRole("button", { name: "标点" }).click();
  await spot(0.5, 0.5);
  await expect(page.locator(".chosen li").nth(0)).toContainText("点");
  await page.locator(".chosen li").nth(1).getByRole("button", { name: "画线" }).click();
  for (const x of [0.35, 0.5, 0.65]) {
    await spot(x, 0.42);
    await page.waitForTimeout(600);
  }
  await page.getByRole("button", { name: "完成" }).click();
  await expect(page.locator(".chosen li").nth(1)).toContainText("3 个折点");
  expect(await findings(page)).toEqual([]);
  await shot(page, "draft-1440");
  await page.getByRole("button", { name: "保存并提交审批" }).click();
  await expect(page.locator(".case-head .tag.on")).toHaveText("待审批");
  const address = page.url();
  expect(await page.getByRole("button", { name: "批准" }).count(), "nobody approves an own proposal").toBe(0);

  await enter(page, "deputy_leader", new URL(address).hash);
  await page.reload();
  await page.getByRole("tab", { name: "办理" }).click();
  await page.getByRole("button", { name: "批准" }).click();
  await expect(page.locator(".case-head .tag.on")).toHaveText("待施工");

  await enter(page, "planner", new URL(address).hash);
  await page.reload();
  await page.getByRole("tab", { name: "办理" }).click();
  for (const n of [0, 1]) {
    const works = page.locator(".work-dates").nth(n);
    await works.getByLabel("开工").fill("2023-11-03");
    await works.getByLabel("完工").fill(n === 0 ? "2023-11-01" : "2023-11-10");
    await works.getByRole("button", { name: "保存日期" }).click();
    if (n === 0) {
      await expect(page.locator(".note.bad")).toContainText("早于开工日期");
      await page.locator(".work-dates").nth(0).getByLabel("开工").fill("2023-11-03");
      await page.locator(".work-dates").nth(0).getByLabel("完工").fill("2023-11-08");
      await page.locator(".work-dates").nth(0).getByRole("button", { name: "保存日期" }).click();
    }
    await expect(page.locator(".note.good")).toBeVisible();
    await page.waitForTimeout(400);
  }
  await page.getByRole("tab", { name: "结论" }).click();
  await expect(page.locator(".verdict-card h2")).toHaveText("尚未到评估日，不给结论。");

  await dayIs(page, "2024-12-31");
  await page.reload();
  await expect(page.locator(".verdict-card h2")).toHaveText(/暂无证据|未见效果|基本无变化/, { timeout: 30_000 });
  // The naive drop is explained: the sentence stands beside the waterfall, opened by itself.
  await expect(page.locator(".waterfall svg")).toBeVisible();
  await expect(page.locator(".waterfall svg")).toContainText("自然回落");
  await expect(page.locator(".case-head .tag.on")).toHaveText("观察中");
  await page.waitForTimeout(2000);
  expect(await findings(page)).toEqual([]);
  await shot(page, "verdict-1440");
  const pdf = await page.pdf({ format: "A4", printBackground: true, preferCSSPageSize: true, ...(shots ? { path: join(shots, "sheet.pdf") } : {}) });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(800);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await shot(page, "verdict-390");
  await page.goto("/#/cases");
  await expect(page.locator(".case-row").first()).toBeVisible();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await shot(page, "cases-390");
});

test("those who read only what is published see no case", async ({ page, watch }) => {
  watch.allow("404");
  await enter(page, "public", "#/cases");
  await expect(page.locator("nav.pages a", { hasText: "个案" })).toHaveCount(0);
  expect((await (await page.request.get("/api/v1/cases")).json()).cases).toEqual([]);
});

test("a planner puts the city's own price into the catalogue: a wrong cell is named, the change is kept and can be taken back", async ({ page, watch }) => {
  // A low cost above the high one is entered on purpose.
  watch.allow("422");
  await enter(page, "planner", "#/cases?item=catalogue");
  await expect(page.locator(".catalogue tbody tr")).toHaveCount(62);
  expect(await findings(page)).toEqual([]);
  await shot(page, "catalogue-1440");
  await page.getByLabel("按名称或编码查找").fill("mirror");
  await page.locator(".catalogue tbody a").first().click();
  const low = page.getByLabel("单价下限（元）");
  const shipped = await low.inputValue();
  await low.fill("999999");
  await page.getByLabel("修改原因或数据来源").fill("2025 年框架合同价");
  await page.getByRole("button", { name: "保存修改" }).click();
  await expect(page.locator(".measure-form .error").first()).toContainText("高于最高单价");
  await low.fill(String(Number(shipped) + 1));
  await page.getByRole("button", { name: "保存修改" }).click();
  await expect(page.locator(".history li").first()).toContainText("2025 年框架合同价");
  await expect(page.locator(".history li").first()).toContainText(`${shipped} → ${Number(shipped) + 1}`);
  expect(await findings(page)).toEqual([]);
  await shot(page, "measure-1440");
  await page.getByLabel("修改原因或数据来源").fill("核对后恢复");
  await page.getByRole("button", { name: "恢复目录原值" }).click();
  await expect(page.locator(".history li")).toHaveCount(2);
  await expect(low).toHaveValue(shipped);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await enter(page, "officer", "#/cases?item=measure-mirror");
  await page.reload();
  await expect(page.getByLabel("单价下限（元）")).toHaveAttribute("readonly", "");
  await expect(page.getByRole("button", { name: "保存修改" })).toHaveCount(0);
});
