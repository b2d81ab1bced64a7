import { describe, expect, it } from "vitest";
import { listPurgedFiles } from "../../../src/config/import/purged-files.ts";
import { loadConfigurationTexts } from "../../../src/config/load.ts";

const usedIn = (texts: Record<string, string>) =>
  listPurgedFiles(loadConfigurationTexts(texts)).flatMap(({ path, usedBy }) =>
    usedBy === undefined ? [] : [`${usedBy}: ${path}`],
  );

describe("listPurgedFiles", () => {
  it("names the files of Debian's package, and those that keys go on using", () => {
    expect(
      usedIn({
        HISTORY_FILE: "/var/lib/portsentry/portsentry.history",
        BLOCKED_FILE: "/var/lib/portsentry/portsentry.blocked",
      }),
    ).toEqual([
      "HISTORY_FILE: /var/lib/portsentry/portsentry.history",
      "BLOCKED_FILE: /var/lib/portsentry/portsentry.blocked.*",
    ]);
    expect(listPurgedFiles(undefined).map(({ path }) => path)).toContain(
      "/etc/portsentry/portsentry.ignore.static",
    );
  });

  it("names no key when the files lie elsewhere", () => {
    expect(usedIn({ HISTORY_FILE: "/var/log/portsentry.log" })).toEqual([]);
    expect(usedIn({})).toEqual([]);
  });
});
