// Who comes in, and what does each role see?
import { enter, expect, findings, mapDrawn, test } from "../desk";

test("the login page says that it is a demo and names one ready account per role", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByText("这是演示环境")).toBeVisible();
  await expect(page.locator(".login-demo li button")).toHaveCount(11);
  expect(await findings(page)).toEqual([]);
});

test("a wrong password is refused in words, and a role's button opens the map", async ({ page, watch }) => {
  watch.allow("401");
  await page.goto("/");
  await page.getByLabel("用户名").fill("clerk");
  await page.getByLabel("密码").fill("not-the-password");
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("密码");
  await page.getByRole("button", { name: /受理员/ }).click();
  await expect(page.locator(".bar .pages [aria-current=page]")).toHaveText(/地图/);
  await mapDrawn(page);
});

test("the page says on every screen that the data are simulated", async ({ page }) => {
  await enter(page, "clerk");
  await expect(page.locator(".banner")).toContainText("模拟");
  await page.goto("/#/import");
  await expect(page.locator(".banner")).toContainText("模拟");
});

test("signing out ends the session", async ({ page, watch }) => {
  watch.allow("401");
  await enter(page, "clerk");
  await page.locator(".person summary").click();
  await page.getByRole("button", { name: "退出登录" }).click();
  await expect(page.getByRole("button", { name: "登录", exact: true })).toBeVisible();
  expect((await page.request.get("/api/v1/tickets")).status()).toBe(401);
});

test("an administrator keeps accounts and cannot read a case", async ({ page, watch }) => {
  watch.allow("403");
  await enter(page, "admin", "");
  await expect(page.getByRole("heading", { name: "用户与权限" })).toBeVisible();
  await expect(page.locator(".pages a")).toHaveText(["用户"]);
  await page.goto("/#/map");
  await expect(page.getByText("您的角色没有查看此内容的权限")).toBeVisible();
  expect((await page.request.get("/api/v1/tickets")).status()).toBe(403);
});

test("a clerk finds neither the audit log nor the accounts", async ({ page }) => {
  await enter(page, "clerk", "#/audit");
  await expect(page.getByText("您的角色不能查看审计日志")).toBeVisible();
  await page.goto("/#/users");
  await expect(page.getByText("只有管理员可以管理用户")).toBeVisible();
});

test("an auditor verifies the chain of the audit log", async ({ page }) => {
  await enter(page, "auditor", "#/audit");
  await expect(page.locator("tbody tr").first()).toBeVisible();
  await page.getByRole("button", { name: "校验日志链" }).click();
  await expect(page.locator(".verdict.good")).toContainText("哈希链完整");
  expect(await findings(page)).toEqual([]);
});

test("an administrator makes an account, gets its password once, and switches it off", async ({ page }) => {
  await enter(page, "admin", "#/users");
  const name = `t${Date.now().toString(36)}`;
  await page.getByRole("button", { name: "新增用户" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("用户名").fill(name);
  await dialog.getByLabel("姓名").fill("测试员");
  await dialog.getByLabel("角色").selectOption("officer");
  await dialog.getByRole("button", { name: "新增用户" }).click();
  await expect(page.locator(".secret")).toContainText("一次性密码");
  const row = page.locator("tbody tr", { hasText: name });
  await row.getByRole("button", { name: "停用" }).click();
  await expect(row.locator(".tag").first()).toHaveText("停用");
  expect(await findings(page)).toEqual([]);
});
