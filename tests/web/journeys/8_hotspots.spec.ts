// Do the lens, the site page, corrections by hand, two periods, alarms and methods work as a planner uses them, and do their figures agree?
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { beyond, enter, expect, findings, overflow, test, total } from "../desk";

const origin = (page: Page) => ({ Origin: new URL(page.url()).origin });

/** The number behind a name in the legend of a lens. */
async function inClass(page: Page, name: string): Promise<number> {
  const n = page.locator(".verdicts li", { hasText: name }).locator(".n");
  return Number((await n.innerText()).replaceAll(",", ""));
}

/** The job with this number, waited for. */
async function finished(page: Page, id: string): Promise<string> {
  const state = async () => (await (await page.request.get(`/api/v1/jobs/${id}`)).json()).state;
  await expect.poll(state, { timeout: 300_000 }).not.toMatch(/running|waiting/);
  return state();
}

for (const [zoom, name] of [[11, "the city"], [13.5, "a quarter"], [15.5, "a street"]] as const) {
  test(`every lens draws ${name}, says what its colours mean, and is a link`, async ({ page, watch }) => {
    test.slow();
    await enter(page, "planner");
    await total(page);
    const { city } = await (await page.request.get("/api/v1/meta")).json();
    const sites = (await (await page.request.get("/api/v1/sites?limit=5")).json()).sites;
    const [lon, lat] = zoom > 12 ? sites[0].point : city.center;
    for (const lens of ["gi", "emerging", "moran", "change", "network"]) {
      await enter(page, "planner", `#/map?at=${zoom},${lon},${lat}&lens=${lens}`);
      const legend = page.locator(".lens");
      await expect(legend.locator(".verdicts li").first()).toBeVisible({ timeout: 30_000 });
      // What not significant looks like stands in every legend of a test; a density says that it is none.
      if (lens === "network") await expect(legend).toContainText("不作检验");
      else await expect(legend.locator("rect[stroke-dasharray]").first()).toBeVisible();
      await expect.poll(() => watch.requests.filter((r) => r.url().includes("/tiles/verdict/") && r.url().includes(`view=${lens}`)).length, { timeout: 20_000 }).toBeGreaterThan(0);
      expect(page.url()).toContain(`lens=${lens}`);
      const shot = await page.locator(".map canvas").screenshot();
      expect(shot.length, `${lens} at ${zoom} is blank`).toBeGreaterThan(20_000);
    }
    expect(watch.requests.some((r) => r.url().includes("view=none")), "a lens that is not chosen asks for nothing").toBe(false);
    expect(await findings(page)).toEqual([]);
  });
}

test("legend, documents and record of a lens give the same figures", async ({ page }) => {
  await enter(page, "planner", "#/map?lens=gi&from=2024-01-01&to=2024-12-31");
  await expect(page.locator(".verdicts li").first()).toBeVisible({ timeout: 30_000 });
  const hot = await inClass(page, "热点 99%");
  expect(hot).toBeGreaterThan(0);
  const href = (form: string) => page.locator(".lens-export a", { hasText: form }).getAttribute("href");
  const geo = await (await page.request.get((await href("GEOJSON"))!)).json();
  expect(geo.features.filter((f: { properties: { class: string } }) => f.properties.class === "hot3")).toHaveLength(hot);
  const csv = await (await page.request.get((await href("CSV"))!)).text();
  expect(csv.split("\r\n").filter((l) => l.includes("热点 99%"))).toHaveLength(hot);
  expect((await (await page.request.get((await href("XLSX"))!)).body()).subarray(0, 2).toString()).toBe("PK");
  // A class that is hidden is crossed out, and comes back.
  await page.locator(".verdicts button", { hasText: "热点 99%" }).click();
  await expect(page.locator(".verdicts button", { hasText: "热点 99%" })).toHaveAttribute("aria-pressed", "false");
});

