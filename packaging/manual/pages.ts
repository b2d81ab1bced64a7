/** All manual pages, by the name of their file. */
import { readFileSync } from "node:fs";
import { VERSION } from "../../src/version.ts";
import { defineCommandLine } from "./command-line.ts";
import { describeCommandPage } from "./command-page.ts";
import { describeConfigurationPage } from "./configuration-page.ts";
import { describePortsentryPage } from "./portsentry-page.ts";

const ERRORS = new URL("../../docs/ERRORS.md", import.meta.url);

/** The same page under another name: man(1) follows it. */
const LINK_TO_PORTSENTRY = ".so man8/portsentry.8\n";

export function describePages(): readonly (readonly [name: string, text: string])[] {
  const errors = readFileSync(ERRORS, "utf8");
  return [
    ["vedette.8", describeCommandPage(defineCommandLine(), errors, VERSION)],
    ["vedette.conf.5", describeConfigurationPage(VERSION)],
    ["portsentry.8", describePortsentryPage(VERSION)],
    ["portsentry-add-ip.8", LINK_TO_PORTSENTRY],
    ["portsentry-rm-ip.8", LINK_TO_PORTSENTRY],
  ];
}
