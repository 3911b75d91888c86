// Is next month's roster made on the page, printed, re-planned after an absence, and does the phone page work without a network?
import type { Page } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beyond, enter, expect, findings, overflow, test } from "../desk";

const out = process.env.ZHILU_SHOTS;
const shot = (name: string) => {
  if (!out) return null;
  mkdirSync(out, { recursive: true });
  return join(out, name);
};

test("next month's roster of the whole brigade is made, published, printed and re-planned", async ({ page }) => {
  test.setTimeout(240_000);
  await enter(page, "deputy_leader", "#/duty");
  // A month of its own: the demo has published rosters, and another journey moves the demo's day.
  await page.getByLabel("起", { exact: true }).first().fill("2025-03-01");
  await page.getByLabel("止", { exact: true }).first().fill("2025-03-31");
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
  await dialog.getByLabel("人员").selectOption({ value: (await option.getAttribute("value"))! });
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

  // Gates down, peaks across; fairness as figures; what one more person would bring.
  await page.getByText("按校门看").click();
  await expect(page.locator(".gate-grid tbody tr").nth(5)).toBeVisible();
  await expect(page.getByText("最少–最多")).toBeVisible();
  const more = page.getByRole("button", { name: "测算", exact: true });
  if (await more.count()) {
    await more.click();
    await expect(page.getByText(/多覆盖 \d+ 岗/).first()).toBeVisible({ timeout: 60_000 });
  }

  await page.getByRole("button", { name: "打印岗位单" }).click();
  // Roads may begin outside of the frame, so the first line need not be seen itself.
  await expect(page.locator(".sheet .mini-map polyline").nth(5)).toBeAttached();
  await expect(page.locator(".sheet .mini-map").first()).toBeVisible();
  await expect(page.locator(".sheet tbody tr").first()).toBeVisible();
  const paper = shot("duty-sheet.pdf");
  if (paper) await page.pdf({ path: paper, format: "A4", preferCSSPageSize: true });
});

test("a peak is covered with the people there are, and the calendar is set on the page", async ({ page }) => {
  await enter(page, "planner", "#/duty");
  await page.getByText("人手有限时怎么站").click();
  const crews = page.locator(".cover-crews");
  await expect(crews.getByLabel("民警")).not.toHaveValue("0");
  await crews.getByLabel("民警").fill("3");
  await crews.getByLabel("辅警").fill("5");
  await page.getByRole("button", { name: "测算覆盖" }).click();
  await expect(page.locator(".cover")).toContainText("已证最优", { timeout: 30_000 });
  await expect(page.locator(".cover")).toContainText(/未覆盖 \d+ 岗，共损失/);
  const picture = shot("cover-1440.png");
  if (picture) await page.locator(".cover").screenshot({ path: picture });

  const calendar = page.locator("section", { has: page.getByRole("heading", { name: "校历" }) });
  await calendar.locator("summary").click();
  await calendar.getByLabel("学期最后一天").fill("2031-01-17");
  await calendar.getByLabel("下学期第一天").fill("2031-02-17");
  await calendar.getByRole("button", { name: "加入假期" }).click();
  await calendar.getByRole("button", { name: "保存" }).click();
  await expect(page.locator(".note")).toContainText("校历已保存");
  const { csv } = (await (await page.request.get("/api/v1/duty/calendar")).json()) as { csv: string };
  expect(csv).toContain("2031-01-18,winter_break");
  expect(csv).toContain("2031-02-16,winter_break");
  expect(csv).not.toContain("2031-02-17");
});

test("a roster serves the schools it must, and says in words what cannot be", async ({ page }) => {
  test.setTimeout(240_000);
  await enter(page, "deputy_leader", "#/duty");
  await page.getByLabel("起", { exact: true }).first().fill("2025-06-09");
  await page.getByLabel("止", { exact: true }).first().fill("2025-06-13");
  await page.getByText("更多要求").click();
  const choice = page.getByLabel("必须有人的学校");
  await expect(choice.locator("option").nth(1)).toBeAttached();
  const school = (await choice.locator("option").nth(1).innerText()).trim();
  await choice.selectOption({ index: 1 });
  await expect(page.locator(".tag.mark")).toContainText(school);
  await page.getByLabel(/轮换|换人/).fill("2");
  await page.getByText("三类校门（最难）第一岗优先于一切").click();
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "生成排班" }).click();
  await expect(page.locator(".duties tbody tr").first()).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText("必保岗位无法全部覆盖：")).toHaveCount(0);
  const rows = page.locator(".duties tbody tr", { hasText: school });
  await expect(rows.first()).toBeVisible();
  await expect(rows.first()).not.toHaveClass(/open/);
});

