// Do import and review work from the page, with bad input too?
import { enter, expect, findings, test, total } from "../desk";

const HEAD = "工单编号,诉求来源,诉求标题,诉求内容,问题点位,诉求人,联系电话,受理时间";

test("a bad file says what is wrong; a good one is read, committed and undone", async ({ page }) => {
  await enter(page, "clerk");
  const before = await total(page);
  await page.goto("/#/import");
  expect(await findings(page)).toEqual([]);

  await page.locator("input[type=file]").setInputFiles({ name: "台账.pdf.xlsx", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 not a workbook") });
  await page.getByRole("button", { name: "读取并试运行" }).click();
  const bad = page.locator(".failed, .upload-form .error");
  await expect(bad).toBeVisible();
  await expect(bad).not.toBeEmpty();

  const tag = Date.now().toString().slice(-7);
  const rows = [
    `T${tag}1,12345热线,反映文治路违停,文治路与商都路交叉口东北角有车辆违停，请处理。,文治路与商都路交叉口,王某,13900000001,2024-12-30 08:10:00`,
    `T${tag}2,12345热线,反映路口拥堵,早高峰商都路堵车严重。,商都路,李某,13900000002,2024-12-30 08:20:00`,
    `T${tag}3,12345热线,这一行没有时间,内容,商都路,赵某,13900000003,不是时间`,
    ``,
  ];
  await page.locator("input[type=file]").setInputFiles({ name: `好文件${tag}.csv`, mimeType: "text/csv", buffer: Buffer.from(`\ufeff${[HEAD, ...rows].join("\r\n")}\r\n`) });
  await page.getByRole("button", { name: "读取并试运行" }).click();
  const tally = (name: string) => page.locator(".tally > div", { hasText: name }).locator("dd");
  await expect(tally("新增")).toHaveText("2", { timeout: 30_000 });
  await expect(tally("错误")).toHaveText("1");
  await expect(page.locator(".report tbody tr", { hasText: "不是时间" })).toBeVisible();
  await expect(page.locator(".mapping tbody tr").first()).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await page.getByRole("button", { name: "导入无误的行" }).click();
  await expect(page.getByRole("button", { name: "撤销本次导入" })).toBeVisible({ timeout: 30_000 });
  await page.goto("/#/map");
  await expect.poll(() => total(page)).toBe(before + 2);
  await page.goBack();
  await page.locator(".runs button", { hasText: `好文件${tag}` }).click();
  await page.getByRole("button", { name: "撤销本次导入" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "撤销本次导入" }).click();
  await expect(page.locator(".report-head .tag")).toHaveText("已撤销", { timeout: 30_000 });
  await page.goto("/#/map");
  await expect.poll(() => total(page)).toBe(before);
});

test("a doubtful place is decided by one key, and the queue grows shorter", async ({ page }) => {
  await enter(page, "clerk", "#/review");
  await expect(page.locator(".desk")).toBeVisible();
  const code = page.locator(".desk code");
  for (let i = 0; i < 200 && !(await page.locator(".candidates li").count()); i++) {
    const was = await code.getAttribute("data-no");
    await page.keyboard.press("s");
    await expect(code).not.toHaveAttribute("data-no", was!);
  }
  expect(await findings(page)).toEqual([]);
  const left = page.locator(".page-head .tag");
  const before = Number((await left.innerText()).match(/[\d,]+/)![0].replaceAll(",", ""));
  const no = await code.getAttribute("data-no");
  const sent = page.waitForRequest((r) => r.url().endsWith("/locate/decisions"));
  await page.keyboard.press("1");
  expect((await sent).postDataJSON()).toMatchObject({ no, kind: "candidate", candidate: 1 });
  await expect(code).not.toHaveAttribute("data-no", no!);
  await expect.poll(async () => Number((await left.innerText()).match(/[\d,]+/)![0].replaceAll(",", ""))).toBeLessThan(before);
  const next = page.waitForRequest((r) => r.url().endsWith("/locate/decisions"));
  await page.keyboard.press("n");
  expect((await next).postDataJSON()).toMatchObject({ kind: "no_place" });
});

test("a place can be set without a mouse: the centre of the map is taken", async ({ page }) => {
  await enter(page, "clerk", "#/review");
  await expect(page.locator(".review-map canvas")).toBeVisible();
  await page.getByRole("button", { name: "取地图中心" }).press("Enter");
  const sent = page.waitForRequest((r) => r.url().endsWith("/locate/decisions"));
  await page.getByRole("button", { name: "采用点出的位置" }).press("Enter");
  const point = (await sent).postDataJSON().point;
  expect(point[0]).toBeGreaterThan(73);
  expect(point[1]).toBeGreaterThan(3);
});

test("an officer may neither import nor review", async ({ page }) => {
  await enter(page, "officer", "#/import");
  await expect(page.getByText("您的角色不能导入工单")).toBeVisible();
  await page.goto("/#/review");
  await expect(page.getByText("您的角色不能复核地点")).toBeVisible();
});
