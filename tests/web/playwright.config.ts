// How do the journeys run? A real `zhilu demo` with its own data folder and port, the system's Chromium, nothing from the net.
import { defineConfig } from "@playwright/test";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const chromium = process.env.ZHILU_CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium)) throw new Error(`no browser at ${chromium}: install Chromium (Debian: chromium) or set ZHILU_CHROMIUM`);

// A running demo may be given instead, for work on the page: ZHILU_BASE=http://127.0.0.1:8080
const given = process.env.ZHILU_BASE;
const binary = process.env.ZHILU_BIN;
if (!given && (!binary || !existsSync(binary))) throw new Error("set ZHILU_BIN to the built zhilu binary: the journeys run against the real program");

const port = Number(process.env.ZHILU_TEST_PORT ?? 18473);
const base = given ?? `http://127.0.0.1:${port}`;
// The configuration is read by every worker; only the first makes the folder.
const data = (process.env.ZHILU_TEST_DATA ??= mkdtempSync(join(tmpdir(), "zhilu-web-")));

// The demo's clock stands in the afternoon, whatever the hour of the run: a sign is refused until two hours before its duty.
export default defineConfig({
  testDir: "journeys",
  workers: 1,
  fullyParallel: false,
  // A slow machine may miss a first paint; a journey that needs its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  outputDir: join(data, "results"),
  forbidOnly: true,
  webServer: given
    ? undefined
    : { command: `"${binary}" demo --at 16:30 --data "${join(data, "demo")}" --listen 127.0.0.1:${port}`, url: `${base}/readyz`, timeout: 300_000, reuseExistingServer: false, gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 } },
  use: {
    baseURL: base,
    viewport: { width: 1440, height: 900 },
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    launchOptions: {
      executablePath: chromium,
      args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
    },
  },
});