test("the map leaves as a picture with title and legend, the cells as three documents", async ({ page }) => {
  await enter(page, "planner", "#/map?lens=gi");
  await expect(page.locator(".verdicts li").first()).toBeVisible({ timeout: 30_000 });
  const canvas = (await page.locator(".map canvas").boundingBox())!;
  await page.locator(".total .export summary").click();
  const [picture] = await Promise.all([page.waitForEvent("download"), page.locator(".export-forms").getByRole("button", { name: "PNG" }).click()]);
  expect(picture.suggestedFilename()).toMatch(/Gi.*模拟.*\.png$/);
  const png = readFileSync(await picture.path());
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBe(Math.round(canvas.width));
  expect(png.readUInt32BE(20), "head and legend stand around the map").toBeGreaterThan(canvas.height + 80);
  await page.goto("about:blank");
  // Who may not see addresses gets no number of a cell below three; a leader gets them all.
  await enter(page, "deputy_leader", "#/map");
  await expect(page.locator(".classes button").nth(1)).toBeVisible({ timeout: 30_000 });
  await page.locator(".total .export summary").click();
  const cells = page.locator(".export-forms > div", { hasText: "H3" });
  for (const form of ["XLSX", "CSV", "GEOJSON"]) {
    const answer = await page.request.get((await cells.getByText(form, { exact: true }).getAttribute("href"))!);
    expect(answer.ok(), form).toBe(true);
    if (form === "GEOJSON") {
      const all = (await answer.json()).features.reduce((n: number, f: { properties: { tickets: number } }) => n + f.properties.tickets, 0);
      const mapped = Number((await page.locator(".total p").innerText()).match(/其中 ([\d,]+)/)![1]!.replaceAll(",", ""));
      expect(all, "the cells hold every ticket on the map").toBe(mapped);
    }
  }
});

test("a change without periods gets them, and a window without data says so", async ({ page }) => {
  await enter(page, "planner", "#/map?lens=change");
  await expect.poll(() => page.url()).toContain("from2=");
  await expect(page.locator(".verdicts li").first()).toBeVisible({ timeout: 30_000 });
  await enter(page, "planner", "#/map?lens=gi&from=2019-01-01&to=2019-02-01");
  await expect(page.locator(".lens .error")).toContainText("没有可比较的工单", { timeout: 30_000 });
  await enter(page, "planner", "#/compare?from=2019-02-01&to=2019-03-01&from2=2019-01-01&to2=2019-01-31");
  await expect(page.locator(".compare-side")).toContainText("没有可比较的工单");
});

test("a resolution that the map cannot draw is refused in words", async ({ page, watch }) => {
  watch.allow("400");
  await enter(page, "planner", "#/map?lens=gi&m_res=13");
  await expect(page.locator(".lens [role=alert]")).toContainText("13", { timeout: 20_000 });
});

test("list, site page and documents agree on tickets and people, and the page marks bells and peaks", async ({ page }) => {
  await enter(page, "planner", "#/map?from=2024-10-01&to=2024-12-31");
  const row = page.locator(".site-row").first();
  const name = await row.locator(".site-name").innerText();
  const [tickets, people] = (await row.locator(".site-facts b").allInnerTexts()).map((t) => Number(t.replaceAll(",", "")));
  expect(people!).toBeLessThanOrEqual(tickets!);
  await expect(row.locator("svg.spark")).toBeVisible();
  await row.click();
  await expect(page.getByRole("heading", { level: 2, name })).toBeVisible();
  const fact = async (label: string) => Number((await page.locator(".detail .facts > div", { hasText: label }).first().locator("dd").innerText()).replaceAll(",", ""));
  expect([await fact("工单"), await fact("诉求人")]).toEqual([tickets, people]);
  const csv = await (await page.request.get("/api/v1/sites.csv?from=2024-10-01&to=2024-12-31&limit=1000")).text();
  const line = csv.split("\r\n").find((l) => l.includes(name))!.split(",");
  expect([Number(line[5]), Number(line[6])]).toEqual([tickets, people]);
  const cells = await page.locator(".heat td span").allInnerTexts();
  expect(cells.reduce((n, t) => n + Number(t), 0), "the hours hold every ticket").toBe(tickets);
  await expect(page.getByText("方法怎么说")).toBeVisible();
  // A school gate: the hours of the bells stand in the head of the profile.
  const school = (await (await page.request.get("/api/v1/sites?limit=200")).json()).sites.find((s: { kind: string }) => s.kind === "school_gate");
  await enter(page, "planner", `#/map?site=${school.id}`);
  await expect(page.locator(".heat th.bell").first()).toBeVisible({ timeout: 20_000 });
  await expect(page.locator(".heat-marks")).toContainText("上下学时段");
  expect(await findings(page)).toEqual([]);
});

