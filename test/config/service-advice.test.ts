import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONFIG_KEYS, type ConfigTexts, KEY_NAMES } from "../../src/config/schema.ts";
import { adviseOnService, formatAdvice } from "../../src/config/service-advice.ts";
import { ServiceUnit } from "../../src/config/service-unit.ts";

const SHIPPED = new ServiceUnit([readFileSync("packaging/systemd/vedette.service", "utf8")]);
const DEFAULTS = Object.fromEntries(
  KEY_NAMES.map((key) => [key, CONFIG_KEYS[key].defaults.vedette]),
) as ConfigTexts;

describe("adviseOnService", () => {
  it("has nothing to say of the defaults, nor of a token that the broker can read", () => {
    expect(adviseOnService(DEFAULTS, SHIPPED)).toEqual([]);
    const texts = { ...DEFAULTS, API_TOKEN_FILE: "/etc/vedette/api.token" };
    expect(adviseOnService(texts, SHIPPED)).toEqual([]);
  });

  it("looks at each of several databases", () => {
    const texts = { ...DEFAULTS, GEO_DB: "/usr/share/GeoIP/a.mmdb /home/geo/b.mmdb" };
    expect(adviseOnService(texts, SHIPPED).map(formatAdvice)).toEqual([
      expect.stringMatching(/^GEO_DB: ProtectHome=yes .*\/home\/geo/),
    ]);
  });

  it("says which setting keeps a file from being read or written", () => {
    const texts = { ...DEFAULTS, API_TOKEN_FILE: "/root/api.token", BLOCK_LOG: "/srv/block.log" };
    const other = { ...DEFAULTS, API_READ_TOKEN_FILE: "/root/read.token" };
    expect(adviseOnService(other, SHIPPED).map(formatAdvice)).toEqual([
      expect.stringMatching(/^API_READ_TOKEN_FILE: ProtectHome=yes .*\/root\/read\.token/),
    ]);
    expect(adviseOnService(texts, SHIPPED).map(formatAdvice)).toEqual([
      expect.stringMatching(/^API_TOKEN_FILE: ProtectHome=yes .*\/root\/api\.token/),
      expect.stringMatching(/^BLOCK_LOG: ProtectSystem=strict .*\/srv/),
    ]);
  });

  it("looks into the script of ALERT_COMMAND, and at where it lies", () => {
    const texts = { ...DEFAULTS, ALERT_COMMAND: "/root/bin/tell" };
    const script = "#!/bin/sh\ncat >> /srv/alerts.log\n";
    expect(adviseOnService(texts, SHIPPED, () => script).map(formatAdvice)).toEqual([
      expect.stringMatching(/^ALERT_COMMAND: ProtectSystem=strict .*\/srv/),
      expect.stringMatching(/^ALERT_COMMAND: ProtectHome=yes .*\/root\/bin\/tell/),
    ]);
    const example = { ...DEFAULTS, ALERT_COMMAND: "/etc/vedette/alert-command.sh" };
    const shipped = readFileSync("examples/alert-command.sh", "utf8");
    expect(adviseOnService(example, SHIPPED, () => shipped)).toEqual([]);
  });
});