test("patrols are planned, kept, opened again, put into calendars and printed", async ({ page }) => {
  test.setTimeout(120_000);
  await enter(page, "planner", "#/duty");
  const panel = page.locator(".patrol");
  await panel.getByLabel("日期").fill("2025-01-06");
  await panel.getByLabel("开始").fill("16:00");
  await panel.getByRole("button", { name: "规划", exact: true }).click();
  const loops = panel.locator("ol");
  await expect(loops.first()).toBeVisible({ timeout: 60_000 });
  const stays = await loops.locator("li").allInnerTexts();
  expect(stays.length).toBeGreaterThan(2);
  await expect(panel.locator(".mini-map")).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await page.reload();
  await expect(panel.locator("ol")).toHaveCount(0);
  await panel.getByText("此前的规划").click();
  await panel.getByRole("listitem").filter({ hasText: "2025-01-06 16:00" }).first().getByRole("button", { name: "打开" }).click();
  await expect(loops.first()).toBeVisible();
  expect(await loops.locator("li").allInnerTexts()).toEqual(stays);

  const book = page.waitForEvent("download");
  await panel.getByRole("link", { name: "日历" }).first().click();
  expect((await book).suggestedFilename()).toMatch(/^patrol-\d+-1\.ics$/);
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => document.body.classList.add("print-patrol"));
  await expect(panel.locator(".mini-map")).toBeVisible();
  await expect(page.getByRole("button", { name: "生成排班" })).toBeHidden();
  await page.evaluate(() => document.body.classList.remove("print-patrol"));
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
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
  // Before its day a duty is shown and cannot be signed; on its day it can, whatever day another journey left the demo at.
  const post = page.locator(".post-card").first();
  await expect(post).toBeVisible();
  const duties = await page.request.get("/api/v1/duty/mine?from=2025-01-01&to=2025-01-31");
  const day = ((await duties.json()) as { duties: { day: string }[] }).duties[0]!.day;
  const before = ((await (await page.request.get("/api/v1/case-day")).json()) as { today: string }).today;
  const stands = async (on: string) => {
    await enter(page, "planner", "#/my");
    const origin = new URL(page.url()).origin;
    const set = await page.request.put("/api/v1/case-day", { data: { day: on }, headers: { Origin: origin } });
    expect(set.ok(), await set.text()).toBe(true);
    await enter(page, "officer", "#/my");
    await page.reload();
  };
  await stands(new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10));
  await expect(post).toContainText("到岗当日可签到");
  await expect(post.getByRole("button", { name: "签到" })).toHaveCount(0);
  await stands(day);
  await expect(post.getByRole("button", { name: "签到" })).toBeVisible();
  await expect(page.locator(".post-card .mini-map").first()).toBeVisible();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await findings(page)).toEqual([]);
  // The page's files are kept on the phone, so that it opens again without a network.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await expect(page.locator(".post-card").first()).toBeVisible();
  await expect.poll(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator(".post-card").first()).toBeVisible();
  await expect(page.locator(".offline")).toBeVisible();
  await page.getByRole("button", { name: "签到" }).first().click();
  await expect(page.locator(".ok").first()).toContainText("已签到");
  await expect(page.locator(".queue")).toContainText("1 条待发送");
  const picture = shot("my-390-offline.png");
  if (picture) await page.screenshot({ path: picture, fullPage: true });
  await page.reload();
  await expect(page.locator(".queue")).toContainText("1 条待发送");
  // Nothing but the page's own files is kept: no answer of the interface.
  const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat());
  expect(kept.filter((p) => p !== "/" && p !== "/favicon.svg" && !p.startsWith("/assets/"))).toEqual([]);
  const sent = page.waitForResponse((r) => r.url().endsWith("/duty/signs"));
  await context.setOffline(false);
  expect(((await (await sent).json()) as { signs: object[] }).signs).toMatchObject([{ state: "written", why: "" }]);
  await expect(page.locator(".queue")).toContainText("已全部送达");

  // Signing out forgets it all.
  await page.locator(".person summary").click();
  await page.getByRole("button", { name: "退出" }).click();
  await expect(page.locator(".login-demo, form").first()).toBeVisible();
  await expect.poll(() => page.evaluate(async () => [(await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length, Object.keys(localStorage).filter((k) => k.startsWith("zhilu.duty.")).length])).toEqual([0, 0, 0]);
  await stands(before);
});

