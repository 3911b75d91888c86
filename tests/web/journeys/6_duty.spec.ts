// Is next month's roster made on the page, printed, re-planned after an absence, and does the phone page work without a network?
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { enter, expect, findings, overflow, test } from "../desk";

const out = process.env.ZHILU_SHOTS;
const shot = (name: string) => {
  if (!out) return null;
  mkdirSync(out, { recursive: true });
  return join(out, name);
};

test("next month's roster is made, published, printed and re-planned", async ({ page }) => {
  test.setTimeout(180_000);
  await enter(page, "deputy_leader", "#/duty");
  await page.locator(".make select").selectOption({ index: 1 });
  await page.getByRole("button", { name: "生成排班" }).click();
  await expect(page.locator(".duties tbody tr").first()).toBeVisible({ timeout: 120_000 });
  expect(await page.locator(".duties tbody tr").count()).toBeGreaterThan(10);
  expect(await findings(page)).toEqual([]);
  const picture = shot("duty-1440.png");
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  await page.getByRole("button", { name: "发布" }).click();
  await expect(page.locator(".tag.published").first()).toBeVisible();

  // One absence: the person of the first covered duty, on that day only.
  const row = page.locator(".duties tbody tr:not(.open)").first();
  const person = (await row.locator("td").nth(2).locator("b").innerText()).trim();
  await page.getByRole("button", { name: "登记缺勤并重排" }).click();
  const dialog = page.getByRole("dialog");
  const option = dialog.locator("option", { hasText: person }).first();
  await dialog.locator("select").selectOption({ value: (await option.getAttribute("value"))! });
  await dialog.getByRole("button", { name: "重排" }).click();
  await expect(page.locator(".note")).toContainText("已重排", { timeout: 60_000 });
  await expect(row.locator("td").nth(2)).not.toContainText(person);

  // Why is a duty not covered?
  const open = page.locator(".duties tbody tr.open button").first();
  if (await open.count()) {
    await open.click();
    await expect(page.getByRole("dialog")).toContainText(/减少|不可能/, { timeout: 60_000 });
    await page.keyboard.press("Escape");
  }

  await page.getByRole("button", { name: "打印岗位单" }).click();
  await expect(page.locator(".sheet .mini-map polyline").first()).toBeVisible();
  await expect(page.locator(".sheet tbody tr").first()).toBeVisible();
  const paper = shot("duty-sheet.pdf");
  if (paper) await page.pdf({ path: paper, format: "A4", preferCSSPageSize: true });
});

test("the register has one printable page per school", async ({ page }) => {
  await enter(page, "planner", "#/schools");
  await page.getByRole("button", { name: "一校一页" }).first().click();
  await expect(page.locator(".school-sheet .mini-map")).toBeVisible();
  await expect(page.locator(".school-sheet tbody tr").first()).toBeVisible();
  expect(await findings(page)).toEqual([]);
  const picture = shot("school-sheet.png");
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  const paper = shot("school-sheet.pdf");
  if (paper) await page.pdf({ path: paper, format: "A4", preferCSSPageSize: true });
});

test("my post signs in with the network cut and sends it later", async ({ page, context, watch }) => {
  test.setTimeout(120_000);
  watch.allow("ERR_INTERNET_DISCONNECTED");
  watch.allow("Failed to load resource");
  await page.setViewportSize({ width: 390, height: 844 });
  await context.grantPermissions(["geolocation"]);
  await context.setGeolocation({ latitude: 34.72, longitude: 113.75 });
  await enter(page, "officer", "#/my");
  await expect(page.locator(".post-card").first()).toBeVisible();
  await expect(page.locator(".post-card .mini-map").first()).toBeVisible();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await findings(page)).toEqual([]);
  await context.setOffline(true);
  await page.getByRole("button", { name: "签到" }).first().click();
  await expect(page.locator(".ok").first()).toContainText("已签到");
  await expect(page.locator(".queue")).toContainText("1 条待发送");
  await expect(page.locator(".offline")).toBeVisible();
  const picture = shot("my-390-offline.png");
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  const sent = page.waitForResponse((r) => r.url().endsWith("/duty/signs"));
  await context.setOffline(false);
  expect(((await (await sent).json()) as { signs: { state: string }[] }).signs[0]!.state).toBe("written");
  await expect(page.locator(".queue")).toContainText("已全部送达");
});
