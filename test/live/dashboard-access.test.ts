/** The dashboard for whoever reads by ear, by keys, in either light, or on a telephone. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import {
  findCutAddresses,
  findFaintTexts,
  findNameless,
  findWide,
  findWideLists,
} from "../support/page-faults.ts";

const ORIGIN = "http://127.0.0.1:9847";
const ADDRESS = "2001:db8:a01::";

/** As long as prefixes of a site are. */
const LONG = "2001:db8:aaaa:bbbb::/64";

/** Each page, and what is on it once it is drawn. */
const PAGES = [
  { hash: "#/now", shown: "Busiest ports" },
  { hash: "#/campaigns", shown: "Last probe" },
  { hash: "#/bans", shown: ADDRESS },
  { hash: "#/bans?view=trusted", shown: "own address" },
  { hash: "#/ports", shown: "Busiest ports" },
  { hash: "#/health", shown: "Losses" },
  { hash: `#/source/${ADDRESS}`, shown: "Was it a mistake?" },
] as const;

describeLive("the dashboard for everybody", ["chromium", "nmap"], () => {
  let lab: Lab;
  let browser: Browser;
  let token: string;
  let readingToken: string;

  beforeAll(async () => {
    lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    const readPath = join(lab.folder, "read.token");
    const guard = await Guard.start(lab, target.namespace, {
      config: { API_LISTEN: "127.0.0.1:9847", API_READ_TOKEN_FILE: readPath },
    });
    const args = ["-6", "-n", "-Pn", "-p", "7001-7006", "--max-retries", "0", target.ipv6];
    await hosts.scanner.namespace.run("nmap", args);
    await guard.banned(`${ADDRESS}/64`);
    await guard.ask("ban", LONG);
    browser = await openBrowser(lab, target.namespace);
    token = await readToken(guard);
    readingToken = (await readFile(readPath, "utf8")).trim();
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.[Symbol.asyncDispose]();
  });

  it.each(["dark", "light"] as const)(
    "names all that can be used, and has texts that can be read, when it is %s",
    async (colorScheme) => {
      const { page } = await openPage(browser, { colorScheme, reducedMotion: "reduce" });
      await page.goto(ORIGIN);
      await page.getByLabel("Token", { exact: true }).waitFor();
      expect({ at: "login", faint: await findFaintTexts(page) }).toEqual({
        at: "login",
        faint: [],
      });
      await logIn(page, ORIGIN, token);
      for (const { hash, shown } of PAGES) {
        await show(page, hash, shown);
        const found = { faint: await findFaintTexts(page), nameless: await findNameless(page) };
        expect({ hash, ...found }).toEqual({ hash, faint: [], nameless: [] });
      }
      expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    },
  );

  it.each([768, 900, 1024, 1280])("has every list in its box at %d px", async (width) => {
    const { page } = await openPage(browser, { viewport: { width, height: 800 } });
    await logIn(page, ORIGIN, token);
    for (const { hash, shown } of PAGES) {
      await show(page, hash, shown);
      expect({ hash, lists: await findWideLists(page) }).toEqual({ hash, lists: [] });
    }
    await show(page, "#/bans", LONG);
    expect(await findCutAddresses(page)).toEqual([]);
    const row = page.getByRole("row").filter({ hasText: LONG });
    for (const name of [`Unban ${LONG}`, `Trust ${LONG}`]) {
      await expect.poll(() => row.getByRole("button", { name }).isVisible()).toBe(true);
    }
    await page.goto(`${ORIGIN}/#/nothing`);
    await page.getByText("Busiest ports").first().waitFor({ state: "attached" });
    expect(new URL(page.url()).hash).toBe("#/now");
  });

  it("says of a session that reads alone what it is, and offers no change, also when loaded again", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, readingToken);
    for (const again of [false, true]) {
      if (again) await page.reload();
      await show(page, "#/bans", LONG);
      await page.getByText("reads only", { exact: true }).waitFor();
      for (const name of [`Unban ${LONG}`, `Trust ${LONG}`, "Ban an address"]) {
        const button = page.getByRole("button", { name });
        expect(await button.isDisabled()).toBe(true);
        expect(await button.getAttribute("title")).toContain("reads only");
      }
      await show(page, `#/source/${ADDRESS}`, "Was it a mistake?");
      expect(await page.getByRole("button", { name: "Unban" }).isDisabled()).toBe(true);
    }
    await show(page, "#/bans", LONG);
    const row = page.getByRole("row").filter({ hasText: LONG });
    expect(await row.getByTitle("banned by command").count()).toBe(1);
    expect(await row.getByText("claimed").count()).toBe(0);
  });

  it("fits on a telephone, where it can be unbanned with a thumb", async () => {
    const viewport = { width: 390, height: 844 };
    const { page } = await openPage(browser, { viewport, hasTouch: true, isMobile: true });
    await logIn(page, ORIGIN, token);
    for (const { hash, shown } of PAGES) {
      await show(page, hash, shown);
      expect({ hash, wide: await findWide(page) }).toEqual({ hash, wide: [] });
    }
    await show(page, "#/bans", ADDRESS);
    const unban = page.getByRole("button", { name: `Unban ${ADDRESS}/64` });
    const { width, height } = (await unban.boundingBox()) ?? { width: 0, height: 0 };
    expect([width >= 40, height >= 40]).toEqual([true, true]);
    await unban.tap();
    await page.getByText("is let in again.").waitFor();
  });

  async function show(page: Page, hash: string, shown: string): Promise<void> {
    await page.goto(`${ORIGIN}/${hash}`);
    await page.getByText(shown).first().waitFor({ state: "attached" });
  }
});
