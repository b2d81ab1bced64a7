/** The pages of the dashboard that count: who probes, which ports, and how the guard is. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken, type Watched } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { mmdbOf } from "../support/mmdb.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { findFaintTexts, findNameless, findWide } from "../support/page-faults.ts";
import { waitFor } from "../support/wait-for.ts";

const ORIGIN = "http://127.0.0.1:9847";

/** The band in which all scanned ports lie. */
const BAND = "6144–7167";

describeLive("the numbers of the dashboard", ["chromium", "nmap"], () => {
  let lab: Lab;
  let folder: string;
  let network: Network<"near" | "far">;
  let guard: Guard;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, ["near", "far"], { isApart: true });
    folder = await mkdtemp("/var/tmp/vedette-geo-");
    await chmod(folder, 0o755);
    const country = join(folder, "country.mmdb");
    const records = {
      [networkOf(network.hosts.near.ipv4)]: {
        country: { iso_code: "NL", names: { en: "Netherlands" } },
      },
    };
    await writeFile(country, mmdbOf({ type: "GeoLite2-Country", records }), { mode: 0o644 });
    const config = { API_LISTEN: "127.0.0.1:9847", GEO_DB: country };
    const args = ["--confirm", "30m"];
    guard = await Guard.start(lab, network.target.namespace, { config, args });
    browser = await openBrowser(lab, network.target.namespace);
    token = await readToken(guard);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it("tell which network scans, where it belongs, and lead to its campaigns", async () => {
    const { page, requests, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByText("Nobody has probed an unused port").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByText("No port was probed in the last hour.", { exact: true }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("s");

    const { near, far } = network.hosts;
    await scan("near", "7001-7020");
    await guard.banned(near.ipv4);
    await scan("far", "7001-7002");
    const row = page.getByRole("row").filter({ hasText: networkOf(near.ipv4) });
    await row.getByText("NL").waitFor();
    await waitFor("the ban to be counted", 60_000, async () => {
      return (await textsOf(row.getByRole("cell"))).slice(1, 4).join(" ") === "1 1 1";
    });
    const rows = page.getByRole("table").getByRole("row");
    await rows.filter({ hasText: networkOf(far.ipv4) }).waitFor();
    expect(await rows.count()).toBe(3);
    await page.getByRole("region", { name: "Countries" }).getByText("Netherlands").waitFor();
    await page.getByRole("region", { name: "Tools" }).getByText("nmap").waitFor();
    const verdict = page.getByRole("region", { name: "Verdict" });
    expect((await verdict.locator("dl").innerText()).replaceAll(/\s+/g, " ")).toBe(
      "scan 1 50 % undecided 1 50 % benign 0 0 %",
    );
    await page.getByRole("img", { name: /\d probes? in 24 h\..* nothing is known/ }).waitFor();
    await page.getByRole("img", { name: "1 scan and 1 ban in 24 h." }).waitFor();

    for (const [name, title] of [
      ["1 h", "Minute by minute"],
      ["30 d", "Day by day"],
      ["7 d", "Hour by hour"],
    ] as const) {
      await page.getByRole("button", { name, exact: true }).click();
      await page.getByRole("region", { name: title }).getByRole("img").first().waitFor();
      await page.getByRole("img", { name: `1 scan and 1 ban in ${name}.` }).waitFor();
    }
    await page.getByRole("button", { name: "/16 and /32" }).click();
    await row.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "/24 and /48" }).click();

    await rows.nth(1).getByRole("link").focus();
    await page.keyboard.press("j");
    expect(await rows.nth(2).getByRole("link").evaluate(isFocused)).toBe(true);
    await page.keyboard.press("k");
    expect(await rows.nth(1).getByRole("link").evaluate(isFocused)).toBe(true);
    await row.getByRole("link").press("Enter");
    const campaigns = page.getByRole("grid", { name: "Campaigns" });
    await campaigns.getByText(near.ipv4).waitFor();
    expect(await campaigns.getByText(far.ipv4).count()).toBe(0);
    expect(requests.filter((url) => !url.startsWith(`${ORIGIN}/`))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("draw ports by minutes, tell each cell to a pointer and to keys, and are a table too", async () => {
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/ports`);
    const map = page.getByRole("application", { name: /probes? of ports in the last hour/ });
    await map.waitFor();
    await page.getByRole("region", { name: "Busiest ports" }).getByText("7001").waitFor();
    await map.focus();
    const told = page.getByRole("main").getByRole("status");
    expect(await told.innerText()).toMatch(new RegExp(`ports ${BAND}: \\d+ probes\\.`));
    await page.keyboard.press("PageUp");
    await page.keyboard.press("Home");
    expect(await told.innerText()).toMatch(/ports \d+–\d+: 0 probes\./);
    await map.evaluate((element) => element.blur());

    const before = await map.screenshot();
    const { x = 0, y = 0, width = 0 } = (await map.boundingBox()) ?? {};
    await page.mouse.move(x + width - 2, y + 2);
    await page.getByText("ports 0–63", { exact: true }).waitFor();
    await page.mouse.move(0, 0);
    await scan("far", "60000");
    await waitFor("the map to be another picture", 30_000, async () => {
      return !before.equals(await map.screenshot());
    });

    await page.getByRole("button", { name: "Table" }).click();
    const cells = page.getByRole("row").filter({ hasText: BAND }).getByRole("cell");
    const [total, ...spans] = (await textsOf(cells)).map(Number).reverse();
    expect(total).toBeGreaterThanOrEqual(4);
    expect(spans.reduce((sum, each) => sum + each, 0)).toBe(total);
    expect(complaints).toEqual([]);
  });

  it("tell what is wrong and what to do, what is on trial, and keep that", async () => {
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/health`);
    const { health } = await guard.status();
    const overall = page.getByRole("region", { name: "How the guard is" });
    for (const { code, text, action } of health) {
      const problem = overall.getByRole("listitem").filter({ hasText: code });
      await problem.getByText(text).waitFor();
      await problem.getByText(action).first().waitFor();
    }
    const trial = overall.getByRole("region", { name: "On trial" });
    await trial
      .getByRole("timer")
      .getByText(/^\d\d:\d\d$/)
      .waitFor();
    await trial.getByRole("button", { name: "Keep it" }).click();
    await trial.waitFor({ state: "detached" });
    expect((await guard.status()).confirm_by).toBeNull();
    await page.getByRole("region", { name: "Losses" }).getByText("nothing is lost").waitFor();
    await page.getByRole("region", { name: "Seen" }).getByText("Scans").waitFor();

    await rm(join(folder, "country.mmdb"));
    await guard.reload();
    const gone = overall.getByRole("listitem").filter({ hasText: "geo-unusable" });
    await gone.getByText("it does not exist").waitFor();
    expect(complaints).toEqual([]);
  });

  it.each(["dark", "light"] as const)(
    "can be read and used by everybody when it is %s",
    async (scheme) => {
      const wide = await openPage(browser, { colorScheme: scheme, reducedMotion: "reduce" });
      await logIn(wide.page, ORIGIN, token);
      await eachPage(wide, async (page) => {
        expect(await findFaintTexts(page)).toEqual([]);
        expect(await findNameless(page)).toEqual([]);
      });
      const viewport = { width: 390, height: 844 };
      const narrow = await openPage(browser, { colorScheme: scheme, viewport, isMobile: true });
      await logIn(narrow.page, ORIGIN, token);
      await eachPage(narrow, async (page) => expect(await findWide(page)).toEqual([]));
    },
  );

  async function eachPage(
    { page, complaints }: Watched,
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    for (const [hash, shown] of [
      ["#/sources", "Networks"],
      ["#/sources?span=30d&width=blocks", "Day by day"],
      ["#/ports", "Busiest ports"],
      ["#/health", "Losses"],
    ] as const) {
      await page.goto(`${ORIGIN}/${hash}`);
      await page.getByText(shown, { exact: true }).first().waitFor();
      await look(page);
    }
    expect(complaints).toEqual([]);
  }

  async function scan(name: "near" | "far", ports: string): Promise<void> {
    const args = ["-n", "-Pn", "-p", ports, "--max-retries", "0", network.target.ipv4];
    await network.hosts[name].namespace.run("nmap", args);
  }
});

function networkOf(ipv4: string): string {
  return ipv4.replace(/\d+$/, "0/24");
}

function textsOf(cells: Locator): Promise<string[]> {
  return cells.allInnerTexts();
}

function isFocused(element: unknown): boolean {
  return (
    element ===
    (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement
  );
}