test("a planner renames, moves, pins, merges and splits sites, and the next run respects it", async ({ page }) => {
  test.setTimeout(420_000);
  await enter(page, "planner");
  await total(page);
  const near = async (list: { id: string; count: number }[]) => {
    for (const s of list) {
      const { neighbours } = await (await page.request.get(`/api/v1/sites/${s.id}/verdict`)).json();
      if (neighbours.length) return { site: s.id, other: neighbours[0] };
    }
    throw new Error("no site has a neighbour");
  };
  const { sites } = await (await page.request.get("/api/v1/sites?limit=300")).json();
  const plain = sites.slice(60);
  const { site: gone, other } = await near(plain);
  const [named, parted] = plain.filter((s: { id: string; count: number }) => s.id !== gone && s.id !== other.id && s.count >= 12);
  const open = async (id: string) => {
    await page.goto("about:blank");
    await page.goto(`/#/map?site=${id}&span=all`);
    await page.locator(".site-edit > summary").click({ timeout: 30_000 });
  };
  const corrected = async () => {
    await expect(page.locator(".note")).toContainText("已更正", { timeout: 60_000 });
    await page.locator(".note button").click();
  };
  const edit = page.locator(".site-edit");
  await open(named.id);
  await edit.getByLabel("新名称").fill("百货大楼后门");
  await edit.getByRole("button", { name: "改名" }).click();
  await corrected();
  await expect(page.getByRole("heading", { level: 2, name: "百货大楼后门" })).toBeVisible();
  await edit.getByLabel("移到（经度, 纬度）").fill("七里河");
  await expect(edit.getByRole("alert")).toBeVisible();
  const to = [Number((named.point[0] + 0.0004).toFixed(6)), Number((named.point[1] + 0.0003).toFixed(6))];
  await edit.getByLabel("移到（经度, 纬度）").fill(to.join(", "));
  await edit.getByRole("button", { name: "移动", exact: true }).click();
  await corrected();
  await edit.getByRole("button", { name: "固定" }).click();
  await corrected();
  await expect(edit.getByRole("button", { name: "取消固定" })).toBeVisible();
  await open(gone);
  await edit.getByLabel("并入其他点位").selectOption(other.id);
  await edit.getByRole("button", { name: "并入其他点位" }).click();
  await edit.getByRole("button", { name: "再点一次确认" }).click();
  await corrected();
  await expect.poll(() => page.url(), "the page follows to the site that took it up").toContain(`site=${other.id}`);
  await open(parted.id);
  await edit.locator("details > summary").click();
  for (let i = 0; i < 6; i++) await edit.locator(".split-list input").nth(i).check();
  await edit.getByLabel("新点位名称（可不填）").fill("后门停车点");
  await edit.getByRole("button", { name: "拆出 6 件" }).click();
  await corrected();
  const hold = async (when: string) => {
    const one = async (id: string) => (await page.request.get(`/api/v1/sites/${id}`)).json();
    const first = await one(named.id);
    expect([first.name, first.point], when).toEqual(["百货大楼后门", to]);
    expect((await one(gone)).status, when).toBe("merged");
    const all = (await (await page.request.get("/api/v1/sites?limit=1000")).json()).sites;
    expect(all.find((s: { name: string }) => s.name === "后门停车点")?.count, when).toBe(6);
  };
  await hold("at once");
  const { id } = await (await page.request.post("/api/v1/survey", { headers: origin(page), data: {} })).json();
  expect(await finished(page, id)).toBe("done");
  await hold("after the next run");
  // Who may not survey sees no form.
  await page.goto("about:blank");
  await enter(page, "auditor", `#/map?site=${named.id}`);
  await expect(page.getByRole("heading", { level: 2, name: "百货大楼后门" })).toBeVisible();
  await expect(page.locator(".site-edit")).toHaveCount(0);
});

