// How heavy is the page, and how soon does its map stand, on a running program? node bench/page.mjs BASE [ROLE]
// Bars (web reference 11): JavaScript heap after a collection at most 40 MB; map idle at most 2.5 s on a quiet machine.
import { createRequire } from "node:module";

const { chromium } = createRequire(import.meta.url)("@playwright/test");
const [base, role = "planner"] = process.argv.slice(2);
if (!base) throw new Error("give the address of a running demo: node bench/page.mjs http://127.0.0.1:8080");

const browser = await chromium.launch({
  executablePath: process.env.ZHILU_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: "zh-CN" });
const demo = await (await page.request.get(`${base}/api/v1/demo`)).json();
const account = demo.accounts.find((a) => a.role === role);
await page.request.post(`${base}/api/v1/session`, { data: { name: account.name, password: account.password }, headers: { Origin: new URL(base).origin } });
const counts = await (await page.request.get(`${base}/api/v1/counts?by=channel`)).json();
const cdp = await page.context().newCDPSession(page);

/** Heap in MB after a collection. */
async function heap() {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}

/** Waits until no tile has been under way for 300 ms and the legend has its classes; milliseconds since `from`. */
async function drawn(from) {
  await page.locator(".classes button").nth(1).waitFor({ timeout: 60_000 });
  await page.waitForLoadState("networkidle");
  return performance.now() - from - 500;
}

const times = [];
const heaps = [];
for (let run = 0; run < 5; run++) {
  await page.goto("about:blank");
  const start = performance.now();
  await page.goto(`${base}/#/map`);
  times.push(await drawn(start));
  heaps.push(await heap());
}
// A working day in short: zooms, filters, a site, the list, and back.
for (let round = 0; round < 5; round++) {
  for (const hash of ["#/map?at=16/113.735/34.722", "#/map?at=13/113.75/34.72&layers=hex,sites,tickets", "#/map?tab=tickets", "#/map?channel=12345", "#/map"]) {
    await page.evaluate((h) => { location.hash = h; }, hash);
    await page.waitForLoadState("networkidle");
    await page.waitForTimeout(400);
  }
}
const worked = await heap();
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
console.log(JSON.stringify({ tickets: counts.total, first_map_ms: Math.round(times[0]), map_ms_median: Math.round(median(times)), heap_mb: Number(median(heaps).toFixed(1)), heap_after_work_mb: Number(worked.toFixed(1)) }));
await browser.close();
