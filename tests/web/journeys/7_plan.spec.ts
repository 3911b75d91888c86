// Can a planner spend a budget, ask why, pin, and turn the plan into cases?
import { enter, expect, test } from "../desk";

test("a plan is made, explained, pinned and compared", async ({ page }) => {
  await enter(page, "planner", "#/plan");
  await page.getByLabel("交警").fill("120000");
  await page.getByLabel("方案名称").fill("一季度");
  await page.getByLabel("考虑最严重的点位数").fill("25");
  await page.getByRole("button", { name: "求方案" }).click();
  await expect(page.getByRole("heading", { name: /一季度/ })).toContainText("已证明最优", { timeout: 60_000 });
  await expect(page.getByRole("row").filter({ hasText: "天后" }).first()).toBeVisible();
  await page.getByRole("button", { name: "为什么" }).first().click();
  await expect(page.getByRole("dialog")).toContainText("去掉它会多发");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "必上" }).first().click();
  await expect(page.getByText(/^必上：/)).toBeVisible();
});