test("two periods lie under one handle that hand and key move, with the sites that changed, and leave in four forms", async ({ page }) => {
  test.slow();
  await enter(page, "planner", "#/compare?from=2024-07-01&to=2024-12-31&from2=2024-01-01&to2=2024-06-30");
  await expect(page.locator(".compare-key li").nth(2)).toBeVisible({ timeout: 30_000 });
  const handle = page.getByRole("slider", { name: /两期分界/ });
  await expect(handle).toHaveAttribute("aria-valuenow", "50");
  await handle.press("ArrowLeft");
  await expect(handle).toHaveAttribute("aria-valuenow", "45");
  const frame = (await page.locator(".compare-maps").boundingBox())!;
  const grip = (await handle.boundingBox())!;
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(frame.x + frame.width * 0.8, frame.y + 200, { steps: 5 });
  await page.mouse.up();
  await expect.poll(async () => Number(await handle.getAttribute("aria-valuenow"))).toBeGreaterThan(70);
  expect(page.url()).toContain("swipe=");
  await expect(page.locator(".compare-map").nth(1)).toHaveAttribute("style", /inset/);
  const text = await page.locator(".compare-total").innerText();
  const [before, after] = text.match(/[\d,]+/g)!.map((n) => Number(n.replaceAll(",", "")));
  const count = async (from: string, to: string) => (await (await page.request.get(`/api/v1/counts?by=channel&from=${from}&to=${to}`)).json()).total;
  expect([before, after]).toEqual([await count("2024-01-01", "2024-06-30"), await count("2024-07-01", "2024-12-31")]);
  const row = page.locator(".compare-side tbody tr").first();
  await expect(row).toContainText(/变多|变少/);
  await row.getByRole("button").click();
  await expect(page.locator(".maplibregl-marker")).toHaveCount(2);
  for (const form of ["XLSX", "CSV", "GEOJSON"]) expect((await page.request.get((await page.locator(".export-forms > div").first().getByText(form, { exact: true }).getAttribute("href"))!)).ok(), form).toBe(true);
  const [picture] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "PNG" }).click()]);
  const png = readFileSync(await picture.path());
  expect(png.readUInt32BE(16), "both sides stand beside each other").toBeGreaterThan(frame.width * 1.9);
  await page.getByLabel("差异图").check();
  await expect(page.locator(".compare-key")).toContainText("不显著");
  await expect(handle).toHaveCount(0);
  expect(page.url()).toContain("lens=change");
  const link = page.url();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByLabel("差异图")).toBeChecked();
  await page.getByRole("button", { name: "与去年同期" }).click();
  await expect.poll(() => page.url()).toContain("from2=2023-07-01");
  expect(await findings(page)).toEqual([]);
});

test("the weekly alarm was computed by itself, tells each alarm in words, and leaves in four forms", async ({ page }) => {
  test.setTimeout(420_000);
  await enter(page, "planner", "#/alarm");
  const book = async () => (await page.request.get("/api/v1/alarms")).json();
  await expect.poll(async () => (await book()).runs.length, { message: "the night computes without being asked", timeout: 360_000, intervals: [2000] }).toBeGreaterThanOrEqual(12);
  const { alarms, runs, next } = await book();
  await expect(page.locator(".weeks rect")).toHaveCount(runs.length, { timeout: 30_000 });
  await expect(page.locator(".alarm-facts")).toContainText(next);
  await page.getByRole("button", { name: "查看数据表" }).click();
  await expect(page.locator(".weeks tbody tr")).toHaveCount(runs.length);
  expect(alarms.length, "the demo has an outbreak in these weeks").toBeGreaterThan(0);
  const first = page.locator(".alarm-row").first();
  await first.click();
  const detail = page.locator(".alarm-detail");
  await expect(detail.locator(".why")).toContainText("纯属偶然约");
  await expect(detail.locator("tbody tr")).toHaveCount(alarms[0].course.length);
  await expect(detail.getByText("范围内的工单")).toBeVisible();
  expect(page.url()).toContain(`item=${alarms[0].id}`);
  const q = `h3=${alarms[0].finding.places.join(",")}&from=${alarms[0].window[0]}&to=${alarms[0].window[1]}`;
  const held = await (await page.request.get(`/api/v1/counts?by=channel&${q}`)).json();
  expect(held.mapped, "the tickets of the filter are those of the alarm").toBeGreaterThanOrEqual(alarms[0].finding.observed);
  for (const form of ["XLSX", "CSV", "GEOJSON"]) expect((await page.request.get((await page.locator(".alarm-facts").getByText(form, { exact: true }).getAttribute("href"))!)).ok(), form).toBe(true);
  const [picture] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "PNG" }).click()]);
  expect(readFileSync(await picture.path()).length).toBeGreaterThan(20_000);
  // Nothing new: the same question computes nothing and changes nothing.
  const { id } = await (await page.request.post("/api/v1/alarms", { headers: origin(page), data: { weeks: 60, anew: false } })).json();
  expect(await finished(page, id)).toBe("done");
  expect(await book()).toEqual({ alarms, runs, next, rule: expect.anything() });
  expect(await findings(page)).toEqual([]);
  await page.goto("about:blank");
  await enter(page, "auditor", "#/alarm");
  await expect(page.locator(".weeks rect").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "现在就算" })).toHaveCount(0);
});

