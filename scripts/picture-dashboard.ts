/**
 * Takes the pictures of docs/dashboard, and tells how fast the dashboard is.
 *
 * A real guard in a network namespace has a history of some thousand campaigns and is then scanned for
 * some minutes by real tools from others; a real Chromium looks at it. Needs root, nmap, hping3 and
 * chromium. Argument: how long it is scanned, in seconds; 240 without it.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { logIn, openBrowser, openPage, readToken } from "../test/support/browser.ts";
import buildDashboard from "../test/support/build-dashboard.ts";
import { forge } from "../test/support/forge.ts";
import { Guard } from "../test/support/guard.ts";
import { Lab } from "../test/support/namespaces.ts";
import { buildNetwork, type Host } from "../test/support/networks.ts";
import { writeOldCampaigns } from "../test/support/old-campaigns.ts";
import { PROJECT } from "../test/support/programs.ts";

const ORIGIN = "http://127.0.0.1:9847";
const CONFIG = { API_LISTEN: "127.0.0.1:9847", PHANTOM: "traps" };
const OLD_CAMPAIGNS = 100_000;
const FOLDER = join(PROJECT, "docs/dashboard");

const HOSTS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] as const;

/** What each host does, one after the other, at even times over the whole. */
const SCANS: readonly (readonly [host: (typeof HOSTS)[number], tool: string, args: string])[] = [
  ["a", "nmap", "-F --max-retries 0"],
  ["b", "nmap", "-p 22,2222,23,2323 --max-retries 0"],
  ["c", "nmap", "-sU -p 53,69,123,161,1900,5060 --max-retries 0"],
  ["d", "nmap", "-sT -p 6379,27017,9200,11211,2375 --max-retries 0"],
  ["e", "nmap", "-sT -p 23,445,3389,5900 --max-retries 0"],
  ["f", "nmap", "-p 3306,5432 -T2"],
  ["g", "hping3", "-S -p ++8000 -c 40 -i u200000"],
  ["h", "nmap", "-sF -p 1000-1040 --max-retries 0"],
  ["i", "nmap", "-p 80,8080,8443,8888,9000 --max-retries 0"],
  ["j", "nmap", "-sX -p 20-60 --max-retries 0"],
  ["a", "nmap", "-p 5000-5040 --max-retries 0"],
  ["k", "nmap", "-p- --max-rate 40 --max-retries 0"],
  ["l", "nmap", "-sT -p 1433,1521,3306,5432 --max-retries 0"],
];

const PICTURES = [
  { name: "now", hash: "#/now" },
  { name: "campaigns", hash: "#/campaigns" },
  { name: "bans", hash: "#/bans" },
  { name: "sources", hash: "#/sources" },
  { name: "story", hash: "#/source/198.18.1.2" },
  { name: "ports", hash: "#/ports" },
  { name: "health", hash: "#/health" },
] as const;

const LOOKS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ["dark", { colorScheme: "dark", viewport: { width: 1280, height: 860 } }],
  ["light", { colorScheme: "light", viewport: { width: 1280, height: 860 } }],
  [
    "phone",
    { colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  ],
];

/** Has the target scanned for that long; what is still under way then goes on. */
async function play(
  target: Host,
  hosts: Readonly<Record<string, Host>>,
  seconds: number,
): Promise<void> {
  for (const [name, tool, args] of SCANS) {
    const { namespace } = hosts[name] as Host;
    const quick = tool === "nmap" ? ["-n", "-Pn"] : [];
    namespace.spawn(tool, [...quick, ...args.split(" "), target.ipv4]);
    if (name === "c") {
      const to = target.ipv4;
      await forge(namespace, {
        from: "198.19.7.1",
        sources: 9,
        to,
        ports: [23, 5555],
        perSecond: 6,
      });
    }
    await pause((seconds * 1000) / SCANS.length);
  }
}

/** @param happen what the pages are to have seen. */
async function takePictures(
  browser: Browser,
  token: string,
  happen: () => Promise<void>,
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const open = await Promise.all(
    LOOKS.map(async ([look, options]) => {
      const { page } = await openPage(browser, options);
      await logIn(page, ORIGIN, token);
      return { look, page };
    }),
  );
  await happen();
  for (const { name, hash } of PICTURES) {
    for (const { look, page } of open) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await pause(1500);
      const path = join(FOLDER, `${name}-${look}.png`);
      await page.screenshot({ path, animations: "disabled" });
      process.stdout.write(`${path}: ${Math.round(statSync(path).size / 1000)} kB\n`);
    }
  }
}

/** Times as the page itself takes them, in ms; the middle one of several. */
async function measure(page: Page): Promise<void> {
  const paints: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    await page.goto("about:blank");
    await page.goto(`${ORIGIN}/#/now`);
    await page.getByText("Guarding", { exact: true }).waitFor();
    paints.push(
      await page.evaluate(
        () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      ),
    );
  }
  tellTimes("first contentful paint", paints);
  const shown: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    await page.evaluate(() => {
      location.hash = "#/now";
    });
    await pause(300);
    shown.push(await page.evaluate(timeToRows));
  }
  tellTimes("campaigns, from the click to their rows", shown);
  const keys: number[] = [];
  await page.getByRole("row").nth(1).focus();
  for (let round = 0; round < 40; round += 1) keys.push(await page.evaluate(timeOfKey));
  tellTimes("a key in their list, to the next frame", keys);
}

function timeToRows(): Promise<number> {
  const beganMs = performance.now();
  location.hash = "#/campaigns";
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.querySelectorAll(".list-row").length > 5) resolve(performance.now() - beganMs);
      else requestAnimationFrame(look);
    };
    look();
  });
}

function timeOfKey(): Promise<number> {
  const beganMs = performance.now();
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }),
  );
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - beganMs)));
  });
}

function tellTimes(what: string, timesMs: readonly number[]): void {
  const sorted = timesMs.toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const worst = sorted.at(-1) ?? Number.NaN;
  process.stdout.write(`${what}: ${middle.toFixed(0)} ms, at worst ${worst.toFixed(0)} ms\n`);
}

const seconds = Number(process.argv[2] ?? 240);
buildDashboard();
await using lab = await Lab.open();
const { target, hosts } = await buildNetwork(lab, HOSTS, { isApart: true });
const before = await Guard.start(lab, target.namespace, { config: CONFIG });
await before.stop();
writeOldCampaigns(before, OLD_CAMPAIGNS);
const guard = await Guard.start(lab, target.namespace, { config: CONFIG, after: before });
const browser = await openBrowser(lab, target.namespace);
const token = await readToken(guard);
const first = await openPage(browser);
await logIn(first.page, ORIGIN, token);
await measure(first.page);
await first.page.close();
await takePictures(browser, token, () => play(target, hosts, seconds));
await browser.close();
