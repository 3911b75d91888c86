// Can a planner spend a budget, ask why, try other money, pin, forbid, compare, print, and turn the plan into cases?
import type { Page } from "@playwright/test";
import { enter, expect, findings, test } from "../desk";

async function make(page: Page, name: string, yuan: string): Promise<void> {
  await page.getByLabel("交警").fill(yuan);
  await page.getByLabel("方案名称").fill(name);
  await page.getByLabel("考虑最严重的点位数").fill("25");
  await page.getByRole("button", { name: "求方案" }).click();
  await expect(page.getByRole("heading", { name: new RegExp(name) })).toContainText("已证明最优", { timeout: 60_000 });
}

test("a plan is made, explained, tried with other money, pinned, compared and adopted", async ({ page }) => {
  test.setTimeout(180_000);
  await enter(page, "planner", "#/plan");
  await make(page, "一季度", "60000");
  await expect(page.getByRole("heading", { name: "承诺清单" })).toBeVisible();
  await expect(page.getByText(/再给交警 1 万元/)).toBeVisible();
  await expect(page.locator(".plan-map canvas")).toBeVisible();

  await page.getByRole("button", { name: "为什么", exact: true }).first().click();
  await expect(page.getByRole("dialog")).toContainText("去掉它");
  await page.keyboard.press("Escape");
  await page.getByLabel("经费调到").fill("200");
  await expect(page.getByText(/^200 %/)).toBeVisible();

  await page.getByText("没选的方案").click();
  const left = page.locator(".left-out details").first();
  await left.locator("summary").click();
  await left.getByRole("button", { name: "为什么不上" }).first().click();
  await expect(page.getByRole("dialog")).toContainText(/不在方案里|不可能/);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "必上", exact: true }).first().click();
  await expect(page.getByText(/^必上：/)).toBeVisible();
  await page.getByRole("button", { name: "此点不治" }).nth(1).click();
  await expect(page.getByText(/^不上：/)).toBeVisible();
  await make(page, "二季度", "90000");
  await page.getByLabel("对照", { exact: true }).selectOption({ label: "一季度" });
  await expect(page).toHaveURL(/item=\d+~\d+/);
  await expect(page.locator(".plan-one")).toHaveCount(2);
  await page.reload();
  await expect(page.locator(".plan-one")).toHaveCount(2);
  await page.getByLabel("对照", { exact: true }).selectOption("");

  const book = page.waitForEvent("download");
  await page.getByRole("link", { name: /XLSX/ }).click();
  expect((await book).suggestedFilename()).toMatch(/^plan-\d+\.xlsx$/);
  // Planners draft, leaders adopt, with a reason.
  await expect(page.getByText("由分管或主要领导采纳")).toBeVisible();
  const address = new URL(page.url()).hash;
  expect(await findings(page)).toEqual([]);
  await page.context().clearCookies();
  await enter(page, "deputy_leader", address);
  await page.reload();
  await page.getByRole("button", { name: "转为个案" }).click();
  await page.getByLabel("采纳理由").fill("第三季度治堵会议");
  await page.getByRole("dialog").getByRole("button", { name: "转为个案" }).click();
  await expect(page.getByText("已转为个案").first()).toBeVisible();
});

test("a wish that cannot be kept names what stands against it and the cheapest way out", async ({ page }) => {
  await enter(page, "planner", "#/plan");
  await make(page, "先看", "60000");
  // What the department must do costs more than it has.
  await page.getByRole("button", { name: "必上", exact: true }).first().click();
  await page.getByLabel("交警").fill("1");
  await page.getByLabel("方案名称").fill("矛盾");
  await page.getByRole("button", { name: "求方案" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "不能同时满足" })).toContainText("最省的出路", { timeout: 60_000 });
});

test("the sheet of a plan prints on A4 with its map and promises, and a phone shows it without sideways scrolling", async ({ page, browserName }) => {
  await enter(page, "planner", "#/plan");
  await make(page, "打印", "60000");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(page.locator(".plan-map canvas")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await expect(page.locator(".plan-map-paper")).toBeVisible();
  await expect(page.getByRole("button", { name: "求方案" })).toBeHidden();
  await expect(page.getByRole("heading", { name: "承诺清单" })).toBeVisible();
  if (browserName === "chromium") expect((await page.pdf({ format: "A4", path: test.info().outputPath("plan.pdf") })).length).toBeGreaterThan(20_000);
});

test("the page of plans speaks English", async ({ page }) => {
  await enter(page, "planner", "#/plan?lang=en");
  await expect(page.getByRole("heading", { name: "Plan of measures" })).toBeVisible();
  await page.getByText("More demands").click();
  await expect(page.getByLabel("At most so many sites")).toBeVisible();
});

test("a cautious plan says which figure it promises, and the expected one beside it", async ({ page }) => {
  test.setTimeout(120_000);
  await enter(page, "planner", "#/plan");
  await page.getByLabel("目标").selectOption("cautious");
  await make(page, "稳妥", "60000");
  const line = page.locator(".plan-one .figures");
  await expect(line).toContainText("至少少发工单（各点八成把握下限之和");
  const [, least, expected] = /([\d.,]+) · 期望合计少发 ([\d.,]+) 件/.exec(await line.innerText())!.map((n) => Number(n.replaceAll(",", "")));
  expect(least!).toBeLessThan(expected!);
  // The rows add up to both figures, each to the tenth it is rounded to.
  const rows = await page.locator(".works-table tbody tr").evaluateAll((all) => all.map((r) => (r as HTMLTableRowElement).cells[4]!.innerText.match(/[\d.,]+/g)!.map((n) => Number(n.replaceAll(",", "")))));
  const sum = (i: number) => rows.reduce((n, r) => n + r[i]!, 0);
  expect(Math.abs(sum(0) - expected!)).toBeLessThan(0.06 * (rows.length + 1));
  expect(Math.abs(sum(1) - least!)).toBeLessThan(0.06 * (rows.length + 1));
});