test("a method runs as a job with settings of its one definition, sorts its rows, and refuses nonsense in words", async ({ page, watch }) => {
  await enter(page, "planner", "#/methods?item=rates&from=2024-01-01&to=2024-12-31");
  await expect(page.locator(".guide")).toContainText("回答什么");
  await page.getByRole("button", { name: "运行" }).click();
  const rows = page.locator(".answer tbody tr");
  await expect(rows.first()).toBeVisible({ timeout: 60_000 });
  const column = async (name: string) => {
    const at = (await page.locator(".answer thead th").allInnerTexts()).findIndex((t) => t.startsWith(name));
    return (await page.locator(`.answer tbody td:nth-child(${at + 1})`).allInnerTexts()).map(Number);
  };
  const excess = await column("超出件数");
  expect(excess, "most first").toEqual([...excess].sort((a, b) => b - a));
  await page.getByRole("button", { name: "超出件数" }).click();
  await expect.poll(async () => (await column("超出件数"))[0]).toBeLessThan(excess[0]!);
  const csv = await (await page.request.get((await page.locator(".answer a", { hasText: "CSV" }).getAttribute("href"))!)).text();
  expect(csv.split("\n").length).toBeGreaterThan(100);
  watch.allow("400");
  await enter(page, "planner", "#/methods?item=dbscan&m_eps=-5");
  await page.getByRole("button", { name: "运行" }).click();
  await expect(page.locator(".report [role=alert]")).toContainText("eps", { timeout: 20_000 });
  expect(await findings(page)).toEqual([]);
});

for (const [width, height, name] of [[390, 844, "a phone"], [320, 640, "320 pixels"]] as const) {
  test(`lens, comparison, alarms and methods lose nothing at the width of ${name}`, async ({ page }) => {
    test.slow();
    await page.setViewportSize({ width, height });
    for (const hash of ["#/map?lens=gi", "#/compare", "#/alarm", "#/methods?item=gi_star"]) {
      await enter(page, "planner", hash);
      await expect(page.locator("main .skeleton")).toHaveCount(0, { timeout: 30_000 });
      expect(await overflow(page), `${hash} scrolls sideways`).toBeLessThanOrEqual(0);
      expect(await findings(page), hash).toEqual([]);
    }
    await page.getByLabel("方法").last().selectOption("rates");
    await expect(page.getByRole("heading", { name: /暴露量校正率/ })).toBeVisible();
    await enter(page, "planner", "#/map?lens=gi");
    await page.getByRole("button", { name: /图例/ }).click();
    await expect(page.locator(".verdicts li").first()).toBeVisible({ timeout: 30_000 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
}

test("in English both dates of both periods can be seen at 320 pixels", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await enter(page, "planner", "#/compare?lang=en");
  await expect(page.locator(".periods input")).toHaveCount(4);
  await expect(page.locator(".compare-side table")).toBeVisible({ timeout: 30_000 });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await beyond(page, ".periods input, .presets button, .compare-side h1, .compare-side p")).toEqual([]);
});

test("in English the methods and their settings have titles", async ({ page }) => {
  await enter(page, "planner", "#/methods?item=knox&lang=en");
  await expect(page.getByRole("heading", { name: "Near repeats (Knox)" }).first()).toBeVisible();
  await expect(page.getByLabel("Threshold in space (m)")).toBeVisible();
  await expect(page.locator(".method-list li").filter({ hasText: "Gi* hot spots" })).toBeVisible();
  await expect(page.locator(".method-list")).not.toContainText(/[\u4e00-\u9fff]/);
  await expect(page.locator(".markdown")).toContainText("Threshold in space");
  await expect(page.locator(".markdown")).not.toContainText(/[\u4e00-\u9fff]/);
});

test("in English nothing of these pages is left in Chinese but names of places, units and people", async ({ page }) => {
  test.slow();
  for (const hash of ["#/map?lens=emerging&lang=en", "#/compare?lang=en", "#/alarm?lang=en", "#/methods?item=knox&lang=en"]) {
    await enter(page, "planner", hash);
    await expect(page.locator("main .skeleton")).toHaveCount(0, { timeout: 30_000 });
    const left = await page.evaluate(() => {
      const part = document.querySelector(".lens, .compare-side, .alarm, .report");
      const skip = "td, th[scope=row], .alarm-row b, .attribution, .markdown, option, .map, .presets";
      const walker = document.createTreeWalker(part!, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      for (let n = walker.nextNode(); n; n = walker.nextNode()) if (/[\u4e00-\u9fff]/.test(n.textContent ?? "") && !n.parentElement!.closest(skip)) found.push(n.textContent!);
      return found;
    });
    expect(left, hash).toEqual([]);
  }
});
