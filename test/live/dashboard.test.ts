/** The dashboard in a real Chromium, shown by a real guard that is scanned by the real nmap. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Host, type Network } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const ORIGIN = "http://127.0.0.1:9847";

describeLive("the dashboard", ["chromium", "nmap"], () => {
  let lab: Lab;
  let network: Network<"scanner" | "watched">;
  let guard: Guard;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, ["scanner", "watched"], { isApart: true });
    const config = { API_LISTEN: "127.0.0.1:9847" };
    guard = await Guard.start(lab, network.target.namespace, { config });
    browser = await openBrowser(lab, network.target.namespace);
    token = await readToken(guard);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.[Symbol.asyncDispose]();
  });

  it("asks for the token, says when it is the wrong one, and opens with the right one", async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(ORIGIN);
    const field = page.getByLabel("Token", { exact: true });
    await field.fill("w".repeat(43));
    await page.keyboard.press("Enter");
    await page.getByText("This is not the token.").waitFor();
    await field.fill("<b>no token</b>");
    await page.keyboard.press("Enter");
    await page.getByText("This cannot be a token").waitFor();
    await field.fill(token);
    await page.keyboard.press("Enter");
    await page.getByText("Guarding", { exact: true }).waitFor();
    await page.getByRole("button", { name: "End the session" }).click();
    await field.waitFor();
    await page.reload();
    await field.waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows a scan arrive, grow, be banned and explained, lets it in again, and trusts it", async () => {
    const { page, requests, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    const { scanner } = network.hosts;
    const underWay = page.getByRole("region", { name: "Under way" });
    await underWay.getByText("Nobody scans this machine now.").waitFor();

    const plot = page.getByRole("region", { name: "Packets a second" }).locator("canvas");
    const drawn = await plot.screenshot();
    await waitFor("the plot to go on with time", 30_000, async () => {
      return !drawn.equals(await plot.screenshot());
    });

    await scan(scanner, "7001-7002");
    const row = underWay.getByRole("listitem").filter({ hasText: scanner.ipv4 });
    await row.getByText("tcp 7001, 7002").waitFor();
    await scan(scanner, "7003-7006");
    await row.getByText("banned").waitFor();
    await row.getByText("nmap").waitFor();
    const feed = page.getByRole("region", { name: "What happened" });
    await feed.getByText("verdict", { exact: true }).first().waitFor();
    await feed.getByText("ban", { exact: true }).first().waitFor();

    await page.getByRole("link", { name: "Bans" }).click();
    const ban = page.getByRole("row").filter({ hasText: scanner.ipv4 });
    await ban.getByText("4 unused ports").waitFor();
    const left = await ban.getByRole("timer").innerText();
    await waitFor("the countdown to go on", 30_000, async () => {
      return (await ban.getByRole("timer").innerText()) !== left;
    });
    await ban.getByRole("link", { name: scanner.ipv4 }).click();
    await page.getByText("is banned for another").waitFor();
    const steps = page.getByRole("table", { name: "The steps of the score" });
    await steps.getByRole("cell", { name: "256" }).waitFor();

    await page.getByRole("button", { name: "Unban" }).click();
    await page.getByText(`${scanner.ipv4} is let in again.`).waitFor();
    await page.getByText("unbanned by command").waitFor();
    expect(await guard.elementsOf("banned4")).not.toContain(scanner.ipv4);

    await page.getByRole("button", { name: "Ban again …" }).click();
    const again = page.getByRole("dialog", { name: `Ban ${scanner.ipv4} again` });
    await again.getByText("This one stands on your word alone").waitFor();
    const span = again.getByLabel("How long").locator("option:checked");
    expect(await span.innerText()).toMatch(/^what was left of it, \d+:\d\d$/);
    await again.getByRole("button", { name: "Ban it" }).click();
    await page.getByText(`${scanner.ipv4} is banned by you for`).waitFor();
    await again.waitFor({ state: "detached" });
    const { origin, remaining_seconds: leftSeconds } = await guard.banned(scanner.ipv4);
    expect(origin).toBe("operator");
    expect(leftSeconds).toBeGreaterThan(0);
    expect(leftSeconds).toBeLessThan(600);
    await page.getByRole("button", { name: "Trust …" }).click();
    await page.getByRole("radio", { name: "for 7 days" }).check();
    await page.getByRole("button", { name: "Trust it" }).click();
    await page.getByText(`${scanner.ipv4} is trusted for 7 d.`).waitFor();
    expect(await guard.elementsOf("banned4")).not.toContain(scanner.ipv4);
    await page.goto(`${ORIGIN}/#/bans?view=trusted`);
    await page.getByRole("row").filter({ hasText: scanner.ipv4 }).getByText("by hand").waitFor();

    expect(requests.length).toBeGreaterThan(5);
    expect(requests.filter((url) => !url.startsWith(`${ORIGIN}/`))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("is worked by keys alone", async () => {
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await guard.ask("ban", "192.0.2.7", "--for", "1h");
    await guard.ask("ban", "192.0.2.8", "--for", "1h");
    await guard.ask("ban", "192.0.2.9", "--for", "1h");
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    const rows = page.getByRole("row");
    await rows.filter({ hasText: "192.0.2.8" }).waitFor();
    await rows.filter({ hasText: "192.0.2.8" }).focus();
    await page.keyboard.press("j");
    await page.keyboard.press("u");
    await page.getByText("192.0.2.7 is let in again.").waitFor();
    await rows.filter({ hasText: "192.0.2.7" }).waitFor({ state: "detached" });
    // The focus is on the row that has come to its place, and the keys go on from there.
    const focused = page.locator('[role="row"]:focus');
    await focused.waitFor();
    expect(await focused.innerText()).toMatch(/192\.0\.2\.[89]/);
    await page.keyboard.press("t");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await rows.filter({ hasText: "192.0.2.8" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "192.0.2.8" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("192.0.2.99");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "192.0.2.99" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("says in the dialog why somebody is not banned or trusted, and is done with it after", async () => {
    const { page, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/bans`);
    await page.getByRole("button", { name: "Ban an address" }).click();
    const dialog = page.getByRole("dialog");
    const field = dialog.getByLabel("Address or prefix");
    await field.fill("127.0.0.1");
    await page.keyboard.press("Enter");
    const refusal = dialog.getByRole("alert");
    await refusal.getByText("Not done:").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await field.getAttribute("aria-describedby")).toBe(await refusal.getAttribute("id"));
    await field.fill("192.0.2.30");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    const row = page.getByRole("row").filter({ hasText: "192.0.2.30" });
    await row.getByRole("button", { name: "Trust" }).click();
    await page.route("**/v1/trusted", (route) => route.abort());
    await dialog.getByRole("button", { name: "Trust it" }).click();
    await refusal.getByText("The guard does not answer.").waitFor();
    expect(complaints).toEqual([]);
  });

  it("takes a ban away that has run out, without being asked", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await page.goto(`${ORIGIN}/#/bans`);
    await guard.ask("ban", "192.0.2.20", "--for", "4s");
    const row = page.getByRole("row").filter({ hasText: "192.0.2.20" });
    await row.waitFor();
    await row.waitFor({ state: "detached" });
  });

  it("counts a ban down in its story between two answers, and says when it is over", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await guard.ask("ban", "192.0.2.21", "--for", "15s");
    await page.goto(`${ORIGIN}/#/source/192.0.2.21`);
    const head = page.getByRole("main").locator("header").first();
    await head.getByText("banned", { exact: true }).waitFor();
    let asked = 0;
    await page.route("**/v1/why*", (route) => {
      asked += 1;
      return route.abort();
    });
    const left = await head.getByRole("timer").innerText();
    await waitFor("the countdown to go on", 30_000, async () => {
      return (await head.getByRole("timer").innerText()) !== left;
    });
    await head.getByText("ban over", { exact: true }).waitFor();
    expect(await head.getByText("banned", { exact: true }).count()).toBe(0);
    const before = asked;
    await waitFor("it to be asked about again", 30_000, () => asked > before);
  });

  it("asks again for a list that was not answered, by itself or when told to", async () => {
    const { page } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    await guard.ask("ban", "192.0.2.22", "--for", "1h");
    await page.route("**/v1/bans*", (route) => route.abort());
    await page.goto(`${ORIGIN}/#/bans`);
    const main = page.getByRole("main");
    await main.getByText("The guard does not answer.").waitFor();
    const button = main.getByRole("button", { name: "Ask now" });
    const asked = page.waitForRequest("**/v1/bans*");
    await button.click();
    await asked;
    await page.unroute("**/v1/bans*");
    // The stream has never ended, and nothing has happened.
    await page.getByRole("row").filter({ hasText: "192.0.2.22" }).waitFor();
    expect(await button.count()).toBe(0);
  });

  async function scan({ namespace }: Host, ports: string): Promise<void> {
    const args = ["-n", "-Pn", "-p", ports, "--max-retries", "0", network.target.ipv4];
    await namespace.run("nmap", args);
  }
});
