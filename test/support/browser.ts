/**
 * A real Chromium inside a namespace of a lab, with nothing between it and the guard.
 *
 * Every request that a page makes is remembered, so that a test can say that none goes elsewhere.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Guard } from "./guard.ts";
import type { Lab, Namespace } from "./namespaces.ts";

/** Where Debian has it. */
const CHROMIUM = "/usr/bin/chromium";

/** Ends with the namespace's other processes, at the latest. */
export async function openBrowser(lab: Lab, { name }: Namespace): Promise<Browser> {
  const program = join(lab.folder, `chromium-${name}`);
  const text = `#!/bin/sh\nexec ip netns exec ${name} ${CHROMIUM} "$@"\n`;
  await writeFile(program, text, { mode: 0o755 });
  return chromium.launch({ executablePath: program, chromiumSandbox: false, timeout: 60_000 });
}

/** A page of its own, without cookies of others, and what it has asked for and complained of. */
export interface Watched {
  readonly page: Page;
  /** URLs, in the order in which they were asked for. */
  readonly requests: readonly string[];
  /** Errors of its scripts, and what its policy has refused. */
  readonly complaints: readonly string[];
}

export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // That something was answered with 401, or not at all, is told by the browser itself.
    const isOurs = !message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && isOurs) complaints.push(message.text());
  });
  return { page, requests, complaints };
}

/** The token of a guard that serves its API on TCP. */
export async function readToken(guard: Guard): Promise<string> {
  return (await readFile(join(guard.folder, "state/api.token"), "utf8")).trim();
}

/** Opens the dashboard and shows the token. */
export async function logIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Show the token" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}
