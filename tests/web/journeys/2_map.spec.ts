// Does the map lead from the whole city to one site and one ticket, and is every view a link?
import { gzipSync } from "node:zlib";
import { enter, expect, findings, mapDrawn, test, total } from "../desk";

test("the first map view draws its layers within the weight it may have", async ({ page, watch }) => {
  const code: { url: string; size: number }[] = [];
  page.on("response", async (r) => {
    const path = new URL(r.url()).pathname;
    if (!r.ok() || !(path === "/" || /\.(js|css)$/.test(path))) return;
    const body = await r.body().catch(() => Buffer.alloc(0));
    // A machine without Chinese letters also gets the bundled ones; they are no code and have their own journey.
    if (path.endsWith(".css") && body.includes("noto-sans-sc")) return;
    code.push({ url: path, size: gzipSync(body, { level: 6 }).length });
  });
  await enter(page, "clerk");
  await mapDrawn(page);
  await page.waitForLoadState("load");
  const kinds = ["base", "hex", "sites"].map((l) => watch.requests.filter((r) => r.url().includes(`/tiles/${l}/`)).length);
  expect(Math.min(...kinds), `tiles asked of base, hex, sites: ${kinds}`).toBeGreaterThan(0);
  const sum = code.reduce((n, c) => n + c.size, 0);
  test.info().annotations.push({ type: "weight", description: `${sum} bytes gzip in ${code.length} requests` });
  console.log(`first map view: ${(sum / 1000).toFixed(0)} kB gzip in ${code.length} requests`);
  expect(sum, JSON.stringify(code)).toBeLessThanOrEqual(530_000);
  expect(code.length, JSON.stringify(code)).toBeLessThanOrEqual(10);
  expect(await findings(page)).toEqual([]);
});

test("the picture of the map is not blank", async ({ page }) => {
  await enter(page, "clerk");
  await mapDrawn(page);
  const shot = await page.locator(".map canvas").screenshot();
  expect(shot.length, "a blank map compresses to almost nothing").toBeGreaterThan(30_000);
});

test("a filter narrows count, list, tiles and address alike", async ({ page, watch }) => {
  await enter(page, "clerk");
  await mapDrawn(page);
  const all = await total(page);
  const value = page.locator(".filters .facet").first().locator(".value").first();
  const expected = Number((await value.locator(".value-count").innerText()).replaceAll(",", ""));
  await value.getByRole("checkbox").check();
  await expect.poll(() => total(page)).toBe(expected);
  expect(expected).toBeLessThan(all);
  expect(page.url()).toContain("kind=");
  await expect.poll(() => watch.requests.some((r) => r.url().includes("/tiles/hex/") && r.url().includes("kind="))).toBe(true);
  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await expect.poll(() => total(page), "the link opens the same view").toBe(expected);
  await page.getByRole("button", { name: "清除筛选" }).click();
  await expect.poll(() => total(page)).toBe(all);
});

test("a site opens with its name, profile, trend, masked tickets and reason", async ({ page }) => {
  await enter(page, "clerk");
  const first = page.locator(".site-row").first();
  const name = await first.locator(".site-name").innerText();
  await first.click();
  await expect(page.getByRole("heading", { level: 2, name })).toBeVisible();
  await expect(page.locator(".heat tbody tr")).toHaveCount(7);
  await expect(page.locator(".heat tbody tr").first().locator("td")).toHaveCount(24);
  await expect(page.locator(".months svg")).toBeVisible();
  await expect(page.locator(".why").first()).not.toBeEmpty();
  const count = Number((await page.locator(".facts dd").first().innerText()).replaceAll(",", ""));
  const cells = await page.locator(".heat td span").allInnerTexts();
  expect(cells.reduce((n, t) => n + Number(t), 0), "the profile sums to the count of the site").toBe(count);
  const words = await page.locator(".detail-body").innerText();
  expect(words.match(/1[3-9]\d{9}/g), "no phone number in clear").toBeNull();
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "返回" }).click();
  await expect(page.locator(".site-row").first()).toBeVisible();
});

test("a ticket shows its place, and its personal data only for a reason", async ({ page }) => {
  await enter(page, "clerk", "#/map?tab=tickets");
  await page.locator(".ticket-row").first().click();
  await expect(page.getByRole("heading", { name: "诉求人信息" })).toBeVisible();
  await page.getByRole("button", { name: "申请查看" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/查看理由/).fill("回访核实现场位置");
  await dialog.getByRole("button", { name: "申请查看" }).click();
  await expect(page.locator(".revealed")).toContainText("已记录");
  expect(await findings(page)).toEqual([]);
});

test("a squad leader names the handler, and only then may the officer ask for the clear words", async ({ page }) => {
  await enter(page, "squad_leader", "#/map?tab=tickets");
  await page.locator(".ticket-row").first().click();
  await page.getByLabel("经办人").selectOption("officer");
  await expect(page.locator(".note")).toContainText("已指定经办人");
  expect(await findings(page)).toEqual([]);
  const no = new URL(page.url().replace("#/", "")).searchParams.get("ticket")!;
  await enter(page, "officer", `#/map?ticket=${no}`);
  await page.reload();
  await expect(page.getByText("经办人", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "申请查看" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/查看理由/).fill("联系诉求人核实");
  await dialog.getByRole("button", { name: "申请查看" }).click();
  await expect(page.locator(".revealed")).toContainText("已记录");
});

test("search finds a place by key alone and moves the map there", async ({ page }) => {
  await enter(page, "clerk");
  await mapDrawn(page);
  const before = page.url();
  await page.keyboard.press("/");
  await page.keyboard.type("小学");
  await expect(page.getByRole("option").first()).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toMatch(/at=1[4-9]/);
  expect(page.url()).not.toBe(before);
});

test("the time window is set by key, by preset and by date", async ({ page }) => {
  await enter(page, "clerk");
  const all = await total(page);
  await page.getByRole("button", { name: "近 30 天" }).click();
  await expect.poll(() => total(page)).toBeLessThan(all);
  expect(page.url()).toMatch(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  await page.getByRole("button", { name: "近 90 天" }).click();
  await expect.poll(() => total(page)).toBe(all);
  const start = page.getByRole("slider", { name: "开始日期" });
  await start.focus();
  await page.keyboard.press("PageUp");
  await expect.poll(() => page.url()).toContain("from=");
  await expect.poll(() => total(page)).toBeLessThan(all);
});

test("layers are switched and classes hidden by key, and the address remembers", async ({ page }) => {
  await enter(page, "clerk");
  await mapDrawn(page);
  await page.getByRole("checkbox", { name: "热力网格" }).uncheck();
  await expect.poll(() => page.url()).toContain("layers=tickets,sites");
  await page.getByRole("checkbox", { name: "热力网格" }).check();
  await page.locator(".classes button").first().press("Enter");
  await expect(page.locator(".classes button").first()).toHaveAttribute("aria-pressed", "false");
});

test("the page speaks English wholly when asked", async ({ page }) => {
  await enter(page, "clerk");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator(".filters h2")).toHaveText("Filters");
  const own = await page.locator(".pages, .tabs, .presets, .legend, .filters h2, .filters h3, .banner").allInnerTexts();
  expect(own.join(" ").match(/\p{Script=Han}+/gu), "Chinese left in the page's own words").toBeNull();
  await page.reload();
  await expect(page.locator("html"), "the choice is remembered").toHaveAttribute("lang", "en");
});
