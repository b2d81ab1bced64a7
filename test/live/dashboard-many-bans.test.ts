/** The dashboard over many bans in force: each is found, and one far down is ended as the first is. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { writeOldBans } from "../support/old-bans.ts";
import { waitFor } from "../support/wait-for.ts";

const ORIGIN = "http://127.0.0.1:9847";
const CONFIG = { API_LISTEN: "127.0.0.1:9847" };
const BANS = 10_000;

/** 9,999 is 0x270f. */
const NEWEST = "198.18.39.15";
const OLDEST = "198.18.0.0";

describeLive("the dashboard over 10,000 bans", ["chromium"], () => {
  let lab: Lab;
  let guard: Guard;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const before = await Guard.start(lab, target.namespace, { config: CONFIG });
    await before.stop();
    writeOldBans(before, BANS);
    guard = await Guard.start(lab, target.namespace, { config: CONFIG, after: before });
    browser = await openBrowser(lab, target.namespace);
    token = await readToken(guard);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.[Symbol.asyncDispose]();
  });

  it("goes on to the last of them, and takes a row away that was unbanned down there", async () => {
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/bans`);
    await page.getByRole("button", { name: "Banned 10,000" }).waitFor();
    const list = page.getByRole("grid", { name: "Bans in force" });
    const row = (address: string) =>
      list.getByRole("row").filter({ has: page.getByText(address, { exact: true }) });
    await row(NEWEST).focus();
    const rowCount = async () => Number(await list.getAttribute("aria-rowcount"));
    expect(await rowCount()).toBe(BANS + 1);
    await waitFor("the oldest ban", 60_000, async () => {
      await page.keyboard.press("End");
      return (await row(OLDEST).count()) > 0;
    });
    expect(await list.getByRole("row").count()).toBeLessThan(80);

    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("u");
    await page.getByText("198.18.0.1 is let in again.").waitFor();
    await row("198.18.0.1").waitFor({ state: "detached" });
    expect(await guard.elementsOf("banned4")).not.toContain("198.18.0.1");
    await waitFor("one row less", 30_000, async () => (await rowCount()) === BANS);

    // By somebody else, who has no page.
    await guard.ask("unban", "198.18.0.3");
    await row("198.18.0.3").waitFor({ state: "detached" });
    await row("198.18.0.2").waitFor();
    await page.keyboard.press("Home");
    await row(NEWEST).waitFor();
    expect(complaints).toEqual([]);
  });

  it("is left by Tab after the links and buttons of one row", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/bans`);
    const list = page.getByRole("grid", { name: "Bans in force" });
    await list.getByRole("row").nth(1).focus();
    const row = list.getByRole("row").nth(1);
    const stops = await row.locator("a, button").count();
    expect(stops).toBeGreaterThan(0);
    const isWithin = async () => (await list.locator(":focus").count()) > 0;
    for (let press = 0; press < stops; press += 1) {
      await page.keyboard.press("Tab");
      expect(await isWithin(), `after ${press + 1} of ${stops}`).toBe(true);
    }
    await page.keyboard.press("Tab");
    expect(await isWithin()).toBe(false);
    await page.keyboard.press("Shift+Tab");
    expect(await isWithin()).toBe(true);
  });

  it("finds any of them by its address", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/bans`);
    await page.getByRole("row").filter({ hasText: NEWEST }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("198.18.20.7");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "198.18.20.7" }).waitFor();
    await page.getByText("is banned for another").waitFor();
    await page.getByRole("button", { name: "Unban" }).waitFor();
  });
});
