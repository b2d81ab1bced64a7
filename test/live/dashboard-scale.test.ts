/** The dashboard over a long history: what is in the page stays small, and keys answer. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ListedCampaignView } from "../../src/api/contract.ts";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { writeOldCampaigns } from "../support/old-campaigns.ts";
import { waitFor } from "../support/wait-for.ts";

const ORIGIN = "http://127.0.0.1:9847";
const CONFIG = { API_LISTEN: "127.0.0.1:9847" };
const CAMPAIGNS = 100_000;

describeLive("the dashboard over 100,000 campaigns", ["chromium"], () => {
  let lab: Lab;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const before = await Guard.start(lab, target.namespace, { config: CONFIG });
    await before.stop();
    writeOldCampaigns(before, CAMPAIGNS);
    const guard = await Guard.start(lab, target.namespace, { config: CONFIG, after: before });
    browser = await openBrowser(lab, target.namespace);
    token = await readToken(guard);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.[Symbol.asyncDispose]();
  });

  it("has the rows in sight alone in the page, and goes on to the last of them", async () => {
    const { page, requests, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    // The page asks for the latest few besides, for what is happening now.
    const firstPage = page.waitForResponse(/\/v1\/campaigns\?.*\blimit=200\b/);
    await page.goto(`${ORIGIN}/#/campaigns`);
    const first = (await (await firstPage).json()) as ListedCampaignView[];
    const list = page.getByRole("grid", { name: "Campaigns" });
    await list.getByText("198.18.0.0", { exact: true }).waitFor();
    await list.getByRole("row").nth(1).focus();
    const rowCount = async () => Number(await list.getAttribute("aria-rowcount"));
    expect(await rowCount()).toBe(-1);

    await waitFor("the last page of the list", 120_000, async () => {
      await page.keyboard.press("End");
      return (await rowCount()) === CAMPAIGNS + 1;
    });
    await page.keyboard.press("End");
    // 99,999 is 0x1869f: the oldest.
    await list.getByText("198.19.134.159", { exact: true }).waitFor();
    expect(await list.getByRole("row").count()).toBeLessThan(80);
    await page.keyboard.press("Home");
    await list.getByText("198.18.0.0", { exact: true }).waitFor();
    // By the place in the list, which stays when the campaign itself moves up.
    const asked = requests.flatMap((url) => new URL(url).searchParams.get("after") ?? []);
    expect(asked[0]).toBe(first.at(-1)?.cursor);
    expect(complaints).toEqual([]);
  });

  it("narrows them to what is asked for", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/campaigns`);
    const rows = page.getByRole("grid", { name: "Campaigns" }).getByRole("row");
    await page.getByLabel("Only of this address or prefix").fill("198.18.7.0/24");
    await page.keyboard.press("Enter");
    await rows.getByText("198.18.7.0", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Undecided" }).click();
    await rows.getByText("undecided", { exact: true }).first().waitFor();
    await rows.getByText("banned", { exact: true }).first().waitFor({ state: "detached" });
    expect(page.url()).toContain("#/campaigns?verdict=undecided&address=198.18.7.0%2F24");
    // A link has it, too.
    await page.reload();
    await rows.getByText("198.18.7.0", { exact: true }).waitFor();
  });
});
