/** The dashboard for whoever reads by ear, by keys, in either light, or on a telephone. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { findFaintTexts, findNameless, findWide } from "../support/page-faults.ts";

const ORIGIN = "http://127.0.0.1:9847";
const ADDRESS = "2001:db8:a01::";

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

  beforeAll(async () => {
    lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace, {
      config: { API_LISTEN: "127.0.0.1:9847" },
    });
    const args = ["-6", "-n", "-Pn", "-p", "7001-7006", "--max-retries", "0", target.ipv6];
    await hosts.scanner.namespace.run("nmap", args);
    await guard.banned(`${ADDRESS}/64`);
    browser = await openBrowser(lab, target.namespace);
    token = await readToken(guard);
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
