/** What the dashboard says when it cannot show everything, and what it does with hostile texts. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";

const ORIGIN = "http://127.0.0.1:9847";
const CONFIG = { API_LISTEN: "127.0.0.1:9847" };

/** Runs in a page: without windows a browser takes all of its pages for seen. */
const showAs = `(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}`;

describeLive("the dashboard, honestly", ["chromium"], () => {
  let lab: Lab;
  let network: Network<"forger">;
  let guard: Guard;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, ["forger"]);
    guard = await Guard.start(lab, network.target.namespace, { config: CONFIG });
    browser = await openBrowser(lab, network.target.namespace);
    token = await readToken(guard);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.[Symbol.asyncDispose]();
  });

  it("says under a flood that it does not tell everything live", async () => {
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    const sent = forge(network.hosts.forger.namespace, {
      from: "198.18.0.1",
      sources: 400,
      to: network.target.ipv4,
      ports: [7001, 7002, 7003, 7004],
      perSecond: 1500,
    });
    await page.getByText("More happens than is told live.").waitFor();
    const missed = await page.getByText("changes were left out").innerText();
    expect(Number(/([\d,]+) changes/.exec(missed)?.[1]?.replaceAll(",", ""))).toBeGreaterThan(0);
    await sent;

    // The lists have what was left out.
    await page.getByRole("link", { name: "Campaigns" }).click();
    await page.getByRole("row").filter({ hasText: "198.18." }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  it("says that the guard does not answer, and goes on by itself when it does", async () => {
    const { target } = network;
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.getByText("Guarding", { exact: true }).waitFor();
    // As when the way to it is cut: nothing is closed, and nothing comes.
    await target.namespace.load(`table inet cut {
      chain out {
        type filter hook output priority 0;
        tcp sport 9847 drop
        tcp dport 9847 drop
      }
    }
    `);
    const alert = page.getByRole("alert");
    await alert.getByText("The guard does not answer.").waitFor();
    await page.getByText("No answer", { exact: true }).waitFor();
    // What changes each second would be read aloud each second.
    expect(await alert.innerText()).toBe("The guard does not answer.");

    await target.namespace.run("nft", ["delete", "table", "inet", "cut"]);
    await alert.waitFor({ state: "detached" });
    await page.getByText("Guarding", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("answers in the seventh tab of a browser, and in the first when it is seen again", async () => {
    const { page: first } = await openPage(browser);
    await logIn(first, ORIGIN, token);
    await first.getByText("Guarding", { exact: true }).waitFor();
    const hide = (page: Page, hidden: boolean) => page.evaluate(`(${showAs})(${hidden})`);
    await hide(first, true);
    const others: Page[] = [];
    for (let count = 2; count <= 7; count += 1) {
      const page = await first.context().newPage();
      others.push(page);
      await page.goto(ORIGIN);
      await page.getByText("Guarding", { exact: true }).waitFor();
      if (count < 7) await hide(page, true);
    }
    await others.at(-1)?.close();
    await hide(first, false);
    await first.getByText("Guarding", { exact: true }).waitFor();
    await first.context().close();
  });

  it("does not say that there is nothing of what it has no answer for", async () => {
    const { page } = await openPage(browser);
    await page.route(/\/v1\/(activity|history)/, (route) => route.abort());
    await logIn(page, ORIGIN, token);
    const busiest = page.getByRole("region", { name: "Busiest ports" });
    await busiest.getByText("Not known: The guard does not answer.").waitFor();
    const feed = page.getByRole("region", { name: "What happened" });
    await feed.getByText("Not known yet").waitFor();
    const said = await page.getByRole("main").innerText();
    expect(said).not.toMatch(/No port was|No scan in|Nobody scans|Nothing has happened/);

    await page.unroute(/\/v1\/(activity|history)/);
    await feed.getByText("Not known yet").waitFor({ state: "detached" });
    await page.context().close();
  });

  it("asks for the token again when the guard has come back without the session", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/health`);
    await page.getByText("Guarding", { exact: true }).waitFor();
    await guard.stop();
    await page.getByRole("alert").getByText("The guard does not answer.").waitFor();

    const { namespace } = network.target;
    guard = await Guard.start(lab, namespace, { config: CONFIG, after: guard });
    await page.getByLabel("Token", { exact: true }).fill(token);
    await page.keyboard.press("Enter");
    await page.getByText("Guarding", { exact: true }).waitFor();
    // Where it was before.
    await page.getByRole("region", { name: "How the guard is" }).waitFor();
  });

  it("shows markup, control characters and direction marks as what they are", async () => {
    const { page, requests, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    const reason = '<img src="/x" onerror="document.title=1"><b>bold</b>\u202e\u0007\u001b[31m';
    const shown = '<img src="/x" onerror="document.title=1"><b>bold</b>\\u{202e}\\x07\\x1b[31m';
    const body = JSON.stringify({ address: "192.0.2.66", for_seconds: 600, reason });
    const headers = ["--header", `Authorization: Bearer ${token}`];
    await network.target.namespace.run("curl", [
      ...["--silent", "--fail", ...headers, "--data", body],
      `${ORIGIN}/v1/bans`,
    ]);

    await page.goto(`${ORIGIN}/#/bans`);
    const row = page.getByRole("row").filter({ hasText: "192.0.2.66" });
    await row.getByText(shown).waitFor();
    await page.goto(`${ORIGIN}/#/now`);
    await page.getByRole("region", { name: "What happened" }).getByText("<img").first().waitFor();
    await page.goto(`${ORIGIN}/#/source/192.0.2.66`);
    await page.getByRole("heading", { name: "192.0.2.66" }).waitFor();
    await page.getByText(shown).first().waitFor();

    // What a link can fill: the address of the page, and with it the words of a refusal.
    await page.goto(`${ORIGIN}/#/source/${encodeURIComponent(`<img src=/y>${"\u202e"}`)}`);
    await page.getByText("<img src=/y>\\u{202e}").first().waitFor();
    await page.goto(`${ORIGIN}/#/campaigns?address=${encodeURIComponent("<img src=/z>")}`);
    await page.getByText("<img src=/z>").first().waitFor();

    expect(await page.locator("img, b:has-text('bold')").count()).toBe(0);
    expect(requests.filter((url) => /\/[xyz]$/.test(url))).toEqual([]);
    expect(await page.title()).toMatch(/Vedette$/);
    expect(complaints).toEqual([]);
  });
});