/** The number of the published roster that lasts longest: whatever day another journey left the demo at. */
async function published(page: Page): Promise<{ id: string; days: string[]; today: string }> {
  const { rosters, today } = (await (await page.request.get("/api/v1/rosters")).json()) as { today: string; rosters: { id: string; state: string; to: string }[] };
  const last = rosters.filter((r) => r.state === "published").sort((a, b) => b.to.localeCompare(a.to))[0]!;
  const { duties } = (await (await page.request.get(`/api/v1/rosters/${last.id}`)).json()) as { duties: { day: string }[] };
  return { id: last.id, days: [...new Set(duties.map((d) => d.day))].sort(), today };
}

test("the pages of duties lose nothing at the width of 320 pixels", async ({ page }) => {
  test.slow();
  await page.setViewportSize({ width: 320, height: 640 });
  await enter(page, "planner", "#/duty");
  const { id, days } = await published(page);
  const { schools } = (await (await page.request.get("/api/v1/schools")).json()) as { schools: { id: string; school: { gates: object[] } }[] };
  const most = schools.sort((a, b) => b.school.gates.length - a.school.gates.length)[0]!;
  for (const [hash, ready] of [[`#/schools?item=${most.id}`, ".school-sheet .mini-map"], [`#/duty?item=${id}`, ".duties tbody tr"], [`#/duty?item=sheet:${id}:${days[0]}:`, ".duty-sheet .mini-map"], ["#/wall", ".wall h1"]] as const) {
    await page.goto(`/${hash}`);
    await expect(page.locator(ready).first()).toBeVisible();
    expect(await overflow(page), `${hash} scrolls sideways`).toBeLessThanOrEqual(0);
    if (!hash.includes("sheet:")) expect(await beyond(page, "main h1, main h2, main table, main td, main li, main .button, main svg"), hash).toEqual([]);
    expect(await findings(page), hash).toEqual([]);
  }
});

test("a roster offers only what the server takes: by right, by squad, by time", async ({ page }) => {
  const swap = page.locator(".duties").getByRole("button", { name: "换人" });
  await enter(page, "officer", "#/duty");
  const { id, days, today } = await published(page);
  await expect(page.getByRole("heading", { name: "已有排班" })).toBeVisible();
  await expect(page.locator(".patrol").getByRole("button", { name: "规划", exact: true })).toHaveCount(0);
  await page.goto(`/#/duty?item=${id}`);
  await expect(page.locator(".duties tbody tr").first()).toBeVisible();
  await page.getByRole("tab").last().click();
  await expect(swap).toHaveCount(0);
  await expect(page.getByRole("button", { name: "登记缺勤并重排" })).toHaveCount(0);

  await enter(page, "squad_leader", `#/duty?item=${id}`);
  // The same address does not load again by itself.
  await page.reload();
  const { user } = (await (await page.request.get("/api/v1/session")).json()) as { user: { unit: string } };
  const { people } = (await (await page.request.get(`/api/v1/rosters/${id}`)).json()) as { people: { squad: string }[] };
  const own = people.filter((p) => p.squad === user.unit).length;
  expect(own).toBeGreaterThan(0);
  expect(own).toBeLessThan(people.length);
  await expect(page.locator(".duties tbody tr").first()).toBeVisible();
  if (days.at(-1)! > today) {
    await page.getByRole("tab").last().click();
    await expect(swap.first()).toBeVisible();
    expect(await swap.count()).toBeLessThan(await page.locator(".duties tbody tr").count());
    await swap.first().click();
    const to = page.getByRole("dialog").getByLabel("改由").locator("option");
    for (const option of (await to.allInnerTexts()).slice(1)) expect(option).toContain(user.unit);
    await expect(page.getByRole("dialog").getByRole("button", { name: "登记缺岗" })).toHaveCount(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "登记缺勤并重排" }).click();
    await expect(page.getByRole("dialog").getByLabel("人员").locator("option")).toHaveCount(own + 1);
    await page.keyboard.press("Escape");
  }
  // What is over is not given to anybody else.
  if (days[0]! < today) {
    await page.getByRole("tab").first().click();
    await expect(swap).toHaveCount(0);
  }
});
