/** The dashboard in a real Chromium, shown by a real guard that is scanned by the real nmap. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logIn, openBrowser, openPage, readToken } from "../support/browser.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";

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

  it("shows a scan as it arrives, and asks nobody but the guard", async () => {
    const { page, requests, complaints } = await openPage(browser);
    await logIn(page, ORIGIN, token);
    const underWay = page.getByRole("region", { name: "Under way" });
    await underWay.getByText("Nobody scans this machine now.").waitFor();

    const { scanner, target } = { ...network.hosts, target: network.target };
    const scan = scanner.namespace.spawn("nmap", [
      ...["-n", "-Pn", "-p", "7001-7006", "--max-retries", "0"],
      target.ipv4,
    ]);
    const row = underWay.getByRole("listitem").filter({ hasText: scanner.ipv4 });
    await row.getByText("banned").waitFor();
    const feed = page.getByRole("region", { name: "What happened" });
    await feed.getByText("verdict", { exact: true }).first().waitFor();
    await feed.getByText("ban", { exact: true }).first().waitFor();
    await scan.ended;

    expect(requests.length).toBeGreaterThan(5);
    expect(requests.filter((url) => !url.startsWith(`${ORIGIN}/`))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
